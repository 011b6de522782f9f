package connection

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/exconn/exconn/mailbox"
)

const (
	bundleFormat = "exconn connections"
	// bundleVersion rises where an older exconn would misread the file. A new
	// field does not raise it: whoever does not know it refuses the file, and
	// says which.
	bundleVersion = 1
	// maxBundle bounds what is read: many thousand sign-ins fit.
	maxBundle = 256 << 20
)

// Bundle is what an export holds: connections, the authentication objects that
// they use and, unless it was written without, their secrets and sign-ins. It
// can be printed: nothing of its content is.
type Bundle struct {
	data bundleData
	// sealed is true where the file was encrypted.
	sealed bool
}

// bundleData is the content of the file, in JSON.
type bundleData struct {
	Kind        string         `json:"format"`
	Version     int            `json:"version"`
	Exported    time.Time      `json:"exported"`
	Connections []Profile      `json:"connections"`
	Auths       []Auth         `json:"auths,omitempty"`
	Secrets     []bundleSecret `json:"secrets,omitempty"`
	SignIns     []bundleSignIn `json:"sign_ins,omitempty"`
}

// bundleSecret is a record of secretsBucket.
type bundleSecret struct {
	// Auth or Connection names what it belongs to.
	Auth       string `json:"auth,omitempty"`
	Connection string `json:"connection,omitempty"`
	// Kind is the last part of the record's key, such as "client-secret".
	Kind  string `json:"kind"`
	Value []byte `json:"value"`
}

// bundleSignIn is an account of an authentication object with its tokens.
type bundleSignIn struct {
	Auth string `json:"auth"`
	// User is that of AccountEntry.
	User    string  `json:"user,omitempty"`
	Account account `json:"account"`
	Tokens  []byte  `json:"tokens"`
}

// The kinds of bundleSecret that a Draft knows.
const (
	clientSecretKind = "client-secret"
	certificateKind  = "certificate"
	passwordKind     = "password"
)

// key is the secret's key in secretsBucket.
func (s bundleSecret) key() string {
	if s.Auth != "" {
		return authSecrets(s.Auth) + s.Kind
	}
	return connectionSecrets(s.Connection) + s.Kind
}

// authSecrets and connectionSecrets are what the keys of all secrets of an
// authentication object or a connection begin with.
func authSecrets(auth string) string             { return "auth/" + recordKey(auth) + "/" }
func connectionSecrets(connection string) string { return "connection/" + recordKey(connection) + "/" }

// Format prints no secret, whatever the verb.
func (Bundle) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("bundle")) }

// LogValue shows no secret.
func (Bundle) LogValue() slog.Value { return slog.StringValue("bundle") }

// MarshalJSON shows no secret; Book.Export is what writes one.
func (Bundle) MarshalJSON() ([]byte, error) { return []byte(`"bundle"`), nil }

// Format prints no secret, whatever the verb.
func (bundleData) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("bundle")) }

// Format prints no secret, whatever the verb.
func (bundleSecret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("secret")) }

// Format prints no token, whatever the verb.
func (bundleSignIn) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("sign-in")) }

// Sealed reports whether the file was encrypted. One that was not holds no
// secrets.
func (b *Bundle) Sealed() bool { return b.sealed }

// Connections returns the profiles in it, as they were exported.
func (b *Bundle) Connections() []Profile { return append([]Profile(nil), b.data.Connections...) }

// SignIns is how many sign-ins are in it.
func (b *Bundle) SignIns() int { return len(b.data.SignIns) }

// Wipe overwrites the secrets and tokens of the bundle, which is of no use
// afterwards. Of the copies that decryption and decoding have made, those that
// lie inside the libraries remain until the memory is used again.
func (b *Bundle) Wipe() {
	b.data.wipe()
	b.data = bundleData{}
}

func (d *bundleData) wipe() {
	for _, s := range d.Secrets {
		clear(s.Value)
	}
	for _, s := range d.SignIns {
		clear(s.Tokens)
	}
}

func (d bundleData) marshal() ([]byte, error) {
	d.Kind, d.Version = bundleFormat, bundleVersion
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("cannot encode the export: %w", err)
	}
	return append(text, '\n'), nil
}

// parseBundle reads what marshal has written.
func parseBundle(text []byte) (d bundleData, err error) {
	var head struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return d, foreignBundle("what is in it is not JSON")
	}
	switch {
	case head.Format != bundleFormat:
		return d, foreignBundle(fmt.Sprintf("its field \"format\" is not %q", bundleFormat))
	case head.Version > bundleVersion:
		return d, newerBundle(fmt.Sprintf("it has the version %d, and this exconn knows those up to %d", head.Version, bundleVersion))
	case head.Version < 1:
		return d, damagedBundle("its version is missing")
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	err = decoder.Decode(&d)
	var wrongType *json.UnmarshalTypeError
	switch {
	case err == nil:
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		return d, newerBundle("it has the field " + strings.TrimPrefix(err.Error(), "json: unknown field ") + ", which this exconn does not know")
	case errors.As(err, &wrongType):
		return d, damagedBundle(fmt.Sprintf("its field %q cannot be understood", wrongType.Field))
	default:
		return d, damagedBundle("its fields cannot be understood")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return d, damagedBundle("something follows its end")
	}
	return d, d.check()
}

// check refuses what no export holds; what is wrong with a profile is found as
// it is of a new connection.
func (d bundleData) check() error {
	if len(d.Connections) == 0 {
		return damagedBundle("there is no connection in it")
	}
	connections, auths := map[string]bool{}, map[string]bool{}
	for _, a := range d.Auths {
		if nameProblem(a.Name) != "" || auths[recordKey(a.Name)] {
			return damagedBundle(fmt.Sprintf("the authentication object %.64q has no proper name, or is in it twice", a.Name))
		}
		auths[recordKey(a.Name)] = true
	}
	for _, p := range d.Connections {
		if nameProblem(p.Name) != "" || connections[recordKey(p.Name)] {
			return damagedBundle(fmt.Sprintf("the connection %.64q has no proper name, or is in it twice", p.Name))
		}
		if p.AuthName != "" && !auths[recordKey(p.AuthName)] {
			return damagedBundle(fmt.Sprintf("the connection %q uses the authentication object %.64q, which is not in it", p.Name, p.AuthName))
		}
		connections[recordKey(p.Name)] = true
	}
	for _, s := range d.Secrets {
		known := auths[recordKey(s.Auth)] && s.Connection == "" || connections[recordKey(s.Connection)] && s.Auth == ""
		if !known || nameProblem(s.Kind) != "" || len(s.Value) == 0 {
			return damagedBundle("one of its secrets belongs to nothing that is in it")
		}
	}
	for _, s := range d.SignIns {
		if !auths[recordKey(s.Auth)] || s.User != "" && addressProblem(s.User) != "" || len(s.Tokens) == 0 {
			return damagedBundle("one of its sign-ins belongs to nothing that is in it")
		}
	}
	return nil
}

// BundleError says why an export cannot be written or read. It Is
// mailbox.ErrInvalid.
type BundleError struct {
	// Problem says what is wrong, Cure what to do about it.
	Problem, Cure string
	// Err is the cause beneath; it may be nil.
	Err error
}

func (e *BundleError) Error() string {
	if e.Err == nil {
		return e.Problem
	}
	return e.Problem + ": " + e.Err.Error()
}

// Unwrap returns Err.
func (e *BundleError) Unwrap() error { return e.Err }

// Is reports true for mailbox.ErrInvalid.
func (e *BundleError) Is(target error) bool { return target == mailbox.ErrInvalid }

// Hint returns Cure.
func (e *BundleError) Hint() string { return e.Cure }

func foreignBundle(why string) error {
	return &BundleError{Problem: "this is no export of connections: " + why, Cure: "name the file that exconn connection export has written"}
}

func damagedBundle(why string) error {
	return &BundleError{Problem: "the export is damaged: " + why, Cure: "copy the file again, or export again"}
}

func newerBundle(why string) error {
	return &BundleError{Problem: "the export is of a newer exconn: " + why, Cure: "import it with that exconn, or a newer one"}
}

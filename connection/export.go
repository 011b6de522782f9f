package connection

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/store"
)

// ExportOptions say what an export holds and who can read it.
type ExportOptions struct {
	// Recipients are public keys of age ("age1…"), the usual ones or those of
	// the post-quantum kind, not both. Each of their owners can read the export.
	Recipients []string
	// Passphrase encrypts in place of Recipients: 12 characters at least.
	Passphrase oauth.Secret
	// WithSignIns puts the accounts with their tokens into the export. Two
	// machines then hold the same refresh token: where the server makes each
	// good for one use, the one that renews second has to sign in again, and
	// what one machine is told to forget the other one still has.
	WithSignIns bool
	// WithoutSecrets writes plain JSON, in which there are profiles alone.
	WithoutSecrets bool

	// workFactor is a test's: bundleWorkFactor where it is 0.
	workFactor int
}

// Exported is what an export holds.
type Exported struct {
	Connections []string `json:"connections"`
	// Auths are the authentication objects that the connections use, whole.
	Auths   []string `json:"auths,omitempty"`
	Secrets int      `json:"secrets"`
	SignIns int      `json:"sign_ins"`
	// Encrypted is false where there are no secrets in it.
	Encrypted bool `json:"encrypted"`
}

// Export writes connections, with the authentication objects that they use and
// with all secrets, for Book.Import of another data directory. Errors are
// *BundleError, *UnknownError, and those of the store, such as a
// *store.DamagedError where a secret cannot be read; then w has got nothing.
func (b *Book) Export(ctx context.Context, w io.Writer, names []string, opts ExportOptions) (Exported, error) {
	if opts.WithoutSecrets && (len(opts.Recipients) > 0 || len(opts.Passphrase) > 0 || opts.WithSignIns) {
		return Exported{}, &BundleError{Problem: "an export without secrets is not encrypted and holds no sign-ins", Cure: "leave out recipients, passphrase and sign-ins, or export with secrets"}
	}
	var sealer bundleSealer
	if !opts.WithoutSecrets {
		var err error
		if sealer, err = newBundleSealer(opts.Recipients, opts.Passphrase, opts.workFactor); err != nil {
			return Exported{}, err
		}
	}
	data := bundleData{Exported: b.now().UTC().Truncate(time.Second)}
	defer data.wipe()
	err := b.store.View(ctx, func(tx store.Tx) error { return gather(tx, &data, names, opts) })
	if err != nil {
		return Exported{}, err
	}
	text, err := data.marshal()
	if err != nil {
		return Exported{}, err
	}
	defer clear(text)
	if sealer == nil {
		_, err = w.Write(text)
	} else {
		err = sealer.seal(w, text)
	}
	if err != nil {
		return Exported{}, fmt.Errorf("cannot write the export: %w", err)
	}
	done := Exported{Secrets: len(data.Secrets), SignIns: len(data.SignIns), Encrypted: sealer != nil}
	for _, p := range data.Connections {
		done.Connections = append(done.Connections, p.Name)
	}
	for _, a := range data.Auths {
		done.Auths = append(done.Auths, a.Name)
	}
	return done, nil
}

// gather reads what an export of these connections holds.
func gather(tx store.Tx, data *bundleData, names []string, opts ExportOptions) error {
	seen := map[string]bool{}
	for _, name := range names {
		p, err := getProfile(tx, name)
		if err != nil {
			return err
		}
		if seen[recordKey(p.Name)] {
			continue
		}
		seen[recordKey(p.Name)] = true
		data.Connections = append(data.Connections, p)
		if err := gatherSecrets(tx, data, bundleSecret{Connection: p.Name}, connectionSecrets(p.Name), opts); err != nil {
			return err
		}
		auth, err := profileAuth(tx, p)
		if err != nil {
			return err
		}
		// One that connections share is in the export once.
		if auth == nil || seen["auth/"+recordKey(auth.Name)] {
			continue
		}
		seen["auth/"+recordKey(auth.Name)] = true
		data.Auths = append(data.Auths, *auth)
		if err := gatherSecrets(tx, data, bundleSecret{Auth: auth.Name}, authSecrets(auth.Name), opts); err != nil {
			return err
		}
		if err := gatherSignIns(tx, data, *auth, opts); err != nil {
			return err
		}
	}
	if len(data.Connections) == 0 {
		return &BundleError{Problem: "no connection is named that could be exported", Cure: "name one"}
	}
	return nil
}

func gatherSecrets(tx store.Tx, data *bundleData, of bundleSecret, prefix string, opts ExportOptions) error {
	if opts.WithoutSecrets {
		return nil
	}
	err := tx.ForEach(secretsBucket, prefix, func(key string, value []byte) error {
		of.Kind, of.Value = strings.TrimPrefix(key, prefix), value
		data.Secrets = append(data.Secrets, of)
		return nil
	})
	return incomplete(err)
}

// gatherSignIns leaves out applications in their own right: whoever has their
// secret needs no tokens.
func gatherSignIns(tx store.Tx, data *bundleData, auth Auth, opts ExportOptions) error {
	if !opts.WithSignIns || auth.Method.AppOnly() {
		return nil
	}
	err := tx.ForEach(tokensBucket, accountKey(auth.Name, ""), func(key string, tokens []byte) error {
		user := userOf(key)
		who, err := getAccount(tx, auth.Name, user)
		if err != nil {
			return err
		}
		data.SignIns = append(data.SignIns, bundleSignIn{Auth: auth.Name, User: user, Account: who, Tokens: tokens})
		return nil
	})
	return incomplete(err)
}

// incomplete says what a damaged secret means here.
func incomplete(err error) error {
	var lost *store.DamagedError
	if errors.As(err, &lost) {
		return fmt.Errorf("the export would not be complete: %w", err)
	}
	return err
}

package httpauth

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"strings"
)

// basic judges a name and a password (RFC 7617).
func (a *Authenticator) basic(r *http.Request) (*Identity, *Refusal) {
	name, password, ok := r.BasicAuth()
	if !ok {
		return nil, refused("what comes with Basic is no name and password")
	}
	user, domain := name, ""
	if before, after, found := strings.Cut(name, `\`); found {
		user, domain = after, before
	}
	account, known := a.opts.Accounts(user, domain)
	// The digests have one length, whatever the passwords'.
	want, got := sha256.Sum256([]byte(string(account.Password))), sha256.Sum256([]byte(password))
	if !known || account.Password == "" || subtle.ConstantTimeCompare(want[:], got[:]) != 1 {
		return nil, refused("Basic: the user name or password is wrong")
	}
	return &Identity{Name: account.Name, Scheme: Basic, Mechanism: string(Basic)}, nil
}

func encode(token []byte) string { return base64.StdEncoding.EncodeToString(token) }

func decode(text string) ([]byte, error) { return base64.StdEncoding.DecodeString(text) }

package connection

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"os"
	"time"

	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/store"
)

// signInTimeout bounds one request to the authority.
const signInTimeout = 30 * time.Second

// getSecrets returns what the connection's way in needs. A secret that is
// missing or damaged is a *SignInError.
func getSecrets(tx store.Tx, e Entry) (s Secrets, err error) {
	get := func(key, what, flag string) oauth.Secret {
		secret, getErr := getSecret(tx, key)
		var damaged *store.DamagedError
		switch {
		case errors.As(getErr, &damaged), getErr == nil && len(secret) == 0:
			missing := &missingSecretError{what: what, flag: flag}
			if damaged != nil {
				missing.err = damaged
			}
			signIn := &SignInError{Connection: e.Profile.Name, Err: missing, login: e.Profile.Login}
			if e.Auth != nil {
				signIn.method = e.Auth.Method
			}
			err = signIn
		case getErr != nil:
			err = getErr
		}
		return secret
	}
	switch {
	case e.Auth == nil && !e.Profile.Login.usesPassword():
	case e.Auth == nil:
		s.Password = get(passwordKey(e.Profile.Name), "the password", "--password-file")
	case e.Auth.Method == oauth.Web:
		// It has one of the two; where neither is left, the secret is named.
		if certificate, lookErr := getSecret(tx, certificateKey(e.Auth.Name)); lookErr == nil && len(certificate) == 0 {
			s.ClientSecret = get(clientSecretKey(e.Auth.Name), "the client secret", "--client-secret-file")
		} else {
			s.Certificate = get(certificateKey(e.Auth.Name), "the certificate", "--certificate-file")
		}
	case e.Auth.Method == oauth.ClientSecret:
		s.ClientSecret = get(clientSecretKey(e.Auth.Name), "the client secret", "--client-secret-file")
	case e.Auth.Method == oauth.ClientCertificate:
		s.Certificate = get(certificateKey(e.Auth.Name), "the certificate", "--certificate-file")
	}
	return s, err
}

// missingSecretError is a secret that is not there, or cannot be read.
type missingSecretError struct {
	what, flag string
	err        error // nil where there is none
}

func (e *missingSecretError) Error() string {
	text := e.what + " is missing or damaged, so it has to be given again"
	if e.err != nil {
		text += ": " + e.err.Error()
	}
	return text
}

// Unwrap returns why it cannot be read.
func (e *missingSecretError) Unwrap() error { return e.err }

func oauthConfig(e Entry, s Secrets) (oauth.Config, error) {
	scopes, err := e.Profile.Scopes(*e.Auth)
	if err != nil {
		return oauth.Config{}, err
	}
	cfg := oauth.Config{
		Authority: e.Authority(),
		ClientID:  e.Auth.ClientID,
		Method:    e.Auth.Method,
		Secret:    s.ClientSecret,
		Scopes:    scopes,
	}
	if e.Auth.Method.ByBrowser() {
		if cfg.RedirectURI, err = e.Profile.Redirect(*e.Auth); err != nil {
			return cfg, err
		}
	}
	if len(s.Certificate) > 0 {
		cfg.Certificate, err = oauth.ParseCertificate(s.Certificate)
	}
	return cfg, err
}

// networkOf tells apart how an authentication object reaches its authority,
// and what it proves itself with there.
func networkOf(e Entry, s Secrets) [32]byte {
	p := Profile{CAFile: e.Profile.CAFile, Proxy: e.Profile.Proxy}
	return fingerprintOf(Entry{Profile: p, Auth: e.Auth}, s)
}

// fingerprintOf tells whether a link is still what the book says: it covers
// everything that a link is made from, the content of the CA file too.
func fingerprintOf(e Entry, s Secrets) [32]byte {
	p := e.Profile
	p.Created, p.Updated = time.Time{}, time.Time{}
	// The fence is not the link's, but the Connection's.
	p.AllowMailboxes = nil
	var auth Auth
	if e.Auth != nil {
		auth = *e.Auth
		auth.Created, auth.Updated = time.Time{}, time.Time{}
	}
	// Plain structs of strings cannot fail to encode; a CA file that cannot
	// be read is told of when the link is made.
	text, _ := json.Marshal(struct {
		Profile Profile
		Auth    Auth
	}{p, auth})
	ca, _ := os.ReadFile(p.CAFile)
	h := sha256.New()
	for _, part := range [][]byte{text, ca, s.ClientSecret, s.Certificate, s.Password} {
		sum := sha256.Sum256(part)
		h.Write(sum[:])
	}
	return [32]byte(h.Sum(nil))
}

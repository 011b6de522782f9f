package connection

import (
	"fmt"
	"time"

	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/store"
)

// What can end, in Expiry.What.
const (
	expiresSecret      = "client_secret"
	expiresCertificate = "certificate"
	expiresSignIn      = "sign_in"
)

// How long ahead an end is warned of: enough for an admin to make a new secret,
// and for a person to sign in, holidays included.
const (
	proofWarning  = 30 * 24 * time.Hour
	signInWarning = 14 * 24 * time.Hour
)

// Expiry is something that ends.
type Expiry struct {
	// What is "client_secret", "certificate" or "sign_in". The last ends if it
	// is not used before.
	What string    `json:"what"`
	At   time.Time `json:"at"`
}

// expiries returns what of an account ends, as far as it is known. in is the
// zero SignedIn where nobody signs in.
func expiries(auth Auth, in oauth.SignedIn) (list []Expiry) {
	if !auth.SecretExpires.IsZero() {
		list = append(list, Expiry{What: expiresSecret, At: auth.SecretExpires})
	}
	if !auth.CertificateExpires.IsZero() {
		list = append(list, Expiry{What: expiresCertificate, At: auth.CertificateExpires})
	}
	if !in.Lapses.IsZero() {
		list = append(list, Expiry{What: expiresSignIn, At: in.Lapses})
	}
	return list
}

// noteExpiry takes the end of a new certificate into the authentication object.
// One of the two proofs takes the place of the other.
func (d *Draft) noteExpiry() {
	switch {
	case d.Auth == nil:
	case len(d.Secrets.Certificate) > 0:
		d.Auth.SecretExpires = time.Time{}
		// One that cannot be read is refused, elsewhere.
		if certificate, err := oauth.ParseCertificate(d.Secrets.Certificate); err == nil {
			d.Auth.CertificateExpires = certificate.Expires().UTC()
		}
	case len(d.Secrets.ClientSecret) > 0:
		d.Auth.CertificateExpires = time.Time{}
	}
}

// certificateEnd reads from the kept certificate when it ends, for objects that
// an older exconn has kept. It is zero where that cannot be told.
func certificateEnd(tx store.Tx, auth string) time.Time {
	text, err := getSecret(tx, certificateKey(auth))
	if err != nil || len(text) == 0 {
		return time.Time{}
	}
	certificate, err := oauth.ParseCertificate(text)
	if err != nil {
		return time.Time{}
	}
	return certificate.Expires().UTC()
}

// warning is how long ahead the end is warned of.
func (e Expiry) warning() time.Duration {
	if e.What == expiresSignIn {
		return signInWarning
	}
	return proofWarning
}

// ended reports that it is over. Only a certificate ends by its own date: a
// secret's date was typed in by somebody, and a sign-in's is the server's habit.
func (e Expiry) ended(now time.Time) bool {
	return e.What == expiresCertificate && !now.Before(e.At)
}

// soon reports that it is time to warn.
func (e Expiry) soon(now time.Time) bool { return !now.Before(e.At.Add(-e.warning())) }

// reason says it in words.
func (e Expiry) reason(now time.Time) string {
	what := map[string]string{expiresSecret: "the client secret", expiresCertificate: "the certificate", expiresSignIn: "the sign-in"}[e.What]
	day := e.At.UTC().Format(time.DateOnly)
	switch {
	case !now.Before(e.At) && e.What == expiresSignIn:
		return what + " was not used in time and ended " + day
	case !now.Before(e.At):
		return what + " ended " + day
	case e.What == expiresSignIn:
		return fmt.Sprintf("%s ends %s if it is not used before", what, e.At.UTC().Format("2006-01-02 15:04 MST"))
	}
	return what + " ends " + day
}

// hint says what to do about it, by a connection that uses the object. signIn
// is the command to sign in with.
func (e Expiry) hint(name, signIn string) string {
	switch e.What {
	case expiresSecret:
		return "make a new client secret in Entra, App registrations, the application, Certificates & secrets; then: " +
			command("edit", name, "--client-secret-file FILE --secret-expires DATE")
	case expiresCertificate:
		return "make a new certificate, upload its public part in Entra, App registrations, the application, Certificates & secrets; then: " +
			command("edit", name, "--certificate-file FILE")
	}
	return "have it used regularly: run exconn auth renew each day; or sign in again: " + signIn
}

// judge takes into a status what ends: the first end is shown, and what is over
// or ends soon changes a good state.
func (s *Status) judge(list []Expiry, now time.Time) {
	for _, e := range list {
		if s.Expires == nil || e.At.Before(s.Expires.At) {
			s.Expires = &e
		}
	}
	if s.Expires == nil || s.State != Ready && s.State != SignedIn {
		return
	}
	e := *s.Expires
	switch {
	case e.ended(now):
		s.State, s.Since = NeedsSignIn, e.At
	case e.soon(now):
		s.State = Expiring
		// What lasts less long than that was ending from the beginning.
		if began := e.At.Add(-e.warning()); began.After(s.Since) {
			s.Since = began
		}
	default:
		return
	}
	s.Reason = e.reason(now)
}

package connection

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/store"
)

// State says whether a connection can prove itself, as far as is known here.
type State string

// The states.
const (
	// Ready: there is a password, client secret or certificate; nobody has to
	// sign in.
	Ready State = "ready"
	// SignedIn: somebody has signed in, and the last renewal went well.
	SignedIn State = "signed_in"
	// NeedsSignIn: nobody has signed in, or the server or this machine has
	// lost what was kept; or a client secret, certificate or password was
	// refused.
	NeedsSignIn State = "needs_sign_in"
	// Expiring: it works, but something ends soon: the client secret or the
	// certificate within 30 days, or the sign-in within 14 if it is not used.
	Expiring State = "expiring"
	// Refused: the server refuses although the proof is in order: a
	// conditional access policy, consent that was withdrawn, an application or
	// account that was disabled. An admin has to act; signing in again does not
	// help.
	Refused State = "refused"
)

// Status is how things stand with a connection's sign-in.
type Status struct {
	State State `json:"state"`
	// Username is who has signed in, or the name of the login.
	Username string `json:"username,omitempty"`
	// Name is the display name.
	Name     string `json:"name,omitempty"`
	TenantID string `json:"tenant_id,omitempty"`
	// Users is how many have signed in for themselves, where the connection has
	// no account of its own.
	Users int `json:"users,omitempty"`
	// SignedIn is when.
	SignedIn time.Time `json:"signed_in,omitzero"`
	// Renewed is when the sign-in was last used for new tokens.
	Renewed time.Time `json:"renewed,omitzero"`
	// Since is when the state began, or was found. Reason says why it is none
	// of Ready and SignedIn, Code is the server's code for it, such as
	// "AADSTS700082", and Hint says what to do.
	Since  time.Time `json:"since,omitzero"`
	Reason string    `json:"reason,omitempty"`
	Code   string    `json:"code,omitempty"`
	Hint   string    `json:"hint,omitempty"`
	// Expires is what ends first, as far as that is known.
	Expires *Expiry `json:"expires,omitempty"`

	// refusedScopes are those that the refusal is of, as a scopesKey, and
	// elsewhere how things stand for others; empty and nil where it is of all.
	refusedScopes string
	elsewhere     *Status
}

// forScopes is the status for tokens of these scopes alone.
func (s Status) forScopes(key string) Status {
	if s.elsewhere != nil && s.refusedScopes != key {
		return *s.elsewhere
	}
	return s
}

// String says it in words, such as "signed in as anna@example.com".
func (s Status) String() string {
	switch s.State {
	case SignedIn:
		return s.who()
	case NeedsSignIn:
		return "sign-in needed: " + s.Reason
	case Refused:
		return "refused: " + s.Reason
	case Expiring:
		return s.who() + "; " + s.Reason
	}
	return string(s.State)
}

func (s Status) who() string {
	switch {
	case s.Username != "":
		return "signed in as " + s.Username
	case s.Users > 0:
		return fmt.Sprintf("%d users have signed in", s.Users)
	}
	return string(Ready)
}

// Status returns how things stand with a connection's sign-in. It asks no
// server; see Connection.Test for that.
func (b *Book) Status(ctx context.Context, name string) (Status, error) {
	e, err := b.Get(ctx, name)
	return e.Status, err
}

// loginStatus is the status of a connection with a Login, and whether the server
// was last known to refuse it; see account.doubted.
func loginStatus(tx store.Tx, p Profile) (_ Status, doubted bool, err error) {
	s := Status{State: Ready, Username: p.Login.Username, Since: p.Updated}
	if p.Login.usesPassword() {
		err := needs(tx, &s, passwordKey(p.Name), "the password")
		if err != nil || s.State != Ready {
			s.Since, s.Hint = time.Time{}, "give it again: "+command("edit", p.Name, "--password-file FILE")
			return s, false, err
		}
	}
	a, err := getAccount(tx, loginAuth(p.Name).Name, "")
	if err != nil {
		return s, false, err
	}
	s.Since = latest(s.Since, a.Since)
	if a.State != "" {
		s.State, s.Reason, s.Code, s.Hint, s.Since = a.State, a.Reason, a.Code, a.Hint, a.Since
	}
	return s, a.doubted(), nil
}

// statusOf is the status of a connection whose authentication object has these
// accounts: that of the object's own, or where each user signs in, that of the
// first user who has to.
func statusOf(accounts []AccountEntry) Status {
	own, users := accounts[0].Status, accounts[1:]
	if own.Username != "" || own.State == Ready || len(users) == 0 {
		return own
	}
	waiting := 0
	worst := users[0]
	for _, a := range users {
		if !a.Status.State.good() {
			waiting++
		}
		if a.Status.State.severity() > worst.Status.State.severity() {
			worst = a
		}
	}
	if worst.Status.State == SignedIn {
		return Status{State: SignedIn, Users: len(users)}
	}
	s := worst.Status
	s.Users, s.Username, s.Name, s.TenantID, s.SignedIn = len(users), "", "", "", time.Time{}
	if waiting == 0 {
		s.Reason = fmt.Sprintf("%s: %s", worst.User, s.Reason)
		return s
	}
	s.Reason = fmt.Sprintf("%d of %d users have to sign in, the first of them %s: %s", waiting, len(users), worst.User, s.Reason)
	return s
}

// severity orders states by how urgent they are.
func (s State) severity() int {
	switch s {
	case NeedsSignIn:
		return 3
	case Refused:
		return 2
	case Expiring:
		return 1
	}
	return 0
}

// accountStatusIn is the status of one account, as of now.
func (b *Book) accountStatusIn(tx store.Tx, auth Auth, user string) (Status, error) {
	a, err := getAccount(tx, auth.Name, user)
	if err != nil {
		return Status{}, err
	}
	s := Status{
		State: goodState(auth), Username: a.Username, Name: a.Name, TenantID: a.TenantID,
		SignedIn: a.SignedIn, Since: latest(a.SignedIn, a.Since),
	}
	if s.Since.IsZero() && auth.Method.AppOnly() {
		s.Since = auth.Updated
	}
	in, err := keptProof(tx, &s, auth, user)
	if err != nil {
		return s, err
	}
	if auth.Method == oauth.ClientCertificate && auth.CertificateExpires.IsZero() {
		auth.CertificateExpires = certificateEnd(tx, auth.Name)
	}
	s.Renewed = in.Renewed
	good := s
	if err := b.complete(tx, &good, auth, user, in); err != nil || a.Reason == "" {
		return good, err
	}
	if a.RefusedScopes != "" {
		names, err := concerned(tx, auth, a.RefusedScopes)
		if err != nil || len(names) == 0 {
			return good, err // it was of a connection that is gone
		}
		s.refusedScopes, s.elsewhere = a.RefusedScopes, &good
	}
	s.State, s.Reason, s.Code, s.Hint, s.Since = a.State, a.Reason, a.Code, a.Hint, a.Since
	if s.State == "" {
		s.State = NeedsSignIn // kept by an older program
	}
	err = b.complete(tx, &s, auth, user, in)
	return s, err
}

// complete takes into a status what ends, and what to do.
func (b *Book) complete(tx store.Tx, s *Status, auth Auth, user string, in oauth.SignedIn) (err error) {
	s.judge(expiries(auth, in), b.now())
	if s.State != Ready && s.State != SignedIn {
		s.Hint, err = s.advice(tx, auth, user)
	}
	return err
}

// goodState is that of an account for which all is well.
func goodState(auth Auth) State {
	if auth.Method.AppOnly() {
		return Ready
	}
	return SignedIn
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// keptProof changes the status where what the account proves itself with is not
// there, and returns what is known of the sign-in.
func keptProof(tx store.Tx, s *Status, auth Auth, user string) (in oauth.SignedIn, err error) {
	switch auth.Method {
	case oauth.ClientSecret:
		return in, needs(tx, s, clientSecretKey(auth.Name), "the client secret")
	case oauth.ClientCertificate:
		return in, needs(tx, s, certificateKey(auth.Name), "the certificate")
	case oauth.Web: // which has one of the two
		certificate, err := has(tx, secretsBucket, certificateKey(auth.Name))
		if err == nil && !certificate {
			err = needs(tx, s, clientSecretKey(auth.Name), "the client secret")
		}
		if err != nil || s.State == NeedsSignIn {
			return in, err
		}
	}
	blob, err := tx.Get(tokensBucket, accountKey(auth.Name, user))
	var damaged *store.DamagedError
	switch {
	case errors.Is(err, store.ErrNoRecord):
		s.State, s.Reason, s.Since = NeedsSignIn, errNobody.Error(), time.Time{}
		return in, nil
	case errors.As(err, &damaged):
		s.State, s.Reason = NeedsSignIn, "the kept sign-in is damaged"
		return in, nil
	case err != nil:
		return in, err
	}
	in, _ = oauth.ReadSignedIn(blob, auth.Authority())
	return in, nil
}

// missingReason is why a sign-in does not work whose secret is gone.
const (
	missingReason       = " is missing or damaged"
	missingSecretReason = "the client secret" + missingReason
)

// needs changes the status where a secret is gone.
func needs(tx store.Tx, s *Status, key, what string) error {
	found, err := has(tx, secretsBucket, key)
	if err == nil && !found {
		s.State, s.Reason = NeedsSignIn, what+missingReason
	}
	return err
}

// advice says what to do, by one of the connections that use the object.
func (s *Status) advice(tx store.Tx, auth Auth, user string) (string, error) {
	names, err := sharers(tx, auth.Name)
	if err != nil || len(names) == 0 {
		return s.Hint, err
	}
	forUser := ""
	if user != "" {
		forUser = "--user " + user
	}
	signIn := command("sign-in", names[0], forUser)
	switch {
	case s.Hint != "":
		// What package oauth advises knows of no names.
		return strings.Replace(s.Hint, anySignIn, signIn, 1), nil
	case s.Expires != nil && (s.State == Expiring || s.Expires.What == expiresCertificate):
		return s.Expires.hint(names[0], signIn), nil
	case auth.Method == oauth.ClientSecret, auth.Method == oauth.Web && s.Reason == missingSecretReason:
		return "give the client secret: " + command("edit", names[0], "--client-secret-file FILE"), nil
	case auth.Method == oauth.ClientCertificate:
		return "give the certificate: " + command("edit", names[0], "--certificate-file FILE"), nil
	}
	return "sign in: " + signIn, nil
}

// anySignIn is the command in the advice of package oauth.
const anySignIn = "exconn connection sign-in"

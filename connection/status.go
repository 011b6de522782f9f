package connection

import (
	"context"
	"errors"
	"time"

	"github.com/exconn/exconn/mailbox"
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
	// lost what was kept; or a client secret or certificate was refused.
	NeedsSignIn State = "needs_sign_in"
)

// Status is how things stand with a connection's sign-in.
type Status struct {
	State State `json:"state"`
	// Username is who has signed in, or the name of the login.
	Username string `json:"username,omitempty"`
	// Name is the display name.
	Name     string `json:"name,omitempty"`
	TenantID string `json:"tenant_id,omitempty"`
	// SignedIn is when.
	SignedIn time.Time `json:"signed_in,omitzero"`
	// Reason says why a sign-in is needed, and Code is the server's code for
	// it, such as "AADSTS700082". Since is when that was found.
	Reason string    `json:"reason,omitempty"`
	Code   string    `json:"code,omitempty"`
	Since  time.Time `json:"since,omitzero"`
}

// String says it in words, such as "signed in as anna@example.com".
func (s Status) String() string {
	switch s.State {
	case SignedIn:
		return "signed in as " + s.Username
	case NeedsSignIn:
		return "sign-in needed: " + s.Reason
	}
	return string(s.State)
}

// account is the kept record of who has signed in to a connection.
type account struct {
	oauth.Account
	SignedIn time.Time `json:"signed_in,omitzero"`
	// Reason, Code and Since are those of Status.
	Reason string    `json:"reason,omitempty"`
	Code   string    `json:"code,omitempty"`
	Since  time.Time `json:"since,omitzero"`
}

// Status returns how things stand with a connection's sign-in. It asks no
// server; see Connection.Test for that.
func (b *Book) Status(ctx context.Context, name string) (Status, error) {
	e, err := b.Get(ctx, name)
	return e.Status, err
}

func getAccount(tx store.Tx, connection string) (account, error) {
	a, err := getRecord[account](tx, accountsBucket, "account of the connection", connection)
	var damaged *RecordError
	if errors.Is(err, store.ErrNoRecord) || errors.As(err, &damaged) {
		// The tokens tell who it is; this is only for show.
		return account{}, nil
	}
	return a, err
}

func getStatus(tx store.Tx, p Profile, auth *Auth) (Status, error) {
	if auth == nil {
		s := Status{State: Ready, Username: p.Login.Username}
		if !p.Login.usesPassword() {
			return s, nil
		}
		err := needs(tx, &s, passwordKey(p.Name), "the password")
		return s, err
	}
	a, err := getAccount(tx, p.Name)
	if err != nil {
		return Status{}, err
	}
	s := Status{
		State: SignedIn, Username: a.Username, Name: a.Name, TenantID: a.TenantID, SignedIn: a.SignedIn,
		Reason: a.Reason, Code: a.Code, Since: a.Since,
	}
	if a.Reason != "" {
		s.State = NeedsSignIn
		return s, nil
	}
	switch auth.Method {
	case oauth.ClientSecret:
		s.State = Ready
		err = needs(tx, &s, clientSecretKey(auth.Name), "the client secret")
		return s, err
	case oauth.ClientCertificate:
		s.State = Ready
		err = needs(tx, &s, certificateKey(auth.Name), "the certificate")
		return s, err
	}
	_, err = tx.Get(tokensBucket, recordKey(p.Name))
	var damaged *store.DamagedError
	switch {
	case errors.Is(err, store.ErrNoRecord):
		s.State, s.Reason = NeedsSignIn, "nobody has signed in"
	case errors.As(err, &damaged):
		s.State, s.Reason = NeedsSignIn, "the kept sign-in is damaged"
	case err != nil:
		return s, err
	}
	return s, nil
}

// needs changes the status where a secret is gone.
func needs(tx store.Tx, s *Status, key, what string) error {
	found, err := has(tx, secretsBucket, key)
	if err == nil && !found {
		s.State, s.Reason = NeedsSignIn, what+" is missing or damaged"
	}
	return err
}

// noteOutcome keeps what the server said of a connection's sign-in: a reason
// why a new one is needed, or nil where all is well. It writes only what is
// new.
func (b *Book) noteOutcome(ctx context.Context, connection string, refused error) error {
	return b.store.Update(ctx, func(tx store.Tx) error {
		if _, err := getProfile(tx, connection); err != nil {
			return err
		}
		a, err := getAccount(tx, connection)
		if err != nil {
			return err
		}
		before := a
		a.Reason, a.Code = "", ""
		if refused != nil {
			a.Reason, a.Code = refused.Error(), mailbox.Code(refused)
		}
		if a.Reason == before.Reason && a.Code == before.Code {
			return nil
		}
		a.Since = time.Time{}
		if refused != nil {
			a.Since = b.now().UTC().Truncate(time.Second)
		}
		return putRecord(tx, accountsBucket, connection, a)
	})
}

package connection

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/store"
)

// SignInOptions say how a sign-in goes, and for whom. The zero value means
// defaults: a sign-in of the connection's own account, by whoever signs in.
type SignInOptions struct {
	oauth.SignInOptions
	// User is the address of the CRM user who signs in for himself. Another
	// account than his is refused with a *WrongAccountError.
	User string
	// SignInNames are other names of the same user: the user principal name,
	// where that is not the address.
	SignInNames []string
}

// SignIn is a person's sign-in in progress. It is safe for concurrent use; so
// Wait and Paste can run beside each other, and whichever ends first decides.
// Close it in any case.
type SignIn struct {
	book    *Book
	auth    Auth
	user    string
	attempt *oauth.Attempt
}

// BeginSignIn prepares a person's sign-in to a connection and opens the
// listener for its answer. Where nobody has to sign in, because the connection
// proves itself by password, client secret or certificate, the error Is
// mailbox.ErrInvalid. A kept sign-in stays in force until this one succeeds.
// The sign-in holds for all connections that share the authentication object.
//
// The methods pkce and web sign in so; see BeginDeviceSignIn for device-code.
func (b *Book) BeginSignIn(ctx context.Context, name string, opts SignInOptions) (*SignIn, error) {
	p, err := b.planSignIn(ctx, name, opts)
	if err != nil {
		return nil, err
	}
	attempt, err := p.client.BeginSignIn(ctx, p.opts)
	if err != nil {
		return nil, curable(err)
	}
	return &SignIn{book: b, auth: p.auth, user: p.user, attempt: attempt}, nil
}

// signInPlan is what a sign-in needs, whatever the way in.
type signInPlan struct {
	client *oauth.Client
	auth   Auth
	user   string
	opts   oauth.SignInOptions
}

func (b *Book) planSignIn(ctx context.Context, name string, opts SignInOptions) (p signInPlan, err error) {
	entry, l, err := b.linkTo(ctx, name)
	if err != nil {
		return p, err
	}
	if err := signsIn(entry); err != nil {
		return p, err
	}
	user := lower(strings.TrimSpace(opts.User))
	if problem := addressProblem(user); user != "" && problem != "" {
		return p, FieldErrors{{Field: "user", Given: opts.User, Problem: problem + "; give the user's address, such as anna@example.com"}}
	}
	open, err := b.account(entry, l, user)
	if err != nil {
		return p, err
	}
	status, err := b.accountStatus(ctx, *entry.Auth, user)
	if err != nil {
		return p, err
	}
	o := opts.SignInOptions
	for _, hint := range append([]string{status.Username}, append(opts.SignInNames, user)...) {
		if o.LoginHint == "" {
			o.LoginHint = hint
		}
	}
	o.Scopes = l.oauth().Scopes
	if o.RedirectURI == "" {
		o.RedirectURI = l.oauth().RedirectURI
	}
	o.Check = both(b.checkAccount(*entry.Auth, user, opts.SignInNames), o.Check)
	return signInPlan{client: open.client, auth: *entry.Auth, user: user, opts: o}, nil
}

// both returns a check that is the two; either may be nil.
func both(first, second func(oauth.Account) error) func(oauth.Account) error {
	switch {
	case first == nil:
		return second
	case second == nil:
		return first
	}
	return func(who oauth.Account) error {
		if err := first(who); err != nil {
			return err
		}
		return second(who)
	}
}

// signsIn refuses connections to which nobody signs in.
func signsIn(e Entry) error {
	way := "user name and password"
	if e.Auth != nil {
		if !e.Auth.Method.AppOnly() {
			return nil
		}
		way = "the method " + string(e.Auth.Method)
	}
	return FieldErrors{{Field: "name", Given: e.Profile.Name, Problem: fmt.Sprintf("nobody signs in to this connection, which uses %s; try it with: %s", way, command("test", e.Profile.Name, ""))}}
}

// URL is the page that the person opens in a browser.
func (s *SignIn) URL() string { return s.attempt.URL() }

// RedirectURI is where the browser comes back to.
func (s *SignIn) RedirectURI() string { return s.attempt.RedirectURI() }

// ShowsCode reports whether the page that the browser comes back to shows what
// Paste wants: our callback page, or the browser's own that says that there is
// nobody at this machine. Other pages leave it in the address alone.
func (s *SignIn) ShowsCode() bool { return s.attempt.ShowsCode() }

// Listens reports whether the answer can come to this machine. Otherwise
// somebody has to bring it to Paste.
func (s *SignIn) Listens() bool { return s.attempt.ListenAddress() != "" }

// Wait waits for the answer, until ctx ends, and keeps the account. Errors are
// *oauth.Error and those of the store.
func (s *SignIn) Wait(ctx context.Context) (Status, error) {
	account, err := s.attempt.Wait(ctx)
	if err != nil {
		return Status{}, curable(err)
	}
	return s.complete(ctx, account)
}

// Paste takes what the person has copied from the callback page: the code, or
// the whole address.
func (s *SignIn) Paste(ctx context.Context, codeOrURL string) (Status, error) {
	account, err := s.attempt.Paste(ctx, codeOrURL)
	if err != nil {
		return Status{}, curable(err)
	}
	return s.complete(ctx, account)
}

// Close ends the attempt and its listener. It may be called more than once.
func (s *SignIn) Close() error { return s.attempt.Close() }

// complete keeps who has signed in. The tokens are kept already.
func (s *SignIn) complete(ctx context.Context, who oauth.Account) (Status, error) {
	return s.book.keepAccount(ctx, s.auth, s.user, who)
}

// SignOut forgets the account of a user, or the connection's own where user is
// empty, and its tokens, for all connections that share the authentication
// object. It reports false where nobody had signed in. It tells no server:
// there is nothing to revoke at Entra, and an access token stays good until it
// expires.
func (b *Book) SignOut(ctx context.Context, name, user string) (wasSignedIn bool, err error) {
	entry, l, err := b.linkTo(ctx, name)
	if err != nil {
		return false, err
	}
	if err := signsIn(entry); err != nil {
		return false, err
	}
	key := accountKey(entry.Auth.Name, user)
	err = b.store.View(ctx, func(tx store.Tx) error {
		_, err := tx.Get(tokensBucket, key)
		var damaged *store.DamagedError
		wasSignedIn = err == nil || errors.As(err, &damaged)
		if errors.Is(err, store.ErrNoRecord) || wasSignedIn {
			return nil
		}
		return err
	})
	if err != nil {
		return false, err
	}
	// The clients forget what they have in memory, too.
	if _, err := b.account(entry, l, lower(user)); err != nil {
		return false, err
	}
	for _, open := range b.openAccounts(entry.Auth.Name, user) {
		if err := open.client.SignOut(ctx); err != nil {
			return false, err
		}
	}
	return wasSignedIn, b.store.Update(ctx, func(tx store.Tx) error { return forgetAccount(tx, entry.Auth.Name, user) })
}

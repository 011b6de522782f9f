package connection

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/store"
)

// SignIn is a person's sign-in in progress. It is safe for concurrent use; so
// Wait and Paste can run beside each other, and whichever ends first decides.
// Close it in any case.
type SignIn struct {
	book       *Book
	connection string
	attempt    *oauth.Attempt
}

// BeginSignIn prepares a person's sign-in to a connection and opens the
// listener for its answer. Where nobody has to sign in, because the connection
// proves itself by password, client secret or certificate, the error Is
// mailbox.ErrInvalid. A kept sign-in stays in force until this one succeeds.
func (b *Book) BeginSignIn(ctx context.Context, name string, opts oauth.SignInOptions) (*SignIn, error) {
	entry, l, err := b.linkTo(ctx, name)
	if err != nil {
		return nil, err
	}
	if err := signsIn(entry); err != nil {
		return nil, err
	}
	if opts.LoginHint == "" {
		opts.LoginHint = entry.Status.Username
	}
	attempt, err := l.client.BeginSignIn(ctx, opts)
	if err != nil {
		return nil, curable(err)
	}
	return &SignIn{book: b, connection: entry.Profile.Name, attempt: attempt}, nil
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
func (s *SignIn) complete(ctx context.Context, who oauth.Account) (status Status, err error) {
	now := s.book.now().UTC().Truncate(time.Second)
	err = s.book.store.Update(ctx, func(tx store.Tx) error {
		p, err := getProfile(tx, s.connection)
		if err != nil {
			return err
		}
		if err := putRecord(tx, accountsBucket, s.connection, account{Account: who, SignedIn: now}); err != nil {
			return err
		}
		auth, err := profileAuth(tx, p)
		if err != nil {
			return err
		}
		status, err = getStatus(tx, p, auth)
		return err
	})
	if err != nil {
		return Status{}, fmt.Errorf("the sign-in succeeded, but cannot be kept: %w", err)
	}
	return status, nil
}

// SignOut forgets the account and its tokens. It reports false where nobody
// had signed in. It tells no server: there is nothing to revoke at Entra, and
// an access token stays good until it expires.
func (b *Book) SignOut(ctx context.Context, name string) (wasSignedIn bool, err error) {
	entry, l, err := b.linkTo(ctx, name)
	if err != nil {
		return false, err
	}
	if err := signsIn(entry); err != nil {
		return false, err
	}
	err = b.store.View(ctx, func(tx store.Tx) error {
		_, err := tx.Get(tokensBucket, recordKey(name))
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
	// The client forgets what it has in memory, too.
	if err := l.client.SignOut(ctx); err != nil {
		return false, err
	}
	return wasSignedIn, b.store.Update(ctx, func(tx store.Tx) error { return forgetAccount(tx, name) })
}

package connection

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/exconn/exconn/oauth"
)

// tokenSource is the part of *oauth.Source that is used.
type tokenSource interface {
	Token(ctx context.Context) (oauth.Token, error)
	Invalidate(oauth.Token)
	Challenge(t oauth.Token, claims string)
}

// refreshable is the part of *oauth.Source by which it is renewed ahead of need.
type refreshable interface {
	tokenSource
	Refresh(ctx context.Context) error
}

// watchedTokens notes in the book when a sign-in has become useless, and when
// it works again.
type watchedTokens struct {
	refreshable
	book *Book
	auth Auth
	user string
	// scopes are those of the tokens, as a scopesKey.
	scopes string
	// noting is held while an outcome is noted, since all callers of one moment
	// have the same.
	noting sync.Mutex
	// settled is set once the book says that all is well.
	settled atomic.Bool
}

func (w *watchedTokens) Token(ctx context.Context) (oauth.Token, error) {
	token, err := w.refreshable.Token(ctx)
	w.outcome(ctx, err)
	return token, err
}

// Refresh gets a new token although the old one may still be good; see
// oauth.Source.
func (w *watchedTokens) Refresh(ctx context.Context) error {
	err := w.refreshable.Refresh(ctx)
	w.outcome(ctx, err)
	return err
}

// outcome notes how a token was got or not.
func (w *watchedTokens) outcome(ctx context.Context, err error) {
	if err == nil && w.settled.Load() || err != nil && refusalState(err) == "" {
		return
	}
	w.noting.Lock()
	defer w.noting.Unlock()
	if err == nil && w.settled.Load() {
		return
	}
	// The note is for the next one who asks; that it fails must not hide what
	// it is about.
	settled, noteErr := w.book.noteOutcome(context.WithoutCancel(ctx), w.auth, w.user, w.scopes, err)
	if noteErr != nil {
		w.book.log.WarnContext(ctx, "cannot note the state of the sign-in", "auth", w.auth.Name, "user", w.user, "error", noteErr)
		return
	}
	w.settled.Store(settled)
}

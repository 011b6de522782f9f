package connection

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

// watchedTokens notes in the book when a sign-in has become useless, and when
// it works again.
type watchedTokens struct {
	client     *oauth.Client
	connection *Connection
	// refused is set while the book says that a sign-in is needed.
	refused atomic.Bool
}

func (w *watchedTokens) Token(ctx context.Context) (oauth.Token, error) {
	token, err := w.client.Token(ctx)
	switch {
	case err == nil && w.refused.Load():
		w.note(ctx, nil)
	case err != nil && errors.Is(err, mailbox.ErrSignInNeeded) && !w.refused.Load():
		w.note(ctx, err)
	}
	return token, err
}

func (w *watchedTokens) Invalidate(t oauth.Token) { w.client.Invalidate(t) }

func (w *watchedTokens) note(ctx context.Context, refused error) {
	c := w.connection
	// The note is for the next one who asks; that it fails must not hide what
	// it is about.
	if err := c.book.noteOutcome(ctx, c.entry.Profile.Name, refused); err != nil {
		c.book.log.WarnContext(ctx, "cannot note the state of the sign-in", "connection", c.entry.Profile.Name, "error", err)
		return
	}
	w.refused.Store(refused != nil)
}

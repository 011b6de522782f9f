package connection

import (
	"context"
	"time"

	"github.com/exconn/exconn/oauth"
)

// DeviceSignIn is a sign-in by device code in progress: a person types UserCode
// at VerificationURI in a browser on any machine.
type DeviceSignIn struct {
	book    *Book
	auth    Auth
	user    string
	attempt *oauth.DeviceAttempt
}

// BeginDeviceSignIn asks the server for a code, for a connection whose method
// is device-code. A kept sign-in stays in force until this one succeeds.
func (b *Book) BeginDeviceSignIn(ctx context.Context, name string, opts SignInOptions) (*DeviceSignIn, error) {
	p, err := b.planSignIn(ctx, name, opts)
	if err != nil {
		return nil, err
	}
	attempt, err := p.client.BeginDeviceSignIn(ctx, p.opts)
	if err != nil {
		return nil, curable(err)
	}
	return &DeviceSignIn{book: b, auth: p.auth, user: p.user, attempt: attempt}, nil
}

// UserCode is what the person types.
func (s *DeviceSignIn) UserCode() string { return s.attempt.UserCode() }

// VerificationURI is the page to type it on.
func (s *DeviceSignIn) VerificationURI() string { return s.attempt.VerificationURI() }

// Expires is when the code stops being good.
func (s *DeviceSignIn) Expires() time.Time { return s.attempt.Expires() }

// Wait waits until somebody has signed in, and keeps the account. Errors are
// *oauth.Error and those of the store. Call it once.
func (s *DeviceSignIn) Wait(ctx context.Context) (Status, error) {
	account, err := s.attempt.Wait(ctx)
	if err != nil {
		return Status{}, curable(err)
	}
	return s.book.keepAccount(ctx, s.auth, s.user, account)
}

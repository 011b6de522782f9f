package kerberos

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Options say who signs in and by what. The files are read when a ticket is
// needed, so that a renewed one is taken up.
type Options struct {
	// Username is user@REALM; without @REALM the default realm of krb5.conf
	// is meant. It may be empty where a credential cache says who it is.
	Username string
	// KeytabFile holds the user's keys, in place of a password.
	KeytabFile string
	// CacheFile is a credential cache, such as kinit makes. With neither
	// password nor KeytabFile, empty means the one that KRB5CCNAME names, or
	// /tmp/krb5cc_ with the numeric user id.
	CacheFile string
	// ConfigFile is a krb5.conf. Empty means the one that KRB5_CONFIG names,
	// or /etc/krb5.conf; where there is none, the KDC is found by DNS.
	ConfigFile string
}

// The margins of a ticket's life.
const (
	// earliest is how long before its end a ticket is replaced.
	earliest = 5 * time.Minute
	// fresh is how young a ticket is not blamed for a refusal: fetching
	// another at once would only press the KDC.
	fresh = time.Minute
)

// Login is one account's way to tickets. It is safe for concurrent use, and
// starts nothing that goes on by itself.
type Login struct {
	opts Options
	// The password is inside a function, because package fmt prints what lies
	// in unexported fields without asking their methods.
	password func() string
	// turn is held by whoever asks the KDC; the others wait and find the
	// ticket there.
	turn chan struct{}

	mu      sync.Mutex
	tickets map[string]*ticket // by SPN
}

// NewLogin returns the login of a password, of a keytab file, or, without
// either, of a credential cache. It does no I/O.
func NewLogin(opts Options, password string) *Login {
	return &Login{
		opts:     opts,
		password: func() string { return password },
		turn:     make(chan struct{}, 1),
		tickets:  make(map[string]*ticket),
	}
}

// String returns the user's name.
func (l *Login) String() string { return l.opts.Username }

// GoString returns what String does.
func (l *Login) GoString() string { return l.String() }

// Format prints what String returns, whatever the verb.
func (l *Login) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(l.String())) }

// Token implements Tickets. Its errors are *Error, or the context's.
func (l *Login) Token(ctx context.Context, target Target) ([]byte, error) {
	t, err := l.ticketFor(ctx, target)
	if err != nil {
		return nil, err
	}
	token, err := newToken(t, target.Binding)
	if err != nil {
		return nil, l.failed(target.SPN, err)
	}
	return token, nil
}

// ticketFor returns the ticket in hand, or a new one.
func (l *Login) ticketFor(ctx context.Context, target Target) (*ticket, error) {
	if t := l.inHand(target); t != nil {
		return t, nil
	}
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	// Somebody else may have fetched it meanwhile.
	if t := l.inHand(target); t != nil {
		return t, nil
	}
	t, err := l.fetch(ctx, target.SPN)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, l.failed(target.SPN, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tickets[target.SPN] = t
	return t, nil
}

// inHand returns the kept ticket for a target if it is good.
func (l *Login) inHand(target Target) *ticket {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.tickets[target.SPN]
	if t == nil || time.Until(t.end) < min(earliest, t.end.Sub(t.fetched)/2) || target.Refused && time.Since(t.fetched) > fresh {
		return nil
	}
	return t
}

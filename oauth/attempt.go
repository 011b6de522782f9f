package oauth

import (
	"context"
	"crypto/subtle"
	"fmt"
	"strconv"
	"sync"

	"github.com/exconn/exconn/mailbox"
)

// Attempt is one sign-in in progress. Its methods are safe for concurrent use.
// It ends with the first answer that belongs to it, good or bad; answers that
// do not belong to it leave it waiting. Close it in any case.
type Attempt struct {
	client  *Client
	source  *Source // for what the sign-in asks for
	msal    library
	session *session
	accept  func(Account) error // SignInOptions.Check
	claims  string              // SignInOptions.Claims, or those that were kept

	url         string
	redirectURI string
	state       string
	nonce       string
	verifier    string

	pages    *pages
	listener *listener // nil where the answer comes by Paste alone
	closed   chan struct{}
	closing  sync.Once

	mu      sync.Mutex
	phase   phase
	foreign int           // answers that did not belong to the attempt
	done    chan struct{} // closed with phaseDone
	account Account
	err     error
}

type phase int

const (
	phaseWaiting   phase = iota
	phaseRedeeming       // a code has been taken, by the listener or by Paste
	phaseDone
)

// URL returns the address to open in the browser. It holds no secret, but is
// good for this attempt alone.
func (a *Attempt) URL() string { return a.url }

// RedirectURI returns the address that the browser comes back to, which must
// be registered (for http://localhost the port does not count).
func (a *Attempt) RedirectURI() string { return a.redirectURI }

// ListenAddress returns the listener's address, or "" where there is none: with
// PasteOnly, and where the browser comes back to a web server that knows
// nothing of us, so that the answer has to be brought by Paste.
func (a *Attempt) ListenAddress() string {
	if a.listener == nil {
		return ""
	}
	return "http://localhost:" + strconv.Itoa(a.listener.port) + "/"
}

// ShowsCode reports whether a person finds on the page that the browser comes
// back to what Paste wants: on our callback page, or on the browser's own page
// that this machine cannot be reached. Other pages of an application leave it
// in the address alone.
func (a *Attempt) ShowsCode() bool {
	_, _, here := loopbackRedirect(a.redirectURI)
	return here || isCallbackPage(a.redirectURI)
}

// Wait returns when the attempt has ended, by the listener or by Paste, with
// the account or with an *Error. When ctx ends first, the error Is ctx's, and
// says whether answers came that did not belong to the attempt; the attempt
// goes on until Close.
func (a *Attempt) Wait(ctx context.Context) (Account, error) {
	select {
	case <-a.done:
		return a.outcome()
	default:
	}
	select {
	case <-a.done:
		return a.outcome()
	case <-a.closed:
		// Close leaves an answer that has just come.
		select {
		case <-a.done:
			return a.outcome()
		default:
			return Account{}, a.gaveUp("the sign-in was abandoned", nil)
		}
	case <-ctx.Done():
		return Account{}, a.gaveUp("nobody has finished the sign-in", context.Cause(ctx))
	}
}

func (a *Attempt) outcome() (Account, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.account, a.err
}

// gaveUp is the outcome of an attempt that got no answer of its own.
func (a *Attempt) gaveUp(reason string, cause error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	e := &Error{Op: "sign-in", reason: reason, kind: mailbox.ErrSignInNeeded, cause: cause,
		hint: "begin again and finish in the browser; where the browser runs on another machine, use --paste"}
	switch {
	case a.foreign == 1:
		e.reason += "; an answer came whose state does not match this sign-in, and was refused"
	case a.foreign > 1:
		e.reason += fmt.Sprintf("; %d answers came whose state does not match this sign-in, and were refused", a.foreign)
	}
	if a.foreign > 0 {
		e.hint = "begin again, and use the page that was opened last: an older page or tab belongs to an earlier sign-in"
	}
	return e
}

// ours compares a state with the attempt's, in constant time.
func (a *Attempt) ours(state string) bool {
	return subtle.ConstantTimeCompare([]byte(state), []byte(a.state)) == 1
}

func (a *Attempt) noteForeign() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.foreign++
}

// errUsed is what a second answer gets.
var errUsed = &Error{Op: "sign-in", reason: "this sign-in has already had its answer", kind: mailbox.ErrInvalid, hint: "begin a new sign-in: exconn connection sign-in"}

// claim takes the attempt for one answer.
func (a *Attempt) claim() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.phase != phaseWaiting {
		return errUsed
	}
	a.phase = phaseRedeeming
	return nil
}

// release puts a claimed attempt back.
func (a *Attempt) release() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.phase = phaseWaiting
}

// finish ends a claimed attempt.
func (a *Attempt) finish(account Account, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.phase == phaseDone {
		return
	}
	a.phase, a.account, a.err = phaseDone, account, err
	close(a.done)
}

// Close ends the attempt, if it has not ended, and the listener. It gives the
// browser a moment to load what the last page needs. It may be called more
// than once.
func (a *Attempt) Close() error {
	a.closing.Do(func() {
		select {
		case <-a.done:
			// The outcome stands; only the browser may still want something.
			if a.listener != nil {
				a.listener.linger()
			}
		default:
		}
		close(a.closed)
		if a.listener != nil {
			a.listener.close()
		}
	})
	return nil
}

// String names the attempt without its state.
func (a *Attempt) String() string { return "sign-in by " + a.redirectURI }

// Format writes String whatever the verb.
func (a *Attempt) Format(f fmt.State, _ rune) { writeRedacted(f, a.String()) }

package ews

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/soap"
)

// Backfill returns the mailbox with calls that wait behind all others: for what
// is not urgent, such as a first synchronisation. It matters where there is an
// Options.Budget.
func (m *Mailbox) Backfill() *Mailbox {
	later := *m
	later.backfill = true
	return &later
}

// charge says on whose account the mailbox's calls go: with impersonation
// Exchange charges the mailbox, otherwise who signs in.
func (m *Mailbox) charge() mailbox.Charge {
	c := mailbox.Charge{Mailbox: strings.ToLower(m.address), Account: m.client.account, Backfill: m.backfill}
	if m.access == Impersonate {
		c.Account = c.Mailbox
	}
	return c
}

// paced makes a call within the client's budget, if it has one; without, it
// makes the call and that is all. What is safe to repeat is repeated.
func (m *Mailbox) paced(ctx context.Context, operation string, call func(context.Context) error) error {
	b := m.client.budget
	if b == nil {
		return call(ctx)
	}
	err := b.Do(ctx, m.charge(), call, func(err error) bool { return repeatable(operation, err) })
	var own *Error
	if err == nil || errors.As(err, &own) {
		return err
	}
	// The budget's own error: a wait that is too long, or a done context.
	e := &Error{Operation: operation, Mailbox: m.address, Access: m.access, Err: err}
	if busy := (*mailbox.BusyError)(nil); errors.As(err, &busy) {
		e.kind, e.BackOff = mailbox.ErrBusy, busy.Wait
	}
	return e
}

// reads tells whether an operation changes nothing.
func reads(operation string) bool {
	for _, verb := range []string{"Get", "Find", "Sync", "Resolve", "Expand", "Convert", "Export"} {
		if strings.HasPrefix(operation, verb) {
			return true
		}
	}
	return false
}

// repeatable tells whether a call that ended in err can be made again: a read
// after a busy answer or a broken connection, a write only where nothing of it
// was accepted.
func repeatable(operation string, err error) bool {
	var (
		e     *Error
		spilt *spiltError
	)
	if !errors.As(err, &e) || errors.As(err, &spilt) {
		return false
	}
	if !reads(operation) {
		return e.unaccepted()
	}
	return e.kind == mailbox.ErrBusy || e.kind == mailbox.ErrUnavailable && e.broken()
}

// broken tells whether the connection has failed, or ended before the answer
// did. A proxy may end it in such good order that only the document tells.
func (e *Error) broken() bool {
	var transport *soap.TransportError
	if errors.As(e.Err, &transport) {
		return transport.Sent
	}
	return errors.Is(e.Err, io.ErrUnexpectedEOF)
}

// unaccepted tells whether the server has turned the call away at the door.
func (e *Error) unaccepted() bool {
	switch e.ResponseCode {
	case "ErrorServerBusy", "ErrorExceededConnectionCount":
		return true
	case "":
	default:
		return false
	}
	var status *soap.HTTPError
	return errors.As(e.Err, &status) &&
		(status.Status == http.StatusServiceUnavailable || status.Status == http.StatusTooManyRequests)
}

// spiltError marks an error of a call whose content went to a writer in part
// already, so that it cannot be made again.
type spiltError struct{ err error }

func (e *spiltError) Error() string { return e.err.Error() }
func (e *spiltError) Unwrap() error { return e.err }

// BusyScope tells whom a busy answer concerns.
func (e *Error) BusyScope() mailbox.Scope {
	switch e.ResponseCode {
	case "ErrorMailboxStoreUnavailable", "ErrorMailboxMoveInProgress", "ErrorMailboxFailover", "ErrorTooManyObjectsOpened",
		"ErrorExceededSubscriptionCount", "ErrorExceededMessageLimit":
		return mailbox.MailboxScope
	case "":
		// A front end or a load balancer that does not know for whom it is.
		return mailbox.ConnectionScope
	}
	return mailbox.AccountScope
}

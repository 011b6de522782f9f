package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/connection"
	"github.com/exconn/exconn/mailbox"
)

func (s system) authRenewCommand() *cli.Command {
	return &cli.Command{
		Name: "renew", Usage: "renew what is due, so that no sign-in lapses unused and failures are told; run it daily",
		Action: s.authRenew,
		Flags: local(
			&cli.StringFlag{Name: "name", Usage: "`NAME` of the authentication object; all where left out"},
			&cli.BoolFlag{Name: "all", Usage: "renew what is not due, too"},
			&cli.BoolFlag{Name: "keep", Usage: "go on until interrupted, and renew each account's tokens ahead of their end: for a service, in place of a daily run"},
		),
	}
}

// renewalData is an account's outcome as --json writes it.
type renewalData struct {
	Auth string `json:"auth"`
	User string `json:"user,omitempty"`
	// Outcome is renewed, current (nothing was due), skipped or failed.
	Outcome string `json:"outcome"`
	// Expires is when the access token ends.
	Expires time.Time         `json:"token_expires,omitzero"`
	Status  connection.Status `json:"status"`
	Error   string            `json:"error,omitempty"`
	Code    string            `json:"code,omitempty"`
	Hint    string            `json:"hint,omitempty"`
	Skipped string            `json:"skipped,omitempty"`
}

func renewalDataOf(r connection.Renewal) renewalData {
	d := renewalData{Auth: r.Auth, User: r.User, Outcome: "current", Expires: r.Expires, Status: r.Status, Skipped: r.Skipped}
	switch {
	case r.Err != nil:
		d.Outcome, d.Error, d.Code, d.Hint = "failed", r.Err.Error(), mailbox.Code(r.Err), hintOf(r.Err)
		if r.Status.Hint != "" && r.NeedsPerson() {
			d.Hint = r.Status.Hint
		}
	case r.Skipped != "":
		d.Outcome = "skipped"
	case r.Renewed:
		d.Outcome = "renewed"
	}
	return d
}

// authRenew prints every account's outcome. It ends as the only failure does;
// where others went well, as done in part, unless a person is needed.
func (s system) authRenew(c *cli.Context) error {
	dir, err := s.dataDir(c, false)
	if err != nil {
		return err
	}
	if c.Bool("keep") {
		return s.authKeep(c, dir)
	}
	renewals, err := dir.book.Renew(c.Context, connection.RenewOptions{Auth: c.String("name"), All: c.Bool("all")})
	if len(renewals) == 0 && err != nil {
		return err
	}
	var list []renewalData
	for _, r := range renewals {
		list = append(list, renewalDataOf(r))
	}
	printErr := rows(s.printer(c), list, []string{"auth", "account", "outcome", "state", "why"}, func(d renewalData) []any {
		why := d.Error
		if why == "" {
			why = d.Skipped
		}
		if why == "" {
			why = d.Status.Reason
		}
		return []any{d.Auth, accountName(d.User), d.Outcome, string(d.Status.State), plain(why)}
	})
	if failed := renewalError(renewals, err); failed != nil {
		return failed
	}
	return printErr
}

// authKeep renews until it is told to end, which is no failure.
func (s system) authKeep(c *cli.Context, dir *openDir) error {
	for _, flag := range []string{"name", "all"} {
		if c.IsSet(flag) {
			return usagef("leave it out", "--keep renews every account when that is due, so --%s has no place", flag)
		}
	}
	s.say("Renewing tokens ahead of their end, until this is interrupted (Ctrl-C).")
	var one sync.Mutex
	err := dir.book.Keep(c.Context, connection.KeepOptions{Renewed: func(r connection.Renewal) {
		one.Lock()
		defer one.Unlock()
		d, at := renewalDataOf(r), time.Now()
		// Whoever reads it may be gone; the tokens are what counts.
		_ = s.printer(c).object(d, func(w io.Writer) {
			text := fmt.Sprintf("%s %s, %s: %s", moment(&at), d.Auth, accountName(d.User), d.Outcome)
			if d.Error != "" {
				text += ": " + plain(d.Error)
			} else if !d.Expires.IsZero() {
				text += ", token until " + moment(&d.Expires)
			}
			fmt.Fprintln(w, text)
		})
	}})
	if c.Context.Err() != nil {
		return nil
	}
	return err
}

// renewalError says how the command ends.
func renewalError(renewals []connection.Renewal, unreadable error) error {
	var first, person error
	failed, fine := 0, 0
	for _, r := range renewals {
		switch {
		case r.Err == nil && r.Skipped == "":
			fine++
		case r.Err == nil:
		default:
			failed++
			if first == nil {
				first = r.Err
			}
			if person == nil && r.NeedsPerson() {
				person = &signInStateError{renewal: r}
			}
		}
	}
	switch {
	case person != nil && failed == 1:
		return person
	case person != nil:
		return fmt.Errorf("%d of %d accounts could not be renewed; the first that needs somebody: %w", failed, failed+fine, person)
	case first != nil && fine > 0:
		return &partlyError{fmt.Errorf("%d of %d accounts could not be renewed; the first: %w", failed, failed+fine, first)}
	case first != nil:
		return first
	}
	return unreadable
}

// signInStateError is an account that does not come right by itself.
type signInStateError struct{ renewal connection.Renewal }

func (e *signInStateError) Error() string {
	name := e.renewal.Auth
	if e.renewal.User != "" {
		name += ", " + e.renewal.User
	}
	return fmt.Sprintf("authentication object %s: %v", name, e.renewal.Err)
}

func (e *signInStateError) Unwrap() error { return e.renewal.Err }
func (e *signInStateError) Hint() string {
	if e.renewal.Status.Hint != "" {
		return e.renewal.Status.Hint
	}
	return mailbox.Hint(e.renewal.Err)
}
func (e *signInStateError) Is(target error) bool { return target == mailbox.ErrSignInNeeded }

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/exconn/exconn/mailbox"
)

// exitCode is what the command returns to the shell.
type exitCode int

// The exit codes, in one place; exitHelp tells them to people.
const (
	exitDone     exitCode = 0
	exitFailed   exitCode = 1
	exitUsage    exitCode = 2
	exitSignIn   exitCode = 3
	exitRefused  exitCode = 4
	exitNotFound exitCode = 5
	exitBusy     exitCode = 6
	exitPartly   exitCode = 7
)

const exitHelp = `EXIT CODES:
   0  done
   1  failed otherwise
   2  usage: flags, unknown names, invalid profile
   3  sign-in needed or refused (no, expired or revoked token; wrong password; 401)
   4  refused by Exchange (rights, impersonation, policy; 403) or by the fence
   5  mailbox, folder or item not found
   6  busy or unreachable, try again (503, throttling, network, database in use)
   7  done in part, or outcome unknown; the output says which
`

// usageError is a mistake in how the command was called.
type usageError struct {
	text string
	hint string
}

func (e *usageError) Error() string { return e.text }
func (e *usageError) Hint() string  { return e.hint }

func usagef(hint, format string, args ...any) error {
	return &usageError{text: fmt.Sprintf(format, args...), hint: hint}
}

// partlyError is work that was done for some of several things.
type partlyError struct{ err error }

func (e *partlyError) Error() string { return e.err.Error() }
func (e *partlyError) Unwrap() error { return e.err }

// codeFor says how the command ends for an error.
func codeFor(err error) exitCode {
	var usage *usageError
	var partly *partlyError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &partly), errors.Is(err, mailbox.ErrOutcomeUnknown):
		return exitPartly
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, mailbox.ErrSignInNeeded):
		return exitSignIn
	case errors.Is(err, mailbox.ErrFenced), errors.Is(err, mailbox.ErrAccessDenied), errors.Is(err, mailbox.ErrPolicyBlocked):
		return exitRefused
	case errors.Is(err, mailbox.ErrNotFound):
		return exitNotFound
	case errors.Is(err, context.Canceled): // told to end, whatever it was waiting for
		return exitFailed
	case errors.Is(err, mailbox.ErrBusy), errors.Is(err, mailbox.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return exitBusy
	case errors.Is(err, mailbox.ErrInvalid), errors.Is(err, mailbox.ErrUnsupported):
		return exitUsage
	}
	return exitFailed
}

// errorLine is an error as --json writes it, to stderr.
type errorLine struct {
	Error     string `json:"error"`
	Code      string `json:"code,omitempty"`
	Cause     string `json:"cause,omitempty"`
	Hint      string `json:"hint,omitempty"`
	RequestID string `json:"request_id,omitempty"`
}

// cause names the kind of an error in one word, the same for every transport.
func cause(err error) string {
	for _, known := range []error{
		mailbox.ErrOutcomeUnknown, mailbox.ErrFenced, mailbox.ErrPolicyBlocked, mailbox.ErrAccessDenied, mailbox.ErrSignInNeeded,
		mailbox.ErrNotFound, mailbox.ErrConflict, mailbox.ErrCursorExpired, mailbox.ErrBusy, mailbox.ErrUnavailable,
		mailbox.ErrUnsupported, mailbox.ErrInvalid,
	} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return ""
}

// hintOf is the advice that belongs to an error, with the time that the server
// asked to wait.
func hintOf(err error) string {
	hint := mailbox.Hint(err)
	wait, ok := mailbox.RetryAfter(err)
	switch {
	case !ok:
		return hint
	case hint == "":
		return fmt.Sprintf("the server asks to wait %v", wait)
	}
	return fmt.Sprintf("%s; the server asks to wait %v", hint, wait)
}

// report writes an error to stderr, with what to do about it.
func report(w io.Writer, asJSON bool, err error) {
	if asJSON {
		line := errorLine{
			Error: err.Error(), Code: mailbox.Code(err), Cause: cause(err),
			Hint: hintOf(err), RequestID: mailbox.RequestID(err),
		}
		// A struct of strings cannot fail to encode, and a lost stderr has
		// nobody left to tell.
		_ = json.NewEncoder(w).Encode(line)
		return
	}
	fmt.Fprintf(w, "exconn: error: %v\n", err)
	if hint := hintOf(err); hint != "" {
		fmt.Fprintf(w, "exconn: hint: %s\n", hint)
	}
}

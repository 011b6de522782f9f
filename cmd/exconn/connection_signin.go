package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/pkg/browser"
	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/connection"
	"github.com/exconn/exconn/custompages"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

// defaultSignInTime is how long a person may take. The page of Entra itself
// gives up after ten minutes or so.
const defaultSignInTime = 10 * time.Minute

func (s system) connectionSignIn(c *cli.Context) error {
	if port := c.Int("listen-port"); c.IsSet("listen-port") && (port < 1024 || port > 65535) {
		return usagef("leave it out for a free one", "--listen-port %d is not allowed; it must be from 1024 to 65535", port)
	}
	dir, entry, err := s.entry(c)
	if err != nil {
		return err
	}
	if entry.Auth != nil && entry.Auth.Method == oauth.DeviceCode {
		return s.signInByDevice(c, dir, entry)
	}
	signIn, err := dir.book.BeginSignIn(c.Context, entry.Profile.Name, connection.SignInOptions{
		User: c.String("user"),
		SignInOptions: oauth.SignInOptions{
			Pages: custompages.OAuth(), ListenPort: c.Int("listen-port"), LoginHint: c.String("login-hint"), PasteOnly: c.Bool("paste"),
		},
	})
	if err != nil {
		return err
	}
	defer signIn.Close() //nolint:errcheck // the outcome is known by then
	status, err := s.finishSignIn(c, signIn)
	if err != nil {
		return err
	}
	return s.printer(c).object(status, func(w io.Writer) {
		fmt.Fprintf(w, "signed in to %s as %s\n", entry.Profile.Name, plain(status.Username))
	})
}

func (s system) finishSignIn(c *cli.Context, signIn *connection.SignIn) (connection.Status, error) {
	ctx, cancel := context.WithTimeout(c.Context, c.Duration("timeout"))
	defer cancel()
	s.say("Sign in at:\n  %s", signIn.URL())
	if c.Bool("json") && (c.Bool("paste") || !signIn.Listens()) {
		page := signInAddress{SignInURL: signIn.URL(), RedirectURI: signIn.RedirectURI()}
		if err := s.printer(c).object(page, nil); err != nil {
			return connection.Status{}, err
		}
	}
	if c.Bool("paste") {
		return s.paste(ctx, signIn)
	}
	if !c.Bool("no-browser") {
		if err := s.openBrowser(signIn.URL()); err != nil {
			s.say("No browser could be opened here (%v): open the address above in a browser on this machine, or use --paste for one elsewhere.", err)
		}
	}
	if !signIn.Listens() {
		return s.paste(ctx, signIn)
	}
	s.say("Waiting for the browser to come back to %s …", signIn.RedirectURI())
	if s.terminal() {
		s.say("Where the page shows a code instead, paste it here.")
		// It ends the attempt that Wait waits for. A read of a terminal cannot
		// be broken off; it ends with the process.
		go s.pasteAside(ctx, signIn)
	}
	status, err := signIn.Wait(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return status, &timeoutError{after: c.Duration("timeout"), err: err}
	}
	return status, err
}

// signInAddress is where a person has to go, as --json writes it for a program that
// sends somebody there: ahead of the outcome, on a line of its own.
type signInAddress struct {
	SignInURL   string `json:"sign_in_url,omitempty"`
	RedirectURI string `json:"redirect_uri,omitempty"`
	// The rest is for a device code.
	VerificationURI string    `json:"verification_uri,omitempty"`
	UserCode        string    `json:"user_code,omitempty"`
	Expires         time.Time `json:"expires,omitzero"`
}

// paste reads what the person copied, until it is right.
func (s system) paste(ctx context.Context, signIn *connection.SignIn) (connection.Status, error) {
	if signIn.ShowsCode() {
		s.say("When the page shows a code, paste it here, or the whole address of that page:")
	} else {
		s.say("The browser comes back to %s with the answer: paste that whole address here, or the code in it:", signIn.RedirectURI())
	}
	lines := bufio.NewReader(s.in)
	for {
		line, readErr := lines.ReadString('\n')
		if line == "" && readErr != nil {
			return connection.Status{}, usagef("run the command again and paste the code or the address", "nothing was pasted")
		}
		status, err := signIn.Paste(ctx, line)
		if err == nil || !errors.Is(err, mailbox.ErrInvalid) || readErr != nil || !s.terminal() {
			return status, err
		}
		s.say("That was not it: %v. Paste it again:", err)
	}
}

// pasteAside takes what is pasted while the browser is waited for as well. What
// is wrong with it is said; the answer itself is Wait's.
func (s system) pasteAside(ctx context.Context, signIn *connection.SignIn) {
	lines := bufio.NewScanner(s.in)
	for lines.Scan() && ctx.Err() == nil {
		if _, err := signIn.Paste(ctx, lines.Text()); err != nil && errors.Is(err, mailbox.ErrInvalid) {
			s.say("That was not it: %v. Paste it again, or finish in the browser.", err)
		}
	}
}

// openBrowser opens a page. What the browser's launcher prints is talk.
func (s system) openBrowser(url string) error {
	if s.browse != nil {
		return s.browse(url)
	}
	browser.Stdout, browser.Stderr = s.err, s.err
	return browser.OpenURL(url)
}

// timeoutError is a sign-in that nobody finished in time.
type timeoutError struct {
	after time.Duration
	err   error
}

func (e *timeoutError) Error() string { return fmt.Sprintf("%v (waited %v)", e.err, e.after) }
func (e *timeoutError) Unwrap() error { return e.err }
func (e *timeoutError) Hint() string {
	return mailbox.Hint(e.err) + "; --timeout gives more time"
}
func (e *timeoutError) Is(target error) bool { return target == mailbox.ErrSignInNeeded }

// signedOut is the answer of sign-out.
type signedOut struct {
	Name        string `json:"name"`
	WasSignedIn bool   `json:"was_signed_in"`
}

func (s system) connectionSignOut(c *cli.Context) error {
	dir, entry, err := s.entry(c)
	if err != nil {
		return err
	}
	was, err := dir.book.SignOut(c.Context, entry.Profile.Name, c.String("user"))
	if err != nil {
		return err
	}
	return s.printer(c).object(signedOut{Name: entry.Profile.Name, WasSignedIn: was}, func(w io.Writer) {
		if !was {
			fmt.Fprintf(w, "nobody was signed in to %s\n", entry.Profile.Name)
			return
		}
		fmt.Fprintf(w, "signed out of %s: its tokens are forgotten here\n", entry.Profile.Name)
	})
}

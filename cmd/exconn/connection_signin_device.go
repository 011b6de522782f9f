package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/connection"
)

// signInByDevice shows a code, which is talk and no data, and waits until
// somebody has signed in with it.
func (s system) signInByDevice(c *cli.Context, dir *openDir, entry connection.Entry) error {
	for _, flag := range []string{"paste", "no-browser", "listen-port", "login-hint"} {
		if c.IsSet(flag) {
			return usagef("leave it out: the code is typed in a browser, anywhere", "--%s has no place with the way in device-code", flag)
		}
	}
	signIn, err := dir.book.BeginDeviceSignIn(c.Context, entry.Profile.Name, connection.SignInOptions{User: c.String("user")})
	if err != nil {
		return err
	}
	s.say("In a browser on any machine, open\n  %s\nand type the code\n  %s", signIn.VerificationURI(), signIn.UserCode())
	if c.Bool("json") {
		page := signInAddress{VerificationURI: signIn.VerificationURI(), UserCode: signIn.UserCode(), Expires: signIn.Expires().UTC()}
		if err := s.printer(c).object(page, nil); err != nil {
			return err
		}
	}
	s.say("Waiting until somebody has signed in, until %s at the latest …", signIn.Expires().Local().Format("15:04"))
	ctx, cancel := context.WithTimeout(c.Context, c.Duration("timeout"))
	defer cancel()
	status, err := signIn.Wait(ctx)
	if err != nil && errors.Is(err, context.DeadlineExceeded) && time.Now().Before(signIn.Expires()) {
		return &timeoutError{after: c.Duration("timeout"), err: err}
	}
	if err != nil {
		return err
	}
	return s.printer(c).object(status, func(w io.Writer) {
		fmt.Fprintf(w, "signed in to %s as %s\n", entry.Profile.Name, plain(status.Username))
	})
}

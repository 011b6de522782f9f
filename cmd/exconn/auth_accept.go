package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/connection"
	"github.com/exconn/exconn/custompages"
	"github.com/exconn/exconn/mailbox"
)

const (
	// lookTime is how often invitations are looked at that another process may
	// have made or withdrawn.
	lookTime = 15 * time.Second
	// lastPageTime is how long a browser has to load the last page's files.
	lastPageTime = 2 * time.Second
	// endTime is how long answers in progress may take at the end. A
	// redemption takes a minute at most.
	endTime = 70 * time.Second
)

// authAccept answers the links of invitations.
func (s system) authAccept(c *cli.Context) error {
	if err := need(c, "listen", "base-url"); err != nil {
		return err
	}
	base, err := connection.ParseInvitationURL(c.String("base-url"))
	if err != nil {
		return err
	}
	dir, err := s.dataDir(c, false)
	if err != nil {
		return err
	}
	name := strings.TrimSpace(c.String("name"))
	list, err := dir.book.Invitations(c.Context, name)
	if err != nil {
		return err
	}
	open := openInvitations(list)
	if len(open) == 0 {
		return usagef("make some: exconn auth invite --user ADDRESS --base-url "+base, "there are no open invitations to answer")
	}
	outcomes := make(chan connection.InvitationOutcome)
	over := make(chan struct{})
	handler, err := dir.book.NewInvitationHandler(connection.InvitationOptions{
		BaseURL: base, RedirectURI: c.String("redirect-uri"), Auth: name, Pages: custompages.OAuth(),
		Outcome: func(o connection.InvitationOutcome) {
			select {
			case outcomes <- o:
			case <-over:
			}
		},
	})
	if err != nil {
		return err
	}
	web, socket, err := listenForInvitations(c, base, handler)
	if err != nil {
		return err
	}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(socket) }()
	s.say("Answering %s at %s, listening on %s, until none is open any more or this is interrupted (Ctrl-C).", invitationCount(len(open)), base, socket.Addr())
	err = s.followInvitations(c, dir.book, name, open, outcomes, failed)
	close(over)
	// Those whose answer has come are finished; the others find nobody.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Context), endTime)
	defer cancel()
	return errors.Join(err, web.Shutdown(ctx), handler.Close())
}

func invitationCount(n int) string {
	if n == 1 {
		return "1 invitation"
	}
	return fmt.Sprintf("%d invitations", n)
}

// userKey tells invitations apart.
type userKey struct{ auth, user string }

// openInvitations returns those that can still be used.
func openInvitations(list []connection.Invitation) map[userKey]bool {
	open := map[userKey]bool{}
	for _, i := range list {
		if i.State == connection.InvitationOpen {
			open[userKey{i.Auth, i.User}] = true
		}
	}
	return open
}

// listenForInvitations makes the web server: with a certificate, or for this
// machine alone, where another web server stands in front.
func listenForInvitations(c *cli.Context, base string, handler http.Handler) (*http.Server, net.Listener, error) {
	address := c.String("listen")
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, nil, usagef("write it as localhost:8480 or :8443", "--listen %q is no address", address)
	}
	var config *tls.Config
	switch {
	case c.IsSet("tls-cert") != c.IsSet("tls-key"):
		return nil, nil, usagef("give both or none", "--tls-cert and --tls-key belong together")
	case c.IsSet("tls-cert") && strings.HasPrefix(base, "http:"):
		return nil, nil, usagef("write it as https://…, or leave the certificate out", "--base-url %s is not https, and there is a certificate", base)
	case c.IsSet("tls-cert"):
		pair, err := tls.LoadX509KeyPair(c.String("tls-cert"), c.String("tls-key"))
		if err != nil {
			return nil, nil, usagef("give the certificate with its chain, and its unencrypted key, in PEM", "--tls-cert, --tls-key: %v", err)
		}
		config = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	case !loopbackHost(host):
		return nil, nil, usagef("listen on localhost, behind a web server that has the certificate, or give --tls-cert and --tls-key",
			"--listen %s can be reached from other machines, and without a certificate what people send can be read on the way", address)
	}
	socket, err := net.Listen("tcp", address)
	if err != nil {
		return nil, nil, usagef("give another --listen", "--listen %s: %v", address, cause1(err))
	}
	if config != nil {
		socket = tls.NewListener(socket, config)
	}
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      endTime,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    64 << 10,
		// What clients do wrong here is nobody's concern, and the server would
		// print addresses with codes in them.
		ErrorLog: log.New(io.Discard, "", 0),
	}, socket, nil
}

// cause1 is what an error of package net says without repeating the address.
func cause1(err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		return op.Err
	}
	return err
}

func loopbackHost(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// followInvitations says each outcome, and returns when no invitation is open
// any more, or when the command is told to end, which is no failure.
func (s system) followInvitations(c *cli.Context, book *connection.Book, auth string, open map[userKey]bool, outcomes <-chan connection.InvitationOutcome, failed <-chan error) error {
	look := time.NewTicker(lookTime)
	defer look.Stop()
	used, lapsed := 0, []string(nil)
	for len(open) > 0 {
		signedIn := false
		select {
		case o := <-outcomes:
			signedIn = o.Outcome == connection.OutcomeSignedIn
			if err := s.sayOutcome(c, o); err != nil {
				return err
			}
		case <-look.C:
		case err := <-failed:
			return fmt.Errorf("the web server has failed: %w", err)
		case <-c.Context.Done():
			s.say("Interrupted; still open: %s.", invitationCount(len(open)))
			return nil
		}
		list, err := book.Invitations(c.Context, auth)
		switch {
		case errors.Is(err, mailbox.ErrBusy), err != nil && c.Context.Err() != nil:
			continue // the next look may tell, or this is the end
		case err != nil:
			return err
		}
		for _, i := range list {
			switch {
			case !open[userKey{i.Auth, i.User}]:
			case i.State == connection.InvitationUsed:
				used++
			case i.State == connection.InvitationLapsed:
				s.say("%s: the invitation has expired unused", i.User)
				lapsed = append(lapsed, i.User)
			}
		}
		if open = openInvitations(list); len(open) == 0 && signedIn {
			select { // the browser still loads what its page needs
			case <-time.After(lastPageTime):
			case <-c.Context.Done():
			}
		}
	}
	switch {
	case len(lapsed) == 0:
		s.say("No invitation is open any more.")
		return nil
	case used > 0:
		return &partlyError{err: &lapsedError{users: lapsed}}
	}
	return &lapsedError{users: lapsed}
}

// lapsedError is invitations that nobody has used in time.
type lapsedError struct{ users []string }

func (e *lapsedError) Error() string {
	return "not used in time were the invitations of " + strings.Join(e.users, ", ")
}
func (e *lapsedError) Hint() string         { return "invite again: exconn auth invite --user ADDRESS …" }
func (e *lapsedError) Is(target error) bool { return target == mailbox.ErrSignInNeeded }

// sayOutcome says how a sign-in went: on stderr, or as a line of JSON.
func (s system) sayOutcome(c *cli.Context, o connection.InvitationOutcome) error {
	if s.printer(c).json {
		return json.NewEncoder(s.out).Encode(o)
	}
	switch {
	case o.Err == nil && strings.EqualFold(o.User, o.SignedInAs):
		s.say("%s: signed in", o.User)
	case o.Err == nil:
		s.say("%s: signed in as %s", o.User, plain(o.SignedInAs))
	default:
		s.say("%s: not signed in: %s", o.User, plain(o.Reason))
	}
	return nil
}

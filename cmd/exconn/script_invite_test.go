package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/exconn/exconn/simulator/entra"
)

// freePort puts a port that nobody listens on into a variable.
func (r *scriptRun) freePort(ts *testscript.TestScript, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: freeport VARIABLE")
	}
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	port := socket.Addr().(*net.TCPAddr).Port
	ts.Check(socket.Close())
	ts.Setenv(args[0], strconv.Itoa(port))
}

// invited is a person with the link of an invitation, at a browser of his own.
// Each pattern is held against the last page.
func (r *scriptRun) invited(ts *testscript.TestScript, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: invited LINK look|cancel|ACCOUNT PATTERN...")
	}
	jar, err := cookiejar.New(nil)
	ts.Check(err)
	ctx, cancel := contextOfScript()
	defer cancel()
	p := &invitedPerson{run: r, ts: ts, client: r.needWorld(ts).HTTPClient()}
	defer p.client.CloseIdleConnections()
	p.client.Jar = jar
	p.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	seen, err := p.follow(ctx, args[0], args[1])
	ts.Check(err)
	r.keep("the pages of an invitation", seen)
	ts.Logf("[invited] %s", seen)
	for _, arg := range args[2:] {
		if !compile(ts, arg).MatchString(seen) {
			ts.Fatalf("the person has not seen %s", arg)
		}
	}
}

type invitedPerson struct {
	run    *scriptRun
	ts     *testscript.TestScript
	client *http.Client
}

// follow returns the text of the page that the person sees last.
func (p *invitedPerson) follow(ctx context.Context, link, as string) (string, error) {
	_, seen, err := p.open(ctx, http.MethodGet, link)
	if err != nil || as == "look" {
		return seen, err
	}
	at, seen, err := p.open(ctx, http.MethodPost, link)
	if err != nil || at == "" {
		return seen, err
	}
	account, consent := as, true
	if as == "cancel" {
		account, consent = p.ts.Getenv("SIGNIN_USER"), false
	}
	password, err := os.ReadFile(p.run.secrets + string(os.PathSeparator) + account)
	if err != nil {
		return "", err
	}
	browser := p.run.sim.HTTPClient()
	defer browser.CloseIdleConnections()
	back, err := entra.SignIn(ctx, browser, at, account, entra.Secret(strings.TrimSuffix(string(password), "\n")), consent)
	if err != nil {
		return "", err
	}
	if err := keepCode(p.run.secrets, back); err != nil {
		return "", err
	}
	_, seen, err = p.open(ctx, http.MethodGet, back.String())
	return seen, err
}

// open returns where the answer redirects to, and what a person sees of it. It
// waits for a program that has only just been started.
func (p *invitedPerson) open(ctx context.Context, method, address string) (location, seen string, err error) {
	for {
		r, err := http.NewRequestWithContext(ctx, method, address, http.NoBody)
		if err != nil {
			return "", "", err
		}
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		resp, err := p.client.Do(r)
		if err != nil {
			if ctx.Err() != nil {
				return "", "", errors.Join(errors.New("nobody answers the link"), err)
			}
			time.Sleep(20 * time.Millisecond)
			continue
		}
		text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		_ = resp.Body.Close()
		seen = strings.Join(strings.Fields(html.UnescapeString(tag.ReplaceAllString(string(text), " "))), " ")
		return resp.Header.Get("Location"), fmt.Sprintf("HTTP %d %s", resp.StatusCode, seen), err
	}
}

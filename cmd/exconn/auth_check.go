package main

import (
	"context"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/connection"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

// tokenReport is what a token says of itself, for one connection. It holds no
// part of the token.
type tokenReport struct {
	Auth       string              `json:"auth"`
	Connection string              `json:"connection"`
	Account    string              `json:"account,omitempty"`
	OK         bool                `json:"ok"`
	Protocol   connection.Protocol `json:"protocol"`
	// Claims are absent where the token cannot be looked into.
	oauth.Claims
	Needs   string      `json:"needs,omitempty"`
	Missing []oauth.Gap `json:"missing,omitempty"`
	Doubts  []oauth.Gap `json:"doubts,omitempty"`
	// Detail says it on one line; Code and Hint are those of the error where
	// OK is false.
	Detail string `json:"detail"`
	Code   string `json:"code,omitempty"`
	Hint   string `json:"hint,omitempty"`
}

// authTest prints what it found for each connection, those that failed too; how
// the command ends follows from the first of these.
func (s system) authTest(c *cli.Context) error {
	dir, entry, err := s.authEntry(c)
	if err != nil {
		return err
	}
	if len(entry.UsedBy) == 0 {
		return usagef("make one that uses it: exconn connection new --auth-name "+entry.Auth.Name+" …",
			"no connection uses %s, and without one it is not known what a token would be for", entry.Auth.Name)
	}
	user, err := accountOf(entry, c.String("account"))
	if err != nil {
		return err
	}
	var list []tokenReport
	var failed error
	for _, name := range entry.UsedBy {
		r, err := dir.testToken(c.Context, entry.Auth, name, user)
		if err != nil && failed == nil {
			failed = err
		}
		list = append(list, r)
	}
	err = rows(s.printer(c), list, []string{"connection", "protocol", "ok", "detail"}, func(r tokenReport) []any {
		verdict := "yes"
		if !r.OK {
			verdict = "NO"
		}
		return []any{r.Connection, string(r.Protocol), verdict, plain(r.Detail)}
	})
	if failed != nil {
		return failed
	}
	return err
}

// testToken gets a token for a connection and looks into it.
func (d *openDir) testToken(ctx context.Context, auth connection.Auth, name, user string) (tokenReport, error) {
	r := tokenReport{Auth: auth.Name, Connection: name, Account: user}
	fail := func(err error) (tokenReport, error) {
		r.Detail, r.Code, r.Hint = err.Error(), mailbox.Code(err), mailbox.Hint(err)
		return r, err
	}
	conn, err := d.book.Open(ctx, name, connection.OpenOptions{})
	if err != nil {
		return fail(err)
	}
	defer conn.Close() //nolint:errcheck // nothing is left to write
	r.Protocol = conn.Profile().Protocol
	token, err := conn.Token(ctx, user)
	if err != nil {
		return fail(err)
	}
	rights, err := conn.Profile().Rights(auth, token)
	if err != nil {
		// A token that is no JWT may be good all the same.
		r.OK, r.Detail = true, "there is a token, which cannot be looked into: "+err.Error()
		r.Expires = token.Expires
		return r, nil
	}
	r.Claims, r.Needs, r.Missing, r.Doubts, r.Detail = rights.Claims, rights.Needs, rights.Missing, rights.Doubts, rights.String()
	if err := rights.Err(); err != nil {
		detail := r.Detail
		_, err = fail(err)
		r.Detail += "; it is " + detail
		return r, err
	}
	r.OK = true
	return r, nil
}

// accountOf returns the user whose account is meant: the one named, or the only
// account there is, which may be the object's own.
func accountOf(e connection.AuthEntry, wanted string) (string, error) {
	wanted = strings.ToLower(strings.TrimSpace(wanted))
	var users []string
	own := false
	for _, a := range e.Accounts {
		switch {
		case a.User != "":
			users = append(users, a.User)
			if a.User == wanted {
				return a.User, nil
			}
		case a.Status.Username != "" || e.Auth.Method.AppOnly():
			own = true
			if wanted != "" && strings.EqualFold(a.Status.Username, wanted) {
				return "", nil
			}
		}
	}
	all := strings.Join(users, ", ")
	switch {
	case wanted != "" && len(users) == 0:
		return "", usagef("leave --account out: it has no accounts of users", "%s has no account %q", e.Auth.Name, wanted)
	case wanted != "":
		return "", usagef("one of: "+all, "%s has no account %q", e.Auth.Name, wanted)
	case own || len(users) == 0:
		return "", nil
	case len(users) == 1:
		return users[0], nil
	}
	return "", usagef("one of: "+all, "%s has several accounts; name one with --account", e.Auth.Name)
}

package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/connection"
)

// authDetails are authData with its accounts.
type authDetails struct {
	authData
	Accounts []accountData `json:"accounts"`
}

// accountData is an account as --json writes it. Its state is that of the
// account or, where nobody has signed in yet, of the invitation.
type accountData struct {
	User string `json:"user,omitempty"`
	connection.Status
	State      connection.State       `json:"state"`
	Invitation *connection.Invitation `json:"invitation,omitempty"`
}

func (s system) authShow(c *cli.Context) error {
	dir, entry, err := s.authEntry(c)
	if err != nil {
		return err
	}
	invitations, err := dir.book.Invitations(c.Context, entry.Auth.Name)
	if err != nil {
		return err
	}
	d := authDetails{authData: authDataOf(entry, invitations)}
	wanted := strings.TrimSpace(c.String("account"))
	for _, st := range d.standings {
		if wanted == "" || strings.EqualFold(st.User, wanted) || st.User == "" && strings.EqualFold(st.Status.Username, wanted) {
			d.Accounts = append(d.Accounts, accountData{User: st.User, Status: st.Status, State: st.State, Invitation: st.Invitation})
		}
	}
	if wanted != "" && len(d.Accounts) == 0 {
		return usagef("see them all: exconn auth show --name "+entry.Auth.Name, "%s has no account %q", entry.Auth.Name, wanted)
	}
	p := s.printer(c)
	if p.json {
		return p.object(d, nil)
	}
	printAuth(s.out, d.authData)
	fmt.Fprintln(s.out)
	err = rows(p, d.Accounts, []string{"account", "state", "since", "signed in as", "last renewal", "lapses", "why"}, accountRow)
	s.warnOf(d.authData)
	return err
}

func printAuth(w io.Writer, d authData) {
	fields(w, "Name", d.Name, "Way in", string(d.Method), "Client ID", d.ClientID, "Account type", d.AccountType,
		"Authority URL", d.Authority, "Secret ends", moment(&d.SecretExpires), "Certificate ends", moment(&d.CertificateExpires),
		"Used by", strings.Join(d.UsedBy, ", "))
}

func accountRow(a accountData) []any {
	since, lapses, why := a.Since, time.Time{}, a.Reason
	if a.Expires != nil {
		lapses = a.Expires.At
	}
	if i := a.Invitation; i != nil && a.State == connection.Invited {
		since, lapses = i.Created, i.Expires
	} else if i != nil && a.State == connection.Lapsed {
		since, why = i.Expires, "the invitation was not used in time"
	}
	return []any{accountName(a.User), stateWords(a.State), moment(&since), plain(a.Username), moment(&a.Renewed), moment(&lapses), short(why, 100)}
}

package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/connection"
	"github.com/exconn/exconn/store/datadir"
)

// authData is an authentication object as --json writes it.
type authData struct {
	connection.Auth
	// Authority takes the place of Auth's, which is empty where it is computed.
	Authority string   `json:"authority_url,omitempty"`
	UsedBy    []string `json:"used_by,omitempty"`
	// States counts the accounts by their states.
	States map[connection.State]int `json:"states"`
	// Attention are the accounts for which somebody has to act, now or soon.
	Attention []attention `json:"attention,omitempty"`

	standings []connection.Standing
}

// attention is an account for which somebody has to act. User is empty for the
// object's own.
type attention struct {
	User    string             `json:"user,omitempty"`
	State   connection.State   `json:"state"`
	Expires *connection.Expiry `json:"expires,omitempty"`
	Reason  string             `json:"reason,omitempty"`
	Hint    string             `json:"hint,omitempty"`
}

func authDataOf(e connection.AuthEntry, invitations []connection.Invitation) authData {
	d := authData{Auth: e.Auth, Authority: e.Auth.Authority(), UsedBy: e.UsedBy, States: map[connection.State]int{}, standings: e.Standings(invitations)}
	for _, st := range d.standings {
		d.States[st.State]++
		switch st.State {
		case connection.Ready, connection.SignedIn, connection.Invited:
			continue
		}
		d.Attention = append(d.Attention, attention{User: st.User, State: st.State, Expires: st.Status.Expires, Reason: st.Status.Reason, Hint: st.Status.Hint})
	}
	return d
}

// accountName is what a person calls an account.
func accountName(user string) string {
	if user == "" {
		return "its own"
	}
	return user
}

// stateOrder is the order in which states are told, the gravest last.
var stateOrder = []connection.State{connection.Ready, connection.SignedIn, connection.Invited, connection.Lapsed}

// summary says how the accounts stand, such as "3 signed_in, 1 invited".
func (d authData) summary() string {
	if len(d.standings) == 1 && d.standings[0].User == "" {
		return d.standings[0].String()
	}
	order := append([]connection.State(nil), stateOrder...)
	for _, st := range d.standings {
		known := false
		for _, s := range order {
			known = known || s == st.State
		}
		if !known {
			order = append(order, st.State)
		}
	}
	var parts []string
	for _, state := range order {
		if n := d.States[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, stateWords(state)))
		}
	}
	return strings.Join(parts, ", ")
}

func (s system) authList(c *cli.Context) error {
	dir, err := s.dataDir(c, false)
	if errors.Is(err, datadir.ErrNone) {
		s.say("There are no authentication objects yet. One comes with a connection: exconn connection new --name NAME …")
		return nil
	}
	if err != nil {
		return err
	}
	// What cannot be read does not hide the rest.
	entries, unreadable := dir.book.Auths(c.Context)
	invitations, err := dir.book.Invitations(c.Context, "")
	if err != nil {
		return errors.Join(unreadable, err)
	}
	var list []authData
	for _, e := range entries {
		list = append(list, authDataOf(e, invitations))
	}
	err = rows(s.printer(c), list, []string{"name", "way in", "client id", "used by", "accounts"}, func(d authData) []any {
		return []any{d.Name, string(d.Method), d.ClientID, strings.Join(d.UsedBy, ", "), plain(d.summary())}
	})
	for _, d := range list {
		s.warnOf(d)
	}
	return errors.Join(err, unreadable)
}

// warnOf names the accounts that somebody has to see to, and what to do.
func (s system) warnOf(d authData) {
	const few = 8
	var users []string
	for _, a := range d.Attention {
		switch {
		case a.User != "" && a.State == connection.Expiring && a.Expires != nil:
			users = append(users, a.User+" (until "+moment(&a.Expires.At)+")")
		case a.User != "":
			users = append(users, a.User+" ("+stateWords(a.State)+")")
		case a.State == connection.NeedsSignIn && a.Reason != "":
			// Its state says it all.
		default:
			s.say("note: %s: %s; %s", d.Name, plain(a.Reason), a.Hint)
		}
	}
	if len(users) == 0 {
		return
	}
	more := ""
	if len(users) > few {
		users, more = users[:few], fmt.Sprintf(" and %d more", len(users)-few)
	}
	hint := "see why with: exconn auth show --name " + d.Name
	if d.Method.ByBrowser() {
		hint += "; have them sign in with: exconn auth invite --name " + d.Name + " --user ADDRESS …"
	}
	s.say("note: %s: %s%s; %s", d.Name, plain(strings.Join(users, ", ")), more, hint)
}

// stateWords is a state as people read it.
func stateWords(s connection.State) string { return strings.ReplaceAll(string(s), "_", " ") }

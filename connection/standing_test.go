package connection

import (
	"fmt"
	"strings"
	"testing"

	"github.com/exconn/exconn/oauth"
)

func TestStandings(t *testing.T) {
	nobody := AccountEntry{Status: Status{State: NeedsSignIn, Reason: "nobody has signed in"}}
	signedIn := func(user string, state State) AccountEntry {
		return AccountEntry{User: user, Status: Status{State: state, Username: user, Reason: "why"}}
	}
	invited := func(user string, state InvitationState) Invitation {
		return Invitation{Auth: "CRM", User: user, State: state}
	}
	entry := AuthEntry{Auth: Auth{Name: "crm", Method: oauth.PKCE}}
	for name, c := range map[string]struct {
		accounts    []AccountEntry
		invitations []Invitation
		want        string
	}{
		"nobody yet":                      {[]AccountEntry{nobody}, nil, "=needs_sign_in"},
		"its own":                         {[]AccountEntry{signedIn("", SignedIn)}, nil, "=signed_in"},
		"invited only":                    {[]AccountEntry{nobody}, []Invitation{invited("b@x.example", InvitationOpen), invited("a@x.example", InvitationOpen)}, "a@x.example=invited b@x.example=invited"},
		"lapsed":                          {[]AccountEntry{nobody}, []Invitation{invited("a@x.example", InvitationLapsed)}, "a@x.example=lapsed"},
		"withdrawn or used":               {[]AccountEntry{nobody}, []Invitation{invited("a@x.example", InvitationWithdrawn), invited("b@x.example", InvitationUsed)}, "=needs_sign_in"},
		"signed in":                       {[]AccountEntry{nobody, signedIn("a@x.example", SignedIn)}, []Invitation{invited("a@x.example", InvitationUsed)}, "a@x.example=signed_in"},
		"invited again although it works": {[]AccountEntry{nobody, signedIn("a@x.example", SignedIn)}, []Invitation{invited("a@x.example", InvitationOpen)}, "a@x.example=signed_in"},
		"invited again":                   {[]AccountEntry{nobody, signedIn("a@x.example", NeedsSignIn)}, []Invitation{invited("a@x.example", InvitationOpen)}, "a@x.example=invited"},
		"has to, and let it lapse":        {[]AccountEntry{nobody, signedIn("a@x.example", NeedsSignIn)}, []Invitation{invited("a@x.example", InvitationLapsed)}, "a@x.example=needs_sign_in"},
		"both":                            {[]AccountEntry{{Status: Status{State: SignedIn, Username: "svc@x.example"}}, signedIn("a@x.example", SignedIn)}, nil, "=signed_in a@x.example=signed_in"},
		"another object's":                {[]AccountEntry{nobody}, []Invitation{{Auth: "other", User: "a@x.example", State: InvitationOpen}}, "=needs_sign_in"},
	} {
		t.Run(name, func(t *testing.T) {
			entry.Accounts = c.accounts
			var got []string
			for _, s := range entry.Standings(c.invitations) {
				got = append(got, fmt.Sprintf("%s=%s", s.User, s.State))
				if s.String() == "" {
					t.Errorf("%s has no words", s.State)
				}
			}
			if all := strings.Join(got, " "); all != c.want {
				t.Errorf("got %s, want %s", all, c.want)
			}
		})
	}
}

package connection

import (
	"strings"
	"testing"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/simulator"
	"github.com/exconn/exconn/simulator/entra"
)

const fionaUPN = "fiona@fabrikam.example"

// fabrikam starts the simulator, and drafts a connection to its Exchange Online.
func fabrikam(t *testing.T) (*simulator.Simulator, Draft) {
	t.Helper()
	sim, ca := simulate(t, simulator.Options{})
	return sim, Draft{
		Profile: Profile{Name: "fabrikam", ExchangeType: Online, EWSURL: sim.EWSURL(simulator.Online),
			CAFile: ca, AllowMailboxes: []string{"fabrikam.example"}},
		Auth: &Auth{AuthorityURL: sim.AuthorityURL(simulator.Online)},
	}
}

// A token that the server has revoked is replaced within the very request by
// one with the claims that the server wants.
func TestRevokedTokenOfAnApplication(t *testing.T) {
	sim, d := fabrikam(t)
	app := sim.Applications().AppOnly
	d.Auth.ClientID, d.Auth.Method = app.ClientID, oauth.ClientSecret
	d.Secrets.ClientSecret = oauth.Secret(app.Secret)
	f := newFixture(t)
	f.create(t, d)
	c := f.open(t, "fabrikam")
	for range 3 {
		if err := list(t, c, fionaUPN); err != nil {
			t.Fatal(err)
		}
		if err := sim.RevokeTokens(app.ClientID); err != nil {
			t.Fatal(err)
		}
	}
	if err := list(t, c, fionaUPN); err != nil {
		t.Error(err)
	}
}

// A person's refresh token is revoked with the access token: they must sign in
// again, with the claims that the server wants.
func TestRevokedTokenOfAPerson(t *testing.T) {
	sim, d := fabrikam(t)
	d.Auth.ClientID, d.Auth.Method = sim.Applications().Online.ClientID, oauth.PKCE
	f := newFixture(t)
	f.create(t, d)
	browser := sim.HTTPClient()
	t.Cleanup(browser.CloseIdleConnections)
	signIn := func(wantClaims bool) {
		t.Helper()
		s, err := f.BeginSignIn(t.Context(), "fabrikam", SignInOptions{SignInOptions: oauth.SignInOptions{PasteOnly: true}})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if got := strings.Contains(s.URL(), "nbf"); got != wantClaims {
			t.Errorf("the sign-in asks for the claims of a challenge: %v, want %v", got, wantClaims)
		}
		back, err := entra.SignIn(t.Context(), browser, s.URL(), fionaUPN, entra.Secret(sim.Password(fionaUPN)), true)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Paste(t.Context(), back.String()); err != nil {
			t.Fatal(err)
		}
	}
	signIn(false)
	c := f.open(t, "fabrikam")
	if err := list(t, c, fionaUPN); err != nil {
		t.Fatal(err)
	}
	if err := sim.RevokeTokens(fionaUPN); err != nil {
		t.Fatal(err)
	}
	err := list(t, c, fionaUPN)
	wantErr(t, err, mailbox.ErrSignInNeeded, "AADSTS50173", "exconn connection sign-in")
	signIn(true)
	if err := list(t, c, fionaUPN); err != nil {
		t.Error(err)
	}
}

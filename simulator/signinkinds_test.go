package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/exconn/exconn/simulator/entra"
)

// Another program sets up and clears away what stands in the way of a sign-in.
func TestEffectsOnSignIns(t *testing.T) {
	s := start(t, nil)
	apps := s.Applications()
	do := func(effect string) {
		t.Helper()
		if status, answer := control(t, s, "POST", "/effects", effect); status != 200 {
			t.Fatalf("%s: HTTP %d, %v", effect, status, answer)
		}
	}
	// atThePages tells with which code the pages refuse erik; "" where they do not.
	atThePages := func() string {
		t.Helper()
		client := s.HTTPClient()
		defer client.CloseIdleConnections()
		query := url.Values{"client_id": {apps.Online.ClientID}, "response_type": {"code"}, "redirect_uri": {"http://localhost:4711/"}, "scope": {onlineScope}}
		back, err := entra.SignInAs(context.Background(), client, s.AuthorityURL(Online)+"/oauth2/v2.0/authorize?"+query.Encode(),
			entra.Person{Account: "erik@fabrikam.example", Password: s.Password("erik@fabrikam.example"), DeclinesFactor: true})
		var pe *entra.PageError
		switch {
		case errors.As(err, &pe):
			return pe.Code()
		case err != nil:
			t.Fatal(err)
		}
		code, _, _ := strings.Cut(back.Query().Get("error_description"), ":")
		return code
	}
	asItself := func() string {
		t.Helper()
		client := s.HTTPClient()
		defer client.CloseIdleConnections()
		answer, err := client.PostForm(s.AuthorityURL(Online)+"/oauth2/v2.0/token", url.Values{
			"grant_type": {"client_credentials"}, "client_id": {apps.AppOnly.ClientID}, "client_secret": {string(apps.AppOnly.Secret)}, "scope": {onlineResource + "/.default"},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		var got struct {
			Error string `json:"error_description"`
		}
		if err := json.NewDecoder(answer.Body).Decode(&got); err != nil {
			t.Fatal(err)
		}
		code, _, _ := strings.Cut(got.Error, ":")
		return code
	}
	for _, step := range []struct {
		effect string
		ask    func() string
		want   string
	}{
		{`{"kind": "user-consent", "tenant": "online", "allowed": false}`, atThePages, "AADSTS90094"},
		{`{"kind": "application-state", "application": "` + apps.Online.ClientID + `", "state": "consent-granted"}`, atThePages, ""},
		{`{"kind": "application-state", "application": "` + apps.Online.ClientID + `", "state": "consent-withdrawn"}`, atThePages, "AADSTS90094"},
		{`{"kind": "user-consent", "tenant": "online", "allowed": true}`, atThePages, ""},
		{`{"kind": "account-state", "account": "erik@fabrikam.example", "state": "locked"}`, atThePages, "AADSTS50053"},
		{`{"kind": "account-state", "account": "erik@fabrikam.example", "state": "unlocked"}`, atThePages, ""},
		{`{"kind": "account-state", "account": "erik@fabrikam.example", "state": "disabled"}`, atThePages, "AADSTS50057"},
		{`{"kind": "account-state", "account": "erik@fabrikam.example", "state": "enabled"}`, atThePages, ""},
		{`{"kind": "conditional-access", "account": "*", "control": "block"}`, atThePages, "AADSTS53003"},
		{`{"kind": "conditional-access", "account": "erik@fabrikam.example", "control": "none"}`, atThePages, "AADSTS53003"},
		{`{"kind": "conditional-access", "account": "*", "control": "none"}`, atThePages, ""},
		{`{"kind": "conditional-access", "account": "erik@fabrikam.example", "control": "require-mfa"}`, atThePages, "AADSTS500121"},
		{`{"kind": "account-state", "account": "erik@fabrikam.example", "state": "no-second-factor"}`, atThePages, "AADSTS50079"},
		{`{"kind": "conditional-access", "account": "erik@fabrikam.example", "control": "none"}`, atThePages, ""},
		{`{"kind": "conditional-access", "account": "erik@fabrikam.example", "control": "sign-in-frequency", "max_age": "1h"}`, atThePages, ""},
		{`{"kind": "application-state", "application": "` + apps.Online.ClientID + `", "state": "disabled"}`, atThePages, "AADSTS7000112"},
		{`{"kind": "application-state", "application": "` + apps.AppOnly.ClientID + `", "state": "secrets-expired"}`, asItself, "AADSTS7000222"},
		{`{"kind": "account-state", "account": "erik@fabrikam.example", "state": "password-expired"}`, asItself, "AADSTS7000222"},
	} {
		do(step.effect)
		if got := step.ask(); got != step.want {
			t.Errorf("%s: %q, want %q", step.effect, got, step.want)
		}
	}
	for effect, want := range map[string]string{
		`{"kind": "account-state", "account": "erik@fabrikam.example"}`:                            "state: must be there",
		`{"kind": "account-state", "account": "erik@fabrikam.example", "state": "tired"}`:          `"tired" is none of`,
		`{"kind": "account-state", "account": "nobody@fabrikam.example", "state": "locked"}`:       "no user",
		`{"kind": "conditional-access", "account": "nobody@fabrikam.example", "control": "block"}`: "no user",
		`{"kind": "conditional-access", "account": "*", "control": "sign-in-frequency"}`:           "max_age: goes with",
		`{"kind": "conditional-access", "account": "*", "control": "block", "max_age": "1h"}`:      "max_age: goes with",
		`{"kind": "application-state", "application": "x", "state": "disabled"}`:                   "no application",
		`{"kind": "application-state", "state": "disabled"}`:                                       "application: must be there",
		`{"kind": "user-consent", "allowed": true}`:                                                "tenant: must be there",
	} {
		status, answer := control(t, s, "POST", "/effects", effect)
		if message, _ := answer["error"].(string); status != 400 || !strings.Contains(message, want) {
			t.Errorf("%s: HTTP %d, %v; want %q", effect, status, answer, want)
		}
	}
}

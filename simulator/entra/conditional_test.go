package entra

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"
)

func (f *fixture) setPolicy(p Policy) {
	f.t.Helper()
	if err := f.dir.SetPolicy(p); err != nil {
		f.t.Fatal(err)
	}
}

// annasTokens signs Anna in to the public application.
func (f *fixture) annasTokens() answer {
	f.t.Helper()
	return f.tokens(contosoID, redeem(f.code(request())))
}

func TestPoliciesAtRenewalAndAtThePages(t *testing.T) {
	for _, c := range []struct {
		control Control
		aadsts  int
		sub     string
		page    string // what the pages say; "" where they let in
	}{
		{Block, 53003, "message_only", "AADSTS53003"},
		{RequireManagedDevice, 530003, "additional_action", "AADSTS530003"},
		{RequireRegistration, 50079, "basic_action", "AADSTS50079"},
		{RequireMFA, 50076, "basic_action", ""},
	} {
		t.Run(string(c.control), func(t *testing.T) {
			f := newFixture(t, Options{})
			a := f.annasTokens()
			f.clock.advance(time.Minute)
			f.setPolicy(Policy{Name: "p", Control: c.control, Since: f.clock.Now()})
			refused := f.token(contosoID, refreshForm(a.RefreshToken))
			refused.wantError(t, c.aadsts, "invalid_grant")
			var claims struct {
				AccessToken map[string]struct {
					Essential bool
					Values    []string
				} `json:"access_token"`
			}
			if err := json.Unmarshal([]byte(refused.Claims), &claims); err != nil || len(claims.AccessToken["capolids"].Values) != 1 {
				t.Errorf("claims %q: %v", refused.Claims, err)
			}
			if refused.SubError != c.sub {
				t.Errorf("suberror %q, want %q", refused.SubError, c.sub)
			}

			target, err := SignIn(context.Background(), f.client, f.authorizeURL(contosoID, request()), anna, annaPassword, true)
			var pe *PageError
			switch {
			case c.page == "" && err != nil:
				t.Fatal(err)
			case c.page == "":
				again := f.tokens(contosoID, redeem(target.Query().Get("code")))
				f.tokens(contosoID, refreshForm(again.RefreshToken))
			case !errors.As(err, &pe) || pe.Code() != c.page:
				t.Errorf("the page: %v, want %s", err, c.page)
			}

			if err := f.dir.RemovePolicy("p"); err != nil {
				t.Fatal(err)
			}
			f.tokens(contosoID, refreshForm(a.RefreshToken))
		})
	}
}

func TestPolicyBetweenCodeAndTokens(t *testing.T) {
	f := newFixture(t, Options{})
	code := f.code(request())
	f.setPolicy(Policy{Name: "p", Control: Block})
	f.token(contosoID, redeem(code)).wantError(t, 53003, "invalid_grant")
}

func TestPoliciesAreForSome(t *testing.T) {
	f := newFixture(t, Options{})
	a := f.annasTokens()
	for _, p := range []Policy{
		{Users: []string{boris}}, {Applications: []string{webApp}}, {Users: []string{anna}, Applications: []string{webApp}}, {Users: []string{}},
	} {
		p.Name, p.Control = "p", Block
		f.setPolicy(p)
		f.tokens(contosoID, refreshForm(a.RefreshToken))
	}
	f.setPolicy(Policy{Name: "p", Control: Block, Users: []string{strings.ToUpper(anna)}, Applications: []string{publicApp}})
	f.token(contosoID, refreshForm(a.RefreshToken)).wantError(t, 53003, "invalid_grant")
	// An application as itself is no user.
	f.setPolicy(Policy{Name: "p", Control: Block})
	f.tokens(contosoID, appForm("client_secret", string(webSecret)))
}

func TestSignInFrequency(t *testing.T) {
	f := newFixture(t, Options{})
	a := f.annasTokens()
	f.setPolicy(Policy{Name: "hourly", Control: SignInFrequency, MaxAge: time.Hour})
	f.clock.advance(59 * time.Minute)
	b := f.tokens(contosoID, refreshForm(a.RefreshToken))
	f.clock.advance(time.Minute)
	// Counted from the sign-in, not from the last renewal.
	f.token(contosoID, refreshForm(b.RefreshToken)).wantError(t, 70043, "invalid_grant")
}

func TestPolicyBlocksDeviceCode(t *testing.T) {
	f := deviceFixture(t, Options{})
	before := f.deviceCode(contosoID, deviceApp)
	if err := f.signInDevice(before, anna, annaPassword, true); err != nil {
		t.Fatal(err)
	}
	kept := f.poll(contosoID, deviceApp, before)
	f.setPolicy(Policy{Name: "no device code", Control: BlockDeviceCode})

	a := f.deviceCode(contosoID, deviceApp)
	var pe *PageError
	if err := f.signInDevice(a, anna, annaPassword, true); !errors.As(err, &pe) || pe.Code() != "AADSTS53003" {
		t.Errorf("the page: %v", err)
	}
	f.poll(contosoID, deviceApp, a).wantError(t, 53003, "invalid_grant")
	refresh := url.Values{"grant_type": {"refresh_token"}, "client_id": {deviceApp}, "refresh_token": {kept.RefreshToken}, "scope": {ews}}
	f.token(contosoID, refresh).wantError(t, 53003, "invalid_grant")
	// With a browser it goes.
	f.annasTokens()
}

func TestPoliciesThatCannotBe(t *testing.T) {
	d := NewDirectory()
	if d.SetPolicy(Policy{Control: "whim"}) == nil || d.SetPolicy(Policy{Control: SignInFrequency}) == nil || d.RemovePolicy("none") == nil || d.SetUserConsent("nowhere", true) == nil {
		t.Error("accepted")
	}
}

func TestUsersMayNotConsent(t *testing.T) {
	f := deviceFixture(t, Options{})
	if err := f.dir.SetUserConsent("contoso.example", false); err != nil {
		t.Fatal(err)
	}
	q := f.signIn(contosoID, request(), anna, annaPassword)
	if q.Get("error") != "access_denied" || !strings.HasPrefix(q.Get("error_description"), "AADSTS90094: ") || q.Get("state") != "s-1" {
		t.Errorf("answer %v", q)
	}
	a := f.deviceCode(contosoID, deviceApp)
	var pe *PageError
	if err := f.signInDevice(a, anna, annaPassword, true); !errors.As(err, &pe) || pe.Code() != "AADSTS90094" {
		t.Errorf("by device code: %v", err)
	}
	f.poll(contosoID, deviceApp, a).wantError(t, 90094, "access_denied")
	if err := f.dir.GrantAdminConsent(publicApp, contosoID); err != nil {
		t.Fatal(err)
	}
	f.annasTokens()
}

func TestAdminConsentEndpoint(t *testing.T) {
	f := newFixture(t, Options{})
	const admin = "root@contoso.example"
	if _, err := f.dir.AddUser(User{UPN: admin, Tenant: contosoID, Password: otherPassword, Admin: true}); err != nil {
		t.Fatal(err)
	}
	if err := f.dir.SetUserConsent(contosoID, false); err != nil {
		t.Fatal(err)
	}
	ask := func(path, account string, password Secret, accept bool, pairs ...string) (url.Values, error) {
		v := with(url.Values{"client_id": {publicApp}, "redirect_uri": {"http://localhost:4711/"}, "state": {"s-2"}}, pairs...)
		u, err := SignIn(context.Background(), f.client, f.url(contosoID, path)+"?"+v.Encode(), account, password, accept)
		if err != nil {
			return nil, err
		}
		return u.Query(), nil
	}
	want := func(path, account string, password Secret, accept bool, oauth, code string, pairs ...string) {
		t.Helper()
		q, err := ask(path, account, password, accept, pairs...)
		if err != nil || q.Get("error") != oauth || !strings.HasPrefix(q.Get("error_description"), code+":") || q.Get("state") != "s-2" {
			t.Errorf("%v, %v; want %s %s", q, err, oauth, code)
		}
	}
	const v2 = "/v2.0/adminconsent"
	want(v2, anna, annaPassword, true, "access_denied", "AADSTS90094", "scope", exchange+"/.default")
	want(v2, admin, otherPassword, false, "consent_required", "AADSTS65004", "scope", exchange+"/.default")
	want(v2, admin, otherPassword, true, "invalid_resource", "AADSTS500011", "scope", "https://nowhere.example/.default")
	var pe *PageError
	if _, err := ask(v2, admin, otherPassword, true, "redirect_uri", "https://stranger.example/"); !errors.As(err, &pe) || pe.Code() != "AADSTS50011" {
		t.Errorf("a stranger's redirect: %v", err)
	}
	if _, err := ask(v2, admin, otherPassword, true, "client_id", ""); !errors.As(err, &pe) || pe.Code() != "AADSTS900144" {
		t.Errorf("no client: %v", err)
	}
	if q := f.signIn(contosoID, request(), anna, annaPassword); q.Get("code") != "" {
		t.Error("a consent that was refused counts")
	}
	for _, path := range []string{v2, "/adminconsent"} {
		q, err := ask(path, admin, otherPassword, true)
		if err != nil || q.Get("admin_consent") != "True" || q.Get("tenant") != contosoID || q.Get("state") != "s-2" || q.Get("code") != "" {
			t.Errorf("%s: %v, %v", path, q, err)
		}
		f.annasTokens()
		if err := f.dir.RevokeAdminConsent(publicApp, contosoID); err != nil {
			t.Fatal(err)
		}
	}
}

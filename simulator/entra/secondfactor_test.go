package entra

import (
	"context"
	"errors"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"testing"
	"time"
)

// signInAs goes through the pages as a person who does as described.
func (f *fixture) signInAs(v url.Values, who Person) (url.Values, error) {
	u, err := SignInAs(context.Background(), f.client, f.authorizeURL(contosoID, v), who)
	if err != nil {
		return nil, err
	}
	return u.Query(), nil
}

func (f *fixture) methods(token string) []string {
	var names []string
	list, _ := f.claims(token)["amr"].([]any)
	for _, each := range list {
		name, _ := each.(string)
		names = append(names, name)
	}
	return names
}

func TestSecondFactor(t *testing.T) {
	f := newFixture(t, Options{})
	weak := f.annasTokens()
	if got := f.methods(weak.AccessToken); !slices.Equal(got, []string{"pwd"}) {
		t.Errorf("amr %v", got)
	}
	f.setPolicy(Policy{Name: "p", Control: RequireMFA})
	code := f.code(request()) // SignIn approves
	strong := f.tokens(contosoID, redeem(code))
	if got := f.methods(strong.AccessToken); !slices.Equal(got, []string{"pwd", "mfa"}) {
		t.Errorf("amr %v", got)
	}
	f.tokens(contosoID, refreshForm(strong.RefreshToken))
	// What was issued without one is not renewed, though the policy names no date.
	f.token(contosoID, refreshForm(weak.RefreshToken)).wantError(t, 50076, "invalid_grant")

	_, err := f.signInAs(request(), Person{Account: anna, Password: annaPassword, DeclinesFactor: true})
	var pe *PageError
	if !errors.As(err, &pe) || pe.Code() != "AADSTS500121" {
		t.Errorf("declined: %v", err)
	}
	// The password has to be right first.
	_, err = f.signInAs(request(), Person{Account: anna, Password: "wrong"})
	if !errors.As(err, &pe) || pe.Code() != "AADSTS50126" {
		t.Errorf("a wrong password: %v", err)
	}
}

func TestSecondFactorThatIsNotSetUp(t *testing.T) {
	f := newFixture(t, Options{})
	f.setPolicy(Policy{Name: "p", Control: RequireMFA})
	if err := f.dir.SetSecondFactor(anna, false); err != nil {
		t.Fatal(err)
	}
	_, err := f.signInAs(request(), Person{Account: anna, Password: annaPassword, DeclinesFactor: true})
	var pe *PageError
	if !errors.As(err, &pe) || pe.Code() != "AADSTS50079" {
		t.Errorf("declined: %v", err)
	}
	f.tokens(contosoID, redeem(f.code(request()))) // which sets it up
	if u, _ := f.dir.User(anna); u.NoSecondFactor {
		t.Error("not set up")
	}
	_, err = f.signInAs(request(), Person{Account: anna, Password: annaPassword, DeclinesFactor: true})
	if !errors.As(err, &pe) || pe.Code() != "AADSTS500121" {
		t.Errorf("declined after it was set up: %v", err)
	}
	if f.dir.SetSecondFactor("nobody@contoso.example", true) == nil {
		t.Error("a second factor for nobody")
	}
}

// A session without a second factor does for applications that want none.
func TestSecondFactorAndSessions(t *testing.T) {
	f := newFixture(t, Options{})
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	f.client.Jar = jar
	f.setPolicy(Policy{Name: "p", Control: RequireMFA, Applications: []string{webApp}})
	f.code(request())
	f.clock.advance(time.Minute)
	web := request("client_id", webApp, "redirect_uri", webBack)
	if q, err := f.signInAs(with(web, "prompt", "none"), Person{}); err != nil || q.Get("error") != "interaction_required" || q.Get("error_subcode") != "basic_action" || q.Get("claims") == "" {
		t.Errorf("in silence: %v, %v", q, err)
	}
	// With the pages the password is not asked for again, only the factor.
	if q, err := f.signInAs(web, Person{Account: anna, Password: "not asked for"}); err != nil || q.Get("code") == "" {
		t.Errorf("with the pages: %v, %v", q, err)
	}
	if q, err := f.signInAs(with(web, "prompt", "none"), Person{}); err != nil || q.Get("code") == "" {
		t.Errorf("in silence, after that: %v, %v", q, err)
	}
}

// Neither form can be left out by sending the next one.
func TestSecondFactorCannotBeSkipped(t *testing.T) {
	f := newFixture(t, Options{})
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	f.client.Jar = jar
	f.setPolicy(Policy{Name: "p", Control: RequireMFA})
	page := func(path string, v url.Values) *page {
		t.Helper()
		resp, err := f.client.PostForm(f.url(contosoID, path), v)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if to := resp.Header.Get("Location"); to != "" {
			t.Fatalf("%s goes to %s", path, to)
		}
		pg, err := readPage(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return pg
	}
	resp, err := f.client.Get(f.authorizeURL(contosoID, request()))
	if err != nil {
		t.Fatal(err)
	}
	pg, err := readPage(resp.Body)
	resp.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	form := pg.form("account").values("sign-in")
	early := with(form, "factor", "approve")
	if got := page("/factor", early); got.text["error"] == "" {
		t.Error("a factor before the password")
	}
	form.Set("account", anna)
	form.Set("password", string(annaPassword))
	waiting := page("/login", form)
	if waiting.form("approve-factor") == nil {
		t.Fatal("the factor is not asked for")
	}
	if got := page("/consent", with(waiting.form("approve-factor").values(""), "consent", "accept")); got.text["error"] == "" {
		t.Error("consent without the factor")
	}
}

func TestSecondFactorByDeviceCode(t *testing.T) {
	f := deviceFixture(t, Options{})
	f.setPolicy(Policy{Name: "p", Control: RequireMFA})
	a := f.deviceCode(contosoID, deviceApp)
	who := Person{Account: anna, Password: annaPassword, DeclinesFactor: true}
	err := SignInDeviceAs(context.Background(), f.client, a.VerificationURI, a.UserCode, who)
	var pe *PageError
	if !errors.As(err, &pe) || pe.Code() != "AADSTS500121" {
		t.Errorf("declined: %v", err)
	}
	f.poll(contosoID, deviceApp, a).wantError(t, 70016, "authorization_pending")
	if err := f.signInDevice(a, anna, annaPassword, true); err != nil {
		t.Fatal(err)
	}
	if got := f.methods(f.poll(contosoID, deviceApp, a).AccessToken); !slices.Equal(got, []string{"pwd", "mfa"}) {
		t.Errorf("amr %v", got)
	}
}

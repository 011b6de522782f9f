package entra

import (
	"context"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"
)

// browse returns a client with a cookie jar: one browser.
func (f *fixture) browse() *http.Client {
	f.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		f.t.Fatal(err)
	}
	c := *f.client
	c.Jar = jar
	return &c
}

func post(t *testing.T, c *http.Client, address string, v url.Values) (*page, *http.Response) {
	t.Helper()
	resp, err := c.PostForm(address, v)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	pg, err := readPage(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return pg, resp
}

func get(t *testing.T, c *http.Client, address string) (*page, *http.Response) {
	t.Helper()
	resp, err := c.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	pg, err := readPage(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return pg, resp
}

func TestRefusedSignIns(t *testing.T) {
	f := newFixture(t, Options{})
	for name, tc := range map[string]struct {
		account  string
		password Secret
		code     string
	}{
		"wrong password":           {anna, "wrong", "AADSTS50126"},
		"empty password":           {anna, "", "AADSTS50126"},
		"unknown user":             {"nobody@contoso.example", "x", "AADSTS50034"},
		"no account":               {"", "x", "AADSTS90013"},
		"disabled user":            {disabledUser, otherPassword, "AADSTS50057"},
		"disabled, wrong password": {disabledUser, "x", "AADSTS50126"},
		"user of another tenant":   {carla, otherPassword, "AADSTS50020"},
	} {
		t.Run(name, func(t *testing.T) {
			u, err := SignIn(context.Background(), f.client, f.authorizeURL(contosoID, request()), tc.account, tc.password, true)
			var pe *PageError
			if !errors.As(err, &pe) {
				t.Fatalf("%v, %v", u, err)
			}
			if pe.Code() != tc.code || pe.Status != http.StatusOK || !isUUID(pe.CorrelationID) {
				t.Errorf("got %v, want %s", pe, tc.code)
			}
		})
	}
}

func TestWrongPasswordLetsRetry(t *testing.T) {
	f := newFixture(t, Options{})
	b := f.browse()
	pg, _ := get(t, b, f.authorizeURL(contosoID, request()))
	v := pg.form("account").values("sign-in")
	pg, resp := post(t, b, f.http.URL+pg.form("account").action, with(v, "account", anna, "password", "wrong"))
	if resp.StatusCode != http.StatusOK || !strings.Contains(pg.text["error"], "AADSTS50126") {
		t.Fatalf("HTTP %d: %v", resp.StatusCode, pg.text)
	}
	v = pg.form("account").values("sign-in")
	if v.Get("account") != anna || v.Get("password") != "" {
		t.Errorf("the page comes back with account %q and a password of %d letters", v.Get("account"), len(v.Get("password")))
	}
	pg, _ = post(t, b, f.http.URL+pg.form("account").action, with(v, "password", string(annaPassword)))
	if pg.form("accept") == nil {
		t.Errorf("no consent page after the second try: %v", pg.text)
	}
}

func TestConsent(t *testing.T) {
	f := newFixture(t, Options{})
	b := f.browse()
	pg, _ := get(t, b, f.authorizeURL(contosoID, request()))
	pg, _ = post(t, b, f.http.URL+pg.form("account").action, with(pg.form("account").values("sign-in"), "account", anna, "password", string(annaPassword)))
	for _, want := range []string{"Exchange Web Services", ews, "offline_access", "profile"} {
		if !strings.Contains(pg.text["permissions"], want) {
			t.Errorf("the page does not list %s: %q", want, pg.text["permissions"])
		}
	}
	if strings.Contains(pg.text["permissions"], "SMTP.Send") {
		t.Error("the page lists a permission that was not asked for")
	}

	// Cancel goes back to the application, and nothing is remembered.
	u, err := SignIn(context.Background(), f.client, f.authorizeURL(contosoID, request()), anna, annaPassword, false)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if q.Get("error") != "access_denied" || !strings.HasPrefix(q.Get("error_description"), "AADSTS65004: ") || q.Get("state") != "s-1" || q.Get("code") != "" {
		t.Errorf("cancelled: %v", q)
	}

	// Accept is remembered: with consent=false the page would be cancelled.
	f.code(request())
	again := func(v url.Values, who string, pw Secret) string {
		u, err := SignIn(context.Background(), f.client, f.authorizeURL(contosoID, v), who, pw, false)
		if err != nil {
			t.Fatal(err)
		}
		return u.Query().Get("error")
	}
	if e := again(request(), anna, annaPassword); e != "" {
		t.Errorf("consent was not remembered: %s", e)
	}
	if e := again(request("prompt", "consent"), anna, annaPassword); e != "access_denied" {
		t.Errorf("prompt=consent did not ask: %q", e)
	}
	if e := again(request("scope", allScope+" "+exchange+"/SMTP.Send"), anna, annaPassword); e != "access_denied" {
		t.Errorf("a new permission was not asked for: %q", e)
	}
	if e := again(request(), boris, otherPassword); e != "access_denied" {
		t.Errorf("Anna's consent held for Boris: %q", e)
	}
	if err := f.dir.RevokeConsent(publicApp, anna); err != nil {
		t.Fatal(err)
	}
	if e := again(request(), anna, annaPassword); e != "access_denied" {
		t.Errorf("a revoked consent still held: %q", e)
	}
	if err := f.dir.GrantAdminConsent(publicApp, contosoID); err != nil {
		t.Fatal(err)
	}
	if e := again(request(), boris, otherPassword); e != "" {
		t.Errorf("the admin's consent did not hold: %q", e)
	}
}

func TestSingleSignOn(t *testing.T) {
	f := newFixture(t, Options{})
	b := f.browse()
	try := func(password Secret, pairs ...string) string {
		t.Helper()
		u, err := SignIn(context.Background(), b, f.authorizeURL(contosoID, request(pairs...)), anna, password, true)
		var pe *PageError
		switch {
		case errors.As(err, &pe):
			return pe.Code()
		case err != nil:
			t.Fatal(err)
		case u.Query().Get("code") != "":
			return "code"
		}
		return u.Query().Get("error")
	}
	if got := try("", "prompt", "none"); got != "login_required" {
		t.Errorf("prompt=none in a new browser: %s", got)
	}
	if got := try(annaPassword); got != "code" {
		t.Fatalf("first sign-in: %s", got)
	}
	// From here on, no password is needed unless a page asks.
	for name, tc := range map[string]struct {
		pairs []string
		want  string
	}{
		"again":                  {nil, "code"},
		"none":                   {[]string{"prompt", "none"}, "code"},
		"none, a new permission": {[]string{"prompt", "none", "scope", exchange + "/SMTP.Send"}, "consent_required"},
		"login":                  {[]string{"prompt", "login"}, "AADSTS50126"},
		"select_account":         {[]string{"prompt", "select_account"}, "AADSTS50126"},
		"another login hint":     {[]string{"login_hint", boris}, "AADSTS50126"},
		"the same login hint":    {[]string{"login_hint", strings.ToUpper(anna)}, "code"},
	} {
		if got := try("wrong", tc.pairs...); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}

	for name, end := range map[string]func(){
		"a password reset": func() {
			if err := f.dir.ResetPassword(anna, annaPassword); err != nil {
				t.Fatal(err)
			}
		},
		"a revocation": func() {
			if err := f.dir.RevokeSessions(anna); err != nil {
				t.Fatal(err)
			}
		},
		"a day": func() { f.clock.advance(25 * time.Hour) },
		"a sign-out": func() {
			pg, resp := get(t, b, f.url(contosoID, "/oauth2/v2.0/logout"))
			if resp.StatusCode != http.StatusOK || len(pg.forms) != 0 {
				t.Errorf("sign-out: HTTP %d", resp.StatusCode)
			}
		},
	} {
		if got := try(annaPassword); got != "code" {
			t.Fatalf("before %s: %s", name, got)
		}
		end()
		if got := try("", "prompt", "none"); got != "login_required" {
			t.Errorf("after %s: %s", name, got)
		}
	}
}

func TestSignOutRedirects(t *testing.T) {
	f := newFixture(t, Options{})
	for back, want := range map[string]string{
		webBack:                 webBack,
		"https://evil.example/": "",
	} {
		_, resp := get(t, f.client, f.url(contosoID, "/oauth2/v2.0/logout?"+url.Values{"post_logout_redirect_uri": {back}}.Encode()))
		got := strings.TrimSuffix(resp.Header.Get("Location"), "?")
		if got != want {
			t.Errorf("%s: goes to %q", back, got)
		}
	}
}

func TestFormsBelongToTheirBrowser(t *testing.T) {
	f := newFixture(t, Options{})
	mine := f.browse()
	pg, _ := get(t, mine, f.authorizeURL(contosoID, request()))
	form := pg.form("account")
	good := with(form.values("sign-in"), "account", anna, "password", string(annaPassword))
	address := f.http.URL + form.action
	other := f.browse()
	get(t, other, f.authorizeURL(contosoID, request()))

	for name, tc := range map[string]struct {
		client *http.Client
		v      url.Values
		code   string
	}{
		"without a cookie":    {f.client, good, "AADSTS165000"},
		"another browser":     {other, good, "AADSTS165000"},
		"without csrf":        {mine, with(good, "csrf", ""), "AADSTS165000"},
		"with a wrong csrf":   {mine, with(good, "csrf", "x"), "AADSTS165000"},
		"an unknown flow":     {mine, with(good, "flow", "x"), "AADSTS50089"},
		"no flow":             {mine, with(good, "flow", ""), "AADSTS50089"},
		"consent before name": {mine, good, ""}, // replaced below
	} {
		to := address
		if name == "consent before name" {
			to, tc.v, tc.code = f.url(contosoID, "/consent"), with(good, "consent", "accept"), "AADSTS50058"
		}
		pg, resp := post(t, tc.client, to, tc.v)
		if resp.StatusCode != http.StatusBadRequest || !strings.Contains(pg.text["error"], tc.code) {
			t.Errorf("%s: HTTP %d: %v, want %s", name, resp.StatusCode, pg.text, tc.code)
		}
	}
	_, resp := get(t, mine, address)
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("GET of the form's address: HTTP %d", resp.StatusCode)
	}

	// None of that ended the flow.
	pg, _ = post(t, mine, address, good)
	accept := pg.form("accept")
	if accept == nil {
		t.Fatalf("no consent page: %v", pg.text)
	}
	if _, resp := post(t, mine, f.http.URL+accept.action, with(accept.values(""), "consent", "perhaps")); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("an answer that is neither: HTTP %d", resp.StatusCode)
	}
	if _, resp := post(t, mine, f.http.URL+accept.action, accept.values("accept")); resp.StatusCode != http.StatusFound {
		t.Errorf("accept: HTTP %d", resp.StatusCode)
	}
	// A second click gets no second code.
	pg, resp = post(t, mine, f.http.URL+accept.action, accept.values("accept"))
	if resp.StatusCode != http.StatusBadRequest || !strings.Contains(pg.text["error"], "AADSTS50089") {
		t.Errorf("accept again: HTTP %d: %v", resp.StatusCode, pg.text)
	}
}

func TestFlowExpires(t *testing.T) {
	f := newFixture(t, Options{})
	b := f.browse()
	pg, _ := get(t, b, f.authorizeURL(contosoID, request()))
	form := pg.form("account")
	f.clock.advance(flowLifetime)
	pg, _ = post(t, b, f.http.URL+form.action, with(form.values("sign-in"), "account", anna, "password", string(annaPassword)))
	if !strings.Contains(pg.text["error"], "AADSTS50089") {
		t.Errorf("the page says %v", pg.text)
	}
}

func TestDisabledBetweenPages(t *testing.T) {
	f := newFixture(t, Options{})
	b := f.browse()
	pg, _ := get(t, b, f.authorizeURL(contosoID, request()))
	form := pg.form("account")
	pg, _ = post(t, b, f.http.URL+form.action, with(form.values("sign-in"), "account", anna, "password", string(annaPassword)))
	if err := f.dir.DisableUser(anna); err != nil {
		t.Fatal(err)
	}
	form = pg.form("accept")
	pg, _ = post(t, b, f.http.URL+form.action, form.values("accept"))
	if !strings.Contains(pg.text["error"], "AADSTS50057") {
		t.Errorf("the page says %v", pg.text)
	}
	if err := f.dir.EnableUser(anna); err != nil {
		t.Fatal(err)
	}
	f.code(request())
}

func TestMultiTenant(t *testing.T) {
	f := newFixture(t, Options{})
	v := request("client_id", multiApp)
	for _, tenant := range []string{"organizations", "common", fabrikamID, "fabrikam.example"} {
		q := f.signIn(tenant, v, carla, otherPassword)
		a := f.tokens(tenant, redeem(q.Get("code"), "client_id", multiApp))
		if c := f.verify(a.AccessToken); c.TenantID != fabrikamID || c.UPN != carla {
			t.Errorf("%s: %+v", tenant, c)
		}
	}
	// A code is good only where it was got.
	q := f.signIn("organizations", v, carla, otherPassword)
	f.token(fabrikamID, redeem(q.Get("code"), "client_id", multiApp)).wantError(t, 700005, "invalid_grant")
}

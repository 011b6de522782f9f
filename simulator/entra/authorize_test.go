package entra

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// open fetches a page as a new browser does, without following redirects.
func (f *fixture) open(address string) (*page, *http.Response) {
	f.t.Helper()
	resp, err := f.client.Get(address)
	if err != nil {
		f.t.Fatal(err)
	}
	defer resp.Body.Close()
	pg, err := readPage(resp.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return pg, resp
}

func TestErrorsThatMustNotRedirect(t *testing.T) {
	f := newFixture(t, Options{})
	for name, tc := range map[string]struct {
		tenant string
		v      url.Values
		want   []string
	}{
		"no client":                {contosoID, request("client_id", ""), []string{"AADSTS900144", "'client_id'"}},
		"unknown client":           {contosoID, request("client_id", newUUID()), []string{"AADSTS700016", "Contoso"}},
		"client of another tenant": {fabrikamID, request(), []string{"AADSTS700016", "Fabrikam"}},
		"single tenant by common":  {"common", request(), []string{"AADSTS50194", "/common"}},
		"single tenant by organizations": {"organizations", request(), []string{"AADSTS50194",
			"/organizations"}},
		"consumers":              {"consumers", request(), []string{"AADSTS9002332"}},
		"unknown tenant":         {"nobody.example", request(), []string{"AADSTS90002", "nobody.example"}},
		"no redirect":            {contosoID, request("redirect_uri", ""), []string{"AADSTS900971"}},
		"another path":           {contosoID, request("redirect_uri", "http://localhost:1/x"), []string{"AADSTS50011", "'http://localhost:1/x'", "'" + loopback + "'"}},
		"another host":           {contosoID, request("redirect_uri", "http://evil.example/"), []string{"AADSTS50011"}},
		"https for localhost":    {contosoID, request("redirect_uri", "https://localhost/"), []string{"AADSTS50011"}},
		"localhost as user name": {contosoID, request("redirect_uri", "http://localhost@evil.example/"), []string{"AADSTS50011"}},
		"localhost in front":     {contosoID, request("redirect_uri", "http://localhost.evil.example/"), []string{"AADSTS50011"}},
		"upper case path":        {contosoID, request("client_id", webApp, "redirect_uri", strings.Replace(webBack, "install", "Install", 1)), []string{"AADSTS50011", "Install"}},
		"no response type":       {contosoID, request("response_type", ""), []string{"AADSTS900144", "'response_type'"}},
		"plain challenge":        {contosoID, request("code_challenge_method", "plain", "code_challenge", verifier), []string{"AADSTS50149", "plain"}},
		"challenge, no method":   {contosoID, request("code_challenge_method", ""), []string{"AADSTS50149"}},
	} {
		t.Run(name, func(t *testing.T) {
			pg, resp := f.open(f.authorizeURL(tc.tenant, tc.v))
			if resp.StatusCode != http.StatusBadRequest || resp.Header.Get("Location") != "" {
				t.Errorf("HTTP %d, Location %q", resp.StatusCode, resp.Header.Get("Location"))
			}
			for _, w := range tc.want {
				if !strings.Contains(pg.text["error"], w) {
					t.Errorf("the page says %q, want %q in it", pg.text["error"], w)
				}
			}
			if !isUUID(pg.text["correlation-id"]) || !isUUID(pg.text["request-id"]) || pg.text["timestamp"] == "" {
				t.Errorf("the page lacks ids: %v", pg.text)
			}
			if len(pg.forms) != 0 {
				t.Errorf("the page still has a form")
			}
		})
	}
}

func TestDuplicatedParameter(t *testing.T) {
	f := newFixture(t, Options{})
	pg, resp := f.open(f.authorizeURL(contosoID, request()) + "&redirect_uri=http://evil.example/")
	if resp.StatusCode != http.StatusBadRequest || !strings.Contains(pg.text["error"], "AADSTS9000411") {
		t.Errorf("HTTP %d: %q", resp.StatusCode, pg.text["error"])
	}
	v := redeem("x")
	v.Add("code", "y")
	f.token(contosoID, v).wantError(t, 9000411, "invalid_request")
}

func TestErrorsThatRedirect(t *testing.T) {
	f := newFixture(t, Options{})
	for name, tc := range map[string]struct {
		v     url.Values
		error string
		code  string
	}{
		"response type token":    {request("response_type", "token"), "unsupported_response_type", "AADSTS70005"},
		"response type id_token": {request("response_type", "id_token"), "unsupported_response_type", "AADSTS700054"},
		"response mode":          {request("response_mode", "web_message"), "unsupported_response_mode", "AADSTS70007"},
		"short challenge":        {request("code_challenge", "tooshort"), "invalid_request", "AADSTS501491"},
		"method, no challenge":   {request("code_challenge", ""), "invalid_request", "AADSTS900144"},
		"no scope":               {request("scope", ""), "invalid_request", "AADSTS900144"},
		"unknown scope":          {request("scope", exchange+"/EWS.AccessAll"), "invalid_client", "AADSTS650053"},
		"unknown resource":       {request("scope", "https://unknown.example/X"), "invalid_resource", "AADSTS500011"},
		"resource not listed":    {request("client_id", daemonApp, "scope", ews), "", ""}, // replaced below
		".default and more":      {request("scope", exchange+"/.default "+ews), "invalid_scope", "AADSTS70011"},
		"prompt":                 {request("prompt", "maybe"), "invalid_request", "AADSTS90023"},
		"none, nobody signed in": {request("prompt", "none"), "login_required", "AADSTS50058"},
		"spa without PKCE":       {request("client_id", spaApp, "redirect_uri", spaBack, "code_challenge", "", "code_challenge_method", ""), "invalid_request", "AADSTS9002325"},
	} {
		if name == "resource not listed" {
			// An application whose permission was added to Graph instead.
			if _, err := f.dir.AddApplication(Application{ClientID: "aaaaaaaa-0000-4000-8000-00000000000f", Name: "wrong API", Tenant: contosoID,
				Redirects: []Redirect{{loopback, Public}}, Delegated: []Permission{{graphURI, "EWS.AccessAsUser.All"}}}); err != nil {
				t.Fatal(err)
			}
			tc.v, tc.error, tc.code = request("client_id", "aaaaaaaa-0000-4000-8000-00000000000f"), "invalid_resource", "AADSTS650057"
		}
		t.Run(name, func(t *testing.T) {
			_, resp := f.open(f.authorizeURL(contosoID, tc.v))
			to, err := resp.Location()
			if err != nil {
				t.Fatalf("HTTP %d: %v", resp.StatusCode, err)
			}
			q := to.Query()
			if !strings.HasPrefix(to.String(), tc.v.Get("redirect_uri")+"?") {
				t.Errorf("goes to %s", to)
			}
			if q.Get("error") != tc.error || !strings.HasPrefix(q.Get("error_description"), tc.code+": ") || q.Get("state") != "s-1" {
				t.Errorf("error %q, %q, state %q; want %s %s", q.Get("error"), q.Get("error_description"), q.Get("state"), tc.error, tc.code)
			}
			for _, id := range []string{"Trace ID: ", "Correlation ID: ", "Timestamp: "} {
				if !strings.Contains(q.Get("error_description"), id) {
					t.Errorf("no %q in %q", id, q.Get("error_description"))
				}
			}
		})
	}
}

func TestRequirePKCE(t *testing.T) {
	bare := request("code_challenge", "", "code_challenge_method", "")
	f := newFixture(t, Options{RequirePKCE: true})
	_, resp := f.open(f.authorizeURL(contosoID, bare))
	if to, err := resp.Location(); err != nil || !strings.HasPrefix(to.Query().Get("error_description"), "AADSTS9002325") {
		t.Errorf("with RequirePKCE: %v, %v", to, err)
	}
	// Entra lets a public client do without, and so does the default.
	f = newFixture(t, Options{})
	f.tokens(contosoID, redeem(f.code(bare), "code_verifier", ""))
}

func TestResponseModes(t *testing.T) {
	f := newFixture(t, Options{})
	for mode, read := range map[string]func(*url.URL) (url.Values, error){
		"query":    func(u *url.URL) (url.Values, error) { return u.Query(), nil },
		"fragment": func(u *url.URL) (url.Values, error) { return url.ParseQuery(u.Fragment) },
		// SignIn returns the fields of the form as the query.
		"form_post": func(u *url.URL) (url.Values, error) { return u.Query(), nil },
	} {
		u, err := SignIn(context.Background(), f.client, f.authorizeURL(contosoID, request("response_mode", mode)), anna, annaPassword, true)
		if err != nil {
			t.Fatal(err)
		}
		v, err := read(u)
		if err != nil {
			t.Fatal(err)
		}
		if v.Get("code") == "" || v.Get("state") != "s-1" || u.Host != "localhost:4711" || u.Path != "/" {
			t.Errorf("%s: %s", mode, u.Redacted())
		}
		if mode == "fragment" && u.RawQuery != "" {
			t.Errorf("fragment: the query is %q", u.RawQuery)
		}
		f.tokens(contosoID, redeem(v.Get("code")))
	}
}

func TestRedirectKeepsItsQueryAndGetsASlash(t *testing.T) {
	f := newFixture(t, Options{})
	for _, r := range []Redirect{{"https://crm.example/cb?tenant=7", Web}, {"http://localhost", Public}} {
		if err := f.dir.AddRedirect(publicApp, r); err != nil {
			t.Fatal(err)
		}
	}
	u, err := SignIn(context.Background(), f.client, f.authorizeURL(contosoID, request("redirect_uri", "https://crm.example/cb?tenant=7")), anna, annaPassword, true)
	if err != nil {
		t.Fatal(err)
	}
	if u.Query().Get("tenant") != "7" || u.Query().Get("code") == "" {
		t.Errorf("goes to %s", u)
	}
	u, err = SignIn(context.Background(), f.client, f.authorizeURL(contosoID, request("redirect_uri", "http://localhost:9999")), anna, annaPassword, true)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(u.String(), "http://localhost:9999/?") {
		t.Errorf("goes to %s", u)
	}
	// The code is redeemed with the URI as it was sent.
	f.tokens(contosoID, redeem(u.Query().Get("code"), "redirect_uri", "http://localhost:9999"))
}

func TestAuthorizeByPost(t *testing.T) {
	f := newFixture(t, Options{})
	resp, err := f.client.PostForm(f.url(contosoID, "/oauth2/v2.0/authorize"), request("login_hint", anna))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	pg, err := readPage(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	form := pg.form("account")
	if form == nil || form.values("sign-in").Get("account") != anna {
		t.Errorf("HTTP %d, form %+v", resp.StatusCode, form)
	}
}

func TestPagesAreLockedDown(t *testing.T) {
	f := newFixture(t, Options{})
	_, resp := f.open(f.authorizeURL(contosoID, request("state", `"><script>alert(1)</script>`, "login_hint", `"><b id="planted">`)))
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
		"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
	} {
		if !strings.Contains(resp.Header.Get(name), want) {
			t.Errorf("%s: %q", name, resp.Header.Get(name))
		}
	}
	if strings.Contains(resp.Header.Get("Content-Security-Policy"), "unsafe") {
		t.Error("the policy allows inline content without a nonce")
	}
	for _, c := range resp.Cookies() {
		if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode {
			t.Errorf("cookie %s: %+v", c.Name, c)
		}
	}
	pg, _ := f.open(f.authorizeURL(contosoID, request("login_hint", `"><b id="planted">x</b>`)))
	if _, planted := pg.text["planted"]; planted {
		t.Error("the login hint came out as markup")
	}
}

func TestSignInErrorsNameThePage(t *testing.T) {
	f := newFixture(t, Options{})
	_, err := SignIn(context.Background(), f.client, f.authorizeURL(contosoID, request("client_id", newUUID())), anna, annaPassword, true)
	var pe *PageError
	if !errors.As(err, &pe) || pe.Code() != "AADSTS700016" || pe.Status != http.StatusBadRequest || !isUUID(pe.RequestID()) {
		t.Errorf("got %v", err)
	}
}

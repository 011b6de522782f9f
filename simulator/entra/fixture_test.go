package entra

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	contosoID  = "11111111-1111-4111-8111-111111111111"
	fabrikamID = "22222222-2222-4222-8222-222222222222"

	publicApp = "aaaaaaaa-0000-4000-8000-000000000001"
	webApp    = "aaaaaaaa-0000-4000-8000-000000000002"
	spaApp    = "aaaaaaaa-0000-4000-8000-000000000003"
	daemonApp = "aaaaaaaa-0000-4000-8000-000000000004"
	multiApp  = "aaaaaaaa-0000-4000-8000-000000000005"

	loopback = "http://localhost/"
	webBack  = "https://crm.example/install/custompages/oauth/callback.html"
	spaBack  = "https://spa.example/app"

	exchange = "https://outlook.office365.com"
	hybrid   = "https://mail.contoso.example"
	ews      = exchange + "/EWS.AccessAsUser.All"
	allScope = "openid profile email offline_access " + ews

	annaPassword  = Secret("Canary-Anna-7f3k")
	webSecret     = Secret("Canary-Web~Secret+/=9q")
	expiredSecret = Secret("Canary-Old~Secret-2w")
	verifier      = "M25iVXpKU3puUjFaYWg3T1NDTDQtcW1ROUY5YXlwalNoc0hhakxifmZHag"
	anna          = "anna@contoso.example"
	boris         = "boris@contoso.example"
	carla         = "carla@fabrikam.example"
	disabledUser  = "dora@contoso.example"
	otherPassword = Secret("Canary-Other-8h1m")
	spaOrigin     = "https://spa.example"
)

// oneKey is shared by the tests' servers: making a key takes long.
var oneKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// clock is the time as the tests have it.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// fixture is a server with two tenants, their users and applications.
type fixture struct {
	t      *testing.T
	dir    *Directory
	server *Server
	http   *httptest.Server
	client *http.Client
	clock  *clock
	log    *bytes.Buffer
	cert   *x509.Certificate
	key    *rsa.PrivateKey
}

func newFixture(t *testing.T, opts Options) *fixture {
	t.Helper()
	key, err := oneKey()
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{t: t, dir: NewDirectory(), clock: &clock{now: time.Now()}, log: &bytes.Buffer{}, key: key}
	f.cert = newCertificate(t, key, f.clock.Now().Add(-time.Hour), f.clock.Now().Add(24*time.Hour))
	f.fill()
	opts.SigningKey = key
	opts.Logger = slog.New(slog.NewTextHandler(&lockedWriter{w: f.log}, nil))
	if opts.Now == nil {
		opts.Now = f.clock.Now
	}
	f.server = New(f.dir, &opts)
	f.http = httptest.NewTLSServer(f.server)
	t.Cleanup(f.http.Close)
	f.client = f.http.Client()
	f.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return f
}

type lockedWriter struct {
	mu sync.Mutex
	w  *bytes.Buffer
}

func (l *lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

func newCertificate(t *testing.T, key *rsa.PrivateKey, from, to time.Time) *x509.Certificate {
	t.Helper()
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(from.Unix()), Subject: pkix.Name{CommonName: "exconn test"}, NotBefore: from, NotAfter: to}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func (f *fixture) fill() {
	must := func(err error) {
		if err != nil {
			f.t.Helper()
			f.t.Fatal(err)
		}
	}
	d := f.dir
	_, err := d.AddTenant(Tenant{ID: contosoID, Name: "Contoso", Domains: []string{"contoso.example"}})
	must(err)
	_, err = d.AddTenant(Tenant{ID: fabrikamID, Name: "Fabrikam", Domains: []string{"fabrikam.example"}})
	must(err)
	_, err = d.AddResource(Resource{AppID: ExchangeOnlineAppID, Tenant: "contoso.example", Identifiers: []string{hybrid}})
	must(err)
	for _, u := range []User{
		{UPN: anna, Name: "Anna Ax", Tenant: contosoID, Password: annaPassword},
		{UPN: boris, Name: "Boris B", Tenant: contosoID, Password: otherPassword},
		{UPN: carla, Name: "Carla C", Tenant: fabrikamID, Password: otherPassword},
		{UPN: disabledUser, Name: "Dora D", Tenant: contosoID, Password: otherPassword, Disabled: true},
	} {
		_, err = d.AddUser(u)
		must(err)
	}
	perms := []Permission{{exchange, "EWS.AccessAsUser.All"}, {exchange, "SMTP.Send"}, {graphURI, "User.Read"}}
	for _, a := range []Application{
		{ClientID: publicApp, Name: "CRM desktop", Tenant: contosoID, Delegated: perms, Redirects: []Redirect{{loopback, Public}}},
		{ClientID: webApp, Name: "CRM server", Tenant: contosoID, Delegated: perms, AdminConsented: true, Redirects: []Redirect{{webBack, Web}, {loopback + "both", Public}},
			Secrets: []ClientSecret{{Value: webSecret}, {Value: expiredSecret, Expires: f.clock.Now().Add(-time.Minute)}}},
		{ClientID: spaApp, Name: "CRM in the browser", Tenant: contosoID, Delegated: perms, AdminConsented: true, Redirects: []Redirect{{spaBack, SPA}}},
		{ClientID: daemonApp, Name: "CRM service", Tenant: contosoID, AdminConsented: true, AppRoles: []AppRole{{exchange, "full_access_as_app"}},
			Secrets: []ClientSecret{{Value: webSecret}, {Value: expiredSecret, Expires: f.clock.Now().Add(-time.Minute)}}, Certificates: []*x509.Certificate{f.cert}},
		{ClientID: multiApp, Name: "CRM for all", Tenant: contosoID, MultiTenant: true, Delegated: perms, Redirects: []Redirect{{loopback, Public}},
			AppRoles: []AppRole{{exchange, "full_access_as_app"}}, Secrets: []ClientSecret{{Value: webSecret}}},
	} {
		_, err = d.AddApplication(a)
		must(err)
	}
}

func challenge(v string) string {
	sum := sha256.Sum256([]byte(v))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// with returns values changed by pairs of name and value; an empty value
// removes the name.
func with(v url.Values, pairs ...string) url.Values {
	out := url.Values{}
	for k, vs := range v {
		out[k] = vs
	}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			out.Del(pairs[i])
		} else {
			out.Set(pairs[i], pairs[i+1])
		}
	}
	return out
}

// request is an authorization request that is in order.
func request(pairs ...string) url.Values {
	return with(url.Values{
		"client_id": {publicApp}, "response_type": {"code"}, "redirect_uri": {"http://localhost:4711/"},
		"scope": {allScope}, "state": {"s-1"}, "nonce": {"n-1"},
		"code_challenge": {challenge(verifier)}, "code_challenge_method": {"S256"},
	}, pairs...)
}

func (f *fixture) url(tenant, path string) string { return f.http.URL + "/" + tenant + path }

func (f *fixture) authorizeURL(tenant string, v url.Values) string {
	return f.url(tenant, "/oauth2/v2.0/authorize") + "?" + v.Encode()
}

// signIn goes through the pages and returns the answer's parameters.
func (f *fixture) signIn(tenant string, v url.Values, account string, password Secret) url.Values {
	f.t.Helper()
	u, err := SignIn(context.Background(), f.client, f.authorizeURL(tenant, v), account, password, true)
	if err != nil {
		f.t.Fatal(err)
	}
	return u.Query()
}

// code signs Anna in and returns the code.
func (f *fixture) code(v url.Values) string {
	f.t.Helper()
	q := f.signIn(contosoID, v, anna, annaPassword)
	if q.Get("code") == "" {
		f.t.Fatalf("no code: %s", q.Get("error_description"))
	}
	return q.Get("code")
}

// redeem is the form that redeems a code of request().
func redeem(code string, pairs ...string) url.Values {
	return with(url.Values{
		"grant_type": {"authorization_code"}, "client_id": {publicApp}, "code": {code},
		"redirect_uri": {"http://localhost:4711/"}, "code_verifier": {verifier}, "scope": {allScope},
	}, pairs...)
}

// answer is what the token endpoint said.
type answer struct {
	status        int
	header        http.Header
	TokenType     string `json:"token_type"`
	Scope         string `json:"scope"`
	ExpiresIn     int    `json:"expires_in"`
	AccessToken   string `json:"access_token"`
	RefreshToken  string `json:"refresh_token"`
	IDToken       string `json:"id_token"`
	ClientInfo    string `json:"client_info"`
	Error         string `json:"error"`
	Description   string `json:"error_description"`
	Codes         []int  `json:"error_codes"`
	Timestamp     string `json:"timestamp"`
	TraceID       string `json:"trace_id"`
	CorrelationID string `json:"correlation_id"`
	ErrorURI      string `json:"error_uri"`
	SubError      string `json:"suberror"`
	Claims        string `json:"claims"`
}

// token posts a form to the token endpoint, with headers by pairs.
func (f *fixture) token(tenant string, form url.Values, headers ...string) answer {
	f.t.Helper()
	req, err := http.NewRequest(http.MethodPost, f.url(tenant, "/oauth2/v2.0/token"), strings.NewReader(form.Encode()))
	if err != nil {
		f.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := f.client.Do(req)
	if err != nil {
		f.t.Fatal(err)
	}
	defer resp.Body.Close()
	a := answer{status: resp.StatusCode, header: resp.Header}
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil {
		f.t.Fatalf("HTTP %d without JSON: %v", resp.StatusCode, err)
	}
	return a
}

// tokens is token where success is expected.
func (f *fixture) tokens(tenant string, form url.Values, headers ...string) answer {
	f.t.Helper()
	a := f.token(tenant, form, headers...)
	if a.status != http.StatusOK {
		f.t.Fatalf("HTTP %d: %s", a.status, a.Description)
	}
	return a
}

// wantError checks an answer's error by its AADSTS number and OAuth name.
func (a answer) wantError(t *testing.T, aadsts int, oauth string) {
	t.Helper()
	if a.status == http.StatusOK || len(a.Codes) != 1 || a.Codes[0] != aadsts || a.Error != oauth {
		t.Errorf("HTTP %d, %s %v: %s; want %s AADSTS%d", a.status, a.Error, a.Codes, a.Description, oauth, aadsts)
	}
	wantStatus := http.StatusBadRequest
	if oauth == "invalid_client" {
		wantStatus = http.StatusUnauthorized
	}
	if a.status != wantStatus {
		t.Errorf("AADSTS%d: HTTP %d, want %d", aadsts, a.status, wantStatus)
	}
}

// verify is Verify where success is expected.
func (f *fixture) verify(token string) Claims {
	f.t.Helper()
	c, err := f.server.Verify(token)
	if err != nil {
		f.t.Fatal(err)
	}
	return c
}

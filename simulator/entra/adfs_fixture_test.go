package entra

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

const (
	nativeClient = "aaaaaaaa-0000-4000-8000-00000000ad01"
	serverClient = "aaaaaaaa-0000-4000-8000-00000000ad02"
	nativeBack   = "http://localhost:4711/"
	// mailServer is the Web API as an admin registers it who forgets the slash,
	// mailServerSlash as Microsoft's guide has it.
	mailServer      = "https://mail.contoso.example"
	mailServerSlash = "https://mail.contoso.example/"
	adfsScope       = mailServer + "/EWS.AccessAsUser.All"
	openADFSScope   = "openid profile email offline_access " + adfsScope
)

// adfsFixture is an AD FS with a native and a server application that may use
// the mail server.
type adfsFixture struct {
	t      *testing.T
	dir    *Directory
	server *ADFS
	http   *httptest.Server
	client *http.Client
	clock  *clock
	log    *bytes.Buffer
	cert   *x509.Certificate
}

func newADFSFixture(t *testing.T, opts ADFSOptions) *adfsFixture {
	t.Helper()
	base := newFixture(t, Options{})
	f := &adfsFixture{t: t, dir: base.dir, clock: base.clock, log: &bytes.Buffer{}, cert: base.cert}
	opts.Tenant, opts.SigningKey = "contoso.example", base.key
	opts.Logger = slog.New(slog.NewTextHandler(&lockedWriter{w: f.log}, nil))
	if opts.Now == nil {
		opts.Now = f.clock.Now
	}
	f.server = NewADFS(f.dir, opts)
	f.fill()
	f.http = httptest.NewTLSServer(f.server)
	t.Cleanup(f.http.Close)
	f.client = f.http.Client()
	f.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return f
}

func (f *adfsFixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *adfsFixture) fill() {
	f.t.Helper()
	for _, cl := range []ADFSClient{
		{ClientID: nativeClient, Name: "CRM desktop", Redirects: []string{nativeBack, "urn:ietf:wg:oauth:2.0:oob"}},
		{ClientID: serverClient, Name: "CRM server", Server: true, Redirects: []string{webBack}, Secrets: []Secret{webSecret}, Certificates: []*x509.Certificate{f.cert}},
	} {
		_, err := f.server.AddClient(cl)
		f.must(err)
	}
	f.must(f.server.AddWebAPI(WebAPI{Name: "Exchange", Identifiers: []string{mailServer, mailServerSlash}, Issues: []string{"user_impersonation"}}))
	f.must(f.server.AddWebAPI(WebAPI{Name: "Intranet", Identifiers: []string{"https://intra.contoso.example"}}))
	for _, id := range []string{nativeClient, serverClient} {
		f.must(f.server.Permit(id, mailServer, "openid", "profile", "email", "EWS.AccessAsUser.All"))
	}
}

func (f *adfsFixture) url(path string) string { return f.http.URL + "/adfs" + path }

// request is an authorization request that is in order.
func adfsAsk(pairs ...string) url.Values {
	return with(url.Values{
		"client_id": {nativeClient}, "response_type": {"code"}, "redirect_uri": {nativeBack},
		"scope": {openADFSScope}, "state": {"s-1"}, "nonce": {"n-1"},
		"code_challenge": {challenge(verifier)}, "code_challenge_method": {"S256"},
	}, pairs...)
}

func (f *adfsFixture) signIn(v url.Values) (url.Values, error) {
	u, err := SignIn(context.Background(), f.client, f.url("/oauth2/authorize/")+"?"+v.Encode(), anna, annaPassword, true)
	if err != nil {
		return nil, err
	}
	return u.Query(), nil
}

func (f *adfsFixture) code(v url.Values) string {
	f.t.Helper()
	q, err := f.signIn(v)
	f.must(err)
	if q.Get("code") == "" {
		f.t.Fatalf("no code: %v", q)
	}
	return q.Get("code")
}

func adfsRedeem(code string, pairs ...string) url.Values {
	return with(url.Values{
		"grant_type": {"authorization_code"}, "client_id": {nativeClient}, "code": {code},
		"redirect_uri": {nativeBack}, "code_verifier": {verifier},
	}, pairs...)
}

// adfsReply is what an endpoint for programs said.
type adfsReply struct {
	t      *testing.T
	status int
	body   map[string]any
}

func (r adfsReply) text(name string) string { s, _ := r.body[name].(string); return s }

// post posts a form to an endpoint.
func (f *adfsFixture) post(path string, form url.Values) adfsReply {
	f.t.Helper()
	resp, err := f.client.PostForm(f.url(path), form)
	f.must(err)
	defer resp.Body.Close()
	r := adfsReply{t: f.t, status: resp.StatusCode}
	f.must(json.NewDecoder(resp.Body).Decode(&r.body))
	return r
}

func (f *adfsFixture) token(form url.Values) adfsReply {
	f.t.Helper()
	return f.post("/oauth2/token", form)
}

// ok is a reply without an error.
func (r adfsReply) ok() adfsReply {
	r.t.Helper()
	if r.status != http.StatusOK {
		r.t.Fatalf("HTTP %d: %v", r.status, r.body)
	}
	return r
}

// want checks a refusal by its error and its number, which may be empty.
func (r adfsReply) want(status int, oauth, number string) {
	r.t.Helper()
	text := r.text("error_description")
	if r.status != status || r.text("error") != oauth || number != "" && !strings.HasPrefix(text, number+": ") || number == "" && strings.HasPrefix(text, "MSIS") {
		r.t.Errorf("HTTP %d %s %q; want %d %s %s", r.status, r.text("error"), text, status, oauth, number)
	}
	if len(r.body) != 2 {
		r.t.Errorf("more than AD FS tells: %v", r.body)
	}
}

func (f *adfsFixture) verify(token string) Claims {
	f.t.Helper()
	c, err := f.server.Verify(token)
	f.must(err)
	return c
}

// wantClaims checks an access token for the mail server.
func (f *adfsFixture) wantClaims(token, audience, upn string, scopes ...string) {
	f.t.Helper()
	c := f.verify(token)
	if c.Audience != audience || c.UPN != upn || c.TenantID != contosoID || !slices.Equal(c.Scopes, scopes) || !c.Expires.After(f.clock.Now()) {
		f.t.Errorf("claims %+v", c)
	}
}

// claims reads a JWT by the keys that AD FS publishes.
func (f *adfsFixture) claims(token string) map[string]any {
	f.t.Helper()
	resp, err := f.client.Get(f.url("/discovery/keys"))
	f.must(err)
	defer resp.Body.Close()
	var keys jose.JSONWebKeySet
	f.must(json.NewDecoder(resp.Body).Decode(&keys))
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	f.must(err)
	found := keys.Key(parsed.Headers[0].KeyID)
	if len(found) != 1 || !found[0].IsPublic() {
		f.t.Fatalf("%d keys for kid %q", len(found), parsed.Headers[0].KeyID)
	}
	var c map[string]any
	f.must(parsed.Claims(found[0], &c))
	return c
}

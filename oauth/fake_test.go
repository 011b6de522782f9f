package oauth_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/exconn/exconn/oauth"
)

const (
	tenant     = "11111111-2222-3333-4444-555555555555"
	clientID   = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
	ewsScope   = "https://outlook.office365.com/EWS.AccessAsUser.All"
	appScope   = "https://outlook.office365.com/.default"
	graphScope = "https://graph.microsoft.com/Mail.Send"
	authority  = "https://login.test/" + tenant
)

// fakeAuthority is a small authority without a network: an http.RoundTripper, so that
// it works in a synctest bubble too. It verifies what a client proves, and
// hands out tokens that count up.
type fakeAuthority struct {
	t testing.TB

	mu sync.Mutex
	// lifetime of an access token; an hour if zero.
	lifetime time.Duration
	// oneTime makes refresh tokens good for one use.
	oneTime bool
	// spent is the code by which a used refresh token is refused; 0 is that of
	// a revoked one.
	spent int
	// nonce replaces the id token's nonce, and audience its aud.
	nonce, audience string
	noRefreshToken  bool
	// sameRefreshToken: a renewal brings no new refresh token, as AD FS has it.
	sameRefreshToken bool
	// lapse is told with each refresh token; not at all if zero.
	lapse time.Duration
	// user is who signs in, and email what the account has for a mail address.
	user, email string
	// refuse, if set, may answer a token request in place of the authority.
	refuse func(form url.Values) *http.Response
	// before, if set, is called ahead of each token request, without the lock.
	before func(form url.Values)
	// certificate is the application's registered one.
	certificate *x509.Certificate
	secret      string

	codes   map[string]url.Values // by code: the authorize request's query
	refresh map[string]bool       // the good refresh tokens
	issued  int
	calls   []url.Values // the token requests
	secrets []string     // everything secret that was sent either way
}

func newFakeAuthority(t testing.TB) *fakeAuthority {
	e := &fakeAuthority{t: t, user: "anna@example.com", codes: map[string]url.Values{}, refresh: map[string]bool{}}
	t.Cleanup(e.watch)
	return e
}

func (e *fakeAuthority) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := e.answer(r)
	// A client that has given up meanwhile does not hear of it, though the
	// authority has acted.
	if ctxErr := r.Context().Err(); ctxErr != nil {
		return nil, ctxErr
	}
	return answer, err
}

func (e *fakeAuthority) answer(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/v2.0/.well-known/openid-configuration") {
		base := "https://" + r.URL.Host + "/" + tenant
		return jsonAnswer(200, map[string]any{
			"issuer":                 base + "/v2.0",
			"authorization_endpoint": base + "/oauth2/v2.0/authorize",
			"token_endpoint":         base + "/oauth2/v2.0/token",
		}), nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	if e.before != nil {
		e.before(form)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls = append(e.calls, form)
	for _, name := range []string{"code", "code_verifier", "refresh_token", "client_secret", "client_assertion"} {
		if v := form.Get(name); v != "" {
			e.secrets = append(e.secrets, v)
		}
	}
	if e.refuse != nil {
		if answer := e.refuse(form); answer != nil {
			return answer, nil
		}
	}
	switch form.Get("grant_type") {
	case "authorization_code":
		return e.redeemCode(form), nil
	case "refresh_token":
		return e.redeemRefresh(form), nil
	case "client_credentials":
		return e.appToken(form), nil
	}
	return refusal(400, "unsupported_grant_type", 70003, "not offered"), nil
}

// authorize is the sign-in page: it returns the code for an authorize URL.
func (e *fakeAuthority) authorize(address string) string {
	e.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		e.t.Fatal(err)
	}
	q := u.Query()
	for _, name := range []string{"client_id", "redirect_uri", "state", "nonce", "code_challenge"} {
		if q.Get(name) == "" {
			e.t.Fatalf("the authorize URL lacks %s", name)
		}
	}
	if q.Get("code_challenge_method") != "S256" || q.Get("response_type") != "code" || !strings.HasSuffix(q.Get("scope"), " openid profile offline_access") {
		e.t.Fatalf("the authorize URL asks for something else: %v", q)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.issued++
	code := fmt.Sprintf("0.CODE%d-%s", e.issued, strings.Repeat("c0de", 20))
	e.codes[code] = q
	e.secrets = append(e.secrets, code)
	return code
}

func (e *fakeAuthority) redeemCode(form url.Values) *http.Response {
	q, ok := e.codes[form.Get("code")]
	if !ok {
		return refusal(400, "invalid_grant", 54005, "OAuth2 Authorization code was already redeemed.")
	}
	delete(e.codes, form.Get("code"))
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	if base64.RawURLEncoding.EncodeToString(sum[:]) != q.Get("code_challenge") {
		return refusal(400, "invalid_grant", 501481, "The Code_Verifier does not match.")
	}
	if form.Get("redirect_uri") != q.Get("redirect_uri") {
		return refusal(400, "invalid_client", 500112, "The reply address differs.")
	}
	return e.personToken(q.Get("nonce"), form)
}

func (e *fakeAuthority) redeemRefresh(form url.Values) *http.Response {
	token := form.Get("refresh_token")
	if !e.refresh[token] && e.spent != 0 {
		return refusal(400, "invalid_grant", e.spent, "The refresh token was redeemed already.")
	}
	if !e.refresh[token] {
		return refusal(400, "invalid_grant", 50173, "The provided grant has expired due to it being revoked.")
	}
	if e.oneTime {
		delete(e.refresh, token)
	}
	return e.personToken("", form)
}

// resourceScope is the one scope of a request that names a resource.
func resourceScope(form url.Values) string {
	for _, s := range strings.Fields(form.Get("scope")) {
		if strings.Contains(s, "/") {
			return s
		}
	}
	return ewsScope
}

func (e *fakeAuthority) personToken(nonce string, form url.Values) *http.Response {
	e.issued++
	scope := resourceScope(form)
	at := strings.LastIndex(scope, "/")
	access := jwt(map[string]any{"aud": scope[:at], "scp": scope[at+1:], "n": e.issued})
	refresh := fmt.Sprintf("REFRESH%d-%s", e.issued, strings.Repeat("fresh", 12))
	e.refresh[refresh] = true
	e.secrets = append(e.secrets, access, refresh)
	id := map[string]any{
		"aud": clientID, "iss": authority + "/v2.0", "tid": tenant, "sub": "subject-" + e.user, "oid": "oid-" + e.user,
		"preferred_username": e.user, "name": "Anna Ahrens",
	}
	if e.email != "" {
		id["email"] = e.email
	}
	if nonce != "" {
		id["nonce"] = nonce
	}
	if e.nonce != "" {
		id["nonce"] = e.nonce
	}
	if e.audience != "" {
		id["aud"] = e.audience
	}
	answer := map[string]any{
		"token_type": "Bearer", "scope": scope, "expires_in": e.seconds(), "access_token": access,
		"refresh_token": refresh, "id_token": jwt(id),
		"client_info": base64.RawURLEncoding.EncodeToString([]byte(`{"uid":"oid-` + e.user + `","utid":"` + tenant + `"}`)),
	}
	if e.noRefreshToken || e.sameRefreshToken && form.Get("grant_type") == "refresh_token" {
		delete(answer, "refresh_token")
	}
	if e.lapse > 0 {
		answer["refresh_token_expires_in"] = int(e.lapse / time.Second)
	}
	return jsonAnswer(200, answer)
}

func (e *fakeAuthority) appToken(form url.Values) *http.Response {
	if !strings.HasSuffix(resourceScope(form), "/.default") {
		return refusal(400, "invalid_scope", 1002012, "not a .default scope")
	}
	switch {
	case e.certificate != nil:
		if err := verifyAssertion(form.Get("client_assertion"), e.certificate); err != nil {
			return refusal(401, "invalid_client", 700027, err.Error())
		}
	case form.Get("client_secret") != e.secret || e.secret == "":
		return refusal(401, "invalid_client", 7000215, "Invalid client secret provided.")
	}
	e.issued++
	access := jwt(map[string]any{"aud": strings.TrimSuffix(resourceScope(form), "/.default"), "roles": []string{"full_access_as_app"}, "n": e.issued})
	e.secrets = append(e.secrets, access)
	return jsonAnswer(200, map[string]any{"token_type": "Bearer", "expires_in": e.seconds(), "access_token": access})
}

func (e *fakeAuthority) seconds() int {
	if e.lifetime == 0 {
		return 3600
	}
	return int(e.lifetime / time.Second)
}

// revoke makes all refresh tokens bad.
func (e *fakeAuthority) revoke() {
	e.mu.Lock()
	defer e.mu.Unlock()
	clear(e.refresh)
}

func (e *fakeAuthority) set(change func(*fakeAuthority)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	change(e)
}

// tokenCalls counts the token requests of one grant type; all with "".
func (e *fakeAuthority) tokenCalls(grant string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := 0
	for _, form := range e.calls {
		if grant == "" || form.Get("grant_type") == grant {
			n++
		}
	}
	return n
}

// verifyAssertion checks a client assertion as Entra does: PS256, by the
// registered certificate, for this client.
func verifyAssertion(assertion string, cert *x509.Certificate) error {
	parts := strings.Split(assertion, ".")
	if len(parts) != 3 {
		return errors.New("the assertion is no JWT")
	}
	var header struct {
		Alg   string `json:"alg"`
		Thumb string `json:"x5t#S256"`
	}
	var claims struct {
		Iss, Sub, Aud string
	}
	for i, into := range []any{&header, &claims} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			return err
		}
		if err := json.Unmarshal(raw, into); err != nil {
			return err
		}
	}
	sum := sha256.Sum256(cert.Raw)
	thumb := base64.StdEncoding.EncodeToString(sum[:])
	if header.Alg != "PS256" || header.Thumb != thumb {
		return fmt.Errorf("the assertion is of another certificate (alg %s)", header.Alg)
	}
	if claims.Iss != clientID || claims.Sub != clientID || claims.Aud != authority+"/oauth2/v2.0/token" {
		return errors.New("the assertion is for something else")
	}
	sig, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return err
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	return rsa.VerifyPSS(cert.PublicKey.(*rsa.PublicKey), crypto.SHA256, digest[:], sig, nil)
}

func jwt(claims map[string]any) string {
	body, err := json.Marshal(claims)
	if err != nil {
		return ""
	}
	enc := base64.RawURLEncoding.EncodeToString
	return enc([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + enc(body) + "." + enc([]byte(strings.Repeat("signature", 8)))
}

func jsonAnswer(status int, v any) *http.Response {
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
	return w.Result()
}

func textAnswer(status int, text string) *http.Response {
	w := httptest.NewRecorder()
	w.WriteHeader(status)
	_, _ = w.WriteString(text)
	return w.Result()
}

// refusal is an answer as Entra writes it.
func refusal(status int, oauthError string, code int, text string) *http.Response {
	const correlation = "c0ffee00-1111-2222-3333-444444444444"
	return jsonAnswer(status, map[string]any{
		"error":             oauthError,
		"error_description": fmt.Sprintf("AADSTS%d: %s Trace ID: 99999999-0000-0000-0000-000000000000 Correlation ID: %s Timestamp: 2026-11-20 09:00:00Z", code, text, correlation),
		"error_codes":       []int{code}, "timestamp": "2026-11-20 09:00:00Z",
		"correlation_id": correlation,
	})
}

// roundTrip is an http.RoundTripper of one function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// memory is a Cache that counts, and can be made to fail.
type memory struct {
	mu           sync.Mutex
	blob         []byte
	loads, saves int
	loadErr      error
	saveErr      error
}

func (m *memory) Load(context.Context) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.loads++
	return bytes.Clone(m.blob), m.loadErr
}

func (m *memory) Save(_ context.Context, blob []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.saveErr != nil {
		return m.saveErr
	}
	m.saves++
	m.blob = bytes.Clone(blob)
	return nil
}

func (m *memory) Swap(_ context.Context, old, blob []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.saveErr != nil:
		return m.saveErr
	case m.loadErr == nil && !bytes.Equal(m.blob, old):
		return oauth.ErrCacheChanged
	}
	m.saves++
	m.blob = bytes.Clone(blob)
	return nil
}

func (m *memory) get() []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return bytes.Clone(m.blob)
}

func (m *memory) failSaves(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.saveErr = err
}

// logBuffer collects log lines.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *logBuffer) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// personConfig is the configuration of a person's sign-in at e.
func personConfig(e *fakeAuthority) oauth.Config {
	return oauth.Config{
		Authority: authority, ClientID: clientID, Method: oauth.PKCE,
		Scopes:     oauth.EWSScopes(oauth.PKCE, ""),
		HTTPClient: &http.Client{Transport: e},
	}
}

func newClient(t *testing.T, cfg oauth.Config, cache oauth.Cache) *oauth.Client {
	t.Helper()
	c, err := oauth.New(watched(cfg), cache)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// signIn signs in by paste, which needs no socket.
func signIn(t *testing.T, c *oauth.Client, e *fakeAuthority) oauth.Account {
	t.Helper()
	a, err := c.BeginSignIn(t.Context(), oauth.SignInOptions{PasteOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	account, err := a.Paste(t.Context(), e.authorize(a.URL()))
	if err != nil {
		t.Fatal(err)
	}
	return account
}

func mustToken(t *testing.T, c *oauth.Client) oauth.Token {
	t.Helper()
	token, err := c.Token(t.Context())
	if err != nil {
		t.Fatalf("Token: %v", err)
	}
	return token
}

// checkNoSecrets fails where text holds something secret that went over the
// wire, as it is or encoded.
func (e *fakeAuthority) checkNoSecrets(t *testing.T, where, text string) {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, secret := range e.secrets {
		if len(secret) < 6 {
			continue
		}
		for form, s := range map[string]string{
			"as it is": secret, "URL-encoded": url.QueryEscape(secret),
			"in base64":    strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(secret)), "="),
			"in base64url": base64.RawURLEncoding.EncodeToString([]byte(secret)),
		} {
			if strings.Contains(text, s) {
				t.Errorf("%s holds a secret %s: %.200s", where, form, text)
			}
		}
	}
}

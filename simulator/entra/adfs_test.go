package entra

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

func TestADFSCode(t *testing.T) {
	f := newADFSFixture(t, ADFSOptions{})
	q, err := f.signIn(adfsAsk())
	f.must(err)
	if q.Get("state") != "s-1" || q.Get("client-request-id") == "" || q.Get("session_state") == "" {
		t.Errorf("answer %v", q)
	}
	a := f.token(adfsRedeem(q.Get("code"))).ok()
	f.wantClaims(a.text("access_token"), mailServer, anna, "openid", "profile", "email", "EWS.AccessAsUser.All", "user_impersonation")
	if a.text("token_type") != "bearer" || a.body["expires_in"] != 3600.0 || a.body["refresh_token_expires_in"] != 28800.0 ||
		a.text("resource") != mailServer || a.text("scope") != "openid profile email "+adfsScope {
		t.Errorf("answer %v", a.body)
	}
	access, id := f.claims(a.text("access_token")), f.claims(a.text("id_token"))
	host := strings.TrimPrefix(f.http.URL, "https://")
	if access["iss"] != "http://"+host+"/adfs/services/trust" || access["apptype"] != "Public" || access["unique_name"] != `CONTOSO\anna` || access["tid"] != nil || access["oid"] != nil {
		t.Errorf("access token %v", access)
	}
	if id["iss"] != f.http.URL+"/adfs" || id["aud"] != nativeClient || id["nonce"] != "n-1" || id["upn"] != anna || id["preferred_username"] != nil {
		t.Errorf("id token %v", id)
	}
	if _, err := f.server.Verify(a.text("id_token")); !errors.Is(err, ErrTokenInvalid) {
		t.Errorf("an id token is taken for an access token: %v", err)
	}
	// The code is spent.
	f.token(adfsRedeem(q.Get("code"))).want(400, "invalid_grant", "MSIS9612")
	// Entra and AD FS do not take each other's tokens.
	entraServer := New(f.dir, &Options{SigningKey: f.server.opts.SigningKey})
	if _, err := entraServer.Verify(a.text("access_token")); !errors.Is(err, ErrTokenInvalid) {
		t.Errorf("Entra takes AD FS's token: %v", err)
	}
}

func TestADFSResources(t *testing.T) {
	f := newADFSFixture(t, ADFSOptions{})
	for name, tc := range map[string]struct {
		resource, scope string
		audience        string
		scopes          []string
	}{
		"the parameter":             {mailServerSlash, "openid", mailServerSlash, []string{"openid", "user_impersonation"}},
		"the parameter, no scope":   {mailServer, "", mailServer, []string{"user_impersonation"}},
		"in the scope":              {"", adfsScope, mailServer, []string{"EWS.AccessAsUser.All", "user_impersonation"}},
		"in the scope, with //":     {"", mailServerSlash + "/EWS.AccessAsUser.All", mailServerSlash, []string{"EWS.AccessAsUser.All", "user_impersonation"}},
		"both":                      {mailServer, adfsScope, mailServer, []string{"EWS.AccessAsUser.All", "user_impersonation"}},
		"what was not permitted":    {"", mailServer + "/winhello_cert offline_access openid", mailServer, []string{"openid", "user_impersonation"}},
		"neither: AD FS's own":      {"", "openid", userinfoResource, []string{"openid"}},
		"all that there is of MSAL": {"", mailServer + "/.default openid offline_access profile", mailServer, []string{"openid", "profile", "user_impersonation"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := f.token(adfsRedeem(f.code(adfsAsk("resource", tc.resource, "scope", tc.scope)))).ok()
			f.wantClaims(a.text("access_token"), tc.audience, anna, tc.scopes...)
			if strings.Contains(tc.scope, "openid") != (a.text("id_token") != "") {
				t.Errorf("id token %q", a.text("id_token"))
			}
		})
	}
	for name, tc := range map[string]struct{ resource, scope, oauth, number string }{
		"unknown":             {"https://elsewhere.example", "", "invalid_resource", "MSIS9602"},
		"a letter's case":     {strings.ToUpper(mailServer), "", "invalid_resource", "MSIS9602"},
		"another one as well": {"https://intra.contoso.example", adfsScope, "invalid_scope", "MSIS9603"},
		"two in the scope":    {"", adfsScope + " https://intra.contoso.example/openid", "invalid_scope", "MSIS9603"},
		"not permitted":       {"https://intra.contoso.example", "openid", "access_denied", "MSIS9605"},
	} {
		q, err := f.signIn(adfsAsk("resource", tc.resource, "scope", tc.scope))
		f.must(err)
		if q.Get("error") != tc.oauth || !strings.HasPrefix(q.Get("error_description"), tc.number+":") || q.Get("state") != "s-1" {
			t.Errorf("%s: %v", name, q)
		}
	}
}

func TestADFSAuthorizeRefuses(t *testing.T) {
	f := newADFSFixture(t, ADFSOptions{})
	// What must not go anywhere stays on the page.
	for name, tc := range map[string]struct{ param, value, code string }{
		"client":             {"client_id", "nobody", "MSIS9223"},
		"no client":          {"client_id", "", "MSIS9223"},
		"no redirect":        {"redirect_uri", "", "MSIS9221"},
		"another redirect":   {"redirect_uri", "https://thief.example/", "MSIS9224"},
		"the port":           {"redirect_uri", "http://localhost:4712/", "MSIS9224"},
		"the path":           {"redirect_uri", "http://localhost:4711", "MSIS9224"},
		"an address instead": {"redirect_uri", "http://127.0.0.1:4711/", "MSIS9224"},
	} {
		_, err := f.signIn(adfsAsk(tc.param, tc.value))
		var pe *PageError
		if !errors.As(err, &pe) || pe.Code() != tc.code || pe.RequestID() == "" {
			t.Errorf("%s: %v; want %s", name, err, tc.code)
		}
	}
	for name, tc := range map[string]struct{ param, value, oauth string }{
		"response type": {"response_type", "token", "unsupported_response_type"},
		"none":          {"response_type", "", "invalid_request"},
		"mode":          {"response_mode", "web_message", "invalid_request"},
		"prompt":        {"prompt", "consent", "invalid_request"},
		"challenge":     {"code_challenge", "short", "invalid_request"},
		"no challenge":  {"code_challenge", "", "invalid_request"},
		"method":        {"code_challenge_method", "S512", "invalid_request"},
		"silence":       {"prompt", "none", "interaction_required"},
	} {
		q, err := f.signIn(adfsAsk(tc.param, tc.value))
		if err != nil || q.Get("error") != tc.oauth {
			t.Errorf("%s: %v, %v; want %s", name, q, err, tc.oauth)
		}
	}
	ctx := context.Background()
	for name, password := range map[string]Secret{anna: otherPassword, disabledUser: otherPassword, carla: otherPassword, "nobody@contoso.example": "x", `FABRIKAM\anna`: annaPassword} {
		_, err := SignIn(ctx, f.client, f.url("/oauth2/authorize")+"?"+adfsAsk().Encode(), name, password, true)
		var pe *PageError
		if !errors.As(err, &pe) || !strings.Contains(pe.Text, "wrong") {
			t.Errorf("%s: %v", name, err)
		}
	}
	u, err := SignIn(ctx, f.client, f.url("/oauth2/authorize")+"?"+adfsAsk().Encode(), `contoso\anna`, annaPassword, true)
	if err != nil || u.Query().Get("code") == "" {
		t.Errorf("by her name in the domain: %v, %v", u, err)
	}
	if log := f.log.String(); strings.Contains(log, "Canary") || strings.Contains(log, "thief") {
		t.Errorf("the log tells too much: %s", log)
	}
}

func TestADFSRedeemRefuses(t *testing.T) {
	f := newADFSFixture(t, ADFSOptions{})
	code := func(pairs ...string) string { return f.code(adfsAsk(pairs...)) }
	f.token(adfsRedeem("guessed")).want(400, "invalid_grant", "MSIS9612")
	f.token(adfsRedeem(code(), "redirect_uri", webBack)).want(400, "invalid_request", "MSIS9609")
	f.token(adfsRedeem(code(), "client_id", "nobody")).want(400, "invalid_client", "MSIS9607")
	f.token(adfsRedeem(code(), "client_id", serverClient, "client_secret", string(webSecret))).want(400, "invalid_grant", "MSIS9612")
	f.token(adfsRedeem(code(), "client_secret", "guessed")).want(400, "invalid_client", "MSIS9622")
	f.token(adfsRedeem(code(), "scope", "https://intra.contoso.example/openid")).want(400, "access_denied", "MSIS9605")
	f.token(adfsRedeem(code(), "grant_type", "password")).want(400, "unsupported_grant_type", "MSIS9611")
	f.token(adfsRedeem(code(), "grant_type", "")).want(400, "invalid_request", "")
	f.token(adfsRedeem("")).want(400, "invalid_request", "")

	// A wrong verifier spends the code.
	spent := code()
	f.token(adfsRedeem(spent, "code_verifier", strings.Repeat("w", 43))).want(400, "invalid_grant", "MSIS9720")
	f.token(adfsRedeem(spent)).want(400, "invalid_grant", "MSIS9612")
	f.token(adfsRedeem(code(), "code_verifier", "")).want(400, "invalid_grant", "MSIS9720")
	f.token(adfsRedeem(code("code_challenge", "", "code_challenge_method", ""))).want(400, "invalid_grant", "MSIS9720")
	f.token(adfsRedeem(code("code_challenge", verifier, "code_challenge_method", "plain"))).ok()
	f.token(adfsRedeem(code("code_challenge", "", "code_challenge_method", ""), "code_verifier", "")).ok()

	late := code()
	f.clock.advance(codeLifetime)
	f.token(adfsRedeem(late)).want(400, "invalid_grant", "MSIS9612")
	changed := code()
	f.must(f.dir.ResetPassword(anna, annaPassword))
	f.token(adfsRedeem(changed)).want(400, "invalid_grant", "MSIS9614")
}

func TestADFSRefresh(t *testing.T) {
	for name, kmsi := range map[string]bool{"eight hours": false, "kept signed in": true} {
		t.Run(name, func(t *testing.T) {
			f := newADFSFixture(t, ADFSOptions{EnableKMSI: kmsi})
			a := f.token(adfsRedeem(f.code(adfsAsk("kmsi", "true")))).ok()
			refresh := url.Values{"grant_type": {"refresh_token"}, "client_id": {nativeClient}, "refresh_token": {a.text("refresh_token")}}
			f.clock.advance(7 * time.Hour)
			again := f.token(refresh).ok()
			f.wantClaims(again.text("access_token"), mailServer, anna, "openid", "profile", "email", "EWS.AccessAsUser.All", "user_impersonation")
			if got := again.text("refresh_token") != ""; got != kmsi {
				t.Errorf("a new refresh token: %t", got)
			}
			f.token(with(refresh, "scope", openADFSScope)).ok()
			f.token(with(refresh, "resource", "https://intra.contoso.example")).want(400, "access_denied", "MSIS9605")
			f.must(f.server.Permit(nativeClient, "https://intra.contoso.example"))
			other := f.token(with(refresh, "resource", "https://intra.contoso.example", "scope", "openid")).ok()
			f.wantClaims(other.text("access_token"), "https://intra.contoso.example", anna, "openid")
			f.token(with(refresh, "client_id", serverClient, "client_secret", string(webSecret))).want(400, "invalid_grant", "MSIS9614")
			f.token(with(refresh, "refresh_token", "guessed")).want(400, "invalid_grant", "MSIS9614")
			if kmsi {
				f.clock.advance(13 * 24 * time.Hour)
				f.token(refresh).ok()
				f.token(with(refresh, "refresh_token", again.text("refresh_token"))).ok()
			}
			f.clock.advance(24 * time.Hour)
			f.token(refresh).want(401, "invalid_grant", "MSIS9615")
		})
	}
}

func TestADFSRevocation(t *testing.T) {
	for name, change := range map[string]func(f *adfsFixture) error{
		"password": func(f *adfsFixture) error { return f.dir.ResetPassword(anna, otherPassword) },
		"disabled": func(f *adfsFixture) error { return f.dir.DisableUser(anna) },
		"revoked":  func(f *adfsFixture) error { return f.dir.RevokeSessions(anna) },
	} {
		f := newADFSFixture(t, ADFSOptions{})
		a := f.token(adfsRedeem(f.code(adfsAsk()))).ok()
		f.must(change(f))
		refresh := url.Values{"grant_type": {"refresh_token"}, "client_id": {nativeClient}, "refresh_token": {a.text("refresh_token")}}
		r := f.token(refresh)
		if r.want(400, "invalid_grant", "MSIS9614"); t.Failed() {
			t.Fatal(name)
		}
	}
	f := newADFSFixture(t, ADFSOptions{})
	a := f.token(adfsRedeem(f.code(adfsAsk()))).ok()
	f.must(f.dir.RevokeTokens(anna))
	if _, err := f.server.Verify(a.text("access_token")); !errors.Is(err, ErrTokenRevoked) {
		t.Errorf("revoked: %v", err)
	}
	b := f.token(adfsRedeem(f.code(adfsAsk()))).ok()
	f.verify(b.text("access_token"))
	f.clock.advance(time.Hour)
	if _, err := f.server.Verify(b.text("access_token")); !errors.Is(err, ErrTokenExpired) {
		t.Errorf("expired: %v", err)
	}
	// The access control policy counts for renewals too.
	for _, api := range f.server.apis {
		if api.Name == "Exchange" {
			api.Users = []string{boris}
		}
	}
	f.token(url.Values{"grant_type": {"refresh_token"}, "client_id": {nativeClient}, "refresh_token": {b.text("refresh_token")}}).want(400, "access_denied", "MSIS5007")
	_, err := f.signIn(adfsAsk())
	var pe *PageError
	if !errors.As(err, &pe) || pe.Code() != "MSIS5007" {
		t.Errorf("the policy: %v", err)
	}
}

func (f *adfsFixture) assertion(alg jose.SignatureAlgorithm, header map[jose.HeaderKey]any, change func(*jwt.Claims)) string {
	f.t.Helper()
	opts := &jose.SignerOptions{ExtraHeaders: header}
	key, err := oneKey()
	f.must(err)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, opts)
	f.must(err)
	now := f.clock.Now()
	claims := jwt.Claims{Issuer: serverClient, Subject: serverClient, ID: newUUID(), Audience: jwt.Audience{f.url("/oauth2/token/")}, Expiry: jwt.NewNumericDate(now.Add(time.Minute))}
	if change != nil {
		change(&claims)
	}
	text, err := jwt.Signed(signer).Claims(claims).Serialize()
	f.must(err)
	return text
}

func TestADFSServerApplication(t *testing.T) {
	f := newADFSFixture(t, ADFSOptions{})
	sum, sum256 := sha1.Sum(f.cert.Raw), sha256.Sum256(f.cert.Raw)
	x5t := map[jose.HeaderKey]any{"x5t": base64.RawURLEncoding.EncodeToString(sum[:])}
	sha256x5t := map[jose.HeaderKey]any{"x5t#S256": base64.RawURLEncoding.EncodeToString(sum256[:])}
	app := url.Values{"grant_type": {"client_credentials"}, "client_id": {serverClient}, "resource": {mailServer}}
	proof := func(text string) url.Values {
		return with(app, "client_assertion_type", assertionType, "client_assertion", text)
	}
	for name, form := range map[string]url.Values{
		"secret":      with(app, "client_secret", string(webSecret)),
		"certificate": proof(f.assertion(jose.RS256, x5t, nil)),
		"by scope":    with(app, "client_secret", string(webSecret), "resource", "", "scope", mailServer+"/.default openid offline_access profile"),
	} {
		a := f.token(form).ok()
		c := f.verify(a.text("access_token"))
		if c.IDType != AppToken || c.Audience != mailServer || c.AppID != serverClient || len(c.Scopes)+len(c.Roles) != 0 || a.text("refresh_token")+a.text("id_token") != "" {
			t.Errorf("%s: %+v, %v", name, c, a.body)
		}
	}
	for name, form := range map[string]url.Values{
		"nothing":       app,
		"wrong secret":  with(app, "client_secret", "guessed"),
		"PS256":         proof(f.assertion(jose.PS256, x5t, nil)),
		"SHA-256":       proof(f.assertion(jose.RS256, sha256x5t, nil)),
		"another's":     proof(f.assertion(jose.RS256, x5t, func(c *jwt.Claims) { c.Issuer, c.Subject = nativeClient, nativeClient })),
		"elsewhere":     proof(f.assertion(jose.RS256, x5t, func(c *jwt.Claims) { c.Audience = jwt.Audience{"https://elsewhere.example"} })),
		"expired":       proof(f.assertion(jose.RS256, x5t, func(c *jwt.Claims) { c.Expiry = jwt.NewNumericDate(f.clock.Now().Add(-time.Hour)) })),
		"without id":    proof(f.assertion(jose.RS256, x5t, func(c *jwt.Claims) { c.ID = "" })),
		"no JWT":        proof("x"),
		"not yet valid": proof(f.assertion(jose.RS256, x5t, func(c *jwt.Claims) { c.NotBefore = jwt.NewNumericDate(f.clock.Now().Add(time.Hour)) })),
	} {
		r := f.token(form)
		if r.want(400, "invalid_client", "MSIS9622"); t.Failed() {
			t.Fatal(name)
		}
	}
	f.token(with(app, "client_id", nativeClient)).want(400, "unauthorized_client", "MSIS9611")
	f.token(with(app, "client_secret", string(webSecret), "resource", "https://intra.contoso.example")).want(400, "access_denied", "MSIS9605")

	// A person at a web application's.
	ask := adfsAsk("client_id", serverClient, "redirect_uri", webBack)
	redeem := adfsRedeem(f.code(ask), "client_id", serverClient, "redirect_uri", webBack)
	f.token(redeem).want(400, "invalid_client", "MSIS9622")
	a := f.token(with(redeem, "client_secret", string(webSecret))).ok()
	if f.claims(a.text("access_token"))["apptype"] != "Confidential" {
		t.Error("apptype")
	}
	f.must(f.server.RemoveSecret(serverClient, webSecret))
	refresh := url.Values{"grant_type": {"refresh_token"}, "client_id": {serverClient}, "refresh_token": {a.text("refresh_token")}}
	f.token(with(refresh, "client_secret", string(webSecret))).want(400, "invalid_client", "MSIS9622")
	f.must(f.server.AddSecret(serverClient, otherPassword))
	f.token(with(refresh, "client_secret", string(otherPassword))).ok()
}

func TestADFSDevice(t *testing.T) {
	f := newADFSFixture(t, ADFSOptions{SlowDown: true})
	ctx := context.Background()
	begin := func() (adfsReply, url.Values) {
		w := f.post("/oauth2/devicecode", url.Values{"client_id": {nativeClient}, "scope": {openADFSScope}}).ok()
		return w, url.Values{"grant_type": {deviceGrantType}, "client_id": {nativeClient}, "device_code": {w.text("device_code")}}
	}
	w, poll := begin()
	if w.text("verification_uri") != f.url("/oauth2/deviceauth") || w.text("verification_url") != w.text("verification_uri") || w.body["interval"] != 5.0 {
		t.Errorf("answer %v", w.body)
	}
	f.token(poll).want(400, "authorization_pending", "")
	f.token(poll).want(400, "slow_down", "")
	// The address with the code in it fills the page in.
	resp, err := f.client.Get(w.text("verification_uri_complete"))
	f.must(err)
	pg, err := readPage(resp.Body)
	resp.Body.Close()
	f.must(err)
	if form := pg.form("user-code"); form == nil || form.values("next").Get(form.name("user-code")) != w.text("user_code") {
		t.Error("the code is not filled in")
	}
	f.must(SignInDevice(ctx, f.client, w.text("verification_uri_complete"), w.text("user_code"), anna, annaPassword, true))
	f.token(with(poll, "client_id", serverClient, "client_secret", string(webSecret))).want(400, "invalid_grant", "")
	a := f.token(poll).ok()
	f.wantClaims(a.text("access_token"), mailServer, anna, "openid", "profile", "email", "EWS.AccessAsUser.All", "user_impersonation")
	f.token(poll).want(400, "invalid_grant", "")
	if err := SignInDevice(ctx, f.client, w.text("verification_uri"), w.text("user_code"), anna, annaPassword, true); err == nil {
		t.Error("a spent code was taken")
	}

	w, poll = begin()
	f.must(SignInDevice(ctx, f.client, w.text("verification_uri"), w.text("user_code"), anna, annaPassword, false))
	f.token(poll).want(400, "access_denied", "")

	w, poll = begin()
	f.clock.advance(deviceLifetime)
	f.token(poll).want(400, "expired_token", "")
	if err := SignInDevice(ctx, f.client, w.text("verification_uri"), w.text("user_code"), anna, annaPassword, true); err == nil {
		t.Error("an expired code was taken")
	}
	f.token(with(poll, "device_code", "guessed")).want(400, "invalid_grant", "")
	f.post("/oauth2/devicecode", url.Values{"client_id": {"nobody"}}).want(400, "invalid_client", "MSIS9607")
	f.post("/oauth2/devicecode", url.Values{"client_id": {nativeClient}, "resource": {"https://elsewhere.example"}}).want(400, "invalid_resource", "MSIS9602")
}

// A form that a stranger's browser sends signs nobody in.
func TestADFSForms(t *testing.T) {
	f := newADFSFixture(t, ADFSOptions{})
	jar, err := cookiejar.New(nil)
	f.must(err)
	f.client.Jar = jar
	resp, err := f.client.Get(f.url("/oauth2/authorize") + "?" + adfsAsk().Encode())
	f.must(err)
	pg, err := readPage(resp.Body)
	resp.Body.Close()
	f.must(err)
	form := pg.form("account").values("sign-in")
	form.Set("account", anna)
	form.Set("password", string(annaPassword))
	post := func(v url.Values) string {
		resp, err := f.client.PostForm(f.url("/login"), v)
		f.must(err)
		defer resp.Body.Close()
		return resp.Header.Get("Location")
	}
	if to := post(with(form, "csrf", "guessed")); to != "" {
		t.Errorf("without the form's secret: %s", to)
	}
	f.client.Jar = nil
	if to := post(form); to != "" {
		t.Errorf("from another browser: %s", to)
	}
	f.client.Jar = jar
	if to := post(form); !strings.HasPrefix(to, nativeBack+"?") {
		t.Errorf("goes to %s", to)
	}
	if to := post(form); to != "" {
		t.Errorf("twice: %s", to)
	}
	if q, err := f.signIn(adfsAsk("prompt", "none")); err != nil || q.Get("code") == "" {
		t.Errorf("no single sign-on: %v, %v", q, err)
	}
	if q, err := f.signIn(adfsAsk("prompt", "none", "login_hint", boris)); err != nil || q.Get("error") != "interaction_required" {
		t.Errorf("somebody else: %v, %v", q, err)
	}
}

func TestADFSRegistry(t *testing.T) {
	f := newADFSFixture(t, ADFSOptions{})
	for name, err := range map[string]error{
		"a native one with a secret": second(f.server.AddClient(ADFSClient{Name: "x", Secrets: []Secret{"s"}})),
		"twice":                      second(f.server.AddClient(ADFSClient{ClientID: nativeClient})),
		"no redirect":                second(f.server.AddClient(ADFSClient{Redirects: []string{"/relative"}})),
		"an identifier twice":        f.server.AddWebAPI(WebAPI{Identifiers: []string{mailServer}}),
		"no identifier":              f.server.AddWebAPI(WebAPI{}),
		"permit nobody":              f.server.Permit("nobody", mailServer),
		"permit nothing":             f.server.Permit(nativeClient, "https://elsewhere.example"),
		"a secret for a native one":  f.server.AddSecret(nativeClient, "s"),
		"a certificate for one":      f.server.AddCertificate(nativeClient, f.cert),
		"a redirect with a fragment": f.server.AddRedirect(nativeClient, "https://crm.example/#x"),
		"a secret that is not there": f.server.RemoveSecret(serverClient, "none"),
		"a redirect for nobody":      f.server.AddRedirect("nobody", "https://crm.example/"),
	} {
		if err == nil {
			t.Errorf("%s: registered", name)
		}
	}
	made, err := f.server.AddClient(ADFSClient{Name: "new"})
	if err != nil || !isUUID(made.ClientID) {
		t.Errorf("%+v, %v", made, err)
	}
	f.must(f.server.AddRedirect(nativeClient, "http://localhost:9999/"))
	f.code(adfsAsk("redirect_uri", "http://localhost:9999/"))
	f.server.Forbid(nativeClient, mailServer)
	if q, err := f.signIn(adfsAsk()); err != nil || q.Get("error") != "access_denied" {
		t.Errorf("forbidden: %v, %v", q, err)
	}
	if resp, err := f.client.Get(f.url("/ls/")); err != nil || resp.StatusCode != http.StatusNotFound {
		t.Errorf("WS-Federation: %v, %v", resp, err)
	}
}

func second[T any](_ T, err error) error { return err }

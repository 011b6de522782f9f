package simulator

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/simulator/entra"
)

// adfsTokens is what AD FS's token endpoint answers.
type adfsTokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Error   string `json:"error_description"`
}

func askADFS(t *testing.T, s *Simulator, form url.Values) adfsTokens {
	t.Helper()
	client := s.HTTPClient()
	defer client.CloseIdleConnections()
	answer, err := client.PostForm(s.ADFSURL()+"/oauth2/token/", form)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var got adfsTokens
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	return got
}

// adfsSignIn signs somebody in at AD FS with a scope.
func adfsSignIn(t *testing.T, s *Simulator, app Application, user, scope string) adfsTokens {
	t.Helper()
	client := s.HTTPClient()
	defer client.CloseIdleConnections()
	query := url.Values{"client_id": {app.ClientID}, "response_type": {"code"}, "redirect_uri": {LoopbackAtADFS}, "scope": {scope}, "kmsi": {"true"}}
	back, err := entra.SignIn(context.Background(), client, s.ADFSURL()+"/oauth2/authorize/?"+query.Encode(), user, s.Password(user), true)
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"grant_type": {"authorization_code"}, "client_id": {app.ClientID}, "code": {back.Query().Get("code")}, "redirect_uri": {LoopbackAtADFS}}
	if app.Secret != "" {
		form.Set("client_secret", string(app.Secret))
	}
	got := askADFS(t, s, form)
	if got.Access == "" {
		t.Fatalf("%v: %s", back, got.Error)
	}
	return got
}

func (s *Simulator) serverHost() string {
	return strings.TrimSuffix(s.EWSURL(Server), "/EWS/Exchange.asmx")
}

// The Exchange Server takes the tokens of AD FS, whichever way the resource was
// written, and with them the role ApplicationImpersonation.
func TestServerTakesTokensOfADFS(t *testing.T) {
	s := start(t, nil)
	host := s.serverHost()
	for name, tc := range map[string]struct {
		app   Application
		scope string
	}{
		"by the guide":     {s.Applications().ADFS, host + "//user_impersonation openid"},
		"without a slash":  {s.Applications().ADFS, host + "/user_impersonation"},
		"EWS's permission": {s.Applications().ADFS, host + "/EWS.AccessAsUser.All openid profile offline_access"},
		"a web server":     {s.Applications().ADFSWeb, host + "/user_impersonation"},
	} {
		t.Run(name, func(t *testing.T) {
			anna := as{t: t, s: s, tenant: Server, bearer: adfsSignIn(t, s, tc.app, "anna@contoso.example", tc.scope).Access}
			anna.status(anna.folder(getInbox()), "NoError")
		})
	}
	service := as{t: t, s: s, tenant: Server, onBehalf: "ben@contoso.example",
		bearer: adfsSignIn(t, s, s.Applications().ADFS, crmService, host+"/user_impersonation").Access}
	service.status(service.folder(getInbox()), "NoError")
	service.onBehalf = "director@contoso.example"
	if f := service.fault(getInbox()); f.ResponseCode != "ErrorImpersonateUserDenied" {
		t.Errorf("outside the scope: %s", f.ResponseCode)
	}
	if err := s.Directory().RevokeTokens(crmService); err != nil {
		t.Fatal(err)
	}
	if w := service.post(getInbox()); w.Code != http.StatusUnauthorized || !strings.HasPrefix(w.Header().Get("X-Ms-Diagnostics"), "2000001;") {
		t.Errorf("revoked: HTTP %d, %q", w.Code, w.Header().Get("X-Ms-Diagnostics"))
	}
}

func TestTokensOfADFSThatAreRefused(t *testing.T) {
	s := start(t, nil)
	web := s.Applications().ADFSWeb
	good := adfsSignIn(t, s, s.Applications().ADFS, "anna@contoso.example", s.serverHost()+"/user_impersonation").Access
	own := adfsSignIn(t, s, s.Applications().ADFS, "anna@contoso.example", "openid").Access
	app := askADFS(t, s, url.Values{"grant_type": {"client_credentials"}, "client_id": {web.ClientID}, "client_secret": {string(web.Secret)}, "resource": {s.serverHost() + "/"}}).Access
	for name, tc := range map[string]struct {
		tenant      Tenant
		token       string
		diagnostics string
	}{
		"Exchange Online knows no AD FS":  {Online, good, "2000001;"},
		"a token for AD FS itself":        {Server, own, "2000003;"},
		"an application in its own right": {Server, app, "2000008;"},
		"a changed token":                 {Server, good[:len(good)-8] + "AAAAAAAA", "2000001;"},
	} {
		w := as{t: t, s: s, tenant: tc.tenant, bearer: tc.token}.post(getInbox())
		if w.Code != http.StatusUnauthorized || !strings.HasPrefix(w.Header().Get("X-Ms-Diagnostics"), tc.diagnostics) {
			t.Errorf("%s: HTTP %d, %q", name, w.Code, w.Header().Get("X-Ms-Diagnostics"))
		}
	}
	// Online wants its own permission still.
	if (&tenant{kind: Online}).lets(entra.Claims{Scopes: []string{"user_impersonation"}}) {
		t.Error("user_impersonation opens Exchange Online")
	}
}

// The server sends people to the authority that is its default.
func TestDefaultAuthority(t *testing.T) {
	for _, adfs := range []bool{false, true} {
		s := start(t, func(o *Options) { o.Federation.Default = adfs })
		want := `authorization_uri="` + s.AuthorityURL(Server) + `/oauth2/v2.0/authorize"`
		if adfs {
			want = `authorization_uri="` + s.ADFSURL() + `/oauth2/authorize"`
		}
		if got := (as{t: t, s: s, tenant: Server, bearer: "x"}).post(getInbox()).Header().Get("WWW-Authenticate"); !strings.Contains(got, want) {
			t.Errorf("the server says %q; want %s", got, want)
		}
		online := `authorization_uri="` + s.AuthorityURL(Online) + `/oauth2/v2.0/authorize"`
		if got := (as{t: t, s: s, tenant: Online, bearer: "x"}).post(getInbox()).Header().Get("WWW-Authenticate"); !strings.Contains(got, online) {
			t.Errorf("Exchange Online says %q; want %s", got, online)
		}
	}
}

// AD FS goes on where it was: keys, refresh tokens, and what was registered.
func TestADFSRemembers(t *testing.T) {
	opts := Options{Seed: 7, Empty: true, Password: "secret", State: filepath.Join(t.TempDir(), "state"), Federation: FederationOptions{EnableKMSI: true}}
	first := started(t, opts)
	app := first.Applications().ADFS
	got := adfsSignIn(t, first, app, "anna@contoso.example", first.serverHost()+"/user_impersonation")
	if err := first.RegisterRedirect("https://crm.example/callback"); err != nil {
		t.Fatal(err)
	}
	addresses := []string{first.hosts["login"], first.hosts[string(Server)], first.hosts[string(Online)]}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	for i, where := range []*string{&opts.LoginAddr, &opts.ServerAddr, &opts.OnlineAddr} {
		*where = strings.Replace(addresses[i], "localhost", "127.0.0.1", 1)
	}
	second := started(t, opts)
	anna := as{t: t, s: second, tenant: Server, bearer: got.Access}
	anna.status(anna.folder(getInbox()), "NoError")
	renewed := askADFS(t, second, url.Values{"grant_type": {"refresh_token"}, "client_id": {app.ClientID}, "refresh_token": {got.Refresh}})
	if renewed.Access == "" || renewed.Refresh == "" {
		t.Errorf("after the restart: %s", renewed.Error)
	}
	if cl, _ := second.ADFS().Client(app.ClientID); len(cl.Redirects) != 2 {
		t.Errorf("redirects %v", cl.Redirects)
	}
	if err := second.Directory().ResetPassword("anna@contoso.example", "another"); err != nil {
		t.Fatal(err)
	}
	if again := askADFS(t, second, url.Values{"grant_type": {"refresh_token"}, "client_id": {app.ClientID}, "refresh_token": {renewed.Refresh}}); !strings.HasPrefix(again.Error, "MSIS9614") {
		t.Errorf("after the new password: %+v", again)
	}
}

// Faults of tokens befall AD FS too, as contoso's.
func TestFaultsOfADFS(t *testing.T) {
	s := start(t, nil)
	remove := s.Fail(Fault{Service: Token, Tenant: Server, Status: http.StatusServiceUnavailable, Times: 1})
	defer remove()
	client := s.HTTPClient()
	defer client.CloseIdleConnections()
	for _, want := range []int{http.StatusServiceUnavailable, http.StatusBadRequest} {
		answer, err := client.PostForm(s.ADFSURL()+"/oauth2/token/", url.Values{"grant_type": {"refresh_token"}, "client_id": {s.Applications().ADFS.ClientID}, "refresh_token": {"x"}})
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("HTTP %d, want %d", answer.StatusCode, want)
		}
	}
}

// Each cloud has its own names, and does not know another's.
func TestClouds(t *testing.T) {
	for _, cloud := range entra.Clouds() {
		t.Run(string(cloud), func(t *testing.T) {
			s := start(t, func(o *Options) { o.Cloud = cloud })
			apps := s.Applications()
			erik := as{t: t, s: s, tenant: Online, bearer: userToken(t, s, apps.Online, "erik@fabrikam.example", cloud.Exchange()[0]+"/EWS.AccessAsUser.All")}
			erik.status(erik.folder(getInbox()), "NoError")
			app := as{t: t, s: s, tenant: Online, onBehalf: "erik@fabrikam.example", bearer: ask(t, s, Online, url.Values{
				"grant_type": {"client_credentials"}, "client_id": {apps.AppOnly.ClientID}, "client_secret": {string(apps.AppOnly.Secret)},
				"scope": {cloud.Exchange()[0] + "/.default"},
			})}
			app.status(app.folder(getInbox()), "NoError")
			graph := as{t: t, s: s, tenant: Online, bearer: userToken(t, s, apps.Online, "erik@fabrikam.example", "Mail.Send")}
			if w := graph.post(getInbox()); !strings.Contains(w.Header().Get("X-Ms-Diagnostics"), cloud.Graph()) {
				t.Errorf("Graph's token: %s", w.Header().Get("X-Ms-Diagnostics"))
			}
			for _, other := range entra.Clouds() {
				if other == cloud {
					continue
				}
				client := s.HTTPClient()
				answer, err := client.PostForm(s.AuthorityURL(Online)+"/oauth2/v2.0/token", url.Values{
					"grant_type": {"client_credentials"}, "client_id": {apps.AppOnly.ClientID}, "client_secret": {string(apps.AppOnly.Secret)},
					"scope": {other.Exchange()[0] + "/.default"},
				})
				if err != nil {
					t.Fatal(err)
				}
				answer.Body.Close()
				client.CloseIdleConnections()
				if answer.StatusCode != http.StatusBadRequest {
					t.Errorf("the resource of %s: HTTP %d", other, answer.StatusCode)
				}
			}
		})
	}
	if _, err := New(&Options{Empty: true, Cloud: "moon"}); err == nil {
		t.Error("a cloud that is none")
	}
}

// The web application at fabrikam: a person signs in, a secret proves the server.
func TestWebApplicationOpensEWS(t *testing.T) {
	s := start(t, nil)
	app := s.Applications().Web
	client := s.HTTPClient()
	defer client.CloseIdleConnections()
	query := url.Values{"client_id": {app.ClientID}, "response_type": {"code"}, "redirect_uri": {CRMRedirect}, "scope": {onlineScope + " offline_access"}, "state": {"s"}}
	back, err := entra.SignIn(context.Background(), client, s.AuthorityURL(Online)+"/oauth2/v2.0/authorize?"+query.Encode(), "erik@fabrikam.example", s.Password("erik@fabrikam.example"), true)
	if err != nil {
		t.Fatal(err)
	}
	erik := as{t: t, s: s, tenant: Online, bearer: ask(t, s, Online, url.Values{
		"grant_type": {"authorization_code"}, "client_id": {app.ClientID}, "client_secret": {string(app.Secret)},
		"code": {back.Query().Get("code")}, "redirect_uri": {CRMRedirect},
	})}
	erik.status(erik.folder(getInbox()), "NoError")
	cert, _, err := NewClientCertificate("CRM", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.AddCertificate(cert); err != nil {
		t.Fatal(err)
	}
	if cl, _ := s.ADFS().Client(s.Applications().ADFSWeb.ClientID); len(cl.Certificates) != 1 {
		t.Error("the certificate is not registered with AD FS")
	}
}

// The external address of the server is an audience of its own, by Entra and by
// AD FS.
func TestExternalHost(t *testing.T) {
	const external = "https://mail.contoso.example"
	s := start(t, func(o *Options) { o.ExternalHost = "mail.contoso.example" })
	for name, token := range map[string]string{
		"Entra": userToken(t, s, s.Applications().Server, "anna@contoso.example", external+"/EWS.AccessAsUser.All"),
		"AD FS": adfsSignIn(t, s, s.Applications().ADFS, "anna@contoso.example", external+"//user_impersonation").Access,
		"local": userToken(t, s, s.Applications().Server, "anna@contoso.example", s.serverHost()+"/EWS.AccessAsUser.All"),
	} {
		t.Run(name, func(t *testing.T) {
			anna := as{t: t, s: s, tenant: Server, bearer: token}
			anna.status(anna.folder(getInbox()), "NoError")
			if w := (as{t: t, s: s, tenant: Online, bearer: token}).post(getInbox()); w.Code != http.StatusUnauthorized {
				t.Errorf("Exchange Online: HTTP %d", w.Code)
			}
		})
	}
}

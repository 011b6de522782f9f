package simulator

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/exconn/exconn/simulator/entra"
)

// deviceToken signs somebody in by device code.
func deviceToken(t *testing.T, s *Simulator, app Application, user, scope string) string {
	t.Helper()
	client := s.HTTPClient()
	defer client.CloseIdleConnections()
	answer, err := client.PostForm(s.AuthorityURL(app.Tenant)+"/oauth2/v2.0/devicecode", url.Values{"client_id": {app.ClientID}, "scope": {scope}})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var got struct {
		UserCode   string `json:"user_code"`
		DeviceCode string `json:"device_code"`
		URI        string `json:"verification_uri"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil || got.DeviceCode == "" {
		t.Fatalf("HTTP %d, no device code: %v", answer.StatusCode, err)
	}
	if err := entra.SignInDevice(context.Background(), client, got.URI, got.UserCode, user, s.Password(user), true); err != nil {
		t.Fatal(err)
	}
	return ask(t, s, app.Tenant, url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "client_id": {app.ClientID}, "device_code": {got.DeviceCode},
	})
}

// Tokens by device code open EWS, in the cloud and, with hybrid modern
// authentication, on the server.
func TestDeviceCodeOpensEWS(t *testing.T) {
	s := start(t, nil)
	apps := s.Applications()
	server := strings.TrimSuffix(s.EWSURL(Server), "/EWS/Exchange.asmx")
	erik := as{t: t, s: s, tenant: Online, bearer: deviceToken(t, s, apps.Online, "erik@fabrikam.example", onlineScope)}
	erik.status(erik.folder(getInbox()), "NoError")
	anna := as{t: t, s: s, tenant: Server, bearer: deviceToken(t, s, apps.Server, "anna@contoso.example", server+"/EWS.AccessAsUser.All")}
	anna.status(anna.folder(getInbox()), "NoError")
}

// A token for sending by SMTP has the audience of Exchange Online, but not the
// permission for EWS.
func TestTokensForSMTPDoNotOpenEWS(t *testing.T) {
	s := start(t, nil)
	service, err := s.Directory().AddApplication(entra.Application{
		Name: "sends alone", Tenant: onlineTenantID, AdminConsented: true, Secrets: []entra.ClientSecret{{Value: "secret"}},
		AppRoles: []entra.AppRole{{Resource: onlineResource, Role: "SMTP.SendAsApp"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{
		"delegated": userToken(t, s, s.Applications().Online, "erik@fabrikam.example", "https://outlook.office.com/SMTP.Send"),
		"app-only":  appToken(t, s, Application{ClientID: service.ClientID, Tenant: Online, Secret: "secret"}),
	} {
		w := as{t: t, s: s, tenant: Online, bearer: token}.post(getInbox())
		if w.Code != http.StatusUnauthorized || !strings.HasPrefix(w.Header().Get("X-Ms-Diagnostics"), "2000008;") {
			t.Errorf("%s: HTTP %d, %q", name, w.Code, w.Header().Get("X-Ms-Diagnostics"))
		}
	}
}

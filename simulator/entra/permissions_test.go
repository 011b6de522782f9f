package entra

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

// mailFixture has an application for each way of registering the permissions of
// mail protocols and Graph.
func mailFixture(t *testing.T) (f *fixture, underGraph, underExchange, service string) {
	t.Helper()
	f = newFixture(t, Options{})
	add := func(a Application) string {
		t.Helper()
		a.Tenant, a.Redirects, a.Secrets = contosoID, []Redirect{{loopback, Public}}, []ClientSecret{{Value: webSecret}}
		a, err := f.dir.AddApplication(a)
		if err != nil {
			t.Fatal(err)
		}
		return a.ClientID
	}
	underGraph = add(Application{Name: "By the guide", Delegated: []Permission{{graphURI, "SMTP.Send"}, {graphURI, "Mail.ReadWrite"}}})
	underExchange = add(Application{Name: "Under Exchange", Delegated: []Permission{{exchange, "SMTP.Send"}, {exchange, "EWS.AccessAsUser.All"}}})
	service = add(Application{Name: "Service", AdminConsented: true, AppRoles: []AppRole{{exchange, "SMTP.SendAsApp"}, {graphURI, "Mail.ReadWrite"}, {graphURI, "Mail.Send"}}})
	return f, underGraph, underExchange, service
}

func TestDelegatedResources(t *testing.T) {
	f, underGraph, underExchange, _ := mailFixture(t)
	const smtp = "https://outlook.office.com/SMTP.Send"
	for _, c := range []struct{ app, scope, audience, scp string }{
		{underGraph, smtp, "https://outlook.office.com", "SMTP.Send"},
		{underExchange, smtp, "https://outlook.office.com", "SMTP.Send"},
		{underExchange, exchange + "/SMTP.Send", exchange, "SMTP.Send"},
		{underExchange, smtp + " https://outlook.office.com/EWS.AccessAsUser.All", "https://outlook.office.com", "SMTP.Send EWS.AccessAsUser.All"},
		{underGraph, graphURI + "/Mail.ReadWrite", graphURI, "Mail.ReadWrite"},
		{underGraph, "Mail.ReadWrite", graphURI, "Mail.ReadWrite"},
	} {
		f.dir.consents = map[[2]string]map[string]bool{}
		code := f.code(request("client_id", c.app, "scope", c.scope+" offline_access"))
		a := f.tokens(contosoID, redeem(code, "client_id", c.app, "scope", c.scope))
		got := f.verify(a.AccessToken)
		if got.Audience != c.audience || strings.Join(got.Scopes, " ") != c.scp {
			t.Errorf("%s: audience %s, scopes %v", c.scope, got.Audience, got.Scopes)
		}
		if !strings.Contains(a.Scope, strings.Fields(c.scope)[0]) {
			t.Errorf("%s: answered %q", c.scope, a.Scope)
		}
	}
}

// What is registered under Graph for the mail protocols alone is good for
// Exchange Online.
func TestGraphPermissionIsNotExchanges(t *testing.T) {
	f, underGraph, _, _ := mailFixture(t)
	for scope, code := range map[string]string{
		"https://outlook.office.com/EWS.AccessAsUser.All": "AADSTS70011",
		"https://outlook.office.com/Mail.ReadWrite":       "AADSTS650053",
		"https://outlook.office.com/SMTP.SendAsApp":       "AADSTS650053",
		graphURI + "/SMTP.SendAll":                        "AADSTS650053",
		graphURI + "/Calendars.Read":                      "AADSTS70011",
	} {
		q := f.signIn(contosoID, request("client_id", underGraph, "scope", scope), anna, annaPassword)
		if !strings.HasPrefix(q.Get("error_description"), code+":") {
			t.Errorf("%s: %s", scope, q.Get("error_description"))
		}
	}
}

func TestAppOnlyResources(t *testing.T) {
	f, _, _, service := mailFixture(t)
	for scope, want := range map[string][]string{
		exchange + "/.default":                {"SMTP.SendAsApp"},
		"https://outlook.office.com/.default": {"SMTP.SendAsApp"},
		graphURI + "/.default":                {"Mail.ReadWrite", "Mail.Send"},
	} {
		a := f.tokens(contosoID, url.Values{"grant_type": {"client_credentials"}, "client_id": {service}, "client_secret": {string(webSecret)}, "scope": {scope}})
		c := f.verify(a.AccessToken)
		if c.Audience != strings.TrimSuffix(scope, "/.default") || !slices.Equal(c.Roles, want) || c.IDType != AppToken || len(c.Scopes) > 0 {
			t.Errorf("%s: %+v", scope, c)
		}
	}
}

func TestPermissionsThatDoNotExist(t *testing.T) {
	d := NewDirectory()
	if _, err := d.AddTenant(Tenant{ID: contosoID}); err != nil {
		t.Fatal(err)
	}
	for _, a := range []Application{
		{Delegated: []Permission{{exchange, "SMTP.SendAsApp"}}},
		{Delegated: []Permission{{graphURI, "Mail.SendAll"}}},
		{AppRoles: []AppRole{{graphURI, "full_access_as_app"}}},
		{AppRoles: []AppRole{{exchange, "Mail.Send"}}},
		{AppRoles: []AppRole{{"https://nowhere.example", "Mail.Send"}}},
	} {
		a.Tenant = contosoID
		if _, err := d.AddApplication(a); err == nil {
			t.Errorf("%v %v was registered", a.Delegated, a.AppRoles)
		}
	}
}

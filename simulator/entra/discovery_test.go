package entra

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func (f *fixture) getJSON(address string, into any) int {
	f.t.Helper()
	resp, err := f.client.Get(address)
	if err != nil {
		f.t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		f.t.Fatalf("%s: HTTP %d: %v", address, resp.StatusCode, err)
	}
	return resp.StatusCode
}

func TestDiscovery(t *testing.T) {
	f := newFixture(t, Options{})
	for _, tc := range []struct{ tenant, name, issuer string }{
		{contosoID, contosoID, contosoID},
		{strings.ToUpper(contosoID), contosoID, contosoID},
		{"Contoso.Example", contosoID, contosoID},
		{"organizations", "organizations", "{tenantid}"},
		{"common", "common", "{tenantid}"},
	} {
		var doc struct {
			Issuer   string   `json:"issuer"`
			Auth     string   `json:"authorization_endpoint"`
			Token    string   `json:"token_endpoint"`
			Keys     string   `json:"jwks_uri"`
			Logout   string   `json:"end_session_endpoint"`
			Methods  []string `json:"code_challenge_methods_supported"`
			Subjects []string `json:"subject_types_supported"`
		}
		if status := f.getJSON(f.url(tc.tenant, "/v2.0/.well-known/openid-configuration"), &doc); status != http.StatusOK {
			t.Fatalf("%s: HTTP %d", tc.tenant, status)
		}
		if want := f.url(tc.issuer, "/v2.0"); doc.Issuer != want {
			t.Errorf("%s: issuer %s, want %s", tc.tenant, doc.Issuer, want)
		}
		for got, path := range map[string]string{doc.Auth: "/oauth2/v2.0/authorize", doc.Token: "/oauth2/v2.0/token", doc.Keys: "/discovery/v2.0/keys", doc.Logout: "/oauth2/v2.0/logout"} {
			if want := f.url(tc.name, path); got != want {
				t.Errorf("%s: endpoint %s, want %s", tc.tenant, got, want)
			}
		}
		if len(doc.Methods) != 1 || doc.Methods[0] != "S256" {
			t.Errorf("%s: challenge methods %v", tc.tenant, doc.Methods)
		}
	}
}

func TestDiscoveryByBaseURL(t *testing.T) {
	f := newFixture(t, Options{BaseURL: "https://login.example.test:8443/"})
	var doc struct {
		Issuer string `json:"issuer"`
	}
	f.getJSON(f.url(contosoID, "/v2.0/.well-known/openid-configuration"), &doc)
	if want := "https://login.example.test:8443/" + contosoID + "/v2.0"; doc.Issuer != want {
		t.Errorf("issuer %s, want %s", doc.Issuer, want)
	}
}

func TestUnknownTenant(t *testing.T) {
	f := newFixture(t, Options{})
	for tenant, code := range map[string]int{"nobody.example": 90002, "consumers": 9002332} {
		a := answer{}
		a.status = f.getJSON(f.url(tenant, "/v2.0/.well-known/openid-configuration"), &a)
		a.wantError(t, code, "invalid_request")
		f.token(tenant, redeem("x")).wantError(t, code, "invalid_request")
	}
}

func TestInstanceDiscovery(t *testing.T) {
	f := newFixture(t, Options{})
	ask := func(endpoint string) (map[string]any, int) {
		var doc map[string]any
		status := f.getJSON(f.url("common", "/discovery/instance?api-version=1.1&authorization_endpoint="+url.QueryEscape(endpoint)), &doc)
		return doc, status
	}
	doc, status := ask(f.url("organizations", "/oauth2/v2.0/authorize"))
	if status != http.StatusOK || doc["tenant_discovery_endpoint"] != f.url("organizations", "/v2.0/.well-known/openid-configuration") {
		t.Errorf("HTTP %d: %v", status, doc)
	}
	doc, status = ask("https://elsewhere.example/organizations/oauth2/v2.0/authorize")
	if status != http.StatusBadRequest || doc["error"] != "invalid_instance" {
		t.Errorf("another host: HTTP %d: %v", status, doc)
	}
}

func TestOnlyKnownPathsAndMethods(t *testing.T) {
	f := newFixture(t, Options{})
	resp, err := f.client.Get(f.url(contosoID, "/oauth2/v2.0/userinfo"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("an endpoint that is not offered: HTTP %d", resp.StatusCode)
	}
	a := answer{}
	a.status = f.getJSON(f.url(contosoID, "/oauth2/v2.0/token"), &a)
	a.wantError(t, 900561, "invalid_request")

	req, err := http.NewRequest(http.MethodOptions, f.url(contosoID, "/oauth2/v2.0/token"), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Origin", spaOrigin)
	resp, err = f.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(resp.Header.Get("Access-Control-Allow-Methods"), "POST") {
		t.Errorf("preflight: HTTP %d, %v", resp.StatusCode, resp.Header)
	}
}

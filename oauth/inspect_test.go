package oauth_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

func TestInspect(t *testing.T) {
	expires := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		claims map[string]any
		want   oauth.Claims
	}{
		"delegated": {
			map[string]any{"aud": "https://outlook.office365.com", "tid": tenant, "appid": clientID, "scp": "EWS.AccessAsUser.All profile", "upn": "anna@example.com", "idtyp": "user", "exp": expires.Unix(), "iss": "https://sts.windows.net/x/"},
			oauth.Claims{Audience: "https://outlook.office365.com", Issuer: "https://sts.windows.net/x/", Tenant: tenant, ClientID: clientID, Scopes: []string{"EWS.AccessAsUser.All", "profile"}, Kind: oauth.Delegated, Username: "anna@example.com", Expires: expires},
		},
		"app-only": {
			map[string]any{"aud": "https://outlook.office365.com", "roles": []string{"full_access_as_app"}, "idtyp": "app", "azp": clientID, "exp": expires.Unix()},
			oauth.Claims{Audience: "https://outlook.office365.com", ClientID: clientID, Roles: []string{"full_access_as_app"}, Kind: oauth.AppOnly, Expires: expires},
		},
		"app-only without idtyp": {map[string]any{"roles": []string{"x"}}, oauth.Claims{Roles: []string{"x"}, Kind: oauth.AppOnly}},
		"app-only by RBAC, without roles": {
			map[string]any{"aud": "a", "oid": "service-principal", "sub": "service-principal"}, oauth.Claims{Audience: "a", Kind: oauth.AppOnly},
		},
		"delegated with roles":    {map[string]any{"scp": "x", "roles": []string{"y"}}, oauth.Claims{Scopes: []string{"x"}, Roles: []string{"y"}, Kind: oauth.Delegated}},
		"AD FS, lists":            {map[string]any{"aud": []string{"a", "b"}, "scp": []string{"x", "y"}}, oauth.Claims{Audience: "a b", Scopes: []string{"x", "y"}, Kind: oauth.Delegated}},
		"nothing that tells":      {map[string]any{"aud": "a"}, oauth.Claims{Audience: "a"}},
		"subject differs, oid":    {map[string]any{"oid": "a", "sub": "b"}, oauth.Claims{}},
		"expiry with a fraction":  {map[string]any{"exp": float64(expires.Unix()) + 0.5}, oauth.Claims{Expires: expires}},
		"preferred_username only": {map[string]any{"preferred_username": "a@b"}, oauth.Claims{Kind: oauth.Delegated, Username: "a@b"}},
	} {
		got, err := oauth.Inspect(jwt(test.claims))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
	enc := base64.RawURLEncoding.EncodeToString
	for name, token := range map[string]string{
		"empty": "", "opaque": "EwBwA8l6BAAU-canary", "encrypted": "a.b.c.d.e", "not base64": "a.%.c",
		"not JSON": "a." + enc([]byte("canary")) + ".c", "list": "a." + enc([]byte(`["canary"]`)) + ".c",
		"odd audience": "a." + enc([]byte(`{"aud":{"canary":1}}`)) + ".c", "odd scopes": "a." + enc([]byte(`{"scp":7}`)) + ".c", "odd expiry": "a." + enc([]byte(`{"exp":"canary"}`)) + ".c",
	} {
		_, err := oauth.Inspect(token)
		if !errors.Is(err, mailbox.ErrUnsupported) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

package entra

import (
	"net/http"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// openIDConfiguration serves the discovery document (OpenID Connect Discovery
// 1.0). For "organizations" and "common" the issuer is a template, as Entra's
// is: which tenant it will be is not known before somebody signs in.
func (s *Server) openIDConfiguration(c *call) {
	if !s.getOnly(c) {
		return
	}
	issuer := "{tenantid}"
	if c.realm.tenant != nil {
		issuer = c.realm.tenant.ID
	}
	at := func(path string) string { return c.base + "/" + c.realm.name + path }
	writeJSON(c.w, http.StatusOK, map[string]any{
		"issuer":                                c.issuer(issuer),
		"authorization_endpoint":                at("/oauth2/v2.0/authorize"),
		"token_endpoint":                        at("/oauth2/v2.0/token"),
		"device_authorization_endpoint":         at("/oauth2/v2.0/devicecode"),
		"userinfo_endpoint":                     c.base + userinfoPath,
		"cloud_instance_name":                   s.dir.cloud.instance(),
		"msgraph_host":                          strings.TrimPrefix(s.dir.cloud.Graph(), "https://"),
		"end_session_endpoint":                  at("/oauth2/v2.0/logout"),
		"jwks_uri":                              at("/discovery/v2.0/keys"),
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "private_key_jwt", "client_secret_basic"},
		"response_modes_supported":              []string{"query", "fragment", "form_post"},
		"response_types_supported":              []string{"code"},
		"grant_types_supported":                 []string{"authorization_code", "refresh_token", "client_credentials", deviceGrantType},
		"subject_types_supported":               []string{"pairwise"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"code_challenge_methods_supported":      []string{"S256"},
		"scopes_supported":                      oidcScopes,
		"claims_supported":                      []string{"sub", "iss", "aud", "exp", "iat", "nbf", "nonce", "name", "oid", "tid", "preferred_username", "email", "ver"},
		"request_uri_parameter_supported":       false,
		"http_logout_supported":                 false,
		"tenant_region_scope":                   nil,
	})
}

// keys serves the public keys by which tokens are verified (RFC 7517).
func (s *Server) keys(c *call) {
	if !s.getOnly(c) {
		return
	}
	k, err := s.key()
	if err != nil {
		s.errorJSON(c, broken(err))
		return
	}
	writeJSON(c.w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{k.public}})
}

// instanceDiscovery tells a client whether the host of an authority is to be
// trusted. This server vouches for itself alone.
func (s *Server) instanceDiscovery(c *call) {
	if !s.getOnly(c) {
		return
	}
	endpoint := c.r.URL.Query().Get("authorization_endpoint")
	rest, found := strings.CutPrefix(endpoint, c.base+"/")
	if !found {
		s.errorJSON(c, fail(50049, "invalid_instance", "This server does not know the authority's host."))
		return
	}
	name, _, _ := strings.Cut(rest, "/")
	rm, e := s.realm(name)
	if e != nil {
		s.errorJSON(c, e)
		return
	}
	host := strings.TrimPrefix(c.base, "https://")
	writeJSON(c.w, http.StatusOK, map[string]any{
		"tenant_discovery_endpoint": c.base + "/" + rm.name + "/v2.0/.well-known/openid-configuration",
		"api-version":               "1.1",
		"metadata": []map[string]any{{
			"preferred_network": host, "preferred_cache": host, "aliases": []string{host},
		}},
	})
}

// getOnly allows reading, from scripts of any origin too.
func (s *Server) getOnly(c *call) bool {
	c.w.Header().Set("Access-Control-Allow-Origin", "*")
	if c.r.Method == http.MethodGet || c.r.Method == http.MethodHead {
		return true
	}
	c.w.Header().Set("Allow", "GET, HEAD")
	s.errorJSON(c, wrongMethod("GET", c.r.Method))
	return false
}

func wrongMethod(allowed, got string) *Error {
	return fail(900561, "invalid_request", "This endpoint takes %s, not %s.", allowed, got)
}

package entra

import (
	"net/http"
	"strings"
)

// userinfoPath is where the UserInfo endpoint is, which in Entra is Graph's.
const userinfoPath = "/oidc/userinfo"

// userinfo tells who signed in (OpenID Connect Core section 5.3), to who has a
// token for Graph with the permission openid.
func (s *Server) userinfo(c *call) {
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodPost {
		c.w.Header().Set("Allow", "GET, POST")
		s.errorJSON(c, wrongMethod("GET, POST", c.r.Method))
		return
	}
	scheme, token, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	claims, err := s.VerifyAt(strings.TrimSpace(token), c.now)
	graph, _ := s.dir.resource("", GraphAppID)
	res, ok := s.dir.resource(claims.TenantID, claims.Audience)
	switch {
	case !strings.EqualFold(scheme, "Bearer") || err != nil || !ok || res.AppID != graph.AppID || claims.IDType != UserToken:
		// Graph's own form of an error, not Entra's.
		c.w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		writeJSON(c.w, http.StatusUnauthorized, graphError("InvalidAuthenticationToken", "The access token is missing, expired, or for another resource."))
		return
	case !claims.HasScope("openid"):
		writeJSON(c.w, http.StatusForbidden, graphError("AccessDenied", "The access token lacks the permission openid."))
		return
	}
	info := map[string]string{"sub": pairwise(claims.AppID, claims.ObjectID)}
	if u, ok := s.dir.User(claims.UPN); ok {
		if claims.HasScope("profile") {
			info["name"] = u.Name
		}
		if claims.HasScope("email") {
			info["email"] = u.UPN
		}
	}
	writeJSON(c.w, http.StatusOK, info)
}

func graphError(code, message string) map[string]any {
	return map[string]any{"error": map[string]string{"code": code, "message": message}}
}

package entra

import (
	"net/http"
	"net/url"
	"strings"
)

// adminConsent is the endpoint to which an application sends an admin, who
// consents for the whole tenant (Microsoft's page on admin consent). The
// version without a scope consents to all that is registered.
func (s *Server) adminConsent(c *call) {
	if c.r.Method != http.MethodGet {
		c.w.Header().Set("Allow", "GET")
		s.errorPage(c, wrongMethod("GET", c.r.Method))
		return
	}
	v := c.r.URL.Query()
	if e := duplicated(v); e != nil {
		s.errorPage(c, e)
		return
	}
	req := authRequest{realm: c.realm, uri: v.Get("redirect_uri"), state: v.Get("state"), mode: "query", forTenant: true, prompt: "consent"}
	id := v.Get("client_id")
	if id == "" {
		s.errorPage(c, missing("client_id"))
		return
	}
	var e *Error
	if req.app, e = s.application(c.realm, id); e != nil {
		s.errorPage(c, e)
		return
	}
	if req.redirect, e = req.app.redirect(req.uri); e != nil {
		s.errorPage(c, e)
		return
	}
	if strings.TrimSpace(v.Get("scope")) != "" {
		if req.scopes, e = s.dir.parseScopes(v.Get("scope")); e == nil {
			_, e = req.scopes.check(s.dir, req.app, c.realm.tenantID())
		}
		if e != nil {
			s.answerError(c, req, e)
			return
		}
	}
	// The directory keeps one consent for all, so that this is what is shown.
	for _, p := range req.app.Delegated {
		if r, ok := s.dir.resource("", p.Resource); ok {
			req.keys = append(req.keys, grantKey(r.AppID, p.Scope))
		}
	}
	s.begin(c, req)
}

// consentedForTenant records an admin's answer and goes back to the client.
func (s *Server) consentedForTenant(c *call, req authRequest, a account) {
	if err := s.dir.GrantAdminConsent(req.app.ClientID, a.Tenant); err != nil {
		s.errorPage(c, broken(err))
		return
	}
	s.answer(c, req, url.Values{"admin_consent": {"True"}, "tenant": {a.Tenant}})
}

// adminNeeded is for a user whose consent does not count. With which error
// Entra goes back to the client is not documented: its page keeps the user.
func adminNeeded(app Application) *Error {
	return fail(90094, "access_denied", "The application '%s' (%s) needs the consent of an administrator. Ask one to consent for the organisation.", app.Name, app.ClientID)
}

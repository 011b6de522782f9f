package entra

import (
	"mime"
	"net/http"
	"net/url"
)

// token is the token endpoint (RFC 6749 section 3.2).
func (s *Server) token(c *call) {
	h := c.w.Header()
	// Scripts of any origin may ask; which of them get a token is decided by
	// the platform of the redirect.
	h.Set("Access-Control-Allow-Origin", "*")
	switch c.r.Method {
	case http.MethodPost:
	case http.MethodOptions:
		h.Set("Access-Control-Allow-Methods", "POST, OPTIONS")
		h.Set("Access-Control-Allow-Headers", "client-request-id, content-type, return-client-request-id, x-client-cpu, x-client-os, x-client-sku, x-client-ver")
		h.Set("Access-Control-Max-Age", "3600")
		c.w.WriteHeader(http.StatusOK)
		return
	default:
		h.Set("Allow", "POST, OPTIONS")
		s.errorJSON(c, wrongMethod("POST, OPTIONS", c.r.Method))
		return
	}
	answer, e := s.grant(c)
	if e != nil {
		s.errorJSON(c, e)
		return
	}
	writeJSON(c.w, http.StatusOK, answer)
}

// grant reads the form and passes it to the kind of grant that it names.
func (s *Server) grant(c *call) (*tokenAnswer, *Error) {
	if kind, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		// Entra finds no parameter in a body of another kind, and says which
		// it looked for first.
		return nil, missing("grant_type")
	}
	if err := c.r.ParseForm(); err != nil {
		return nil, fail(90004, "invalid_request", "The request cannot be read as a form.")
	}
	form := c.r.PostForm
	if e := duplicated(form); e != nil {
		return nil, e
	}
	if form.Has("resource") {
		return nil, fail(901002, "invalid_request", "The parameter 'resource' belongs to the v1.0 endpoint; name the resource in 'scope'.")
	}
	grantType := form.Get("grant_type")
	var redeem func(*call, tokenRequest) (*tokenAnswer, *Error)
	switch grantType {
	case "authorization_code":
		redeem = s.redeemCode
	case "refresh_token":
		redeem = s.redeemRefreshToken
	case deviceGrantType, deviceGrantShort:
		redeem = s.redeemDeviceCode
	case "client_credentials":
		redeem = s.clientCredentials
	case "":
		return nil, missing("grant_type")
	default:
		return nil, fail(70003, "unsupported_grant_type", "The grant type '%s' is not offered.", grantType)
	}
	t, e := s.tokenRequest(c, form)
	if e != nil {
		return nil, e
	}
	answer, e := redeem(c, t)
	if e == nil {
		s.opts.Logger.Info("token issued", "grant", grantType, "client_id", t.app.ClientID, "audience", answer.audience, "correlation_id", c.correlation)
	}
	return answer, e
}

// tokenRequest is a request to the token endpoint by an application that may
// be used in the realm. What proves that it is that application is not yet
// judged: it depends on the grant.
type tokenRequest struct {
	form  url.Values
	app   Application
	creds credentials
}

func (s *Server) tokenRequest(c *call, form url.Values) (tokenRequest, *Error) {
	creds, e := readCredentials(c.r, form)
	if e != nil {
		return tokenRequest{}, e
	}
	if creds.clientID == "" {
		return tokenRequest{}, missing("client_id")
	}
	app, e := s.application(c.realm, creds.clientID)
	if e != nil {
		return tokenRequest{}, e
	}
	return tokenRequest{form, app, creds}, nil
}

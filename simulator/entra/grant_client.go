package entra

import (
	"crypto/sha256"
	"strings"
)

// clientCredentials gives an application a token for itself (RFC 6749 section
// 4.4).
func (s *Server) clientCredentials(c *call, t tokenRequest) (*tokenAnswer, *Error) {
	acr, e := s.authenticate(c, t)
	if e != nil {
		return nil, e
	}
	if c.realm.tenant == nil {
		return nil, fail(50059, "invalid_request", "The request does not tell which tenant it is for. An application that acts as itself has to name the tenant in the address.")
	}
	tenant := c.realm.tenant.ID
	if tenant != t.app.Tenant && !s.dir.adminConsented(t.app.ClientID, tenant) {
		// Without an admin's consent there is no service principal.
		return nil, fail(700016, "unauthorized_client", "The directory '%[2]s' has no application with the identifier '%[1]s'. An administrator there has to consent to it first.", t.app.ClientID, c.realm.tenant.Name)
	}
	resource, e := s.appScope(t.form.Get("scope"))
	if e != nil {
		return nil, e
	}
	res, ok := s.dir.resource(tenant, resource)
	if !ok {
		return nil, unknownResource(resource)
	}
	token := s.accessToken(c, tenant)
	token.Audience = resource
	token.AppID, token.AppACR = t.app.ClientID, acr
	token.IDType = AppToken
	token.ObjectID = servicePrincipal(t.app.ClientID, tenant)
	token.Subject = token.ObjectID
	// No role, no claim: Entra issues the token all the same, and leaves it to
	// the resource to refuse.
	token.Roles = s.dir.roles(t.app, tenant, res)
	asked, e := parseClaims(t.form.Get("claims"))
	if e != nil {
		return nil, e
	}
	token.Capabilities = asked.capabilities
	signed, e := s.sign(token)
	if e != nil {
		return nil, e
	}
	return s.newAnswer(resource, signed), nil
}

// appScope returns the resource of "{resource}/.default". Libraries add the
// OpenID Connect scopes, which mean nothing here.
func (s *Server) appScope(parameter string) (string, *Error) {
	if parameter == "" {
		return "", missing("scope")
	}
	asked, e := s.dir.parseScopes(parameter)
	if e != nil || len(asked.wanted) != 1 || asked.wanted[0].name != defaultScope || asked.wanted[0].short {
		return "", fail(1002012, "invalid_scope", "The scope '%s' will not do. An application that acts as itself has to ask for one resource, with /.default after its identifier.", parameter)
	}
	return asked.wanted[0].resource, nil
}

// servicePrincipal is the object id of an application in a tenant: not its
// client id, and another in each tenant.
func servicePrincipal(clientID, tenantID string) string {
	return derivedUUID("service principal", clientID, tenantID)
}

// derivedUUID makes the same UUID from the same words (version 8, RFC 9562).
func derivedUUID(words ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(words, "\x00")))
	return formatUUID([16]byte(sum[:16]), 8)
}

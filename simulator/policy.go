package simulator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/simulator/entra"
	"github.com/exconn/exconn/simulator/httpauth"
)

// Tenant is one of the two organisations.
type Tenant string

// The tenants.
const (
	// Server is contoso.example, with an Exchange Server of its own.
	Server Tenant = "server"
	// Online is fabrikam.example, in Exchange Online.
	Online Tenant = "online"
)

// tenant is an organisation and its policy.
type tenant struct {
	kind     Tenant
	id       string // in Entra
	name     string
	domain   string
	mailHost string // behind the @ of its Message-IDs
	// audiences are the resources whose tokens are taken; known at Start.
	audiences []string
	// draftsHaveMessageID: Exchange Online gives a draft its Message-ID when it
	// is saved, Exchange Server when it is sent.
	draftsHaveMessageID bool
	// allowedApps is EwsAllowedAppIDs; nil allows all.
	allowedApps map[string]bool
	// ewsDisabled is EwsEnabled $false for the organisation.
	ewsDisabled bool
	// impersonators hold the ApplicationImpersonation role, each over the
	// addresses in its scope.
	impersonators map[string]map[string]bool
	// scopedApps have the role Application EWS.AccessAsApp by RBAC for
	// Applications, each over the addresses in its scope.
	scopedApps map[string]map[string]bool
	harm       harm
}

// Kinds of sign-in.
type signInKind int

const (
	byPassword signInKind = iota
	byUser                // a delegated token
	byApp                 // an app-only token
)

// principal is who has signed in, whomever they act for.
type principal struct {
	kind    signInKind
	account string // the address in lower case; "" for an application
	app     string // the client id
}

// backend serves one tenant's Exchange over the state.
type backend struct {
	st     *state
	tenant *tenant
	verify func(string) (entra.Claims, error)
	// signIn is nil where tokens alone are taken.
	signIn *httpauth.Authenticator
	// authorize is the address of the sign-in that those are told of who come
	// without credentials.
	authorize func() string
}

var _ ewsserver.Backend = (*backend)(nil)

// The values of X-EWS-Policy-Reason.
const (
	reasonDisabled = "EWS is disabled for this user or tenant"
	reasonBlocked  = "EWS is blocked by policy for this user or tenant"
)

// Authenticate implements ewsserver.Backend.
func (b *backend) Authenticate(r *http.Request) (ewsserver.Caller, error) {
	p, err := b.identify(r)
	if err != nil {
		return ewsserver.Caller{}, err
	}
	if !b.st.limits.agentAllowed(r.UserAgent()) {
		return ewsserver.Caller{}, forbidden(reasonBlocked)
	}
	return b.admit(p)
}

// identify tells who has signed in, whatever they may do.
func (b *backend) identify(r *http.Request) (principal, error) {
	scheme, credentials, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch {
	case strings.EqualFold(scheme, "Bearer"):
		return b.bearer(strings.TrimSpace(credentials))
	}
	return b.signedIn(r)
}

// bearer judges a token. The numbers are those of Microsoft's page on
// instrumenting client requests for EWS.
func (b *backend) bearer(token string) (principal, error) {
	claims, err := b.verify(token)
	switch {
	case errors.Is(err, entra.ErrTokenExpired):
		return principal{}, b.unauthorized(`2000002;reason="The token has expired.";error_category="token_expired"`, "expired token")
	case errors.Is(err, entra.ErrTokenRevoked):
		return principal{}, b.challenge()
	case err != nil:
		return principal{}, b.unauthorized(`2000001;reason="The token is not valid.";error_category="invalid_token"`, "invalid token")
	case !b.isAudience(claims.Audience):
		return principal{}, b.unauthorized(fmt.Sprintf(
			`2000003;reason="The audience claim value is invalid for current resource. Audience claim is '%s'.";error_category="invalid_resource"`,
			claims.Audience), "token for another resource")
	case !strings.EqualFold(claims.TenantID, b.tenant.id):
		return principal{}, b.unauthorized(`2000004;reason="The tenant of the token is not the one of this server.";error_category="invalid_tenant"`, "token of another tenant")
	}
	app := claims.IDType == entra.AppToken
	if app && !claims.HasRole("full_access_as_app") && b.tenant.scopedApps[strings.ToLower(claims.AppID)] == nil ||
		!app && !b.tenant.lets(claims) {
		return principal{}, b.unauthorized(
			`2000008;reason="The token contains no permissions, or permissions can not be understood.";error_category="invalid_grant"`, "token without permissions")
	}
	p := principal{kind: byUser, account: lower(claims.UPN), app: strings.ToLower(claims.AppID)}
	if app {
		p.kind, p.account = byApp, ""
	}
	return p, nil
}

// lets tells whether a delegated token has a permission for EWS. Exchange Server
// takes user_impersonation too, which is what AD FS's tokens have by Microsoft's
// guide.
func (t *tenant) lets(claims entra.Claims) bool {
	return claims.HasScope(ewsScope) || t.kind == Server && claims.HasScope("user_impersonation")
}

// isAudience tells whether tokens for a resource are meant for this tenant.
func (b *backend) isAudience(resource string) bool {
	b.st.mu.RLock()
	defer b.st.mu.RUnlock()
	return slices.ContainsFunc(b.tenant.audiences, func(a string) bool {
		return strings.EqualFold(strings.TrimSuffix(a, "/"), strings.TrimSuffix(resource, "/"))
	})
}

// unauthorized is HTTP 401 with the ways to sign in.
func (b *backend) unauthorized(diagnostics, reason string) error {
	h := http.Header{}
	h.Add("WWW-Authenticate", fmt.Sprintf(`Bearer client_id="%s", token_types="app_asserted_user_v1 service_asserted_app_v1", authorization_uri="%s"`,
		entra.ExchangeOnlineAppID, b.authorize()))
	if b.signIn != nil {
		for _, challenge := range b.signIn.Challenges() {
			h.Add("WWW-Authenticate", challenge)
		}
	}
	if diagnostics != "" {
		h.Set("x-ms-diagnostics", diagnostics)
	}
	return &ewsserver.AuthError{Status: http.StatusUnauthorized, Header: h, Reason: reason}
}

// forbidden is HTTP 403 by EWS's policy.
func forbidden(reason string) error {
	h := http.Header{}
	h.Set("X-EWS-Policy-Reason", reason)
	return &ewsserver.AuthError{Status: http.StatusForbidden, Header: h, Reason: reason}
}

// admit holds somebody who has signed in against the organisation's policy.
func (b *backend) admit(p principal) (ewsserver.Caller, error) {
	b.st.mu.RLock()
	defer b.st.mu.RUnlock()
	switch {
	case b.tenant.ewsDisabled:
		return ewsserver.Caller{}, forbidden(reasonDisabled)
	case b.tenant.allowedApps != nil && !b.tenant.allowedApps[p.app]:
		return ewsserver.Caller{}, forbidden(reasonBlocked)
	}
	c := ewsserver.Caller{AppOnly: p.kind == byApp, Principal: p}
	if c.AppOnly {
		return c, nil
	}
	mb := b.st.byAddress[p.account]
	if mb == nil || mb.tenant != b.tenant {
		return ewsserver.Caller{}, b.unauthorized(`2000005;reason="The user of the token has no mailbox here.";error_category="invalid_user"`, "no mailbox")
	}
	if mb.ewsDisabled {
		return ewsserver.Caller{}, forbidden(reasonDisabled)
	}
	c.Mailbox = mb.address
	return c, nil
}

// Impersonate implements ewsserver.Backend.
func (b *backend) Impersonate(_ context.Context, c ewsserver.Caller, sid ewsserver.ConnectingSID) (ewsserver.Caller, error) {
	b.st.mu.RLock()
	defer b.st.mu.RUnlock()
	p, ok := c.Principal.(principal)
	if !ok {
		return ewsserver.Caller{}, fail(ewsserver.ErrorImpersonationFailed)
	}
	if b.tenant.kind == Online && p.kind == byUser {
		return ewsserver.Caller{}, &ewsserver.Error{Code: ewsserver.ErrorInvalidExchangeImpersonationHeaderData,
			Text: "ExchangeImpersonation SOAP header must not exist for this type of OAuth token."}
	}
	mb, err := b.connecting(sid)
	if err != nil {
		return ewsserver.Caller{}, err
	}
	if !b.mayImpersonate(p, mb) {
		return ewsserver.Caller{}, &ewsserver.Error{Code: ewsserver.ErrorImpersonateUserDenied,
			Text: "The account does not have permission to impersonate the requested user."}
	}
	if mb.ewsDisabled {
		return ewsserver.Caller{}, forbidden(reasonDisabled)
	}
	c.Mailbox, c.AppOnly = mb.address, false
	return c, nil
}

// connecting finds the mailbox that an impersonation header names.
func (b *backend) connecting(sid ewsserver.ConnectingSID) (*mbox, error) {
	name, unknown := sid.SmtpAddress, ewsserver.ErrorNonExistentMailbox
	switch {
	case sid.PrimarySmtpAddress != "":
		name = sid.PrimarySmtpAddress
	case sid.PrincipalName != "":
		name, unknown = sid.PrincipalName, ewsserver.ErrorInvalidExchangeImpersonationHeaderData
	case sid.SID != "":
		for _, mb := range b.st.mailboxes {
			if mb.tenant == b.tenant && strings.EqualFold(mb.sid(), sid.SID) {
				return mb, nil
			}
		}
		return nil, fail(ewsserver.ErrorInvalidExchangeImpersonationHeaderData)
	}
	mb := b.st.byAddress[lower(name)]
	if mb == nil || mb.tenant != b.tenant {
		return nil, &ewsserver.Error{Code: unknown, Text: "Nobody here has the address or name " + name + "."}
	}
	if sid.PrimarySmtpAddress != "" && lower(mb.address) != lower(name) {
		return nil, &ewsserver.Error{Code: "ErrorNonPrimarySmtpAddress", Text: "The primary address of that mailbox is " + mb.address + "."}
	}
	return mb, nil
}

func (b *backend) mayImpersonate(p principal, mb *mbox) bool {
	a := lower(mb.address)
	if b.tenant.denies(p, a) {
		return false
	}
	if b.tenant.kind == Online {
		scope, scoped := b.tenant.scopedApps[p.app]
		return p.kind == byApp && (!scoped || scope[a])
	}
	return p.account == a || b.tenant.impersonators[p.account][a]
}

// sid is the security identifier of a mailbox's account.
func (mb *mbox) sid() string {
	return fmt.Sprintf("S-1-5-21-%d-%d-%d-%d", mb.replica[0], mb.replica[1], mb.replica[2], 1100+mb.number)
}

// Open implements ewsserver.Backend.
func (b *backend) Open(ctx context.Context, c ewsserver.Caller) (ewsserver.Session, error) {
	if err := takeOff(ctx, lower(c.Mailbox), b.st.limits.Concurrency); err != nil {
		return nil, err
	}
	b.st.makeRoom()
	if mb := b.st.byAddress[lower(c.Mailbox)]; mb != nil {
		b.st.purge(mb)
	}
	b.st.mu.RLock()
	defer b.st.mu.RUnlock()
	mb := b.st.byAddress[lower(c.Mailbox)]
	if mb == nil || mb.tenant != b.tenant {
		return nil, fail(ewsserver.ErrorNonExistentMailbox)
	}
	if mb.ewsDisabled {
		return nil, forbidden(reasonDisabled)
	}
	b.st.use(mb)
	return &session{st: b.st, who: mb}, nil
}

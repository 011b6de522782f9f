package connection

import (
	"errors"
	"slices"
	"strings"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

// refusalState returns the state that an account is in after a token was
// refused with err: NeedsSignIn, Refused, or "" where err says nothing of the
// account, as when the server was busy.
func refusalState(err error) State {
	var e *oauth.Error
	if !errors.As(err, &e) {
		if errors.Is(err, mailbox.ErrSignInNeeded) {
			return NeedsSignIn
		}
		return ""
	}
	switch {
	case refusedCodes[e.AADSTS], e.OAuth == "consent_required", e.OAuth == "access_denied":
		return Refused
	case errors.Is(err, mailbox.ErrSignInNeeded):
		return NeedsSignIn
	case errors.Is(err, mailbox.ErrInvalid) && e.Code() != "":
		// The registration is not, or no longer, what it must be.
		return Refused
	}
	return ""
}

// oneResource reports whether err says something of the resource that the token
// was to be for, and nothing of the account's others: one registration may serve
// for EWS, SMTP and Graph, each with permissions and policies of its own.
func oneResource(err error) bool {
	var e *oauth.Error
	if !errors.As(err, &e) {
		return false
	}
	return resourceCodes[e.AADSTS] || e.AADSTS == "" && (e.OAuth == "consent_required" || e.OAuth == "invalid_scope" || e.OAuth == "invalid_resource")
}

var resourceCodes = map[string]bool{
	// Policies.
	"AADSTS50072": true, "AADSTS50074": true, "AADSTS50076": true, "AADSTS50079": true, "AADSTS50097": true, "AADSTS50131": true,
	"AADSTS53000": true, "AADSTS53001": true, "AADSTS53002": true, "AADSTS53003": true, "AADSTS53004": true, "AADSTS530003": true,
	// Permissions.
	"AADSTS65001": true, "AADSTS65004": true, "AADSTS65005": true, "AADSTS650052": true, "AADSTS650053": true, "AADSTS650056": true,
	"AADSTS650057": true, "AADSTS70011": true, "AADSTS90094": true, "AADSTS90095": true, "AADSTS501051": true,
	// The resource.
	"AADSTS50001": true, "AADSTS500011": true, "AADSTS500014": true,
}

// scopesKey is the same for the same scopes.
func scopesKey(scopes []string) string {
	return lower(strings.Join(slices.Sorted(slices.Values(scopes)), " "))
}

// refusedCodes are those of Entra that no new sign-in, secret or certificate
// mends, because it is the tenant's admin who has said no.
var refusedCodes = map[string]bool{
	// Conditional access.
	"AADSTS50097": true, "AADSTS50131": true, "AADSTS53000": true, "AADSTS53001": true, "AADSTS53002": true, "AADSTS53003": true,
	"AADSTS53004": true, "AADSTS530003": true, "AADSTS530034": true, "AADSTS700003": true,
	// Consent.
	"AADSTS65001": true, "AADSTS65004": true, "AADSTS90094": true, "AADSTS90095": true,
	// The application, or the account's right to it.
	"AADSTS7000112": true, "AADSTS50105": true, "AADSTS501051": true,
	// The account.
	"AADSTS50034": true, "AADSTS50053": true, "AADSTS50057": true,
}

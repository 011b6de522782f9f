package oauth

import (
	"fmt"
	"slices"
	"strings"
)

// Need is what an API wants of a token before it lets anybody in, for Gaps.
type Need struct {
	// Use is what the token is for, in a person's words, such as "EWS".
	Use string
	// API is the API's name in the Entra portal's list of permissions, such as
	// "Office 365 Exchange Online".
	API string
	// Listed is the API under which the portal lists the permissions, where it
	// is another one.
	Listed string
	// Audiences are the resources whose tokens the API takes. The first is the
	// one that tokens are asked for.
	Audiences []string
	// Kind is that of the tokens that the way in yields.
	Kind Kind
	// Rights are the permissions: scopes of a delegated token, roles of an
	// application's. Without any of them the token is good for nothing;
	// without some it is good for less.
	Rights []Right
	// RBAC says that the API also takes rights from RBAC for Applications,
	// which no token tells.
	RBAC bool
}

// Right is one permission that a Need names.
type Right struct {
	// For is what it allows, such as "sending mail". Empty means all that the
	// token is for.
	For string
	// AnyOf are the permissions of which one is enough. The first is the one
	// to grant.
	AnyOf []string
}

// String names the need as an admin looks for it in the portal, such as
// "Office 365 Exchange Online > EWS.AccessAsUser.All".
func (n Need) String() string {
	var names []string
	for _, r := range n.Rights {
		names = append(names, r.AnyOf[0])
	}
	if len(names) == 0 {
		return n.API
	}
	return n.API + " > " + strings.Join(names, ", ")
}

// GapKind is what a token lacks.
type GapKind string

// The kinds of gaps.
const (
	GapAudience   GapKind = "audience"   // it is for another API
	GapActor      GapKind = "actor"      // it speaks for a person in place of an application, or the other way round
	GapPermission GapKind = "permission" // a scope or role is not in it
)

// Gap is something that a token lacks.
type Gap struct {
	Kind GapKind `json:"kind"`
	// Problem says what was seen and what was wanted, Hint what the admin of
	// the registration does about it.
	Problem string `json:"problem"`
	Hint    string `json:"hint,omitempty"`
	// Proven is false where the API may let the token in all the same: for
	// less than everything, or by rights that the token does not tell.
	Proven bool `json:"proven"`
}

// Gaps holds the claims against what an API wants, the gravest gap first. None
// means that the token says all that is wanted. A claim that the token does not
// make is not held against it, but for permissions.
func (c Claims) Gaps(n Need) []Gap {
	if c.Audience != "" && !n.takes(c.Audience) {
		return []Gap{{
			Kind: GapAudience, Proven: true,
			Problem: fmt.Sprintf("the token is for %s; %s needs %s", resourceName(c.Audience), n.Use, n.at()),
			Hint:    fmt.Sprintf("in the registration, API permissions, add the permission under %s, and not the one of the same name under another API; the token has to be for %s", first(n.Listed, n.API), n.Audiences[0]),
		}}
	}
	var gaps []Gap
	if c.Kind != KindUnknown && n.Kind != KindUnknown && c.Kind != n.Kind {
		gaps = append(gaps, Gap{
			Kind: GapActor, Proven: true,
			Problem: fmt.Sprintf("the token is %s, although the way in yields %s ones", c.Kind, n.Kind),
		})
	}
	return append(gaps, c.missing(n)...)
}

// missing returns the permissions that the token has not.
func (c Claims) missing(n Need) []Gap {
	have, what, grant := c.Scopes, "scope", "delegated permission"
	if n.Kind == AppOnly {
		have, what, grant = c.Roles, "role", "application permission"
	}
	var missing []Right
	for _, r := range n.Rights {
		if !slices.ContainsFunc(r.AnyOf, func(name string) bool { return containsFold(have, name) }) {
			missing = append(missing, r)
		}
	}
	// With one of several the token is good for something. Without any scope
	// a delegated token is not one of Entra's, and proves nothing either way.
	none := len(missing) == len(n.Rights)
	proven := none && len(have) > 0
	if n.Kind == AppOnly {
		proven = none && !n.RBAC
	}
	var gaps []Gap
	for _, r := range missing {
		gap := Gap{
			Kind: GapPermission, Proven: proven,
			Problem: fmt.Sprintf("the token has not the %s %s", what, r.AnyOf[0]),
			Hint:    fmt.Sprintf("give the registration the %s %s > %s, with an admin's consent", grant, first(n.Listed, n.API), r.AnyOf[0]),
		}
		if r.For != "" {
			gap.Problem += ", for " + r.For
		}
		if n.Kind == AppOnly && n.RBAC {
			gap.Problem += "; right where the application's rights come from RBAC for Applications, of which no token tells"
			gap.Hint = "if a mailbox does not open: " + gap.Hint + ", or have the Exchange admin assign the role in RBAC for Applications"
		}
		gaps = append(gaps, gap)
	}
	return gaps
}

// takes reports whether the API takes tokens for a resource. Entra writes the
// audience as it was asked for, with a slash at its end or without.
func (n Need) takes(audience string) bool {
	audience = strings.TrimRight(audience, "/")
	return slices.ContainsFunc(n.Audiences, func(a string) bool { return strings.EqualFold(strings.TrimRight(a, "/"), audience) })
}

// at names the need with its resource, where the portal's name of the API alone
// does not tell it.
func (n Need) at() string {
	return fmt.Sprintf("%s (for %s)", n, n.Audiences[0])
}

// The application ids of Microsoft's APIs, which some tokens name as their
// audience in place of a URL.
const (
	ExchangeOnlineAppID = "00000002-0000-0ff1-ce00-000000000000"
	GraphAppID          = "00000003-0000-0000-c000-000000000000"
)

// resourceName is an audience as a person knows it.
func resourceName(audience string) string {
	switch strings.ToLower(audience) {
	case ExchangeOnlineAppID:
		return "Office 365 Exchange Online"
	case GraphAppID:
		return "Microsoft Graph"
	}
	return strings.TrimRight(strings.TrimPrefix(audience, "https://"), "/")
}

func containsFold(list []string, name string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, name) })
}

package connection

import (
	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/oauth"
)

// accessFor decides how a mailbox is reached: who acts for whom.
//
//   - An application's own token has no mailbox: it impersonates, always.
//   - An Exchange Server account (by password, or by a delegated token of
//     hybrid modern authentication or AD FS) impersonates others by the
//     ApplicationImpersonation role, and needs no header for its own mailbox.
//   - A delegated token of Exchange Online may not impersonate (refused since
//     February 2025): others' mailboxes are reached as shared ones.
//
// The profile may force it either way.
func accessFor(p Profile, kind oauth.Kind, own, address string) ews.Access {
	mine := own != "" && lower(own) == lower(address)
	switch {
	case p.Impersonation == Always:
		return ews.Impersonate
	case p.Impersonation == Never && mine:
		return ews.Own
	case p.Impersonation == Never:
		return ews.Shared
	case kind == oauth.AppOnly:
		return ews.Impersonate
	case mine:
		return ews.Own
	case p.ExchangeType == Server:
		return ews.Impersonate
	}
	return ews.Shared
}

// kindOf returns whom a token speaks for. The token itself knows best; one
// that cannot be looked into is what its method yields.
func kindOf(t oauth.Token, method oauth.Method) oauth.Kind {
	if claims, err := oauth.Inspect(t.Value()); err == nil && claims.Kind != oauth.KindUnknown {
		return claims.Kind
	}
	if method.AppOnly() {
		return oauth.AppOnly
	}
	return oauth.Delegated
}

package entra

import (
	"errors"
	"testing"
)

// Tokens that are voided are so at once, and those issued after it are good,
// even within the same second.
func TestVoidedTokens(t *testing.T) {
	f := newFixture(t, Options{})
	all := request("scope", allScope)
	first := f.tokens("contoso.example", redeem(f.code(all)))

	if err := f.dir.ExpireTokens(anna); err != nil {
		t.Fatal(err)
	}
	if _, err := f.server.Verify(first.AccessToken); !errors.Is(err, ErrTokenExpired) {
		t.Errorf("expired ahead of its time: %v", err)
	}
	second := f.tokens("contoso.example", with(redeem(""), "grant_type", "refresh_token", "refresh_token", first.RefreshToken, "scope", ews))
	f.verify(second.AccessToken)

	if err := f.dir.RevokeTokens(anna); err != nil {
		t.Fatal(err)
	}
	if _, err := f.server.Verify(second.AccessToken); !errors.Is(err, ErrTokenRevoked) {
		t.Errorf("revoked: %v", err)
	}
	f.token("contoso.example", with(redeem(""), "grant_type", "refresh_token", "refresh_token", second.RefreshToken, "scope", ews)).
		wantError(t, 50173, "invalid_grant")
	third := f.tokens("contoso.example", redeem(f.code(all)))
	f.verify(third.AccessToken)

	// Those of an application go by its client id, whoever the user is.
	if err := f.dir.RevokeTokens(publicApp); err != nil {
		t.Fatal(err)
	}
	if _, err := f.server.Verify(third.AccessToken); !errors.Is(err, ErrTokenRevoked) {
		t.Errorf("revoked by the application: %v", err)
	}
	if f.dir.RevokeTokens("nobody@contoso.example") == nil || f.dir.ExpireTokens("") == nil {
		t.Error("tokens of nobody were voided")
	}
}

package oauth_test

import (
	"testing"

	"github.com/exconn/exconn/oauth"
)

// Nobody becomes somebody else by the mail address that his account says it
// has: an admin of any tenant may write what he likes there.
func TestEmailIsNoName(t *testing.T) {
	for user, want := range map[string]string{"mallory@evil.example": "mallory@evil.example", "": ""} {
		e := newFakeAuthority(t)
		e.set(func(e *fakeAuthority) { e.user, e.email = user, "anna@example.com" })
		var checked oauth.Account
		a, err := newClient(t, personConfig(e), &memory{}).BeginSignIn(t.Context(), oauth.SignInOptions{PasteOnly: true, Check: func(who oauth.Account) error {
			checked = who
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		who, err := a.Paste(t.Context(), e.authorize(a.URL()))
		_ = a.Close()
		if err != nil || checked.Username != want || who.Username != want {
			t.Errorf("%q signs in as %q and %q (%v), want %q", user, checked.Username, who.Username, err, want)
		}
	}
}

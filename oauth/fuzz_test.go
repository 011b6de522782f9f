package oauth_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/exconn/exconn/custompages"
	"github.com/exconn/exconn/oauth"
)

// FuzzCallback sends raw query strings to the listener's handler. STATE and
// CODE stand for the attempt's own. Whatever comes: no panic, nothing redeemed
// and no success without the attempt's own state, nothing of the answer in the
// page.
func FuzzCallback(f *testing.F) {
	for _, seed := range []string{
		"", "code=CODE&state=STATE", "code=CODE&state=wrong", "code=CODE", "state=STATE",
		"error=access_denied&state=STATE&error_description=AADSTS65004%3A+User+declined.%0D%0ACorrelation+ID%3A+c0ffee00-1111",
		"error=access_denied&state=wrong", "code=CODE&code=CODE&state=STATE", "code=CODE&state=STATE&state=STATE",
		"code=CODE&state=STATE&error=server_error", "code=%zz&state=STATE", "code=CODE;state=STATE", "code=CODE&state=STATE%00",
		"error=%3Cscript%3E&state=STATE&error_description=%3Cimg+src%3Dx%3E", "code=CODE&state=STATE.8080", "CODE=CODE&STATE=STATE",
		"code=CODE&state=STATE#fragment", "code=" + strings.Repeat("a", 3000) + "&state=STATE", "state=%53TATE&code=CODE",
	} {
		f.Add(seed)
	}
	pages := custompages.OAuth()
	f.Fuzz(func(t *testing.T, query string) {
		e := newFakeAuthority(t)
		cfg := personConfig(e)
		c := newClient(t, cfg, &memory{})
		a, err := c.BeginSignIn(t.Context(), oauth.SignInOptions{Pages: pages, PasteOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		code := e.authorize(a.URL())
		query = strings.NewReplacer("STATE", a.State(), "CODE", code).Replace(query)
		r := httptest.NewRequest(http.MethodGet, "http://localhost:4711/", nil)
		r.URL.RawQuery = query
		w := httptest.NewRecorder()
		a.Handler().ServeHTTP(w, r)
		page := w.Body.String()
		ours := r.URL.Query().Get("state") == a.State()
		success := strings.Contains(page, `data-outcome="success"`)
		if success && (!ours || r.URL.Query().Get("code") != code) {
			t.Errorf("success for %q", query)
		}
		if e.tokenCalls("") > 0 && !ours {
			t.Errorf("a code was redeemed for %q", query)
		}
		if success != (e.tokenCalls("") == 1 && w.Code == http.StatusOK && !strings.Contains(page, `data-outcome="failed"`)) {
			t.Errorf("the page does not fit what happened: %d, %d redemptions, %s", w.Code, e.tokenCalls(""), page)
		}
		if strings.Contains(page, code) || strings.Contains(page, a.State()) {
			t.Errorf("the page holds the answer: %s", page)
		}
		if strings.Count(page, "<script") > 1 || strings.Contains(page, "<img") {
			t.Errorf("the page carries markup of the address: %s", page)
		}
	})
}

// FuzzPaste pastes anything.
func FuzzPaste(f *testing.F) {
	for _, seed := range []string{"", "CODE", " CODE\n", "https://crm.example.com/callback.html#code=CODE&state=STATE", "http://localhost:1/?code=CODE&state=x",
		"code=CODE&state=STATE", "?error=access_denied", "#code=CODE", "https://%zz?code=CODE&state=STATE", "<CODE>", "a://b?c#d?e#code=CODE"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e := newFakeAuthority(t)
		c := newClient(t, personConfig(e), &memory{})
		a, err := c.BeginSignIn(t.Context(), oauth.SignInOptions{PasteOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		code := e.authorize(a.URL())
		text = strings.NewReplacer("STATE", a.State(), "CODE", code).Replace(text)
		account, err := a.Paste(t.Context(), text)
		if err == nil && (account.Username == "" || !strings.Contains(strings.Join(strings.Fields(text), ""), code)) {
			t.Errorf("signed in as %+v by %q", account, text)
		}
		if err != nil && strings.Contains(err.Error(), code) {
			t.Errorf("the error holds the code: %v", err)
		}
	})
}

package oauth_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

const (
	nbfClaims = `{"access_token":{"nbf":{"essential":true,"value":"1790000000"}}}`
	cp1Claims = `{"access_token":{"xms_cc":{"values":["cp1"]}}}`
)

func TestChallengeClaims(t *testing.T) {
	// The bytes of this one need both characters in which the alphabets differ.
	odd := `{"access_token":{"x":{"value":"ÿþ>?~ü"}}}`
	std, web := base64.StdEncoding.EncodeToString, base64.URLEncoding.EncodeToString
	if !strings.ContainsAny(std([]byte(odd)), "+/") {
		t.Fatal("the two alphabets do not differ for this one")
	}
	for name, c := range map[string]struct {
		fields []string
		want   string
	}{
		"Exchange's":         {[]string{`Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="` + std([]byte(nbfClaims)) + `"`}, nbfClaims},
		"base64":             {[]string{`Bearer error="insufficient_claims", claims="` + std([]byte(odd)) + `"`}, odd},
		"base64url":          {[]string{`Bearer error="insufficient_claims", claims="` + web([]byte(odd)) + `"`}, odd},
		"without padding":    {[]string{`Bearer error="insufficient_claims", claims="` + strings.TrimRight(web([]byte(odd)), "=") + `"`}, odd},
		"no quotes":          {[]string{`Bearer error=insufficient_claims,claims=` + std([]byte(odd))}, odd},
		"no quotes, first":   {[]string{`Bearer claims=` + std([]byte(odd)) + `, error=insufficient_claims`}, odd},
		"odd spaces":         {[]string{"  ,bearer  ERROR = \"insufficient_claims\"\t,  Claims = \"" + std([]byte(odd)) + `"  , ,`}, odd},
		"after others":       {[]string{`NTLM, Negotiate YII=, Basic realm="a, Bearer error=\"insufficient_claims\"", Bearer error="insufficient_claims", claims="` + std([]byte(odd)) + `"`}, odd},
		"before others":      {[]string{`Bearer error="insufficient_claims", claims="` + std([]byte(odd)) + `", Negotiate`, `NTLM TlRMTVNTUAAC==`}, odd},
		"in another field":   {[]string{"NTLM", `Bearer client_id="x", error="invalid_token"`, `Bearer error="insufficient_claims", claims="` + std([]byte(odd)) + `"`}, odd},
		"escaped":            {[]string{`Bearer realm="\"", error="insufficient\_claims", claims="` + std([]byte(odd)) + `"`}, odd},
		"none":               {nil, ""},
		"another error":      {[]string{`Bearer error="invalid_token", claims="` + std([]byte(nbfClaims)) + `"`}, ""},
		"no error":           {[]string{`Bearer claims="` + std([]byte(nbfClaims)) + `"`}, ""},
		"another scheme":     {[]string{`DPoP error="insufficient_claims", claims="` + std([]byte(nbfClaims)) + `"`}, ""},
		"of two challenges":  {[]string{`Bearer error="insufficient_claims", Digest claims="` + std([]byte(nbfClaims)) + `"`}, ""},
		"inside a string":    {[]string{`Basic realm="Bearer error=insufficient_claims, claims=` + web([]byte(nbfClaims)) + `"`}, ""},
		"no base64":          {[]string{`Bearer error="insufficient_claims", claims="` + nbfClaims + `"`}, ""},
		"no object":          {[]string{`Bearer error="insufficient_claims", claims="` + std([]byte(`["access_token"]`)) + `"`}, ""},
		"null":               {[]string{`Bearer error="insufficient_claims", claims="` + std([]byte(`null`)) + `"`}, ""},
		"no end":             {[]string{`Bearer error="insufficient_claims", claims="` + std([]byte(nbfClaims))}, ""},
		"too long":           {[]string{`Bearer error="insufficient_claims", claims="` + std([]byte(`{"a":"`+strings.Repeat("a", 9000)+`"}`)) + `"`}, ""},
		"too many":           {[]string{strings.Repeat("NTLM, ", 20000), `Bearer error="insufficient_claims", claims="` + std([]byte(nbfClaims)) + `"`}, ""},
		"parameters of none": {[]string{`error="insufficient_claims", claims="` + std([]byte(nbfClaims)) + `"`}, ""},
	} {
		got, ok := oauth.ChallengeClaims(http.Header{"Www-Authenticate": c.fields})
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, %v; want %q", name, got, ok, c.want)
		}
	}
}

// FuzzChallengeClaims reads anything. What comes out is an object that may be
// asked for.
func FuzzChallengeClaims(f *testing.F) {
	for _, seed := range []string{
		"", "Bearer", `Bearer error="insufficient_claims", claims="e30="`, `Bearer error=insufficient_claims,claims=e30`, `NTLM TlR=, Bearer error="insufficient_claims" claims="e30"`,
		`Bearer error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ"`, `Bearer claims="\`, `Bearer claims=, error=`, `a=b`, `Bearer a="b\"c", error="insufficient_claims"`, "Basic realm=\"\xff\"",
	} {
		f.Add(seed, "")
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		claims, ok := oauth.ChallengeClaims(http.Header{"Www-Authenticate": {one, two}})
		if !ok && claims != "" {
			t.Errorf("claims %q that are none", claims)
		}
		var object map[string]any
		if ok && (json.Unmarshal([]byte(claims), &object) != nil || object == nil || len(claims) > 8<<10) {
			t.Errorf("%q is no object that can be asked for", claims)
		}
		if ok && !strings.Contains(strings.ToLower(one+two), "insufficient") && !strings.Contains(one+two, `\`) {
			t.Errorf("claims of no challenge: %q, %q", one, two)
		}
	})
}

// lastClaims is what the last token request asked for.
func (e *fakeAuthority) lastClaims() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.calls[len(e.calls)-1].Get("claims")
}

func hasClaim(t *testing.T, claims, name string) bool {
	t.Helper()
	var object struct {
		AccessToken map[string]any `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(claims), &object); err != nil {
		t.Errorf("the claims %q are no JSON: %v", claims, err)
	}
	_, ok := object.AccessToken[name]
	return ok
}

func TestChallenge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, cache := newFakeAuthority(t), newLeasedMemory()
		e.oneTime = true
		one, two := newClient(t, personConfig(e), cache), newClient(t, personConfig(e), cache)
		signIn(t, one, e)
		if !hasClaim(t, e.lastClaims(), "xms_cc") {
			t.Error("the sign-in does not tell that claims challenges are understood")
		}
		first := mustToken(t, one)
		mustToken(t, two)
		time.Sleep(time.Minute)
		e.set(func(e *fakeAuthority) { e.before = func(url.Values) { time.Sleep(time.Second) } })
		var wg sync.WaitGroup
		for range 50 {
			for _, c := range []*oauth.Client{one, two} {
				wg.Go(func() {
					c.Challenge(first, nbfClaims)
					token, err := c.Token(t.Context())
					if err != nil || token.Value() == first.Value() {
						t.Errorf("%v, or the refused token again", err)
					}
				})
			}
		}
		wg.Wait()
		if n := e.tokenCalls("refresh_token"); n != 1 {
			t.Errorf("%d renewals in two processes, want 1", n)
		}
		if !hasClaim(t, e.lastClaims(), "nbf") || !hasClaim(t, e.lastClaims(), "xms_cc") {
			t.Errorf("the renewal asked for %s", e.lastClaims())
		}
		// The wish is fulfilled: it is not asked for again.
		time.Sleep(2 * time.Hour)
		mustToken(t, one)
		if hasClaim(t, e.lastClaims(), "nbf") {
			t.Error("the claims are asked for for ever")
		}
		one.Challenge(mustToken(t, one), "no JSON")
		mustToken(t, one)
	})
}

func TestChallengeOfAnApplication(t *testing.T) {
	e := newFakeAuthority(t)
	e.secret = "the right one"
	cfg := appConfig(e, oauth.ClientSecret)
	cfg.Secret = oauth.Secret(e.secret)
	c := newClient(t, cfg, &memory{})
	first := mustToken(t, c)
	c.Challenge(first, nbfClaims)
	if mustToken(t, c).Value() == first.Value() || !hasClaim(t, e.lastClaims(), "nbf") {
		t.Errorf("the renewal asked for %s", e.lastClaims())
	}
}

// The server has changed its mind before a person came.
func TestChallengeThatIsWithdrawn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newFakeAuthority(t)
		c := newClient(t, personConfig(e), newLeasedMemory())
		signIn(t, c, e)
		e.set(func(e *fakeAuthority) {
			e.refuse = func(url.Values) *http.Response {
				return jsonAnswer(400, map[string]any{"error": "interaction_required", "claims": nbfClaims})
			}
		})
		c.Invalidate(mustToken(t, c))
		if _, err := c.Token(t.Context()); !errors.Is(err, mailbox.ErrSignInNeeded) {
			t.Fatalf("got %v, want one that Is ErrSignInNeeded", err)
		}
		e.set(func(e *fakeAuthority) { e.refuse = nil })
		time.Sleep(time.Hour)
		mustToken(t, c)
		a, err := c.BeginSignIn(t.Context(), oauth.SignInOptions{PasteOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		if strings.Contains(a.URL(), "nbf") {
			t.Error("the sign-in asks for what is not wanted any more")
		}
	})
}

// What the server wants can be given by a person alone. The claims are kept for
// the sign-in, which another process may begin.
func TestChallengeThatNeedsAPerson(t *testing.T) {
	const wanted = `{"access_token":{"capolids":{"essential":true,"values":["11111111-2222-3333-4444-555555555555"]}}}`
	for name, c := range map[string]struct {
		refusal map[string]any
		want    string // the claim that the sign-in asks for
		cause   string
	}{
		"policy": {map[string]any{"error": "invalid_grant", "error_description": "AADSTS50076: MFA.", "suberror": "basic_action", "claims": wanted},
			"capolids", "multi-factor"},
		"interaction": {map[string]any{"error": "interaction_required", "suberror": "message_only"}, "nbf", "no sign-in helps"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e, cache := newFakeAuthority(t), newLeasedMemory()
				c1 := newClient(t, personConfig(e), cache)
				signIn(t, c1, e)
				e.set(func(e *fakeAuthority) {
					e.refuse = func(form url.Values) *http.Response {
						if hasClaim(t, form.Get("claims"), "nbf") && form.Get("grant_type") == "refresh_token" {
							return jsonAnswer(400, c.refusal)
						}
						return nil
					}
				})
				c1.Challenge(mustToken(t, c1), nbfClaims)
				for range 3 {
					_, err := c1.Token(t.Context())
					if !errors.Is(err, mailbox.ErrSignInNeeded) || mailbox.Hint(err) == "" {
						t.Fatalf("got %v (hint %q), want one that Is ErrSignInNeeded", err, mailbox.Hint(err))
					}
					if !strings.Contains(err.Error(), c.cause) {
						t.Errorf("%v does not say that %q", err, c.cause)
					}
				}
				if n := e.tokenCalls("refresh_token"); n != 1 {
					t.Errorf("%d renewals that only a person can help, want 1", n)
				}
				another := newClient(t, personConfig(e), cache)
				a, err := another.BeginSignIn(t.Context(), oauth.SignInOptions{PasteOnly: true})
				if err != nil {
					t.Fatal(err)
				}
				defer a.Close()
				u, err := url.Parse(a.URL())
				if err != nil || !hasClaim(t, u.Query().Get("claims"), c.want) {
					t.Errorf("the sign-in asks for %s", u.Query().Get("claims"))
				}
				if _, err := a.Paste(t.Context(), e.authorize(a.URL())); err != nil {
					t.Fatal(err)
				}
				if !hasClaim(t, e.lastClaims(), c.want) {
					t.Errorf("the redemption asks for %s", e.lastClaims())
				}
				mustToken(t, c1)
				// And the one after that does not.
				again, err := another.BeginSignIn(t.Context(), oauth.SignInOptions{PasteOnly: true})
				if err != nil {
					t.Fatal(err)
				}
				defer again.Close()
				if strings.Contains(again.URL(), c.want) {
					t.Error("the claims are asked for for ever")
				}
			})
		})
	}
}

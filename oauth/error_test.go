package oauth_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

// TestHostileTokenAnswers has a token endpoint, or something in its place,
// answer in every wrong way that it can, with the request's secrets quoted.
func TestHostileTokenAnswers(t *testing.T) {
	echo := func(form url.Values) string {
		return form.Get("client_secret") + " " + url.QueryEscape(form.Get("client_secret")) + " " + form.Encode()
	}
	token := jwt(map[string]any{"canary": "token"})
	answers := map[string]struct {
		answer func(url.Values) *http.Response
		is     error
		says   string
	}{
		"refusal": {func(f url.Values) *http.Response {
			return refusal(401, "invalid_client", 7000215, "secret "+echo(f)+" is wrong")
		},
			mailbox.ErrSignInNeeded, "AADSTS7000215"},
		"refusal of an unknown code": {func(f url.Values) *http.Response { return refusal(400, "invalid_grant", 99999999, "secret "+echo(f)) },
			mailbox.ErrSignInNeeded, "AADSTS99999999"},
		"code in error_codes alone": {func(url.Values) *http.Response {
			return jsonAnswer(400, map[string]any{"error": "invalid_grant", "error_codes": []int{53003}, "error_description": "blocked"})
		}, mailbox.ErrSignInNeeded, "AADSTS53003"},
		"AD FS refusal": {func(f url.Values) *http.Response {
			return jsonAnswer(400, map[string]any{"error": "invalid_grant", "error_description": "MSIS9615: The refresh token is invalid. " + echo(f)})
		}, mailbox.ErrSignInNeeded, "MSIS9615"},
		"error that is not a word": {func(f url.Values) *http.Response {
			return jsonAnswer(400, map[string]any{"error": echo(f), "error_description": "x"})
		}, mailbox.ErrUnavailable, "unknown_error"},
		"refusal with status 200": {func(f url.Values) *http.Response {
			return jsonAnswer(200, map[string]any{"error": "invalid_grant", "error_description": "AADSTS50173: " + echo(f), "access_token": token, "expires_in": 3600})
		}, mailbox.ErrSignInNeeded, "AADSTS50173"},
		"page of a proxy":  {func(f url.Values) *http.Response { return textAnswer(200, "<html>login "+echo(f)) }, mailbox.ErrUnavailable, "other than JSON"},
		"page with 403":    {func(f url.Values) *http.Response { return textAnswer(403, "<html>"+echo(f)) }, mailbox.ErrUnavailable, "HTTP 403"},
		"page with 502":    {func(f url.Values) *http.Response { return textAnswer(502, echo(f)) }, mailbox.ErrUnavailable, "HTTP 502"},
		"nothing with 500": {func(url.Values) *http.Response { return textAnswer(500, "") }, mailbox.ErrUnavailable, "HTTP 500"},
		"empty":            {func(url.Values) *http.Response { return textAnswer(200, "") }, mailbox.ErrUnavailable, "other than JSON"},
		"cut off":          {func(url.Values) *http.Response { return textAnswer(200, `{"access_token":"`+token) }, mailbox.ErrUnavailable, "other than JSON"},
		"list":             {func(url.Values) *http.Response { return textAnswer(200, `["`+token+`"]`) }, mailbox.ErrUnavailable, "other than JSON"},
		"no expiry":        {func(url.Values) *http.Response { return jsonAnswer(200, map[string]any{"access_token": token}) }, mailbox.ErrUnavailable, "lacks"},
		"expiry that is no time": {func(url.Values) *http.Response {
			return jsonAnswer(200, map[string]any{"access_token": token, "expires_on": token})
		}, mailbox.ErrUnavailable, "lacks"},
		"no token": {func(url.Values) *http.Response { return jsonAnswer(200, map[string]any{"expires_in": 3600}) }, mailbox.ErrUnavailable, "access_token"},
		"id token that is broken": {func(url.Values) *http.Response {
			return jsonAnswer(200, map[string]any{"access_token": token, "expires_in": 3600, "id_token": "x.%.y"})
		}, mailbox.ErrUnavailable, "lacks"},
		"endless": {func(url.Values) *http.Response { return endless() }, mailbox.ErrUnavailable, "more than"},
		"redirect": {func(f url.Values) *http.Response {
			r := textAnswer(307, "")
			r.Header.Set("Location", "https://evil.example/?"+echo(f))
			return r
		}, mailbox.ErrUnavailable, "HTTP 307"},
		"too busy": {func(url.Values) *http.Response {
			r := textAnswer(429, "slow down")
			r.Header.Set("Retry-After", "17")
			return r
		}, mailbox.ErrBusy, "HTTP 429"},
	}
	for name, test := range answers {
		t.Run(name, func(t *testing.T) {
			var logged logBuffer
			e := newFakeAuthority(t)
			e.secrets = append(e.secrets, token)
			e.refuse = test.answer
			cfg := appConfig(e, oauth.ClientSecret)
			cfg.Secret = oauth.Secret("canary/secret+with~signs=of.Entra")
			cfg.Logger = logged.logger()
			_, err := newClient(t, cfg, &memory{}).Token(t.Context())
			if !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.says) {
				t.Fatalf("got %v, want it to say %q and to be %v", err, test.says, test.is)
			}
			var typed *oauth.Error
			if !errors.As(err, &typed) {
				t.Fatalf("%T is no *oauth.Error", err)
			}
			all, jsonErr := json.Marshal(typed)
			if jsonErr != nil {
				t.Error(jsonErr)
			}
			e.checkNoSecrets(t, "the error", fmt.Sprintf("%v %+v %#v %s %s %s", err, err, *typed, typed.Hint(), typed.Description, all))
			e.checkNoSecrets(t, "the log", logged.String())
			if len(err.Error()) > 1000 || strings.ContainsAny(err.Error(), "\r\n") {
				t.Errorf("the error is long or has lines: %q", err)
			}
		})
	}
}

func endless() *http.Response {
	r := textAnswer(200, "")
	r.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"access_token":"`), zeros{}))
	return r
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

func TestRetryAfter(t *testing.T) {
	e := newFakeAuthority(t)
	e.refuse = func(url.Values) *http.Response {
		r := textAnswer(429, "")
		r.Header.Set("Retry-After", "17")
		return r
	}
	cfg := appConfig(e, oauth.ClientSecret)
	cfg.Secret = oauth.Secret("secret")
	_, err := newClient(t, cfg, &memory{}).Token(t.Context())
	if d, ok := mailbox.RetryAfter(err); !ok || d != 17*time.Second {
		t.Errorf("RetryAfter is %v, %v", d, ok)
	}
}

func TestServerOfAnUnknownAuthority(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	begin := func(c *tls.Config) error {
		cfg := personConfig(newFakeAuthority(t))
		cfg.Authority = server.URL + "/" + tenant
		transport := &http.Transport{TLSClientConfig: c, DisableKeepAlives: true}
		defer transport.CloseIdleConnections()
		cfg.HTTPClient = &http.Client{Transport: transport}
		_, err := newClient(t, cfg, &memory{}).BeginSignIn(t.Context(), oauth.SignInOptions{PasteOnly: true})
		return err
	}
	err := begin(nil)
	if !errors.Is(err, mailbox.ErrUnavailable) || !strings.Contains(mailbox.Hint(err), "--ca-file") {
		t.Errorf("an unknown authority: %v (hint %q)", err, mailbox.Hint(err))
	}
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	err = begin(&tls.Config{RootCAs: roots, ServerName: "other.test"})
	if !errors.Is(err, mailbox.ErrUnavailable) || !strings.Contains(mailbox.Hint(err), "another name") {
		t.Errorf("another name: %v (hint %q)", err, mailbox.Hint(err))
	}
	err = begin(&tls.Config{RootCAs: roots})
	if !errors.Is(err, mailbox.ErrUnavailable) || !strings.Contains(err.Error(), "HTTP 404") {
		t.Errorf("a server that is no authority: %v", err)
	}
}

func TestTokenEndpointMustBeHTTPS(t *testing.T) {
	e := newFakeAuthority(t)
	cfg := appConfig(e, oauth.ClientSecret)
	cfg.Secret = oauth.Secret("canary-secret")
	cfg.HTTPClient = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.URL.Scheme != "https" {
			t.Errorf("a request went to %s", r.URL.Redacted())
		}
		return jsonAnswer(200, map[string]any{"issuer": authority, "authorization_endpoint": authority, "token_endpoint": "http://login.test/token"}), nil
	})}
	_, err := newClient(t, cfg, &memory{}).Token(t.Context())
	if !errors.Is(err, mailbox.ErrUnavailable) || !strings.Contains(err.Error(), "not https") {
		t.Errorf("got %v", err)
	}
}

// TestEveryKnownCode holds the table to its form: a clause that can stand in
// the middle of a sentence, a cure, and somebody who has to act.
func TestEveryKnownCode(t *testing.T) {
	kinds := []error{mailbox.ErrSignInNeeded, mailbox.ErrInvalid, mailbox.ErrUnavailable, mailbox.ErrBusy}
	form := regexp.MustCompile(`^(AADSTS|MSIS)\d{4,8}$`)
	codes := oauth.Codes()
	for code, kind := range codes {
		cause, cure := oauth.CauseAndCure(code)
		switch {
		case !form.MatchString(code):
			t.Errorf("%s is no code", code)
		case !slices.Contains(kinds, kind):
			t.Errorf("%s: nobody has to act (%v)", code, kind)
		case cause == "" || strings.HasSuffix(cause, ".") || cause[0] < 'a' || cause[0] > 'z':
			t.Errorf("%s: the cause %q is not a clause", code, cause)
		case cure == "" || strings.HasSuffix(cure, "."):
			t.Errorf("%s: the cure %q", code, cure)
		}
	}
	// Those that sign-ins most often meet.
	for _, code := range []string{"65001", "65004", "50011", "500112", "7000215", "7000218", "7000222", "700016", "50076", "50079", "53003",
		"9002326", "9002327", "900144", "50173", "700082", "54005", "501481", "70008", "50126", "50034", "50057", "1002012", "700027"} {
		if _, ok := codes["AADSTS"+code]; !ok {
			t.Errorf("AADSTS%s is not known", code)
		}
	}
}

// TestWhatLooksLikeATokenIsNotShown covers secrets that this client never
// sent, so that it cannot know them.
func TestWhatLooksLikeATokenIsNotShown(t *testing.T) {
	stranger := "1.AXoA" + strings.Repeat("Zm9vYmFy", 30)
	a := attempt(t, newClient(t, personConfig(newFakeAuthority(t)), &memory{}))
	_, page := visit(t, callback(a, "error", "invalid_request", "state", a.State(), "error_description", "AADSTS900999: The token "+stranger+" is no good."))
	_, err := a.Wait(t.Context())
	if err == nil || strings.Contains(err.Error()+page, stranger[10:60]) {
		t.Errorf("%v; page: %s", err, page)
	}
	if !strings.Contains(err.Error(), "is no good") {
		t.Errorf("the rest is lost: %v", err)
	}
}

func TestErrorText(t *testing.T) {
	e := newFakeAuthority(t)
	c := newClient(t, personConfig(e), &memory{})
	a, err := c.BeginSignIn(t.Context(), oauth.SignInOptions{PasteOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	_, err = a.Paste(t.Context(), "#error=access_denied&state="+a.State()+"&error_description="+
		url.QueryEscape("AADSTS65004: User declined.\r\nTrace ID: 1\r\nCorrelation ID: c0ffee00-1111-2222-3333-444444444444\r\nTimestamp: 2026-11-20 09:00:00Z"))
	want := "sign-in: AADSTS65004 (access_denied): the permissions were declined on the consent page; correlation id c0ffee00-1111-2222-3333-444444444444"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

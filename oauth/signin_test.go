package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/exconn/exconn/custompages"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

const crmPage = "https://crm.example.com/crm/custompages/oauth/callback.html"

// browser asks the listener as a browser does, without keeping connections.
var browser = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// visit opens an address and returns the status and the page.
func visit(t *testing.T, address string, change ...func(*http.Request)) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range change {
		c(req)
	}
	resp, err := browser.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	watch.Said("a page", string(body))
	for name, want := range map[string]string{
		"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
	} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s: %s is %q, want %q", req.URL.Path, name, got, want)
		}
	}
	if csp := resp.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("Content-Security-Policy is %q", csp)
	}
	return resp.StatusCode, string(body)
}

// attempt begins a sign-in with the pages and a listener.
func attempt(t *testing.T, c *oauth.Client) *oauth.Attempt {
	t.Helper()
	a, err := c.BeginSignIn(t.Context(), oauth.SignInOptions{Pages: custompages.OAuth()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// callback is the address that brings an answer to the attempt's listener.
func callback(a *oauth.Attempt, parts ...string) string {
	q := url.Values{}
	for i := 0; i < len(parts); i += 2 {
		q.Set(parts[i], parts[i+1])
	}
	return a.ListenAddress() + "?" + q.Encode()
}

func query(t *testing.T, address string) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

func TestLoopbackSignIn(t *testing.T) {
	var logged logBuffer
	e, cache := newFakeAuthority(t), &memory{}
	cfg := personConfig(e)
	cfg.Logger = logged.logger()
	c := newClient(t, cfg, cache)
	a := attempt(t, c)
	q := query(t, a.URL())
	if q.Get("redirect_uri") != a.RedirectURI() || a.RedirectURI() != a.ListenAddress() || q.Get("response_mode") != "query" {
		t.Errorf("redirect URI %s, listener %s, URL %s", a.RedirectURI(), a.ListenAddress(), a.URL())
	}
	if len(q.Get("state")) < 22 || len(q.Get("nonce")) < 22 || q.Get("state") == q.Get("nonce") || len(q.Get("code_challenge")) != 43 {
		t.Errorf("too little randomness in %v", q)
	}
	code := e.authorize(a.URL())
	if cache.get() != nil {
		t.Error("something was kept before the sign-in")
	}
	status, page := visit(t, callback(a, "code", code, "state", a.State(), "session_state", "ignored"))
	if status != http.StatusOK || !strings.Contains(page, `data-outcome="success"`) || !strings.Contains(page, "anna@example.com") {
		t.Errorf("the page does not tell of success (%d): %s", status, page)
	}
	account, err := a.Wait(t.Context())
	if err != nil || account.Username != "anna@example.com" {
		t.Fatalf("Wait: %+v, %v", account, err)
	}
	token := mustToken(t, c)
	e.checkNoSecrets(t, "the page", page)
	e.checkNoSecrets(t, "the log", logged.String())
	e.checkNoSecrets(t, "a printed value", fmt.Sprintf("%v %+v %#v %v %+v %#v %v %+v %#v", token, token, token, c, c, c, a, a, a))
}

func TestPageSignIn(t *testing.T) {
	e := newFakeAuthority(t)
	cfg := personConfig(e)
	cfg.RedirectURI = crmPage
	c := newClient(t, cfg, &memory{})
	a := attempt(t, c)
	q := query(t, a.URL())
	if q.Get("redirect_uri") != crmPage || q.Get("response_mode") != "fragment" || a.RedirectURI() != crmPage {
		t.Errorf("the URL is not for the page: %s", a.URL())
	}
	id, port, ok := strings.Cut(q.Get("state"), ".")
	if n, err := strconv.Atoi(port); !ok || err != nil || n < 1024 || n > 65535 || len(id) < 22 || a.ListenAddress() != "http://localhost:"+port+"/" {
		t.Errorf("the state %q is not an id and the listener's port", q.Get("state"))
	}
	status, page := visit(t, callback(a, "code", e.authorize(a.URL()), "state", q.Get("state")))
	if status != http.StatusOK || !strings.Contains(page, `data-outcome="success"`) {
		t.Errorf("no success (%d): %s", status, page)
	}
	if _, err := a.Wait(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestSignInOptions(t *testing.T) {
	e := newFakeAuthority(t)
	c := newClient(t, personConfig(e), &memory{})
	port := freePort(t)
	a, err := c.BeginSignIn(t.Context(), oauth.SignInOptions{ListenPort: port, LoginHint: "anna@example.com", Prompt: "select_account"})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	q := query(t, a.URL())
	if q.Get("login_hint") != "anna@example.com" || q.Get("prompt") != "select_account" || a.RedirectURI() != fmt.Sprintf("http://localhost:%d/", port) {
		t.Errorf("the options are not in %s", a.URL())
	}
	// Another attempt at the same port.
	_, err = c.BeginSignIn(t.Context(), oauth.SignInOptions{ListenPort: port})
	if err == nil || !strings.Contains(mailbox.Hint(err), "--listen-port") {
		t.Errorf("a port in use: %v (hint %q)", err, mailbox.Hint(err))
	}
	for _, bad := range []oauth.SignInOptions{{ListenPort: 80}, {ListenPort: 70000}, {Prompt: "please"}} {
		if _, err := c.BeginSignIn(t.Context(), bad); !errors.Is(err, mailbox.ErrInvalid) {
			t.Errorf("%+v: %v, want ErrInvalid", bad, err)
		}
	}
}

// freePort returns a port that was free a moment ago.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func TestListenerListensOnLoopbackAlone(t *testing.T) {
	e := newFakeAuthority(t)
	a := attempt(t, newClient(t, personConfig(e), &memory{}))
	u, err := url.Parse(a.ListenAddress())
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "::1"} {
		conn, err := net.DialTimeout("tcp", net.JoinHostPort(host, u.Port()), 5*time.Second)
		if err != nil {
			if host == "::1" && !haveIPv6() {
				continue
			}
			t.Errorf("%s: %v", host, err)
			continue
		}
		conn.Close()
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, addr := range addrs {
		ip, ok := addr.(*net.IPNet)
		if !ok || ip.IP.IsLoopback() || ip.IP.To4() == nil {
			continue
		}
		if conn, err := net.DialTimeout("tcp", net.JoinHostPort(ip.IP.String(), u.Port()), time.Second); err == nil {
			conn.Close()
			t.Errorf("the listener answers on %s", ip.IP)
		}
	}
}

func haveIPv6() bool {
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		return false
	}
	return l.Close() == nil
}

// TestStrayRequests shows that nothing but the right answer ends an attempt.
func TestStrayRequests(t *testing.T) {
	e := newFakeAuthority(t)
	c := newClient(t, personConfig(e), &memory{})
	a := attempt(t, c)
	code := e.authorize(a.URL())
	address := a.ListenAddress()

	// Connections that browsers open ahead and do not use, and half a request.
	host := strings.TrimSuffix(strings.TrimPrefix(address, "http://"), "/")
	for _, text := range []string{"", "GET / HTTP/1.1\r\nHo"} {
		conn, err := net.Dial("tcp", strings.Replace(host, "localhost", "127.0.0.1", 1))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, text); err != nil {
			t.Fatal(err)
		}
	}
	right := callback(a, "code", code, "state", a.State())
	withHost := func(h string) func(*http.Request) { return func(r *http.Request) { r.Host = h } }
	dest := func(d string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Sec-Fetch-Dest", d) }
	}
	post := func(r *http.Request) { r.Method = http.MethodPost }
	for _, stray := range []struct {
		name, address string
		change        func(*http.Request)
		want          int
	}{
		{"nothing", address, nil, 404},
		{"favicon", address + "favicon.ico", nil, 404},
		{"another path", strings.Replace(right, "/?", "/callback?", 1), nil, 404},
		{"state alone", callback(a, "state", a.State()), nil, 404},
		{"code and error", right + "&error=access_denied", nil, 404},
		{"code twice", right + "&code=again", nil, 404},
		{"state twice", right + "&state=again", nil, 404},
		{"broken escape", address + "?code=%zz&state=" + a.State(), nil, 404},
		{"huge code", callback(a, "code", strings.Repeat("a", 20<<10), "state", a.State()), nil, 404},
		{"POST", right, post, 405},
		{"another host name", right, withHost("attacker.example:80"), 421},
		{"localhost as a prefix", right, withHost("localhost.attacker.example"), 421},
		{"no host name", right, withHost(":1"), 421},
		{"in an image", right, dest("image"), 404},
		{"in a frame", right, dest("iframe"), 404},
		{"wrong state", callback(a, "code", code, "state", a.State()+"x"), nil, 400},
		{"no state", callback(a, "code", code), nil, 400},
		{"refusal with a wrong state", callback(a, "error", "access_denied", "state", "guess"), nil, 400},
		{"refusal without a state", callback(a, "error", "access_denied"), nil, 400},
	} {
		var changes []func(*http.Request)
		if stray.change != nil {
			changes = append(changes, stray.change)
		}
		status, page := visit(t, stray.address, changes...)
		if status != stray.want {
			t.Errorf("%s: %d, want %d", stray.name, status, stray.want)
		}
		if strings.Contains(page, "success") {
			t.Errorf("%s: the page tells of success", stray.name)
		}
		e.checkNoSecrets(t, stray.name+": the page", page)
	}
	if n := e.tokenCalls(""); n != 0 {
		t.Fatalf("%d codes were redeemed for stray requests", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := a.Wait(ctx)
	if !errors.Is(err, context.Canceled) || !errors.Is(err, mailbox.ErrSignInNeeded) || !strings.Contains(err.Error(), "4 answers") || !strings.Contains(err.Error(), "state") {
		t.Errorf("the waiting ends with %v, want it to tell of the wrong states", err)
	}
	// And then the right one.
	if status, page := visit(t, right, dest("document")); status != 200 || !strings.Contains(page, "success") {
		t.Errorf("the right answer: %d %s", status, page)
	}
	if _, err := a.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	visit(t, address+"callback.css")
	visit(t, address+"result.js")
}

func TestSecondAnswer(t *testing.T) {
	e := newFakeAuthority(t)
	c := newClient(t, personConfig(e), &memory{})
	a := attempt(t, c)
	right := callback(a, "code", e.authorize(a.URL()), "state", a.State())
	visit(t, right)
	status, page := visit(t, right)
	if status != http.StatusGone || !strings.Contains(page, `data-outcome="used"`) {
		t.Errorf("the second time: %d %s", status, page)
	}
	if _, err := a.Paste(t.Context(), right); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("the third time, pasted: %v", err)
	}
	if _, err := a.Wait(t.Context()); err != nil {
		t.Errorf("the outcome has changed: %v", err)
	}
	if n := e.tokenCalls("authorization_code"); n != 1 {
		t.Errorf("%d redemptions, want 1", n)
	}
}

func TestTwoAnswersAtOnce(t *testing.T) {
	e := newFakeAuthority(t)
	c := newClient(t, personConfig(e), &memory{})
	a := attempt(t, c)
	right := callback(a, "code", e.authorize(a.URL()), "state", a.State())
	var mu sync.Mutex
	counts := map[int]int{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			resp, err := browser.Get(right)
			if err != nil {
				t.Error(err)
				return
			}
			resp.Body.Close()
			mu.Lock()
			defer mu.Unlock()
			counts[resp.StatusCode]++
		})
	}
	wg.Wait()
	if counts[200] != 1 || counts[410] != 7 {
		t.Errorf("answers by status: %v, want one success", counts)
	}
	if n := e.tokenCalls("authorization_code"); n != 1 {
		t.Errorf("%d redemptions, want 1", n)
	}
}

func TestCodeUsedElsewhere(t *testing.T) {
	e, cache := newFakeAuthority(t), &memory{}
	c := newClient(t, personConfig(e), cache)
	a := attempt(t, c)
	e.authorize(a.URL())
	status, page := visit(t, callback(a, "code", "0.AnotherCodeThatTheServerDoesNotKnow", "state", a.State()))
	if status != http.StatusOK || !strings.Contains(page, `data-outcome="failed"`) || !strings.Contains(page, "AADSTS54005") ||
		!strings.Contains(page, "c0ffee00-1111-2222-3333-444444444444") || !strings.Contains(page, "used already") {
		t.Errorf("the page: %d %s", status, page)
	}
	_, err := a.Wait(t.Context())
	if !errors.Is(err, mailbox.ErrSignInNeeded) || mailbox.Code(err) != "AADSTS54005" {
		t.Errorf("Wait: %v", err)
	}
	if cache.get() != nil {
		t.Error("something was kept")
	}
}

// TestTabClosedDuringRedemption shows that a person who closes the tab at once
// is signed in all the same.
func TestTabClosedDuringRedemption(t *testing.T) {
	e := newFakeAuthority(t)
	c := newClient(t, personConfig(e), &memory{})
	a := attempt(t, c)
	address := callback(a, "code", e.authorize(a.URL()), "state", a.State())
	r := httptest.NewRequest(http.MethodGet, address, nil)
	ctx, closeTab := context.WithCancel(t.Context())
	e.before = func(url.Values) { closeTab() }
	a.Handler().ServeHTTP(httptest.NewRecorder(), r.WithContext(ctx))
	if _, err := a.Wait(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestRefusedConsent(t *testing.T) {
	e := newFakeAuthority(t)
	c := newClient(t, personConfig(e), &memory{})
	a := attempt(t, c)
	status, page := visit(t, callback(a, "error", "access_denied", "state", a.State(), "error_description",
		"AADSTS65004: User declined to consent to access the app.\r\nTrace ID: 1\r\nCorrelation ID: c0ffee00-1111-2222-3333-444444444444\r\nTimestamp: 2026-11-20 09:00:00Z"))
	if status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	for _, want := range []string{`data-outcome="refused"`, "AADSTS65004", "c0ffee00-1111-2222-3333-444444444444", "2026-11-20 09:00:00Z", "declined", "consent"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q: %s", want, page)
		}
	}
	_, err := a.Wait(t.Context())
	if !errors.Is(err, mailbox.ErrSignInNeeded) || mailbox.Code(err) != "AADSTS65004" || mailbox.RequestID(err) != "c0ffee00-1111-2222-3333-444444444444" {
		t.Errorf("Wait: %v", err)
	}
	if n := e.tokenCalls(""); n != 0 {
		t.Errorf("%d token requests", n)
	}
}

func TestHostileErrorIsShownAsText(t *testing.T) {
	e := newFakeAuthority(t)
	a := attempt(t, newClient(t, personConfig(e), &memory{}))
	_, page := visit(t, callback(a, "error", "<script>alert(1)</script>", "state", a.State(), "error_description", "<img src=x onerror=alert(1)>\x1b[31m\u202e"))
	if strings.Contains(page, "<script>alert") || strings.Contains(page, "<img") || strings.ContainsAny(page, "\x1b\u202e") {
		t.Errorf("the page carries what the address says: %s", page)
	}
	_, err := a.Wait(t.Context())
	if err == nil || strings.ContainsAny(err.Error(), "\x1b\u202e") {
		t.Errorf("the error carries control characters: %q", err)
	}
}

func TestAnswerOfAnotherSignIn(t *testing.T) {
	for name, change := range map[string]func(*fakeAuthority){
		"nonce":    func(e *fakeAuthority) { e.nonce = "of-another-sign-in" },
		"audience": func(e *fakeAuthority) { e.audience = "another-application" },
	} {
		t.Run(name, func(t *testing.T) {
			e, cache := newFakeAuthority(t), &memory{}
			change(e)
			c := newClient(t, personConfig(e), cache)
			a := attempt(t, c)
			_, page := visit(t, callback(a, "code", e.authorize(a.URL()), "state", a.State()))
			if !strings.Contains(page, `data-outcome="failed"`) {
				t.Errorf("the page: %s", page)
			}
			if _, err := a.Wait(t.Context()); !errors.Is(err, mailbox.ErrSignInNeeded) || !strings.Contains(err.Error(), "does not belong") {
				t.Errorf("Wait: %v", err)
			}
			if cache.get() != nil {
				t.Error("its tokens were kept")
			}
			if _, err := c.Token(t.Context()); !errors.Is(err, mailbox.ErrSignInNeeded) {
				t.Errorf("its token is used: %v", err)
			}
		})
	}
}

func TestServerCannotBeReached(t *testing.T) {
	e := newFakeAuthority(t)
	cfg := personConfig(e)
	down := errors.New("connection refused by a test")
	up := true
	cfg.HTTPClient = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if !up {
			return nil, down
		}
		return e.RoundTrip(r)
	})}
	c := newClient(t, cfg, &memory{})
	a := attempt(t, c)
	code := e.authorize(a.URL())
	up = false
	_, page := visit(t, callback(a, "code", code, "state", a.State()))
	if !strings.Contains(page, `data-outcome="unreachable"`) {
		t.Errorf("the page: %s", page)
	}
	_, err := a.Wait(t.Context())
	if !errors.Is(err, mailbox.ErrUnavailable) || !errors.Is(err, down) || !strings.Contains(err.Error(), "login.test") || mailbox.Hint(err) == "" {
		t.Errorf("Wait: %v", err)
	}
	e.checkNoSecrets(t, "the error", err.Error()+page)
	// A new client, which has no endpoints yet.
	if _, err := newClient(t, cfg, &memory{}).BeginSignIn(t.Context(), oauth.SignInOptions{}); !errors.Is(err, mailbox.ErrUnavailable) {
		t.Errorf("BeginSignIn: %v", err)
	}
}

func TestSignInThatCannotBeKept(t *testing.T) {
	e, cache := newFakeAuthority(t), &memory{}
	c := newClient(t, personConfig(e), cache)
	full := errors.New("disk full")
	cache.failSaves(full)
	a := attempt(t, c)
	_, page := visit(t, callback(a, "code", e.authorize(a.URL()), "state", a.State()))
	if !strings.Contains(page, `data-outcome="failed"`) || strings.Contains(page, `data-outcome="success"`) {
		t.Errorf("the page: %s", page)
	}
	if _, err := a.Wait(t.Context()); !errors.Is(err, full) {
		t.Errorf("Wait: %v", err)
	}
	if _, err := c.Token(t.Context()); !errors.Is(err, mailbox.ErrSignInNeeded) {
		t.Errorf("a sign-in that failed is used: %v", err)
	}
}

func TestAbandonedSignIn(t *testing.T) {
	e := newFakeAuthority(t)
	a := attempt(t, newClient(t, personConfig(e), &memory{}))
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err := a.Wait(ctx)
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, mailbox.ErrSignInNeeded) || strings.Contains(err.Error(), "state") {
		t.Errorf("Wait: %v", err)
	}
	waiting := make(chan error, 1)
	go func() {
		_, err := a.Wait(context.WithoutCancel(t.Context()))
		waiting <- err
	}()
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	if err := <-waiting; !errors.Is(err, mailbox.ErrSignInNeeded) {
		t.Errorf("Wait after Close: %v", err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	if _, err := browser.Get(a.ListenAddress()); err == nil {
		t.Error("the listener still answers")
	}
}

// TestCloseWaitsForTheBrowser shows that a browser gets the files of the last
// page although the program closes the attempt at once.
func TestCloseWaitsForTheBrowser(t *testing.T) {
	e := newFakeAuthority(t)
	c := newClient(t, personConfig(e), &memory{})
	a := attempt(t, c)
	visit(t, callback(a, "code", e.authorize(a.URL()), "state", a.State()), func(r *http.Request) { r.Header.Set("Sec-Fetch-Dest", "document") })
	if _, err := a.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	closed := make(chan error, 1)
	go func() { closed <- a.Close() }()
	for _, name := range []string{"result.js", "callback.css"} {
		if status, body := visit(t, a.ListenAddress()+name); status != 200 || body == "" {
			t.Errorf("%s: %d", name, status)
		}
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

// TestCloseWaitsForEveryPage is two tabs that show a page each: the files that
// the one loads are not those that the other waits for.
func TestCloseWaitsForEveryPage(t *testing.T) {
	e := newFakeAuthority(t)
	c := newClient(t, personConfig(e), &memory{})
	a := attempt(t, c)
	asDocument := func(r *http.Request) { r.Header.Set("Sec-Fetch-Dest", "document") }
	visit(t, callback(a, "code", "x", "state", "another"), asDocument)
	visit(t, callback(a, "code", e.authorize(a.URL()), "state", a.State()), asDocument)
	if _, err := a.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	closed := make(chan error, 1)
	go func() { closed <- a.Close() }()
	for _, tab := range []string{"first", "second"} {
		for _, name := range []string{"result.js", "callback.css"} {
			if status, body := visit(t, a.ListenAddress()+name); status != 200 || body == "" {
				t.Errorf("%s of the %s tab: %d", name, tab, status)
			}
		}
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

func TestPlainTextWithoutPages(t *testing.T) {
	e := newFakeAuthority(t)
	c := newClient(t, personConfig(e), &memory{})
	a, err := c.BeginSignIn(t.Context(), oauth.SignInOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if _, text := visit(t, callback(a, "code", "x", "state", "y")); !strings.Contains(text, "another sign-in") {
		t.Errorf("wrong state: %s", text)
	}
	right := callback(a, "code", e.authorize(a.URL()), "state", a.State())
	if _, text := visit(t, right); !strings.Contains(text, "Signed in as anna@example.com") {
		t.Errorf("success: %s", text)
	}
	if _, text := visit(t, right); !strings.Contains(text, "already had its answer") {
		t.Errorf("second: %s", text)
	}
	refused, err := c.BeginSignIn(t.Context(), oauth.SignInOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer refused.Close()
	if _, text := visit(t, callback(refused, "error", "access_denied", "error_description", "AADSTS65004: no", "state", refused.State())); !strings.Contains(text, "Not signed in") || !strings.Contains(text, "AADSTS65004") {
		t.Errorf("refused: %s", text)
	}
}

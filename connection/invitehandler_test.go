package connection

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/simulator/entra"
)

func TestInvitationAccepted(t *testing.T) {
	s := newInviteSite(t)
	link := s.invite(Invitee{Address: annaUPN})
	b := s.browser()

	// Looking at it, as link scanners do too, uses nothing up.
	for range 3 {
		for _, method := range []string{http.MethodHead, http.MethodGet} {
			a := b.do(method, link)
			if a.status != http.StatusOK || a.header.Get("Content-Length") == "0" || (method == http.MethodHead) != (a.body == "") {
				t.Fatalf("%s: %d %s", method, a.status, a.body)
			}
		}
	}
	if len(s.h.attempts.byName) != 0 || s.state(annaUPN) != InvitationOpen {
		t.Fatal("looking at an invitation has begun a sign-in or used it up")
	}
	page := b.do(http.MethodGet, link)
	page.wants(t, http.StatusOK, "invited", annaUPN, "<strong>crm</strong>", `<time datetime="2026-11-28T09:30:00Z">2026-11-28 09:30 UTC</time>`, `<html lang="en" dir="ltr">`,
		`action="/exconn/invite/`, `src="/exconn/invite.js"`)
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'self' https:; frame-ancestors 'none'",
		"Referrer-Policy":         "no-referrer", "Cache-Control": "no-store", "X-Frame-Options": "DENY", "Vary": "Accept-Language", "X-Content-Type-Options": "nosniff",
	} {
		if got := page.header.Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	for _, file := range []string{"/invite.js", "/callback.css"} {
		if a := b.do(http.MethodGet, s.base+file); a.status != http.StatusOK || a.body == "" {
			t.Errorf("%s: %d", file, a.status)
		}
	}

	begun := b.do(http.MethodPost, link)
	u, err := url.Parse(begun.header.Get("Location"))
	if err != nil || begun.status != http.StatusSeeOther {
		t.Fatal(begun, err)
	}
	if q := u.Query(); u.Host != strings.TrimPrefix(s.world.identity.URL, "https://") || q.Get("login_hint") != annaUPN || q.Get("prompt") != "select_account" ||
		q.Get("response_mode") != "query" || q.Get("redirect_uri") != s.base+"/callback" || q.Get("code_challenge_method") != "S256" || q.Get("nonce") == "" {
		t.Errorf("the sign-in goes by %v", q)
	}
	cookie := begun.header.Get("Set-Cookie")
	for _, want := range []string{"__Host-exconn-invite-", "; Path=/;", "HttpOnly", "Secure", "SameSite=Lax", "Max-Age=900"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie lacks %q: %s", want, cookie)
		}
	}

	back := b.signsIn(u.String(), annaUPN, true)
	if a := b.do(http.MethodHead, back); a.status != http.StatusMethodNotAllowed {
		t.Errorf("HEAD of the answer: %d", a.status)
	}
	done := b.do(http.MethodGet, back)
	done.wants(t, http.StatusOK, "success", annaUPN, "Anna")
	if gone := done.header.Get("Set-Cookie"); !strings.Contains(gone, "Max-Age=0") {
		t.Errorf("the cookie stays: %s", gone)
	}
	entry, err := s.book.Auth(t.Context(), "crm")
	if err != nil || len(entry.Accounts) != 2 || entry.Accounts[1].User != annaUPN || entry.Accounts[1].Status.State != SignedIn || entry.Accounts[1].Status.Username != annaUPN {
		t.Errorf("Auth: %+v, %v", entry, err)
	}
	if outcomes := s.happened(); len(outcomes) != 1 || outcomes[0].Outcome != OutcomeSignedIn || outcomes[0].User != annaUPN || outcomes[0].SignedInAs != annaUPN || outcomes[0].Err != nil {
		t.Errorf("the outcomes are %+v", outcomes)
	}
	// Her mailbox opens, by her own account.
	if err := list(t, openIn(t, s.book, "crm"), annaUPN); err != nil {
		t.Error(err)
	}
	wantCalls(t, s.world, call{anchor: annaUPN, user: annaUPN})

	// Everything that has been used is over.
	b.do(http.MethodGet, back).wants(t, http.StatusGone, "over")
	b.do(http.MethodGet, link).wants(t, http.StatusGone, "used", "If that was you")
	b.do(http.MethodPost, link).wants(t, http.StatusGone, "used")
	if outcomes := s.happened(); len(outcomes) != 0 {
		t.Errorf("more happened: %+v", outcomes)
	}
	secret := link[strings.LastIndex(link, "/")+1:]
	if said := s.f.log.String(); strings.Contains(said, secret) {
		t.Errorf("the log tells the link: %s", said)
	}
}

func TestInvitationWrongAccount(t *testing.T) {
	s := newInviteSite(t)
	link := s.invite(Invitee{Address: annaUPN})
	b := s.browser()
	a := b.accepts(link, benUPN)
	a.wants(t, http.StatusOK, "wrong", benUPN, annaUPN, "Nothing was kept", "Try again", `action="/exconn/invite/`)
	s.nothingKept()
	if s.state(annaUPN) != InvitationOpen {
		t.Error("the invitation was used up")
	}
	outcomes := s.happened()
	if len(outcomes) != 1 || outcomes[0].Outcome != "wrong_account" || outcomes[0].User != annaUPN || outcomes[0].SignedInAs != benUPN || outcomes[0].Reason == "" {
		t.Errorf("the outcomes are %+v", outcomes)
	}
	b.accepts(link, strings.ToUpper(annaUPN)).wants(t, http.StatusOK, "success", annaUPN)
	if s.state(annaUPN) != InvitationUsed {
		t.Error("the invitation can still be used")
	}
}

// A user whose mailbox has another address than his account, and who is known
// from then on though the other name is not said any more.
func TestInvitationByAnotherName(t *testing.T) {
	s := newInviteSite(t)
	const address = "a.ahrens@contoso.example"
	b := s.browser()
	b.accepts(s.invite(Invitee{Address: address}), annaUPN).wants(t, http.StatusOK, "wrong", annaUPN, address)
	link := s.invite(Invitee{Address: address, SignInName: strings.ToUpper(annaUPN)})
	b.do(http.MethodGet, link).wants(t, http.StatusOK, "invited", address, "the name of the account is", strings.ToUpper(annaUPN))
	page := b.begins(link)
	if u, err := url.Parse(page); err != nil || !strings.EqualFold(u.Query().Get("login_hint"), annaUPN) {
		t.Errorf("the account that is filled in is another: %s", page)
	}
	b.do(http.MethodGet, b.signsIn(page, annaUPN, true)).wants(t, http.StatusOK, "success", annaUPN)
	b.accepts(s.invite(Invitee{Address: address}), annaUPN).wants(t, http.StatusOK, "success", annaUPN)
	b.accepts(s.invite(Invitee{Address: address}), benUPN).wants(t, http.StatusOK, "wrong", benUPN)
	entry, err := s.book.Auth(t.Context(), "crm")
	if err != nil || len(entry.Accounts) != 2 || entry.Accounts[1].User != address || entry.Accounts[1].Status.Username != annaUPN {
		t.Errorf("Auth: %+v, %v", entry, err)
	}
}

// Nobody can plant a sign-in of his own into another's browser, nor bring the
// answer of another's.
func TestInvitationForeignBrowser(t *testing.T) {
	s := newInviteSite(t)
	link := s.invite(Invitee{Address: annaUPN})
	b, other := s.browser(), s.browser()
	back := b.signsIn(b.begins(link), annaUPN, true)
	other.begins(link) // has cookies of its own
	other.do(http.MethodGet, back).wants(t, http.StatusForbidden, "foreign", "not begun in this browser", "close this page")
	s.nothingKept()
	if outcomes := s.happened(); len(outcomes) != 0 {
		t.Errorf("a foreign browser has ended a sign-in: %+v", outcomes)
	}
	u, err := url.Parse(back)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(url.Values){
		"another state": func(q url.Values) { q.Set("state", "x"+q.Get("state")) },
		"no state":      func(q url.Values) { q.Del("state") },
		"no code":       func(q url.Values) { q.Del("code") },
		"two states":    func(q url.Values) { q.Add("state", "x") },
	} {
		q := u.Query()
		change(q)
		if a := b.do(http.MethodGet, s.base+"/callback?"+q.Encode()); a.status < 400 || !strings.Contains(a.body, `data-outcome="over"`) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	b.header.Set("Sec-Fetch-Dest", "iframe")
	if a := b.do(http.MethodGet, back); a.status != http.StatusNotFound {
		t.Errorf("an answer in a frame: %d", a.status)
	}
	b.header.Set("Sec-Fetch-Dest", "document")
	b.do(http.MethodGet, back).wants(t, http.StatusOK, "success")
}

// Two tabs do not disturb each other; the second one to come back finds the
// invitation used.
func TestInvitationTwoTabs(t *testing.T) {
	s := newInviteSite(t)
	link := s.invite(Invitee{Address: annaUPN})
	b := s.browser()
	first, second := b.begins(link), b.begins(link)
	back := b.signsIn(first, annaUPN, true)
	b.do(http.MethodGet, b.signsIn(second, annaUPN, true)).wants(t, http.StatusOK, "success")
	b.do(http.MethodGet, back).wants(t, http.StatusGone, "used")
	if outcomes := s.happened(); len(outcomes) != 2 || outcomes[1].Outcome != "used" {
		t.Errorf("the outcomes are %+v", outcomes)
	}
}

func TestInvitationOver(t *testing.T) {
	s := newInviteSite(t)
	b := s.browser()
	b.do(http.MethodGet, s.base+"/invite/"+strings.Repeat("A", 43)).wants(t, http.StatusNotFound, "unknown", "whole link")
	b.do(http.MethodPost, s.base+"/invite/").wants(t, http.StatusNotFound, "unknown")
	old := s.invite(Invitee{Address: annaUPN})
	link := s.invite(Invitee{Address: annaUPN})
	b.do(http.MethodGet, old).wants(t, http.StatusGone, "withdrawn", "newer one")
	b.do(http.MethodPost, old).wants(t, http.StatusGone, "withdrawn")

	// It ends while the person signs in.
	back := b.signsIn(b.begins(link), annaUPN, true)
	if _, err := s.book.Withdraw(t.Context(), "crm", annaUPN); err != nil {
		t.Fatal(err)
	}
	b.do(http.MethodGet, back).wants(t, http.StatusGone, "withdrawn")
	s.nothingKept()

	link = s.invite(Invitee{Address: annaUPN})
	back = b.signsIn(b.begins(link), annaUPN, true)
	*s.ahead = attemptTime
	b.do(http.MethodGet, back).wants(t, http.StatusGone, "over", "took too long")
	*s.ahead = DefaultInvitationTime - time.Second
	back = b.signsIn(b.begins(link), annaUPN, true)
	*s.ahead += time.Second
	b.do(http.MethodGet, back).wants(t, http.StatusGone, "lapsed", "2026-11-28 09:30 UTC")
	b.do(http.MethodGet, link).wants(t, http.StatusGone, "lapsed", "Ask whoever sent it")
	s.nothingKept()
	var outcomes []string
	for _, o := range s.happened() {
		outcomes = append(outcomes, o.Outcome)
	}
	if !slices.Equal(outcomes, []string{"withdrawn", "lapsed"}) {
		t.Errorf("the outcomes are %v", outcomes)
	}
}

func TestInvitationRefused(t *testing.T) {
	s := newInviteSite(t)
	link := s.invite(Invitee{Address: annaUPN})
	b := s.browser()
	b.do(http.MethodGet, b.signsIn(b.begins(link), annaUPN, false)).wants(t, http.StatusOK, "refused", "the permissions were declined", "AADSTS65004", "Try again")
	outcomes := s.happened()
	if len(outcomes) != 1 || outcomes[0].Outcome != "refused" || outcomes[0].Code != "AADSTS65004" || outcomes[0].RequestID == "" || !errors.Is(outcomes[0].Err, mailbox.ErrSignInNeeded) {
		t.Errorf("the outcomes are %+v", outcomes)
	}
	// These people type no commands: they have a button.
	for code, want := range map[string]string{"AADSTS50126": "the account or the password is wrong", "AADSTS50076": "sign in again, and complete the second factor"} {
		u, err := url.Parse(b.begins(link))
		if err != nil {
			t.Fatal(err)
		}
		for _, language := range []string{"en", "de"} {
			b.header.Set("Accept-Language", language)
			if language == "de" {
				if u, err = url.Parse(b.begins(link)); err != nil {
					t.Fatal(err)
				}
				want = "Noch einmal versuchen"
			}
			q := url.Values{"state": {u.Query().Get("state")}, "error": {"access_denied"}, "error_description": {code + ": No."}}
			a := b.do(http.MethodGet, s.base+"/callback?"+q.Encode())
			a.wants(t, http.StatusOK, "refused", code, want)
			if strings.Contains(a.body, "exconn connection") || code == "AADSTS50126" && strings.Contains(a.body, `class="sentence"`) {
				t.Errorf("the page %s names a command: %s", code, a.body)
			}
		}
		b.header.Del("Accept-Language")
	}
	s.happened()

	// The sign-in server does not answer.
	page := b.signsIn(b.begins(link), annaUPN, true)
	s.world.identity.Close()
	b.do(http.MethodGet, page).wants(t, http.StatusOK, "unreachable", "Try again")
	b.do(http.MethodPost, link).wants(t, http.StatusOK, "unready", "could not begin", "Try again")
	outcomes = s.happened()
	if len(outcomes) != 2 || outcomes[0].Outcome != "unreachable" || outcomes[1].Outcome != "unready" {
		t.Errorf("the outcomes are %+v", outcomes)
	}
	s.nothingKept()
	if s.state(annaUPN) != InvitationOpen {
		t.Error("the invitation was used up")
	}
}

func TestInvitationSpeaksGerman(t *testing.T) {
	s := newInviteSite(t)
	link := s.invite(Invitee{Address: annaUPN})
	b := s.browser()
	b.header.Set("Accept-Language", "de-AT,de;q=0.9,en;q=0.8")
	b.do(http.MethodGet, link).wants(t, http.StatusOK, "invited", `<html lang="de" dir="ltr">`, "Sie sind eingeladen", "Die Einladung gilt für")
	b.accepts(link, benUPN).wants(t, http.StatusOK, "wrong", "Das ist ein anderes Konto", "Noch einmal versuchen")
	b.do(http.MethodGet, b.signsIn(b.begins(link), annaUPN, false)).wants(t, http.StatusOK, "refused", "auf der Zustimmungsseite abgelehnt")
}

// A form of another site does not begin a sign-in.
func TestInvitationForeignForm(t *testing.T) {
	s := newInviteSite(t)
	link := s.invite(Invitee{Address: annaUPN})
	for name, header := range map[string][2]string{
		"by what the browser says": {"Sec-Fetch-Site", "cross-site"},
		"a sibling":                {"Sec-Fetch-Site", "same-site"},
		"by the origin":            {"Origin", "https://attacker.example"},
	} {
		b := s.browser()
		b.header.Set(header[0], header[1])
		if a := b.do(http.MethodPost, link); a.status != http.StatusForbidden || a.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	b := s.browser()
	b.header.Set("Sec-Fetch-Site", "same-origin")
	b.begins(link)
}

// One invitation keeps no more sign-ins waiting than a few: the oldest gives
// way.
func TestInvitationManyAttempts(t *testing.T) {
	s := newInviteSite(t)
	link := s.invite(Invitee{Address: annaUPN})
	b := s.browser()
	var pages []string
	for i := range attemptsEach + 2 {
		*s.ahead = time.Duration(i) * time.Second
		pages = append(pages, b.begins(link))
	}
	if n := len(s.h.attempts.byName); n != attemptsEach {
		t.Errorf("%d sign-ins wait", n)
	}
	b.do(http.MethodGet, b.signsIn(pages[1], annaUPN, true)).wants(t, http.StatusGone, "over")
	b.do(http.MethodGet, b.signsIn(pages[2], annaUPN, true)).wants(t, http.StatusOK, "success")

	// As many as may begin at once have begun.
	key := invitationKey("x")
	for range attemptsEach {
		if !s.h.attempts.reserve(key) {
			t.Fatal("no room")
		}
	}
	if s.h.attempts.reserve(key) {
		t.Error("one more may begin")
	}
	for range attemptsEach {
		s.h.attempts.giveBack(key)
	}
	if !s.h.attempts.reserve(key) || s.h.attempts.waiting != 1 {
		t.Error("there is no room again")
	}
	s.h.attempts.giveBack(key)
	other := s.invite(Invitee{Address: benUPN})
	s.h.attempts.waiting = attemptsAll
	a := b.do(http.MethodPost, other)
	a.wants(t, http.StatusTooManyRequests, "busy", "Try again")
	if a.header.Get("Retry-After") == "" {
		t.Error("it is not said when to come again")
	}
	s.h.attempts.waiting = 0
}

// Many tabs at once use one invitation up, for one account.
func TestInvitationAtOnce(t *testing.T) {
	s := newInviteSite(t)
	link := s.invite(Invitee{Address: annaUPN})
	var tabs sync.WaitGroup
	for range 2 * attemptsEach {
		b := s.browser()
		tabs.Go(func() {
			if a := b.do(http.MethodGet, link); a.status != http.StatusOK && a.status != http.StatusGone {
				t.Errorf("looking at it: %d", a.status)
			}
			begun := b.do(http.MethodPost, link)
			if begun.status != http.StatusSeeOther {
				return // there were too many, or it had been used
			}
			back, err := entra.SignIn(t.Context(), s.world.browser, begun.header.Get("Location"), annaUPN, annaPassword, true)
			if err != nil {
				t.Error(err)
				return
			}
			if a := b.do(http.MethodGet, back.String()); a.status != http.StatusOK && a.status != http.StatusGone {
				t.Errorf("the end: %d %s", a.status, a.body)
			}
		})
	}
	tabs.Wait()
	if s.state(annaUPN) != InvitationUsed || len(s.f.raw(t, accountsBucket)) != 1 {
		t.Errorf("the invitation is %s, and %d accounts are kept", s.state(annaUPN), len(s.f.raw(t, accountsBucket)))
	}
	signedIn := slices.ContainsFunc(s.happened(), func(o InvitationOutcome) bool { return o.Outcome == OutcomeSignedIn })
	if !signedIn {
		t.Error("nobody has signed in")
	}
	b := s.browser()
	b.do(http.MethodGet, link).wants(t, http.StatusGone, "used")
}

// Names that are made of markup stay text.
func TestInvitationInjection(t *testing.T) {
	s := newInviteSite(t)
	const planted = `</strong><script>alert(1)</script>"'`
	if _, err := s.world.dir.AddUser(entra.User{Tenant: "contoso.example", UPN: "eve@contoso.example", Name: planted, Password: annaPassword}); err != nil {
		t.Fatal(err)
	}
	b := s.browser()
	link := s.invite(Invitee{Address: "eve@contoso.example"})
	a := b.accepts(link, "eve@contoso.example")
	a.wants(t, http.StatusOK, "success", "&lt;script&gt;alert(1)")
	page := b.begins(s.invite(Invitee{Address: annaUPN}))
	u, err := url.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	q := url.Values{"state": {u.Query().Get("state")}, "error": {"access_denied"}, "error_description": {"AADSTS99999: " + planted + " Correlation ID: " + planted}}
	refused := b.do(http.MethodGet, s.base+"/callback?"+q.Encode())
	refused.wants(t, http.StatusOK, "refused", "&lt;script&gt;")
	unknown := b.do(http.MethodGet, s.base+"/invite/"+url.PathEscape(planted))
	unknown.wants(t, http.StatusNotFound, "unknown")
	for _, a := range []inviteAnswer{a, refused, unknown} {
		if strings.Contains(a.body, "<script>alert") {
			t.Errorf("a script was planted: %s", a.body)
		}
	}
}

// A web server in front may take its own path off, and browsers ask for other
// things too.
func TestInvitationPaths(t *testing.T) {
	s := newInviteSite(t)
	link := s.invite(Invitee{Address: annaUPN})
	b := s.browser()
	back := b.signsIn(b.begins(link), annaUPN, true)
	stripped := func(address string) string { return strings.Replace(address, "/exconn/", "/", 1) }
	b.do(http.MethodGet, stripped(link)).wants(t, http.StatusOK, "invited", `action="/exconn/invite/`)
	b.do(http.MethodGet, stripped(back)).wants(t, http.StatusOK, "success")
	for path, want := range map[string]int{"/": 404, "/exconn": 404, "/exconn/": 404, "/favicon.ico": 404, "/exconn/invite.html": 404, "/exconn/words.de.js": 404, "/invite.js": 200} {
		if a := b.do(http.MethodGet, s.web.URL+path); a.status != want {
			t.Errorf("%s: %d, want %d", path, a.status, want)
		}
	}
	for method, address := range map[string]string{http.MethodDelete: link, http.MethodPost: s.base + "/callback?" + strings.SplitN(back, "?", 2)[1], http.MethodPut: s.base + "/invite.js"} {
		if a := b.do(method, address); a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") == "" {
			t.Errorf("%s: %d", method, a.status)
		}
	}
}

// A handler of one authentication object knows nothing of another's
// invitations, and one that is closed begins nothing.
func TestInvitationHandlerOfOneObject(t *testing.T) {
	s := newInviteSite(t)
	s.f.create(t, s.world.pkce("other"))
	link := s.invite(Invitee{Address: annaUPN})
	b := s.browser()
	page := b.begins(link)
	s.h.opts.Auth = "other"
	b.do(http.MethodGet, link).wants(t, http.StatusNotFound, "unknown")
	s.h.opts.Auth = "CRM"
	b.do(http.MethodGet, link).wants(t, http.StatusOK, "invited")
	back := b.signsIn(page, annaUPN, true)
	if err := s.h.Close(); err != nil {
		t.Fatal(err)
	}
	b.do(http.MethodGet, back).wants(t, http.StatusGone, "over")
	b.do(http.MethodPost, link).wants(t, http.StatusTooManyRequests, "busy")
	s.nothingKept()
}

func TestInvitationHandlerRefusesOptions(t *testing.T) {
	f := newFixture(t)
	pages := func(change func(fstest.MapFS)) fstest.MapFS {
		files := fstest.MapFS{"invite.html": {Data: []byte("{{.Outcome}}")}, "invite.js": {Data: []byte("1")}, "callback.css": {Data: []byte("a{}")}}
		change(files)
		return files
	}
	whole := pages(func(fstest.MapFS) {})
	for name, opts := range map[string]InvitationOptions{
		"base_url":     {BaseURL: "http://crm.example.com", Pages: whole},
		"redirect_uri": {BaseURL: "https://crm.example.com", RedirectURI: "https://other.example.com/callback", Pages: whole},
		"pages":        {BaseURL: "https://crm.example.com"},
		"invite.html":  {BaseURL: "https://crm.example.com", Pages: pages(func(f fstest.MapFS) { f["invite.html"] = &fstest.MapFile{Data: []byte("{{.Nothing}}")} })},
		"invite.js":    {BaseURL: "https://crm.example.com", Pages: pages(func(f fstest.MapFS) { delete(f, "invite.js") })},
		"callback.css": {BaseURL: "https://crm.example.com", Pages: pages(func(f fstest.MapFS) { delete(f, "callback.css") })},
		"words":        {BaseURL: "https://crm.example.com", Pages: pages(func(f fstest.MapFS) { f["words.de.js"] = &fstest.MapFile{Data: []byte("{")} })},
	} {
		if _, err := f.NewInvitationHandler(opts); !errors.Is(err, mailbox.ErrInvalid) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	h, err := f.NewInvitationHandler(InvitationOptions{BaseURL: "https://crm.example.com/", RedirectURI: "https://crm.example.com/admin/smtp_oauth_microsoft/token", Pages: whole})
	if err != nil || h.RedirectURI() != "https://crm.example.com/admin/smtp_oauth_microsoft/token" {
		t.Errorf("a redirect URI of another path: %v", err)
	}
}

var _ http.Handler = (*InvitationHandler)(nil)

// The explanation of a cause that is not for strangers says none of it.
func TestInvitationExplainsNothingInternal(t *testing.T) {
	e := oauth.Wording{}.Explain(errors.New("open /var/lib/exconn.db: permission denied"))
	if strings.Contains(e.Cause+e.Hint+e.Detail+e.Reason, "exconn.db") {
		t.Errorf("%+v", e)
	}
}

package connection

import (
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/exconn/exconn/custompages"
	"github.com/exconn/exconn/simulator/entra"
)

// inviteSite is a handler of invitations as people reach it: by https, beneath
// a path of a web server.
type inviteSite struct {
	t     *testing.T
	world *world
	f     *fixture
	book  *Book
	ahead *time.Duration
	h     *InvitationHandler
	web   *httptest.Server
	base  string

	mu       sync.Mutex
	outcomes []InvitationOutcome
}

func newInviteSite(t *testing.T) *inviteSite {
	t.Helper()
	s := &inviteSite{t: t, world: newWorld(t), f: newFixture(t)}
	s.book, s.ahead = clocked(t, s.f)
	d := s.world.pkce("crm", "contoso.example")
	s.f.create(t, d)
	s.web = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.h.ServeHTTP(w, r) }))
	s.web.Config.ErrorLog = quiet()
	s.web.StartTLS()
	t.Cleanup(s.web.Close)
	s.base = s.web.URL + "/exconn"
	var err error
	s.h, err = s.book.NewInvitationHandler(InvitationOptions{BaseURL: s.base, Pages: custompages.OAuth(), Outcome: func(o InvitationOutcome) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.outcomes = append(s.outcomes, o)
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.h.Close() })
	if err := s.world.dir.AddRedirect(appID, entra.Redirect{URI: s.h.RedirectURI(), Platform: entra.Public}); err != nil {
		t.Fatal(err)
	}
	return s
}

// invite returns a link.
func (s *inviteSite) invite(user Invitee) string {
	s.t.Helper()
	made, err := s.book.Invite(s.t.Context(), InviteOptions{Auth: "crm", Users: []Invitee{user}})
	if err != nil {
		s.t.Fatal(err)
	}
	return made[0].Link(s.base)
}

// happened returns the outcomes so far and forgets them.
func (s *inviteSite) happened() []InvitationOutcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.outcomes
	s.outcomes = nil
	return list
}

// browser is a person's, with cookies of its own. It follows no redirect.
type inviteBrowser struct {
	s      *inviteSite
	client *http.Client
	header http.Header
}

func (s *inviteSite) browser() *inviteBrowser {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &inviteBrowser{s: s, header: http.Header{}, client: &http.Client{
		Transport: s.web.Client().Transport, Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// answer is what a browser was given.
type inviteAnswer struct {
	status int
	header http.Header
	body   string
}

func (b *inviteBrowser) do(method, address string) inviteAnswer {
	b.s.t.Helper()
	r, err := http.NewRequestWithContext(b.s.t.Context(), method, address, http.NoBody)
	if err != nil {
		b.s.t.Fatal(err)
	}
	maps.Copy(r.Header, b.header)
	resp, err := b.client.Do(r)
	if err != nil {
		b.s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.s.t.Fatal(err)
	}
	return inviteAnswer{resp.StatusCode, resp.Header, string(body)}
}

// begins presses the button, and returns the address of the sign-in page.
func (b *inviteBrowser) begins(link string) string {
	b.s.t.Helper()
	a := b.do(http.MethodPost, link)
	if a.status != http.StatusSeeOther {
		b.s.t.Fatalf("the button answers %d: %s", a.status, a.body)
	}
	return a.header.Get("Location")
}

// signsIn goes through the sign-in page, and returns the address that it sends
// the browser back to.
func (b *inviteBrowser) signsIn(page, upn string, consent bool) string {
	b.s.t.Helper()
	back, err := entra.SignIn(b.s.t.Context(), b.s.world.browser, page, upn, annaPassword, consent)
	if err != nil {
		b.s.t.Fatal(err)
	}
	return back.String()
}

// accepts follows a link to its end.
func (b *inviteBrowser) accepts(link, upn string) inviteAnswer {
	b.s.t.Helper()
	return b.do(http.MethodGet, b.signsIn(b.begins(link), upn, true))
}

// wants asserts what a page is.
func (a inviteAnswer) wants(t *testing.T, status int, outcome string, says ...string) {
	t.Helper()
	if a.status != status || !strings.Contains(a.body, `data-outcome="`+outcome+`"`) {
		t.Errorf("HTTP %d %s; want %d %s", a.status, a.body, status, outcome)
		return
	}
	for _, words := range says {
		if !strings.Contains(a.body, words) {
			t.Errorf("the page %s does not say %q: %s", outcome, words, a.body)
		}
	}
}

// nothingKept asserts that there is neither an account nor a token.
func (s *inviteSite) nothingKept() {
	s.t.Helper()
	for _, bucket := range []string{tokensBucket, accountsBucket} {
		if left := s.f.raw(s.t, bucket); len(left) != 0 {
			s.t.Errorf("%s holds %d records", bucket, len(left))
		}
	}
}

func (s *inviteSite) state(user string) InvitationState {
	s.t.Helper()
	list, err := s.book.Invitations(s.t.Context(), "crm")
	if err != nil {
		s.t.Fatal(err)
	}
	for _, i := range list {
		if i.User == user {
			return i.State
		}
	}
	return ""
}

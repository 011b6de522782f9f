package main

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// inviteWeb is "auth accept" on the CRM's host, with the CRM's certificate.
type inviteWeb struct {
	m      *machine
	base   string
	listen string
	flags  []string
}

func (m *machine) inviteWeb() *inviteWeb {
	m.t.Helper()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		m.t.Fatal(err)
	}
	listen := socket.Addr().String()
	if err := socket.Close(); err != nil {
		m.t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(listen)
	if err != nil {
		m.t.Fatal(err)
	}
	served := m.suite.crm.server.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(served.PrivateKey)
	if err != nil {
		m.t.Fatal(err)
	}
	w := &inviteWeb{m: m, base: "https://" + crmName + ":" + port + "/exconn", listen: listen}
	for flag, block := range map[string]*pem.Block{"tls-cert": {Type: "CERTIFICATE", Bytes: served.Certificate[0]}, "tls-key": {Type: "PRIVATE KEY", Bytes: key}} {
		path := filepath.Join(m.t.TempDir(), flag+".pem")
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			m.t.Fatal(err)
		}
		w.flags = append(w.flags, "--"+flag, path)
	}
	if err := m.suite.sim.RegisterRedirect(w.base + "/callback"); err != nil {
		m.t.Fatal(err)
	}
	return w
}

// invite returns the users' links.
func (w *inviteWeb) invite(users ...string) (links []string) {
	w.m.t.Helper()
	args := []string{"auth", "invite", "--base-url", w.base}
	for _, user := range users {
		args = append(args, "--user", user)
	}
	for i, made := range w.m.run(args...) {
		link, _ := made["link"].(string)
		if made["address"] != users[i] || !strings.HasPrefix(link, w.base+"/invite/") {
			w.m.t.Fatalf("auth invite printed %v", made)
		}
		links = append(links, link)
	}
	return links
}

// accept starts to answer links.
func (w *inviteWeb) accept() *invocation {
	w.m.t.Helper()
	i := w.m.start(append([]string{"auth", "accept", "--base-url", w.base, "--listen", w.listen}, w.flags...)...)
	eventually(w.m.t, "the answering of links", func() (bool, error) {
		return strings.Contains(i.err.String(), "Answering"), fmt.Errorf("so far: %s", i.err.String())
	})
	return i
}

// overtypes signs in on a page where another account is filled in.
func (b *tab) overtypes(account string) {
	b.m.t.Helper()
	b.sees("#sign-in-form")
	b.do("emptying the account", chromedp.Evaluate[chromedp.Void](`document.querySelector('#account').value = ''`))
	b.types("#account", account)
	b.types("#password", string(b.m.suite.sim.Password(account)))
	b.clicks("#sign-in")
}

// browserInvitation is a user who follows the link of an invitation and signs
// in as somebody else, and then as the one who is invited, with the keyboard
// alone; and another one, who reads German.
func browserInvitation(t *testing.T, s *browserSuite) {
	m := s.machine(t)
	m.connect()
	w := m.inviteWeb()
	links := w.invite(anna, ben)
	accept := w.accept()

	b := m.browser()
	b.open(links[0])
	b.sees(`main[data-outcome="invited"]`)
	b.speaks("en")
	b.reads("You are invited to sign in", "The invitation is for "+anna, "by the connection contoso", "good for one sign-in, until", "meant for you")
	b.focuses("h1")
	b.inspect("invite")
	b.do("beginning at the top", chromedp.Evaluate[chromedp.Void](`document.activeElement.blur(); document.querySelector('h1').focus()`))
	b.tabsTo("form button")
	if !ask(b, "looking for the focus ring", chromedp.Evaluate[bool](`getComputedStyle(document.activeElement).outlineStyle !== 'none'`)) {
		t.Error("the focus cannot be seen")
	}
	b.presses(kb.Enter)
	b.sees("#sign-in-form")
	if hint := b.value("#account"); hint != anna {
		t.Errorf("the account is filled in as %q", hint)
	}
	b.overtypes(ben)
	b.clicks("#accept")
	b.sees(`main[data-outcome="wrong"]`)
	b.reads("This is another account", "You have signed in as "+ben, "The invitation is for "+anna, "Nothing was kept")
	b.focuses("h1")
	b.inspect("invite-wrong")
	b.forgetsTheCode()
	m.signedOut()
	if said := accept.err.String(); !strings.Contains(said, anna+": not signed in: ") || !strings.Contains(said, ben) {
		t.Errorf("the command says %s", said)
	}

	b.tabsTo("form button")
	b.presses(kb.Enter)
	// Although ben is signed in there, the account is asked for.
	b.overtypes(anna)
	b.clicks("#accept")
	b.sees(`main[data-outcome="success"]`)
	b.reads("You are signed in", "("+anna+")", "You can close this page")
	b.focuses("h1")
	b.inspect("invite-success")
	b.forgetsTheCode()
	b.quiet()
	m.watch.tokens(t, m.dir)
	if list := m.run("mail", "list", "--mailbox", anna, "--limit", "3"); len(list) != 3 {
		t.Errorf("the inbox of %s lists %v", anna, list)
	}

	// The link is used up, and pages that lead nowhere say so.
	other := m.browser()
	for _, at := range []struct{ name, address, outcome, says string }{
		{"invite-used", links[0], "used", "This invitation has been used"},
		{"invite-unknown", w.base + "/invite/x", "unknown", "There is no such invitation"},
		{"invite-over", w.base + "/callback", "over", "This sign-in is over"},
	} {
		for language, lang := range map[string]string{"en": "en", "de-AT,de": "de"} {
			other.prefers(language)
			other.open(at.address)
			other.sees(`main[data-outcome="` + at.outcome + `"]`)
			other.speaks(lang)
			name := at.name
			if lang == "de" {
				name = "de-" + name
			} else {
				other.reads(at.says)
			}
			other.inspect(name)
		}
	}

	c := m.browser()
	c.prefers("de,en")
	c.open(links[1])
	c.sees(`main[data-outcome="invited"]`)
	c.speaks("de")
	c.reads("Sie sind eingeladen, sich anzumelden", "Die Einladung gilt für "+ben, "gilt für eine Anmeldung, bis ")
	c.inspect("de-invite")
	c.clicks("form button")
	c.overtypes(anna)
	c.sees(`main[data-outcome="wrong"]`)
	c.reads("Das ist ein anderes Konto", "Noch einmal versuchen")
	c.inspect("de-invite-wrong")
	c.clicks("form button")
	c.overtypes(ben)
	c.sees(`main[data-outcome="success"]`)
	c.reads("Sie sind angemeldet", "Sie können diese Seite schließen")
	c.inspect("de-invite-success")
	c.forgetsTheCode()
	c.quiet()
	accept.ends(exitDone, anna+": signed in\n", ben+": signed in\n", "No invitation is open any more")
	m.watch.tokens(t, m.dir)
	if shown := m.run("auth", "show"); len(shown) != 1 || fmt.Sprint(shown[0]["states"]) != "map[signed_in:2]" {
		t.Errorf("auth show printed %v", shown)
	}
}

// stateAsked is the state of the sign-in page that was asked for last.
func (b *tab) stateAsked() (state string) {
	b.m.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, address := range b.loaded {
		if u, err := url.Parse(address); err == nil && u.Query().Has("code_challenge") {
			state = u.Query().Get("state")
		}
	}
	return state
}

// browserInvitationRefused is a user who does not consent, and somebody who
// plants an answer of his own into another browser.
func browserInvitationRefused(t *testing.T, s *browserSuite) {
	m := s.machine(t)
	m.connect()
	w := m.inviteWeb()
	links := w.invite(anna)
	accept := w.accept()
	for _, language := range []struct{ languages, name, refused, foreign string }{
		{"en", "invite-", "the permissions were declined", "not begun in this browser"},
		{"de,en", "de-invite-", "auf der Zustimmungsseite abgelehnt", "nicht in diesem Browser begonnen"},
	} {
		b := m.browser()
		b.prefers(language.languages)
		b.open(links[0])
		b.clicks("form button")
		b.overtypes(anna)
		b.clicks("#cancel")
		b.sees(`main[data-outcome="refused"]`)
		b.reads(language.refused, "AADSTS65004")
		b.inspect(language.name + "refused")
		b.forgetsTheCode()

		// Somebody else's browser brings an answer to this one's sign-in.
		b.clicks("form button")
		b.sees("#sign-in-form")
		other := m.browser()
		other.prefers(language.languages)
		other.open(w.base + "/callback?" + url.Values{"code": {"a-code-of-somebody-else"}, "state": {b.stateAsked()}}.Encode())
		other.sees(`main[data-outcome="foreign"]`)
		other.reads(language.foreign)
		other.inspect(language.name + "foreign")
		other.forgetsTheCode()
		b.quiet()
	}
	m.signedOut()
	accept.interrupt()
	accept.ends(exitDone, "AADSTS65004", "Interrupted; still open: 1 invitation.")
}

package main

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// prefers sets the tab's languages, as the browser's settings do: for
// navigator.languages and for Accept-Language.
func (b *tab) prefers(languages string) {
	b.m.t.Helper()
	agent := ask(b, "reading the browser's name", chromedp.Evaluate[string](`navigator.userAgent`))
	b.do("choosing languages", call(emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: agent, AcceptLanguage: languages}))
}

// before runs a script in each page ahead of its own.
func (b *tab) before(script string) {
	b.m.t.Helper()
	b.do("preparing the pages", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return err
	}))
}

// speaks asserts the language that a screen reader is told.
func (b *tab) speaks(lang string) {
	b.m.t.Helper()
	if got := ask(b, "reading the language", chromedp.Evaluate[string](`document.documentElement.lang`)); got != lang {
		b.m.t.Errorf("the page's lang is %q, want %q", got, lang)
	}
}

// passesOver forgets the complaints of a words file that the CRM's web server
// does not have: that there is none, and that its answer is no script.
func (b *tab) passesOver(file string) {
	b.m.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	var rest []string
	for _, grumble := range b.grumbles {
		if !strings.Contains(grumble, "/"+file) {
			rest = append(rest, grumble)
		}
	}
	if len(rest) == len(b.grumbles) {
		b.m.t.Errorf("the browser has not asked for %s: %v", file, rest)
	}
	b.grumbles = rest
}

// browserGerman hands over from the CRM's page with the keyboard, in German,
// of which the CRM has no words for the region.
func browserGerman(t *testing.T, s *browserSuite) {
	m := s.machine(t)
	m.connectByCRM()
	signIn, start := m.signIn()
	b := m.browser()
	b.prefers("de-DE,de,en")
	// What each heading says when it is first shown: never English.
	b.before(`globalThis.headings = []; new MutationObserver(() => {
		for (const h of document.querySelectorAll('h1')) if (h.checkVisibility()) globalThis.headings.push(h.textContent);
	}).observe(document, { childList: true, subtree: true, attributes: true, characterData: true });`)
	b.open(start)
	b.signsInAs(serviceAccount)
	b.clicks("#accept")
	b.sees(`[data-view="ready"]`)
	b.atCRM()
	b.speaks("de")
	b.reads("Noch ein Schritt", "Läuft das Programm auf einem anderen Computer?", "nur weiter, wenn Sie diese Anmeldung selbst begonnen haben")
	if headings := ask(b, "reading the headings", chromedp.Evaluate[[]string](`globalThis.headings`)); len(headings) == 0 || strings.Contains(strings.Join(headings, "\n"), "step") {
		t.Errorf("the headings were %q", headings)
	}
	b.isNamed(`[data-view="ready"] input`, "Anmeldecode", "Noch ein Schritt")
	b.focuses("#ready-title")
	b.inspect("de-crm-ready")
	b.do("beginning at the top", chromedp.Evaluate[chromedp.Void](`document.activeElement.blur(); document.querySelector('#ready-title').focus()`))
	b.tabsTo(`[data-action="continue"]`)
	if !ask(b, "looking for the focus ring", chromedp.Evaluate[bool](`getComputedStyle(document.activeElement).outlineStyle !== 'none'`)) {
		t.Error("the focus cannot be seen")
	}
	b.presses(kb.Enter)
	result := b.opened(listenerOf(t, start))
	result.sees(`main[data-outcome="success"]`)
	signIn.ends(exitDone)
	b.reads("Das Ergebnis steht in einem neuen Tab")
	b.passesOver("words.de-de.js")
	b.quiet()
	m.signedIn(serviceAccount)

	// Languages that the CRM has no words for end in English.
	other := m.browser()
	other.prefers("fr-FR,fr")
	other.open(s.crm.callback())
	other.sees(`[data-view="empty"]`)
	other.speaks("en")
	other.reads("Nothing to do here")
	other.passesOver("words.fr-fr.js")
	other.passesOver("words.fr.js")
	other.quiet()

	// English before German is English, and asks for nothing.
	third := m.browser()
	third.prefers("en-GB,en,de")
	third.open(s.crm.callback())
	third.sees(`[data-view="empty"]`)
	third.speaks("en")
	third.quiet()
}

// isNamed asserts what a screen reader says of a field and of the
// tab.
func (b *tab) isNamed(selector, label, title string) {
	b.m.t.Helper()
	got := ask(b, "reading the names", chromedp.Evaluate[[]string](`[document.querySelector('`+selector+`').getAttribute('aria-label'), document.title]`))
	if len(got) != 2 || got[0] != label || got[1] != title {
		b.m.t.Errorf("the field and the tab are named %q, want %q and %q", got, label, title)
	}
}

// browserGermanOutcomes shows every page in German that has no test of its own.
func browserGermanOutcomes(t *testing.T, s *browserSuite) {
	m := s.machine(t)
	m.connect()
	gate := newGate(t)
	b := m.browser()
	b.prefers("de,en")
	for _, at := range []struct{ name, fragment, view, says string }{
		{"de-crm-empty", "", "empty", "Hier ist nichts zu tun"},
		{"de-crm-paste", "#code=a-code-of-nobody&state=x", "paste", "fügen Sie ihn dort ein"},
		{"de-crm-refused", "#error=access_denied&error_description=AADSTS53003%3A+Access+has+been+blocked+by+policies.+Correlation+ID%3A+0a1b2c3d-0000-4444-8888-0123456789ab&state=" + strings.Repeat("A", 43) + ".50000", "refused", "Richtlinie Ihrer Organisation"},
	} {
		b.open(s.crm.origin() + "/plain.html")
		b.open(s.crm.callback() + at.fragment)
		b.sees(`[data-view="` + at.view + `"]`)
		b.speaks("de")
		b.reads(at.says)
		b.inspect(at.name)
	}

	// The listener's pages: somebody else's answer, a refusal, a success.
	signIn, start := m.signIn()
	other := b.beside()
	other.prefers("de,en")
	other.open(listenerOf(t, start) + "?" + url.Values{"code": {"x"}, "state": {"y"}}.Encode())
	other.sees(`main[data-outcome="foreign"]`)
	other.speaks("de")
	other.reads("Diese Antwort gehört zu einer anderen Anmeldung")
	other.inspect("de-wrong-state")
	b.do("coming to the front", call(page.BringToFront, cdp.Empty{}))
	b.open(start)
	b.signsInAs(serviceAccount)
	b.clicks("#cancel")
	b.sees(`main[data-outcome="refused"]`)
	b.reads("Nicht angemeldet", "Berechtigungen wurden auf der Zustimmungsseite abgelehnt", "Was Sie tun können", "AADSTS65004", "Korrelations-ID")
	b.inspect("de-refused")
	signIn.ends(exitSignIn)

	signIn, start = m.signIn()
	b.open(start)
	b.sees("#consent-form")
	b.clicks("#accept")
	b.sees(`main[data-outcome="success"]`)
	b.reads("Sie sind angemeldet", "Angemeldet als", serviceAccount)
	b.inspect("de-success")
	b.forgetsTheCode()
	signIn.ends(exitDone)
	b.quiet()

	// The network fails after the sign-in.
	n := s.machine(t)
	n.connect("--proxy", gate.address())
	signIn, start = n.signIn()
	c := n.browser()
	c.prefers("de,en")
	c.open(start)
	c.signsInAs(serviceAccount)
	gate.breakDown()
	c.clicks("#accept")
	c.sees(`main[data-outcome="unreachable"]`)
	c.speaks("de")
	c.reads("Microsoft war nicht erreichbar", "vom Programm aus nicht erreichbar", "Was Sie tun können", "Meldung des Programms")
	c.inspect("de-unreachable")
	signIn.ends(exitBusy)
	c.quiet()
}

// browserWordsOutOfReach is a CRM whose web server answers for one language
// with a page, and for another not at all: the next one is taken.
func browserWordsOutOfReach(t *testing.T, s *browserSuite) {
	m := s.machine(t)
	b := m.browser()
	b.prefers("it,es,de")
	b.open(s.crm.origin() + "/plain.html")
	// The page has not loaded to its end while a file is on its way.
	b.do("going to the page", chromedp.Evaluate[chromedp.Void](`location.href = `+quoted(t, s.crm.callback())))
	b.sees(`[data-view="empty"]`)
	b.speaks("de")
	b.reads("Hier ist nichts zu tun")
}

// browserCodeExpires leaves the CRM's page open for longer than a code is good
// for: the code leaves the page.
func browserCodeExpires(t *testing.T, s *browserSuite) {
	m := s.machine(t)
	for _, language := range []struct{ languages, lang, title, picture string }{
		{"en", "en", "This sign-in has expired", "crm-expired"},
		{"de,en", "de", "Diese Anmeldung ist abgelaufen", "de-crm-expired"},
	} {
		b := m.browser()
		b.prefers(language.languages)
		// The page's clock is the test's.
		b.before(`globalThis.ahead = 0; const now = Date.now; Date.now = () => now() + globalThis.ahead;`)
		b.open(s.crm.callback() + "#code=a-code-of-nobody&state=" + strings.Repeat("A", 43) + ".50000")
		b.sees(`[data-view="ready"]`)
		back := chromedp.Evaluate[chromedp.Void](`document.dispatchEvent(new Event('visibilitychange'))`)
		b.do("coming back at once", back)
		b.sees(`[data-view="ready"]`)
		if b.value(`[data-view="ready"] input`) != "a-code-of-nobody" {
			t.Error("the code is gone at once")
		}
		b.do("coming back after ten minutes", chromedp.Evaluate[chromedp.Void](`globalThis.ahead = 600000`), back)
		b.sees(`[data-view="expired"]`)
		b.speaks(language.lang)
		b.reads(language.title)
		b.focuses("#expired-title")
		if ask(b, "looking for the code", chromedp.Evaluate[bool](`Array.from(document.querySelectorAll('input')).some((i) => i.value !== '')`)) {
			t.Error("the code is still on the page")
		}
		b.inspect(language.picture)
		b.quiet()
	}
}

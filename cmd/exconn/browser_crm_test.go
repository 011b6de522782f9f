package main

import (
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// connectByCRM makes a connection whose sign-ins come back to the CRM's page.
// The CRM's address is typed as an admin may type it.
func (m *machine) connectByCRM() {
	m.t.Helper()
	made := m.connect("--crm-url", strings.Replace(m.suite.crm.origin(), "crm.", "CRM.", 1)+"/CRM/")
	if uris, _ := made["redirect_uris"].([]any); len(uris) != 1 || uris[0] != m.suite.crm.callback() {
		m.t.Fatalf("the redirect URIs to register are %v, want %s", made["redirect_uris"], m.suite.crm.callback())
	}
}

// atCRM asserts that the tab shows the CRM's page, and that the answer is gone
// from its address.
func (b *tab) atCRM() {
	b.m.t.Helper()
	if at := ask(b, "reading the address", chromedp.Location()); at != b.m.suite.crm.callback() {
		b.m.t.Errorf("the address bar shows %s", at)
	}
	b.forgetsTheCode()
	for _, asked := range b.m.suite.crm.requests() {
		if strings.Contains(asked, "code=") || strings.Contains(asked, "state=") || strings.Contains(asked, "error=") {
			b.m.t.Errorf("the CRM's web server has seen an answer: %s", asked)
		}
	}
}

// browserCRMPage hands over from the CRM's page to the waiting program, from an
// address that counts as public, with the keyboard.
func browserCRMPage(t *testing.T, s *browserSuite) {
	m := s.machine(t)
	m.connectByCRM()
	signIn, page := m.signIn()
	b := m.browser()
	b.open(page)
	b.signsInAs(serviceAccount)
	b.clicks("#accept")
	b.sees(`[data-view="ready"]`)
	b.atCRM()
	b.reads("One more step", "Does the program run on another computer?", "Go on only if you began this sign-in yourself")
	b.inspect("crm-ready")

	// The code to copy is that of the answer.
	b.mayUse("clipboard-read", "clipboard-write")
	b.clicks(`[data-view="ready"] [data-action="copy"]`)
	b.sees(`[data-view="ready"] [data-said="copied"]`)
	copied := ask(b, "reading the clipboard", chromedp.Evaluate[string](`navigator.clipboard.readText()`, chromedp.EvalAwaitPromise))
	if code := b.value(`[data-view="ready"] input`); copied != code || code == "" {
		t.Error("what was copied is not the code")
	}

	b.do("beginning at the top", chromedp.Evaluate[chromedp.Void](`document.activeElement.blur(); document.querySelector('#ready-title').focus()`))
	b.tabsTo(`[data-action="continue"]`)
	b.presses(kb.Enter)
	result := b.opened(listenerOf(t, page))
	result.sees(`main[data-outcome="success"]`)
	signIn.ends(exitDone, "Waiting for the browser to come back to "+s.crm.callback())
	result.reads("You are signed in", serviceAccount)
	result.inspect("crm-success")
	result.forgetsTheCode()
	result.quiet()
	b.reads("A new tab has been opened")
	b.inspect("crm-ready-after")
	b.atCRM()
	b.quiet()
	m.signedIn(serviceAccount)
}

func browserCRMPageRefused(t *testing.T, s *browserSuite) {
	m := s.machine(t)
	m.connectByCRM()
	signIn, page := m.signIn()
	b := m.browser()
	b.open(page)
	b.signsInAs(serviceAccount)
	b.clicks("#cancel")
	b.sees(`[data-view="refused"]`)
	b.atCRM()
	b.reads("Not signed in", "The permissions were declined", "AADSTS65004 (access_denied)", "Correlation id", "Continue tells the program")
	b.inspect("crm-refused")
	b.tabsTo(`[data-action="continue"]`)
	b.presses(kb.Enter)
	result := b.opened(listenerOf(t, page))
	result.sees(`main[data-outcome="refused"]`)
	result.reads("Not signed in", "AADSTS65004")
	result.inspect("crm-refused-told")
	result.quiet()
	signIn.ends(exitSignIn, "AADSTS65004", "the permissions were declined", "hint:")
	b.quiet()
	m.signedOut()
}

// browserCRMPageWrongState hands over somebody else's answer first.
func browserCRMPageWrongState(t *testing.T, s *browserSuite) {
	m := s.machine(t)
	m.connectByCRM()
	signIn, page := m.signIn()
	listener := listenerOf(t, page)
	u, err := url.Parse(listener)
	if err != nil {
		t.Fatal(err)
	}
	b := m.browser()
	b.open(page)
	b.signsInAs(serviceAccount)

	redeemed, refused := s.grants.count(t)
	other := b.beside()
	other.open(s.crm.callback() + "#" + url.Values{
		"code": {"a-code-of-somebody-else"}, "state": {strings.Repeat("A", 43) + "." + u.Port()},
	}.Encode())
	other.sees(`[data-view="ready"]`)
	other.atCRM()
	other.clicks(`[data-action="continue"]`)
	result := other.opened(listener)
	result.sees(`main[data-outcome="foreign"]`)
	result.reads("This answer belongs to another sign-in")
	result.forgetsTheCode()
	result.shows("crm-wrong-state")
	result.quiet()
	if r, f := s.grants.count(t); r != redeemed || f != refused {
		t.Error("the code of somebody else was redeemed")
	}
	m.signedOut()

	b.clicks("#accept")
	b.sees(`[data-view="ready"]`)
	b.clicks(`[data-action="continue"]`)
	right := b.opened(listener)
	right.sees(`main[data-outcome="success"]`)
	signIn.ends(exitDone)
	b.quiet()
	m.signedIn(serviceAccount)
}

// browserCRMPageNobodyWaits continues after the program has gone: the page with
// the code is still there.
func browserCRMPageNobodyWaits(t *testing.T, s *browserSuite) {
	m := s.machine(t)
	m.connectByCRM()
	signIn, page := m.signIn("--timeout", "1ms")
	signIn.ends(exitSignIn, "nobody has finished the sign-in", "1ms", "--paste")
	b := m.browser()
	b.open(page)
	b.signsInAs(serviceAccount)
	b.clicks("#accept")
	b.sees(`[data-view="ready"]`)
	b.clicks(`[data-action="continue"]`)
	result := b.opened(listenerOf(t, page))
	result.sees("#main-frame-error")
	b.reads("Or does the new tab find nothing?")
	if b.value(`[data-view="ready"] input`) == "" {
		t.Error("the code to copy is gone")
	}
	m.signedOut()
}

// browserRedirectNotRegistered is the most frequent mistake of a set-up: Entra
// tells it on its own page and sends the browser nowhere, so that the person
// gives up.
func browserRedirectNotRegistered(t *testing.T, s *browserSuite) {
	m := s.machine(t)
	m.connect("--crm-url", s.crm.origin()+"/another-crm")
	signIn, page := m.signIn()
	b := m.browser()
	b.open(page)
	b.sees("#error")
	b.reads("AADSTS50011", s.crm.origin()+"/another-crm/custompages/oauth/callback.html", "Correlation ID")
	b.inspect("entra-error")
	signIn.interrupt()
	signIn.ends(exitSignIn, "nobody has finished the sign-in", "hint:")
	m.signedOut()
}

// browserCRMPagePasteCode is a browser on another machine.
func browserCRMPagePasteCode(t *testing.T, s *browserSuite) {
	m := s.machine(t)
	m.connectByCRM()
	signIn, page := m.signInByPaste()
	b := m.browser()
	b.open(page)
	b.signsInAs(serviceAccount)
	b.clicks("#accept")
	b.sees(`[data-view="paste"]`)
	b.atCRM()
	b.reads("Copy this code and paste it")
	b.inspect("crm-paste")
	b.tabsTo(`[data-view="paste"] input`)
	b.tabsTo(`[data-view="paste"] [data-action="copy"]`)
	signIn.paste(b.value(`[data-view="paste"] input`))
	signIn.ends(exitDone, "paste it here")
	b.quiet()
	m.signedIn(serviceAccount)
}

// browserCRMPagePasteAddress is a browser that runs no scripts: the page says
// to copy its whole address. That of another sign-in is refused.
func browserCRMPagePasteAddress(t *testing.T, s *browserSuite) {
	m := s.machine(t)
	m.connectByCRM()
	noScripts := call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b := m.browser()
	var stale string
	for _, current := range []bool{false, true} {
		signIn, page := m.signInByPaste()
		b.do("forbidding scripts", noScripts)
		b.open(page)
		if !current {
			b.signsInAs(serviceAccount)
			b.clicks("#accept")
		}
		b.sees("noscript > h1")
		b.reads("This page needs JavaScript", "copy the whole address of this page")
		history := b.remembers()
		address := history[len(history)-1]
		if !strings.HasPrefix(address, s.crm.callback()+"#") {
			t.Fatalf("the address bar shows %s", address)
		}
		if !current {
			b.inspect("crm-without-script")
			stale = address
			signIn.paste(strings.Replace(stale, "&state=", "&state=x", 1))
			signIn.ends(exitSignIn, "belongs to another sign-in", "hint:")
			m.signedOut()
			continue
		}
		signIn.paste(address)
		signIn.ends(exitDone)
	}
	b.quiet()
	m.signedIn(serviceAccount)
}

// browserCRMPageNothingToDo opens the page without an answer, and in a frame.
func browserCRMPageNothingToDo(t *testing.T, s *browserSuite) {
	m := s.machine(t)
	b := m.browser()
	b.open(s.crm.callback())
	b.sees(`[data-view="empty"]`)
	b.reads("Nothing to do here", "Begin the sign-in again from the program")
	b.inspect("crm-empty")
	// An answer whose parts are doubled is none.
	b.open(s.crm.callback() + "#code=a&code=b&state=c")
	b.sees(`[data-view="empty"]`)
	b.atCRM()
	// The same page, opened with an answer, begins anew.
	b.do("going to an answer", chromedp.Evaluate[chromedp.Void](`location.hash = 'error=server_error&error_description=AADSTS90033%3A+A+transient+error.&state=x'`))
	b.sees(`[data-view="refused"]`)
	b.reads("Microsoft cannot sign anybody in at the moment", "AADSTS90033")
	b.inspect("crm-refused-no-port")
	b.open(s.crm.origin() + "/framing.html#code=a&state=b")
	b.sees("iframe")
	eventually(t, "the page in its frame", func() (bool, error) {
		return ask(b, "reading the frame", chromedp.Evaluate[bool](`!!document.querySelector('iframe').contentDocument.querySelector('[data-view="framed"]:not([hidden])')`)), nil
	})
	b.inspect("crm-framed")
	b.quiet()
}

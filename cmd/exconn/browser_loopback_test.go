package main

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// browserFromConnectionToMail is the whole way of a new user, with the keyboard
// alone: from a connection to a mail that was sent and has arrived.
func browserFromConnectionToMail(t *testing.T, s *browserSuite) {
	m := s.machine(t)
	made := m.connect()
	if uris, _ := made["redirect_uris"].([]any); len(uris) != 1 || uris[0] != "http://localhost" {
		t.Errorf("the redirect URIs to register are %v", made["redirect_uris"])
	}
	m.signedOut()

	signIn, page := m.signIn("--name", "contoso")
	b := m.browser()
	b.open(page)
	b.sees("#sign-in-form")
	b.inspect("entra-sign-in")
	b.focuses("#account")
	b.presses(serviceAccount)
	b.tabsTo("#password")
	b.presses(string(s.sim.Password(serviceAccount)))
	b.tabsTo("#sign-in")
	b.presses(kb.Enter)
	b.sees("#consent-form")
	b.reads("CRM at Contoso", "Exchange Web Services", serviceAccount)
	b.inspect("entra-consent")
	b.tabsTo("#accept")
	b.presses(kb.Enter)
	b.sees(`main[data-outcome="success"]`)
	signIn.ends(exitDone, "Waiting for the browser to come back to "+listenerOf(t, page))
	if said := signIn.out.String(); said != "signed in to contoso as "+serviceAccount+"\n" {
		t.Errorf("the command says %q", said)
	}
	b.reads("You are signed in", "CRM Service ("+serviceAccount+")", "You can close this tab")
	b.inspect("success")
	b.forgetsTheCode()
	b.quiet()
	m.signedIn(serviceAccount)

	if list := m.run("mail", "list", "--mailbox", anna, "--limit", "3"); len(list) != 3 {
		t.Errorf("the inbox of %s lists %v", anna, list)
	}
	const subject = "Sent after a sign-in by browser"
	sent := m.run("mail", "send", "--mailbox", anna, "--to", ben, "--subject", subject, "--text", "It works.")
	if len(sent) != 1 || sent[0]["outcome"] != "confirmed" || sent[0]["internet_message_id"] == nil {
		t.Fatalf("mail send printed %v", sent)
	}
	eventually(t, "the mail in the inbox of "+ben, func() (bool, error) {
		return slices.ContainsFunc(m.run("mail", "list", "--mailbox", ben, "--limit", "10"), func(message map[string]any) bool {
			return message["internet_message_id"] == sent[0]["internet_message_id"] && message["subject"] == subject
		}), nil
	})
}

// browserRefused is a person who does not consent.
func browserRefused(t *testing.T, s *browserSuite) {
	m := s.machine(t)
	m.connect()
	signIn, page := m.signIn("--json")
	b := m.browser()
	b.open(page)
	b.signsInAs(serviceAccount)
	b.clicks("#cancel")
	b.sees(`main[data-outcome="refused"]`)
	b.reads("Not signed in", "the permissions were declined", "What to do", "AADSTS65004", "Correlation id")
	signIn.ends(exitSignIn)
	var told errorLine
	if err := json.Unmarshal([]byte(lastLine(signIn.err.String())), &told); err != nil {
		t.Fatalf("the error is no line of JSON: %v in %s", err, signIn.err.String())
	}
	if told.Code != "AADSTS65004" || !strings.Contains(told.Error, "the permissions were declined") || told.Hint == "" || told.RequestID == "" {
		t.Errorf("the error is %+v", told)
	}
	b.reads(told.RequestID) // the page and the command name the same correlation id
	b.inspect("refused")
	b.forgetsTheCode()
	b.quiet()
	m.signedOut()
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// browserWrongPasswordFirst is a person who mistypes, with the account filled
// in for them.
func browserWrongPasswordFirst(t *testing.T, s *browserSuite) {
	m := s.machine(t)
	m.connect()
	signIn, page := m.signIn("--login-hint", serviceAccount)
	b := m.browser()
	b.open(page)
	b.sees("#sign-in-form")
	if hint := b.value("#account"); hint != serviceAccount {
		t.Errorf("the account is filled in as %q", hint)
	}
	const wrong = "not-the-password-of-the-service"
	m.watch.secret("a mistyped password", wrong)
	b.focuses("#password")
	b.presses(wrong)
	b.presses(kb.Enter)
	b.sees("#error")
	b.reads("AADSTS50126")
	if account := b.value("#account"); account != serviceAccount {
		t.Errorf("after the mistake, the account is filled in as %q", account)
	}
	b.inspect("entra-wrong-password")
	m.signedOut()
	b.focuses("#password")
	b.presses(string(s.sim.Password(serviceAccount)))
	b.presses(kb.Enter)
	b.sees("#consent-form")
	b.clicks("#accept")
	b.sees(`main[data-outcome="success"]`)
	signIn.ends(exitDone)
	b.quiet()
	m.signedIn(serviceAccount)
}

// browserWrongState is an answer that somebody else sends: it is refused, and
// the sign-in goes on.
func browserWrongState(t *testing.T, s *browserSuite) {
	m := s.machine(t)
	m.connect()
	signIn, page := m.signIn()
	b := m.browser()
	b.open(page)
	b.signsInAs(serviceAccount)

	redeemed, refused := s.grants.count(t)
	other := b.beside()
	other.open(listenerOf(t, page) + "?" + url.Values{"code": {"a-code-of-somebody-else"}, "state": {"not-the-state-of-this-sign-in"}}.Encode())
	other.sees(`main[data-outcome="foreign"]`)
	other.reads("This answer belongs to another sign-in", "still waits", "If you began no sign-in")
	other.inspect("wrong-state")
	other.forgetsTheCode()
	if r, f := s.grants.count(t); r != redeemed || f != refused {
		t.Errorf("the code of somebody else was redeemed: %d and %d, before %d and %d", r, f, redeemed, refused)
	}
	m.signedOut()

	b.clicks("#accept")
	b.sees(`main[data-outcome="success"]`)
	signIn.ends(exitDone)
	b.quiet()
	m.signedIn(serviceAccount)
}

// browserAnswerTwice brings the answer a second time while the first is being
// redeemed, and again when the program has gone.
func browserAnswerTwice(t *testing.T, s *browserSuite) {
	m := s.machine(t)
	gate := newGate(t)
	m.connect("--proxy", gate.address())
	signIn, page := m.signIn()
	b := m.browser()
	b.open(page)
	b.signsInAs(serviceAccount)
	redeemed, refused := s.grants.count(t)
	gate.shut()
	b.clicks("#accept")
	var answer string
	eventually(t, "the answer on its way to the program", func() (bool, error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, address := range b.loaded {
			if strings.HasPrefix(address, listenerOf(t, page)+"?") {
				answer = address
				return gate.waiting(), nil
			}
		}
		return false, nil
	})

	second := b.beside()
	second.open(answer)
	second.sees(`main[data-outcome="used"]`)
	second.reads("This sign-in is over", "good for one use", "begin it there")
	second.inspect("used")
	second.forgetsTheCode()

	gate.open()
	b.sees(`main[data-outcome="success"]`)
	signIn.ends(exitDone)
	m.signedIn(serviceAccount)
	if r, f := s.grants.count(t); r != redeemed+1 || f != refused {
		t.Errorf("the code was redeemed %d times, and refused %d times", r-redeemed, f-refused)
	}
	b.quiet()

	// Nobody listens any more, and loading the page again sends no code.
	for _, again := range []struct {
		what string
		step chromedp.Action[chromedp.Void]
	}{
		{"loading the page again", chromedp.Evaluate[chromedp.Void](`location.reload()`)},
		{"opening the answer's address", chromedp.Evaluate[chromedp.Void](`location.href = ` + quoted(t, answer))},
	} {
		b.do(again.what, again.step)
		b.sees("#main-frame-error")
		b.reads("ERR_CONNECTION_REFUSED")
	}
	if r, f := s.grants.count(t); r != redeemed+1 || f != refused {
		t.Errorf("afterwards the code was redeemed %d times, and refused %d times", r-redeemed, f-refused)
	}
	m.signedIn(serviceAccount)
}

// quoted writes a string for a script.
func quoted(t *testing.T, s string) string {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// browserEntraUnreachable is a network that fails between the sign-in page and
// the redemption of the code.
func browserEntraUnreachable(t *testing.T, s *browserSuite) {
	m := s.machine(t)
	gate := newGate(t)
	m.connect("--proxy", gate.address())
	signIn, page := m.signIn()
	b := m.browser()
	b.open(page)
	b.signsInAs(serviceAccount)
	gate.breakDown()
	b.clicks("#accept")
	b.sees(`main[data-outcome="unreachable"]`)
	b.reads("Microsoft could not be reached", "What to do")
	signIn.ends(exitBusy, "hint:")
	b.inspect("unreachable")
	b.forgetsTheCode()
	b.quiet()
	m.signedOut()
}

// browserPasteLoopback is a browser on another machine: nothing listens there,
// so that it cannot connect, and shows the address to copy.
func browserPasteLoopback(t *testing.T, s *browserSuite) {
	m := s.machine(t)
	m.connect()
	signIn, page := m.signInByPaste()
	b := m.browser()
	b.open(page)
	b.signsInAs(serviceAccount)
	b.clicks("#accept")
	b.sees("#main-frame-error")
	history := b.remembers()
	signIn.paste(history[len(history)-1])
	signIn.ends(exitDone, "paste it here")
	m.signedIn(serviceAccount)
}

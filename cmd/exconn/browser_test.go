package main

import (
	"testing"
)

// TestSignInByBrowser signs in with a real browser, as a person does. The tests
// share one browser and one pretend Exchange, and take turns. Each watches what
// the person sees, how the command ends, what it says, and what is kept.
func TestSignInByBrowser(t *testing.T) {
	s := newBrowserSuite(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T, *browserSuite)
	}{
		{"Instruments", browserInstruments},
		{"FromConnectionToMail", browserFromConnectionToMail},
		{"Refused", browserRefused},
		{"WrongPasswordFirst", browserWrongPasswordFirst},
		{"WrongState", browserWrongState},
		{"AnswerTwice", browserAnswerTwice},
		{"EntraUnreachable", browserEntraUnreachable},
		{"PasteLoopback", browserPasteLoopback},
		{"RedirectNotRegistered", browserRedirectNotRegistered},
		{"CRMPage", browserCRMPage},
		{"CRMPageRefused", browserCRMPageRefused},
		{"CRMPageWrongState", browserCRMPageWrongState},
		{"CRMPageNobodyWaits", browserCRMPageNobodyWaits},
		{"CRMPagePasteCode", browserCRMPagePasteCode},
		{"CRMPagePasteAddress", browserCRMPagePasteAddress},
		{"CRMPageNothingToDo", browserCRMPageNothingToDo},
		{"German", browserGerman},
		{"GermanOutcomes", browserGermanOutcomes},
		{"WordsOutOfReach", browserWordsOutOfReach},
		{"CodeExpires", browserCodeExpires},
		{"Invitation", browserInvitation},
		{"InvitationRefused", browserInvitationRefused},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, s) })
	}
}

// signsInAs fills in the page of the pretend Entra up to the consent.
func (b *tab) signsInAs(account string) {
	b.m.t.Helper()
	b.sees("#sign-in-form")
	b.types("#account", account)
	b.types("#password", string(b.m.suite.sim.Password(account)))
	b.clicks("#sign-in")
	b.sees("#consent-form")
}

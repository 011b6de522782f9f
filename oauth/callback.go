package oauth

import (
	"net/http"
	"net/url"

	"github.com/exconn/exconn/mailbox"
)

// maxAnswerField bounds each part of an answer, in bytes. Entra's codes are
// some 1 to 2 kB long.
const maxAnswerField = 16 << 10

// answer is what the authorize endpoint sends back (RFC 6749 section 4.1.2).
type answer struct {
	code, state             string
	oauthError, description string
}

// parseAnswer reads an answer's parameters. It is false where they are none:
// neither code nor error, a part doubled (RFC 6749 section 3.1 forbids that)
// or too long.
func parseAnswer(q url.Values) (answer, bool) {
	var a answer
	for name, field := range map[string]*string{
		"code": &a.code, "state": &a.state, "error": &a.oauthError, "error_description": &a.description,
	} {
		values := q[name]
		if len(values) > 1 || (len(values) == 1 && len(values[0]) > maxAnswerField) {
			return answer{}, false
		}
		if len(values) == 1 {
			*field = values[0]
		}
	}
	// Exactly one of the two.
	return a, (a.code == "") != (a.oauthError == "")
}

// serveCallback takes an answer from the browser, redeems it, and only then
// tells the person how it went. assets hears of the pages that a browser is
// given.
func (a *Attempt) serveCallback(w http.ResponseWriter, r *http.Request, assets *assetWatch) {
	tell := func(status int, p page) {
		if r.Header.Get("Sec-Fetch-Dest") != "" { // only browsers say that
			assets.expect(a.pages.assetNames())
		}
		a.pages.write(w, r, status, p)
	}
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	answer, ok := parseAnswer(q)
	if !ok {
		// A look at the address by hand, or by a program that guards the
		// browser.
		http.Error(w, "exconn is waiting here for the answer of a sign-in; this request holds none", http.StatusNotFound)
		return
	}
	if !a.ours(answer.state) {
		// Anybody can open this address, so it must not end the attempt.
		a.noteForeign()
		tell(http.StatusBadRequest, page{Outcome: outcomeForeign})
		return
	}
	if err := a.claim(); err != nil {
		tell(http.StatusGone, page{Outcome: outcomeUsed})
		return
	}
	account, failure := Account{}, &Error{Op: "sign-in", reason: "the listener failed", kind: mailbox.ErrUnavailable}
	// The outcome is told to Wait after the page has been written, or else the
	// program may be gone before the browser has it.
	defer func() {
		if failure != nil {
			a.finish(Account{}, failure)
			return
		}
		a.finish(account, nil)
	}()
	if answer.oauthError != "" {
		failure = refusalFromBrowser(answer.oauthError, answer.description)
		tell(http.StatusOK, failurePage(failure))
		return
	}
	// Closing the tab must not end a redemption that has begun.
	redeemed, err := a.redeem(contextOf(r), answer.code)
	if err != nil {
		if failure = asError(err); failure == nil {
			failure = unfinished(err)
		}
		tell(http.StatusOK, failurePage(failure))
		return
	}
	account, failure = redeemed, nil
	tell(http.StatusOK, page{Outcome: outcomeSuccess, Username: account.Username, Name: account.Name})
}

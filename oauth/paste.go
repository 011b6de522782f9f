package oauth

import (
	"context"
	"net/url"
	"strings"

	"github.com/exconn/exconn/mailbox"
)

// Paste takes what a person copied: the code alone, or the whole address that
// the browser came back to, whose state is then checked. Success, and an
// answer that says no, end the attempt. Anything else (a mistyped code, a
// server that cannot be reached) leaves it waiting, for another paste or for
// the listener.
func (a *Attempt) Paste(ctx context.Context, codeOrURL string) (Account, error) {
	answer, err := parsePasted(codeOrURL)
	if err != nil {
		return Account{}, err
	}
	if answer.state != "" && !a.ours(answer.state) {
		a.noteForeign()
		return Account{}, &Error{Op: "sign-in", reason: "the pasted address belongs to another sign-in: its state does not match", kind: mailbox.ErrSignInNeeded,
			hint: "copy the address from the page that this sign-in opened"}
	}
	if err := a.claim(); err != nil {
		return Account{}, err
	}
	if answer.oauthError != "" {
		e := refusalFromBrowser(answer.oauthError, answer.description)
		a.finish(Account{}, e)
		return Account{}, e
	}
	account, err := a.redeem(ctx, answer.code)
	if e := asError(err); e != nil && e.final {
		a.finish(Account{}, err)
		return Account{}, err
	}
	if err != nil {
		a.release()
		return Account{}, err
	}
	a.finish(account, nil)
	return account, nil
}

// parsePasted reads what a person copied: a code, or an address whose query or
// fragment holds the answer.
func parsePasted(text string) (answer, error) {
	bad := func(reason, hint string) (answer, error) {
		return answer{}, &Error{Op: "sign-in", reason: reason, kind: mailbox.ErrInvalid, hint: hint}
	}
	// Terminals and mail programs break long lines; neither codes nor
	// addresses hold white space.
	text = strings.Join(strings.Fields(text), "")
	text = strings.Trim(text, `"'<>`)
	const copyAgain = "copy the code from the page, or the whole address of the page that the sign-in ended at"
	switch {
	case text == "":
		return bad("nothing was pasted", copyAgain)
	case len(text) > 4*maxAnswerField:
		return bad("what was pasted is too long to be a code or an address", copyAgain)
	}
	if !strings.Contains(text, "://") && !strings.Contains(text, "code=") && !strings.Contains(text, "error=") {
		for _, r := range text {
			if r <= ' ' || r > '~' {
				return bad("what was pasted is no code: it holds characters that codes do not have", copyAgain)
			}
		}
		return answer{code: text}, nil
	}
	head, fragment, _ := strings.Cut(text, "#")
	_, query, found := strings.Cut(head, "?")
	if !found && !strings.Contains(head, "://") {
		query = head // the parameters alone
	}
	for _, part := range []string{query, fragment} {
		q, err := url.ParseQuery(strings.TrimPrefix(part, "?"))
		if err != nil {
			continue
		}
		if a, ok := parseAnswer(q); ok {
			return a, nil
		}
	}
	return bad("the pasted address holds no code", "copy the address of the page that the sign-in ended at, before it is closed or loaded again; or copy the code from the page")
}

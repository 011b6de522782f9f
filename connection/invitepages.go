package connection

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

// The files of InvitationOptions.Pages.
const (
	inviteTemplate = "invite.html"
	inviteScript   = "invite.js"
	inviteStyle    = "callback.css"
)

// What a page tells besides the states of invitations and the outcomes of
// oauth.Explanation; invite.html has words for each.
const (
	pageInvited = "invited"
	pageSuccess = "success"
	pageWrong   = "wrong"   // another account has signed in
	pageForeign = "foreign" // another browser's sign-in
	pageOver    = "over"    // no sign-in waits for the answer
	pageBusy    = "busy"    // too many at once
	pageUnknown = "unknown" // no such invitation
	pageUnready = "unready" // the sign-in could not begin
)

type inviteAsset struct {
	contentType string
	content     []byte
}

// invitePage is what a page tells.
type invitePage struct {
	Outcome string
	// Action is the path of a button that begins a sign-in; empty for none.
	Action string
	// SignedIn and Name are who has signed in.
	SignedIn, Name string

	invitation Invitation
	err        error
}

// inviteData is what invite.html is given.
type inviteData struct {
	oauth.Explanation
	Outcome, Action, SignedIn, Name string
	// Base is what the paths of the page's files begin with.
	Base             string
	User, Connection string
	// SignInName is the name at the sign-in page, where it is not the address.
	SignInName string
	// Until is when the invitation ends, and UntilISO the same for programs.
	Until, UntilISO string
	Lang, Dir       string
}

// load reads the pages whole, so that a file which is missing or broken is
// found at once.
func (h *InvitationHandler) load(files fs.FS) error {
	if files == nil {
		return FieldErrors{{Field: "pages", Problem: "are missing"}}
	}
	var err error
	if h.page, err = oauth.LoadPageTemplate(files, inviteTemplate); err != nil {
		return err
	}
	if _, err := h.render("", invitePage{Outcome: pageInvited}); err != nil {
		return FieldErrors{{Field: "pages", Problem: fmt.Sprintf("%s cannot be used: %v", inviteTemplate, err)}}
	}
	h.assets = map[string]inviteAsset{}
	for name, contentType := range map[string]string{inviteScript: "text/javascript; charset=utf-8", inviteStyle: "text/css; charset=utf-8"} {
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return FieldErrors{{Field: "pages", Problem: fmt.Sprintf("%s cannot be used: %v", name, err)}}
		}
		h.assets["/"+name] = inviteAsset{contentType, bytes.Clone(content)}
	}
	return nil
}

// tell writes a page in the language of the browser.
func (h *InvitationHandler) tell(w http.ResponseWriter, r *http.Request, status int, p invitePage) {
	body, err := h.render(r.Header.Get("Accept-Language"), p)
	if err != nil {
		h.book.log.WarnContext(r.Context(), "cannot write the page of an invitation", "error", err)
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Vary", "Accept-Language")
	writeWhole(w, r, status, "text/html; charset=utf-8", body)
}

// forCommand is what the hints of sign-ins say to those who type commands. Here
// they are for people who have a button.
var forCommand = strings.NewReplacer(": exconn connection sign-in", "", " (exconn connection sign-in)", "")

func (h *InvitationHandler) render(accept string, p invitePage) ([]byte, error) {
	return h.page.Render(accept, func(words oauth.Wording) any {
		d := inviteData{
			Outcome: p.Outcome, Action: p.Action, SignedIn: p.SignedIn, Name: p.Name, Base: h.base.Path,
			User: p.invitation.User, SignInName: p.invitation.SignInName, Connection: p.invitation.Connection, Lang: words.Lang(), Dir: words.Dir(),
		}
		if end := p.invitation.Expires; !end.IsZero() {
			d.Until, d.UntilISO = end.UTC().Format("2006-01-02 15:04 UTC"), end.UTC().Format("2006-01-02T15:04:05Z")
		}
		if p.err == nil {
			return d
		}
		d.Explanation = words.Explain(p.err)
		if d.Outcome == "" {
			d.Outcome = d.Explanation.Outcome
		}
		if d.Again {
			d.Hint = ""
		}
		d.Hint = forCommand.Replace(d.Hint)
		return d
	})
}

// answer takes the sign-in server's answer from the browser, redeems it, and
// tells how it went.
func (h *InvitationHandler) answer(w http.ResponseWriter, r *http.Request) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || len(q["state"]) != 1 || len(q["code"])+len(q["error"]) == 0 {
		// A look at the address by hand, or the page loaded again.
		h.tell(w, r, http.StatusNotFound, invitePage{Outcome: pageOver})
		return
	}
	if dest := r.Header.Get("Sec-Fetch-Dest"); dest != "" && dest != "document" {
		http.Error(w, "not found", http.StatusNotFound) // a frame or an image of another page
		return
	}
	a, done, err := h.attempts.take(q.Get("state"), func(name string) string {
		c, err := r.Cookie(h.cookieName(name))
		if err != nil {
			return ""
		}
		return c.Value
	})
	switch {
	case errors.Is(err, errOtherBrowser):
		h.tell(w, r, http.StatusForbidden, invitePage{Outcome: pageForeign})
		return
	case err != nil:
		h.tell(w, r, http.StatusGone, invitePage{Outcome: pageOver})
		return
	}
	defer done()
	http.SetCookie(w, h.cookie(a.name, "", -1))
	// Closing the tab must not end a redemption that has begun.
	status, err := a.signIn.Paste(context.WithoutCancel(r.Context()), h.opts.RedirectURI+"?"+r.URL.RawQuery)
	if err != nil {
		h.failed(w, r, a, err)
		return
	}
	if err := h.book.useInvitation(context.WithoutCancel(r.Context()), a.key); err != nil {
		// The sign-in is kept. That the link could be used once more, by the
		// same account alone, does no harm.
		h.book.log.WarnContext(r.Context(), "cannot note that an invitation was used", "user", a.invitation.User, "error", err)
	}
	h.report(a.invitation, OutcomeSignedIn, status.Username, nil)
	h.tell(w, r, http.StatusOK, invitePage{Outcome: pageSuccess, SignedIn: status.Username, Name: status.Name})
}

// failed tells of a sign-in that has not succeeded.
func (h *InvitationHandler) failed(w http.ResponseWriter, r *http.Request, a *inviteAttempt, err error) {
	var wrong *WrongAccountError
	var over *overError
	switch {
	case errors.As(err, &wrong):
		h.report(a.invitation, "wrong_account", wrong.SignedIn, err)
		h.tell(w, r, http.StatusOK, invitePage{Outcome: pageWrong, invitation: a.invitation, SignedIn: wrong.SignedIn, Action: a.again})
	case errors.As(err, &over):
		h.report(a.invitation, string(over.state), "", err)
		h.tell(w, r, http.StatusGone, invitePage{Outcome: string(over.state), invitation: a.invitation})
	default:
		p := invitePage{err: err, Action: a.again}
		h.report(a.invitation, oauth.Wording{}.Explain(err).Outcome, "", err)
		h.tell(w, r, http.StatusOK, p)
	}
}

// report hands an outcome to whoever wants to know.
func (h *InvitationHandler) report(i Invitation, outcome, signedInAs string, err error) {
	if h.opts.Outcome == nil {
		return
	}
	o := InvitationOutcome{Auth: i.Auth, Connection: i.Connection, User: i.User, Outcome: outcome, SignedInAs: signedInAs, Err: err}
	if err != nil {
		o.Reason, o.Code, o.RequestID = err.Error(), mailbox.Code(err), mailbox.RequestID(err)
	}
	h.telling.Lock()
	defer h.telling.Unlock()
	h.opts.Outcome(o)
}

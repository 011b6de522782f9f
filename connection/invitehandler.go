package connection

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/exconn/exconn/oauth"
)

// InvitationOptions are those of an InvitationHandler.
type InvitationOptions struct {
	// BaseURL is the address under which people's browsers reach the handler,
	// from ParseInvitationURL.
	BaseURL string
	// RedirectURI is where the sign-in server sends them back to, on the same
	// host. Empty means InvitationRedirectURI.
	RedirectURI string
	// Auth is the authentication object whose invitations are answered. Empty
	// means those of all.
	Auth string
	// Pages holds invite.html, invite.js, callback.css and the words files; see
	// package custompages.
	Pages fs.FS
	// Outcome is called at the end of each sign-in that was begun, before the
	// person is told; one call at a time.
	Outcome func(InvitationOutcome)
}

// InvitationOutcome is how a sign-in by invitation went. It holds no secret.
type InvitationOutcome struct {
	Auth       string `json:"auth"`
	Connection string `json:"connection"`
	User       string `json:"user"`
	// Outcome is OutcomeSignedIn, "wrong_account", "refused" (by the sign-in
	// page), "used", "withdrawn" or "lapsed" (while the person signed in),
	// "failed", "expired", "unreachable", or "unready" where the sign-in could
	// not begin.
	Outcome string `json:"outcome"`
	// SignedInAs is the account that has signed in, where one has.
	SignedInAs string `json:"signed_in_as,omitempty"`
	// Reason, Code and RequestID are those of Err.
	Reason    string `json:"reason,omitempty"`
	Code      string `json:"code,omitempty"`
	RequestID string `json:"request_id,omitempty"`
	// Err is why it did not succeed; nil where it did.
	Err error `json:"-"`
}

// OutcomeSignedIn is the Outcome of a sign-in that succeeded.
const OutcomeSignedIn = "signed_in"

// InvitationHandler is the web pages of invitations: it shows what an
// invitation is for, sends the browser to the sign-in server, takes its answer,
// and tells how it went.
//
//	GET  {base}/invite/{secret}  what the invitation is for, with a button
//	POST {base}/invite/{secret}  the button: to the sign-in server
//	GET  {base}/callback         its answer
//
// A GET uses nothing up, because mail programs follow links before people do.
// The account that signs in must be the one that is invited.
//
// The answer comes in the query (response_mode=query). By form_post it would
// stay out of the logs of a web server in front of the handler, but then it
// would come by a POST from another site, with which a browser sends no cookie
// of SameSite=Lax; and the cookie is what tells that the sign-in was begun in
// this browser. Without the attempt that waits here, a code in a log is worth
// nothing: it is good for one use, and only with the verifier (PKCE).
//
// It is safe for concurrent use. Close it.
type InvitationHandler struct {
	book     *Book
	opts     InvitationOptions
	base     *url.URL
	callback string // path of the redirect URI
	page     *oauth.PageTemplate
	assets   map[string]inviteAsset // by path beneath the base
	origin   *http.CrossOriginProtection
	attempts *inviteAttempts

	telling sync.Mutex // held during Outcome
}

// NewInvitationHandler returns the handler. It starts nothing. Errors name what
// cannot be used of the options.
func (b *Book) NewInvitationHandler(opts InvitationOptions) (*InvitationHandler, error) {
	base, err := ParseInvitationURL(opts.BaseURL)
	if err != nil {
		return nil, err
	}
	opts.BaseURL = base
	if opts.RedirectURI == "" {
		opts.RedirectURI = InvitationRedirectURI(base)
	}
	h := &InvitationHandler{book: b, opts: opts, origin: http.NewCrossOriginProtection(), attempts: newInviteAttempts(b.now)}
	if h.base, err = url.Parse(base); err != nil {
		return nil, err
	}
	redirect, err := url.Parse(opts.RedirectURI)
	if problem := oauth.RedirectURIProblem(opts.RedirectURI); problem != "" || err != nil {
		return nil, FieldErrors{{Field: "redirect_uri", Given: withoutUser(opts.RedirectURI), Problem: problem}}
	}
	if redirect.Scheme != h.base.Scheme || !strings.EqualFold(redirect.Host, h.base.Host) || strings.HasPrefix(redirect.Path, h.base.Path+invitePath) {
		return nil, FieldErrors{{Field: "redirect_uri", Given: opts.RedirectURI, Problem: "must be on the host of " + base + ", whose cookie tells whose sign-in it is"}}
	}
	h.callback = redirect.Path
	if err := h.origin.AddTrustedOrigin(h.base.Scheme + "://" + h.base.Host); err != nil {
		return nil, fmt.Errorf("the address %s: %w", base, err)
	}
	if err := h.load(opts.Pages); err != nil {
		return nil, err
	}
	return h, nil
}

// RedirectURI returns what has to be registered with the application, exactly
// so.
func (h *InvitationHandler) RedirectURI() string { return h.opts.RedirectURI }

// Close ends the sign-ins that have begun; those whose answer has come are
// finished first. Requests that come later find none.
func (h *InvitationHandler) Close() error {
	h.attempts.close()
	return nil
}

// ServeHTTP implements http.Handler. Where a web server in front takes the
// path of the base off, that is understood.
func (h *InvitationHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	oauth.SetPageHeaders(w.Header(), formsMayLead)
	w.Header().Set("X-Robots-Tag", "noindex, nofollow")
	path := strings.TrimPrefix(r.URL.Path, h.base.Path)
	secret, invited := strings.CutPrefix(path, invitePath)
	_, asset := h.assets[path]
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case invited && reads:
		h.show(w, r, secret)
	case invited && r.Method == http.MethodPost:
		h.begin(w, r, secret)
	case invited:
		notAllowed(w, "GET, HEAD, POST")
	case r.URL.Path == h.callback || path == strings.TrimPrefix(h.callback, h.base.Path):
		// A HEAD would use the answer up without telling anybody.
		if r.Method != http.MethodGet {
			notAllowed(w, "GET")
			return
		}
		h.answer(w, r)
	case asset && reads:
		h.writeAsset(w, r, path)
	case asset:
		notAllowed(w, "GET, HEAD")
	default:
		http.Error(w, "not found", http.StatusNotFound)
	}
}

func notAllowed(w http.ResponseWriter, methods string) {
	w.Header().Set("Allow", methods)
	http.Error(w, "only "+methods, http.StatusMethodNotAllowed)
}

// find returns the invitation of a link; where it cannot be used, the page
// that says so has been written.
func (h *InvitationHandler) find(w http.ResponseWriter, r *http.Request, secret string) (i Invitation, key string, ok bool) {
	key = invitationKey(secret)
	i, found, err := h.book.invitation(r.Context(), key)
	if err != nil {
		h.book.log.WarnContext(r.Context(), "cannot look up an invitation", "error", err)
		h.tell(w, r, http.StatusServiceUnavailable, invitePage{Outcome: pageBusy, Action: h.path(invitePath + secret)})
		return i, key, false
	}
	if !found || h.opts.Auth != "" && recordKey(i.Auth) != recordKey(h.opts.Auth) {
		h.tell(w, r, http.StatusNotFound, invitePage{Outcome: pageUnknown})
		return i, key, false
	}
	if i.State != InvitationOpen {
		h.tell(w, r, http.StatusGone, invitePage{Outcome: string(i.State), invitation: i})
		return i, key, false
	}
	return i, key, true
}

// show tells what an invitation is for.
func (h *InvitationHandler) show(w http.ResponseWriter, r *http.Request, secret string) {
	if i, _, ok := h.find(w, r, secret); ok {
		h.tell(w, r, http.StatusOK, invitePage{Outcome: pageInvited, invitation: i, Action: h.path(invitePath + secret)})
	}
}

// begin sends the browser to the sign-in server.
func (h *InvitationHandler) begin(w http.ResponseWriter, r *http.Request, secret string) {
	if err := h.origin.Check(r); err != nil {
		http.Error(w, "this form comes from another site", http.StatusForbidden)
		return
	}
	i, key, ok := h.find(w, r, secret)
	if !ok {
		return
	}
	again := h.path(invitePath + secret)
	if !h.attempts.reserve(key) {
		w.Header().Set("Retry-After", "60")
		h.tell(w, r, http.StatusTooManyRequests, invitePage{Outcome: pageBusy, Action: again})
		return
	}
	a, err := h.beginSignIn(r.Context(), i, key)
	if err != nil {
		h.attempts.giveBack(key)
		h.report(i, pageUnready, "", err)
		h.tell(w, r, http.StatusOK, invitePage{Outcome: pageUnready, err: err, Action: again})
		return
	}
	a.again = again
	cookie := newInvitationSecret()
	if err := h.attempts.add(a, cookie); err != nil {
		http.Error(w, "the program is ending", http.StatusServiceUnavailable)
		return
	}
	http.SetCookie(w, h.cookie(a.name, cookie, int(attemptTime/time.Second)))
	http.Redirect(w, r, a.signIn.URL(), http.StatusSeeOther)
}

// beginTime bounds what is asked of the sign-in server before the person is
// sent there.
const beginTime = 30 * time.Second

func (h *InvitationHandler) beginSignIn(ctx context.Context, i Invitation, key string) (*inviteAttempt, error) {
	ctx, cancel := context.WithTimeout(ctx, beginTime)
	defer cancel()
	opts := SignInOptions{User: i.User}
	opts.PasteOnly, opts.RedirectURI, opts.ResponseMode = true, h.opts.RedirectURI, "query"
	// Or else the sign-in page takes whoever is signed in there already. AD FS
	// cannot ask which account is meant, but it can ask to sign in.
	opts.Prompt = "select_account"
	if entry, err := h.book.Get(ctx, i.Connection); err != nil {
		return nil, err
	} else if entry.Auth != nil && entry.Auth.adfs() {
		opts.Prompt = "login"
	}
	if i.SignInName != "" {
		opts.SignInNames, opts.LoginHint = []string{i.SignInName}, i.SignInName
	}
	opts.Check = func(oauth.Account) error { return h.stillOpen(key) }
	signIn, err := h.book.BeginSignIn(ctx, i.Connection, opts)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(signIn.URL())
	if err != nil {
		_ = signIn.Close()
		return nil, err
	}
	return &inviteAttempt{invitation: i, key: key, signIn: signIn, name: attemptName(u.Query().Get("state"))}, nil
}

// overError is an invitation that ended while the person signed in.
type overError struct{ state InvitationState }

func (e *overError) Error() string { return "the invitation is " + string(e.state) }

// stillOpen refuses a sign-in whose invitation has ended meanwhile. The
// sign-in has come back by then, and nobody breaks it off.
func (h *InvitationHandler) stillOpen(key string) error {
	i, _, err := h.book.invitation(context.Background(), key)
	if err == nil && i.State != InvitationOpen {
		err = &overError{state: i.State}
	}
	return err
}

// cookie is what ties an attempt to the browser that began it; a negative age
// deletes it. Its name is the attempt's, so that several tabs do not disturb
// each other. The prefix __Host- makes sure that no other host has set it.
func (h *InvitationHandler) cookie(name, value string, age int) *http.Cookie {
	c := &http.Cookie{Name: h.cookieName(name), Value: value, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if h.base.Scheme == "https" {
		c.Secure = true
	}
	return c
}

func (h *InvitationHandler) cookieName(attempt string) string {
	name := "exconn-invite-" + attempt
	if h.base.Scheme == "https" {
		name = "__Host-" + name
	}
	return name
}

// path returns a path beneath the base as browsers have it.
func (h *InvitationHandler) path(rest string) string { return h.base.Path + rest }

// formsMayLead is where the page's form leads: to the handler and from there to
// the sign-in server, which may send the browser on to that of the person's
// organization. Browsers hold form-action against each of them, so that no list
// of hosts would do.
const formsMayLead = "'self' https:"

func (h *InvitationHandler) writeAsset(w http.ResponseWriter, r *http.Request, path string) {
	a := h.assets[path]
	writeWhole(w, r, http.StatusOK, a.contentType, a.content)
}

// writeWhole sends a body, or for HEAD what goes before it.
func writeWhole(w http.ResponseWriter, r *http.Request, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		// A browser that has gone away is told nothing; the outcome stands.
		_, _ = w.Write(body)
	}
}

package oauth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/exconn/exconn/mailbox"
)

// redeemTimeout ends a redemption that gets no answer.
const redeemTimeout = 60 * time.Second

// SignInOptions says how one sign-in goes.
type SignInOptions struct {
	// Pages holds result.html, result.js, callback.css and a words file for
	// each language but English (words.de.js), with which the listener tells
	// the person the outcome; see package custompages. Nil means plain text.
	Pages fs.FS
	// ListenPort is the listener's port, 1024 to 65535, for a port that is
	// forwarded. Zero means any free one.
	ListenPort int
	// LoginHint fills in the account on the sign-in page.
	LoginHint string
	// Prompt is what the sign-in page must ask for: "login", "select_account"
	// or "consent". Empty leaves it to the server.
	Prompt string
	// PasteOnly opens no listener: the answer comes by Paste, from a browser
	// on another machine, or from a web server that got it.
	PasteOnly bool
	// Scopes are what the first token is for; empty means Config.Scopes. The
	// sign-in serves other resources too, see Client.For.
	Scopes []string
	// RedirectURI takes the place of Config.RedirectURI; empty means that one.
	RedirectURI string
	// ResponseMode is how the answer comes back: "query", "fragment" or
	// "form_post". Empty means a fragment where the redirect URI is our
	// callback page, which hands it on without the web server's knowing, and a
	// query with our own listener and with whatever other page an application
	// has.
	ResponseMode string
	// Claims is what the sign-in must satisfy, as JSON (OpenID Connect Core
	// section 5.5). Empty means what the server wanted when it last refused a
	// renewal, if anything; see Source.Challenge.
	Claims string
	// Check is called with the account that has signed in, after its tokens
	// have been checked and before anything is kept. Its error ends the
	// attempt: nothing is kept, and the page says that another account has to
	// be used. The attempt's error wraps it. Nil means that anybody may.
	Check func(Account) error
}

func (o *SignInOptions) validate() error {
	if o.ListenPort != 0 && (o.ListenPort < minPort || o.ListenPort > 65535) {
		return &FieldError{Field: "ListenPort", Problem: fmt.Sprintf("%d is not allowed; it must be from %d to 65535", o.ListenPort, minPort)}
	}
	if o.Prompt != "" && !slices.Contains([]string{"login", "select_account", "consent"}, o.Prompt) {
		return &FieldError{Field: "Prompt", Problem: fmt.Sprintf("%q is not known; allowed are login, select_account and consent", o.Prompt)}
	}
	if o.ResponseMode != "" && !slices.Contains([]string{"query", "fragment", "form_post"}, o.ResponseMode) {
		return &FieldError{Field: "ResponseMode", Problem: fmt.Sprintf("%q is not known; allowed are query, fragment and form_post", o.ResponseMode)}
	}
	if o.RedirectURI != "" {
		if problem := checkRedirectURI(o.RedirectURI); problem != "" {
			return &FieldError{Field: "RedirectURI", Problem: problem}
		}
	}
	if o.Claims != "" && !validClaims(o.Claims) {
		return &FieldError{Field: "Claims", Problem: "is not a JSON object"}
	}
	return nil
}

// BeginSignIn prepares a sign-in by browser and opens the listener for its
// answer, which stays open until Close. It asks the authority for its
// endpoints. The account that the Client had, if any, stays until the new
// sign-in has succeeded.
func (c *Client) BeginSignIn(ctx context.Context, opts SignInOptions) (*Attempt, error) {
	if !c.cfg.Method.ByBrowser() {
		return nil, c.noBrowser()
	}
	if err := opts.validate(); err != nil {
		return nil, err
	}
	pages, err := loadPages(opts.Pages)
	if err != nil {
		return nil, err
	}
	if opts.RedirectURI == "" {
		opts.RedirectURI = c.cfg.RedirectURI
	}
	if opts.Claims == "" {
		// What cannot be read now is replaced by this sign-in.
		if k, err := c.load(ctx, "sign-in"); err == nil {
			opts.Claims = k.Claims
		}
	}
	a := &Attempt{
		client:  c,
		source:  c.For(opts.Scopes),
		accept:  opts.Check,
		claims:  opts.Claims,
		session: newSession(c.wire),
		// 256 bits each; RFC 7636 section 4.1 wants a verifier of 43
		// characters at least.
		state:    randomText(),
		nonce:    randomText(),
		verifier: randomText(),
		pages:    pages,
		closed:   make(chan struct{}),
		done:     make(chan struct{}),
	}
	// The attempt has an MSAL client and cache of its own, so that its tokens
	// are kept only after they have been checked, and the old account's cache
	// does not mix with the new one's.
	if a.msal, err = newLibrary(c.cfg, a.session); err != nil {
		return nil, fromMSAL(ctx, "sign-in", err)
	}
	if err := a.receive(opts); err != nil {
		return nil, err
	}
	if a.url, err = a.authorizeURL(ctx, opts); err != nil {
		_ = a.Close() // closes the sockets, and has nothing to report
		return nil, err
	}
	if a.listener != nil {
		a.listener.serve()
	}
	return a, nil
}

// receive decides where the answer comes back to, and opens the listener if it
// comes to one of ours.
func (a *Attempt) receive(opts SignInOptions) error {
	fixed, path, here := loopbackRedirect(opts.RedirectURI)
	handedOver := isCallbackPage(opts.RedirectURI)
	switch {
	case opts.RedirectURI == "":
		here, path = true, "/"
	case handedOver: // by a web server, on this machine or elsewhere
		here = false
	case here && fixed != 0 && opts.ListenPort == 0:
		opts.ListenPort = fixed
	}
	port := opts.ListenPort
	switch {
	case opts.PasteOnly, !here && !handedOver:
		// A page of another web server's, which knows nothing of us, leaves it
		// to whoever sees the answer to bring it.
		if port == 0 {
			port = unusedPort()
		}
	default:
		at := "/"
		if here && path != "" {
			at = path
		}
		var err error
		if a.listener, err = listen(opts.ListenPort, at, a); err != nil {
			return err
		}
		port = a.listener.port
	}
	a.redirectURI = opts.RedirectURI
	if here {
		a.redirectURI = "http://localhost:" + strconv.Itoa(port) + path
	}
	if handedOver && a.listener != nil {
		// The page needs the port to hand the answer over.
		a.state += "." + strconv.Itoa(port)
	}
	return nil
}

// noBrowser is why BeginSignIn has nothing to begin.
func (c *Client) noBrowser() *Error {
	if c.cfg.Method == DeviceCode {
		return &Error{Op: "sign-in", kind: mailbox.ErrInvalid, reason: "the method device-code signs in by a code that is shown, without a browser that comes back"}
	}
	return &Error{Op: "sign-in", kind: mailbox.ErrInvalid,
		reason: fmt.Sprintf("there is nobody to sign in: the method %s is the application's own right", c.cfg.Method),
		hint:   "use the connection as it is, or choose the method pkce"}
}

// authorizeURL asks MSAL for the authority's endpoint and adds what MSAL does
// not: state, nonce, PKCE, the response mode and the standard scopes.
func (a *Attempt) authorizeURL(ctx context.Context, opts SignInOptions) (string, error) {
	base, err := a.msal.codeURL(ctx, a.client.cfg.ClientID, a.redirectURI, append(slices.Clone(a.source.scopes), standardScopes...), a.claims)
	if err != nil {
		return "", fromMSAL(ctx, "sign-in", err)
	}
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "https" {
		return "", &Error{Op: "sign-in", kind: mailbox.ErrUnavailable, reason: "the sign-in server names a sign-in page that is not https", hint: "check the authority URL"}
	}
	challenge := sha256.Sum256([]byte(a.verifier))
	q := u.Query()
	q.Set("state", a.state)
	q.Set("nonce", a.nonce)
	q.Set("code_challenge", base64.RawURLEncoding.EncodeToString(challenge[:]))
	q.Set("code_challenge_method", "S256")
	// A query would put the code into the log of the CRM's web server; a
	// fragment stays in the browser, with the callback page. Our own listener
	// needs the query, and so do the pages that applications have for it.
	mode := opts.ResponseMode
	switch {
	case mode != "":
	case isCallbackPage(opts.RedirectURI):
		mode = "fragment"
	default:
		mode = "query"
	}
	q.Set("response_mode", mode)
	if opts.LoginHint != "" {
		q.Set("login_hint", opts.LoginHint)
	}
	if opts.Prompt != "" {
		q.Set("prompt", opts.Prompt)
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// randomText returns 256 random bits in base64url, 43 characters.
func randomText() string {
	var b [32]byte
	// crypto/rand.Read does not fail: it ends the program if the system has
	// no randomness.
	_, _ = rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

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
	// on another machine.
	PasteOnly bool
}

func (o *SignInOptions) validate() error {
	if o.ListenPort != 0 && (o.ListenPort < minPort || o.ListenPort > 65535) {
		return &FieldError{Field: "ListenPort", Problem: fmt.Sprintf("%d is not allowed; it must be from %d to 65535", o.ListenPort, minPort)}
	}
	if o.Prompt != "" && !slices.Contains([]string{"login", "select_account", "consent"}, o.Prompt) {
		return &FieldError{Field: "Prompt", Problem: fmt.Sprintf("%q is not known; allowed are login, select_account and consent", o.Prompt)}
	}
	return nil
}

// BeginSignIn prepares a sign-in by browser and opens the listener for its
// answer, which stays open until Close. It asks the authority for its
// endpoints. The account that the Client had, if any, stays until the new
// sign-in has succeeded.
func (c *Client) BeginSignIn(ctx context.Context, opts SignInOptions) (*Attempt, error) {
	if c.cfg.Method != PKCE {
		return nil, &Error{Op: "sign-in", kind: mailbox.ErrInvalid,
			reason: fmt.Sprintf("there is nobody to sign in: the method %s is the application's own right", c.cfg.Method),
			hint:   "use the connection as it is, or choose the method pkce"}
	}
	if err := opts.validate(); err != nil {
		return nil, err
	}
	pages, err := loadPages(opts.Pages)
	if err != nil {
		return nil, err
	}
	a := &Attempt{
		client:  c,
		session: &session{},
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
	if a.msal, err = newPublic(c.cfg, c.wire, a.session); err != nil {
		return nil, fromMSAL(ctx, "sign-in", err)
	}
	port := opts.ListenPort
	if !opts.PasteOnly {
		if a.listener, err = listen(opts.ListenPort, a); err != nil {
			return nil, err
		}
		port = a.listener.port
	} else if port == 0 {
		port = unusedPort()
	}
	a.redirectURI = "http://localhost:" + strconv.Itoa(port) + "/"
	if c.cfg.RedirectURI != "" {
		a.redirectURI = c.cfg.RedirectURI
		if !opts.PasteOnly {
			// The page needs the port to hand the answer over.
			a.state += "." + strconv.Itoa(port)
		}
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

// authorizeURL asks MSAL for the authority's endpoint and adds what MSAL does
// not: state, nonce, PKCE, the response mode and the standard scopes.
func (a *Attempt) authorizeURL(ctx context.Context, opts SignInOptions) (string, error) {
	scopes := resourceScopes(a.client.cfg.Scopes)
	base, err := a.msal.AuthCodeURL(ctx, a.client.cfg.ClientID, a.redirectURI, append(scopes, standardScopes...))
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
	// fragment stays in the browser. Our own listener needs the query.
	q.Set("response_mode", "query")
	if a.client.cfg.RedirectURI != "" {
		q.Set("response_mode", "fragment")
	}
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

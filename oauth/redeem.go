package oauth

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"

	"github.com/exconn/exconn/mailbox"
)

// redeem exchanges the code for tokens, checks that they belong to this
// attempt, and keeps them in place of what the Cache held.
func (a *Attempt) redeem(ctx context.Context, code string) (Account, error) {
	ctx, cancel := context.WithTimeout(ctx, redeemTimeout)
	defer cancel()
	stop := a.endWithClose(cancel)
	defer stop()

	a.session.begin(nil)
	result, err := a.msal.byCode(ctx, code, a.redirectURI, a.source.scopes, a.verifier, a.claims)
	if err != nil {
		return Account{}, fromMSAL(ctx, "sign-in", err)
	}
	return a.source.signedIn(ctx, a.session, result, a.nonce, a.accept)
}

// signedIn checks the result of a sign-in, which is in the session, and keeps
// it in place of what the Cache held. An empty nonce is that of a way in which
// has none.
func (s *Source) signedIn(ctx context.Context, session *session, result public.AuthResult, nonce string, accept func(Account) error) (Account, error) {
	account, err := s.client.whose(result, nonce)
	if err != nil {
		return Account{}, err
	}
	if err := admit(account, accept); err != nil {
		return Account{}, err
	}
	tokens := session.changed()
	if !hasRefreshToken(tokens) {
		s.client.log.WarnContext(ctx, "the server gave no refresh token: the sign-in ends with its first access token",
			"client_id", s.client.cfg.ClientID, "expires", result.ExpiresOn)
	}
	k := kept{Account: &account, SignedIn: time.Now().UTC().Truncate(time.Second), Tokens: tokens}
	k.note(session.line.gave())
	if err := s.adopt(ctx, k, hold(result)); err != nil {
		return Account{}, err
	}
	return account, nil
}

// admit asks the caller whether the account is the right one.
func admit(account Account, accept func(Account) error) error {
	if accept == nil {
		return nil
	}
	err := accept(account)
	if err == nil {
		return nil
	}
	hint := mailbox.Hint(err)
	if hint == "" {
		hint = fmt.Sprintf("sign in again with another account than %s", account.Username)
	}
	return &Error{Op: "sign-in", kind: mailbox.ErrSignInNeeded, cause: err, final: true,
		reason: fmt.Sprintf("another account is needed: %v", err), hint: hint}
}

// endWithClose cancels when the attempt is closed; the returned function ends
// the watching.
func (a *Attempt) endWithClose(cancel context.CancelFunc) (stop func()) {
	over := make(chan struct{})
	var watcher sync.WaitGroup
	watcher.Go(func() {
		select {
		case <-a.closed:
			cancel()
		case <-over:
		}
	})
	return func() {
		close(over)
		watcher.Wait()
	}
}

// adopt keeps a new sign-in and puts its token into memory, in place of all that
// was there.
func (s *Source) adopt(ctx context.Context, k kept, h *held) error {
	c := s.client
	if err := c.enter(ctx, "sign-in"); err != nil {
		return err
	}
	defer c.leave()
	blob, err := k.marshal()
	if err != nil {
		return &Error{Op: "sign-in", reason: "the identity library's cache is not JSON", kind: mailbox.ErrUnavailable}
	}
	if err := c.cache.Save(ctx, blob); err != nil {
		// Unlike a renewal, a sign-in that cannot be kept has not happened.
		return &Error{Op: "sign-in", reason: fmt.Sprintf("the sign-in succeeded, but cannot be kept: %v", err), cause: err}
	}
	c.reset()
	s.set(h)
	return nil
}

// idClaims are the claims of an id token that matter here (OpenID Connect Core
// sections 2 and 3.1.3.7). Its signature needs no check: it came from the
// token endpoint itself over TLS.
type idClaims struct {
	Nonce             string   `json:"nonce"`
	Audience          audience `json:"aud"`
	Tenant            string   `json:"tid"`
	Name              string   `json:"name"`
	PreferredUsername string   `json:"preferred_username"`
	UPN               string   `json:"upn"`
	UniqueName        string   `json:"unique_name"`
	// email is not among them: in some tenants people write into it what they
	// like, and the name is what an account is known by.
}

// whose makes sure that the tokens belong to the sign-in of that nonce, and
// returns whose they are.
func (c *Client) whose(result public.AuthResult, nonce string) (Account, error) {
	foreign := func(what string) (Account, error) {
		return Account{}, &Error{Op: "sign-in", reason: "the server's answer does not belong to this sign-in: " + what, kind: mailbox.ErrSignInNeeded,
			hint: "begin the sign-in again, and finish it in the page that it opens"}
	}
	var claims idClaims
	payload, err := jwtPayload(result.IDToken.RawToken)
	if err != nil || json.Unmarshal(payload, &claims) != nil {
		return foreign("it has no readable id token")
	}
	if subtle.ConstantTimeCompare([]byte(claims.Nonce), []byte(nonce)) != 1 {
		return foreign("the nonce in its id token is another")
	}
	if !slices.ContainsFunc(claims.Audience, func(aud string) bool { return strings.EqualFold(aud, c.cfg.ClientID) }) {
		return foreign("its id token is for another application")
	}
	account := Account{
		Username:      first(claims.PreferredUsername, claims.UPN, claims.UniqueName),
		HomeAccountID: result.Account.HomeAccountID,
		TenantID:      claims.Tenant,
		Name:          claims.Name,
	}
	if account.HomeAccountID == "" {
		return foreign("its id token names nobody")
	}
	return account, nil
}

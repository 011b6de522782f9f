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
	scopes := resourceScopes(a.client.cfg.Scopes)
	// MSAL calls it a challenge, but wants the verifier.
	result, err := a.msal.AcquireTokenByAuthCode(ctx, code, a.redirectURI, scopes, public.WithChallenge(a.verifier))
	if err != nil {
		return Account{}, fromMSAL(ctx, "sign-in", err)
	}
	account, err := a.check(result)
	if err != nil {
		return Account{}, err
	}
	tokens := a.session.changed()
	if !hasRefreshToken(tokens) {
		a.client.log.WarnContext(ctx, "the server gave no refresh token: the sign-in ends with its first access token",
			"client_id", a.client.cfg.ClientID, "expires", result.ExpiresOn)
	}
	if err := a.client.adopt(ctx, kept{Account: &account, SignedIn: time.Now().UTC().Truncate(time.Second), Tokens: tokens}, hold(result)); err != nil {
		return Account{}, err
	}
	return account, nil
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

// adopt keeps a new sign-in and puts its token into memory.
func (c *Client) adopt(ctx context.Context, k kept, h *held) error {
	if err := c.enter(ctx, "sign-in"); err != nil {
		return err
	}
	defer c.leave()
	unsaved, over := c.unsaved, c.unsavedOver
	if err := c.save(ctx, k, nil); err != nil {
		// Unlike a renewal, a sign-in that cannot be kept has not happened.
		c.unsaved, c.unsavedOver = unsaved, over
		return &Error{Op: "sign-in", reason: fmt.Sprintf("the sign-in succeeded, but cannot be kept: %v", err), cause: err}
	}
	c.reset(h)
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
	Email             string   `json:"email"`
}

// check makes sure that the tokens belong to this attempt, and returns whose
// they are.
func (a *Attempt) check(result public.AuthResult) (Account, error) {
	foreign := func(what string) (Account, error) {
		return Account{}, &Error{Op: "sign-in", reason: "the server's answer does not belong to this sign-in: " + what, kind: mailbox.ErrSignInNeeded,
			hint: "begin the sign-in again, and finish it in the page that it opens"}
	}
	var claims idClaims
	payload, err := jwtPayload(result.IDToken.RawToken)
	if err != nil || json.Unmarshal(payload, &claims) != nil {
		return foreign("it has no readable id token")
	}
	if subtle.ConstantTimeCompare([]byte(claims.Nonce), []byte(a.nonce)) != 1 {
		return foreign("the nonce in its id token is another")
	}
	if !slices.ContainsFunc(claims.Audience, func(aud string) bool { return strings.EqualFold(aud, a.client.cfg.ClientID) }) {
		return foreign("its id token is for another application")
	}
	account := Account{
		Username:      first(claims.PreferredUsername, claims.UPN, claims.UniqueName, claims.Email),
		HomeAccountID: result.Account.HomeAccountID,
		TenantID:      claims.Tenant,
		Name:          claims.Name,
	}
	if account.HomeAccountID == "" {
		return foreign("its id token names nobody")
	}
	return account, nil
}

// hasRefreshToken reports whether MSAL's cache holds a refresh token.
func hasRefreshToken(cache []byte) bool {
	var parts struct {
		RefreshToken map[string]json.RawMessage `json:"RefreshToken"`
	}
	return json.Unmarshal(cache, &parts) == nil && len(parts.RefreshToken) > 0
}

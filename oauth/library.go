package oauth

import (
	"context"
	"net/http"
	"slices"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"
)

// library is MSAL's client of one method. MSAL has two kinds, which do much the
// same by other types: the public one for applications that a person installs,
// the confidential one for those that prove themselves by a secret or a
// certificate.
type library struct {
	method       Method
	public       public.Client
	confidential confidential.Client
}

// httpClient is MSAL's interface of one.
type httpClient interface {
	Do(*http.Request) (*http.Response, error)
	CloseIdleConnections()
}

// newLibrary returns an MSAL client over a session. It does no I/O.
//
// Instance discovery is off: the authority is named by an admin and not by a
// server, MSAL checks its issuer either way, and the extra request to
// Microsoft's worldwide cloud would fail in national clouds, with AD FS and
// behind proxies.
func newLibrary(cfg Config, s *session) (library, error) { return newLibraryOver(cfg, s, s.line) }

// newLibraryOver is newLibrary with another HTTP client than the session's own
// line.
func newLibraryOver(cfg Config, s *session, hc httpClient) (library, error) {
	l := library{method: cfg.Method}
	var err error
	if !cfg.Method.Confidential() {
		l.public, err = public.New(cfg.ClientID,
			public.WithAuthority(cfg.Authority),
			public.WithHTTPClient(hc),
			public.WithClientCapabilities(capabilities(cfg)),
			public.WithInstanceDiscovery(false),
			public.WithCache(s))
		return l, err
	}
	var cred confidential.Credential
	if cfg.Certificate != nil {
		cred, err = confidential.NewCredFromCert(slices.Clone(cfg.Certificate.chain), cfg.Certificate.key)
	} else {
		cred, err = confidential.NewCredFromSecret(string(cfg.Secret))
	}
	if err != nil {
		return l, err
	}
	l.confidential, err = confidential.New(cfg.Authority, cfg.ClientID, cred,
		confidential.WithHTTPClient(hc),
		confidential.WithClientCapabilities(capabilities(cfg)),
		confidential.WithInstanceDiscovery(false),
		confidential.WithCache(s))
	return l, err
}

// codeURL returns the address of the sign-in page, without what MSAL leaves to
// its caller: state, nonce, PKCE, response mode.
func (l library) codeURL(ctx context.Context, clientID, redirectURI string, scopes []string, claims string) (string, error) {
	if l.method.Confidential() {
		var options []confidential.AuthCodeURLOption
		if claims != "" {
			options = append(options, confidential.WithClaims(claims))
		}
		return l.confidential.AuthCodeURL(ctx, clientID, redirectURI, scopes, options...)
	}
	var options []public.AuthCodeURLOption
	if claims != "" {
		options = append(options, public.WithClaims(claims))
	}
	return l.public.AuthCodeURL(ctx, clientID, redirectURI, scopes, options...)
}

// byCode redeems an authorization code. What MSAL calls a challenge is the
// verifier.
func (l library) byCode(ctx context.Context, code, redirectURI string, scopes []string, verifier, claims string) (public.AuthResult, error) {
	if l.method.Confidential() {
		options := []confidential.AcquireByAuthCodeOption{confidential.WithChallenge(verifier)}
		if claims != "" {
			options = append(options, confidential.WithClaims(claims))
		}
		return l.confidential.AcquireTokenByAuthCode(ctx, code, redirectURI, scopes, options...)
	}
	options := []public.AcquireByAuthCodeOption{public.WithChallenge(verifier)}
	if claims != "" {
		options = append(options, public.WithClaims(claims))
	}
	return l.public.AcquireTokenByAuthCode(ctx, code, redirectURI, scopes, options...)
}

// silent gets a token of the account that is in MSAL's cache, by its refresh
// token where there is no good access token. MSAL looks the account up by its
// id alone.
func (l library) silent(ctx context.Context, scopes []string, homeAccountID, claims string) (public.AuthResult, error) {
	if l.method.Confidential() {
		options := []confidential.AcquireSilentOption{confidential.WithSilentAccount(confidential.Account{HomeAccountID: homeAccountID})}
		if claims != "" {
			// The confidential client refuses the server's claims here, and
			// takes the same as the client's own, for which it keeps the token
			// apart: a process that does not know them renews once more.
			options = append(options, confidential.WithClaimsFromClient(claims))
		}
		return l.confidential.AcquireTokenSilent(ctx, scopes, options...)
	}
	options := []public.AcquireSilentOption{public.WithSilentAccount(public.Account{HomeAccountID: homeAccountID})}
	if claims != "" {
		options = append(options, public.WithClaims(claims))
	}
	return l.public.AcquireTokenSilent(ctx, scopes, options...)
}

// byCredential gets a token of the application itself, from MSAL's cache where
// there is a good one.
func (l library) byCredential(ctx context.Context, scopes []string, claims string) (public.AuthResult, error) {
	var options []confidential.AcquireByCredentialOption
	if claims != "" {
		options = append(options, confidential.WithClaims(claims))
	}
	return l.confidential.AcquireTokenByCredential(ctx, scopes, options...)
}

package entra

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// signingKey signs all tokens of a Server.
type signingKey struct {
	private *rsa.PrivateKey
	public  jose.JSONWebKey
	signer  jose.Signer
}

func newSigningKey(key *rsa.PrivateKey) (*signingKey, error) {
	if key == nil {
		var err error
		if key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
			return nil, fmt.Errorf("make a signing key: %w", err)
		}
	}
	public := jose.JSONWebKey{Key: &key.PublicKey, Algorithm: string(jose.RS256), Use: "sig"}
	sum, err := public.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("name the signing key: %w", err)
	}
	public.KeyID = base64.RawURLEncoding.EncodeToString(sum)
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: public.KeyID}},
		(&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return nil, fmt.Errorf("use the signing key: %w", err)
	}
	return &signingKey{key, public, signer}, nil
}

func (s *Server) sign(claims any) (string, *Error) {
	k, err := s.key()
	if err != nil {
		return "", broken(err)
	}
	t, err := jwt.Signed(k.signer).Claims(claims).Serialize()
	if err != nil {
		return "", broken(err)
	}
	return t, nil
}

// The reasons for which Verify refuses a token.
var (
	// ErrTokenInvalid: not an access token that this server issued.
	ErrTokenInvalid = errors.New("the token is not valid")
	// ErrTokenExpired: issued here, but its time is over.
	ErrTokenExpired = errors.New("the token has expired")
)

// The values of Claims.IDType.
const (
	AppToken  = "app"
	UserToken = "user"
)

// Claims is what an access token says.
type Claims struct {
	// Audience is the resource that the token is for, as it was asked for.
	Audience string
	TenantID string
	// AppID is the client id of the application.
	AppID string
	// UPN is empty in an app-only token.
	UPN string
	// ObjectID is the user's id or, in an app-only token, that of the
	// application's service principal.
	ObjectID string
	// Scopes are the delegated permissions of a user's token.
	Scopes []string
	// Roles are the application permissions of an app-only token. They may be
	// missing: the resource can know of rights that the token does not tell.
	Roles []string
	// IDType is AppToken or UserToken.
	IDType  string
	Expires time.Time
	// Capabilities are what the client understands, such as "cp1" for claims
	// challenges (the claim xms_cc).
	Capabilities []string
	// Contexts are the authentication contexts that the sign-in met (acrs).
	Contexts []string
}

// HasScope reports whether the token has a delegated permission; names of
// permissions do not depend on case.
func (c Claims) HasScope(name string) bool { return containsFold(c.Scopes, name) }

// HasRole reports whether the token has an application permission.
func (c Claims) HasRole(name string) bool { return containsFold(c.Roles, name) }

func containsFold(list []string, name string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, name) })
}

// Verify checks that token is an access token of this server whose time has
// come and is not over, and returns what it says. The error Is ErrTokenInvalid,
// ErrTokenExpired or ErrTokenRevoked. Whether the audience is the right one is for the caller,
// who knows its own name, to judge.
func (s *Server) Verify(token string) (Claims, error) { return s.VerifyAt(token, s.opts.Now()) }

// VerifyAt is Verify for a resource whose clock shows another time.
func (s *Server) VerifyAt(token string, now time.Time) (Claims, error) {
	k, err := s.key()
	if err != nil {
		return Claims{}, err
	}
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return Claims{}, fmt.Errorf("%w: it is not a signed JWT", ErrTokenInvalid)
	}
	var t accessToken
	if err := parsed.Claims(&k.private.PublicKey, &t); err != nil {
		return Claims{}, fmt.Errorf("%w: the signature is not by this server's key", ErrTokenInvalid)
	}
	// An id token is signed by the same key, but is for the client's eyes.
	if t.AppID == "" || (t.IDType != AppToken && t.IDType != UserToken) {
		return Claims{}, fmt.Errorf("%w: it is not an access token", ErrTokenInvalid)
	}
	if !strings.HasSuffix(t.Issuer, "/"+t.TenantID+"/") {
		return Claims{}, fmt.Errorf("%w: its issuer is not its tenant's", ErrTokenInvalid)
	}
	if now.Before(time.Unix(t.NotBefore, 0).Add(-clockSkew)) {
		return Claims{}, fmt.Errorf("%w: it is not valid yet", ErrTokenInvalid)
	}
	expires := time.Unix(t.Expires, 0)
	if !now.Before(expires) {
		return Claims{}, fmt.Errorf("%w at %s", ErrTokenExpired, expires.UTC().Format(time.RFC3339))
	}
	if err := s.dir.notVoid(t); err != nil {
		return Claims{}, err
	}
	return Claims{
		Audience: t.Audience, TenantID: t.TenantID, AppID: t.AppID, UPN: t.UPN, ObjectID: t.ObjectID,
		Scopes: strings.Fields(t.Scopes), Roles: t.Roles, IDType: t.IDType, Expires: expires,
		Capabilities: t.Capabilities, Contexts: t.Contexts,
	}, nil
}

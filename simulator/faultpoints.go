package simulator

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/simulator/entra"
)

// interceptEWS is where faults befall requests of EWS.
func (s *Simulator) interceptEWS(b *backend) func(http.ResponseWriter, *http.Request, ewsserver.Incoming) (bool, error) {
	return func(w http.ResponseWriter, r *http.Request, in ewsserver.Incoming) (bool, error) {
		hangs(r.Context(), in.Operation)
		v := victimOf(r, b.tenant.kind, EWS, in.Operation).by(in.Caller)
		whom := in.Impersonates
		v.mailbox = cmp.Or(whom.PrimarySmtpAddress, whom.SmtpAddress, whom.PrincipalName, v.mailbox, in.Caller.Mailbox)
		answered, err := s.strike(w, r, v, b.again(r))
		return answered, b.inItsWords(err)
	}
}

// inItsWords gives a refusal under load the challenges of this Exchange.
func (b *backend) inItsWords(err error) error {
	if errors.Is(err, errUnderLoad) {
		return b.unauthorized("", errUnderLoad.Reason)
	}
	return err
}

// again returns a second look at a token that was taken already: an effect may
// have revoked it, and then it is refused in the very request.
func (b *backend) again(r *http.Request) func() error {
	return func() error {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return nil
		}
		_, err := b.bearer(strings.TrimSpace(token))
		return err
	}
}

// interceptAutodiscover is where faults befall requests of Autodiscover.
func (s *Simulator) interceptAutodiscover(b *backend) func(http.ResponseWriter, *http.Request, string) bool {
	return func(w http.ResponseWriter, r *http.Request, operation string) bool {
		v := victimOf(r, b.tenant.kind, Autodiscover, operation)
		if p, err := b.identify(r); err == nil {
			v.account, v.app = p.account, p.app
		}
		v.mailbox = cmp.Or(v.mailbox, v.account)
		answered, err := s.strike(w, r, v, b.again(r))
		if err != nil {
			refuse(w, b.inItsWords(err))
			return true
		}
		return answered
	}
}

// tokenPath is the end of the path of Entra's token endpoint.
const tokenPath = "/oauth2/v2.0/token"

// maxForm bounds what is read of a request for a token, in bytes, as Entra
// does itself.
const maxForm = 64 << 10

// withTokenFaults is where faults befall requests for tokens.
func (s *Simulator) withTokenFaults(login http.Handler) http.Handler {
	return s.faults.wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || !isTokenEndpoint(r.URL.Path) {
			login.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, maxForm+1))
		if err != nil {
			return // the client has broken off
		}
		r.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(body), r.Body), r.Body}
		form, err := url.ParseQuery(string(body))
		if err != nil {
			form = url.Values{} // the endpoint refuses it
		}
		v := victimOf(r, s.tenantAt(r.URL.Path), Token, form.Get("grant_type"))
		v.app = form.Get("client_id")
		if name, _, ok := r.BasicAuth(); ok {
			v.app = name
		}
		answered, err := s.strike(w, r, v, nil)
		switch {
		case err != nil:
			refuse(w, err)
		case !answered:
			login.ServeHTTP(w, r)
		}
	}))
}

// isTokenEndpoint tells whether a path is Entra's or AD FS's token endpoint.
func isTokenEndpoint(path string) bool {
	return strings.HasSuffix(path, tokenPath) || strings.EqualFold(strings.TrimSuffix(path, "/"), "/adfs/oauth2/token")
}

// tenantAt is the tenant that a path at Entra names; empty for "common" and
// its like.
func (s *Simulator) tenantAt(path string) Tenant {
	if entra.IsADFS(path) {
		return Server
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	for kind, t := range s.tenants {
		if strings.EqualFold(name, t.id) || strings.EqualFold(name, t.domain) {
			return kind
		}
	}
	return ""
}

// withClock tells the time of a tenant's clock in the answers, which matters
// where it is wrong.
func (s *Simulator) withClock(t *tenant, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if skew := t.skew(); skew != 0 {
			w.Header().Set("Date", s.opts.Now().Add(skew).UTC().Format(http.TimeFormat))
		}
		next.ServeHTTP(w, r)
	})
}

// verifier judges tokens by the clock of a tenant's Exchange.
func (s *Simulator) verifier(t *tenant) func(string) (entra.Claims, error) {
	return func(token string) (entra.Claims, error) {
		now := s.opts.Now().Add(t.skew())
		claims, err := s.entra.VerifyAt(token, now)
		if errors.Is(err, entra.ErrTokenInvalid) && t.kind == Server {
			return s.adfs.VerifyAt(token, now)
		}
		return claims, err
	}
}

// challenge refuses a token that was revoked, with the claims that the next one
// must have, as resources do that evaluate tokens continuously (Entra's page on
// claims challenges).
func (b *backend) challenge() error {
	const diagnostics = `2000001;reason="The token was revoked.";error_category="invalid_token"`
	err := b.unauthorized(diagnostics, "revoked token")
	var auth *ewsserver.AuthError
	if errors.As(err, &auth) && b.tenant.kind == Online {
		claims := fmt.Sprintf(`{"access_token":{"nbf":{"essential":true,"value":"%d"}}}`, b.st.now().Unix())
		auth.Header.Add("WWW-Authenticate", fmt.Sprintf(`Bearer realm="", authorization_uri="%s", error="insufficient_claims", claims="%s"`,
			b.authorize(), base64.StdEncoding.EncodeToString([]byte(claims))))
	}
	return err
}

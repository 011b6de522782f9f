package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/exconn/exconn/simulator"
	"github.com/exconn/exconn/simulator/entra"
)

// redirect is where a public client's sign-in ends; nobody listens there.
const redirect = "http://localhost"

// userToken signs somebody in as a browser would, by authorization code with
// PKCE, and returns the access token.
func (w *world) userToken(ctx context.Context, app simulator.Application, account, resource string) (string, error) {
	verifier := rand.Text() + rand.Text()
	challenge := sha256.Sum256([]byte(verifier))
	authority := w.sim.AuthorityURL(app.Tenant)
	scope := resource + "/EWS.AccessAsUser.All"
	hc := w.sim.HTTPClient()
	defer hc.CloseIdleConnections()
	back, err := entra.SignIn(ctx, hc, authority+"/oauth2/v2.0/authorize?"+url.Values{
		"client_id": {app.ClientID}, "response_type": {"code"}, "redirect_uri": {redirect}, "scope": {scope},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"},
	}.Encode(), account, w.sim.Password(account), true)
	if err != nil {
		return "", err
	}
	return token(ctx, hc, authority, url.Values{
		"grant_type": {"authorization_code"}, "client_id": {app.ClientID}, "code": {back.Query().Get("code")},
		"redirect_uri": {redirect}, "code_verifier": {verifier}, "scope": {scope},
	})
}

// appToken returns a token of an application in its own right.
func (w *world) appToken(ctx context.Context, app simulator.Application, resource string) (string, error) {
	hc := w.sim.HTTPClient()
	defer hc.CloseIdleConnections()
	return token(ctx, hc, w.sim.AuthorityURL(app.Tenant), url.Values{
		"grant_type": {"client_credentials"}, "client_id": {app.ClientID}, "client_secret": {string(app.Secret)},
		"scope": {resource + "/.default"},
	})
}

// token asks the token endpoint of an authority.
func token(ctx context.Context, hc *http.Client, authority string, form url.Values) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, authority+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := hc.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var got struct {
		AccessToken string `json:"access_token"`
		Error       string `json:"error"`
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(&got); err != nil {
		return "", fmt.Errorf("the token endpoint's answer (HTTP %d): %w", answer.StatusCode, err)
	}
	if got.AccessToken == "" {
		return "", fmt.Errorf("the token endpoint refuses (HTTP %d): %s", answer.StatusCode, got.Error)
	}
	return got.AccessToken, nil
}

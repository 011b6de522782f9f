package ews_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/simulator"
	"github.com/exconn/exconn/simulator/entra"
)

// exchange is a pretend Exchange with mail in it.
type exchange struct {
	*simulator.Simulator
	t *testing.T
}

func newExchange(t *testing.T) exchange { return newExchangeWith(t, func(*simulator.Options) {}) }

func newExchangeWith(t *testing.T, change func(*simulator.Options)) exchange {
	t.Helper()
	opts := &simulator.Options{Seed: 7, Record: keepEnvelopes(t)}
	change(opts)
	sim, err := simulator.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := sim.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	return exchange{sim, t}
}

func (x exchange) http() *http.Client {
	client := x.HTTPClient()
	x.t.Cleanup(client.CloseIdleConnections)
	return client
}

// of returns a mailbox of the Exchange Server by impersonation.
func (x exchange) of(address string) *ews.Mailbox {
	account := "svc-crm@contoso.example"
	hc := basic{x.http(), account, string(x.Password(account))}
	return ews.NewClient(hc, x.EWSURL(simulator.Server), nil).Mailbox(address, ews.Impersonate)
}

// bearer signs in with a token.
type bearer struct {
	client *http.Client
	token  string
}

func (b bearer) Do(r *http.Request) (*http.Response, error) {
	r.Header.Set("Authorization", "Bearer "+b.token)
	return b.client.Do(r)
}

// online returns a client of Exchange Online with a token.
func (x exchange) online(token string) *ews.Client {
	return ews.NewClient(bearer{x.http(), token}, x.EWSURL(simulator.Online), nil)
}

// signIn returns the token of a person who signed in to an application at
// Exchange Online.
func (x exchange) signIn(app simulator.Application, address string) string {
	x.t.Helper()
	verifier := rand.Text() + rand.Text()
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"client_id": {app.ClientID}, "response_type": {"code"}, "redirect_uri": {"http://localhost"},
		"scope": {x.scope("EWS.AccessAsUser.All") + " openid offline_access"}, "state": {"s"}, "code_challenge_method": {"S256"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])},
	}
	client := x.http()
	back, err := entra.SignIn(x.t.Context(), client, x.AuthorityURL(simulator.Online)+"/oauth2/v2.0/authorize?"+q.Encode(), address, x.Password(address), true)
	if err != nil {
		x.t.Fatal(err)
	}
	return x.redeem(client, url.Values{
		"client_id": {app.ClientID}, "grant_type": {"authorization_code"}, "redirect_uri": {"http://localhost"},
		"code": {back.Query().Get("code")}, "code_verifier": {verifier}, "scope": q["scope"],
	})
}

// appOnly returns an application's own token.
func (x exchange) appOnly(app simulator.Application) string {
	x.t.Helper()
	return x.redeem(x.http(), url.Values{
		"client_id": {app.ClientID}, "client_secret": {string(app.Secret)}, "grant_type": {"client_credentials"}, "scope": {x.scope(".default")},
	})
}

func (x exchange) scope(name string) string { return "https://outlook.office365.com/" + name }

func (x exchange) redeem(client *http.Client, form url.Values) string {
	x.t.Helper()
	resp, err := client.PostForm(x.AuthorityURL(simulator.Online)+"/oauth2/v2.0/token", form)
	if err != nil {
		x.t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		Token string `json:"access_token"`
		Error string `json:"error_description"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		x.t.Fatal(err)
	}
	if answer.Token == "" {
		x.t.Fatal(answer.Error)
	}
	return answer.Token
}

// list returns the messages of a query.
func (x exchange) list(m *ews.Mailbox, q mailbox.Query) []mailbox.Message {
	x.t.Helper()
	var list []mailbox.Message
	for msg, err := range m.Messages(x.t.Context(), q) {
		if err != nil {
			x.t.Fatal(err)
		}
		list = append(list, msg)
	}
	return list
}

// find returns the one message of a folder whose subject holds some words.
func (x exchange) find(m *ews.Mailbox, folder mailbox.FolderRef, subject string) mailbox.Message {
	x.t.Helper()
	var found []mailbox.Message
	for _, msg := range x.list(m, mailbox.Query{Folder: folder}) {
		if strings.Contains(msg.Subject, subject) {
			found = append(found, msg)
		}
	}
	if len(found) != 1 {
		x.t.Fatalf("%d messages %q in %s, want 1", len(found), subject, folder)
	}
	whole, err := m.Message(x.t.Context(), found[0].ID)
	if err != nil {
		x.t.Fatal(err)
	}
	return whole
}

// count returns how many messages of a folder have a subject with some words.
func (x exchange) count(m *ews.Mailbox, folder mailbox.FolderRef, subject string) int {
	x.t.Helper()
	n := 0
	for _, msg := range x.list(m, mailbox.Query{Folder: folder}) {
		if strings.Contains(msg.Subject, subject) {
			n++
		}
	}
	return n
}

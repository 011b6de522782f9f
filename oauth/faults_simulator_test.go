package oauth_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/simulator"
)

// A token endpoint that is busy, breaks off or shows something else is told as
// what it is, and does not keep the client from the next token. Nothing secret
// is in the error.
func TestTokenEndpointGoesWrong(t *testing.T) {
	t.Parallel()
	s, err := simulator.New(&simulator.Options{Seed: 7, Empty: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	app := s.Applications().AppOnly
	for fault, want := range map[string]error{
		`"kind": "http-503", "retry_after": "3s"`:             mailbox.ErrBusy,
		`"kind": "reset"`:                                     mailbox.ErrUnavailable,
		`"kind": "crash"`:                                     mailbox.ErrUnavailable,
		`"kind": "crash", "status": 502`:                      mailbox.ErrUnavailable,
		`"kind": "truncate", "bytes": 40`:                     mailbox.ErrUnavailable,
		`"kind": "drip", "bytes": 64, "pause": "1ms"`:         nil,
		`"kind": "delay", "delay": "10ms"`:                    nil,
		`"kind": "content-type", "content_type": "text/html"`: nil,
	} {
		t.Run(fault, func(t *testing.T) {
			hc := s.HTTPClient()
			defer hc.CloseIdleConnections()
			c := newClient(t, oauth.Config{
				Authority: s.AuthorityURL(simulator.Online), ClientID: app.ClientID, Method: oauth.ClientSecret,
				Scopes: oauth.EWSScopes(oauth.ClientSecret, ""), Secret: oauth.Secret(app.Secret), HTTPClient: hc,
			}, &memory{})
			script, err := simulator.ParseFaults(fmt.Appendf(nil,
				`{"faults": [{%s, "times": 1, "match": {"service": "token", "operation": "client_credentials", "account": "%s"}}]}`, fault, app.ClientID))
			if err != nil {
				t.Fatal(err)
			}
			struck := len(s.Strikes())
			id := s.Play(script)[0]
			defer s.RemoveFault(id)
			token, err := c.Token(t.Context())
			switch {
			case want == nil && (err != nil || token.IsZero()):
				t.Errorf("no token: %v", err)
			case !errors.Is(err, want):
				t.Errorf("got %v, want %v", err, want)
			case err != nil && (mailbox.Hint(err) == "" || strings.Contains(err.Error()+mailbox.Hint(err), string(app.Secret))):
				t.Errorf("%v\nhint: %s", err, mailbox.Hint(err))
			}
			if n := len(s.Strikes()) - struck; n != 1 {
				t.Errorf("struck %d times", n)
			}
			mustToken(t, c)
		})
	}
}

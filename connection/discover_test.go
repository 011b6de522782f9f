package connection

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/ews/autodiscover"
	"github.com/exconn/exconn/internal/tunneltest"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/simulator"
)

// discoverable starts contoso's Exchange Server under a name of its own and
// returns a draft that lacks its URL.
func discoverable(t *testing.T, host string, signIn simulator.SignInOptions) (Draft, *simulator.Simulator) {
	t.Helper()
	sim, ca := simulate(t, simulator.Options{Empty: true, Host: host, SignIn: signIn})
	at, err := url.Parse(sim.EWSURL(simulator.Server))
	if err != nil {
		t.Fatal(err)
	}
	return Draft{
		Profile: Profile{Name: "contoso", ExchangeType: Server, CAFile: ca, Login: &Login{Kind: Basic, Username: "svc-crm@contoso.example"},
			Proxy: tunneltest.To(t, host, net.JoinHostPort("127.0.0.1", at.Port()))},
		Secrets: Secrets{Password: oauth.Secret(sim.Password("svc-crm@contoso.example"))},
	}, sim
}

func TestDiscoverEWS(t *testing.T) {
	d, sim := discoverable(t, "autodiscover.contoso.example", simulator.SignInOptions{})
	if !d.Discoverable() {
		t.Fatal("the draft is not discoverable")
	}
	found, err := d.DiscoverEWS(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if found.EWSURL != sim.EWSURL(simulator.Server) || found.Way != autodiscover.SOAP {
		t.Errorf("found %s by %s", found.EWSURL, found.Way)
	}

	// JSON asks for no password; without it a wrong one is told.
	noJSON(sim)
	password := d.Secrets.Password
	d.Secrets.Password = oauth.Secret("wrong")
	if _, err := d.DiscoverEWS(t.Context()); !errors.Is(err, mailbox.ErrSignInNeeded) {
		t.Errorf("with a wrong password: %v", err)
	}

	d.Profile.CAFile, d.Secrets.Password = "", password
	var failed *autodiscover.Error
	if _, err := d.DiscoverEWS(t.Context()); !errors.As(err, &failed) || !errors.Is(err, mailbox.ErrUnavailable) || !strings.Contains(mailbox.Hint(err), "CA") {
		t.Errorf("without the CA: %v, hint %q", err, mailbox.Hint(err))
	}
}

func TestDiscoverEWSAsksAboutStrangers(t *testing.T) {
	ca := newAuthority(t)
	der, key := ca.leaf(t, time.Now().Add(time.Hour), "contoso.example")
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, ".json") {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"Protocol":"EWS","Url":"https://exchange.hoster.example/EWS/Exchange.asmx"}`)
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: der, PrivateKey: key}}}
	server.StartTLS()
	t.Cleanup(server.Close)
	d := Draft{
		Profile: Profile{Name: "contoso", ExchangeType: Server, CAFile: ca.file(t), Login: &Login{Username: "svc@contoso.example"},
			Proxy: tunneltest.To(t, "contoso.example", server.Listener.Addr().String())},
		Secrets: Secrets{Password: oauth.Secret("x")},
	}
	_, err := d.DiscoverEWS(t.Context())
	var strange *StrangeHostError
	if !errors.As(err, &strange) || !errors.Is(err, mailbox.ErrInvalid) {
		t.Fatal(err)
	}
	if hint := mailbox.Hint(err); !strings.Contains(hint, "--ews-url https://exchange.hoster.example/EWS/Exchange.asmx") {
		t.Errorf("the hint is %q", hint)
	}
}

func TestDiscoverEWSAsksNobodyBeforeMistakesAreMended(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d := Draft{Profile: Profile{Name: "no good", ExchangeType: Server, Login: &Login{Username: "svc@contoso.example"}}, Secrets: Secrets{Password: oauth.Secret("x")}}
	var fields FieldErrors
	if _, err := d.DiscoverEWS(ctx); !errors.As(err, &fields) || fields[0].Field != "name" {
		t.Error(err)
	}
}

func TestDiscoverable(t *testing.T) {
	login := &Login{Kind: Basic, Username: "svc@contoso.example"}
	for name, p := range map[string]Profile{
		"online": {ExchangeType: Online, Login: login}, "a URL": {ExchangeType: Server, EWSURL: "https://x.example/EWS", Login: login},
		"no login": {ExchangeType: Server}, "no address": {ExchangeType: Server, Login: &Login{Username: `CONTOSO\svc`}},
		"another protocol": {ExchangeType: Server, Protocol: SMTP, Login: login},
	} {
		if (Draft{Profile: p}).Discoverable() {
			t.Errorf("%s is discoverable", name)
		}
	}
}

package connection

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/exconn/exconn/connection/ntlm"
	"github.com/exconn/exconn/internal/gsstest"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/simulator"
	"github.com/exconn/exconn/simulator/httpauth"
)

const serviceUPN = "svc-crm@contoso.example"

// exchange starts contoso's Exchange Server, and drafts a connection by NTLM.
func exchange(t *testing.T, signIn simulator.SignInOptions) (*simulator.Simulator, Draft) {
	t.Helper()
	sim, ca := simulate(t, simulator.Options{SignIn: signIn})
	return sim, Draft{
		Profile: Profile{Name: "contoso", ExchangeType: Server, EWSURL: sim.EWSURL(simulator.Server), CAFile: ca,
			Login: &Login{Kind: NTLM, Username: `CONTOSO\svc-crm`}, AllowMailboxes: []string{"contoso.example"}},
		Secrets: Secrets{Password: oauth.Secret(sim.Password(serviceUPN))},
	}
}

// Thirty callers share a connection by NTLM. None sees another's handshake: each
// request would be refused that came between the legs of another.
func TestManyCallersByNTLM(t *testing.T) {
	for _, schemes := range [][]httpauth.Scheme{{httpauth.NTLM}, {httpauth.Negotiate}} {
		_, d := exchange(t, simulator.SignInOptions{Schemes: schemes, ExtendedProtection: httpauth.ProtectionRequire})
		f := newFixture(t)
		f.create(t, d)
		c := f.open(t, "contoso")
		people := []string{annaUPN, benUPN, "carla@contoso.example"}
		var group sync.WaitGroup
		errs := make([]error, 30)
		for i := range errs {
			group.Go(func() {
				for range 5 {
					errs[i] = errors.Join(errs[i], list(t, c, people[i%len(people)]))
				}
			})
		}
		group.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Errorf("%v: %v", schemes, err)
		}
	}
}

// A whole connection by Kerberos, to a server that asks for the binding.
func TestKerberosAgainstTheSimulator(t *testing.T) {
	k := gsstest.StartKDC(t)
	t.Cleanup(k.Stop)
	_, d := exchange(t, simulator.SignInOptions{KeytabFile: k.ServiceKeys, ExtendedProtection: httpauth.ProtectionRequire})
	d.Profile.Login = &Login{Kind: Kerberos, Username: gsstest.User, Krb5Conf: k.Config, SPN: gsstest.Service}
	d.Profile.Impersonation = Never
	d.Secrets.Password = oauth.Secret(gsstest.Password)
	f := newFixture(t)
	f.create(t, d)
	c := f.open(t, "contoso")
	for range 3 {
		if err := list(t, c, annaUPN); err != nil {
			t.Fatal(err)
		}
	}
	// The ticket is for a service whose key the server has not.
	if _, err := f.Update(t.Context(), "contoso", func(d *Draft) error { d.Profile.Login.SPN = "HTTP/nowhere.example.com"; return nil }); err != nil {
		t.Fatal(err)
	}
	wantErr(t, list(t, f.open(t, "contoso"), annaUPN), mailbox.ErrSignInNeeded, "HTTP/nowhere.example.com", "setspn")
}

// balancer is a load balancer before a server: it ends TLS with a certificate of
// its own, and has a connection to the server for each of a client's.
type balancer struct {
	*httptest.Server
	caFile string

	mu   sync.Mutex
	log  []string // the credentials' scheme and the status of each request
	news int      // connections of clients
}

type behindKey struct{}

// newBalancer starts a load balancer. It closes the client's connection after an
// answer that ends says so of.
func newBalancer(t *testing.T, sim *simulator.Simulator, ends func(status int) bool) *balancer {
	t.Helper()
	target, err := url.Parse(sim.EWSURL(simulator.Server))
	if err != nil {
		t.Fatal(err)
	}
	target.Path = ""
	ca := newAuthority(t)
	b := &balancer{caFile: ca.file(t)}
	b.Server = httptest.NewUnstartedServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			behind, _ := r.Context().Value(behindKey{}).(*http.Transport)
			return behind.RoundTrip(r)
		}),
		ModifyResponse: func(r *http.Response) error {
			scheme, _, _ := strings.Cut(r.Request.Header.Get("Authorization"), " ")
			b.mu.Lock()
			defer b.mu.Unlock()
			b.log = append(b.log, fmt.Sprint(scheme, r.StatusCode))
			if ends(r.StatusCode) {
				r.Header.Set("Connection", "close")
			}
			return nil
		},
		ErrorLog: quiet(),
	})
	b.Config.ErrorLog = quiet()
	b.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		behind := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: sim.CertPool()}, MaxConnsPerHost: 1}
		t.Cleanup(behind.CloseIdleConnections)
		b.mu.Lock()
		defer b.mu.Unlock()
		b.news++
		return context.WithValue(ctx, behindKey{}, behind)
	}
	der, key := ca.leaf(t, time.Now().Add(time.Hour), "127.0.0.1")
	b.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: der, PrivateKey: key}}}
	b.StartTLS()
	t.Cleanup(b.Close)
	return b
}

func (b *balancer) seen() (log string, connections int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	log, connections = strings.Join(b.log, " "), b.news
	b.log, b.news = nil, 0
	return log, connections
}

// through is a draft of a connection by way of the balancer.
func (b *balancer) through(d Draft) Draft {
	d.Profile.EWSURL, d.Profile.CAFile = b.URL+"/EWS/Exchange.asmx", b.caFile
	return d
}

func never(int) bool { return false }

// A load balancer that ends TLS itself is a man in the middle to Extended
// Protection, and the answer does not say so: the hint has to.
func TestNTLMThroughATLSTerminator(t *testing.T) {
	sim, d := exchange(t, simulator.SignInOptions{ExtendedProtection: httpauth.ProtectionRequire})
	f := newFixture(t)
	f.create(t, newBalancer(t, sim, never).through(d))
	wantErr(t, list(t, f.open(t, "contoso"), annaUPN), mailbox.ErrSignInNeeded, "401", "Extended Protection")
}

// Without keep-alive each request costs a handshake, and works; without it in
// the midst of a handshake nothing can work, which is told.
func TestNTLMWithoutKeepAlive(t *testing.T) {
	sim, d := exchange(t, simulator.SignInOptions{ExtendedProtection: httpauth.ProtectionNone})
	f := newFixture(t)
	late := newBalancer(t, sim, func(status int) bool { return status == http.StatusOK })
	f.create(t, late.through(d))
	c := f.open(t, "contoso")
	for range 3 {
		if err := list(t, c, annaUPN); err != nil {
			t.Fatal(err)
		}
		if log, connections := late.seen(); log != "NTLM401 NTLM200" || connections != 1 {
			t.Errorf("the balancer saw %q on %d connections", log, connections)
		}
	}

	always := newBalancer(t, sim, func(int) bool { return true })
	d.Profile.Name = "always"
	f.create(t, always.through(d))
	err := list(t, f.open(t, "always"), annaUPN)
	wantErr(t, err, mailbox.ErrUnavailable, "in the middle of the NTLM handshake", "must keep connections alive")
	var lost *ntlm.LostConnectionError
	if log, _ := always.seen(); !errors.As(err, &lost) || strings.Contains(log, "200") {
		t.Errorf("%v; the balancer saw %q", err, log)
	}
}

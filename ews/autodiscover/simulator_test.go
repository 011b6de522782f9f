package autodiscover_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/exconn/exconn/ews/autodiscover"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/simulator"
)

// reach returns a client for which a host is where a tenant of the simulator
// is, and nothing else is anywhere.
func reach(t *testing.T, s *simulator.Simulator, host string, tenant simulator.Tenant) *http.Client {
	t.Helper()
	at, err := url.Parse(s.EWSURL(tenant))
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{
		// The simulator's certificate is for localhost.
		TLSClientConfig: &tls.Config{RootCAs: s.CertPool(), ServerName: "localhost"},
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if addr != host+":443" && addr != at.Host {
				return nil, &net.DNSError{Err: "no such host", Name: addr, IsNotFound: true}
			}
			return new(net.Dialer).DialContext(ctx, network, at.Host)
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

type noDNS struct{}

func (noDNS) LookupSRV(_ context.Context, _, _, name string) (string, []*net.SRV, error) {
	return "", nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func simulated(t *testing.T) *simulator.Simulator {
	t.Helper()
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
	return s
}

func TestSimulatedExchangeServer(t *testing.T) {
	s := simulated(t)
	password := string(s.Password("svc-crm@contoso.example"))
	opts := &autodiscover.Options{
		HTTPClient: reach(t, s, "autodiscover.contoso.example", simulator.Server), Resolver: noDNS{},
		Authorize: func(r *http.Request) error { r.SetBasicAuth(`CONTOSO\svc-crm`, password); return nil },
	}
	// Anna is known by another address too.
	found, err := autodiscover.Discover(t.Context(), "anna.albrecht@contoso.example", opts)
	if err != nil {
		t.Fatal(err)
	}
	if found.EWSURL != s.EWSURL(simulator.Server) || found.SMTPAddress != "anna@contoso.example" || found.Way != autodiscover.SOAP || found.Version == nil || found.Version.Major != 15 {
		t.Errorf("found %+v", found)
	}
	if !found.Stranger {
		t.Error("the simulator's host is outside the domain, and no stranger")
	}

	if _, err = autodiscover.Discover(t.Context(), "nobody@contoso.example", opts); !errors.Is(err, mailbox.ErrNotFound) || mailbox.Code(err) != "InvalidUser" {
		t.Errorf("nobody: %v", err)
	}
	password = "wrong"
	opts.NoOnline = true
	found, err = autodiscover.Discover(t.Context(), "anna@contoso.example", opts)
	if err != nil || found.Way != autodiscover.JSON {
		t.Fatalf("without a password JSON must do: %v, %v", found, err)
	}
	for _, a := range found.Attempts {
		if strings.Contains(a.String(), "refused") {
			return
		}
	}
	t.Errorf("no attempt tells of the wrong password: %v", found.Attempts)
}

// POX where SOAP is not let through, as behind some reverse proxies.
func TestSimulatedPOX(t *testing.T) {
	s := simulated(t)
	client := reach(t, s, "contoso.example", simulator.Server)
	opts := &autodiscover.Options{
		HTTPClient: blocked{client, ".svc"}, Resolver: noDNS{},
		Authorize: func(r *http.Request) error {
			r.SetBasicAuth("svc-crm@contoso.example", string(s.Password("svc-crm@contoso.example")))
			return nil
		},
	}
	found, err := autodiscover.Discover(t.Context(), "ben@contoso.example", opts)
	if err != nil {
		t.Fatal(err)
	}
	if found.Way != autodiscover.POX || found.ExternalEWSURL != s.EWSURL(simulator.Server) || found.InternalEWSURL == "" ||
		found.DisplayName != "Ben Castillo" || found.Version == nil || found.Version.MajorBuild == 0 {
		t.Errorf("found %+v", found)
	}
}

// blocked is a client whose proxy answers 404 for some paths.
type blocked struct {
	*http.Client
	suffix string
}

func (b blocked) Do(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, b.suffix) {
		return &http.Response{StatusCode: 404, Header: http.Header{}, Body: http.NoBody}, nil
	}
	return b.Client.Do(r)
}

func TestSimulatedExchangeOnline(t *testing.T) {
	s := simulated(t)
	opts := &autodiscover.Options{HTTPClient: reach(t, s, "outlook.office365.com", simulator.Online), Resolver: noDNS{}}
	found, err := autodiscover.Discover(t.Context(), "erik@fabrikam.example", opts)
	if err != nil {
		t.Fatal(err)
	}
	if found.Way != autodiscover.JSON || found.EWSURL != s.EWSURL(simulator.Online) {
		t.Errorf("found %+v", found)
	}
	if _, err := autodiscover.Discover(t.Context(), "nobody@fabrikam.example", opts); !errors.Is(err, mailbox.ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
}

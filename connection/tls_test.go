package connection

import (
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/mailbox"
)

func TestTLSErrors(t *testing.T) {
	ours, others := newAuthority(t), newAuthority(t)
	soon := time.Now().Add(time.Hour)
	for _, c := range []struct {
		name         string
		until        time.Time
		hosts        []string
		ca           *authority
		plain        bool
		text, hint   string
		tooOld, fine bool
	}{
		{name: "fits", until: soon, hosts: []string{"127.0.0.1"}, ca: ours, fine: true},
		{name: "unknown authority", until: soon, hosts: []string{"127.0.0.1"}, text: "an authority that is not trusted here (CN=server, issued by CN=Test Authority)", hint: "exconn connection edit --name crm --ca-file FILE"},
		{name: "another CA file", until: soon, hosts: []string{"127.0.0.1"}, ca: others, text: "not trusted here", hint: "ca.pem does not hold the authority that signed this certificate"},
		{name: "another host", until: soon, hosts: []string{"mail.example.com"}, ca: ours, text: `not for this host, but for ["mail.example.com"]`, hint: "--ews-url"},
		{name: "expired", until: time.Now().Add(-time.Hour), hosts: []string{"127.0.0.1"}, ca: ours, text: "its certificate expired on 20", hint: "renew"},
		{name: "not yet", until: time.Now().Add(72 * time.Hour), hosts: []string{"127.0.0.1"}, ca: ours, text: "is valid only from", hint: "clock"},
		{name: "no TLS", plain: true, ca: ours, text: "does not speak TLS", hint: "port"},
		{name: "too old", until: soon, hosts: []string{"127.0.0.1"}, ca: ours, tooOld: true, text: "handshake", hint: ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			server.Config.ErrorLog = quiet()
			if c.plain {
				server.Start()
			} else {
				der, key := ours.leaf(t, c.until, c.hosts...)
				server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: der, PrivateKey: key}}, MinVersion: tls.VersionTLS10}
				if c.tooOld {
					server.TLS.MaxVersion = tls.VersionTLS11
				}
				server.StartTLS()
			}
			t.Cleanup(server.Close)
			p := Profile{Name: "crm"}
			if c.ca != nil {
				p.CAFile = c.ca.file(t)
			}
			base, err := newTransport(p)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(base.CloseIdleConnections)
			hc := &http.Client{Transport: &explainTLS{base: base, profile: p}}
			resp, err := hc.Get("https://" + server.Listener.Addr().String())
			if c.fine {
				if err != nil {
					t.Fatal(err)
				}
				_ = resp.Body.Close()
				return
			}
			if c.tooOld {
				if err == nil {
					t.Fatal("TLS 1.1 was accepted")
				}
				return
			}
			var te *TLSError
			if !errors.As(err, &te) {
				t.Fatalf("%v, want a *TLSError", err)
			}
			wantErr(t, te, mailbox.ErrUnavailable, c.text, c.hint)
			if !strings.Contains(te.Error(), server.Listener.Addr().String()) {
				t.Errorf("%v does not name the server", te)
			}
		})
	}
}

func TestOtherNetworkErrorsStayWhatTheyAre(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	address := server.URL
	server.Close()
	base, err := newTransport(Profile{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = (&http.Client{Transport: &explainTLS{base: base}}).Get(address)
	var te *TLSError
	if err == nil || errors.As(err, &te) {
		t.Errorf("a refused connection: %v, want no *TLSError", err)
	}
}

func TestProxy(t *testing.T) {
	asked := make(chan string, 1)
	proxy := serve(t, func(_ http.ResponseWriter, r *http.Request) { asked <- r.RequestURI })
	base, err := newTransport(Profile{Proxy: proxy.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(base.CloseIdleConnections)
	resp, err := (&http.Client{Transport: base}).Get("http://mail.invalid/EWS/Exchange.asmx")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if got := <-asked; got != "http://mail.invalid/EWS/Exchange.asmx" {
		t.Errorf("the proxy was asked for %q", got)
	}
	t.Setenv("HTTP_PROXY", proxy.URL)
	if base, err = newTransport(Profile{Proxy: noProxy}); err != nil || base.Proxy != nil {
		t.Errorf("the proxy none: %v, and the environment's is used: %v", err, base.Proxy != nil)
	}
}

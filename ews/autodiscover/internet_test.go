package autodiscover

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	anna   = "anna@contoso.example"
	secret = "Bearer canary-4711"
)

// internet is a small one: hosts by name, each with a handler, real TLS with a
// CA of its own, and a DNS.
type internet struct {
	t       *testing.T
	sites   map[string]http.Handler // "https://host" or "http://host"
	records []*net.SRV
	client  *http.Client

	mu   sync.Mutex
	seen []visit
}

type visit struct {
	url, method, body string
	signed            bool
}

// connect starts the internet. Hosts whose name begins with "badcert." show a
// certificate that is not theirs.
func connect(t *testing.T, sites map[string]http.Handler) *internet {
	t.Helper()
	n := &internet{t: t, sites: sites}
	var names []string
	for site := range sites {
		_, host, _ := strings.Cut(site, "://")
		if !strings.HasPrefix(host, "badcert.") {
			names = append(names, host)
		}
	}
	pair, pool := certificate(t, names)
	serve := func(scheme string) *httptest.Server {
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { n.serve(scheme, w, r) }))
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		return s
	}
	plain, secure := serve("http"), serve("https")
	secure.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	plain.Start()
	secure.StartTLS()
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool},
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			host, port, err := net.SplitHostPort(addr)
			if err != nil {
				return nil, err
			}
			to, scheme := secure.Listener.Addr().String(), "https://"
			if port == "80" {
				to, scheme = plain.Listener.Addr().String(), "http://"
			}
			if _, ok := sites[scheme+host]; !ok {
				return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
			}
			return new(net.Dialer).DialContext(ctx, network, to)
		},
	}
	n.client = &http.Client{Transport: transport}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		plain.Close()
		secure.Close()
	})
	return n
}

func (n *internet) serve(scheme string, w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		n.t.Error(err)
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	n.mu.Lock()
	n.seen = append(n.seen, visit{scheme + "://" + r.Host + r.URL.RequestURI(), r.Method, string(body), r.Header.Get("Authorization") != ""})
	n.mu.Unlock()
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	w.Header().Set("request-id", "7d1a-"+host)
	n.sites[scheme+"://"+host].ServeHTTP(w, r)
}

func (n *internet) LookupSRV(_ context.Context, service, proto, name string) (string, []*net.SRV, error) {
	if service != "autodiscover" || proto != "tcp" {
		n.t.Errorf("looked up %s %s", service, proto)
	}
	if len(n.records) == 0 {
		return "", nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return name, n.records, nil
}

// options are those of a client with credentials.
func (n *internet) options() *Options {
	return &Options{HTTPClient: n.client, Resolver: n, Authorize: func(r *http.Request) error {
		r.Header.Set("Authorization", secret)
		return nil
	}}
}

// visits returns what was asked, in order.
func (n *internet) visits() []visit {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.seen)
}

// signedHosts are those that have seen the credentials.
func (n *internet) signedHosts() []string {
	var hosts []string
	for _, v := range n.visits() {
		if host := strings.Join(strings.SplitN(v.url, "/", 4)[:3], "/"); v.signed && !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	slices.Sort(hosts)
	return hosts
}

func certificate(t *testing.T, names []string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: append(names, "unused.example"), IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// exchange is a host with Autodiscover. Fields that are nil answer 404.
type exchange struct {
	soap, pox, json http.HandlerFunc
	// open wants no credentials for SOAP and POX.
	open bool
}

func (e exchange) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := map[bool]http.HandlerFunc{
		strings.HasSuffix(r.URL.Path, ".svc"): e.soap, strings.HasSuffix(r.URL.Path, ".xml"): e.pox,
		strings.Contains(r.URL.Path, ".json"): e.json,
	}[true]
	switch {
	case h == nil:
		http.NotFound(w, r)
	case !e.open && !strings.Contains(r.URL.Path, ".json") && r.Header.Get("Authorization") != secret:
		w.Header().Add("WWW-Authenticate", `Basic realm="contoso"`)
		w.Header().Add("WWW-Authenticate", "NTLM")
		w.WriteHeader(http.StatusUnauthorized)
	default:
		h(w, r)
	}
}

// says answers with a body.
func says(contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		io.WriteString(w, body)
	}
}

func status(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
	}
}

// to redirects by HTTP.
func to(url string) http.HandlerFunc { return status(http.StatusFound, "Location", url) }

// The answers of the services.

func soapSettings(ews string) http.HandlerFunc {
	return soapUser("NoError", "", fmt.Sprintf(`<UserSetting i:type="StringSetting"><Name>ExternalEwsUrl</Name><Value>%s</Value></UserSetting>`, ews))
}

func soapUser(code, target, settings string) http.HandlerFunc {
	return says("text/xml; charset=utf-8", `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header>`+
		`<h:ServerVersionInfo xmlns:h="http://schemas.microsoft.com/exchange/2010/Autodiscover"><h:MajorVersion>15</h:MajorVersion><h:MinorVersion>2</h:MinorVersion><h:MajorBuildNumber>1544</h:MajorBuildNumber><h:MinorBuildNumber>4</h:MinorBuildNumber><h:Version>V2017_07_11</h:Version></h:ServerVersionInfo>`+
		`</s:Header><s:Body><GetUserSettingsResponseMessage xmlns="http://schemas.microsoft.com/exchange/2010/Autodiscover"><Response xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><ErrorCode>NoError</ErrorCode><ErrorMessage/>`+
		`<UserResponses><UserResponse><ErrorCode>`+code+`</ErrorCode><ErrorMessage>What the server says.</ErrorMessage><RedirectTarget>`+target+`</RedirectTarget><UserSettingErrors/><UserSettings>`+settings+`</UserSettings></UserResponse></UserResponses>`+
		`</Response></GetUserSettingsResponseMessage></s:Body></s:Envelope>`)
}

func pox(account string) http.HandlerFunc {
	return says("text/xml", `<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">`+
		`<Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a">`+account+`</Response></Autodiscover>`)
}

func poxSettings(ews string) http.HandlerFunc {
	return pox(`<User><DisplayName>Anna</DisplayName></User><Account><Action>settings</Action><Protocol><Type>EXPR</Type><EwsUrl>` + ews + `</EwsUrl></Protocol></Account>`)
}

func jsonSettings(ews string) http.HandlerFunc {
	return says("application/json", `{"Protocol":"EWS","Url":"`+ews+`"}`)
}

package main

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/exconn/exconn/simulator"
)

// browserPatience is how long a page, a tab or a command may take. Nothing is
// judged by it: it only ends a test that waits for what never comes.
const browserPatience = 60 * time.Second

// browserSuite is what the tests of the sign-in by browser share: a pretend
// Exchange with its Entra, the web server of a CRM on another origin, and one
// browser, in which every test has a profile of its own.
type browserSuite struct {
	sim    *simulator.Simulator
	grants *grantLog
	caFile string
	crm    *crmSite
	chrome context.Context
	// shots is where pictures of the pages are kept, for a person to look at:
	// the folder that EXCONN_SCREENSHOTS names, or "" for none.
	shots string
}

func newBrowserSuite(t *testing.T) *browserSuite {
	t.Helper()
	s := &browserSuite{grants: &grantLog{}, shots: os.Getenv("EXCONN_SCREENSHOTS")}
	if s.shots != "" {
		if err := os.MkdirAll(s.shots, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	program := chromium(t)
	var err error
	if s.sim, err = simulator.New(&simulator.Options{Logger: slog.New(s.grants)}); err != nil {
		t.Fatal(err)
	}
	if err := s.sim.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.sim.Close() })
	if s.caFile, err = s.sim.CAFile(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	s.crm = newCRMSite(t)
	if err := s.sim.RegisterRedirect(s.crm.callback()); err != nil {
		t.Fatal(err)
	}
	s.chrome = launch(t, program, s.loginHost(t), s.crm)
	return s
}

// loginHost is host:port of the pretend Entra.
func (s *browserSuite) loginHost(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(s.sim.AuthorityURL(simulator.Server))
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

// chromium finds the browser. Where there is none the tests cannot be run, and
// only CI must not overlook that.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const missing = "no Chromium here for the sign-in pages: run make deps"
	if os.Getenv("CI") != "" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

// launch starts the browser. It may reach the pretend Entra, the CRM's web
// server and localhost, and no other name resolves.
//
// The CRM's address counts as one in the public internet, and the rules for
// access from there to this machine (Local Network Access) are on: that is the
// hardest case for the hand-over to the waiting program.
func launch(t *testing.T, program, loginHost string, crm *crmSite) context.Context {
	t.Helper()
	// The two certificates are named by their keys, so that neither the system
	// nor the user has to trust them, and no other certificate is excused.
	keys := []string{keyHash(servedCertificate(t, loginHost)), keyHash(crm.server.Certificate())}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(program), chromedp.Headless, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.NoSandbox, // containers and root have no user namespaces for it
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("password-store", "basic"),
		chromedp.Flag("ignore-certificate-errors-spki-list", strings.Join(keys, ",")),
		chromedp.Flag("host-resolver-rules", "MAP "+crmName+" 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost"),
		chromedp.Flag("enable-features", "LocalNetworkAccessChecks"),
		chromedp.Flag("ip-address-space-overrides", crm.server.Listener.Addr().String()+"=public"),
		chromedp.WindowSize(1280, 800),
	)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithErrorf(func(string, ...any) {}))
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("%s does not start: %v", program, err)
	}
	return ctx
}

// servedCertificate is what a server shows. It is not verified here: the
// command does that with the CA file.
func servedCertificate(t *testing.T, host string) *x509.Certificate {
	t.Helper()
	conn, err := tls.Dial("tcp", host, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // nothing was written
	return conn.ConnectionState().PeerCertificates[0]
}

// keyHash names a certificate's key as Chromium's flag does.
func keyHash(c *x509.Certificate) string {
	sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, condition func() (bool, error)) {
	t.Helper()
	deadline := time.Now().Add(browserPatience)
	var last error
	for time.Now().Before(deadline) {
		ok, err := condition()
		if ok {
			return
		}
		last = err
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal(errors.Join(fmt.Errorf("waited in vain for %s", what), last))
}

// grantLog hears from the pretend Entra what it issued and refused.
type grantLog struct {
	mu      sync.Mutex
	records []string
}

// Enabled implements slog.Handler.
func (g *grantLog) Enabled(context.Context, slog.Level) bool { return true }

// Handle implements slog.Handler.
func (g *grantLog) Handle(_ context.Context, r slog.Record) error {
	line := r.Message
	r.Attrs(func(a slog.Attr) bool { line += " " + a.String(); return true })
	g.mu.Lock()
	defer g.mu.Unlock()
	g.records = append(g.records, line)
	return nil
}

// WithAttrs implements slog.Handler.
func (g *grantLog) WithAttrs([]slog.Attr) slog.Handler { return g }

// WithGroup implements slog.Handler.
func (g *grantLog) WithGroup(string) slog.Handler { return g }

// count is how many codes were redeemed, or tried to be, up to now.
func (g *grantLog) count(t *testing.T) (redeemed, refused int) {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, line := range g.records {
		switch {
		case strings.HasPrefix(line, "token issued") && strings.Contains(line, "grant=authorization_code"):
			redeemed++
		case strings.HasPrefix(line, "refused") && strings.Contains(line, "/token"):
			refused++
		}
	}
	return redeemed, refused
}

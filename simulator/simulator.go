// Package simulator is a pretend Exchange: two organisations with mailboxes,
// calendars and rights in memory, Exchange Web Services over them, and a
// pretend Microsoft Entra to sign in to. Tests, demos and people who want to
// try the client talk to it over https as they would to the real thing.
//
// The story of a run:
//
//  1. New makes the world: mailboxes with believable mail and calendars,
//     accounts and applications with their rights, a certificate authority of
//     its own.
//  2. Start opens three addresses on the loopback interface: Entra, contoso's
//     Exchange Server, and fabrikam's Exchange Online.
//  3. Clients trust the CA (CAFile), sign in (AuthorityURL) and use EWS
//     (EWSURL).
//  4. Fail makes chosen requests go wrong.
//  5. Close ends it all; nothing is kept but, on request, the CA.
//
// It behaves as Microsoft's documentation says Exchange does, or as Exchange has
// been seen to do; where it is simpler, the comment says so. It shares no code
// with the client, so that one misunderstanding cannot confirm itself.
//
// Contoso (Server) has hybrid modern authentication and Basic, and a service
// account with ApplicationImpersonation over three of its mailboxes. Fabrikam
// (Online) is as of late 2026: no impersonation by a person's token, applications
// in their own right must impersonate, and EWS is open to listed applications
// alone.
package simulator

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/simulator/entra"
)

// Options configure a Simulator. The zero value is usable.
type Options struct {
	// Seed decides all ids and all content, together with the time. Zero means
	// a new one.
	Seed uint64
	// Now is the clock of mailboxes and tokens; nil means time.Now.
	Now func() time.Time
	// Empty leaves the mailboxes without mail and events.
	Empty bool
	// LoginAddr, ServerAddr and OnlineAddr are where to listen, such as
	// "127.0.0.1:8443". Empty means any free port of 127.0.0.1.
	LoginAddr, ServerAddr, OnlineAddr string
	// Host is the name in all URLs; empty means "localhost". It must lead to
	// the addresses above, and is put into the certificate. It must not
	// contain the word "token", over which a popular client library stumbles.
	Host string
	// CADir is a folder that keeps the certificate authority from run to run;
	// empty means a new one, in memory alone.
	CADir string
	// Password is that of all accounts and the secret of all applications;
	// empty means that each gets a random one of its own.
	Password entra.Secret
	// TokenLifetime and OneTimeRefreshTokens are passed on to Entra.
	TokenLifetime        time.Duration
	OneTimeRefreshTokens bool
	// Heartbeat and StreamMinute are passed on to ewsserver: how often a quiet
	// stream of events shows that it is alive, and how long a minute of its
	// ConnectionTimeout lasts.
	Heartbeat, StreamMinute time.Duration
	// ServerVersion is what contoso's Exchange Server says that it is; the zero
	// value means a current one.
	ServerVersion ewsserver.Version
	// Record is given every EWS request with its answer, whole in memory.
	Record func(Recorded)
	// Logger hears of requests and failures, without secrets. Nil means none.
	Logger *slog.Logger
}

// Recorded is one EWS request with its answer.
type Recorded struct {
	Tenant    Tenant
	Operation string
	Status    int
	// Request and Response are the bodies before compression.
	Request, Response []byte
}

// Simulator is a pretend Exchange. It is safe for concurrent use.
type Simulator struct {
	opts      Options
	ca        *authority
	state     *state
	tenants   map[Tenant]*tenant
	accounts  []Account
	apps      Applications
	directory *entra.Directory
	entra     *entra.Server
	handlers  map[Tenant]http.Handler
	faults    faults

	mu      sync.Mutex
	started bool
	hosts   map[string]string // "login" or a tenant to host:port
	servers []*http.Server
	serving sync.WaitGroup
}

// New makes a Simulator. It does no I/O but for CADir, and listens to nothing
// yet. A nil opts means the defaults.
func New(opts *Options) (*Simulator, error) {
	s := &Simulator{accounts: slices.Clone(accounts), apps: applications, directory: entra.NewDirectory(), hosts: map[string]string{}}
	if opts != nil {
		s.opts = *opts
	}
	if s.opts.Now == nil {
		s.opts.Now = time.Now
	}
	if s.opts.Seed == 0 {
		s.opts.Seed = rand.Uint64()
	}
	if s.opts.Host == "" {
		s.opts.Host = "localhost"
	}
	if strings.Contains(strings.ToLower(s.opts.Host), "token") {
		return nil, fmt.Errorf("simulator: the host name %s contains the word token; take another", s.opts.Host)
	}
	if s.opts.Logger == nil {
		s.opts.Logger = slog.New(slog.DiscardHandler)
	}
	var err error
	if s.ca, err = loadAuthority(s.opts.CADir, time.Now()); err != nil {
		return nil, fmt.Errorf("simulator: %w", err)
	}
	s.entra = entra.New(s.directory, &entra.Options{
		Now: s.opts.Now, TokenLifetime: s.opts.TokenLifetime, OneTimeRefreshTokens: s.opts.OneTimeRefreshTokens, Logger: s.opts.Logger,
	})
	s.state = newState(s.opts.Now, s.opts.Seed)
	s.tenants = newWorld(s.state)
	if !s.opts.Empty {
		if err := s.state.seed(); err != nil {
			return nil, fmt.Errorf("simulator: %w", err)
		}
	}
	s.handlers = map[Tenant]http.Handler{}
	for kind := range s.tenants {
		s.handlers[kind] = s.newHandler(kind)
	}
	return s, nil
}

// newHandler makes the EWS and Autodiscover endpoints of a tenant.
func (s *Simulator) newHandler(kind Tenant) http.Handler {
	b := &backend{
		st: s.state, tenant: s.tenants[kind], verify: s.entra.Verify, password: s.directory.User,
		authority: func() string { return s.AuthorityURL(kind) },
	}
	opts := &ewsserver.Options{
		Version: s.opts.ServerVersion, ServerName: "EX1.CONTOSO.EXAMPLE",
		Heartbeat: s.opts.Heartbeat, StreamMinute: s.opts.StreamMinute,
		Now: s.opts.Now, Logger: s.opts.Logger, Intercept: s.faults.intercept(kind),
	}
	if kind == Online {
		opts.Version, opts.ServerName = ewsserver.ExchangeOnline, "AM0PR01CA0001.PROD.FABRIKAM.EXAMPLE"
	}
	if record := s.opts.Record; record != nil {
		opts.Observe = func(e ewsserver.Exchange) {
			record(Recorded{kind, e.Operation, e.Status, plain(e.Request), plain(e.Response)})
		}
	}
	return s.withAutodiscover(b, opts, s.faults.wrap(ewsserver.NewHandler(b, opts)))
}

// plain undoes gzip, which is all that EWS is compressed with.
func plain(body []byte) []byte {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return body // not compressed
	}
	out, err := io.ReadAll(z)
	if err != nil {
		return body // cut off by a fault
	}
	return out
}

// Handler returns EWS and Autodiscover of a tenant, to be served some other way
// than by Start. Without Start nobody can sign in.
func (s *Simulator) Handler(t Tenant) http.Handler { return s.handlers[t] }

// Start opens the three addresses and serves them until Close. It can be called
// once.
func (s *Simulator) Start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.started {
		return errors.New("simulator: it was started already")
	}
	s.started = true
	cert, err := s.ca.issue(time.Now(), []string{s.opts.Host})
	if err != nil {
		return fmt.Errorf("simulator: %w", err)
	}
	var listeners []net.Listener
	closeAll := func() {
		for _, l := range listeners {
			l.Close()
		}
	}
	for _, each := range []struct{ name, addr string }{
		{"login", s.opts.LoginAddr}, {string(Server), s.opts.ServerAddr}, {string(Online), s.opts.OnlineAddr},
	} {
		if each.addr == "" {
			each.addr = "127.0.0.1:0"
		}
		l, err := net.Listen("tcp", each.addr)
		if err != nil {
			closeAll()
			return fmt.Errorf("simulator: listening for %s at %s: %w", each.name, each.addr, err)
		}
		listeners = append(listeners, l)
		_, port, err := net.SplitHostPort(l.Addr().String())
		if err != nil {
			closeAll()
			return fmt.Errorf("simulator: %w", err)
		}
		s.hosts[each.name] = net.JoinHostPort(s.opts.Host, port)
	}
	server, online := "https://"+s.hosts[string(Server)], "https://"+s.hosts[string(Online)]
	if err := s.fillDirectory(server, online); err != nil {
		closeAll()
		return fmt.Errorf("simulator: %w", err)
	}
	s.state.mu.Lock()
	s.tenants[Server].audiences = []string{server}
	s.tenants[Online].audiences = []string{onlineResource, "https://outlook.office.com", entra.ExchangeOnlineAppID, online}
	s.state.mu.Unlock()
	for i, h := range []http.Handler{s.entra, s.handlers[Server], s.handlers[Online]} {
		s.serve(listeners[i], h, cert)
	}
	return nil
}

func (s *Simulator) serve(l net.Listener, h http.Handler, cert tls.Certificate) {
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: 30 * time.Second,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12},
		// HTTP/1.1 alone: connections can then be reset by a fault, and NTLM,
		// which authenticates connections, needs it as well.
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){},
		ErrorLog:     slog.NewLogLogger(s.opts.Logger.Handler(), slog.LevelDebug),
	}
	s.servers = append(s.servers, server)
	s.serving.Add(1)
	go func() {
		defer s.serving.Done()
		if err := server.ServeTLS(l, "", ""); !errors.Is(err, http.ErrServerClosed) {
			s.opts.Logger.Error("the simulator stopped serving", "address", l.Addr().String(), "error", err)
		}
	}()
}

// Close ends all connections and returns when nothing runs any more.
func (s *Simulator) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var problems []error
	for _, server := range s.servers {
		ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
		if server.Shutdown(ctx) != nil {
			problems = append(problems, server.Close())
		}
		cancel()
	}
	s.servers = nil
	s.serving.Wait()
	return errors.Join(problems...)
}

// EWSURL is the address of a tenant's EWS. It is known after Start.
func (s *Simulator) EWSURL(t Tenant) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return "https://" + s.hosts[string(t)] + ewsserver.Path
}

// AuthorityURL is where a tenant's people sign in. It is known after Start.
func (s *Simulator) AuthorityURL(t Tenant) string { return s.Authority(s.tenants[t].domain) }

// Authority is the authority for an account type: "common", "organizations", a
// tenant id or a domain. It is known after Start.
func (s *Simulator) Authority(accountType string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return "https://" + s.hosts["login"] + "/" + accountType
}

// Directory is the pretend Entra's, for tests that reset a password, disable a
// user or let a secret expire.
func (s *Simulator) Directory() *entra.Directory { return s.directory }

// CAPEM returns the certificate of the simulator's CA.
func (s *Simulator) CAPEM() []byte { return slices.Clone(s.ca.pem) }

// CAFile writes the certificate of the CA into a folder and returns its path.
func (s *Simulator) CAFile(dir string) (string, error) {
	path := filepath.Join(dir, caFile)
	if err := os.WriteFile(path, s.ca.pem, 0o644); err != nil {
		return "", fmt.Errorf("simulator: writing the CA's certificate: %w", err)
	}
	return path, nil
}

// CertPool returns a pool that holds the simulator's CA alone.
func (s *Simulator) CertPool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.ca.cert)
	return pool
}

// HTTPClient returns a new client that trusts the simulator's CA. Its owner
// closes its idle connections.
func (s *Simulator) HTTPClient() *http.Client {
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: s.CertPool(), MinVersion: tls.VersionTLS12}}}
}

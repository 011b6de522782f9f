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
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/simulator/entra"
	"github.com/exconn/exconn/simulator/httpauth"
)

// Options configure a Simulator. The zero value is usable.
type Options struct {
	// Seed decides all ids and all content, together with the time. Zero means
	// a new one.
	Seed uint64
	// Now is the clock of mailboxes and tokens; nil means time.Now.
	Now func() time.Time
	// Empty leaves the mailboxes without mail and events, but for those that
	// Mailboxes adds.
	Empty bool
	// Mailboxes is how many mailboxes there are besides those of Accounts, half
	// of them at each organisation, and Messages how many messages each of them
	// has at the beginning. Zero means none.
	Mailboxes, Messages int
	// Limits are what an admin sets limits to, and Delays what takes its time
	// after a send.
	Limits Limits
	Delays Delays
	// State is a file that keeps everything from run to run: mailboxes, ids,
	// sync states, rights, passwords, refresh tokens and keys. It is made where
	// it does not exist, and then goes before Seed, Empty, Mailboxes and
	// Messages, which must not contradict it. What was answered is in it, even
	// if the process is killed; a failure of the power can damage it.
	// Subscriptions to events are not kept, nor sign-ins that are under way.
	// Empty means memory alone.
	State string
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
	// MaxRequest is passed on to ewsserver: the most bytes that an EWS request
	// may have. Zero means 64 MiB.
	MaxRequest int64
	// ServerVersion is what contoso's Exchange Server says that it is; the zero
	// value means a current one.
	ServerVersion ewsserver.Version
	// SignIn says how contoso's people sign in to their Exchange Server.
	SignIn SignInOptions
	// ExternalHost is the host in the external address of contoso's Exchange
	// Server, such as "mail.contoso.example": tokens for it are had and taken
	// besides those for where the server really is. Empty means none.
	ExternalHost string
	// Federation is about contoso's AD FS.
	Federation FederationOptions
	// Cloud is the cloud that fabrikam is in, whose names Exchange Online and
	// Graph have in tokens. Empty means the worldwide one.
	Cloud entra.Cloud
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
	// Spoilt: a Fault has befallen the request, or the client broke off.
	Spoilt bool
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
	adfs      *entra.ADFS
	handlers  map[Tenant]http.Handler
	signIn    *httpauth.Authenticator
	faults    faults
	beginning beginning
	keeper    *keeper // nil without Options.State
	// ahead is how far the clock was set forward, in nanoseconds.
	ahead atomic.Int64

	mu      sync.Mutex
	started bool
	hosts   map[string]string // "login" or a tenant to host:port
	servers []*http.Server
	serving sync.WaitGroup
}

// New makes a Simulator. It does no I/O but for CADir and State, and listens to
// nothing yet. A nil opts means the defaults. Close it, even if it was never
// started.
func New(opts *Options) (*Simulator, error) {
	s, err := newSimulator(opts)
	if err != nil && s != nil && s.keeper != nil {
		err = errors.Join(err, s.keeper.journal.Close())
	}
	if err != nil {
		return nil, fmt.Errorf("simulator: %w", err)
	}
	return s, nil
}

// newSimulator is New. Where it fails, what it returns may have opened its
// state file.
func newSimulator(opts *Options) (*Simulator, error) {
	s := &Simulator{accounts: slices.Clone(accounts), apps: applications, hosts: map[string]string{}}
	if opts != nil {
		s.opts = *opts
	}
	if s.opts.Cloud == "" {
		s.opts.Cloud = entra.Global
	}
	if !slices.Contains(entra.Clouds(), s.opts.Cloud) {
		return nil, fmt.Errorf("there is no cloud %q; there are %v", s.opts.Cloud, entra.Clouds())
	}
	s.directory = entra.NewDirectoryIn(s.opts.Cloud)
	if s.opts.Now == nil {
		s.opts.Now = time.Now
	}
	clock := s.opts.Now
	s.opts.Now = func() time.Time { return clock().Add(time.Duration(s.ahead.Load())) }
	if s.opts.Host == "" {
		s.opts.Host = "localhost"
	}
	if strings.Contains(strings.ToLower(s.opts.Host), "token") {
		return nil, fmt.Errorf("the host name %s contains the word token; take another", s.opts.Host)
	}
	if s.opts.Logger == nil {
		s.opts.Logger = slog.New(slog.DiscardHandler)
	}
	err := s.begin()
	if err != nil {
		return s, err
	}
	s.opts.Seed = s.beginning.Seed
	if s.ca, err = s.authority(); err != nil {
		return s, err
	}
	s.entra = entra.New(s.directory, &entra.Options{
		Now: s.opts.Now, TokenLifetime: s.opts.TokenLifetime, OneTimeRefreshTokens: s.opts.OneTimeRefreshTokens, Logger: s.opts.Logger,
	})
	s.adfs = entra.NewADFS(s.directory, entra.ADFSOptions{
		Tenant: serverTenantID, Now: s.opts.Now, TokenLifetime: s.opts.TokenLifetime, Logger: s.opts.Logger,
		EnableKMSI: s.opts.Federation.EnableKMSI, BareScopes: s.opts.Federation.BareScopes,
	})
	s.state = newState(s.opts.Now, s.opts.Seed)
	s.state.limits = s.opts.Limits
	s.state.epoch, s.state.runs, s.state.crowd.since = s.beginning.Epoch, s.beginning.Runs, s.beginning.Since
	s.tenants = newWorld(s.state, s.beginning.Mailboxes, s.beginning.Messages)
	if s.signIn, err = s.newAuthenticator(s.tenants[Server]); err != nil {
		return s, err
	}
	fresh, err := s.load()
	if err != nil {
		return s, err
	}
	if fresh && !s.beginning.Empty {
		if err := s.state.seed(); err != nil {
			return s, err
		}
	}
	if err := s.keepOn(); err != nil {
		return s, err
	}
	s.state.delay(s.opts.Delays)
	s.handlers = map[Tenant]http.Handler{}
	for kind := range s.tenants {
		s.handlers[kind] = s.newHandler(kind)
	}
	return s, nil
}

// newHandler makes the EWS and Autodiscover endpoints of a tenant.
func (s *Simulator) newHandler(kind Tenant) http.Handler {
	b := &backend{
		st: s.state, tenant: s.tenants[kind], verify: s.verifier(s.tenants[kind]),
		authorize: func() string { return s.authorizeURL(kind) },
	}
	if kind == Server {
		b.signIn = s.signIn
	}
	opts := &ewsserver.Options{
		Version: s.opts.ServerVersion, ServerName: "EX1.CONTOSO.EXAMPLE",
		MaxPage: s.opts.Limits.Page, MaxFilteredPage: s.opts.Limits.FilteredPage,
		Heartbeat: s.opts.Heartbeat, StreamMinute: s.opts.StreamMinute, MaxRequest: s.opts.MaxRequest,
		Now: s.opts.Now, Logger: s.opts.Logger, Intercept: s.interceptEWS(b),
	}
	if kind == Online {
		opts.Version, opts.ServerName = ewsserver.ExchangeOnline, "AM0PR01CA0001.PROD.FABRIKAM.EXAMPLE"
	}
	if record := s.opts.Record; record != nil {
		opts.Observe = func(ctx context.Context, e ewsserver.Exchange) {
			record(Recorded{kind, e.Operation, e.Status, plain(e.Request), plain(e.Response), e.Cut || struck(ctx)})
		}
	}
	h := s.counted(s.truthful(s.withAutodiscover(b, opts, ewsserver.NewHandler(b, opts))))
	if b.signIn != nil {
		h = b.signIn.Wrap(h)
	}
	return s.faults.wrap(s.withClock(s.tenants[kind], h))
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
// than by Start. Without Start nobody can sign in; NTLM needs an http.Server
// with httpauth.ConnContext besides.
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
	if s.keeper != nil {
		if err := errors.Join(s.entra.Restore(s.keeper), s.adfs.Restore(s.keeper)); err != nil {
			closeAll()
			return fmt.Errorf("simulator: the state file %s: %w", s.opts.State, err)
		}
	}
	s.signIn.SetCertificate(cert.Leaf)
	s.state.mu.Lock()
	s.tenants[Server].audiences = s.serverResources(server)
	s.tenants[Online].audiences = append(s.opts.Cloud.Exchange(), entra.ExchangeOnlineAppID, online)
	s.state.mu.Unlock()
	for i, h := range []http.Handler{s.withTokenFaults(s.truthful(s.login())), s.handlers[Server], s.handlers[Online]} {
		s.serve(listeners[i], h, cert)
	}
	return nil
}

func (s *Simulator) serve(l net.Listener, h http.Handler, cert tls.Certificate) {
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: 30 * time.Second, ConnContext: httpauth.ConnContext,
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
	s.state.stop()
	if s.keeper != nil {
		problems = append(problems, s.keeper.failure(), s.keeper.journal.Close())
		s.keeper = nil
	}
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

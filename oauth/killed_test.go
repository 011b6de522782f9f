package oauth_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/simulator/entra"
)

// renewalSteps are the points of a renewal at which its process is killed, in
// their order. The answer is there from stepAnswered to stepWriting, and nowhere
// but in that process.
const (
	stepBeforeLock = "before the lock"
	stepLocked     = "after the lock"
	stepAsking     = "before the request"
	stepAnswered   = "after the answer"
	stepKeeping    = "before the write"
	stepWriting    = "in the write"
	stepWritten    = "after the write"
	stepUnlocking  = "before the lock is given back"
	stepUnlocked   = "after the lock is given back"
)

var renewalSteps = []string{stepBeforeLock, stepLocked, stepAsking, stepAnswered, stepKeeping, stepWriting, stepWritten, stepUnlocking, stepUnlocked}

const (
	renewalDirEnv  = "EXCONN_RENEWAL_DIR"
	renewalStepEnv = "EXCONN_RENEWAL_STEP"
)

// TestRenewalKilled kills a process at every step of a renewal. What is left
// must be readable, and another process gets a token; where the server takes
// each refresh token once, and the answer was lost with the process, it says
// honestly that a sign-in is needed.
func TestRenewalKilled(t *testing.T) {
	if os.Getenv(renewalDirEnv) != "" {
		renewInChild()
	}
	// All at once, because most of the time is spent waiting for leases.
	var group sync.WaitGroup
	defer group.Wait()
	for _, oneTime := range []bool{false, true} {
		realm := newRealm(t, oneTime)
		for _, step := range renewalSteps {
			group.Go(func() {
				t.Run(fmt.Sprintf("one-time refresh tokens %v/%s", oneTime, step), func(t *testing.T) { realm.killAt(t, oneTime, step) })
			})
		}
	}
}

// killAt kills a process at one step, and looks at what is left.
func (r *realm) killAt(t *testing.T, oneTime bool, step string) {
	home := r.account(t)
	child := home.start(t, "TestRenewalKilled", step)
	child.release(t)
	child.wantKilled(t)

	c := home.client(t, func(string) {})
	in, ok, err := c.SignedIn(t.Context())
	if err != nil || !ok || in.Account.Username != home.user {
		t.Fatalf("what is left of the sign-in: %+v, %v, %v", in, ok, err)
	}
	before := r.renewals(home.user)
	token, err := c.Token(t.Context())
	lost := oneTime && (step == stepAnswered || step == stepKeeping || step == stepWriting)
	switch {
	case lost && (!errors.Is(err, mailbox.ErrSignInNeeded) || mailbox.Hint(err) == ""):
		t.Fatalf("got %v (hint %q), want one that Is ErrSignInNeeded", err, mailbox.Hint(err))
	case lost:
		home.signIn(t)
		c = home.client(t, func(string) {})
		if token, err = c.Token(t.Context()); err != nil {
			t.Fatal(err)
		}
	case err != nil:
		t.Fatal(err)
	}
	if claims, err := r.entra.Verify(token.Value()); err != nil || !strings.EqualFold(claims.UPN, home.user) {
		t.Errorf("the token is not good: %v", err)
	}
	switch kept := step == stepWritten || step == stepUnlocking || step == stepUnlocked; {
	case kept && r.renewals(home.user) != before:
		t.Error("renewed again, although the token was kept")
	case !kept && !lost && r.renewals(home.user) != before+1:
		t.Errorf("%d renewals, want 1", r.renewals(home.user)-before)
	}
}

// TestRenewalByManyProcesses: processes that share an account whose refresh
// tokens are good for one use renew it once, and none is refused. It stays so
// where the one that holds the lock is killed.
func TestRenewalByManyProcesses(t *testing.T) {
	if os.Getenv(renewalDirEnv) != "" {
		renewInChild()
	}
	realm := newRealm(t, true)
	for name, killed := range map[string]bool{"all live": false, "the first is killed": true} {
		t.Run(name, func(t *testing.T) {
			home := realm.account(t)
			if killed {
				first := home.start(t, "TestRenewalByManyProcesses", stepAsking)
				first.release(t)
				first.wantKilled(t)
			}
			var children []*renewalChild
			for range 4 {
				children = append(children, home.start(t, "TestRenewalByManyProcesses", ""))
			}
			for _, c := range children {
				c.release(t)
			}
			tokens := map[string]bool{}
			for _, c := range children {
				said := c.end(t)
				if said[0] != "token" {
					t.Errorf("a process was told: %q", said)
				}
				tokens[said[1]] = true
			}
			if n := realm.renewals(home.user); n != 1 || len(tokens) != 1 {
				t.Errorf("%d renewals and %d different tokens for 4 processes, want 1 of each", n, len(tokens))
			}
		})
	}
}

// realm is the pretend Entra over https, and how often each account was
// renewed.
type realm struct {
	dir    *entra.Directory
	entra  *entra.Server
	server *httptest.Server
	caFile string

	mu       sync.Mutex
	accounts int
	renewed  map[string]int // by account
}

func newRealm(t *testing.T, oneTime bool) *realm {
	t.Helper()
	r := &realm{dir: entra.NewDirectory(), renewed: map[string]int{}}
	_, err := r.dir.AddTenant(entra.Tenant{ID: tenant, Name: "Contoso", Domains: []string{"contoso.example"}})
	if err == nil {
		app := publicApp("http://localhost/")
		app.ClientID, app.Tenant, app.Name = clientID, tenant, "exconn"
		_, err = r.dir.AddApplication(app)
	}
	if err != nil {
		t.Fatal(err)
	}
	r.entra = entra.New(r.dir, &entra.Options{OneTimeRefreshTokens: oneTime})
	r.server = httptest.NewUnstartedServer(r)
	r.server.Config.ErrorLog = log.New(io.Discard, "", 0) // children that are killed amid TLS
	r.server.StartTLS()
	t.Cleanup(r.server.Close)
	r.caFile = filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: r.server.Certificate().Raw})
	if err := os.WriteFile(r.caFile, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return r
}

// ServeHTTP counts the renewals that are granted, and gives others time to
// come in each other's way.
func (r *realm) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if !strings.HasSuffix(req.URL.Path, "/token") {
		r.entra.ServeHTTP(w, req)
		return
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	form, err := url.ParseQuery(string(body))
	if err == nil && form.Get("grant_type") == "refresh_token" {
		time.Sleep(100 * time.Millisecond)
	}
	answer := httptest.NewRecorder()
	r.entra.ServeHTTP(answer, req)
	if form.Get("grant_type") == "refresh_token" && answer.Code == http.StatusOK {
		var given struct {
			AccessToken string `json:"access_token"`
		}
		if json.Unmarshal(answer.Body.Bytes(), &given) == nil {
			if claims, err := r.entra.Verify(given.AccessToken); err == nil {
				r.mu.Lock()
				r.renewed[strings.ToLower(claims.UPN)]++
				r.mu.Unlock()
			}
		}
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

func (r *realm) renewals(user string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.renewed[user]
}

// renewalHome is one account: its user, and the folder of its store.
type renewalHome struct {
	realm *realm
	user  string
	dir   string
}

// account makes a user who has signed in, and whose access token has expired.
func (r *realm) account(t *testing.T) *renewalHome {
	t.Helper()
	r.mu.Lock()
	r.accounts++
	h := &renewalHome{realm: r, user: fmt.Sprintf("user%d@contoso.example", r.accounts), dir: t.TempDir()}
	r.mu.Unlock()
	if _, err := r.dir.AddUser(entra.User{Tenant: tenant, UPN: h.user, Name: "Anna Ahrens", Password: password}); err != nil {
		t.Fatal(err)
	}
	settings, err := json.Marshal(map[string]string{"authority": r.server.URL + "/" + tenant, "ca": r.caFile})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(h.dir, "settings"), settings, 0o600); err != nil {
		t.Fatal(err)
	}
	h.signIn(t)
	h.expire(t)
	return h
}

func (h *renewalHome) client(t *testing.T, reached func(string)) *oauth.Client {
	t.Helper()
	c, hc, err := renewalClient(h.dir, reached)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(hc.CloseIdleConnections)
	return c
}

func (h *renewalHome) signIn(t *testing.T) {
	t.Helper()
	c, hc, err := renewalClient(h.dir, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	defer hc.CloseIdleConnections()
	a, err := c.BeginSignIn(t.Context(), oauth.SignInOptions{PasteOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	back, err := entra.SignIn(t.Context(), hc, a.URL(), h.user, password, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Paste(t.Context(), back.String()); err != nil {
		t.Fatal(err)
	}
}

// expire sets the end of the kept access token back.
func (h *renewalHome) expire(t *testing.T) {
	t.Helper()
	cache := newFileCache(h.dir, func(string) {})
	raw, err := cache.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var blob, tokens map[string]json.RawMessage
	var access map[string]map[string]any
	if json.Unmarshal(raw, &blob) != nil || json.Unmarshal(blob["tokens"], &tokens) != nil || json.Unmarshal(tokens["AccessToken"], &access) != nil || len(access) == 0 {
		t.Fatal("the blob is not what it was")
	}
	for _, token := range access {
		token["expires_on"] = strconv.FormatInt(time.Now().Add(-time.Minute).Unix(), 10)
	}
	for _, part := range []struct {
		into map[string]json.RawMessage
		key  string
		from any
	}{{tokens, "AccessToken", access}, {blob, "tokens", tokens}} {
		text, err := json.Marshal(part.from)
		if err != nil {
			t.Fatal(err)
		}
		part.into[part.key] = text
	}
	if raw, err = json.Marshal(blob); err != nil {
		t.Fatal(err)
	}
	if err := cache.Save(t.Context(), raw); err != nil {
		t.Fatal(err)
	}
}

// renewalChild is a process that renews an account when it is released.
type renewalChild struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Scanner
	errors bytes.Buffer
}

// start starts the calling test again as a process of its own, and waits until
// it is about to renew. It is killed when it reaches the step, if one is named.
func (h *renewalHome) start(t *testing.T, test, step string) *renewalChild {
	t.Helper()
	c := &renewalChild{cmd: exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+test+"$", "-test.count=1")}
	c.cmd.Env = append(os.Environ(), renewalDirEnv+"="+h.dir, renewalStepEnv+"="+step)
	c.cmd.Stderr = &c.errors
	out, err := c.cmd.StdoutPipe()
	if err == nil {
		c.in, err = c.cmd.StdinPipe()
	}
	if err == nil {
		err = c.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	c.out = bufio.NewScanner(out)
	if !c.out.Scan() || c.out.Text() != "ready" {
		t.Fatalf("the process does not begin: %q %v", c.out.Text(), c.cmd.Wait())
	}
	return c
}

func (c *renewalChild) release(t *testing.T) {
	t.Helper()
	if err := c.in.Close(); err != nil {
		t.Fatal(err)
	}
}

func (c *renewalChild) wantKilled(t *testing.T) {
	t.Helper()
	for c.out.Scan() {
		t.Errorf("it was not killed in time: %s", c.out.Text())
	}
	var exit *exec.ExitError
	if err := c.cmd.Wait(); !errors.As(err, &exit) || exit.Success() || c.errors.Len() > 0 {
		t.Fatalf("it was not killed: %v %s", err, c.errors.String())
	}
}

// end returns what the process has said of its renewal.
func (c *renewalChild) end(t *testing.T) [2]string {
	t.Helper()
	var said [2]string
	for c.out.Scan() {
		said[0], said[1], _ = strings.Cut(c.out.Text(), " ")
	}
	if err := c.cmd.Wait(); err != nil {
		t.Errorf("the process failed: %v %s", err, c.errors.String())
	}
	return said
}

// renewInChild is what a child does: it gets a token, and tells which without
// giving it away.
func renewInChild() {
	at := os.Getenv(renewalStepEnv)
	c, _, err := renewalClient(os.Getenv(renewalDirEnv), func(step string) {
		if step != at {
			return
		}
		if self, err := os.FindProcess(os.Getpid()); err == nil && self.Kill() == nil {
			select {} // until it is dead
		}
	})
	if err == nil {
		fmt.Println("ready")
		_, err = io.Copy(io.Discard, os.Stdin)
	}
	var token oauth.Token
	if err == nil {
		token, err = c.Token(context.Background())
	}
	if err != nil {
		fmt.Println("error", err)
	} else {
		sum := sha256.Sum256([]byte(token.Value()))
		fmt.Println("token", hex.EncodeToString(sum[:]))
	}
	os.Exit(0)
}

// renewalClient opens the account in a folder, and tells of each step of a
// renewal.
func renewalClient(dir string, reached func(step string)) (*oauth.Client, *http.Client, error) {
	text, err := os.ReadFile(filepath.Join(dir, "settings"))
	if err != nil {
		return nil, nil, err
	}
	var settings struct{ Authority, CA string }
	if err := json.Unmarshal(text, &settings); err != nil {
		return nil, nil, err
	}
	ca, err := os.ReadFile(settings.CA)
	if err != nil {
		return nil, nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	hc := &http.Client{Transport: &steppingTransport{transport, reached}}
	cfg := entraConfig(hc)
	cfg.Authority = settings.Authority
	c, err := oauth.New(cfg, newFileCache(dir, reached))
	return c, hc, err
}

// steppingTransport tells of the request that renews, and of its answer.
type steppingTransport struct {
	*http.Transport
	reached func(step string)
}

func (s *steppingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/token") {
		return s.Transport.RoundTrip(r)
	}
	s.reached(stepAsking)
	resp, err := s.Transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	s.reached(stepAnswered)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

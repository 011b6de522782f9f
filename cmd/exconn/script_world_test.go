package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/pem"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/simulator"
	"github.com/exconn/exconn/simulator/entra"
	"github.com/exconn/exconn/simulator/httpauth"
)

const (
	// awkward is in some secrets, so that they look different in each
	// encoding.
	awkward = `+/%&"é `
	// appSecret is the file with the client secret.
	appSecret = "app-secret"
)

// world starts the pretend Exchange, and tells the script where it is.
func (r *scriptRun) world(ts *testscript.TestScript, args []string) {
	opts := &simulator.Options{
		Seed: 7,
		Now:  func() time.Time { return time.Now().Add(time.Duration(r.ahead.Load())) },
		Record: func(e simulator.Recorded) {
			r.traffic.Add(1)
			if !e.Spoilt {
				r.suite.envelopes.Exchange(ts.Name(), e.Operation, e.Request, e.Response)
			}
		},
		Logger: slog.New(trafficLog{r}),
	}
	for _, arg := range args {
		switch arg {
		case "empty":
			opts.Empty = true
		case "one-time":
			opts.OneTimeRefreshTokens = true
		case "basic-only":
			opts.SignIn.Schemes = []httpauth.Scheme{httpauth.Basic}
		case "protected":
			opts.SignIn.ExtendedProtection = httpauth.ProtectionRequire
		case "adfs-default":
			opts.Federation.Default = true
		case "adfs-kmsi":
			opts.Federation.EnableKMSI = true
		case "adfs-bare-scopes":
			opts.Federation.BareScopes = true
		case "external-host":
			opts.ExternalHost = "mail.contoso.example"
		case "gcc-high", "dod", "china":
			opts.Cloud = entra.Cloud(arg)
		default:
			ts.Fatalf("usage: world [empty] [one-time] [basic-only] [protected] [adfs-default] [adfs-kmsi] [adfs-bare-scopes] [external-host] [gcc-high|dod|china]")
		}
	}
	var err error
	r.sim, err = simulator.New(opts)
	ts.Check(err)
	ts.Check(r.sim.Start())
	ca, err := r.sim.CAFile(r.work)
	ts.Check(err)

	// A password and a client secret that every encoding shows differently.
	ts.Check(r.sim.Directory().ResetPassword(serviceAccount, entra.Secret("Canary"+awkward+rand.Text())))
	for _, account := range r.sim.Accounts() {
		if user, ok := r.sim.Directory().User(account.Address); ok {
			r.writeSecret(ts, canaryPassword, account.Address, string(user.Password))
		}
	}
	apps := r.sim.Applications()
	secret := entra.Secret("Secret" + awkward + rand.Text())
	ts.Check(r.sim.Directory().AddSecret(apps.AppOnly.ClientID, entra.ClientSecret{Value: secret}))
	r.writeSecret(ts, canaryClientSecret, appSecret, string(secret))
	r.writeSecret(ts, canaryClientSecret, "scoped-secret", string(apps.Scoped.Secret))
	r.writeSecret(ts, canaryClientSecret, "unlisted-secret", string(apps.Unlisted.Secret))
	r.writeSecret(ts, canaryClientSecret, "web-secret", string(apps.Web.Secret))
	r.writeSecret(ts, canaryClientSecret, "adfs-web-secret", string(apps.ADFSWeb.Secret))
	certificate, text, err := simulator.NewClientCertificate("script "+r.name, time.Now())
	ts.Check(err)
	ts.Check(r.sim.AddCertificate(certificate))
	r.writeKey(ts, "certificate.pem", text)
	_, stray, err := simulator.NewClientCertificate("stray "+r.name, time.Now())
	ts.Check(err)
	r.writeKey(ts, "stray.pem", stray)
	// An authority that has signed nothing here.
	block, _ := pem.Decode(stray)
	ts.Check(os.WriteFile(filepath.Join(r.work, "other-ca.pem"), pem.EncodeToMemory(block), 0o600))

	for name, value := range map[string]string{
		"CA": ca, "SERVER_PORT": portOfURL(r.sim.EWSURL(simulator.Server)),
		"SERVER_EWS": r.sim.EWSURL(simulator.Server), "SERVER_AUTHORITY": r.sim.AuthorityURL(simulator.Server),
		"ONLINE_EWS": r.sim.EWSURL(simulator.Online), "ONLINE_AUTHORITY": r.sim.AuthorityURL(simulator.Online),
		"SERVER_APP": apps.Server.ClientID, "ONLINE_APP": apps.Online.ClientID, "APP": apps.AppOnly.ClientID,
		"SCOPED_APP": apps.Scoped.ClientID, "UNLISTED_APP": apps.Unlisted.ClientID,
		"LOGIN":   strings.TrimSuffix(r.sim.ADFSURL(), "/adfs"),
		"WEB_APP": apps.Web.ClientID, "WEB_REDIRECT": simulator.CRMRedirect,
		"ADFS_AUTHORITY": r.sim.ADFSURL(), "ADFS_APP": apps.ADFS.ClientID, "ADFS_WEB_APP": apps.ADFSWeb.ClientID,
		// For the browser.
		"SIGNIN_USER": serviceAccount, "SIGNIN_DOES": "answer", "SIGNIN_CONSENT": "yes",
		"BROWSER_CA": ca, "BROWSER_REPORT": filepath.Join(r.work, "browser.txt"),
	} {
		ts.Setenv(name, value)
	}
}

func portOfURL(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Port()
}

// trafficLog counts what the simulator has to say: every grant and refusal of
// its sign-in server, above all.
type trafficLog struct{ r *scriptRun }

func (l trafficLog) Enabled(context.Context, slog.Level) bool { return true }
func (l trafficLog) Handle(context.Context, slog.Record) error {
	l.r.traffic.Add(1)
	return nil
}
func (l trafficLog) WithAttrs([]slog.Attr) slog.Handler { return l }
func (l trafficLog) WithGroup(string) slog.Handler      { return l }

// writeSecret puts a secret into a file of its own, as flags want it.
func (r *scriptRun) writeSecret(ts *testscript.TestScript, kind, name, value string) {
	r.canary(kind, value)
	ts.Check(os.WriteFile(filepath.Join(r.secrets, name), []byte(value+"\n"), 0o600))
}

func (r *scriptRun) needWorld(ts *testscript.TestScript) *simulator.Simulator {
	if r.sim == nil {
		ts.Fatalf("there is no world yet")
	}
	return r.sim
}

// connect makes a connection with the flags that its kind needs, and more.
func (r *scriptRun) connect(ts *testscript.TestScript, args []string) {
	r.needWorld(ts)
	if len(args) == 0 {
		ts.Fatalf("usage: connect KIND [FLAG...]")
	}
	flags := connectFlags(ts, args[0])
	if flags == nil {
		ts.Fatalf("there is no kind %q", args[0])
	}
	if slices.Contains(args, "--allow-mailbox") { // which is repeatable, and meant to replace the usual
		i := slices.Index(flags, "--allow-mailbox")
		flags = slices.Delete(flags, i, i+2)
	}
	r.exits(ts, append(append([]string{"0", "exconn", "connection", "new", "--ca-file", ts.Getenv("CA")}, flags...), args[1:]...))
}

// connectFlags are those of the usual connections.
func connectFlags(ts *testscript.TestScript, kind string) []string {
	server := []string{"--name", "contoso", "--exchange-type", "server", "--ews-url", ts.Getenv("SERVER_EWS"), "--allow-mailbox", "contoso.example"}
	online := []string{"--name", "fabrikam", "--exchange-type", "online", "--ews-url", ts.Getenv("ONLINE_EWS"), "--allow-mailbox", "fabrikam.example",
		"--authority-url", ts.Getenv("ONLINE_AUTHORITY")}
	secret := func(name string) string { return filepath.Join(ts.Getenv("SECRETS"), name) }
	switch kind {
	case "server": // a service account signs in and impersonates
		return append(server, "--client-id", ts.Getenv("SERVER_APP"), "--authority-url", ts.Getenv("SERVER_AUTHORITY"))
	case "basic": // the same by user name and password
		return append(server, "--auth", "basic", "--username", serviceAccount, "--password-file", secret(serviceAccount))
	case "online": // a person signs in
		return append(online, "--client-id", ts.Getenv("ONLINE_APP"))
	case "secret": // an application in its own right
		return append(online, "--auth", "client-secret", "--client-id", ts.Getenv("APP"), "--client-secret-file", secret(appSecret))
	case "certificate":
		return append(online, "--auth", "client-certificate", "--client-id", ts.Getenv("APP"), "--certificate-file", secret("certificate.pem"))
	case "scoped": // whose right is for one mailbox alone
		return append(online, "--auth", "client-secret", "--client-id", ts.Getenv("SCOPED_APP"), "--client-secret-file", secret("scoped-secret"))
	case "unlisted": // for which EWS is not open
		return append(online, "--auth", "client-secret", "--client-id", ts.Getenv("UNLISTED_APP"), "--client-secret-file", secret("unlisted-secret"))
	}
	return nil
}

func (r *scriptRun) clock(ts *testscript.TestScript, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: clock DURATION")
	}
	d, err := time.ParseDuration(args[0])
	ts.Check(err)
	r.ahead.Add(int64(d))
}

func (r *scriptRun) account(ts *testscript.TestScript, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: account revoke|reset|disable|no-factor|lock|expire-password ADDRESS")
	}
	directory := r.needWorld(ts).Directory()
	switch args[0] {
	case "revoke":
		ts.Check(directory.RevokeSessions(args[1]))
	case "lock":
		ts.Check(directory.LockUser(args[1], true))
	case "expire-password":
		ts.Check(directory.ExpirePassword(args[1]))
	case "no-factor":
		ts.Check(directory.SetSecondFactor(args[1], false))
	case "disable":
		ts.Check(directory.DisableUser(args[1]))
	case "reset": // the file keeps the old password
		secret := "Reset" + awkward + rand.Text()
		ts.Check(directory.ResetPassword(args[1], entra.Secret(secret)))
		r.writeSecret(ts, canaryPassword, args[1]+".new", secret)
	default:
		ts.Fatalf("an account cannot %s", args[0])
	}
}

func (r *scriptRun) secret(ts *testscript.TestScript, args []string) {
	if len(args) != 1 || args[0] != "expire" {
		ts.Fatalf("usage: secret expire")
	}
	sim := r.needWorld(ts)
	text, err := os.ReadFile(filepath.Join(r.secrets, appSecret))
	ts.Check(err)
	value := entra.Secret(strings.TrimSuffix(string(text), "\n"))
	ts.Check(sim.Directory().ExpireSecret(sim.Applications().AppOnly.ClientID, value, time.Now().Add(-time.Hour)))
}

func (r *scriptRun) redirect(ts *testscript.TestScript, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: redirect URI")
	}
	ts.Check(r.needWorld(ts).RegisterRedirect(args[0]))
}

// deliver sends a mail from ben to a mailbox at contoso.
func (r *scriptRun) deliver(ts *testscript.TestScript, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: deliver ADDRESS SUBJECT [NAME=CONTENT...]")
	}
	sim := r.needWorld(ts)
	hc := sim.HTTPClient()
	defer hc.CloseIdleConnections()
	user, _ := sim.Directory().User(serviceAccount)
	hc.Transport = basicTransport{hc.Transport, user.Password}
	message := mailbox.Outgoing{To: []mailbox.Person{{Address: args[0]}}, Subject: unquote(ts, args[1]), Text: "Please find it attached."}
	for _, file := range args[2:] {
		name, content, _ := strings.Cut(file, "=")
		message.Attachments = append(message.Attachments, mailbox.Upload{
			Name: unquote(ts, name), ContentType: "text/plain", Size: int64(len(content)),
			Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil },
		})
	}
	_, err := ews.NewClient(hc, sim.EWSURL(simulator.Server), nil).Mailbox(ben, ews.Impersonate).Send(context.Background(), message)
	ts.Check(err)
}

// unquote reads the escapes of a Go string, which scripts lack.
func unquote(ts *testscript.TestScript, s string) string {
	text, err := strconv.Unquote(`"` + s + `"`)
	ts.Check(err)
	return text
}

type basicTransport struct {
	http.RoundTripper
	password entra.Secret
}

func (t basicTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	signed := req.Clone(req.Context())
	signed.SetBasicAuth(serviceAccount, string(t.password))
	return t.RoundTripper.RoundTrip(signed)
}

// fault makes EWS requests go wrong.
func (r *scriptRun) fault(ts *testscript.TestScript, args []string) {
	var f simulator.Fault
	var body string
	flags := flag.NewFlagSet("fault", flag.ContinueOnError)
	flags.SetOutput(new(bytes.Buffer))
	flags.StringVar(&f.Operation, "op", "", "the operation")
	flags.IntVar(&f.Skip, "skip", 0, "let so many pass first")
	flags.IntVar(&f.Times, "times", 0, "so many; 0 is all")
	flags.IntVar(&f.Status, "status", 0, "HTTP status")
	flags.StringVar(&body, "body", "", "the file with the answer")
	flags.BoolVar(&f.Repeat, "repeat", false, "the answer again and again")
	flags.IntVar(&f.Truncate, "truncate", 0, "cut after so many bytes")
	flags.DurationVar(&f.Delay, "delay", 0, "wait first")
	flags.BoolVar(&f.Reset, "reset", false, "reset the connection")
	flags.BoolVar(&f.Execute, "execute", false, "carry it out all the same")
	flags.Func("header", "NAME: VALUE", func(text string) error {
		if f.Header == nil {
			f.Header = http.Header{}
		}
		name, value, _ := strings.Cut(text, ": ")
		f.Header.Add(name, value)
		return nil
	})
	ts.Check(flags.Parse(args))
	if body != "" {
		f.Body = []byte(ts.ReadFile(body))
	}
	r.mended = append(r.mended, r.needWorld(ts).Fail(f))
}

func (r *scriptRun) mend(*testscript.TestScript, []string) {
	for _, remove := range r.mended {
		remove()
	}
	r.mended = nil
}

func (r *scriptRun) countRequests(ts *testscript.TestScript, args []string) {
	n := r.traffic.Swap(0)
	if len(args) == 0 {
		return
	}
	if strconv.FormatInt(n, 10) != args[0] {
		ts.Fatalf("there were %d requests, not %s", n, args[0])
	}
}

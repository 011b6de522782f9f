package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/exconn/exconn/simulator/entra"
)

// headlessBrowser is what the scripts have for a browser: a program of the name
// that the browser's launcher has, which returns at once and leaves the browser
// itself behind. The environment says what the person at it does:
//
//	SIGNIN_USER      the account; its password is in the file of that name in SECRETS
//	SIGNIN_CONSENT   "no" cancels on the page that asks for consent
//	SIGNIN_FACTOR    "no" declines where a second factor is asked for
//	SIGNIN_DOES      what is done then, in order and separated by commas:
//	                 answer       follows the redirect back to the program
//	                 again        does so once more
//	                 favicon      asks for the icon, as browsers do
//	                 stray        asks for other things, as scanners do
//	                 wrong-state  brings the answer with another state
//	                 foreign      brings an answer of somebody else's making
//	                 nothing      leaves it at that
//	BROWSER_CA       the authority that the browser trusts
//	BROWSER_REPORT   the file into which it writes what it saw, and beside it,
//	                 in one that ends in .inherited, what it was started with
func headlessBrowser() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: open URL")
		os.Exit(2)
	}
	const left = "BROWSER_LEFT_BEHIND"
	if os.Getenv(left) == "" {
		self, err := os.Executable()
		if err == nil {
			// The search for secrets looks through it, too.
			inherited := strings.Join(append(os.Environ(), os.Args...), "\n")
			err = os.WriteFile(os.Getenv("BROWSER_REPORT")+".inherited", []byte(inherited), 0o600)
		}
		if err == nil {
			// It has no output of its own, or else the launcher's would not end.
			behind := exec.Command(self, os.Args[1])
			behind.Args[0] = os.Args[0]
			behind.Env = append(os.Environ(), left+"=1")
			err = behind.Start()
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "no browser:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	var report strings.Builder
	if err := browseAs(os.Getenv, os.Args[1], &report); err != nil {
		fmt.Fprintf(&report, "browser: %v\n", err)
	}
	fmt.Fprintln(&report, "closed")
	path := os.Getenv("BROWSER_REPORT")
	if os.WriteFile(path+".part", []byte(report.String()), 0o600) == nil {
		_ = os.Rename(path+".part", path) // the script misses it otherwise
	}
}

// browseAs signs in at a page and goes back to the program.
func browseAs(getenv func(string) string, page string, report io.Writer) error {
	ctx, cancel := contextOfScript()
	defer cancel()
	ca, err := os.ReadFile(getenv("BROWSER_CA"))
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca) {
		return errors.New("the CA's file holds no certificate")
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, DisableKeepAlives: true}}
	password, err := os.ReadFile(filepath.Join(getenv("SECRETS"), getenv("SIGNIN_USER")))
	if err != nil {
		return err
	}
	back, err := entra.SignInAs(ctx, client, page, entra.Person{
		Account: getenv("SIGNIN_USER"), Password: entra.Secret(strings.TrimSuffix(string(password), "\n")),
		Cancels: getenv("SIGNIN_CONSENT") == "no", DeclinesFactor: getenv("SIGNIN_FACTOR") == "no",
	})
	if err != nil {
		return err
	}
	if err := keepCode(getenv("SECRETS"), back); err != nil {
		return err
	}
	for step := range strings.SplitSeq(getenv("SIGNIN_DOES"), ",") {
		for _, request := range requestsOf(step, *back) {
			fmt.Fprintf(report, "%s: %s\n", step, visit(ctx, client, request.method, request.url))
		}
	}
	return nil
}

// keepCode puts a code among the secrets, and the address with it, for scripts
// that use them a second time.
func keepCode(secrets string, back *url.URL) error {
	q := back.Query()
	if back.Fragment != "" {
		q, _ = url.ParseQuery(back.Fragment)
	}
	code := q.Get("code")
	if code == "" {
		return nil
	}
	return errors.Join(
		os.WriteFile(filepath.Join(secrets, "code-"+rand.Text()[:8]), []byte(code), 0o600),
		os.WriteFile(filepath.Join(secrets, "code"), []byte(code), 0o600),
		os.WriteFile(filepath.Join(secrets, "address"), []byte(back.String()), 0o600),
	)
}

type browserRequest struct{ method, url string }

func requestsOf(step string, back url.URL) []browserRequest {
	root := url.URL{Scheme: back.Scheme, Host: back.Host, Path: "/"}
	with := func(change func(url.Values)) string {
		q := back.Query()
		change(q)
		u := root
		u.RawQuery = q.Encode()
		return u.String()
	}
	switch step {
	case "answer", "again":
		return []browserRequest{{http.MethodGet, back.String()}}
	case "favicon":
		return []browserRequest{{http.MethodGet, root.String() + "favicon.ico"}}
	case "stray":
		return []browserRequest{{http.MethodGet, root.String()}, {http.MethodGet, root.String() + "robots.txt"},
			{http.MethodPost, back.String()}, {http.MethodGet, with(func(q url.Values) { q.Add("code", "second") })}}
	case "wrong-state":
		return []browserRequest{{http.MethodGet, with(func(q url.Values) { q.Set("state", "0"+q.Get("state")) })}}
	case "foreign":
		return []browserRequest{{http.MethodGet, root.String() + "?code=foreign-code&state=foreign-state"}}
	}
	return nil
}

var tag = regexp.MustCompile(`(?s)<(script|style|title)[^>]*>.*?</(script|style|title)>|<[^>]*>|\s+`)

// visit opens an address and tells what a person would see, on one line.
func visit(ctx context.Context, client *http.Client, method, address string) string {
	request, err := http.NewRequestWithContext(ctx, method, address, http.NoBody)
	if err != nil {
		return "no such address"
	}
	answer, err := client.Do(request)
	if err != nil {
		var ue *url.Error // which repeats the address, with the code in it
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return "no answer: " + err.Error()
	}
	defer answer.Body.Close() //nolint:errcheck // it has been read
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil {
		return "half an answer: " + err.Error()
	}
	seen := strings.Join(strings.Fields(html.UnescapeString(tag.ReplaceAllString(string(text), " "))), " ")
	return fmt.Sprintf("HTTP %d %s", answer.StatusCode, seen)
}

// browsed waits until the browser has been closed, and holds what it saw
// against patterns.
func (r *scriptRun) browsed(ts *testscript.TestScript, args []string) {
	path := ts.Getenv("BROWSER_REPORT")
	var report string
	for deadline := time.Now().Add(scriptPatience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if text, err := os.ReadFile(path); err == nil {
			report = string(text)
			break
		}
	}
	if !strings.HasSuffix(report, "closed\n") {
		ts.Fatalf("the browser has reported nothing")
	}
	ts.Check(os.Remove(path))
	r.keep("the browser", report)
	ts.Logf("[browser]\n%s", report)
	for _, arg := range args {
		if !compile(ts, "(?m)"+arg).MatchString(report) {
			ts.Fatalf("the browser has not seen %s", arg)
		}
	}
}

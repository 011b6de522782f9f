package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/connection"
	"github.com/exconn/exconn/custompages"
	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/simulator"
	"github.com/exconn/exconn/simulator/entra"
	"github.com/exconn/exconn/soap"
	"github.com/exconn/exconn/store/datadir"
)

func (s system) demo() *cli.Command {
	return &cli.Command{
		Name:  "demo",
		Usage: "run the whole main job against a pretend Exchange, with no set-up",
		Description: "Starts the simulator, makes connections in a temporary data directory, signs in, and reads, writes and\n" +
			"sends as a CRM would. Every step reads back what it did; the exit code is 0 only if all of them found it.",
		Action: s.demoRun,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "browser", Usage: "sign in by a real browser instead of by itself"},
			jsonFlag, traceFlag,
		},
	}
}

// demoStep is one line of the demo's result.
type demoStep struct {
	Step   string `json:"step"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
	TookMS int64  `json:"took_ms"`
}

// demo is a run of the demo.
type demo struct {
	s        system
	browser  bool
	json     bool
	sim      *simulator.Simulator
	requests atomic.Int64 // that reached the pretend Exchange
	book     *connection.Book
	caFile   string
	scratch  string
	trace    soap.Tracer
	steps    []demoStep
}

// demoError is a demo in which a step failed.
type demoError struct{ failed, all int }

func (e *demoError) Error() string { return fmt.Sprintf("%d of %d steps failed", e.failed, e.all) }
func (e *demoError) Hint() string {
	return "run it again with --trace-dir DIR, and look at the calls of the step that failed"
}

func (s system) demoRun(c *cli.Context) error {
	scratch, err := os.MkdirTemp("", "exconn-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch) //nolint:errcheck // it is in the temporary directory
	d := &demo{s: s, browser: c.Bool("browser"), json: c.Bool("json"), scratch: scratch}
	if dir := c.String("trace-dir"); dir != "" {
		if d.trace, err = soap.NewDirTracer(dir); err != nil {
			return usagef("name a folder that can be written", "--trace-dir: %v", err)
		}
	}
	if err := d.start(c.Context); err != nil {
		return err
	}
	defer d.sim.Close() //nolint:errcheck // the process ends with it

	d.server(c.Context)
	d.onlineAppOnly(c.Context)
	d.onlineDelegated(c.Context)
	return d.finish()
}

// start starts the simulator and makes the data directory.
func (d *demo) start(ctx context.Context) error {
	var err error
	d.sim, err = simulator.New(&simulator.Options{Record: func(simulator.Recorded) { d.requests.Add(1) }})
	if err != nil {
		return err
	}
	if err := d.sim.Start(); err != nil {
		return err
	}
	if d.caFile, err = d.sim.CAFile(d.scratch); err != nil {
		return err
	}
	dir, err := datadir.Open(ctx, filepath.Join(d.scratch, "data"), datadir.Options{Create: true, Sealed: connection.SealedBuckets()})
	if err != nil {
		return err
	}
	d.book, err = connection.NewBook(dir.Store, &connection.BookOptions{Logger: d.s.logger()})
	return err
}

// step does one step and keeps how it went. A step returns what it verified,
// or why it could not. It reports whether the step succeeded.
func (d *demo) step(name string, do func() (string, error)) bool {
	started := time.Now()
	detail, err := do()
	if err != nil {
		detail = err.Error()
		if hint := mailbox.Hint(err); hint != "" {
			detail += " (" + hint + ")"
		}
	}
	result := demoStep{Step: name, OK: err == nil, Detail: detail, TookMS: time.Since(started).Milliseconds()}
	d.steps = append(d.steps, result)
	verdict := "ok"
	if err != nil {
		verdict = "FAILED"
	}
	d.s.say("%-6s %s: %s", verdict, name, plain(detail))
	if d.json {
		// A lost stdout shows in the exit code of whoever reads it.
		_ = json.NewEncoder(d.s.out).Encode(result)
	}
	return err == nil
}

// finish prints the table, and fails where a step has.
func (d *demo) finish() error {
	failed := 0
	for _, step := range d.steps {
		if !step.OK {
			failed++
		}
	}
	if !d.json {
		t := newTable([]string{"step", "ok", "ms", "detail"})
		for _, step := range d.steps {
			verdict := "yes"
			if !step.OK {
				verdict = "NO"
			}
			t.AppendRow([]any{step.Step, verdict, step.TookMS, short(step.Detail, 90)})
		}
		fmt.Fprintf(d.s.out, "%s\n\n%d of %d steps verified\n", t.Render(), len(d.steps)-failed, len(d.steps))
	}
	if failed > 0 {
		return &demoError{failed, len(d.steps)}
	}
	return nil
}

// connect makes a connection, signs a person in where one has to, and opens it.
func (d *demo) connect(ctx context.Context, draft connection.Draft, account string) (*connection.Connection, string, error) {
	draft.Profile.CAFile = d.caFile
	entry, err := d.book.Create(ctx, draft)
	if err != nil {
		return nil, "", err
	}
	who := "in its own right"
	if account != "" {
		status, err := d.signIn(ctx, entry.Profile.Name, account)
		if err != nil {
			return nil, "", err
		}
		if status.Username != account || status.State != connection.SignedIn {
			return nil, "", fmt.Errorf("signed in as %q, state %s", status.Username, status.State)
		}
		who = "signed in as " + status.Username
	}
	conn, err := d.book.Open(ctx, entry.Profile.Name, connection.OpenOptions{EWS: &ews.Options{Trace: d.trace}})
	return conn, fmt.Sprintf("%s, authority %s", who, entry.Authority()), err
}

// signIn signs in through the pretend Entra's page: by itself, which fills in
// the form as a browser would, or by a person at a real browser.
func (d *demo) signIn(ctx context.Context, name, account string) (connection.Status, error) {
	signIn, err := d.book.BeginSignIn(ctx, name, connection.SignInOptions{SignInOptions: oauth.SignInOptions{Pages: custompages.OAuth(), LoginHint: account}})
	if err != nil {
		return connection.Status{}, err
	}
	defer signIn.Close() //nolint:errcheck // the outcome is known by then
	ctx, cancel := context.WithTimeout(ctx, defaultSignInTime)
	defer cancel()
	password := d.sim.Password(account)
	if d.browser {
		d.s.say("Sign in as %s with the password %s", account, string(password))
		if err := d.s.openBrowser(signIn.URL()); err != nil {
			return connection.Status{}, err
		}
		return signIn.Wait(ctx)
	}
	answers := make(chan error, 1)
	go func() { answers <- d.browse(ctx, signIn.URL(), account, password) }()
	status, err := signIn.Wait(ctx)
	return status, errors.Join(err, <-answers)
}

// browse is the browser of a demo without one.
func (d *demo) browse(ctx context.Context, url, account string, password entra.Secret) error {
	client := d.sim.HTTPClient()
	defer client.CloseIdleConnections()
	redirect, err := entra.SignIn(ctx, client, url, account, password, true)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, redirect.String(), nil)
	if err != nil {
		return err
	}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close() //nolint:errcheck // read to its end
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the page after the sign-in answered %s", answer.Status)
	}
	return nil
}

// refused is a step that must fail, for the right reason and with advice.
func refused(err, reason error, code string) (string, error) {
	switch {
	case err == nil:
		return "", errors.New("it was not refused")
	case !errors.Is(err, reason):
		return "", fmt.Errorf("refused for another reason than %q: %w", reason, err)
	case code != "" && mailbox.Code(err) != code:
		return "", fmt.Errorf("refused with %q instead of %q: %w", mailbox.Code(err), code, err)
	case mailbox.Hint(err) == "":
		return "", fmt.Errorf("refused without a hint at what to do: %w", err)
	}
	return "refused as it must be: " + err.Error(), nil
}

// collect takes up to limit messages of a query.
func collect(ctx context.Context, box mailbox.Reader, q mailbox.Query) ([]mailbox.Message, error) {
	var list []mailbox.Message
	for message, err := range box.Messages(ctx, q) {
		if err != nil {
			return nil, err
		}
		list = append(list, message)
	}
	return list, nil
}

// find looks for the message with a Message-ID in a folder. Delivery may take a
// moment.
func find(ctx context.Context, box mailbox.Reader, folder mailbox.FolderRef, messageID string) (mailbox.Message, error) {
	for range 20 {
		list, err := collect(ctx, box, mailbox.Query{Folder: folder, Limit: 20})
		if err != nil {
			return mailbox.Message{}, err
		}
		for _, m := range list {
			if m.InternetMessageID == messageID {
				return box.Message(ctx, m.ID)
			}
		}
		select {
		case <-ctx.Done():
			return mailbox.Message{}, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return mailbox.Message{}, fmt.Errorf("no message %s in %s", messageID, folder)
}

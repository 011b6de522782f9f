// Command interop lets EWS clients that other people wrote judge the simulator.
//
//	go run ./interop exchangelib
//
// A run goes like this:
//
//  1. A simulator starts on loopback with a fixed seed: contoso's Exchange
//     Server and fabrikam's Exchange Online.
//  2. What a client has to know goes into environment variables whose names
//     begin with EXCONN_INTEROP_; world.go says what each means.
//  3. The client's script runs its checks. Each compares what comes back with
//     what went in, and one that fails does not end the others. The last line
//     that it prints is "N checks, M failed".
//  4. The run fails where a check failed, or where fewer were made than
//     clients says, so that a script cannot pass by doing nothing.
//
// Where EXCONN_INTEROP_URL is set already, no simulator is started: the same
// script judges that server, with the accounts that the other variables name.
// It leaves nothing behind but what it could not delete; use test mailboxes.
//
// EXCONN_INTEROP_TRACES names a folder that then gets every request and every
// answer, an envelope in a file, to be held against Exchange's schema.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/exconn/exconn/simulator"
	"github.com/exconn/exconn/simulator/envelopes"
)

// client is a program that judges.
type client struct {
	// command starts it, in the root of the module.
	command []string
	// minimum is the number of checks that it has to make.
	minimum int
}

var clients = map[string]client{
	"exchangelib":        {command: []string{"/usr/bin/python3", "interop/exchangelib"}, minimum: 30},
	"ews-javascript-api": {command: []string{"node", "interop/javascript/main.js"}, minimum: 30},
	"davmail":            {command: []string{"/usr/bin/python3", "interop/davmail"}, minimum: 15},
}

// patience is how long a script may take.
const patience = 15 * time.Minute

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "interop:", err)
		os.Exit(1)
	}
}

// run judges with the client that args begin with; what follows is for its
// script.
func run(ctx context.Context, args []string) (err error) {
	if len(args) == 0 {
		return fmt.Errorf("name a client: %s", strings.Join(names(), ", "))
	}
	c, ok := clients[args[0]]
	if !ok {
		return fmt.Errorf("there is no client %q: name one of %s", args[0], strings.Join(names(), ", "))
	}
	if _, err := os.Stat(c.command[len(c.command)-1]); err != nil {
		return fmt.Errorf("the script of %s: %w (run this in the root of the module)", args[0], err)
	}
	dir, err := os.MkdirTemp("", "exconn-interop-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	env := os.Environ()
	if os.Getenv(prefix+"URL") == "" {
		w, err := start(ctx, args[0], dir)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, w.close()) }()
		env = append(env, w.env...)
	}
	// Python would leave what it has compiled beside its scripts.
	env = append(env, prefix+"DIR="+dir, "PYTHONDONTWRITEBYTECODE=1")

	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.command[0], slices.Concat(c.command[1:], args[1:])...)
	cmd.Env, cmd.Stderr = env, os.Stderr
	// A program that the script started and left behind must not keep the run
	// waiting for the pipe to close.
	cmd.WaitDelay = 5 * time.Second
	out := &verdict{through: os.Stdout}
	cmd.Stdout = out
	failure := cmd.Run()
	if failure != nil && ctx.Err() != nil {
		return fmt.Errorf("%s was stopped: %w", args[0], ctx.Err())
	}
	if failure != nil && !out.counted() {
		return fmt.Errorf("%s ended before it counted its checks: %w", args[0], failure)
	}
	if len(args) > 1 {
		c.minimum = 1 // somebody looks at a few
	}
	if err := out.judge(args[0], c.minimum); err != nil {
		return err
	}
	return failure
}

func names() []string {
	var list []string
	for name := range clients {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// start makes the world that a script is let loose on.
func start(ctx context.Context, client, dir string) (*world, error) {
	opts := &simulator.Options{
		Seed: 1,
		// Streams are asked for in minutes, one at least; a check need not
		// take as long.
		StreamMinute: 4 * time.Second, Heartbeat: time.Second,
	}
	if os.Getenv(prefix+"VERBOSE") != "" {
		opts.Logger = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	w := &world{}
	if folder := os.Getenv(prefix + "TRACES"); folder != "" {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return nil, err
		}
		kept := envelopes.In(folder, w.unkept)
		opts.Record = func(r simulator.Recorded) { kept.Exchange(client, r.Operation, r.Request, r.Response) }
	}
	var err error
	if w.sim, err = simulator.New(opts); err != nil {
		return nil, err
	}
	if err := w.sim.Start(); err != nil {
		return nil, err
	}
	if err := w.describe(ctx, dir); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

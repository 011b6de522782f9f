// Command exconn connects a CRM server to Microsoft Exchange: it keeps
// connections and signs in, reads and sends mail, keeps calendars, and says why
// something does not work.
//
// The policy of its output: stdout is data and nothing else, a table for people
// or, with --json, one object a line in stable snake_case; stderr is talk:
// progress, notices, questions (asked only on a terminal), and errors, each with
// a hint at what to do. Exit codes are in exit.go. Secrets are read from files,
// the environment or a prompt, never from a flag's value.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args, system{in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: takeSecrets()})
	stop()
	os.Exit(code)
}

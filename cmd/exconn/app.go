package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"
)

// system is what the command has of the world around it, so that a test can
// hand it another.
type system struct {
	in  io.Reader
	out io.Writer
	err io.Writer
	// browse opens a page in a browser; nil means pkg/browser.
	browse func(url string) error
	// getenv knows the secrets that were taken from the environment; nil means
	// os.Getenv.
	getenv func(string) string
	// books are those that were opened; see flush.
	books *openBooks
}

// terminal tells whether there is a person to ask.
func (s system) terminal() bool {
	in, ok := s.in.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return false
	}
	out, ok := s.err.(*os.File)
	return ok && term.IsTerminal(int(out.Fd()))
}

// say writes talk to stderr.
func (s system) say(format string, args ...any) { fmt.Fprintf(s.err, format+"\n", args...) }

// printer is where data goes.
func (s system) printer(c *cli.Context) printer { return printer{out: s.out, json: c.Bool("json")} }

// logger writes to stderr what a library of ours has to say in passing.
func (s system) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// run runs the command and returns its exit code.
func run(ctx context.Context, args []string, s system) int {
	s.books = &openBooks{}
	app := s.app()
	err := byFlags(app.RunContext(ctx, args))
	if err != nil {
		report(s.err, wantsJSON(args), err)
	}
	s.books.flush(ctx)
	return int(codeFor(err))
}

// wantsJSON finds --json where the flags could not be parsed.
func wantsJSON(args []string) bool {
	for _, arg := range args {
		if arg == "--json" || arg == "-json" || arg == "--json=true" {
			return true
		}
	}
	return false
}

func (s system) app() *cli.App {
	app := &cli.App{
		Name:                      "exconn",
		Usage:                     "connect a CRM server to Microsoft Exchange",
		Version:                   version,
		Reader:                    s.in,
		Writer:                    s.out,
		ErrWriter:                 s.err,
		HideHelpCommand:           true,
		DisableSliceFlagSeparator: true,
		ExitErrHandler:            func(*cli.Context, error) {}, // run reports, once
		Commands: []*cli.Command{
			s.demo(), s.simulate(), s.connection(), s.auth(), s.folder(), s.mail(), s.calendar(), s.contact(), s.task(), s.mailbox(), s.custompages(), s.key(),
		},
	}
	app.CustomAppHelpTemplate = cli.AppHelpTemplate + "\n" + exitHelp
	app.Action = func(c *cli.Context) error { return unknown(c, "exconn") }
	app.OnUsageError = usage
	for _, command := range app.Commands {
		prepare(command, "exconn")
	}
	return app
}

// prepare gives every command the same manners: mistakes in flags are usage
// errors, arguments are refused because there are none, and a group says what it
// holds.
func prepare(command *cli.Command, path string) {
	path += " " + command.Name
	command.HideHelpCommand = true
	command.OnUsageError = usage
	if len(command.Subcommands) > 0 {
		command.Action = func(c *cli.Context) error { return unknown(c, path) }
		for _, sub := range command.Subcommands {
			prepare(sub, path)
		}
		return
	}
	action := command.Action
	command.Action = func(c *cli.Context) error {
		if c.NArg() > 0 {
			return usagef("give it by a flag: see "+path+" --help", "%s takes flags only, not %q", path, c.Args().First())
		}
		return action(c)
	}
}

func usage(_ *cli.Context, err error, _ bool) error {
	return usagef("see the command's --help", "%v", err)
}

// unknown answers a group of commands that was called without one of them.
func unknown(c *cli.Context, path string) error {
	var names []string
	for _, command := range c.App.Commands {
		names = append(names, command.Name)
	}
	if c.Command != nil && len(c.Command.Subcommands) > 0 {
		names = names[:0]
		for _, command := range c.Command.Subcommands {
			names = append(names, command.Name)
		}
	}
	hint := "one of: " + strings.Join(names, ", ") + "; see " + path + " --help"
	if c.NArg() > 0 {
		return usagef(hint, "%s has no command %q", path, c.Args().First())
	}
	return usagef(hint, "%s needs a command", path)
}

// version is what --version and the User-Agent say.
const version = "0.1.0"

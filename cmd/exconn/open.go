package main

import (
	"bytes"
	"context"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/connection"
	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/soap"
	"github.com/exconn/exconn/store/datadir"
	"github.com/exconn/exconn/store/keysource"
)

// openDir is a data directory with the book of connections in it.
type openDir struct {
	book    *connection.Book
	notices []string
}

// dataDir opens the data directory; create makes it where there is none.
func (s system) dataDir(c *cli.Context, create bool) (*openDir, error) {
	path, err := dataDir(c)
	if err != nil {
		return nil, err
	}
	opts := datadir.Options{Create: create, Sealed: connection.SealedBuckets(), Keys: &keysource.Options{Prompt: s.prompt(), Getenv: s.getenv}}
	if create {
		opts.KeySource = keysource.Source(c.String("key-source"))
	}
	dir, err := datadir.Open(c.Context, path, opts)
	if err != nil {
		return nil, err
	}
	if !create && dir.Rotating { // the maker of a connection shows all notices
		for _, notice := range dir.Notices() {
			s.say("note: %s", notice)
		}
	}
	book, err := connection.NewBook(dir.Store, &connection.BookOptions{Logger: s.logger(), DataDir: path})
	if err != nil {
		return nil, err
	}
	s.books.add(book)
	return &openDir{book: book, notices: dir.Notices()}, nil
}

// entry opens the data directory and finds the connection that is meant.
func (s system) entry(c *cli.Context) (*openDir, connection.Entry, error) {
	dir, err := s.dataDir(c, false)
	if err != nil {
		return nil, connection.Entry{}, err
	}
	name, err := connectionName(c.Context, c, dir.book)
	if err != nil {
		return nil, connection.Entry{}, err
	}
	entry, err := dir.book.Get(c.Context, name)
	return dir, entry, err
}

// connectionName is the connection that is meant: the one named, or the only
// one there is.
func connectionName(ctx context.Context, c *cli.Context, book *connection.Book) (string, error) {
	// The commands about connections call it --name, with --connection as an
	// alias; elsewhere a --name is something else's.
	if name := strings.TrimSpace(c.String("connection")); name != "" {
		return name, nil
	}
	entries, err := book.List(ctx)
	if err != nil {
		return "", err
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Profile.Name)
	}
	switch len(names) {
	case 1:
		return names[0], nil
	case 0:
		return "", usagef("make one: exconn connection new --name NAME …", "there are no connections yet")
	}
	return "", usagef("one of: "+strings.Join(names, ", "), "there are several connections; name one with --connection")
}

// openMailbox is a mailbox with the connection that it is reached by.
type openMailbox struct {
	connection.Mailbox
	connection *connection.Connection
}

// close gives up the network connections. There is nothing that its error could
// tell: everything has been read and written by then.
func (m *openMailbox) close() { _ = m.connection.Close() }

// open opens the mailbox that a command is about.
func (s system) open(c *cli.Context) (*openMailbox, error) {
	conn, err := s.connect(c)
	if err != nil {
		return nil, err
	}
	box, err := conn.Mailbox(c.Context, c.String("mailbox"))
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return &openMailbox{Mailbox: box, connection: conn}, nil
}

// connect opens the connection that a command is about.
func (s system) connect(c *cli.Context) (*connection.Connection, error) {
	dir, entry, err := s.entry(c)
	if err != nil {
		return nil, err
	}
	opts, err := openOptions(c)
	if err != nil {
		return nil, err
	}
	return dir.book.Open(c.Context, entry.Profile.Name, opts)
}

func openOptions(c *cli.Context) (connection.OpenOptions, error) {
	opts := connection.OpenOptions{EWS: &ews.Options{}}
	if dir := c.String("trace-dir"); dir != "" {
		tracer, err := soap.NewDirTracer(dir)
		if err != nil {
			return opts, usagef("name a folder that can be written", "--trace-dir: %v", err)
		}
		opts.EWS.Trace = tracer
	}
	return opts, nil
}

// prompt asks for the passphrase of the data directory, where there is a person
// to ask.
func (s system) prompt() func(ctx context.Context, question string, confirm bool) ([]byte, error) {
	ask := newAsker(s)
	if ask == nil {
		return nil
	}
	return func(_ context.Context, question string, confirm bool) ([]byte, error) {
		var first, again oauth.Secret
		ask.secret(question, &first)
		if confirm {
			ask.secret("The same once more", &again)
			if !bytes.Equal(first, again) {
				return nil, usagef("try again", "the two passphrases differ")
			}
		}
		return first, ask.failed()
	}
}

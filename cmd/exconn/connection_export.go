package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/connection"
	"github.com/exconn/exconn/oauth"
)

func (s system) connectionExport() *cli.Command {
	return &cli.Command{
		Name: "export", Usage: "write connections with their secrets into an encrypted file", Action: s.exportConnections,
		Flags: local(
			&cli.StringSliceFlag{Name: "name", Aliases: []string{"connection", "c"}, Usage: "`NAME` of the connection, repeatable; may be left out where there is only one"},
			&cli.BoolFlag{Name: "all", Usage: "all connections"},
			&cli.StringFlag{Name: "out", Usage: "`FILE` to write, which must not be there yet (- is standard output)"},
			&cli.StringSliceFlag{Name: "recipient", Usage: "`KEY` (age1…, as age-keygen writes it) of who may read the file, repeatable"},
			&cli.StringFlag{Name: "passphrase-file", Usage: "`FILE` that holds a passphrase of 12 characters or more, in place of --recipient; asked for on a terminal where both are left out"},
			&cli.BoolFlag{Name: "with-sign-ins", Usage: "who has signed in, too, with the tokens: both machines then have the same sign-in"},
			&cli.BoolFlag{Name: "without-secrets", Usage: "the profiles alone, as plain JSON"},
		),
	}
}

// exportedData is what --json says of an export.
type exportedData struct {
	Out string `json:"out"`
	connection.Exported
}

func (s system) exportConnections(c *cli.Context) error {
	if err := need(c, "out"); err != nil {
		return err
	}
	out := c.String("out")
	if out == "-" && c.Bool("json") {
		return usagef("name a file, or leave --json out", "with --out - standard output is the export itself, so --json has no place")
	}
	dir, err := s.dataDir(c, false)
	if err != nil {
		return err
	}
	names, err := exportNames(c, dir.book)
	if err != nil {
		return err
	}
	opts := connection.ExportOptions{
		Recipients: c.StringSlice("recipient"), WithSignIns: c.Bool("with-sign-ins"), WithoutSecrets: c.Bool("without-secrets"),
	}
	if opts.Passphrase, err = s.exportPassphrase(c, opts); err != nil {
		return err
	}
	defer clear(opts.Passphrase)
	// The export is whole before anything of it is written.
	var text bytes.Buffer
	done, err := dir.book.Export(c.Context, &text, names, opts)
	if err != nil {
		return err
	}
	if out == "-" {
		if _, err := s.out.Write(text.Bytes()); err != nil {
			return err
		}
	} else if err := writeNewFile(out, text.Bytes()); err != nil {
		return err
	}
	s.tellExport(done, opts)
	if out == "-" {
		return nil
	}
	return s.printer(c).object(exportedData{Out: out, Exported: done}, func(w io.Writer) {
		fmt.Fprintf(w, "wrote %s: %s, with %d secrets and %d sign-ins\n", out, strings.Join(done.Connections, ", "), done.Secrets, done.SignIns)
	})
}

// exportNames are the connections that are meant: those named, all, or the
// only one there is.
func exportNames(c *cli.Context, book *connection.Book) ([]string, error) {
	names := c.StringSlice("name")
	switch {
	case len(names) > 0 && c.Bool("all"):
		return nil, usagef("give one of them", "--name and --all exclude each other")
	case len(names) > 0:
		return names, nil
	}
	entries, err := book.List(c.Context)
	if err != nil {
		return nil, err // one that cannot be read would be missing
	}
	for _, e := range entries {
		names = append(names, e.Profile.Name)
	}
	switch {
	case len(names) == 0:
		return nil, usagef("make one: exconn connection new --name NAME …", "there are no connections yet")
	case len(names) > 1 && !c.Bool("all"):
		return nil, usagef("name some with --name, or give --all", "there are several connections: %s", strings.Join(names, ", "))
	}
	return names, nil
}

// exportPassphrase reads the passphrase, or asks for a new one where nothing
// else says who may read the export.
func (s system) exportPassphrase(c *cli.Context, opts connection.ExportOptions) (oauth.Secret, error) {
	if c.IsSet("passphrase-file") {
		return s.passphraseFile(c)
	}
	ask := s.prompt()
	if len(opts.Recipients) > 0 || opts.WithoutSecrets || ask == nil {
		return nil, nil // the book's refusal says what is missing
	}
	return ask(c.Context, "Passphrase of the export", true)
}

func (s system) passphraseFile(c *cli.Context) (oauth.Secret, error) {
	content, err := s.readFile(c.String("passphrase-file"), "--passphrase-file")
	if err != nil {
		return nil, err
	}
	if content = bytes.TrimRight(content, "\r\n"); len(content) == 0 {
		return nil, usagef("write the passphrase into its first line", "--passphrase-file: the file is empty")
	}
	return content, nil
}

// tellExport says what the person must know about the file.
func (s system) tellExport(done connection.Exported, opts connection.ExportOptions) {
	switch {
	case !done.Encrypted:
		s.say("note: the file holds no secrets: whoever imports it gives them again")
	case done.SignIns > 0:
		s.say("note: the file holds %d sign-ins: the machine that imports it has the same refresh tokens as this one. Let one of the two use them: "+
			"where the server makes each good for one use, the other one has to sign in again, and what is signed out here is not signed out there", done.SignIns)
	case opts.WithSignIns:
		s.say("note: nobody has signed in to these connections, so the file holds no sign-ins")
	}
	if done.Encrypted {
		s.say("note: keep the file as safe as the secrets; delete it once it is imported")
	}
}

// writeNewFile writes a file that was not there, readable by this user alone.
func writeNewFile(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return usagef("name another file, or delete that one", "--out: %s exists already", path)
	case err != nil:
		return usagef("name a file in a folder that can be written", "--out: %v", err)
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(fmt.Errorf("%s cannot be written: %w", path, err), os.Remove(path))
	}
	return nil
}

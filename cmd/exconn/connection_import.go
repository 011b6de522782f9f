package main

import (
	"bytes"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/connection"
	"github.com/exconn/exconn/oauth"
)

func (s system) connectionImport(keySource cli.Flag) *cli.Command {
	return &cli.Command{
		Name: "import", Usage: "bring in connections that export has written, all or none", Action: s.importConnections,
		Flags: local(
			&cli.StringFlag{Name: "in", Usage: "`FILE` that export has written (- is standard input)"},
			&cli.StringFlag{Name: "identity-file", Usage: "`FILE` that age-keygen made, with the private key of a recipient"},
			&cli.StringFlag{Name: "passphrase-file", Usage: "`FILE` that holds the passphrase; asked for on a terminal where it is left out"},
			&cli.StringSliceFlag{Name: "rename", Usage: "`OLD=NEW`: another name for a connection, and for the authentication object of that name; repeatable"},
			&cli.BoolFlag{Name: "replace", Usage: "take the place of connections, authentication objects and sign-ins that are here already"},
			&cli.StringFlag{Name: "ca-file", Usage: "PEM `FILE` in place of the CA files that the connections name"},
			keySource,
		),
	}
}

// importedData is a connection that was brought in, as --json writes it.
type importedData struct {
	connectionData
	Replaced bool `json:"replaced"`
}

func (s system) importConnections(c *cli.Context) error {
	if err := need(c, "in"); err != nil {
		return err
	}
	opts, err := importOptions(c)
	if err != nil {
		return err
	}
	bundle, err := s.openBundle(c)
	if err != nil {
		return err
	}
	defer bundle.Wipe()
	// Before anything is made: a mistake must not leave a data directory behind.
	if err := bundle.Validate(opts); err != nil {
		return err
	}
	dir, err := s.dataDir(c, true)
	if err != nil {
		return err
	}
	for _, notice := range dir.notices {
		s.say("exconn: note: %s", notice)
	}
	done, err := dir.book.Import(c.Context, bundle, opts)
	if err != nil {
		return err
	}
	s.tellImport(done, bundle)
	var list []importedData
	for _, i := range done {
		list = append(list, importedData{connectionData: dataOf(i.Entry), Replaced: i.Replaced})
	}
	return rows(s.printer(c), list, []string{"name", "type", "authority or ews url", "state", ""}, func(d importedData) []any {
		server, replaced := d.AuthorityURL, ""
		if server == "" {
			server = d.EWSURL
		}
		if d.Replaced {
			replaced = "replaced"
		}
		return []any{d.Name, d.ExchangeType, server, d.Status.String(), replaced}
	})
}

func importOptions(c *cli.Context) (connection.ImportOptions, error) {
	opts := connection.ImportOptions{Replace: c.Bool("replace"), CAFile: c.String("ca-file"), Rename: map[string]string{}}
	for _, pair := range c.StringSlice("rename") {
		was, name, found := strings.Cut(pair, "=")
		if !found || was == "" || name == "" {
			return opts, usagef("write it as --rename OLD=NEW", "--rename %q is not of that form", pair)
		}
		opts.Rename[was] = name
	}
	return opts, nil
}

// openBundle reads and decrypts the file.
func (s system) openBundle(c *cli.Context) (*connection.Bundle, error) {
	in, keys := c.String("in"), connection.BundleKeys{}
	for _, other := range []string{"identity-file", "passphrase-file"} {
		if in == "-" && c.String(other) == "-" {
			return nil, usagef("name a file for one of them", "--in and --%s cannot both be standard input", other)
		}
	}
	if c.IsSet("identity-file") {
		text, err := s.readFile(c.String("identity-file"), "--identity-file")
		if err != nil {
			return nil, err
		}
		defer clear(text)
		if keys.Identities = text; len(bytes.TrimSpace(text)) == 0 {
			return nil, usagef("name the file that age-keygen made", "--identity-file: the file is empty")
		}
	}
	if c.IsSet("passphrase-file") {
		keys.Passphrase = func() (oauth.Secret, error) { return s.passphraseFile(c) }
	} else if ask := s.prompt(); ask != nil {
		keys.Passphrase = func() (oauth.Secret, error) { return ask(c.Context, "Passphrase of the export", false) }
	}
	content, err := s.readFile(in, "--in")
	if err != nil {
		return nil, err
	}
	return connection.OpenBundle(bytes.NewReader(content), keys)
}

// tellImport says what is left to be done.
func (s system) tellImport(done []connection.Imported, bundle *connection.Bundle) {
	said := map[string]bool{}
	for _, i := range done {
		for _, notice := range i.Profile.Notices() {
			if !said[notice] {
				s.say("exconn: note: %s", notice)
			}
			said[notice] = true
		}
	}
	if n := bundle.SignIns(); n > 0 {
		s.say("note: %d sign-ins were brought in: the machine that they come from has the same refresh tokens. Let one of the two use them", n)
	}
	for _, i := range done {
		if text := alertsText(i.Alerts); text != "" {
			s.say("note: %s tells of failures, as it did where it was exported: %s", i.Profile.Name, text)
		}
	}
	for _, i := range done {
		if next := nextAfterImport(i.Entry, bundle.Sealed()); next != "" {
			s.say("Next: %s", next)
		}
	}
}

// nextAfterImport is what to type for a connection that lacks something; "" for
// one that lacks nothing. sealed tells that the import brought all secrets.
func nextAfterImport(e connection.Entry, sealed bool) string {
	if e.Status.State != connection.NeedsSignIn {
		return ""
	}
	edit := "exconn connection edit --name " + e.Profile.Name
	switch {
	case e.Auth == nil:
		return edit + " --password-file FILE"
	case e.Auth.Method == oauth.ClientCertificate:
		return edit + " --certificate-file FILE"
	case e.Auth.Method.TakesSecret() && (!sealed || e.Auth.Method.AppOnly()):
		return edit + " --client-secret-file FILE"
	}
	return "exconn connection sign-in --name " + e.Profile.Name
}

package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/connection"
	"github.com/exconn/exconn/store/datadir"
	"github.com/exconn/exconn/store/keysource"
)

func (s system) key() *cli.Command {
	return &cli.Command{
		Name:  "key",
		Usage: "the master key that seals the secrets",
		Subcommands: []*cli.Command{
			{Name: "rotate", Usage: "seal all secrets anew with a new master key", Action: s.keyRotate, Flags: local(
				&cli.StringFlag{Name: "new-key-file", Usage: "`FILE` that holds the new key, or the new passphrase; for the key sources that exconn cannot write: systemd-credential, env, passphrase"},
			)},
		},
	}
}

// rotatedKey is what --json says of a rotation.
type rotatedKey struct {
	KeySource string   `json:"key_source"`
	Resealed  int      `json:"resealed"`
	Resumed   bool     `json:"resumed"`
	Damaged   []string `json:"damaged,omitempty"`
}

func (s system) keyRotate(c *cli.Context) error {
	path, err := dataDir(c)
	if err != nil {
		return err
	}
	given, err := s.newKey(c, path)
	if err != nil {
		return err
	}
	// It is wiped here; of the copies that decoding and encryption have made,
	// those inside the libraries remain until the process ends.
	defer clear(given)
	opts := datadir.Options{Sealed: connection.SealedBuckets(), Keys: &keysource.Options{Prompt: s.prompt(), Getenv: s.getenv}}
	done, err := datadir.RotateKey(c.Context, path, given, opts)
	if err != nil {
		return err
	}
	out := rotatedKey{KeySource: string(done.KeySource), Resealed: done.Records, Resumed: done.Resumed}
	for _, d := range done.Damaged {
		out.Damaged = append(out.Damaged, d.Bucket+"/"+d.Key)
		s.say("note: left as it was: %v", d)
	}
	if done.Resumed {
		s.say("note: this has finished a rotation that was interrupted")
	}
	if done.Advice != "" {
		s.say("note: %s", done.Advice)
	}
	s.say("note: where the former key has leaked, renew the secrets themselves too: copies of the database made before are still sealed with it")
	if p := s.printer(c); p.json {
		return rows(p, []rotatedKey{out}, nil, nil)
	}
	_, err = fmt.Fprintf(s.out, "The master key (%s) is a new one; %d secrets were sealed anew.\n", out.KeySource, out.Resealed)
	return err
}

// newKey reads the new key or passphrase where the source takes one: from the
// file that was named or, of a passphrase, from the person at the terminal.
func (s system) newKey(c *cli.Context, path string) ([]byte, error) {
	if file := c.String("new-key-file"); file != "" {
		return keysource.ReadNewKey(file)
	}
	source, err := datadir.SourceOf(path)
	if err != nil || source != keysource.Passphrase {
		return nil, err
	}
	ask := s.prompt()
	if ask == nil {
		return nil, nil // the refusal names the flag
	}
	return ask(c.Context, "New passphrase of the data directory", true)
}

package main

import (
	"crypto/x509"
	"encoding/csv"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/simulator"
	"github.com/exconn/exconn/simulator/journal"
)

// maxMailboxes and maxMessages bound what simulate makes up.
const (
	maxMailboxes = 100_000
	maxMessages  = 20_000
)

// worldFlags say how large the simulated world is, and where it is kept.
func worldFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "state", Usage: "keep everything in `FILE` from run to run; what was answered is in it even if the process is killed"},
		&cli.IntFlag{Name: "mailboxes", Usage: "`N` mailboxes more, half of them at each organisation: user00001@contoso.example and so on"},
		&cli.IntFlag{Name: "messages", Usage: "`N` messages in each of the --mailboxes", Value: 50},
	}
}

// readWorld puts the flags into the options.
func readWorld(c *cli.Context, opts *simulator.Options) error {
	for flag, most := range map[string]int{"mailboxes": maxMailboxes, "messages": maxMessages} {
		if n := c.Int(flag); n < 0 || n > most {
			return usagef(fmt.Sprintf("give 0 to %d", most), "--%s %d is out of range", flag, n)
		}
	}
	opts.State, opts.Mailboxes = c.String("state"), c.Int("mailboxes")
	if opts.Mailboxes > 0 || c.IsSet("messages") {
		opts.Messages = c.Int("messages")
	}
	return nil
}

// stateProblem says what to do about a state file that cannot be used.
func stateProblem(opts *simulator.Options, err error) error {
	switch {
	case errors.Is(err, journal.ErrInUse):
		return usagef("stop the other simulator, or give another --state", "%v", err)
	case opts.State != "":
		return usagef("give another --state, or what the file began with", "%v", err)
	}
	return err
}

// simulatedCrowd is the mailboxes that --mailboxes adds to an organisation.
type simulatedCrowd struct {
	Tenant string `json:"tenant"`
	Count  int    `json:"count"`
	First  string `json:"first"`
	Last   string `json:"last"`
}

// crowds describes the mailboxes of --mailboxes.
func crowds(sim *simulator.Simulator) []simulatedCrowd {
	var all []simulatedCrowd
	for _, t := range []simulator.Tenant{simulator.Server, simulator.Online} {
		if n := sim.CrowdSize(t); n > 0 {
			all = append(all, simulatedCrowd{string(t), n, sim.CrowdAddress(t, 1), sim.CrowdAddress(t, n)})
		}
	}
	return all
}

// writeCrowd writes their addresses and passwords into one file, where there
// are any.
func writeCrowd(sim *simulator.Simulator, dir string) (path string, err error) {
	if len(crowds(sim)) == 0 {
		return "", nil
	}
	path = filepath.Join(dir, "accounts.csv")
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", err
	}
	w := csv.NewWriter(f)
	// The writer remembers its first error, which Error tells.
	_ = w.Write([]string{"address", "password"})
	for _, crowd := range crowds(sim) {
		for n := range crowd.Count {
			a := sim.CrowdAddress(simulator.Tenant(crowd.Tenant), n+1)
			_ = w.Write([]string{a, string(sim.Password(a))})
		}
	}
	w.Flush()
	return path, errors.Join(w.Error(), f.Close())
}

func printCrowds(w io.Writer, facts simulation) {
	for _, c := range facts.Crowds {
		fmt.Fprintf(w, "\n%d mailboxes from %s to %s, passwords in %s\n", c.Count, c.First, c.Last, facts.AccountsFile)
	}
}

// clientCertificate registers the certificate that the folder has from an
// earlier run, so that who uses it goes on, or a new one, and returns its path.
func clientCertificate(sim *simulator.Simulator, dir string) (string, error) {
	path := filepath.Join(dir, "certificate.pem")
	if content, err := os.ReadFile(path); err == nil {
		if block, _ := pem.Decode(content); block != nil && block.Type == "CERTIFICATE" {
			if c, err := x509.ParseCertificate(block.Bytes); err == nil && time.Until(c.NotAfter) > 30*24*time.Hour {
				return path, sim.AddCertificate(c)
			}
		}
	}
	c, content, err := simulator.NewClientCertificate(sim.Applications().AppOnly.Name, time.Now())
	if err != nil {
		return "", err
	}
	if err := sim.AddCertificate(c); err != nil {
		return "", err
	}
	return path, os.WriteFile(path, content, 0o600)
}

package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/simulator"
)

func (s system) simulate() *cli.Command {
	return &cli.Command{
		Name:        "simulate",
		Usage:       "run a pretend Exchange and Entra on this machine, until interrupted",
		Description: faultHelp(),
		Action:      s.simulateRun,
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "dir", Usage: "the `DIR` for the CA's certificate, passwords and secrets", Value: "exconn-simulator"},
			&cli.IntFlag{Name: "login-port", Usage: "`PORT` of the pretend Entra; 0 is any", Value: 8441},
			&cli.IntFlag{Name: "server-port", Usage: "`PORT` of the pretend Exchange Server; 0 is any", Value: 8442},
			&cli.IntFlag{Name: "online-port", Usage: "`PORT` of the pretend Exchange Online; 0 is any", Value: 8443},
			&cli.StringFlag{Name: "crm-url", Usage: "`URL` of a CRM whose callback page is registered with the public clients"},
			&cli.Uint64Flag{Name: "seed", Usage: "`N` that decides the content of the mailboxes; a new one where left out"},
			&cli.BoolFlag{Name: "empty", Usage: "start with empty mailboxes"},
			jsonFlag,
		}, slices.Concat(signInFlags(), worldFlags(), limitFlags(), faultFlags())...),
	}
}

// simulation is what a client has to know of a running simulator.
type simulation struct {
	CAFile   string             `json:"ca_file"`
	Server   simulatedTenant    `json:"server"`
	Online   simulatedTenant    `json:"online"`
	Apps     []simulatedApp     `json:"applications"`
	Accounts []simulatedAccount `json:"accounts"`
	// Crowds are the mailboxes of --mailboxes, and AccountsFile has their
	// passwords.
	Crowds       []simulatedCrowd  `json:"crowds,omitempty"`
	AccountsFile string            `json:"accounts_file,omitempty"`
	Control      *simulatedControl `json:"control,omitempty"`
}

type simulatedTenant struct {
	EWSURL       string `json:"ews_url"`
	AuthorityURL string `json:"authority_url"`
	// ADFSURL is another authority, whose tokens are taken too.
	ADFSURL string `json:"adfs_url,omitempty"`
	// Offers are the ways to sign in, ExtendedProtection is whether some of
	// them must be bound to the TLS connection.
	Offers             []string `json:"offers"`
	ExtendedProtection string   `json:"extended_protection,omitempty"`
}

type simulatedApp struct {
	Name            string `json:"name"`
	ClientID        string `json:"client_id"`
	Tenant          string `json:"tenant"`
	SecretFile      string `json:"client_secret_file,omitempty"`
	CertificateFile string `json:"certificate_file,omitempty"`
	// RedirectURI is to be given whole; the others take http://localhost with
	// any port.
	RedirectURI string `json:"redirect_uri,omitempty"`
}

type simulatedAccount struct {
	Address      string `json:"address"`
	Tenant       string `json:"tenant"`
	PasswordFile string `json:"password_file,omitempty"`
	Note         string `json:"note,omitempty"`
}

func (s system) simulateRun(c *cli.Context) error {
	for _, flag := range []string{"login-port", "server-port", "online-port"} {
		if port := c.Int(flag); port < 0 || port > 65535 {
			return usagef("give 1 to 65535, or 0 for any", "--%s %d is no port", flag, port)
		}
	}
	signIn, err := readSignIn(c)
	if err != nil {
		return err
	}
	dir, err := filepath.Abs(c.String("dir"))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return usagef("give a --dir that can be written", "--dir: %v", err)
	}
	opts := &simulator.Options{
		Seed: c.Uint64("seed"), Empty: c.Bool("empty"), CADir: dir, SignIn: signIn,
		LoginAddr: address(c, "login-port"), ServerAddr: address(c, "server-port"), OnlineAddr: address(c, "online-port"),
	}
	if err := readFederation(c, opts); err != nil {
		return err
	}
	if err := readWorld(c, opts); err != nil {
		return err
	}
	if err := readLimits(c, opts); err != nil {
		return err
	}
	sim, err := simulator.New(opts)
	if err != nil {
		return stateProblem(opts, err)
	}
	if err := playFaults(c, sim); err != nil {
		return err
	}
	if err := sim.Start(); err != nil {
		return usagef("choose other ports with --login-port, --server-port and --online-port", "%v", err)
	}
	defer sim.Close() //nolint:errcheck // the process ends with it
	if crm := c.String("crm-url"); crm != "" {
		uri, err := oauth.RedirectURIForCRM(crm)
		if err != nil {
			return usagef("write it as https://server/install", "--crm-url: %v", err)
		}
		if err := sim.RegisterRedirect(uri); err != nil {
			return err
		}
	}
	facts, err := writeSimulation(sim, dir)
	if err != nil {
		return err
	}
	control, stop, err := serveControl(c, sim, dir)
	if err != nil {
		return err
	}
	defer stop()
	facts.Control = control
	if err := s.printer(c).object(facts, func(w io.Writer) { printSimulation(w, facts) }); err != nil {
		return err
	}
	kept := "What is in its mailboxes is forgotten then."
	if opts.State != "" {
		kept = "What is in its mailboxes is kept in " + opts.State + "."
	}
	s.say("The simulator runs until it is interrupted (Ctrl-C). " + kept)
	<-c.Context.Done()
	return nil
}

func address(c *cli.Context, flag string) string {
	return "127.0.0.1:" + strconv.Itoa(c.Int(flag))
}

// writeSimulation puts what a client needs into files: the CA's certificate,
// and each secret in one of its own, because the command takes no secret as a
// flag's value.
func writeSimulation(sim *simulator.Simulator, dir string) (simulation, error) {
	var facts simulation
	secret := func(name, value string) (string, error) {
		path := filepath.Join(dir, name)
		return path, os.WriteFile(path, []byte(value+"\n"), 0o600)
	}
	var err error
	if facts.CAFile, err = sim.CAFile(dir); err != nil {
		return facts, err
	}
	facts.Server = simulatedTenant{sim.EWSURL(simulator.Server), sim.AuthorityURL(simulator.Server), sim.ADFSURL(), offers(sim), string(sim.ExtendedProtection())}
	facts.Online = simulatedTenant{sim.EWSURL(simulator.Online), sim.AuthorityURL(simulator.Online), "", []string{"Bearer"}, ""}

	apps := sim.Applications()
	certificateFile, err := clientCertificate(sim, dir)
	if err != nil {
		return facts, err
	}
	facts.Crowds = crowds(sim)
	if facts.AccountsFile, err = writeCrowd(sim, dir); err != nil {
		return facts, err
	}
	for _, app := range []simulator.Application{apps.Server, apps.Online, apps.AppOnly, apps.Scoped, apps.Unlisted, apps.Web, apps.ADFS, apps.ADFSWeb} {
		told := simulatedApp{Name: app.Name, ClientID: app.ClientID, Tenant: string(app.Tenant)}
		if app.Secret != "" {
			if told.SecretFile, err = secret("secret-"+app.ClientID+".txt", string(app.Secret)); err != nil {
				return facts, err
			}
		}
		switch app.ClientID {
		case apps.AppOnly.ClientID, apps.Scoped.ClientID, apps.Web.ClientID, apps.ADFSWeb.ClientID:
			told.CertificateFile = certificateFile
		}
		switch app.ClientID {
		case apps.Web.ClientID:
			told.RedirectURI = simulator.CRMRedirect
		case apps.ADFS.ClientID, apps.ADFSWeb.ClientID:
			told.RedirectURI = simulator.LoopbackAtADFS
		}
		facts.Apps = append(facts.Apps, told)
	}
	for _, account := range sim.Accounts() {
		told := simulatedAccount{Address: account.Address, Tenant: string(account.Tenant), Note: account.Note}
		if account.Password != "" {
			if told.PasswordFile, err = secret("password-"+account.Address+".txt", string(account.Password)); err != nil {
				return facts, err
			}
		}
		facts.Accounts = append(facts.Accounts, told)
	}
	return facts, nil
}

func printSimulation(w io.Writer, facts simulation) {
	fields(w, "CA file", facts.CAFile,
		"Exchange Server", facts.Server.EWSURL, "  its authority", facts.Server.AuthorityURL, "  its AD FS", facts.Server.ADFSURL,
		"  it offers", strings.Join(facts.Server.Offers, ", "), "  Extended Protection", facts.Server.ExtendedProtection,
		"Exchange Online", facts.Online.EWSURL, "  its authority", facts.Online.AuthorityURL)
	if facts.Control != nil {
		fields(w, "control address", facts.Control.URL, "  its header in", facts.Control.HeaderFile)
	}
	t := newTable([]string{"application", "tenant", "client id", "secret or certificate", "redirect URI"})
	for _, app := range facts.Apps {
		proof := app.SecretFile
		if app.CertificateFile != "" {
			proof += "\n" + app.CertificateFile
		}
		t.AppendRow([]any{app.Name, app.Tenant, app.ClientID, proof, app.RedirectURI})
	}
	fmt.Fprintf(w, "\n%s\n\n", t.Render())
	t = newTable([]string{"account", "tenant", "password in", "note"})
	for _, account := range facts.Accounts {
		t.AppendRow([]any{account.Address, account.Tenant, account.PasswordFile, account.Note})
	}
	fmt.Fprintln(w, t.Render())
	printCrowds(w, facts)
}

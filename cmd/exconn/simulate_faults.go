package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/simulator"
	"github.com/exconn/exconn/simulator/entra"
)

// faultFlags are the flags of "exconn simulate" that let things go wrong.
func faultFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "faults", Usage: "a fault script: the `FILE` says which requests go wrong, and how (see above)"},
		&cli.StringFlag{Name: "control", Usage: "the loopback `ADDRESS`, such as 127.0.0.1:8444, at which other programs handle faults, clock, mail, tokens and rights of the running simulator (see above)"},
	}
}

// faultHelp describes fault scripts and the control address, for the help text.
func faultHelp() string {
	var b strings.Builder
	b.WriteString(`A fault script (--faults) is JSON:

   {"faults": [{"kind": "server-busy", "back_off": "2s", "nth": 3,
                "match": {"operation": "FindItem", "mailbox": "anna@contoso.example"}}]}

match takes service (ews, where left out; autodiscover, token, any), tenant (server, online), operation, mailbox, account
(an address or a client id) and user_agent (a part of it). Of the requests that match, a fault strikes the one that nth
says alone; or it lets skip of them go by, strikes a share, such as 0.1, of the others, and ends after so many strikes as
times says. Where nothing is said it strikes all. The seed, of the script or of --seed, decides where a share is struck:
the same script, seed and requests give the same faults. delay and name go with every kind. The kinds, with the fields that they have of their own:

`)
	for _, k := range simulator.FaultKinds() {
		fields := ""
		if k.Fields != "" {
			fields = " (" + k.Fields + ")"
		}
		fmt.Fprintf(&b, "   %s%s\n      %s\n", k.Name, fields, k.Does)
	}
	b.WriteString(`
An account, mailbox or tenant that is left out is that of the request; the mailbox "*" is all of them.

The control address (--control) wants the header that stands in control-header.txt in --dir, and speaks JSON:

   GET /faults, POST /faults (a script), DELETE /faults, DELETE /faults/ID, GET /strikes, GET /clock,
   POST /effects (one of the kinds from lose-sync-states on, at once)

   curl -H @exconn-simulator/control-header.txt http://127.0.0.1:8444/effects \
      -d '{"kind": "deliver", "to": "anna@contoso.example", "subject": "Hello"}'`)
	return b.String()
}

// playFaults puts the script of --faults in force.
func playFaults(c *cli.Context, sim *simulator.Simulator) error {
	path := c.String("faults")
	if path == "" {
		return nil
	}
	script, err := simulator.ReadFaults(path)
	if err != nil {
		hint := mailbox.Hint(err)
		if hint == "" {
			hint = "give a file that can be read"
		}
		return usagef(hint, "--faults: %v", err)
	}
	sim.Play(script)
	return nil
}

// simulatedControl is how to reach a running simulator's control address.
type simulatedControl struct {
	URL string `json:"url"`
	// HeaderFile has the header that lets a client in.
	HeaderFile string `json:"header_file"`
}

// serveControl opens the control address, if one is asked for. The function
// that it returns closes it.
func serveControl(c *cli.Context, sim *simulator.Simulator, dir string) (*simulatedControl, func(), error) {
	addr := c.String("control")
	if addr == "" {
		return nil, func() {}, nil
	}
	const hint = "give an address of loopback with a port, such as 127.0.0.1:8444; port 0 is any"
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, nil, usagef(hint, "--control %s: %v", addr, err)
	}
	if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
		return nil, nil, usagef(hint, "--control %s is no address of loopback, and whoever reaches it can do everything here", addr)
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, nil, usagef(hint, "--control: %v", err)
	}
	token := entra.Secret(rand.Text())
	file := filepath.Join(dir, "control-header.txt")
	if err := writeNew(file, "Authorization: Bearer "+string(token)+"\n"); err != nil {
		listener.Close()
		return nil, nil, fmt.Errorf("keeping the control token: %w", err)
	}
	server := &http.Server{Handler: sim.Control(token), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(listener) // it ends when it is closed
	}()
	stop := func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			_ = server.Close() // what is still open ends with the process
		}
		<-ended
	}
	return &simulatedControl{URL: "http://" + listener.Addr().String(), HeaderFile: file}, stop, nil
}

// writeNew writes a file that its owner alone can read, whatever the rights of
// one that was there.
func writeNew(path, content string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.WriteFile(path, []byte(content), 0o600)
}

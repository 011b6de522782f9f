package main

import (
	"io"
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/exconn/exconn/connection"
	"github.com/exconn/exconn/internal/tunneltest"
	"github.com/exconn/exconn/simulator"
)

// An Exchange Server's URL is looked for where it is left out; the talk says
// what was found and where.
func TestDiscoverEWSFillsInTheURL(t *testing.T) {
	sim, err := simulator.New(&simulator.Options{Seed: 7, Empty: true, Host: "contoso.example"})
	if err != nil {
		t.Fatal(err)
	}
	if err := sim.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	ca, err := sim.CAFile(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(sim.EWSURL(simulator.Server))
	if err != nil {
		t.Fatal(err)
	}
	d := connection.Draft{
		Profile: connection.Profile{Name: "contoso", ExchangeType: connection.Server, CAFile: ca, Proxy: tunneltest.To(t, "contoso.example", net.JoinHostPort("127.0.0.1", at.Port())),
			Login: &connection.Login{Kind: connection.Basic, Username: "svc-crm@contoso.example"}},
	}
	d.Secrets.Password = []byte(sim.Password("svc-crm@contoso.example"))
	var talk strings.Builder
	s := system{in: strings.NewReader(""), out: io.Discard, err: &talk}
	if err := s.discoverEWS(t.Context(), &d); err != nil {
		t.Fatalf("%v\n%s", err, talk.String())
	}
	if want := sim.EWSURL(simulator.Server); d.Profile.EWSURL != want || !strings.Contains(talk.String(), "the EWS URL is "+want) {
		t.Errorf("the URL is %q; %s", d.Profile.EWSURL, talk.String())
	}
	given, before := d.Profile.EWSURL, talk.Len()
	if err := s.discoverEWS(t.Context(), &d); err != nil || d.Profile.EWSURL != given || talk.Len() != before {
		t.Errorf("a URL that was given is looked for: %v %s", err, talk.String())
	}
}

package main

import (
	"bufio"
	"bytes"
	"flag"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/connection"
	"github.com/exconn/exconn/oauth"
)

// asked fills a draft from flags and from what a person answers.
func asked(t *testing.T, answers string, args ...string) (connection.Draft, string, error) {
	t.Helper()
	var talk bytes.Buffer
	s := system{in: strings.NewReader(answers), err: &talk}
	set := flag.NewFlagSet("new", flag.ContinueOnError)
	for _, c := range s.connection().Subcommands {
		if c.Name != "new" {
			continue
		}
		for _, f := range c.Flags {
			if err := f.Apply(set); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := set.Parse(args); err != nil {
		t.Fatal(err)
	}
	var d connection.Draft
	ask := &asker{s: s, lines: bufio.NewReader(strings.NewReader(answers))}
	err := s.fill(cli.NewContext(nil, set, nil), &d, ask)
	return d, talk.String(), err
}

// What flags do not give is asked for, with what Return alone means; what they
// give is not.
func TestAskForWhatIsMissing(t *testing.T) {
	d, talk, err := asked(t, "crm\n\n\nmy-client-id\n\n")
	if err != nil {
		t.Fatal(err)
	}
	want := connection.Draft{
		Profile: connection.Profile{Name: "crm", ExchangeType: connection.Online},
		Auth:    &connection.Auth{Method: oauth.PKCE, ClientID: "my-client-id", AccountType: connection.DefaultAccountType},
	}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, question := range []string{
		"Name of the connection: ", "Exchange type (online or server) [online]: ", "Way in (", "[pkce]: ",
		"Application (client) ID: ", "Supported account type (organizations, common, a tenant id or a domain) [organizations]: ",
	} {
		if !strings.Contains(talk, question) {
			t.Errorf("it does not ask %q: %s", question, talk)
		}
	}
}

func TestAskForAServersLogin(t *testing.T) {
	d, talk, err := asked(t, "https://mail.example.com/EWS/Exchange.asmx\nCRM\\service\n", "--name", "crm", "--exchange-type", "server", "--auth", "basic")
	if err != nil {
		t.Fatal(err)
	}
	if d.Profile.EWSURL != "https://mail.example.com/EWS/Exchange.asmx" || d.Profile.Login == nil || d.Profile.Login.Username != `CRM\service` {
		t.Errorf("got %+v", d.Profile)
	}
	for _, question := range []string{"Name of", "Exchange type", "Way in", "Application"} {
		if strings.Contains(talk, question) {
			t.Errorf("it asks %q all the same: %s", question, talk)
		}
	}
}

func TestAskWithoutAnAnswer(t *testing.T) {
	_, _, err := asked(t, "crm\n")
	if codeFor(err) != exitUsage || !strings.Contains(err.Error(), "no answer") {
		t.Errorf("got %v", err)
	}
}

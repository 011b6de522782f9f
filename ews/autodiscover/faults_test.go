package autodiscover_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/exconn/exconn/ews/autodiscover"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/simulator"
)

// Where one way fails another is taken, and where all fail the error says that
// it is worth trying again.
func TestDiscoveryGoesWrong(t *testing.T) {
	s := simulated(t)
	password := string(s.Password("svc-crm@contoso.example"))
	opts := &autodiscover.Options{
		HTTPClient: reach(t, s, "autodiscover.contoso.example", simulator.Server), Resolver: noDNS{}, NoOnline: true,
		Authorize: func(r *http.Request) error { r.SetBasicAuth(`CONTOSO\svc-crm`, password); return nil },
	}
	for fault, want := range map[string]struct {
		way autodiscover.Way
		is  error
	}{
		`{"kind": "http-503", "match": {"service": "autodiscover"}}`:                                                                                    {is: mailbox.ErrBusy},
		`{"kind": "http-503", "match": {"service": "autodiscover", "operation": "GetUserSettings"}}`:                                                    {way: autodiscover.POX},
		`{"kind": "truncate", "bytes": 90, "match": {"service": "autodiscover", "account": "svc-crm@contoso.example", "operation": "GetUserSettings"}}`: {way: autodiscover.POX},
		`{"kind": "delay", "delay": "10ms", "match": {"service": "any", "tenant": "server"}}`:                                                           {way: autodiscover.SOAP},
		`{"kind": "http-503", "match": {"service": "ews"}}`:                                                                                             {way: autodiscover.SOAP},
	} {
		script, err := simulator.ParseFaults([]byte(`{"faults": [` + fault + `]}`))
		if err != nil {
			t.Fatal(err)
		}
		id := s.Play(script)[0]
		found, err := autodiscover.Discover(t.Context(), "anna@contoso.example", opts)
		s.RemoveFault(id)
		if want.is == nil && (err != nil || found.Way != want.way || found.EWSURL != s.EWSURL(simulator.Server)) || !errors.Is(err, want.is) {
			t.Errorf("%s: found %+v, %v", fault, found, err)
		}
	}
}

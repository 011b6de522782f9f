package connection

import (
	"context"
	"fmt"
	"net/http"

	"github.com/exconn/exconn/ews/autodiscover"
	"github.com/exconn/exconn/mailbox"
)

// Discoverable reports whether DiscoverEWS can find what the draft lacks: the
// EWS URL of an Exchange Server whose user name is a mail address.
func (d Draft) Discoverable() bool {
	p := d.Profile
	return p.ExchangeType == Server && (p.Protocol == EWS || p.Protocol == "") && p.EWSURL == "" &&
		p.Login != nil && addressProblem(p.Login.Username) == ""
}

// DiscoverEWS finds the EWS URL of a Discoverable draft by Autodiscover, from
// the address and with what its login has (password, keytab, tickets), its CA
// file and its proxy.
// The draft's other mistakes are told first, before any server is asked. Errors
// are FieldErrors, *autodiscover.Error, and *StrangeHostError where the answer
// needs a person's word.
func (d Draft) DiscoverEWS(ctx context.Context) (*autodiscover.Settings, error) {
	trial := d
	trial.Profile.EWSURL = "https://autodiscover.invalid/EWS/Exchange.asmx"
	if err := trial.Validate(); err != nil {
		return nil, err
	}
	base, err := newTransport(d.Profile)
	if err != nil {
		return nil, err
	}
	defer base.CloseIdleConnections()
	login := newBasicLogin(d.Profile.Login.Username, d.Secrets.Password)
	opts := &autodiscover.Options{HTTPClient: &http.Client{Transport: base}, NoOnline: true}
	if signed := newDiscoveryLogin(base, d.Profile, d.Secrets.Password); signed != nil {
		defer signed.closeIdle()
		opts.SignedClient = &http.Client{Transport: signed}
	} else {
		opts.Authorize = func(r *http.Request) error {
			r.SetBasicAuth(login.username, login.password())
			return nil
		}
	}
	found, err := autodiscover.Discover(ctx, login.username, opts)
	if err != nil {
		return nil, err
	}
	if found.Stranger {
		return nil, &StrangeHostError{Address: login.username, EWSURL: found.EWSURL, Source: found.Source}
	}
	return found, nil
}

// StrangeHostError says that Autodiscover names an EWS URL outside the
// address's domain. The organisation may have it so, but the connection would
// send its password there on that server's word alone. It Is
// mailbox.ErrInvalid.
type StrangeHostError struct {
	// Address was asked about, EWSURL is the answer, Source where it is from.
	Address, EWSURL, Source string
}

func (e *StrangeHostError) Error() string {
	return fmt.Sprintf("Autodiscover for %s names an EWS URL outside the address's domain: %s (said %s)", e.Address, e.EWSURL, e.Source)
}

// Is reports true for mailbox.ErrInvalid.
func (e *StrangeHostError) Is(target error) bool { return target == mailbox.ErrInvalid }

// Hint says what to do.
func (e *StrangeHostError) Hint() string {
	return "if that is the organisation's server, or its hoster's, say so: --ews-url " + e.EWSURL
}

package connection

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/exconn/exconn/ews/autodiscover"
	"github.com/exconn/exconn/internal/gsstest"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/simulator"
	"github.com/exconn/exconn/simulator/httpauth"
)

// noJSON leaves Autodiscover without the version that wants no credentials, so
// that who finds something has signed in.
func noJSON(sim *simulator.Simulator) {
	sim.Fail(simulator.Fault{Service: simulator.Autodiscover, Operation: "JSON", Status: http.StatusNotFound})
}

func TestDiscoverEWSByNTLM(t *testing.T) {
	for _, schemes := range [][]httpauth.Scheme{{httpauth.NTLM}, {httpauth.Negotiate}, httpauth.Schemes()} {
		d, sim := discoverable(t, "autodiscover.contoso.example", simulator.SignInOptions{Schemes: schemes, ExtendedProtection: httpauth.ProtectionRequire})
		noJSON(sim)
		d.Profile.Login.Kind = NTLM
		found, err := d.DiscoverEWS(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if found.EWSURL != sim.EWSURL(simulator.Server) || found.Way != autodiscover.SOAP {
			t.Errorf("%v: found %s by %s", schemes, found.EWSURL, found.Way)
		}
		// By POX too, where SOAP does not work.
		remove := sim.Fail(simulator.Fault{Service: simulator.Autodiscover, Operation: "GetUserSettings", Status: http.StatusServiceUnavailable})
		if found, err := d.DiscoverEWS(t.Context()); err != nil || found.Way != autodiscover.POX {
			t.Errorf("%v: without SOAP: %+v, %v", schemes, found, err)
		}
		remove()
	}
}

func TestDiscoverEWSByNTLMRefused(t *testing.T) {
	d, sim := discoverable(t, "autodiscover.contoso.example", simulator.SignInOptions{})
	noJSON(sim)
	d.Profile.Login.Kind, d.Secrets.Password = NTLM, oauth.Secret("not-this-one")
	_, err := d.DiscoverEWS(t.Context())
	var failed *autodiscover.Error
	if !errors.As(err, &failed) || !errors.Is(err, mailbox.ErrSignInNeeded) || mailbox.Hint(err) == "" || strings.Contains(err.Error(), "not-this-one") {
		t.Errorf("a wrong password: %v, hint %q", err, mailbox.Hint(err))
	}

	d, sim = discoverable(t, "autodiscover.contoso.example", simulator.SignInOptions{Schemes: []httpauth.Scheme{httpauth.Basic}})
	noJSON(sim)
	d.Profile.Login.Kind = NTLM
	_, err = d.DiscoverEWS(t.Context())
	if !errors.Is(err, mailbox.ErrSignInNeeded) || !strings.Contains(mailbox.Hint(err), "Set-WebServicesVirtualDirectory -WindowsAuthentication") {
		t.Errorf("where NTLM is not offered: %v, hint %q", err, mailbox.Hint(err))
	}
	signed := slices.ContainsFunc(attempts(err), func(a autodiscover.Attempt) bool {
		return a.Signed && strings.Contains(a.String(), "does not offer NTLM")
	})
	if !signed {
		t.Errorf("no attempt tells why: %v", attempts(err))
	}
}

func attempts(err error) []autodiscover.Attempt {
	var failed *autodiscover.Error
	if !errors.As(err, &failed) {
		return nil
	}
	return failed.Attempts
}

// The service is named by the profile, since the KDC knows no other.
func TestDiscoverEWSByKerberos(t *testing.T) {
	k := gsstest.StartKDCOf(t, "CONTOSO.EXAMPLE")
	t.Cleanup(k.Stop)
	d, sim := discoverable(t, "autodiscover.contoso.example", simulator.SignInOptions{
		Schemes: []httpauth.Scheme{httpauth.Negotiate}, ExtendedProtection: httpauth.ProtectionRequire, KeytabFile: k.ServiceKeys,
	})
	noJSON(sim)
	d.Profile.Login = &Login{Kind: Kerberos, Username: "anna@CONTOSO.EXAMPLE", Krb5Conf: k.Config, SPN: gsstest.Service, CredentialCache: k.Kinit(t)}
	d.Secrets = Secrets{}
	found, err := d.DiscoverEWS(t.Context())
	if err != nil {
		t.Fatalf("%v: %v", err, attempts(err))
	}
	if found.EWSURL != sim.EWSURL(simulator.Server) || found.Way != autodiscover.SOAP {
		t.Errorf("found %s by %s", found.EWSURL, found.Way)
	}
}

// Neither a password nor a ticket leaves over plain http.
func TestDiscoveryLoginSignsNothingPlain(t *testing.T) {
	base := &http.Transport{}
	defer base.CloseIdleConnections()
	d := newDiscoveryLogin(base, Profile{Name: "contoso", Login: &Login{Kind: NTLM, Username: "anna@contoso.example"}}, oauth.Secret("secret"))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1:1/", strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	var plain *OriginError
	if _, err := d.RoundTrip(req); !errors.As(err, &plain) || len(d.hosts) != 0 {
		t.Error(err)
	}
}

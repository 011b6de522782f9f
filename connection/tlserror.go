package connection

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/exconn/exconn/mailbox"
)

// TLSError says why a server's proof of identity was not accepted. Nothing was
// sent to it. It Is mailbox.ErrUnavailable.
type TLSError struct {
	// Host is the server, with its port.
	Host string
	// Problem says what is wrong with the certificate.
	Problem string
	// Err is the error of crypto/tls or crypto/x509.
	Err  error
	cure string
}

func (e *TLSError) Error() string {
	return fmt.Sprintf("no secure connection to %s: %s", e.Host, e.Problem)
}

// Unwrap returns the error beneath.
func (e *TLSError) Unwrap() error { return e.Err }

// Is reports true for mailbox.ErrUnavailable.
func (e *TLSError) Is(target error) bool { return target == mailbox.ErrUnavailable }

// Hint says what to do.
func (e *TLSError) Hint() string { return e.cure }

// curable puts the cure that a TLSError, or an error of NTLM or Kerberos, knows
// before the hints of the errors around it, which take it for trouble of the
// network.
func curable(err error) error {
	cure := windowsHint(err)
	var te *TLSError
	if errors.As(err, &te) {
		cure = te.cure
	}
	if cure == "" {
		return err
	}
	return &curableError{err: err, cure: cure}
}

type curableError struct {
	err  error
	cure string
}

func (e *curableError) Error() string { return e.err.Error() }
func (e *curableError) Unwrap() error { return e.err }
func (e *curableError) Hint() string  { return e.cure }

// explainTLS makes TLS errors of a transport *TLSErrors, with the cure for a
// connection. The sign-in goes through it as well as the calls.
type explainTLS struct {
	base    http.RoundTripper
	profile Profile
}

func (t *explainTLS) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.base.RoundTrip(req)
	if err == nil {
		return resp, nil
	}
	return nil, asTLSError(err, hostOf(req.URL), t.profile)
}

// asTLSError returns err where it is no TLS error.
func asTLSError(err error, host string, p Profile) error {
	var (
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		roots     x509.SystemRootsError
		record    tls.RecordHeaderError
		alert     tls.AlertError
	)
	e := &TLSError{Host: host, Err: err}
	withCA := command("edit", p.Name, "--ca-file FILE")
	switch {
	case errors.As(err, &authority):
		e.Problem = "its certificate is signed by an authority that is not trusted here" + issuer(authority.Cert)
		e.cure = "get the authority's certificate from the server's admin as a PEM file, and trust it for this connection: " + withCA
		if p.CAFile != "" {
			e.cure = fmt.Sprintf("%s does not hold the authority that signed this certificate; get the right one from the server's admin, with its intermediates, then: %s", p.CAFile, withCA)
		}
	case errors.As(err, &name):
		e.Problem = fmt.Sprintf("its certificate is not for this host, but for %s", namesOf(name.Certificate))
		e.cure = "use a host name that the certificate is for: " + command("edit", p.Name, "--ews-url URL")
	case errors.As(err, &invalid):
		e.Problem, e.cure = invalidProblem(invalid)
	case errors.As(err, &roots):
		e.Problem = "this machine has no certificate authorities"
		e.cure = "install them (on Debian: apt-get install ca-certificates), or trust a file: " + withCA
	case errors.As(err, &record):
		e.Problem = "what answers there does not speak TLS"
		e.cure = "check host and port of the URL, and the proxy"
	case errors.As(err, &alert):
		e.Problem = "the server ended the handshake: " + alert.Error()
		e.cure = "the server may be too old (TLS 1.2 is needed), want a client certificate, or not know this host name"
	default:
		return err
	}
	return e
}

func issuer(cert *x509.Certificate) string {
	if cert == nil {
		return ""
	}
	return fmt.Sprintf(" (%s, issued by %s)", cert.Subject, cert.Issuer)
}

func namesOf(cert *x509.Certificate) string {
	if cert == nil {
		return "others"
	}
	names := cert.DNSNames
	for _, ip := range cert.IPAddresses {
		names = append(names, ip.String())
	}
	switch {
	case len(names) == 0:
		return fmt.Sprintf("%s, which names no host", cert.Subject)
	case len(names) > 5:
		return fmt.Sprintf("%q and %d more", names[:5], len(names)-5)
	}
	return fmt.Sprintf("%q", names)
}

func invalidProblem(e x509.CertificateInvalidError) (problem, cure string) {
	if e.Reason != x509.Expired || e.Cert == nil {
		return "its certificate is not acceptable: " + e.Error(), "the server's admin has to mend or replace the certificate"
	}
	if time.Now().Before(e.Cert.NotBefore) {
		return fmt.Sprintf("its certificate is valid only from %s", e.Cert.NotBefore.UTC().Format(time.RFC3339)),
			"check this machine's clock"
	}
	return fmt.Sprintf("its certificate expired on %s", e.Cert.NotAfter.UTC().Format(time.RFC3339)),
		"the server's admin has to renew the certificate; check this machine's clock too"
}

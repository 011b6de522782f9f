package httpauth

import (
	"crypto"
	"crypto/hmac"
	"crypto/md5"
	_ "crypto/sha256" // by digest
	_ "crypto/sha512"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"
)

// Protection is IIS's Extended Protection for Authentication: whether a sign-in
// by NTLM or Kerberos must be bound to the TLS connection that it is made over.
type Protection string

// The settings of Extended Protection, as Exchange's cmdlets name them.
const (
	// ProtectionNone does not look at bindings.
	ProtectionNone Protection = "none"
	// ProtectionAllow takes a sign-in without a binding, and refuses a wrong
	// one.
	ProtectionAllow Protection = "allow"
	// ProtectionRequire refuses both.
	ProtectionRequire Protection = "require"
)

// Protections are all settings.
func Protections() []Protection {
	return []Protection{ProtectionNone, ProtectionAllow, ProtectionRequire}
}

// ParseProtection reads a setting, in whatever case.
func ParseProtection(name string) (Protection, error) {
	for _, p := range Protections() {
		if strings.EqualFold(name, string(p)) {
			return p, nil
		}
	}
	return "", fmt.Errorf("there is no setting %q of Extended Protection; there are %v", name, Protections())
}

// binding is the hash of a channel's bindings; zero means none.
type binding [md5.Size]byte

// bindingOf is the one of the type tls-server-end-point (RFC 5929 section 4.1):
// the certificate's hash by the algorithm of its signature, but SHA-256 in place
// of anything weaker. It is nil for a certificate that is signed without a hash.
func bindingOf(cert *x509.Certificate) *binding {
	if cert == nil {
		return nil
	}
	digest := crypto.SHA256
	switch name := cert.SignatureAlgorithm.String(); {
	case cert.SignatureAlgorithm == x509.PureEd25519:
		return nil
	case strings.Contains(name, "SHA384"):
		digest = crypto.SHA384
	case strings.Contains(name, "SHA512"):
		digest = crypto.SHA512
	}
	h := digest.New()
	h.Write(cert.Raw)
	application := append([]byte("tls-server-end-point:"), h.Sum(nil)...)
	// gss_channel_bindings_struct (RFC 2744 section 3.11): type and length of
	// two addresses that are left out, then the application data.
	var b [20]byte
	binary.LittleEndian.PutUint32(b[16:], uint32(len(application)))
	sum := binding(md5.Sum(append(b[:], application...)))
	return &sum
}

// checkBinding holds what a client has bound its sign-in to against this server
// and the request's connection.
func (a *Authenticator) checkBinding(r *http.Request, got binding) *Refusal {
	if a.opts.Protection == ProtectionNone {
		return nil
	}
	require := a.opts.Protection == ProtectionRequire
	want := a.binding.Load()
	switch {
	case got == binding{} && require:
		return refused("Extended Protection: the client has bound its sign-in to no TLS connection")
	case got == binding{}:
		return nil
	case r.TLS == nil || want == nil:
		if require {
			return refused("Extended Protection is required, but this server knows no certificate of its own for the connection")
		}
		return nil
	case !hmac.Equal(got[:], want[:]):
		return refused("Extended Protection: the client's sign-in is bound to another TLS connection: something between terminates TLS")
	}
	return nil
}

package oauth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha1" // #nosec G505 -- the portal names certificates by their SHA-1 thumbprint
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/exconn/exconn/mailbox"
)

// Certificate is an application's certificate with its chain and its private
// key. The key appears in no printed form.
type Certificate struct {
	// chain begins with the certificate that belongs to key.
	chain []*x509.Certificate
	key   *rsa.PrivateKey
}

// ParseCertificate reads one PEM text that holds the application's
// certificate, any further certificates of its chain, and the unencrypted RSA
// private key, in any order. It does not judge whether the certificate has
// expired: Entra does, and Expires says when. Errors are *CertificateError.
func ParseCertificate(text []byte) (*Certificate, error) { return ReadCertificate(text, nil) }

// ReadCertificate is ParseCertificate for what admins are given: PEM, or PKCS
// #12, which Windows calls PFX, with the old or the new kind of encryption. The
// password is that of a PKCS #12 file; empty means none. A *CertificateError
// says whether one is wanted.
func ReadCertificate(content []byte, password Secret) (*Certificate, error) {
	if isPKCS12(content) {
		return parsePKCS12(content, password)
	}
	return parsePEM(content)
}

// matchKey puts the certificate that belongs to key first.
func matchKey(certs []*x509.Certificate, key *rsa.PrivateKey) (*Certificate, error) {
	switch {
	case len(certs) == 0 && key == nil:
		return nil, &CertificateError{Problem: "the file holds no certificate in PEM or PKCS #12 (.pfx) form", Cure: "export the certificate with its private key from where it was made, as .pfx or .pem"}
	case len(certs) == 0:
		return nil, &CertificateError{Problem: "the file holds a private key but no certificate", Cure: "put both into one file: cat cert.pem key.pem > app.pem"}
	case key == nil:
		return nil, &CertificateError{Problem: "the file holds a certificate but no private key", Cure: "put both into one file: cat cert.pem key.pem > app.pem; in Windows, export with \"Yes, export the private key\""}
	}
	for i, cert := range certs {
		if pub, ok := cert.PublicKey.(*rsa.PublicKey); ok && pub.Equal(&key.PublicKey) {
			chain := append([]*x509.Certificate{cert}, certs[:i]...)
			return &Certificate{chain: append(chain, certs[i+1:]...), key: key}, nil
		}
	}
	return nil, &CertificateError{Problem: "the private key belongs to none of the certificates in the file", Cure: "export the certificate together with its own key"}
}

// rsaKey returns a private key if it is one that Entra takes.
func rsaKey(key crypto.PrivateKey) (*rsa.PrivateKey, error) {
	switch k := key.(type) {
	case *rsa.PrivateKey:
		return k, nil
	case *ecdsa.PrivateKey:
		return nil, notRSA("an elliptic curve key")
	case ed25519.PrivateKey:
		return nil, notRSA("an Ed25519 key")
	}
	return nil, notRSA("not an RSA key")
}

func notRSA(what string) error {
	return &CertificateError{Problem: "the private key is " + what + ", and Microsoft Entra accepts RSA alone for an application", Cure: "make an RSA key of 2048 bits or more with its certificate"}
}

// PEM returns the certificate, its chain and its key unencrypted, as
// ParseCertificate reads them. It is a secret.
func (c *Certificate) PEM() Secret {
	var out []byte
	for _, cert := range c.chain {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})...)
	}
	// It fails for unknown kinds of keys alone, and this one is RSA.
	der, _ := x509.MarshalPKCS8PrivateKey(c.key)
	return append(out, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})...)
}

// Thumbprint returns the SHA-1 thumbprint in upper-case hexadecimal, by which
// the Entra portal lists certificates.
func (c *Certificate) Thumbprint() string {
	sum := sha1.Sum(c.chain[0].Raw) // #nosec G401
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// Expires returns when the certificate ends.
func (c *Certificate) Expires() time.Time { return c.chain[0].NotAfter }

// Subject returns the certificate's subject as a distinguished name.
func (c *Certificate) Subject() string { return c.chain[0].Subject.String() }

// String names the certificate by subject and thumbprint.
func (c *Certificate) String() string {
	if c == nil || len(c.chain) == 0 {
		return "no certificate"
	}
	return fmt.Sprintf("certificate %s (thumbprint %s)", c.Subject(), c.Thumbprint())
}

// GoString is String.
func (c *Certificate) GoString() string { return c.String() }

// Format writes String whatever the verb.
func (c *Certificate) Format(f fmt.State, _ rune) { writeRedacted(f, c.String()) }

// LogValue is String.
func (c *Certificate) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText is String.
func (c *Certificate) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// CertificateError says why a certificate file cannot be used. It Is
// mailbox.ErrInvalid.
type CertificateError struct {
	// Problem is what was found, Cure what to do about it; Cure may be empty.
	Problem, Cure string
	// NeedsPassword: the key is encrypted and no password was given, or the one
	// given does not open it.
	NeedsPassword bool
}

func (e *CertificateError) Error() string { return "certificate: " + e.Problem }

// Hint returns what to do.
func (e *CertificateError) Hint() string { return e.Cure }

// Is makes the error one of mailbox.ErrInvalid.
func (e *CertificateError) Is(target error) bool { return target == mailbox.ErrInvalid }

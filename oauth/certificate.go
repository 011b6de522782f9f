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
func ParseCertificate(text []byte) (*Certificate, error) {
	var (
		certs []*x509.Certificate
		key   *rsa.PrivateKey
		rest  = text
	)
	for {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		if block == nil {
			break
		}
		switch {
		case block.Type == "CERTIFICATE":
			cert, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, &CertificateError{Problem: fmt.Sprintf("certificate %d in the file cannot be read: %v", len(certs)+1, err)}
			}
			certs = append(certs, cert)
		case strings.HasSuffix(block.Type, "PRIVATE KEY"):
			if key != nil {
				return nil, &CertificateError{Problem: "the file holds more than one private key", Cure: "keep the key of the application's certificate alone"}
			}
			var err error
			if key, err = parseKey(block); err != nil {
				return nil, err
			}
		}
	}
	return matchKey(text, certs, key)
}

// parseKey reads a private key block. Its errors carry no part of the key:
// those of x509 do not either, but they are of no use to a person.
func parseKey(block *pem.Block) (*rsa.PrivateKey, error) {
	if block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "" {
		return nil, &CertificateError{
			Problem: "the private key is encrypted with a password",
			Cure:    "write it out without one (openssl pkcs8 -topk8 -nocrypt -in key.pem -out plain.pem) and make the file readable by you alone",
		}
	}
	var key crypto.PrivateKey
	var err error
	switch block.Type {
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		return nil, notRSA("an elliptic curve key")
	default:
		return nil, &CertificateError{Problem: fmt.Sprintf("the private key is of a kind that is not understood (%q)", block.Type), Cure: "convert it to PKCS #8: openssl pkcs8 -topk8 -nocrypt -in key.pem -out plain.pem"}
	}
	if err != nil {
		return nil, &CertificateError{Problem: "the private key cannot be read: it is damaged or cut off", Cure: "export the certificate with its key again"}
	}
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

// matchKey puts the certificate that belongs to key first.
func matchKey(text []byte, certs []*x509.Certificate, key *rsa.PrivateKey) (*Certificate, error) {
	switch {
	case len(certs) == 0 && key == nil:
		problem := "the file holds no certificate in PEM form"
		if len(text) > 1 && text[0] == 0x30 {
			problem += "; it looks like a PKCS #12 (.pfx) or DER file"
		}
		return nil, &CertificateError{Problem: problem, Cure: "convert it: openssl pkcs12 -in app.pfx -nodes -out app.pem"}
	case len(certs) == 0:
		return nil, &CertificateError{Problem: "the file holds a private key but no certificate", Cure: "put both into one file: cat cert.pem key.pem > app.pem"}
	case key == nil:
		return nil, &CertificateError{Problem: "the file holds a certificate but no private key", Cure: "put both into one file: cat cert.pem key.pem > app.pem"}
	}
	for i, cert := range certs {
		if pub, ok := cert.PublicKey.(*rsa.PublicKey); ok && pub.Equal(&key.PublicKey) {
			chain := append([]*x509.Certificate{cert}, certs[:i]...)
			return &Certificate{chain: append(chain, certs[i+1:]...), key: key}, nil
		}
	}
	return nil, &CertificateError{Problem: "the private key belongs to none of the certificates in the file", Cure: "export the certificate together with its own key"}
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
}

func (e *CertificateError) Error() string { return "certificate: " + e.Problem }

// Hint returns what to do.
func (e *CertificateError) Hint() string { return e.Cure }

// Is makes the error one of mailbox.ErrInvalid.
func (e *CertificateError) Is(target error) bool { return target == mailbox.ErrInvalid }

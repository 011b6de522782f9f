package oauth

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
)

// parsePEM reads certificates and one RSA key, in any order.
func parsePEM(text []byte) (*Certificate, error) {
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
	return matchKey(certs, key)
}

// parseKey reads a private key block. Its errors carry no part of the key:
// those of x509 do not either, but they are of no use to a person.
func parseKey(block *pem.Block) (*rsa.PrivateKey, error) {
	if block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "" {
		return nil, &CertificateError{
			Problem: "the private key is encrypted with a password, which is read from PKCS #12 (.pfx) files alone",
			Cure:    "make a .pfx of it (openssl pkcs12 -export -in cert.pem -inkey key.pem -out app.pfx), or write the key out without a password (openssl pkcs8 -topk8 -nocrypt -in key.pem -out plain.pem) and make the file readable by you alone",
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
	return rsaKey(key)
}

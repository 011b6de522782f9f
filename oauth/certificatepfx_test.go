package oauth_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1" // #nosec G505 -- the portal's way to name certificates
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

// keyOf returns the key of a PEM text of testCertificate.
func keyOf(t *testing.T, text []byte) crypto.PrivateKey {
	t.Helper()
	_, rest := pem.Decode(text)
	keyBlock, _ := pem.Decode(rest)
	key, err := x509.ParsePKCS8PrivateKey(keyBlock.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// thumbprint is how the portal names a certificate.
func thumbprint(cert *x509.Certificate) string {
	return fmt.Sprintf("%X", sha1.Sum(cert.Raw)) // #nosec G401
}

func pfx(t *testing.T, encoder *pkcs12.Encoder, key crypto.PrivateKey, cert *x509.Certificate, chain []*x509.Certificate, password string) []byte {
	t.Helper()
	content, err := encoder.Encode(key, cert, chain, password)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// Every kind of .pfx that Windows and OpenSSL write is read, and what is kept of
// it reads as the same certificate.
func TestReadPKCS12(t *testing.T) {
	cert, text := testCertificate(t)
	issuer, _ := testCertificate(t)
	key := keyOf(t, text)
	const password = "päss wörd € " // with what needs UTF-16
	for name, in := range map[string]struct {
		encoder  *pkcs12.Encoder
		password string
	}{
		"AES-256, SHA-256":          {pkcs12.Modern2023, password},
		"AES-256, PBMAC1":           {pkcs12.Modern2026, password},
		"triple DES, SHA-1":         {pkcs12.LegacyDES, password},
		"RC2, SHA-1":                {pkcs12.LegacyRC2, password},
		"an empty password":         {pkcs12.LegacyDES, ""},
		"neither password nor seal": {pkcs12.Passwordless, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := oauth.ReadCertificate(pfx(t, in.encoder, key, cert, []*x509.Certificate{issuer}, in.password), oauth.Secret(in.password))
			if err != nil {
				t.Fatal(err)
			}
			again, err := oauth.ParseCertificate(got.PEM())
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range []*oauth.Certificate{got, again} {
				if c.Subject() != "CN=exconn test" || !c.Expires().Equal(cert.NotAfter) || c.Thumbprint() != thumbprint(cert) {
					t.Errorf("got %v until %v", c, c.Expires())
				}
			}
			if n := strings.Count(string([]byte(got.PEM())), "BEGIN CERTIFICATE"); n != 2 {
				t.Errorf("%d certificates are left of the chain of 2", n)
			}
		})
	}
}

func TestReadPKCS12Refused(t *testing.T) {
	cert, text := testCertificate(t)
	good := pfx(t, pkcs12.Modern2023, keyOf(t, text), cert, nil, "right")
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "curve"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &curve.PublicKey, curve)
	if err != nil {
		t.Fatal(err)
	}
	curveCert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	trust, err := pkcs12.Modern2023.EncodeTrustStore([]*x509.Certificate{cert}, "right")
	if err != nil {
		t.Fatal(err)
	}
	// Nobody waits for a password that takes hours to try.
	endless := pfx(t, pkcs12.Modern2023.WithIterations(0x010203), keyOf(t, text), cert, nil, "right")
	endless = bytes.ReplaceAll(endless, []byte{2, 3, 1, 2, 3}, []byte{2, 3, 0x7f, 0xff, 0xff})
	for name, test := range map[string]struct {
		content       []byte
		password      string
		says          string
		needsPassword bool
	}{
		"rounds without end":    {endless, "right", "rounds to try a password", false},
		"no password":           {good, "", "none was given", true},
		"wrong password":        {good, "wrong", "does not open", true},
		"password in vain":      {pfx(t, pkcs12.Passwordless, keyOf(t, text), cert, nil, ""), "right", "leave the password out", false},
		"a curve":               {pfx(t, pkcs12.Modern2023, curve, curveCert, nil, "right"), "right", "RSA alone", false},
		"cut off":               {good[:len(good)-40], "right", "no certificate", false},
		"certificates alone":    {trust, "right", "no private key", false},
		"password of emoji":     {good, "right💌", "does not open", true},
		"not even PKCS #12":     {[]byte{0x30, 0x03, 0x02, 0x01, 0x03}, "right", "cannot be read", false},
		"DER of a certificate":  {cert.Raw, "right", "no certificate in PEM or PKCS #12", false},
		"the password of a PEM": {nil, "right", "no certificate in PEM or PKCS #12", false},
	} {
		_, err := oauth.ReadCertificate(test.content, oauth.Secret(test.password))
		var refused *oauth.CertificateError
		if !errors.As(err, &refused) || !errors.Is(err, mailbox.ErrInvalid) || !strings.Contains(err.Error()+"; "+refused.Hint(), test.says) || refused.NeedsPassword != test.needsPassword {
			t.Errorf("%s: got %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "right") && test.password == "right" {
			t.Errorf("%s: the password is in the error: %v", name, err)
		}
	}
}

package oauth_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

// testCertificate returns a certificate, and one PEM text of it and its key.
func testCertificate(t *testing.T) (*x509.Certificate, []byte) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "exconn test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return cert, append(block("CERTIFICATE", der), block("PRIVATE KEY", pkcs8)...)
}

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func TestParseCertificate(t *testing.T) {
	cert, text := testCertificate(t)
	issuer, issuerText := testCertificate(t)
	certOnly := block("CERTIFICATE", cert.Raw)
	keyOnly := text[len(certOnly):]
	keyBlock, _ := pem.Decode(keyOnly)
	key, err := x509.ParsePKCS8PrivateKey(keyBlock.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	curveDER, err := x509.MarshalPKCS8PrivateKey(curve)
	if err != nil {
		t.Fatal(err)
	}

	good := map[string][]byte{
		"certificate, key":         text,
		"key, certificate":         append(bytes.Clone(keyOnly), certOnly...),
		"chain in the wrong order": append(block("CERTIFICATE", issuer.Raw), text...),
		"PKCS #1 key":              append(bytes.Clone(certOnly), block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key.(*rsa.PrivateKey)))...),
		"text around":              append([]byte("Bag Attributes\n  friendlyName: x\n"), text...),
	}
	for name, in := range good {
		got, err := oauth.ParseCertificate(in)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.Subject() != "CN=exconn test" || len(got.Thumbprint()) != 40 || got.Expires() != cert.NotAfter {
			t.Errorf("%s: got %v until %v", name, got, got.Expires())
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if printed := fmt.Sprintf(verb, got); strings.Contains(printed, key.(*rsa.PrivateKey).D.String()) || len(printed) > 200 {
				t.Errorf("%s prints more than it should: %s", verb, printed)
			}
		}
	}

	bad := map[string]struct {
		text []byte
		says string
	}{
		"empty":          {nil, "no certificate in PEM or PKCS #12"},
		"PKCS #12":       {[]byte{0x30, 0x82, 1, 2, 3}, "PKCS #12"},
		"no key":         {certOnly, "no private key"},
		"no certificate": {keyOnly, "no certificate"},
		"other key":      {append(bytes.Clone(certOnly), issuerText[len(block("CERTIFICATE", issuer.Raw)):]...), "belongs to none"},
		"two keys":       {append(bytes.Clone(text), keyOnly...), "more than one private key"},
		"curve":          {append(bytes.Clone(certOnly), block("PRIVATE KEY", curveDER)...), "RSA alone"},
		"encrypted":      {append(bytes.Clone(certOnly), block("ENCRYPTED PRIVATE KEY", []byte{1})...), "encrypted"},
		"damaged key":    {append(bytes.Clone(certOnly), block("PRIVATE KEY", keyBlock.Bytes[:100])...), "damaged"},
		"damaged cert":   {append(block("CERTIFICATE", cert.Raw[:100]), keyOnly...), "certificate 1 in the file"},
	}
	for name, test := range bad {
		_, err := oauth.ParseCertificate(test.text)
		if err == nil || !errors.Is(err, mailbox.ErrInvalid) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got %v, want it to say %q", name, err, test.says)
		}
	}
}

package oauth_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/exconn/exconn/oauth"
)

// Whatever a file holds, reading it ends in a certificate that reads the same
// again, or in an error that does not repeat the password.
func FuzzReadCertificate(f *testing.F) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		f.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "fuzz"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		f.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		f.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		f.Fatal(err)
	}
	for _, encoder := range []*pkcs12.Encoder{pkcs12.Modern2023.WithIterations(1), pkcs12.LegacyRC2.WithIterations(1), pkcs12.Passwordless} {
		password := "pass-canary"
		if encoder == pkcs12.Passwordless {
			password = ""
		}
		content, err := encoder.Encode(key, cert, nil, password)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content, password)
	}
	f.Add(append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})...), "")
	f.Add([]byte{0x30, 0x03, 0x02, 0x01, 0x03}, "x")
	f.Fuzz(func(t *testing.T, content []byte, password string) {
		got, err := oauth.ReadCertificate(content, oauth.Secret(password))
		if err != nil {
			var refused *oauth.CertificateError
			if !errors.As(err, &refused) || strings.Contains(err.Error()+refused.Hint(), "pass-canary") {
				t.Errorf("got %v", err)
			}
			return
		}
		again, err := oauth.ParseCertificate(got.PEM())
		if err != nil || again.Thumbprint() != got.Thumbprint() {
			t.Errorf("%v reads again as %v, %v", got, again, err)
		}
	})
}

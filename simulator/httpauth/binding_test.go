package httpauth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha512"
	"crypto/x509"
	"math/big"
	"testing"
)

// The hash is that of the certificate's signature (RFC 5929 section 4.1), which
// for Ed25519 is none. gss-ntlmssp and MIT judge SHA-256 in the other tests.
func TestBindingFollowsTheSignature(t *testing.T) {
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	certificate := func(key crypto.Signer, algorithm x509.SignatureAlgorithm) *x509.Certificate {
		t.Helper()
		template := &x509.Certificate{SerialNumber: big.NewInt(1), SignatureAlgorithm: algorithm}
		raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		cert, err := x509.ParseCertificate(raw)
		if err != nil {
			t.Fatal(err)
		}
		return cert
	}
	cert := certificate(p384, x509.ECDSAWithSHA384)
	sum := sha512.Sum384(cert.Raw)
	// Twenty bytes, the last four the length of the rest: 21 and 48.
	want := md5.Sum([]byte("\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x45\x00\x00\x00tls-server-end-point:" + string(sum[:])))
	if got := bindingOf(cert); got == nil || *got != want {
		t.Errorf("SHA-384: %x", got)
	}
	if got := bindingOf(certificate(ed, x509.PureEd25519)); got != nil {
		t.Errorf("Ed25519: %x", *got)
	}
}

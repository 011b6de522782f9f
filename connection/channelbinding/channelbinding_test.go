package channelbinding

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"math/big"
	"testing"
)

// bindings is the structure of RFC 2744 written out, for one hash.
func bindings(hash []byte) Token {
	text := "tls-server-end-point:" + string(hash)
	prefix := "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	return md5.Sum([]byte(prefix + string([]byte{byte(len(text)), 0, 0, 0}) + text))
}

func TestOfFollowsTheSignatureAlgorithm(t *testing.T) {
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		key       crypto.Signer
		algorithm x509.SignatureAlgorithm
		want      func(raw []byte) Token
	}{
		{"SHA-256", p256, x509.ECDSAWithSHA256, func(raw []byte) Token { h := sha256.Sum256(raw); return bindings(h[:]) }},
		{"SHA-384", p256, x509.ECDSAWithSHA384, func(raw []byte) Token { h := sha512.Sum384(raw); return bindings(h[:]) }},
		{"SHA-512", p256, x509.ECDSAWithSHA512, func(raw []byte) Token { h := sha512.Sum512(raw); return bindings(h[:]) }},
		{"no hash of its own", ed, x509.PureEd25519, func([]byte) Token { return Token{} }},
	} {
		template := &x509.Certificate{SerialNumber: big.NewInt(1), SignatureAlgorithm: c.algorithm}
		raw, err := x509.CreateCertificate(rand.Reader, template, template, c.key.Public(), c.key)
		if err != nil {
			t.Fatal(err)
		}
		cert, err := x509.ParseCertificate(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := Of(&tls.ConnectionState{PeerCertificates: []*x509.Certificate{cert}}), c.want(raw); got != want {
			t.Errorf("%s: %x, want %x", c.name, got, want)
		}
	}
}

// MD5 and SHA-1 are too weak to name a certificate by (RFC 5929 section 4.1).
func TestWeakHashesBecomeSHA256(t *testing.T) {
	for _, algorithm := range []x509.SignatureAlgorithm{x509.MD5WithRSA, x509.SHA1WithRSA, x509.ECDSAWithSHA1} {
		cert := &x509.Certificate{Raw: []byte("certificate"), SignatureAlgorithm: algorithm}
		h := sha256.Sum256([]byte("certificate"))
		if got, want := Of(&tls.ConnectionState{PeerCertificates: []*x509.Certificate{cert}}), bindings(h[:]); got != want {
			t.Errorf("%v: %x, want %x", algorithm, got, want)
		}
	}
}

func TestNoTLSNoToken(t *testing.T) {
	for _, state := range []*tls.ConnectionState{nil, {}} {
		if got := Of(state); got != (Token{}) {
			t.Errorf("%v: %s", state, hex.EncodeToString(got[:]))
		}
	}
}

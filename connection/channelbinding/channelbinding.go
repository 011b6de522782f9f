// Package channelbinding computes what ties a sign-in to the TLS connection
// that it is made over, so that a man in the middle cannot pass it on. IIS
// calls the check Extended Protection for Authentication; recent updates of
// Exchange Server switch it on. NTLM and Kerberos carry the same value, each in
// its own place.
package channelbinding

import (
	"crypto/md5"
	_ "crypto/sha256" // the hashes that hashFor names
	_ "crypto/sha512"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"

	"crypto"
)

// Size is the length of a token in bytes.
const Size = md5.Size

// Token is the hash of a channel's bindings. The zero Token means none.
type Token [Size]byte

// Of returns the token of the connection that a response came by: the binding
// of the type tls-server-end-point (RFC 5929 section 4). It is zero for a
// connection without TLS (a nil state), and for a certificate whose signature
// algorithm names no one hash, for which the RFC leaves the binding undefined.
func Of(state *tls.ConnectionState) Token {
	if state == nil || len(state.PeerCertificates) == 0 {
		return Token{}
	}
	cert := state.PeerCertificates[0]
	hash, ok := hashFor(cert.SignatureAlgorithm)
	if !ok {
		return Token{}
	}
	h := hash.New()
	h.Write(cert.Raw)
	return hashed(append([]byte("tls-server-end-point:"), h.Sum(nil)...))
}

// hashFor returns the hash of a certificate's signature algorithm, with
// SHA-256 in place of MD5 and SHA-1.
func hashFor(algorithm x509.SignatureAlgorithm) (crypto.Hash, bool) {
	switch algorithm {
	case x509.MD5WithRSA, x509.SHA1WithRSA, x509.DSAWithSHA1, x509.ECDSAWithSHA1,
		x509.SHA256WithRSA, x509.DSAWithSHA256, x509.ECDSAWithSHA256, x509.SHA256WithRSAPSS:
		return crypto.SHA256, true
	case x509.SHA384WithRSA, x509.ECDSAWithSHA384, x509.SHA384WithRSAPSS:
		return crypto.SHA384, true
	case x509.SHA512WithRSA, x509.ECDSAWithSHA512, x509.SHA512WithRSAPSS:
		return crypto.SHA512, true
	}
	return 0, false
}

// hashed returns the MD5 of a gss_channel_bindings_struct (RFC 2744 section
// 3.11) with no addresses and the given application data, its numbers in
// little endian (RFC 4121 section 4.1.1.2, [MS-NLMP] 2.2.2.1).
func hashed(application []byte) Token {
	b := make([]byte, 16, 20+len(application)) // type and length of both addresses
	b = binary.LittleEndian.AppendUint32(b, uint32(len(application)))
	return md5.Sum(append(b, application...))
}

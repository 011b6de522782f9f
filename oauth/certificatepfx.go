package oauth

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"strings"

	"software.sslmate.com/src/go-pkcs12"
)

// isPKCS12 reports whether a file is PKCS #12 (RFC 7292): one ASN.1 sequence
// that begins with the version 3.
func isPKCS12(content []byte) bool {
	var file asn1.RawValue
	if _, err := asn1.Unmarshal(content, &file); err != nil || file.Tag != asn1.TagSequence || !file.IsCompound {
		return false
	}
	var version int
	_, err := asn1.Unmarshal(file.Bytes, &version)
	return err == nil && version == 3
}

// parsePKCS12 reads a PKCS #12 file: with the ciphers of Windows before 2016
// (RC2, triple DES, SHA-1) and of OpenSSL 3 and Windows since (AES, SHA-2), and
// without any.
func parsePKCS12(content []byte, password Secret) (*Certificate, error) {
	if tooSlow(content, 0) {
		return nil, &CertificateError{Problem: fmt.Sprintf("the .pfx file is damaged, or wants more than %d rounds to try a password", maxRounds), Cure: "export the certificate again, with its private key"}
	}
	key, leaf, chain, err := pkcs12.DecodeChain(content, string(password))
	var unknown pkcs12.NotImplementedError
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword) && len(password) == 0:
		return nil, &CertificateError{Problem: "the .pfx file is protected by a password, and none was given", NeedsPassword: true}
	case errors.Is(err, pkcs12.ErrIncorrectPassword), strings.ContainsFunc(string(password), func(r rune) bool { return r > 0xffff }):
		// Passwords there are of UCS-2, without the characters beyond it.
		return nil, &CertificateError{Problem: "the password does not open the .pfx file", Cure: "check the password, or export the certificate again with a new one", NeedsPassword: true}
	case errors.As(err, &unknown):
		return nil, &CertificateError{Problem: fmt.Sprintf("the .pfx file is of a kind that is not read here: %s", string(unknown)), Cure: "export it again, with AES256-SHA256 or TripleDES-SHA1"}
	case err != nil && len(password) > 0 && withoutMAC(content):
		return nil, &CertificateError{Problem: "the .pfx file is not protected by a password, and one was given", Cure: "leave the password out"}
	case err != nil:
		return nil, &CertificateError{Problem: "the .pfx file cannot be read: it is damaged, or holds no private key with its certificate", Cure: "export the certificate again, with its private key"}
	}
	rsa, err := rsaKey(key)
	if err != nil {
		return nil, err
	}
	return matchKey(append([]*x509.Certificate{leaf}, chain...), rsa)
}

// maxRounds bounds the rounds by which a key is derived from a password: some
// seconds' work. Windows and OpenSSL write some thousands.
const maxRounds = 5_000_000

// maxNesting bounds how deep tooSlow looks. PKCS #12 has some ten levels.
const maxNesting = 24

// limits are those of the numbers that follow a salt: rounds, and the length of
// the key in bytes, which multiplies them.
var limits = [...]int{maxRounds, 64}

// tooSlow reports whether one of the file's parameters of a password is beyond
// limits. Each is a sequence in which the salt is followed by the numbers:
// MacData, pkcs-12PbeParams (RFC 7292 appendix C) and PBKDF2-params (RFC
// 8018 appendix A.2). What is nested in octet strings is looked through too.
func tooSlow(der []byte, depth int) bool {
	if depth > maxNesting {
		return true
	}
	salted, numbers := false, 0
	for rest := der; len(rest) > 0; {
		var v asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &v); err != nil {
			return false
		}
		switch octets := v.Class == asn1.ClassUniversal && v.Tag == asn1.TagOctetString; {
		case octets:
			salted, numbers = true, 0
		case salted && v.Class == asn1.ClassUniversal && v.Tag == asn1.TagInteger && numbers < len(limits):
			var n int
			if _, err := asn1.Unmarshal(v.FullBytes, &n); err != nil || n > limits[numbers] {
				return true
			}
			numbers++
		default:
			salted = false
		}
		if (v.IsCompound || v.Tag == asn1.TagOctetString) && tooSlow(v.Bytes, depth+1) {
			return true
		}
	}
	return false
}

// withoutMAC reports whether a PKCS #12 file is one without a password.
func withoutMAC(content []byte) bool {
	_, _, _, err := pkcs12.DecodeChain(content, "")
	return err == nil
}

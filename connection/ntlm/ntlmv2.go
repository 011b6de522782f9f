package ntlm

import (
	"crypto/hmac"
	"crypto/md5"
	"unicode"

	//lint:ignore SA1019 NTLM is built on MD4
	"golang.org/x/crypto/md4"
)

// ntowfv2 is the key that a user's password makes ([MS-NLMP] 3.3.2).
func ntowfv2(user, domain, password string) []byte {
	h := md4.New()
	h.Write(utf16le(password))
	return hmacMD5(h.Sum(nil), utf16le(upper(user)+domain))
}

// upper makes each character upper case by itself, as Windows does: no
// character becomes two.
func upper(s string) string {
	r := []rune(s)
	for i := range r {
		r[i] = unicode.ToUpper(r[i])
	}
	return string(r)
}

// ntlmv2Response returns the NTLMv2 response and the session base key
// ([MS-NLMP] 3.3.2).
func ntlmv2Response(key []byte, server, client [8]byte, timestamp, targetInfo []byte) (response, sessionKey []byte) {
	temp := []byte{1, 1, 0, 0, 0, 0, 0, 0}
	temp = append(temp, timestamp...)
	temp = append(temp, client[:]...)
	temp = append(temp, 0, 0, 0, 0)
	temp = append(temp, targetInfo...)
	temp = append(temp, 0, 0, 0, 0)
	proof := hmacMD5(key, server[:], temp)
	return append(proof[:len(proof):len(proof)], temp...), hmacMD5(key, proof)
}

// lmv2Response returns the LMv2 response ([MS-NLMP] 3.3.2).
func lmv2Response(key []byte, server, client [8]byte) []byte {
	return append(hmacMD5(key, server[:], client[:]), client[:]...)
}

func hmacMD5(key []byte, parts ...[]byte) []byte {
	h := hmac.New(md5.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

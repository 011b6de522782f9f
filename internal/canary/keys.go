package canary

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// PrivateNumbers are what must not be found of a private key in PEM (PKCS #8),
// however it is wrapped: its private numbers.
func PrivateNumbers(text []byte) ([]string, error) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if !strings.HasSuffix(block.Type, "PRIVATE KEY") {
			continue
		}
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, err
		}
		switch key := key.(type) {
		case *rsa.PrivateKey:
			list := []string{string(key.D.Bytes())}
			for _, prime := range key.Primes {
				list = append(list, string(prime.Bytes()))
			}
			return list, nil
		case *ecdsa.PrivateKey:
			number, err := key.Bytes()
			return []string{string(number)}, err
		}
		return nil, fmt.Errorf("keys of the kind %T are not known here", key)
	}
	return nil, errors.New("there is no key")
}

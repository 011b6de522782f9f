package ntlm

import "encoding/base64"

// The schemes under which IIS accepts NTLM messages ([MS-NTHT] 2.1). Negotiate
// takes them as they are, where NTLM is not a provider of its own.
const (
	schemeNTLM      = "NTLM"
	schemeNegotiate = "Negotiate"
)

// authorization is the value of an Authorization header.
func authorization(scheme string, message []byte) string {
	return scheme + " " + base64.StdEncoding.EncodeToString(message)
}

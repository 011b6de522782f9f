package oauth

import "net/http"

// Handler is what the attempt's listener serves, without the sockets.
func (a *Attempt) Handler() http.Handler { return (&listener{assets: newAssetWatch()}).handler(a) }

// State and Nonce are the attempt's own.
func (a *Attempt) State() string { return a.state }

// Codes lists the codes that have a cause and a cure.
func Codes() map[string]error {
	out := map[string]error{}
	for code, k := range aadsts {
		out[code] = k.kind
	}
	return out
}

// CauseAndCure returns what the table says of a code.
func CauseAndCure(code string) (string, string) { return aadsts[code].cause, aadsts[code].cure }

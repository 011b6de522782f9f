package oauth

import (
	"errors"
	"io/fs"
	"maps"
	"net/http"
	"slices"
)

// Handler is what the attempt's listener serves, without the sockets.
func (a *Attempt) Handler() http.Handler {
	return (&listener{path: "/", assets: newAssetWatch()}).handler(a)
}

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

// ProtocolErrors lists the errors of the protocol that have plain words.
func ProtocolErrors() []string { return slices.Collect(maps.Keys(oauthErrors)) }

// Translations reads a words file.
func Translations(text []byte) (causes, cures, texts map[string]string, err error) {
	w, err := parseWords(text)
	if err != nil {
		return nil, nil, nil, err
	}
	return w.Causes, w.Cures, w.Texts, nil
}

// Choose is the choice of a words file by an Accept-Language header.
func Choose(header string, has func(name string) bool) string { return choose(header, has) }

// FailurePage is the page for a refusal from the token endpoint.
func FailurePage(files fs.FS, accept string, status int, body string) (string, error) {
	return rendered(files, accept, parseRefusal(status, http.Header{}, []byte(body), nil))
}

// UnreachablePage is the page where the sign-in server does not answer.
func UnreachablePage(files fs.FS, accept string) (string, error) {
	return rendered(files, accept, unreachable("login.example", errors.New("no route to host")))
}

func rendered(files fs.FS, accept string, e *Error) (string, error) {
	p, err := loadPages(files)
	if err != nil {
		return "", err
	}
	text, err := p.render(accept, failurePage(e))
	return string(text), err
}

// HoldEverything takes all locks of a client, until release.
func (c *Client) HoldEverything() (release func()) {
	c.gate <- struct{}{}
	c.mu.Lock()
	for _, s := range c.sources {
		s.mu.Lock()
	}
	return func() {
		for _, s := range c.sources {
			s.mu.Unlock()
		}
		c.mu.Unlock()
		c.leave()
	}
}

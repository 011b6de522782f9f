// Package canary looks for secrets where none may be: in output, logs, errors,
// traces and files. Tests give it the secrets that they use and everything that
// was written, and it finds a secret in each of the forms in which one leaks:
// as it is, escaped, encoded, printed as bytes.
//
// A search that finds nothing proves something only where there was something
// to find. Judge therefore fails, too, where no secret or no text was given.
package canary

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
)

// shortest is how many bytes a form must have at least to be looked for: still
// shorter ones are found everywhere.
const shortest = 10

// Scan finds secrets in all their forms. It takes one pass over a text, however
// many secrets there are. It is safe for concurrent use.
type Scan struct {
	// forms are what is looked for, by their first bytes, as many as the
	// shortest form has.
	forms map[string][]form
}

// form is one way of writing one secret.
type form struct{ text, what string }

// NewScan returns a scan for secrets, each with the kind that it is reported
// as.
func NewScan(secrets map[string]string) *Scan {
	s := &Scan{forms: map[string][]form{}}
	for value, kind := range secrets {
		for _, part := range parts(value) {
			for how, text := range Forms(part) {
				if len(text) >= shortest {
					s.forms[text[:shortest]] = append(s.forms[text[:shortest]], form{text, kind + " (" + how + ")"})
				}
			}
		}
	}
	return s
}

// parts are a secret and, of a token in three parts, the two that tell
// something.
func parts(value string) []string {
	parts := strings.Split(value, ".")
	if len(parts) == 3 && len(value) > 200 {
		return append([]string{value}, parts[1:]...)
	}
	return []string{value}
}

// Forms are the ways in which a secret may stand somewhere, by what they are
// called.
func Forms(value string) map[string]string {
	all := map[string]string{
		"as it is":         value,
		"in a query":       url.QueryEscape(value),
		"in a path":        url.PathEscape(value),
		"in a URL, lower":  strings.ToLower(url.QueryEscape(value)),
		"in hexadecimal":   hex.EncodeToString([]byte(value)),
		"in HTML":          html.EscapeString(value),
		"quoted by Go":     strings.Trim(fmt.Sprintf("%q", value), `"`),
		"printed as bytes": strings.Trim(fmt.Sprint([]byte(value)), "[]"),
		"in Go's syntax":   strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", []byte(value)), "[]byte{"), "}"),
	}
	if encoded, err := json.Marshal(value); err == nil {
		all["in JSON"] = strings.Trim(string(encoded), `"`)
	}
	var escaped bytes.Buffer
	if xml.EscapeText(&escaped, []byte(value)) == nil {
		all["in XML"] = escaped.String()
	}
	for name, encoding := range map[string]*base64.Encoding{"base64": base64.StdEncoding, "base64url": base64.URLEncoding} {
		for lead := range 3 {
			// Of the first and the last group some bits belong to what is
			// around it: only the groups between are the secret's own.
			text := encoding.EncodeToString(append(make([]byte, lead), value...))
			from := 4 * ((lead + 2) / 3)
			if to := (lead + len(value)) / 3 * 4; to > from {
				all[fmt.Sprintf("in %s at %d", name, lead)] = text[from:to]
			}
		}
	}
	return all
}

// In returns what is found in a text, each once.
func (s *Scan) In(text []byte) []string {
	found := s.in(text)
	if bytes.ContainsAny(text, "\r\n") {
		// PEM and MIME break base64 into lines.
		joined := bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("\r"), nil), []byte("\n"), nil)
		found = append(found, s.in(joined)...)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func (s *Scan) in(text []byte) (found []string) {
	for i := 0; i+shortest <= len(text); i++ {
		for _, f := range s.forms[string(text[i:i+shortest])] {
			if bytes.HasPrefix(text[i:], []byte(f.text)) {
				found = append(found, f.what)
			}
		}
	}
	return found
}

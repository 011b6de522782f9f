package alert

import (
	"regexp"
	"strings"
	"unicode"
)

// oneLine makes a stranger's text safe for one line of a terminal or a log.
func oneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, s))
}

// opaque finds what may be a token, a key or a password's encoding: a long run
// of the letters of base64 and base64url with a digit in it.
var opaque = regexp.MustCompile(`[A-Za-z0-9+=_~-]{20,}`)

// output is what another program has printed, made fit for a log: one line,
// without what looks like a secret. A program that fails with its own
// configuration in its last words must not make our log a place of secrets.
func output(printed []byte) string {
	return opaque.ReplaceAllStringFunc(oneLine(strings.ToValidUTF8(string(printed), "?")), func(word string) string {
		if !strings.ContainsAny(word, "0123456789") {
			return word
		}
		return "[…]"
	})
}

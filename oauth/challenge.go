package oauth

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
)

const (
	// maxChallenge bounds what is read of the challenges, and maxClaims the
	// claims of one, in bytes. Exchange's are some 100 bytes long.
	maxChallenge = 64 << 10
	maxClaims    = 8 << 10
)

// ChallengeClaims returns the claims that a resource wants of the next token,
// from the answer with which it has refused the last one:
//
//	WWW-Authenticate: Bearer realm="", error="insufficient_claims", claims="eyJh..."
//
// The claims come in base64 or base64url, with or without padding, and are
// returned as the JSON object in them. Other challenges may stand before and
// after it, in the same field or another (RFC 9110 section 11.6.1). False means
// that there is no such challenge, or none that can be read. See "Claims
// challenges, claims requests and client capabilities" in Microsoft's manual.
func ChallengeClaims(header http.Header) (claims string, ok bool) {
	left := maxChallenge
	for _, field := range header.Values("WWW-Authenticate") {
		if left -= len(field); left < 0 {
			return "", false
		}
		for _, c := range parseChallenges(field) {
			if !strings.EqualFold(c.scheme, "Bearer") || !strings.EqualFold(c.params["error"], "insufficient_claims") {
				continue
			}
			if claims, ok := decodeClaims(c.params["claims"]); ok {
				return claims, true
			}
		}
	}
	return "", false
}

// decodeClaims reads the parameter of a challenge.
func decodeClaims(text string) (string, bool) {
	if len(text) > maxClaims {
		return "", false
	}
	text = strings.TrimRight(text, "=")
	text = strings.NewReplacer("-", "+", "_", "/").Replace(text)
	claims, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil || !validClaims(string(claims)) {
		return "", false
	}
	return string(claims), true
}

// validClaims reports whether claims are what may be asked for: a JSON object
// of a bearable size.
func validClaims(claims string) bool {
	var object map[string]json.RawMessage
	return len(claims) <= maxClaims && json.Unmarshal([]byte(claims), &object) == nil && object != nil
}

// challenge is one of WWW-Authenticate, its parameters by their names in lower
// case.
type challenge struct {
	scheme string
	params map[string]string
}

// parseChallenges reads a field of WWW-Authenticate. What is not by the grammar
// ends the reading; what came before it counts.
func parseChallenges(field string) []challenge {
	var list []challenge
	rest := strings.TrimLeft(field, " \t,")
	for rest != "" {
		word := tokenOf(rest)
		if word == "" {
			return list
		}
		rest = strings.TrimLeft(rest[len(word):], " \t")
		if value, found := strings.CutPrefix(rest, "="); found && len(list) > 0 {
			var text string
			var ok bool
			if text, rest, ok = paramValue(strings.TrimLeft(value, " \t")); !ok {
				return list
			}
			// The first of two of the same name counts.
			params := list[len(list)-1].params
			if name := strings.ToLower(word); params[name] == "" {
				params[name] = text
			}
		} else {
			list = append(list, challenge{scheme: word, params: map[string]string{}})
			rest = skipToken68(rest)
		}
		rest = strings.TrimLeft(rest, " \t,")
	}
	return list
}

// skipToken68 leaves out what NTLM and Negotiate write in place of parameters.
func skipToken68(rest string) string {
	end := 0
	for end < len(rest) && (isTokenByte(rest[end]) || rest[end] == '/') {
		end++
	}
	padded := end
	for padded < len(rest) && rest[padded] == '=' {
		padded++
	}
	after := strings.TrimLeft(rest[padded:], " \t")
	if end > 0 && (after == "" || after[0] == ',') {
		return after
	}
	return rest
}

// paramValue reads a token or a quoted string, and returns what follows it. A
// token may hold what base64 has besides.
func paramValue(s string) (value, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexAny(s, ", \t")
		if end < 0 {
			end = len(s)
		}
		return s[:end], s[end:], end > 0
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), s[i+1:], true
		case '\\':
			if i++; i == len(s) {
				return "", "", false
			}
		}
		b.WriteByte(s[i])
	}
	return "", "", false
}

// tokenOf returns the token that s begins with (RFC 9110 section 5.6.2), or "".
func tokenOf(s string) string {
	end := 0
	for end < len(s) && isTokenByte(s[end]) {
		end++
	}
	return s[:end]
}

func isTokenByte(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || strings.IndexByte("!#$%&'*+-.^_`|~", b) >= 0
}

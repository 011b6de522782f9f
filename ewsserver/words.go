package ewsserver

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// wordPrefix reports whether needle stands at the beginning of a word of text.
func wordPrefix(text, needle string) bool {
	return find(text, needle, func(string, int) bool { return true })
}

// phrase reports whether needle stands in text as whole words.
func phrase(text, needle string) bool {
	return find(text, needle, func(text string, end int) bool {
		next, _ := utf8.DecodeRuneInString(text[end:])
		return end == len(text) || !isWord(next)
	})
}

// find looks for needle at beginnings of words; fits judges where it ends.
func find(text, needle string, fits func(text string, end int) bool) bool {
	if needle == "" {
		return false
	}
	first, _ := utf8.DecodeRuneInString(needle)
	for from := 0; from <= len(text)-len(needle); {
		i := strings.Index(text[from:], needle)
		if i < 0 {
			return false
		}
		i += from
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		if (i == 0 || !isWord(before) || !isWord(first)) && fits(text, i+len(needle)) {
			return true
		}
		_, width := utf8.DecodeRuneInString(text[i:])
		from = i + width
	}
	return false
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }

package soap

import "encoding/binary"

// literal is a short text to compare with the window again and again. Two
// words are compared in less time than it takes to call for the comparison of
// a few bytes.
type literal struct {
	text       string
	head, tail uint64 // the first and the last eight bytes
	mask       uint64 // of head, where there are fewer
}

func newLiteral(text string) literal {
	var b [8]byte
	n := copy(b[:], text)
	l := literal{text: text, head: binary.LittleEndian.Uint64(b[:]), mask: ^uint64(0) >> (64 - 8*n)}
	if n == 8 {
		copy(b[:], text[len(text)-8:])
		l.tail = binary.LittleEndian.Uint64(b[:])
	}
	return l
}

// begins reports whether w begins with the text. It may say no where w has
// fewer than eight bytes.
func (l *literal) begins(w []byte) bool {
	n := len(l.text)
	switch {
	case len(w) < 8 || len(w) < n || binary.LittleEndian.Uint64(w)&l.mask != l.head:
		return false
	case n <= 8:
		return true
	case n <= 16:
		return binary.LittleEndian.Uint64(w[n-8:]) == l.tail
	}
	return string(w[:n]) == l.text
}

package soap

import (
	"bytes"
	"unicode/utf8"
)

// awaitTag reads on until the start tag at pos is whole. It remembers how far
// it has looked, so that a tag that trickles in is not looked at again and
// again.
func (t *tokenizer) awaitTag() error {
	var quote byte
	for i := 1; ; i++ {
		for i >= t.end-t.pos {
			if !t.fill() {
				return t.ended()
			}
		}
		c := t.buf[t.pos+i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return nil
		}
	}
}

// parseStart reads the start tag at pos into the token and returns its length,
// or 0 if it is not whole in the window.
func (t *tokenizer) parseStart() (int, error) {
	w := t.buf[t.pos:t.end]
	t.attrs = t.attrs[:0]
	i, colon, ok := scanName(w, 1)
	if i == len(w) {
		return 0, nil
	}
	if !ok {
		return 0, t.bad(Malformed, w[1:i])
	}
	t.qname, t.colon = w[1:i], colon
	for {
		for i < len(w) && isSpace(w[i]) {
			i++
		}
		if i >= len(w) {
			return 0, nil
		}
		switch w[i] {
		case '>':
			return i + 1, nil
		case '/':
			if i+1 >= len(w) {
				return 0, nil
			}
			if w[i+1] != '>' {
				return 0, t.bad(Malformed, t.qname)
			}
			t.selfClosed = true
			return i + 2, nil
		}
		from := i
		if i, colon, ok = scanName(w, i); i == len(w) {
			return 0, nil
		} else if !ok {
			return 0, t.bad(Malformed, t.qname)
		}
		a := attr{name: w[from:i], colon: colon}
		for i < len(w) && isSpace(w[i]) {
			i++
		}
		if i >= len(w) {
			return 0, nil
		}
		if w[i] != '=' {
			return 0, t.bad(Malformed, a.name)
		}
		i++
		for i < len(w) && isSpace(w[i]) {
			i++
		}
		if i >= len(w) {
			return 0, nil
		}
		quote := w[i]
		if quote != '"' && quote != '\'' {
			return 0, t.bad(Malformed, a.name)
		}
		i++
		n := bytes.IndexByte(w[i:], quote)
		if n < 0 {
			return 0, nil
		}
		a.raw = w[i : i+n]
		i += n + 1
		t.attrs = append(t.attrs, a)
	}
}

// scanName returns where the qualified name at i ends and how long its prefix
// is. It is not ok for what is no name.
func scanName(w []byte, i int) (end, colon int, ok bool) {
	from := i
	high := false
	for ; i < len(w); i++ {
		c := w[i]
		class := nameClass[c]
		if class == 0 {
			break
		}
		if c == ':' {
			if colon > 0 {
				return i, 0, false
			}
			colon = i - from
		}
		high = high || c >= 0x80
	}
	if i == from || nameClass[w[from]] != nameStart || high && !utf8.Valid(w[from:i]) {
		return i, 0, false
	}
	if colon == i-from-1 {
		colon = 0 // nothing after it: not a prefix
	}
	return i, colon, true
}

const (
	nameMore  = 1
	nameStart = 2
)

var nameClass = func() (c [256]uint8) {
	for i := range c {
		switch b := byte(i); {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b == '_', b == ':', b >= 0x80:
			c[i] = nameStart
		case b >= '0' && b <= '9', b == '-', b == '.':
			c[i] = nameMore
		}
	}
	return c
}()

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

package soap

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// plain returns how many bytes of b need no work: neither an ampersand nor a
// control character other than tab and line feed. High tells whether a byte
// beyond ASCII is among them. It looks at eight bytes at once.
func plain(b []byte) (n int, high bool) {
	const (
		ones = 0x0101010101010101
		tops = 0x8080808080808080
	)
	var seen uint64
	i := 0
	for len(b)-i >= 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		y := x ^ '&'*ones
		// Each term marks the bytes below 0x20, or equal to '&', by their
		// top bit. A borrow can mark wrongly only above a right mark, so
		// the lowest mark is right.
		m := ((x - ' '*ones) & ^x & tops) | ((y - ones) & ^y & tops)
		if m == 0 {
			seen |= x
			i += 8
			continue
		}
		k := bits.TrailingZeros64(m) / 8
		seen |= x & (1<<(8*k) - 1)
		i += k
		if c := b[i]; c != '\n' && c != '\t' {
			return i, seen&tops != 0
		}
		i++
	}
	for ; i < len(b); i++ {
		c := b[i]
		if c < ' ' && c != '\n' && c != '\t' || c == '&' {
			break
		}
		seen |= uint64(c)
	}
	return i, seen&tops != 0
}

// simple returns how many bytes at the beginning of b are ASCII, no control
// characters, and neither "&" nor "<".
func simple(b []byte) int {
	const (
		ones = 0x0101010101010101
		tops = 0x8080808080808080
	)
	i := 0
	for ; len(b)-i >= 8; i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		y, z := x^'&'*ones, x^'<'*ones
		// As in plain; the bytes beyond ASCII mark themselves.
		if m := ((x - ' '*ones) | (y - ones) | (z - ones) | x) & tops; m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
	}
	for ; i < len(b); i++ {
		if c := b[i]; c < ' ' || c >= utf8.RuneSelf || c == '&' || c == '<' {
			break
		}
	}
	return i
}

// validRunes reports whether b is UTF-8 of characters that XML allows; control
// characters are not looked at.
func validRunes(b []byte) bool {
	if !utf8.Valid(b) {
		return false
	}
	for {
		i := bytes.Index(b, []byte("\xef\xbf"))
		if i < 0 {
			return true
		}
		if b[i+2] >= 0xbe { // U+FFFE and U+FFFF
			return false
		}
		b = b[i+3:]
	}
}

// clean puts character data into t.text, as the application is to see it:
// entities resolved where entities is set, line ends as LF (XML 1.0, 2.11),
// and every character that XML forbids as U+FFFD. It returns how much of src
// was used. Where src is not final, less than all is used if something may go
// on beyond its end; nothing is used if src begins with such a thing.
func (t *tokenizer) clean(src []byte, entities, final bool) (int, error) {
	n, high := plain(src)
	if high && !final && n == len(src) {
		n = wholeRunes(src)
	}
	if n == len(src) && (!high || validRunes(src)) {
		t.text = src
		return n, nil
	}
	if n > 0 && n < len(src) && n > len(src)-4 && !final && (!high || validRunes(src[:n])) {
		t.text = src[:n]
		return n, nil
	}

	out := t.scratch[:0]
	i := 0
	for i < len(src) {
		n, high := plain(src[i:])
		run := src[i : i+n]
		switch {
		case n == 0:
		case !high || validRunes(run):
			out = append(out, run...)
		default:
			if !final && i+n == len(src) {
				run = run[:wholeRunes(run)]
			}
			out = t.appendRunes(out, run)
			if len(run) < n {
				i += len(run)
				goto done
			}
		}
		i += n
		if i == len(src) {
			break
		}
		switch c := src[i]; {
		case c == '\r':
			if i+1 == len(src) && !final {
				goto done
			}
			out = append(out, '\n')
			i++
			if i < len(src) && src[i] == '\n' {
				i++
			}
		case c == '&' && entities:
			if c, n := usualEntity(src[i:]); n > 0 {
				out = append(out, c)
				i += n
				continue
			}
			end := bytes.IndexByte(src[i:min(len(src), i+maxEntity)], ';')
			if end < 0 {
				if !final && len(src)-i < maxEntity {
					goto done
				}
				return 0, t.badEntity(src[i+1:])
			}
			r, ok := entity(src[i+1 : i+end])
			if !ok {
				return 0, t.badEntity(src[i+1 : i+end])
			}
			if !validChar(r) {
				r = utf8.RuneError
				t.replaced++
			}
			out = utf8.AppendRune(out, r)
			i += end + 1
		case c == '&':
			out = append(out, '&')
			i++
		default:
			out = utf8.AppendRune(out, utf8.RuneError)
			t.replaced++
			i++
		}
	}
done:
	t.scratch = out
	t.text = out
	return i, nil
}

func (t *tokenizer) badEntity(b []byte) error {
	// Only what looks like an entity's name may appear in an error.
	n, _, _ := scanName(b, 0)
	return t.bad(BadEntity, b[:min(n, 12)])
}

// wholeRunes returns the length of b without a rune that is cut off at its end.
func wholeRunes(b []byte) int {
	for i := len(b) - 1; i >= 0 && i >= len(b)-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				return i
			}
			break
		}
	}
	return len(b)
}

// appendRunes copies b with everything that is not a character as U+FFFD.
func (t *tokenizer) appendRunes(out, b []byte) []byte {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 || r == 0xfffe || r == 0xffff {
			r = utf8.RuneError
			t.replaced++
		}
		out = utf8.AppendRune(out, r)
		b = b[n:]
	}
	return out
}

// validChar is the production Char of XML 1.0.
func validChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' ||
		r >= ' ' && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000 && r <= 0x10ffff
}

// usualEntity resolves those entities that mail bodies are full of, and returns
// the length, or 0 for another.
func usualEntity(b []byte) (c byte, n int) {
	if len(b) < 5 {
		return 0, 0
	}
	switch string(b[:4]) {
	case "&lt;":
		return '<', 4
	case "&gt;":
		return '>', 4
	case "&amp":
		c = '&'
	case "&#xD":
		c = '\r'
	case "&#xA":
		c = '\n'
	default:
		return 0, 0
	}
	if b[4] != ';' {
		return 0, 0
	}
	return c, 5
}

// entity resolves what stands between "&" and ";". A number beyond Unicode is
// a character that XML forbids, not an error.
func entity(b []byte) (rune, bool) {
	switch string(b) {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(b) < 2 || b[0] != '#' {
		return 0, false
	}
	b = b[1:]
	base := rune(10)
	if b[0] == 'x' {
		base = 16
		b = b[1:]
	}
	if len(b) == 0 {
		return 0, false
	}
	var r rune
	for _, c := range b {
		var d rune
		switch {
		case c >= '0' && c <= '9':
			d = rune(c - '0')
		case base == 16 && c >= 'a' && c <= 'f':
			d = rune(c-'a') + 10
		case base == 16 && c >= 'A' && c <= 'F':
			d = rune(c-'A') + 10
		default:
			return 0, false
		}
		if r = r*base + d; r > utf8.MaxRune {
			r = utf8.MaxRune + 1 // stays forbidden, does not overflow
		}
	}
	return r, true
}

// attrValue returns an attribute's value as the application is to see it. It
// is valid until the next token or attribute.
func (t *tokenizer) attrValue(a *attr) ([]byte, error) {
	_, err := t.clean(a.raw, true, true)
	return t.text, err
}

// startRecording keeps the raw bytes from here on.
func (t *tokenizer) startRecording() {
	t.record(t.pos)
	if len(t.recording) == 0 {
		t.recFrom = t.pos
	}
	t.recording = append(t.recording, len(t.recorded))
}

// record brings recorded up to the place to in buf.
func (t *tokenizer) record(to int) {
	if len(t.recording) > 0 && to > t.recFrom {
		t.recorded = append(t.recorded, t.buf[t.recFrom:to]...)
		t.recFrom = to
	}
}

// stopRecording returns the raw bytes up to the current token, an end tag.
func (t *tokenizer) stopRecording() string {
	t.record(t.tokStart)
	last := len(t.recording) - 1
	s := string(t.recorded[t.recording[last]:])
	t.recording = t.recording[:last]
	if last == 0 {
		t.recorded = t.recorded[:0]
	}
	return s
}

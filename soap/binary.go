package soap

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Binary is the content of an xs:base64Binary element, which need never be in
// memory whole. A type that embeds it is read and written as one too; fields
// with the attr flag beside it are then read from the attributes.
type Binary struct {
	// Open returns the content to write from its beginning; it may be called
	// several times. It goes before Data.
	Open func() (io.ReadCloser, error)
	// Size is how many bytes Open yields. Zero or less means unknown: the
	// request is then sent in chunks. A wrong size fails the request.
	Size int64
	// Data is the content to write, or what was read.
	Data []byte
	// To, if set, takes the content that is read, instead of Data.
	To io.Writer
	// Read is how many bytes were read.
	Read int64
}

// binaryElement is Binary and what embeds it.
type binaryElement interface{ binary() *Binary }

func (b *Binary) binary() *Binary { return b }

// String describes the content without showing it.
func (b Binary) String() string {
	switch {
	case b.Open != nil && b.Size > 0:
		return fmt.Sprintf("%d bytes to be opened", b.Size)
	case b.Open != nil:
		return "content to be opened"
	case b.Data == nil && b.Read > 0:
		return fmt.Sprintf("%d bytes passed on", b.Read)
	}
	return fmt.Sprintf("%d bytes", len(b.Data))
}

// GoString is String, so that %#v shows no content either.
func (b Binary) GoString() string { return "soap.Binary(" + b.String() + ")" }

// chunk is how much is turned into base64 at once; a multiple of three, so
// that only the end is padded.
const chunk = 24 << 10

// MarshalXML writes the element with its content in base64. Memory stays
// bounded where the encoder's writer passes on what it gets.
func (b Binary) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	if err := e.EncodeToken(start); err != nil {
		return err
	}
	if s, ok := segmenters.Load(e); ok {
		// The request's body is sent from the source itself.
		if err := e.Flush(); err != nil {
			return err
		}
		s.(*segments).binary(&b)
	} else if err := b.encode(e); err != nil {
		return err
	}
	return e.EncodeToken(start.End())
}

func (b *Binary) encode(e *xml.Encoder) error {
	r, err := b.reader()
	if err != nil {
		return err
	}
	defer r.Close()
	raw, text := make([]byte, chunk), make([]byte, base64.StdEncoding.EncodedLen(chunk))
	for {
		n, err := io.ReadFull(r, raw)
		if n > 0 {
			piece := text[:encodeBase64(text, raw[:n])]
			if err := e.EncodeToken(xml.CharData(piece)); err != nil {
				return err
			}
		}
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return nil
		default:
			return err
		}
	}
}

// reader opens the content to write. It yields exactly Size bytes, if that is
// known, or an error.
func (b *Binary) reader() (io.ReadCloser, error) {
	if b.Open == nil {
		return io.NopCloser(bytes.NewReader(b.Data)), nil
	}
	r, err := b.Open()
	if err != nil {
		return nil, fmt.Errorf("opening the content: %w", err)
	}
	if b.Size <= 0 {
		return r, nil
	}
	return &sized{r: r, left: b.Size, size: b.Size}, nil
}

// size is how many bytes will be written as base64, or -1.
func (b *Binary) size() int64 {
	n := int64(len(b.Data))
	if b.Open != nil {
		if n = b.Size; n <= 0 {
			return -1
		}
	}
	return (n + 2) / 3 * 4
}

// sized checks that content has the size that was announced.
type sized struct {
	r          io.ReadCloser
	left, size int64
}

func (s *sized) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.left -= int64(n)
	switch {
	case s.left < 0:
		return 0, fmt.Errorf("the content is longer than the %d bytes announced", s.size)
	case err == io.EOF && s.left > 0:
		return n, fmt.Errorf("the content ends %d bytes before the %d announced", s.left, s.size)
	}
	return n, err
}

func (s *sized) Close() error { return s.r.Close() }

// UnmarshalXML reads the element by encoding/xml, as this package's decoder
// does.
func (b *Binary) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) error {
	w := b.begin(nil)
	from := d.InputOffset()
	for {
		tok, err := d.Token()
		if err != nil {
			return err
		}
		switch tok := tok.(type) {
		case xml.CharData:
			if err := w.write(tok); err != nil {
				return w.locate(err, from)
			}
		case xml.StartElement:
			if err := d.Skip(); err != nil {
				return err
			}
		case xml.EndElement:
			return w.locate(w.end(), from)
		}
	}
}

// begin readies b for new content.
func (b *Binary) begin(open func() io.Writer) *base64Writer {
	b.Data, b.Read = nil, 0
	w := &base64Writer{b: b, to: b.To}
	if w.to == nil && open != nil {
		w.to = open()
	}
	return w
}

// binary decodes the element that has just begun into a Binary or
// a type that embeds one.
func (d *Decoder) binary(p *plan, at place, m *memory) error {
	if err := d.begin(p, at, m); err != nil {
		return err
	}
	w := p.face(at).(binaryElement).binary().begin(d.opts.Binary)
	for {
		if err := d.t.base64(w); err != nil {
			return w.locate(err, d.Offset())
		}
		k, err := d.t.next()
		if err != nil {
			return err
		}
		switch k {
		case tokText:
			if err := w.write(d.t.text); err != nil {
				return w.locate(err, d.Offset())
			}
		case tokStart:
			d.unknown++
			if err := d.Skip(); err != nil {
				return err
			}
		case tokEnd:
			return w.locate(w.end(), d.Offset())
		}
	}
}

var errBase64 = errors.New("invalid base64")

// base64Writer decodes base64 that comes in pieces. White space is passed
// over; the padding at the very end may be missing.
type base64Writer struct {
	b     *Binary
	to    io.Writer
	rest  [4]byte // characters that do not make a group yet
	n     int     // how many
	ended bool    // padding was seen
	out   []byte
	grown []byte // Data with room
}

// locate gives a base64 error its place.
func (w *base64Writer) locate(err error, offset int64) error {
	if err == errBase64 {
		return &SyntaxError{Offset: offset, Problem: BadBase64}
	}
	return err
}

// base64 gives the characters that lie in the window to w, up to the next tag
// or to what only the tokenizer can judge, such as an entity.
func (t *tokenizer) base64(w *base64Writer) error {
	for !t.selfClosed && !t.inCDATA {
		if t.pos == t.end && !t.fill() {
			return nil // the tokenizer tells why
		}
		piece := t.buf[t.pos:t.end]
		if n := bytes.IndexByte(piece, '<'); n >= 0 {
			piece = piece[:n]
		}
		used, err := w.take(piece)
		t.pos += used
		if err != nil {
			return err
		}
		if used < len(piece) || t.pos < t.end {
			return nil
		}
	}
	return nil
}

func (w *base64Writer) write(text []byte) error {
	used, err := w.take(text)
	if err == nil && used < len(text) {
		err = errBase64
	}
	return err
}

// take decodes text up to a character that is neither base64 nor white space,
// and returns how much that was.
func (w *base64Writer) take(text []byte) (int, error) {
	out := w.room(len(text))
	used, made := 0, 0
	for used < len(text) {
		if w.n == 0 && !w.ended {
			n, m := decodeGroups(out[made:], text[used:])
			used += n
			made += m
			if used == len(text) {
				break
			}
		}
		// An end of line, the padding, or less than a group.
		c := text[used]
		switch {
		case isSpace(c):
		case base64First[c] != badChar && !w.ended:
			w.rest[w.n] = c
			w.n++
		case c == '=':
			if !w.ended && w.n < 2 || w.ended && w.n == 0 {
				return used, errBase64
			}
			w.ended = true
			w.rest[w.n] = c
			w.n++
		case base64First[c] != badChar:
			return used, errBase64 // after the padding
		default:
			return used, w.put(out[:made])
		}
		used++
		if w.n == 4 {
			m, err := w.group(out[made:])
			if err != nil {
				return used, err
			}
			made += m
		}
	}
	return used, w.put(out[:made])
}

// group decodes the four characters of rest.
func (w *base64Writer) group(out []byte) (int, error) {
	n, err := base64.StdEncoding.Decode(out, w.rest[:])
	if err != nil {
		return 0, errBase64
	}
	w.n = 0
	return n, nil
}

// room returns where to decode so many characters to.
func (w *base64Writer) room(characters int) []byte {
	// A group that was begun before, and what decodeGroups asks for.
	n := base64.StdEncoding.DecodedLen(characters) + 16
	if w.to == nil {
		w.grown = slices.Grow(w.b.Data, n)
		return w.grown[len(w.grown) : len(w.grown)+n]
	}
	if cap(w.out) < n {
		w.out = make([]byte, n)
	}
	return w.out[:n]
}

// put passes on what was decoded into the room.
func (w *base64Writer) put(decoded []byte) error {
	if len(decoded) == 0 {
		return nil
	}
	w.b.Read += int64(len(decoded))
	if w.to == nil {
		w.b.Data = w.grown[:len(w.grown)+len(decoded)]
		return nil
	}
	if _, err := w.to.Write(decoded); err != nil {
		return &SinkError{Err: err}
	}
	return nil
}

func (w *base64Writer) end() error {
	if w.n == 0 || w.ended && w.n == 4 {
		return nil
	}
	if w.n == 1 || w.ended {
		return errBase64
	}
	for w.n < 4 {
		w.rest[w.n] = '='
		w.n++
	}
	out := w.room(4)
	n, err := w.group(out)
	if err != nil {
		return err
	}
	return w.put(out[:n])
}

// SinkError is a failure of the writer that was to take the content of a
// Binary: a full disk, say. The document is not to blame.
type SinkError struct{ Err error }

func (e *SinkError) Error() string { return "writing the content: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *SinkError) Unwrap() error { return e.Err }

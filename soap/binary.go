package soap

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"reflect"
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
		base64.StdEncoding.Encode(text, raw[:n])
		if n > 0 {
			piece := text[:base64.StdEncoding.EncodedLen(n)]
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

// binary decodes the element that has just begun into v, a Binary or a type
// that embeds one.
func (d *Decoder) binary(p *plan, v reflect.Value) error {
	if err := d.begin(p, v); err != nil {
		return err
	}
	w := v.Addr().Interface().(binaryElement).binary().begin(d.opts.Binary)
	for {
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
	rest  [4]byte // characters that do not make a quantum yet
	n     int     // how many
	ended bool    // padding was seen
	tight []byte  // a piece without its white space
	out   []byte
}

// locate gives a base64 error its place.
func (w *base64Writer) locate(err error, offset int64) error {
	if err == errBase64 {
		return &SyntaxError{Offset: offset, Problem: BadBase64}
	}
	return err
}

func (w *base64Writer) write(text []byte) error {
	text = w.squeeze(text)
	if len(text) == 0 {
		return nil
	}
	if w.ended {
		return errBase64
	}
	if w.n > 0 {
		k := copy(w.rest[w.n:], text)
		w.n += k
		text = text[k:]
		if w.n < 4 {
			return nil
		}
		w.n = 0
		if err := w.decode(w.rest[:4]); err != nil {
			return err
		}
		if w.ended && len(text) > 0 {
			return errBase64
		}
	}
	whole := len(text) &^ 3
	w.n = copy(w.rest[:], text[whole:])
	if err := w.decode(text[:whole]); err != nil {
		return err
	}
	if w.ended && w.n > 0 {
		return errBase64
	}
	return nil
}

// squeeze takes the white space out, which there seldom is.
func (w *base64Writer) squeeze(text []byte) []byte {
	// Four searches by the processor's wide instructions are faster than one
	// loop over the bytes.
	if bytes.IndexByte(text, '\n') < 0 && bytes.IndexByte(text, '\r') < 0 &&
		bytes.IndexByte(text, ' ') < 0 && bytes.IndexByte(text, '\t') < 0 {
		return text
	}
	w.tight = w.tight[:0]
	for _, c := range text {
		if !isSpace(c) {
			w.tight = append(w.tight, c)
		}
	}
	return w.tight
}

// decode takes whole quanta.
func (w *base64Writer) decode(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	w.ended = text[len(text)-1] == '='
	size := base64.StdEncoding.DecodedLen(len(text))
	if w.to == nil {
		n := len(w.b.Data)
		w.b.Data = append(w.b.Data, make([]byte, size)...)
		m, err := base64.StdEncoding.Decode(w.b.Data[n:], text)
		w.b.Data = w.b.Data[:n+m]
		w.b.Read += int64(m)
		if err != nil {
			return errBase64
		}
		return nil
	}
	if cap(w.out) < size {
		w.out = make([]byte, size)
	}
	m, err := base64.StdEncoding.Decode(w.out[:size], text)
	if err != nil {
		return errBase64
	}
	w.b.Read += int64(m)
	if _, err := w.to.Write(w.out[:m]); err != nil {
		return &SinkError{Err: err}
	}
	return nil
}

func (w *base64Writer) end() error {
	if w.n == 0 {
		return nil
	}
	if w.n == 1 || w.ended {
		return errBase64
	}
	text := w.rest
	for i := w.n; i < 4; i++ {
		text[i] = '='
	}
	w.n = 0
	return w.decode(text[:])
}

// SinkError is a failure of the writer that was to take the content of a
// Binary: a full disk, say. The document is not to blame.
type SinkError struct{ Err error }

func (e *SinkError) Error() string { return "writing the content: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *SinkError) Unwrap() error { return e.Err }

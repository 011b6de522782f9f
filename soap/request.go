package soap

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"sync"
)

// requestBody is an envelope that can be sent any number of times: pieces of
// XML with the sources of binary content between them. It needs no goroutine
// and no copy of the content, and knows its length if the sources know theirs.
type requestBody struct {
	pieces []piece
	size   int64 // in bytes; -1 means unknown
}

// piece is either text or binary.
type piece struct {
	text   []byte
	binary *Binary
}

// segments collects the pieces while the envelope is marshalled.
type segments struct {
	bytes.Buffer
	pieces []piece
}

// segmenters finds the segments that an encoder writes to. encoding/xml hands
// a Marshaler nothing but the encoder, and a Binary has to leave its place
// there instead of its content.
var segmenters sync.Map // *xml.Encoder to *segments

func (s *segments) binary(b *Binary) {
	s.cut()
	s.pieces = append(s.pieces, piece{binary: b})
}

func (s *segments) cut() {
	if s.Len() > 0 {
		s.pieces = append(s.pieces, piece{text: bytes.Clone(s.Bytes())})
		s.Reset()
	}
}

// newRequestBody marshals an envelope.
func newRequestBody(header []any, body any) (*requestBody, error) {
	s := &segments{}
	e := xml.NewEncoder(s)
	segmenters.Store(e, s)
	defer segmenters.Delete(e)
	if err := writeEnvelope(s, e, header, body); err != nil {
		return nil, err
	}
	s.cut()
	r := &requestBody{pieces: s.pieces}
	for _, p := range s.pieces {
		n := int64(len(p.text))
		if p.binary != nil {
			n = p.binary.size()
		}
		if n < 0 {
			r.size = -1
			break
		}
		r.size += n
	}
	return r, nil
}

// open returns the body from its beginning. It fails with *TooLargeError when
// more than limit bytes are read.
func (r *requestBody) open(limit int64) io.ReadCloser {
	return &bodyReader{pieces: r.pieces, left: limit, limit: limit}
}

// bodyReader goes through the pieces. As with every http.Request.Body, one
// goroutine reads, and another may close.
type bodyReader struct {
	pieces      []piece
	text        []byte // what is left of the piece under way
	raw, out    []byte
	left, limit int64
	err         error

	mu     sync.Mutex
	source io.ReadCloser
	closed bool
}

func (b *bodyReader) Read(p []byte) (int, error) {
	for len(b.text) == 0 {
		if b.err == nil {
			b.err = b.advance()
		}
		if b.err != nil {
			return 0, b.err
		}
	}
	n := copy(p, b.text)
	if int64(n) > b.left {
		b.err = &TooLargeError{What: "request", Limit: b.limit}
		b.text = nil
		return 0, b.err
	}
	b.left -= int64(n)
	b.text = b.text[n:]
	return n, nil
}

// advance provides more text; io.EOF at the end.
func (b *bodyReader) advance() error {
	b.mu.Lock()
	source, closed := b.source, b.closed
	b.mu.Unlock()
	if closed {
		return errBodyClosed
	}
	if source != nil {
		return b.encode(source)
	}
	if len(b.pieces) == 0 {
		return io.EOF
	}
	p := b.pieces[0]
	b.pieces = b.pieces[1:]
	if p.binary == nil {
		b.text = p.text
		return nil
	}
	source, err := p.binary.reader()
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		source.Close()
		return errBodyClosed
	}
	b.source = source
	return nil
}

// encode turns the next part of the source into base64. It holds no lock, so
// that Close can interrupt a source that does not answer.
func (b *bodyReader) encode(source io.Reader) error {
	if b.raw == nil {
		b.raw = make([]byte, chunk)
		b.out = make([]byte, base64.StdEncoding.EncodedLen(chunk))
	}
	n, err := io.ReadFull(source, b.raw)
	b.text = b.out[:encodeBase64(b.out, b.raw[:n])]
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = b.closeSource()
	}
	if err != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.closed {
			return errBodyClosed
		}
		return fmt.Errorf("reading the content: %w", err)
	}
	return nil
}

func (b *bodyReader) closeSource() error {
	b.mu.Lock()
	source := b.source
	b.source = nil
	b.mu.Unlock()
	if source == nil {
		return nil
	}
	return source.Close()
}

// errBodyClosed is for reads after the HTTP client has let go of the body.
var errBodyClosed = errors.New("the request's body is closed")

// Close closes the source under way. It may be called more than once.
func (b *bodyReader) Close() error {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	return b.closeSource()
}

package soap

import (
	"bytes"
	"io"
)

// frames cuts a stream of envelopes into envelopes: between Next calls it reads
// as a document that ends with its root's end tag. What has arrived is passed
// on at once; it never waits for more than it was asked for.
//
// An envelope ends at the first end tag that is called Envelope, whatever its
// prefix. A CDATA section or a comment that holds such a tag would be cut in
// two, and be reported as truncated; Exchange writes neither.
type frames struct {
	r    io.Reader
	buf  []byte
	data []byte // what of buf was read and not given away
	err  error  // what ended the input
	done bool   // the envelope under way has ended
}

func newFrames(r io.Reader) *frames {
	return &frames{r: r, buf: make([]byte, 16<<10), done: true}
}

// next moves to the next envelope, past what lies between two: white space and
// byte order marks. It waits for its first byte. At the orderly end of the
// stream it returns io.EOF.
func (f *frames) next() error {
	for {
		f.data = bytes.TrimLeft(f.data, " \t\r\n\ufeff")
		halfMark := len(f.data) > 0 && len(f.data) < len("\ufeff") && f.data[0] == "\ufeff"[0] && f.err == nil
		if len(f.data) > 0 && !halfMark {
			f.done = false
			return nil
		}
		if f.err != nil {
			return f.err
		}
		f.fill()
	}
}

// fill reads on behind what there is. Callers see to it that little is left.
func (f *frames) fill() {
	n := copy(f.buf, f.data)
	m, err := f.r.Read(f.buf[n:])
	f.data, f.err = f.buf[:n+m], err
}

var endOfEnvelope = []byte("Envelope")

// maxEndTag bounds an end tag: "</", a prefix, "Envelope", white space, ">".
const maxEndTag = 128

func (f *frames) Read(p []byte) (int, error) {
	for !f.done {
		n, end := f.passable()
		if n > 0 {
			n2 := copy(p, f.data[:n])
			f.data = f.data[n2:]
			f.done = end && n2 == n
			return n2, nil
		}
		if f.err != nil {
			return 0, f.err
		}
		f.fill()
	}
	return 0, io.EOF
}

// passable returns how much of the data belongs to the envelope for certain,
// and whether it ends there.
func (f *frames) passable() (n int, end bool) {
	d := f.data
	for n < len(d) {
		i := bytes.Index(d[n:], []byte("</"))
		if i < 0 {
			if f.err == nil && d[len(d)-1] == '<' {
				return len(d) - 1, false
			}
			return len(d), false
		}
		n += i
		rest := d[n:]
		j := bytes.IndexByte(rest, '>')
		switch {
		case j < 0 && len(rest) < maxEndTag && f.err == nil:
			return n, false // the tag is not whole yet
		case j < 0:
			return len(d), false
		}
		name := bytes.TrimRight(rest[2:j], " \t\r\n")
		if c := bytes.LastIndexByte(name, ':'); c >= 0 {
			name = name[c+1:]
		}
		n += j + 1
		if bytes.Equal(name, endOfEnvelope) {
			return n, true
		}
	}
	return n, false
}

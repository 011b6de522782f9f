package soap

import (
	"bytes"
	"io"
	"strings"
	"sync"
)

// tokenizer cuts a document into tags and pieces of text. It looks through a
// window that slides over the input: what a token refers to is valid until the
// next token is asked for, and nothing is allocated for it.
type tokenizer struct {
	r     io.Reader
	buf   []byte
	pos   int   // the next byte to look at
	end   int   // where the bytes in buf end
	base  int64 // the document's offset of buf[0]
	read  int64 // bytes taken from r
	limit int64
	rerr  error // what ended the input

	begun, rootSeen, inCDATA, selfClosed bool

	maxDepth int
	open     []openElement
	names    []byte // the qualified names of the open elements, end to end
	scopes   []binding
	// generation changes whenever scopes does.
	generation int
	known      map[string]string // strings made once

	// The token.
	tokStart int // its place in buf
	qname    []byte
	colon    int // length of the prefix in qname, or 0
	attrs    []attr
	text     []byte

	scratch  []byte
	replaced int

	recording []int // where in recorded each recording begins
	recorded  []byte
	recFrom   int // place in buf up to which recorded is complete
}

type openElement struct {
	name  int // place in names
	colon int
	scope int // len(scopes) outside the element
}

type binding struct{ prefix, uri string }

type attr struct {
	name  []byte // qualified
	colon int
	raw   []byte
}

func (a *attr) local() []byte { return a.name[a.colon+btoi(a.colon > 0):] }

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// tokenKind tells the tokens apart.
type tokenKind uint8

const (
	tokEOF tokenKind = iota
	tokStart
	tokEnd
	tokText
)

const (
	windowSize    = 64 << 10
	maxTag        = 1 << 20 // bytes of a single tag
	maxEntity     = 64      // bytes of "&…;", leading zeros included
	maxNamespaces = 256     // declarations in scope
	maxKnown      = 1024
)

var windows = sync.Pool{New: func() any { b := make([]byte, windowSize); return &b }}

func newTokenizer(r io.Reader, maxBytes int64, maxDepth int) *tokenizer {
	return &tokenizer{
		r: r, buf: *windows.Get().(*[]byte), limit: maxBytes, maxDepth: maxDepth,
		known: make(map[string]string, 16),
	}
}

// release gives the window back. The tokenizer must not be used afterwards.
func (t *tokenizer) release() {
	if len(t.buf) == windowSize {
		b := t.buf
		windows.Put(&b)
	}
	t.buf, t.pos, t.end = nil, 0, 0
	t.rerr = io.ErrClosedPipe
}

// fill reads on, keeping what lies from pos on. It reports whether a byte was
// added; if not, rerr says why.
func (t *tokenizer) fill() bool {
	if t.rerr != nil {
		return false
	}
	if t.pos > 0 {
		t.record(t.pos)
		t.recFrom = 0
		t.end = copy(t.buf, t.buf[t.pos:t.end])
		t.base += int64(t.pos)
		t.pos = 0
	}
	if t.end == len(t.buf) {
		if len(t.buf) >= maxTag {
			t.rerr = &SyntaxError{Offset: t.base, Problem: TagTooLong}
			return false
		}
		t.buf = append(t.buf, make([]byte, len(t.buf))...)
	}
	room := t.buf[t.end:]
	// One byte beyond the limit tells a document that just fits from one
	// that does not.
	if left := t.limit - t.read + 1; int64(len(room)) > left {
		room = room[:left]
	}
	for range 100 {
		n, err := t.r.Read(room)
		t.read += int64(n)
		if t.read > t.limit {
			n--
			err = &TooLargeError{What: "document", Limit: t.limit}
		}
		t.end += n
		t.rerr = err
		if n > 0 {
			return true
		}
		if err != nil {
			return false
		}
	}
	t.rerr = io.ErrNoProgress
	return false
}

// need makes n bytes available from pos on, if the input has them.
func (t *tokenizer) need(n int) bool {
	for t.end-t.pos < n {
		if !t.fill() {
			return false
		}
	}
	return true
}

// offset is the place in the document of the next byte.
func (t *tokenizer) offset() int64 { return t.base + int64(t.pos) }

// ended is the error for input that stops where it must go on.
func (t *tokenizer) ended() error {
	if t.rerr == io.EOF || t.rerr == io.ErrUnexpectedEOF {
		return truncated(t.base + int64(t.end))
	}
	return t.rerr
}

func (t *tokenizer) bad(p Problem, name []byte) error {
	return &SyntaxError{Offset: t.offset(), Problem: p, Name: clip(string(name[:min(len(name), 160)]), 40)}
}

// depth is the number of open elements.
func (t *tokenizer) depth() int { return len(t.open) }

// next moves to the next token.
func (t *tokenizer) next() (tokenKind, error) {
	if !t.begun {
		if err := t.begin(); err != nil {
			return tokEOF, err
		}
	}
	if t.selfClosed {
		t.selfClosed = false
		t.tokStart = t.pos
		t.pop()
		return tokEnd, nil
	}
	for {
		if t.inCDATA {
			ok, err := t.cdata()
			if err != nil {
				return tokEOF, err
			}
			if ok {
				return tokText, nil
			}
			continue
		}
		if t.pos == t.end && !t.fill() {
			if t.rerr == io.EOF && len(t.open) == 0 && t.rootSeen {
				return tokEOF, nil
			}
			return tokEOF, t.ended()
		}
		if t.buf[t.pos] != '<' {
			if err := t.chars(); err != nil {
				return tokEOF, err
			}
			if len(t.open) > 0 {
				return tokText, nil
			}
			if len(bytes.TrimLeft(t.text, " \t\n\r")) > 0 {
				return tokEOF, t.outside()
			}
			continue
		}
		if !t.need(2) {
			return tokEOF, t.ended()
		}
		switch t.buf[t.pos+1] {
		case '/':
			return tokEnd, t.endTag()
		case '?':
			if err := t.instruction(); err != nil {
				return tokEOF, err
			}
		case '!':
			if err := t.declaration(); err != nil {
				return tokEOF, err
			}
		default:
			return tokStart, t.startTag()
		}
	}
}

// outside is the error for text before or after the root element.
func (t *tokenizer) outside() error {
	if t.rootSeen {
		return t.bad(Trailing, nil)
	}
	return t.bad(Malformed, nil)
}

// begin looks at the byte order mark and the XML declaration.
func (t *tokenizer) begin() error {
	t.begun = true
	t.need(4)
	w := t.buf[t.pos:t.end]
	switch {
	case bytes.HasPrefix(w, []byte("\xef\xbb\xbf")):
		t.pos += 3
	case bytes.HasPrefix(w, []byte("\xff\xfe")), bytes.HasPrefix(w, []byte("\xfe\xff")),
		bytes.HasPrefix(w, []byte("<\x00")), bytes.HasPrefix(w, []byte("\x00<")):
		return t.bad(BadEncoding, []byte("UTF-16"))
	case bytes.HasPrefix(w, []byte("\x00\x00")):
		return t.bad(BadEncoding, []byte("UTF-32"))
	}
	if !t.need(6) || string(t.buf[t.pos:t.pos+5]) != "<?xml" || !isSpace(t.buf[t.pos+5]) {
		return nil
	}
	n, err := t.find([]byte("?>"))
	if err != nil {
		return err
	}
	enc := declaredEncoding(t.buf[t.pos+5 : t.pos+n])
	if enc != "" && !strings.EqualFold(enc, "utf-8") && !strings.EqualFold(enc, "utf8") && !strings.EqualFold(enc, "us-ascii") {
		return t.bad(BadEncoding, []byte(enc))
	}
	t.pos += n + 2
	return nil
}

// declaredEncoding returns the value of encoding in an XML declaration, or "".
func declaredEncoding(decl []byte) string {
	_, rest, ok := bytes.Cut(decl, []byte("encoding"))
	if !ok {
		return ""
	}
	rest = bytes.TrimLeft(rest, " \t\r\n=")
	if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
		return ""
	}
	n := bytes.IndexByte(rest[1:], rest[0])
	if n < 0 {
		return ""
	}
	return string(rest[1 : 1+n])
}

// find returns where, from pos on, mark begins, with all up to it in the
// window.
func (t *tokenizer) find(mark []byte) (int, error) {
	from := 0
	for {
		if i := bytes.Index(t.buf[t.pos+from:t.end], mark); i >= 0 {
			return from + i, nil
		}
		from = max(0, t.end-t.pos-len(mark)+1)
		if !t.fill() {
			return 0, t.ended()
		}
	}
}

// skipPast drops everything up to and including mark, whatever its length.
func (t *tokenizer) skipPast(mark []byte) error {
	for {
		if i := bytes.Index(t.buf[t.pos:t.end], mark); i >= 0 {
			t.pos += i + len(mark)
			return nil
		}
		t.pos = max(t.pos, t.end-len(mark)+1)
		if !t.fill() {
			return t.ended()
		}
	}
}

func (t *tokenizer) instruction() error {
	t.pos += 2
	return t.skipPast([]byte("?>"))
}

// declaration handles comments, CDATA sections and document types.
func (t *tokenizer) declaration() error {
	const cdata = "<![CDATA["
	t.need(len(cdata))
	w := t.buf[t.pos:t.end]
	switch {
	case bytes.HasPrefix(w, []byte("<!--")):
		t.pos += 4
		return t.skipPast([]byte("-->"))
	case bytes.HasPrefix(w, []byte(cdata)):
		if len(t.open) == 0 {
			return t.outside()
		}
		t.pos += len(cdata)
		t.inCDATA = true
		return nil
	case len(w) < len(cdata) && t.rerr != nil:
		return t.ended()
	case len(w) >= len(cdata) && strings.EqualFold(string(w[2:9]), "doctype"):
		return t.bad(Doctype, nil)
	}
	return t.bad(Malformed, []byte("<!"))
}

// cdata returns the next piece of a CDATA section as text, or false at its end.
func (t *tokenizer) cdata() (bool, error) {
	for {
		w := t.buf[t.pos:t.end]
		n := bytes.Index(w, []byte("]]>"))
		final := n >= 0
		if n == 0 {
			t.pos += 3
			t.inCDATA = false
			return false, nil
		}
		if !final {
			// The end mark may lie across the edge of the window.
			if n = max(0, len(w)-2); n == 0 {
				if !t.fill() {
					return false, t.ended()
				}
				continue
			}
		}
		used, err := t.clean(w[:n], false, final || t.rerr != nil)
		if err != nil {
			return false, err
		}
		t.pos += used
		if used > 0 {
			return true, nil
		}
		t.fill()
	}
}

// chars takes the next piece of character data.
func (t *tokenizer) chars() error {
	for {
		w := t.buf[t.pos:t.end]
		n := bytes.IndexByte(w, '<')
		final := n >= 0
		if !final {
			n = len(w)
		}
		used, err := t.clean(w[:n], true, final || t.rerr != nil)
		if err != nil {
			if !final && t.rerr != nil {
				// What looks like a bad entity may be half of a good one.
				return t.ended()
			}
			return err
		}
		t.pos += used
		if used > 0 {
			return nil
		}
		// An entity, a CR or a rune lies across the edge of the window. If
		// the input ends here, the next round takes it as it is.
		t.fill()
	}
}

func (t *tokenizer) endTag() error {
	if len(t.open) > 0 {
		// Nearly always it is just the name, and all there.
		want := t.names[t.open[len(t.open)-1].name:]
		w := t.buf[t.pos+2 : t.end]
		if len(w) > len(want) && w[len(want)] == '>' && string(w[:len(want)]) == string(want) {
			t.tokStart = t.pos
			t.pos += len(want) + 3
			t.pop()
			return nil
		}
	}
	n, err := t.find([]byte{'>'})
	if err != nil {
		return err
	}
	name := bytes.TrimRight(t.buf[t.pos+2:t.pos+n], " \t\r\n")
	if len(t.open) == 0 {
		return t.bad(Mismatched, name)
	}
	if top := t.open[len(t.open)-1]; string(name) != string(t.names[top.name:]) {
		return t.bad(Mismatched, t.names[top.name:])
	}
	t.tokStart = t.pos
	t.pos += n + 1
	t.pop()
	return nil
}

// endBuffered reports whether the end tag of the innermost element lies ready,
// so that reading it does not move the window under a text.
func (t *tokenizer) endBuffered() bool {
	w := t.buf[t.pos:t.end]
	return !t.inCDATA && len(w) > 2 && w[0] == '<' && w[1] == '/' && bytes.IndexByte(w, '>') > 0
}

func (t *tokenizer) startTag() error {
	if len(t.open) == 0 && t.rootSeen {
		return t.bad(Trailing, nil)
	}
	n, err := t.parseStart()
	if err != nil {
		return err
	}
	if n == 0 {
		// The tag is not whole in the window.
		if err := t.awaitTag(); err != nil {
			return err
		}
		if n, err = t.parseStart(); err != nil {
			return err
		}
		if n == 0 {
			return t.bad(Malformed, nil)
		}
	}
	if len(t.open) >= t.maxDepth {
		return t.bad(TooDeep, nil)
	}
	t.rootSeen = true
	t.push()
	if err := t.declare(); err != nil {
		return err
	}
	t.tokStart = t.pos
	t.pos += n
	return nil
}

// push opens the element of the start tag in qname.
func (t *tokenizer) push() {
	t.open = append(t.open, openElement{name: len(t.names), colon: t.colon, scope: len(t.scopes)})
	t.names = append(t.names, t.qname...)
}

func (t *tokenizer) pop() {
	top := t.open[len(t.open)-1]
	if len(t.scopes) > top.scope {
		t.generation++
	}
	t.open = t.open[:len(t.open)-1]
	t.qname, t.colon = t.names[top.name:], top.colon
	t.names = t.names[:top.name]
	t.scopes = t.scopes[:top.scope]
}

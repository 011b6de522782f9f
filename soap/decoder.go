package soap

import (
	"encoding/xml"
	"errors"
	"io"
	"reflect"
)

// DecodeOptions bound and direct a decode. A nil *DecodeOptions, like the zero
// value, means the defaults.
type DecodeOptions struct {
	// MaxBytes is the most that a document may have. Zero means 256 MiB.
	MaxBytes int64
	// MaxDepth is how deeply elements may be nested. Zero means 200.
	MaxDepth int
	// Binary, if set, is asked for a writer for the content of each Binary
	// that has none of its own (Binary.To). Where it returns nil, the content
	// goes into Binary.Data.
	Binary func() io.Writer
}

// The defaults of DecodeOptions.
const (
	DefaultMaxBytes = 256 << 20
	DefaultMaxDepth = 200
)

// Stats counts what a decode met and passed over.
type Stats struct {
	// Bytes is how much was read.
	Bytes int64
	// Replaced counts the characters that XML forbids and the bytes that are
	// not UTF-8, each now a U+FFFD.
	Replaced int
	// Unknown counts the elements that no field was there for; what lies
	// within them is not counted.
	Unknown int
	// BadValues counts numbers, truth values and the like that did not parse.
	// Their fields are left as they were.
	BadValues int
}

// Unmarshal decodes the one document in r into v, a pointer to a struct, by
// the same tags as encoding/xml. Where the struct's XMLName has a tag, the
// root's local name must be that one.
//
// Short texts and small values of one document share memory by the kilobyte. Of
// a large document of which little is kept for long, keep clones
// (strings.Clone).
//
// Errors are *SyntaxError, *TooLargeError, *UnsupportedTypeError, or what r or
// a writer returned.
func Unmarshal(r io.Reader, v any, opts *DecodeOptions) (Stats, error) {
	d := NewDecoder(r, opts)
	defer d.t.release()
	err := d.document(v)
	return d.Stats(), err
}

func (d *Decoder) document(v any) error {
	if _, err := d.Next(); err != nil {
		return err
	}
	name := d.t.name()
	if want := RootName(v); want.Local != "" && want.Local != name.Local {
		return d.t.bad(Unexpected, d.t.local())
	}
	if err := d.Decode(v); err != nil {
		return err
	}
	_, err := d.Next()
	return err
}

// RootName returns the name in the tag of the XMLName field of the struct that
// v is or points to, or nothing.
func RootName(v any) xml.Name {
	t := reflect.TypeOf(v)
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil {
		return xml.Name{}
	}
	return xmlName(t)
}

// Decoder reads a document token by token, or element by element. It is not
// safe for concurrent use.
type Decoder struct {
	t    *tokenizer
	opts DecodeOptions
	// gather collects the text of an element that comes in several pieces.
	gather    []byte
	slabs     slabs
	memories  int // how many there are
	unknown   int
	badValues int
}

// NewDecoder returns a decoder that reads from r, which it does in large
// pieces. It does no I/O yet. A nil opts means defaults.
func NewDecoder(r io.Reader, opts *DecodeOptions) *Decoder {
	d := &Decoder{}
	if opts != nil {
		d.opts = *opts
	}
	if d.opts.MaxBytes <= 0 {
		d.opts.MaxBytes = DefaultMaxBytes
	}
	if d.opts.MaxDepth <= 0 {
		d.opts.MaxDepth = DefaultMaxDepth
	}
	d.t = newTokenizer(r, d.opts.MaxBytes, d.opts.MaxDepth)
	return d
}

// Token is a kind of token.
type Token uint8

// The kinds of token. An element without content is a Start and an End.
// Comments and processing instructions are left out, and text may come in any
// number of pieces.
const (
	EOF Token = iota
	Start
	End
	Text
)

// Next moves to the next token. At the end of the document it returns EOF and
// no error.
func (d *Decoder) Next() (Token, error) {
	k, err := d.t.next()
	return Token(k), err
}

// Name returns the name of the Start that Next has just returned.
func (d *Decoder) Name() xml.Name { return d.t.name() }

// Text returns the Text that Next has just returned. It is valid until the
// next call.
func (d *Decoder) Text() []byte { return d.t.text }

// Attr returns the value of an attribute of the Start that Next has just
// returned, by its local name.
func (d *Decoder) Attr(local string) (value string, ok bool) {
	for i := range d.t.attrs {
		a := &d.t.attrs[i]
		if string(a.local()) == local && !a.isDeclaration() {
			if b, err := d.t.attrValue(a); err == nil {
				value, ok = string(b), true
			}
		}
	}
	return value, ok
}

// Depth returns the number of open elements, with that of a Start and without
// that of an End.
func (d *Decoder) Depth() int { return d.t.depth() }

// Offset returns how many bytes of the document lie behind.
func (d *Decoder) Offset() int64 { return d.t.offset() }

// Stats returns what was counted so far.
func (d *Decoder) Stats() Stats {
	return Stats{
		Bytes:     min(d.t.read, d.opts.MaxBytes),
		Replaced:  d.t.replaced,
		Unknown:   d.unknown,
		BadValues: d.badValues,
	}
}

// Skip drops what is left of the element whose Start Next has just returned,
// its End included.
func (d *Decoder) Skip() error {
	for depth := d.t.depth(); d.t.depth() >= depth; {
		if _, err := d.t.next(); err != nil {
			return err
		}
	}
	return nil
}

// Decode reads the element whose Start Next has just returned into v, a
// non-nil pointer, its End included. A nil v means Skip. A text that does not
// fit v is counted in Stats.BadValues and leaves v alone.
func (d *Decoder) Decode(v any) error {
	if v == nil {
		return d.Skip()
	}
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Pointer || rv.IsNil() {
		return &UnsupportedTypeError{Type: rv.Type().String(), Reason: "a non-nil pointer is needed"}
	}
	p, err := planFor(rv.Type().Elem())
	if err != nil {
		return err
	}
	return d.counted(d.value(p, placeOf(rv), d.remember(p)))
}

// errBadValue says that a text does not fit its field.
var errBadValue = errors.New("bad value")

// counted counts a bad value, which is no error to the caller.
func (d *Decoder) counted(err error) error {
	if err == errBadValue {
		d.badValues++
		return nil
	}
	return err
}

// value decodes the element that has just begun into the value at a place. It
// returns errBadValue, with the element read, if that was left alone. m is nil
// or what is remembered of such elements.
func (d *Decoder) value(p *plan, at place, m *memory) error {
	switch p.kind {
	case structKind:
		if err := d.begin(p, at, m); err != nil {
			return err
		}
		return d.content(p, at, m)
	case hookKind:
		return p.face(at).(elementDecoder).decodeElement(d)
	case binaryKind:
		return d.binary(p, at, m)
	case mixedKind:
		return d.mixed(p, at, m)
	case xmlKind:
		return d.unmarshaler(p.face(at).(xml.Unmarshaler))
	case ignoredKind:
		d.unknown++
		return d.Skip()
	case pointerKind:
		to := pointerAt(at)
		if *to == nil {
			n := p.elem.make()
			if err := d.value(p.elem, n, m); err != nil {
				return err
			}
			*to = n
			return nil
		}
		return d.value(p.elem, *to, m)
	}
	text, err := d.elementText()
	if err != nil {
		return err
	}
	if !d.set(p, at, text, m.lastText()) {
		return errBadValue
	}
	return nil
}

// elementText reads the rest of the element that has just begun and returns
// its own text, which is valid until the next token.
func (d *Decoder) elementText() ([]byte, error) {
	t := d.t
	d.gather = d.gather[:0]
	for {
		k, err := t.next()
		if err != nil {
			return nil, err
		}
		switch k {
		case tokEnd:
			return d.gather, nil
		case tokStart:
			d.unknown++
			if err := d.Skip(); err != nil {
				return nil, err
			}
		case tokText:
			if len(d.gather) == 0 && t.endBuffered() {
				text := t.text
				_, err := t.next()
				return text, err
			}
			d.gather = append(d.gather, t.text...)
		}
	}
}

// content decodes what is between the tags of an element into a struct.
func (d *Decoder) content(p *plan, at place, m *memory) error {
	t := d.t
	var text []byte
	if p.inner != nil {
		t.startRecording()
	}
	after := 0 // the field before, see memory.follow
	for {
		if m != nil && len(p.children) > 0 {
			var err error
			if after, err = d.quickChildren(p, at, m, after); err != nil {
				return err
			}
		}
		k, err := t.next()
		if err != nil {
			return err
		}
		switch k {
		case tokStart:
			i, certain := p.child(t)
			switch {
			case i >= 0:
				f := &p.children[i]
				var child *memory
				if m != nil && certain {
					child = m.learn(t, after, i).of(d, f.element())
				}
				after = i + 1
				err = d.field(f, at, child)
			case p.rest != nil:
				err = d.field(p.rest, at, nil)
			default:
				d.unknown++
				err = d.Skip()
			}
			if err != nil {
				return err
			}
		case tokText:
			if p.text == nil {
				break
			}
			if len(text) == 0 && p.inner == nil && t.endBuffered() {
				whole := t.text
				if _, err := t.next(); err != nil {
					return err
				}
				d.scalar(p.text, at, whole, m.lastText())
				return nil
			}
			text = append(text, t.text...)
		case tokEnd:
			if p.inner != nil {
				*as[string](p.inner.of(at)) = t.stopRecording()
			}
			if p.text != nil {
				d.scalar(p.text, at, text, m.lastText())
			}
			return nil
		}
	}
}

// begin takes over what the start tag says: name and attributes.
func (d *Decoder) begin(p *plan, at place, m *memory) error {
	t := d.t
	if p.name != nil {
		*as[xml.Name](p.name.of(at)) = t.name()
	}
	if len(p.attrs) == 0 {
		return nil
	}
	for i := range t.attrs {
		a := &t.attrs[i]
		if a.isDeclaration() {
			continue
		}
		local := a.local()
		for j := range p.attrs {
			f := &p.attrs[j]
			if f.local != string(local) {
				continue
			}
			text, err := t.attrValue(a)
			if err != nil {
				return err
			}
			d.scalar(f, at, text, m.lastAttr(j))
			break
		}
	}
	return nil
}

// scalar sets a field of the struct at base from text, or counts it as bad.
func (d *Decoder) scalar(f *field, base place, text []byte, last *string) {
	at, p := f.of(base), f.plan
	if p.kind != pointerKind {
		if !d.set(p, at, text, last) {
			d.badValues++
		}
		return
	}
	// A new value, so that a shared pointer is not written through.
	n := d.slabs.scalar(p.elem, len(text))
	if !d.set(p.elem, n, text, last) {
		d.badValues++
		return
	}
	*pointerAt(at) = n
}

// element is the plan of the field's element, past the pointers.
func (f *field) element() *plan {
	p := f.plan
	for p.kind == pointerKind {
		p = p.elem
	}
	return p
}

// field decodes the element that has just begun into a field of the struct at
// base.
func (d *Decoder) field(f *field, base place, m *memory) error {
	at := f.of(base)
	if !f.slice {
		return d.counted(d.value(f.plan, at, m))
	}
	if f.plan.kind == pointerKind {
		var n place
		if err := d.value(f.plan, place(&n), m); err != nil {
			return d.counted(err)
		}
		appendPointer(at, n)
		return nil
	}
	s := reflect.NewAt(f.typ, at).Elem()
	n := s.Len()
	if n == s.Cap() {
		s.Grow(growth(n))
	}
	s.SetLen(n + 1)
	e := s.Index(n)
	e.SetZero()
	err := d.value(f.plan, placeOf(e.Addr()), m)
	if err == errBadValue {
		s.SetLen(n)
	}
	return d.counted(err)
}

// mixed asks a Mixed for the place of each child.
func (d *Decoder) mixed(p *plan, at place, m *memory) error {
	if err := d.begin(p, at, m); err != nil {
		return err
	}
	list := p.face(at).(Mixed)
	for {
		if m != nil {
			if err := d.quickKinds(list, m); err != nil {
				return err
			}
		}
		k, err := d.t.next()
		if err != nil {
			return err
		}
		switch k {
		case tokEnd:
			return nil
		case tokStart:
			if err := d.mixedChild(list, m); err != nil {
				return err
			}
		}
	}
}

// mixedChild decodes the child of a Mixed that has just begun.
func (d *Decoder) mixedChild(list Mixed, m *memory) error {
	name := d.t.name()
	to := list.DecodeChild(name)
	if to == nil {
		d.unknown++
		return d.Skip()
	}
	rv := reflect.ValueOf(to)
	if m == nil || rv.Kind() != reflect.Pointer || rv.IsNil() {
		return d.Decode(to)
	}
	k := m.kind(d.t)
	if k == nil {
		return d.Decode(to)
	}
	if k.typ != rv.Type() {
		p, err := planFor(rv.Type().Elem())
		if err != nil {
			return err
		}
		k.typ, k.plan, k.child = rv.Type(), p, d.remember(p)
	}
	k.name, k.generation = name, d.t.generation
	return d.counted(d.value(k.plan, placeOf(rv), k.child))
}

package soap

import (
	"bytes"
	"encoding/xml"
	"reflect"
	"strings"
)

// The elements of an answer are alike: after t:Subject comes t:Sensitivity, and
// it is <t:Sensitivity>Normal</t:Sensitivity>. What this file does is to compare
// the window with what the memory expects and, where it is just that, to take
// it: no name is looked for, nothing is looked up. Whatever is not quite
// ordinary (another element, an unknown attribute, a comment, the edge of the
// window) is left, untouched, to the tokenizer. So these functions neither
// judge a document nor give it another meaning; FuzzDecode, whose readings in
// single bytes leave them nothing to do, sees to that.

// ordinary reports whether the tokenizer is between tokens, before a "<".
func (t *tokenizer) ordinary() bool {
	return t.pos < t.end && t.buf[t.pos] == '<' && !t.selfClosed && !t.inCDATA
}

// quickChildren decodes children of the struct at base for as long as they are
// as expected. It takes and returns which field was last.
func (d *Decoder) quickChildren(p *plan, base place, m *memory, after int) (int, error) {
	t := d.t
	for t.ordinary() {
		w := t.buf[t.pos:t.end]
		if len(w) > 1 && w[1] == '/' {
			break
		}
		fm := m.expected(w, after)
		if fm == nil {
			break
		}
		ok, err := d.quickChild(&p.children[fm.place], base, fm, w)
		if err != nil || !ok {
			return after, err
		}
		after = fm.place + 1
	}
	return after, nil
}

// expected returns the field whose start tag the window begins with, if it is
// one of those that came there before, or nil.
func (m *memory) expected(w []byte, after int) *fieldMemory {
	for _, next := range m.follow[after] {
		if next == 0 {
			break
		}
		f := &m.fields[next-1]
		if n := len(f.tag.text); f.tag.begins(w) && len(w) > n && nameClass[w[n]] == 0 {
			return f
		}
	}
	return nil
}

// quickChild decodes one child, the beginning of whose start tag has been
// found. It reports false, with nothing done, where it is not ordinary.
func (d *Decoder) quickChild(f *field, base place, fm *fieldMemory, w []byte) (bool, error) {
	t := d.t
	p := f.plan
	pointer := p.kind == pointerKind
	if pointer {
		p = p.elem
	}
	at := f.of(base)
	if pointer && !f.slice && *pointerAt(at) != nil || f.slice && !pointer || len(t.open) >= t.maxDepth {
		return false, nil
	}
	from := len(fm.tag.text)
	switch p.kind {
	case scalarKind:
		if w[from] != '>' {
			return false, nil
		}
		text, err := d.quickText(w, from+1, &fm.end)
		if text == nil || err != nil {
			return false, err
		}
		to := at
		if pointer {
			to = d.slabs.scalar(p, len(text))
		}
		if !d.set(p, to, text, &fm.last) {
			d.badValues++
			return true, nil
		}
		switch {
		case f.slice:
			appendPointer(at, to)
		case pointer:
			*pointerAt(at) = to
		}
		return true, nil
	case structKind:
		if p.inner != nil {
			return false, nil
		}
		child := fm.of(d, p)
		if child == nil {
			return false, nil
		}
		to := at
		if pointer {
			to = nil
		}
		to, err := d.quickStruct(p, to, child, fm, w)
		if to == nil || err != nil {
			return false, err
		}
		switch {
		case f.slice:
			appendPointer(at, to)
		case pointer:
			*pointerAt(at) = to
		}
		return true, nil
	}
	return false, nil
}

// emptyText is a text of no bytes, which is not the same as none.
var emptyText = []byte{}

// quickText returns the text of an element that has no child elements, whose
// end tag is at hand. It is nil where that is not so; else the element is
// read. The text is valid until the next token.
func (d *Decoder) quickText(w []byte, from int, endTag *literal) ([]byte, error) {
	t := d.t
	rest := w[from:]
	n := simple(rest)
	k := n
	if n < len(rest) && rest[n] != '<' {
		more := bytes.IndexByte(rest[n:], '<')
		if more < 0 {
			return nil, nil
		}
		k += more
	}
	if !endTag.begins(rest[k:]) {
		return nil, nil
	}
	text := rest[:k:k]
	if k > n {
		t.pos += from
		if _, err := t.clean(text, true, true); err != nil {
			return nil, err
		}
		t.pos -= from
		text = t.text
	}
	t.pos += from + k + len(endTag.text)
	if len(text) == 0 {
		return emptyText, nil
	}
	return text, nil
}

// maxQuickAttrs is how many attributes a start tag may have to be ordinary.
const maxQuickAttrs = 4

// quickStruct decodes an element into the struct at a place, or a new one if
// that is nil, and returns the place. It returns nil, with nothing done, where
// the element is not ordinary.
func (d *Decoder) quickStruct(p *plan, to place, m *memory, fm *fieldMemory, w []byte) (place, error) {
	t := d.t
	var attrs [maxQuickAttrs]struct{ place, from, to int32 }
	n, next := 0, 0
	qname := w[1:len(fm.tag.text)]
	i := 1 + len(qname)
	for i < len(w) && w[i] == ' ' {
		for next < len(p.attrs) && !p.attrs[next].before.begins(w[i:]) {
			next++
		}
		if next == len(p.attrs) || n == len(attrs) {
			return nil, nil
		}
		i += len(p.attrs[next].before.text)
		size := bytes.IndexByte(w[i:], '"')
		if size < 0 || simple(w[i:i+size]) < size {
			return nil, nil
		}
		a := &attrs[n]
		a.place, a.from, a.to = int32(next), int32(i), int32(i+size)
		n++
		next++
		i += size + 1
	}
	empty := false
	switch {
	case len(w)-i < 2:
		return nil, nil
	case w[i] == '>':
		i++
	case w[i] == '/' && w[i+1] == '>':
		empty = true
		i += 2
	default:
		return nil, nil
	}
	var text []byte
	if p.text != nil {
		text = emptyText
		if !empty {
			var err error
			if text, err = d.quickText(w, i, &fm.end); text == nil || err != nil {
				return nil, err
			}
		}
	}
	// It is ordinary; from here on things are done.
	if to == nil {
		to = m.make(p)
	}
	if p.name != nil {
		*as[xml.Name](p.name.of(to)) = m.nameOf(t, fm.qname())
	}
	for _, a := range attrs[:n] {
		d.scalar(&p.attrs[a.place], to, w[a.from:a.to], &m.attrs[a.place])
	}
	switch {
	case p.text != nil:
		if empty {
			t.pos += i
		}
		d.scalar(p.text, to, text, &m.text)
		return to, nil
	case empty:
		t.pos += i
		return to, nil
	}
	t.qname, t.colon = qname, max(0, bytes.IndexByte(qname, ':'))
	t.push()
	t.pos += i
	return to, d.content(p, to, m)
}

// nameOf returns what a qualified name means.
func (m *memory) nameOf(t *tokenizer, qname string) xml.Name {
	if m.nameTag != qname || m.generation != t.generation {
		prefix, local := "", qname
		if i := strings.IndexByte(qname, ':'); i > 0 {
			prefix, local = qname[:i], qname[i+1:]
		}
		m.name = xml.Name{Space: t.lookup([]byte(prefix)), Local: local}
		m.nameTag, m.generation = qname, t.generation
	}
	return m.name
}

// quickKinds decodes children of a Mixed for as long as they are of kinds that
// have been met and without attributes.
func (d *Decoder) quickKinds(list Mixed, m *memory) error {
	t := d.t
	for t.ordinary() && len(t.open) < t.maxDepth {
		w := t.buf[t.pos:t.end]
		var k *kindMemory
		for i := range m.kinds {
			each := &m.kinds[i]
			if n := len(each.tag.text); each.tag.begins(w) && len(w) > n && w[n] == '>' {
				k = each
				break
			}
		}
		if k == nil || k.generation != t.generation || k.child == nil || k.plan.kind != structKind || k.plan.name != nil {
			return nil
		}
		to := list.DecodeChild(k.name)
		t.qname = w[1:len(k.tag.text)]
		t.colon = max(0, bytes.IndexByte(t.qname, ':'))
		t.push()
		t.pos += len(t.qname) + 2
		var err error
		if reflect.TypeOf(to) == k.typ && to != nil && !reflect.ValueOf(to).IsNil() {
			err = d.content(k.plan, placeOf(reflect.ValueOf(to)), k.child)
		} else {
			// The list treats this one otherwise than the last of its name.
			t.attrs = t.attrs[:0]
			if to == nil {
				d.unknown++
			}
			err = d.Decode(to)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

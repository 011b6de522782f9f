package soap

import (
	"encoding/xml"
	"reflect"
	"slices"
)

// memory is what a decoder remembers of the elements that it has read into one
// place of a document's tree, so that the next one, which will be much like
// them, can be read by comparing instead of by looking up; see quick.go.
// Nothing depends on it but speed.
type memory struct {
	// follow names the fields that came after each field, two of them, the
	// last one first: its place in fields and one more. follow[0] is for the
	// first child, follow[i+1] for what comes after plan.children[i].
	follow [][2]uint16
	fields []fieldMemory // those that have been met
	attrs  []string      // the last value of each of plan.attrs
	text   string        // the last text
	kinds  []kindMemory  // of a Mixed

	// Values made in advance: see make.
	made     place
	left     int
	madeLast int

	// name is what nameTag means where the namespaces in scope are those of
	// that generation.
	name       xml.Name
	nameTag    string
	generation int
}

type fieldMemory struct {
	place int     // in plan.children
	tag   literal // how its start tag begins, such as "<t:Subject"
	end   literal // its end tag
	last  string  // its last text, of a scalar
	child *memory
}

// qname is the qualified name of the element.
func (f *fieldMemory) qname() string { return f.tag.text[1:] }

// kindMemory is a kind of child of a Mixed.
type kindMemory struct {
	tag        literal
	name       xml.Name
	generation int
	typ        reflect.Type // of the pointer that DecodeChild returned
	plan       *plan
	child      *memory
}

// Small structs are made a few at a time, with the same care as slabs takes.
const (
	smallStruct = 64 // bytes
	structSlab  = 16
)

// make returns the place of a new struct.
func (m *memory) make(p *plan) place {
	if p.typ.Size() > smallStruct {
		return p.make()
	}
	if m.left == 0 {
		m.madeLast = min(max(1, 2*m.madeLast), structSlab)
		m.made, m.left = p.makeSome(m.madeLast), m.madeLast
	}
	at := m.made
	if m.left--; m.left > 0 {
		m.made = p.next(at)
	} else {
		m.made = nil // not beyond the end
	}
	return at
}

// maxMemories bounds what a document can make a decoder remember. Answers have
// some thirty places.
const maxMemories = 256

// remember returns a new memory for elements of that plan, or nil.
func (d *Decoder) remember(p *plan) *memory {
	if d.memories >= maxMemories {
		return nil
	}
	d.memories++
	m := &memory{}
	if n := len(p.children); n > 0 {
		m.follow = make([][2]uint16, n+1)
	}
	if n := len(p.attrs); n > 0 {
		m.attrs = make([]string, n)
	}
	return m
}

// learn notes that plan.children[i] came after the field noted in after, under
// the start tag that has just been read, and returns what is remembered of it.
func (m *memory) learn(t *tokenizer, after, i int) *fieldMemory {
	at := slices.IndexFunc(m.fields, func(f fieldMemory) bool { return f.place == i })
	if at < 0 {
		at = len(m.fields)
		m.fields = append(m.fields, fieldMemory{place: i})
	}
	f := &m.fields[at]
	if f.tag.text == "" || f.qname() != string(t.qname) {
		f.tag = newLiteral("<" + string(t.qname))
		f.end = newLiteral("</" + string(t.qname) + ">")
	}
	if next := &m.follow[after]; next[0] != uint16(at+1) {
		next[1] = next[0]
		next[0] = uint16(at + 1)
	}
	return f
}

// of returns the memory for the elements of the field, which p is the plan of.
func (f *fieldMemory) of(d *Decoder, p *plan) *memory {
	if f.child == nil && p.kind != scalarKind {
		f.child = d.remember(p)
	}
	return f.child
}

// maxKinds is how many kinds of children of a Mixed are remembered.
const maxKinds = 16

// kind returns the memory of the kind of child that has the start tag that has
// just been read, a new one where there is none, or nil.
func (m *memory) kind(t *tokenizer) *kindMemory {
	for i := range m.kinds {
		if k := &m.kinds[i]; k.tag.text[1:] == string(t.qname) {
			return k
		}
	}
	if len(m.kinds) == maxKinds {
		return nil
	}
	m.kinds = append(m.kinds, kindMemory{tag: newLiteral("<" + string(t.qname))})
	return &m.kinds[len(m.kinds)-1]
}

// lastAttr and lastText are where the last texts of attributes and content
// are, if they are remembered.
func (m *memory) lastAttr(i int) *string {
	if m == nil {
		return nil
	}
	return &m.attrs[i]
}

func (m *memory) lastText() *string {
	if m == nil {
		return nil
	}
	return &m.text
}

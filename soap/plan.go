package soap

import (
	"encoding"
	"encoding/xml"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Mixed is a list whose children are of several kinds. The decoder asks it
// for the place of each child in document order.
type Mixed interface {
	// DecodeChild returns a pointer to decode the child into, which the list
	// has already taken in, or nil to skip it.
	DecodeChild(name xml.Name) any
}

// UnmarshalMixed is what the UnmarshalXML method of a Mixed needs, so that
// encoding/xml reads it as this package does.
func UnmarshalMixed(d *xml.Decoder, m Mixed) error {
	for {
		tok, err := d.Token()
		if err != nil {
			return err
		}
		switch tok := tok.(type) {
		case xml.EndElement:
			return nil
		case xml.StartElement:
			if place := m.DecodeChild(tok.Name); place == nil {
				err = d.Skip()
			} else {
				err = d.DecodeElement(place, &tok)
			}
			if err != nil {
				return err
			}
		}
	}
}

// elementDecoder is a type of this package that reads its element itself.
type elementDecoder interface{ decodeElement(*Decoder) error }

// plan says how to decode an element or attribute into a type. It is made
// once for each type.
type plan struct {
	kind kind
	typ  reflect.Type
	elem *plan // of a pointer

	// Of a scalar.
	scalar    reflect.Kind
	readsText bool // the type is an encoding.TextUnmarshaler

	// Of a struct.
	name, text, inner, rest *field
	attrs                   []field
	children                []field
	byLocal                 map[string][]int // places in children
}

type kind uint8

const (
	scalarKind kind = iota
	pointerKind
	structKind
	binaryKind
	mixedKind
	hookKind
	xmlKind
	ignoredKind
)

type field struct {
	space, local string
	offset       uintptr // in the struct, embedded ones included
	typ          reflect.Type
	slice        bool
	plan         *plan   // of the field, or of an element of the slice
	before       literal // of an attribute: what stands before its value in a usual start tag
}

// child finds the field for the start tag, as a place in children. It is -1
// where there is none. The field is certain where the local name alone tells
// it, whatever the namespace.
func (p *plan) child(t *tokenizer) (i int, certain bool) {
	places := p.byLocal[string(t.local())]
	switch len(places) {
	case 0:
		return -1, false
	case 1:
		return places[0], true
	}
	space := t.space()
	best := -1
	for _, i := range places {
		f := &p.children[i]
		if f.space == space {
			return i, false
		}
		if best < 0 || f.space == "" && p.children[best].space != "" {
			best = i
		}
	}
	return best, false
}

var (
	plans    sync.Map // reflect.Type to *plan
	planning sync.Mutex
)

// planFor returns the plan of a type.
func planFor(t reflect.Type) (*plan, error) {
	if p, ok := plans.Load(t); ok {
		return p.(*plan), nil
	}
	planning.Lock()
	defer planning.Unlock()
	b := planner{}
	p, err := b.plan(t)
	if err != nil {
		return nil, err
	}
	// Only now are they whole: types refer to themselves.
	for t, p := range b {
		plans.LoadOrStore(t, p)
	}
	return p, nil
}

// planner holds the plans under way.
type planner map[reflect.Type]*plan

var (
	binaryType = reflect.TypeFor[binaryElement]()
	mixedType  = reflect.TypeFor[Mixed]()
	hookType   = reflect.TypeFor[elementDecoder]()
	textType   = reflect.TypeFor[encoding.TextUnmarshaler]()
	xmlType    = reflect.TypeFor[xml.Unmarshaler]()
	nameType   = reflect.TypeFor[xml.Name]()
)

func (b planner) plan(t reflect.Type) (*plan, error) {
	if p, ok := plans.Load(t); ok {
		return p.(*plan), nil
	}
	if p, ok := b[t]; ok {
		return p, nil
	}
	p := &plan{typ: t}
	b[t] = p
	ptr := reflect.PointerTo(t)
	switch {
	case ptr.Implements(hookType):
		p.kind = hookKind
	case ptr.Implements(binaryType):
		p.kind = binaryKind
		return p, b.structure(p)
	case ptr.Implements(mixedType):
		p.kind = mixedKind
		return p, b.structure(p)
	case t.Kind() == reflect.Pointer:
		p.kind = pointerKind
		var err error
		p.elem, err = b.plan(t.Elem())
		return p, err
	case ptr.Implements(textType):
		p.readsText = true
	case ptr.Implements(xmlType):
		p.kind = xmlKind
	case t.Kind() == reflect.Struct:
		p.kind = structKind
		return p, b.structure(p)
	case t.Kind() == reflect.Interface && t.NumMethod() == 0:
		p.kind = ignoredKind
	default:
		if !scalar(t) {
			return nil, &UnsupportedTypeError{Type: t.String(), Reason: "no rule for this kind"}
		}
		p.scalar = t.Kind()
	}
	return p, nil
}

// structure plans the fields of a struct type; other types have none.
func (b planner) structure(p *plan) error {
	if p.typ.Kind() != reflect.Struct {
		return nil
	}
	if err := b.fields(p, p.typ, 0); err != nil {
		return err
	}
	p.byLocal = make(map[string][]int, len(p.children))
	for i := range p.children {
		l := p.children[i].local
		p.byLocal[l] = append(p.byLocal[l], i)
	}
	// A type's own name serves where the field has another and nobody else
	// claims it.
	for i := range p.children {
		t := p.children[i].plan.typ
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if own := xmlName(t).Local; own != "" && p.byLocal[own] == nil {
			p.byLocal[own] = []int{i}
		}
	}
	return nil
}

// fields plans the fields of a struct that lies at that offset in p's type.
func (b planner) fields(p *plan, t reflect.Type, offset uintptr) error {
	for i := range t.NumField() {
		sf := t.Field(i)
		tag := sf.Tag.Get("xml")
		if tag == "-" || !sf.IsExported() && !sf.Anonymous {
			continue
		}
		// Those that read their content themselves have attributes at most.
		_, flags, _ := strings.Cut(tag, ",")
		if p.kind != structKind && sf.Type != nameType && !slices.Contains(strings.Split(flags, ","), "attr") {
			continue
		}
		f := field{offset: offset + sf.Offset, typ: sf.Type}
		if sf.Name == "XMLName" && sf.Type == nameType {
			if t == p.typ {
				p.name = &f
			}
			continue
		}
		if sf.Anonymous && tag == "" && sf.Type.Kind() == reflect.Struct {
			if err := b.fields(p, sf.Type, f.offset); err != nil {
				return err
			}
			continue
		}
		if sf.Anonymous && tag == "" && sf.Type.Kind() == reflect.Pointer {
			return &UnsupportedTypeError{Type: t.String(), Field: sf.Name, Reason: "embedded pointers are not supported"}
		}
		if !sf.IsExported() {
			continue
		}
		if err := b.field(p, &f, sf, tag); err != nil {
			return err
		}
	}
	return nil
}

func (b planner) field(p *plan, f *field, sf reflect.StructField, tag string) error {
	unsupported := func(reason string) error {
		return &UnsupportedTypeError{Type: p.typ.String(), Field: sf.Name, Reason: reason}
	}
	name, flags, _ := strings.Cut(tag, ",")
	if space, local, ok := strings.Cut(name, " "); ok {
		f.space, name = space, local
	}
	if strings.Contains(name, ">") {
		return unsupported("paths in tags are not supported")
	}
	var mode string
	for flag := range strings.SplitSeq(flags, ",") {
		switch flag {
		case "", "omitempty":
		case "attr", "chardata", "cdata", "innerxml", "any":
			if mode != "" {
				return unsupported("flags " + mode + " and " + flag + " do not go together")
			}
			mode = flag
		default:
			return unsupported("flag " + flag + " is not supported")
		}
	}

	ft := sf.Type
	if mode == "innerxml" {
		if ft.Kind() != reflect.String {
			return unsupported("innerxml needs a string")
		}
		p.inner = f
		return nil
	}
	if mode == "" || mode == "any" {
		// A slice of bytes, or one with a decoder of its own, is one value.
		if ft.Kind() == reflect.Slice && ft.Elem().Kind() != reflect.Uint8 && !ownDecoder(ft) {
			f.slice = true
			ft = ft.Elem()
		}
	}
	var err error
	if f.plan, err = b.plan(ft); err != nil {
		return err
	}
	switch mode {
	case "attr", "chardata", "cdata":
		// A pointer whose plan has no elem yet is one to a type that refers
		// to itself, and so to no scalar.
		elem := f.plan
		if elem.kind == pointerKind {
			elem = elem.elem
		}
		if elem == nil || elem.kind != scalarKind {
			return unsupported(mode + " needs a scalar")
		}
	}
	own := xmlName(ft)
	if ft.Kind() == reflect.Pointer {
		own = xmlName(ft.Elem())
	}
	f.local = name
	if f.local == "" {
		f.local = sf.Name
		if own.Local != "" {
			f.space, f.local = own.Space, own.Local
		}
	} else if f.space == "" && own.Local == f.local {
		f.space = own.Space
	}
	switch mode {
	case "attr":
		f.before = newLiteral(" " + f.local + `="`)
		if f.local == "xmlns" {
			f.before = newLiteral("\x00") // never: that one declares a namespace
		}
		p.attrs = append(p.attrs, *f)
	case "chardata", "cdata":
		p.text = f
	case "any":
		p.rest = f
	default:
		p.children = append(p.children, *f)
	}
	return nil
}

func ownDecoder(t reflect.Type) bool {
	t = reflect.PointerTo(t)
	return t.Implements(mixedType) || t.Implements(textType) || t.Implements(xmlType) || t.Implements(hookType)
}

// xmlName returns the name in the tag of a struct's XMLName field.
func xmlName(t reflect.Type) xml.Name {
	if t.Kind() != reflect.Struct {
		return xml.Name{}
	}
	sf, ok := t.FieldByName("XMLName")
	if !ok || sf.Type != nameType || len(sf.Index) > 1 {
		return xml.Name{}
	}
	name, _, _ := strings.Cut(sf.Tag.Get("xml"), ",")
	space, local, ok := strings.Cut(name, " ")
	if !ok {
		return xml.Name{Local: name}
	}
	return xml.Name{Space: space, Local: local}
}

package wsdl

import (
	"encoding/xml"
	"reflect"
)

// mixed is a list whose children are of several kinds, in document order. The
// decoder of package soap asks it for the place of each child.
type mixed interface {
	// DecodeChild appends a new child for an element of this name and returns
	// a pointer to fill in, or nil where such an element has no place here.
	DecodeChild(name xml.Name) any
}

// unmarshalMixed reads a list with encoding/xml, for those who do not use the
// decoder of package soap.
func unmarshalMixed(d *xml.Decoder, list mixed) error {
	for {
		token, err := d.Token()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.EndElement:
			return nil
		case xml.StartElement:
			child := list.DecodeChild(t.Name)
			if child == nil {
				if err := d.Skip(); err != nil {
					return err
				}
				continue
			}
			if err := d.DecodeElement(child, &t); err != nil {
				return err
			}
		}
	}
}

// child is one element to write: its local name and what it holds.
type child struct {
	name  string
	value any
}

// marshalMixed writes a list under its own name, and each child in the types
// namespace, which its own children inherit.
func marshalMixed(e *xml.Encoder, start xml.StartElement, children []child) error {
	if err := e.EncodeToken(start); err != nil {
		return err
	}
	for _, c := range children {
		err := e.EncodeElement(c.value, xml.StartElement{Name: xml.Name{Space: TypesNamespace, Local: c.name}})
		if err != nil {
			return err
		}
	}
	return e.EncodeToken(start.End())
}

// kinds maps the element names of a list to the Go types of its children, in
// both directions. The first name of a type is the one that is written.
type kinds struct {
	byName map[string]reflect.Type
	byType map[reflect.Type]string
}

type kind struct {
	name string
	new  any // a nil pointer of the child's type
}

func newKinds(list ...kind) kinds {
	k := kinds{byName: map[string]reflect.Type{}, byType: map[reflect.Type]string{}}
	for _, each := range list {
		t := reflect.TypeOf(each.new)
		k.byName[each.name] = t.Elem()
		if _, known := k.byType[t]; !known {
			k.byType[t] = each.name
		}
	}
	return k
}

// make returns a new child for an element name, or nil.
func (k kinds) make(name string) any {
	t, ok := k.byName[name]
	if !ok {
		return nil
	}
	return reflect.New(t).Interface()
}

// name returns the element name of a child, or "" where it has no place here.
func (k kinds) name(value any) string { return k.byType[reflect.TypeOf(value)] }

// children names each value, and fails on one that has no place in the list.
func (k kinds) children(list string, values []any) ([]child, error) {
	named := make([]child, len(values))
	for i, v := range values {
		name := k.name(v)
		if name == "" {
			return nil, &KindError{List: list, Value: v}
		}
		named[i] = child{name, v}
	}
	return named, nil
}

// KindError is a value that was put into a list that has no element for it.
type KindError struct {
	List  string
	Value any
}

func (e *KindError) Error() string {
	return "a " + e.List + " has no element for " + reflect.TypeOf(e.Value).String()
}

package soap

import (
	"reflect"
	"unsafe"
)

// This file holds all that the decoder does with unsafe. It writes the fields
// of a struct by their offsets, which package reflect names, because going
// through a reflect.Value for each costs more than reading the element. What
// keeps it sound: a place always comes from a pointer to an object of the type
// that the plan was made for, and a plan never changes. The race detector's
// build checks the arithmetic (checkptr).

// place is where a value lies: a pointer to it, of the type that its plan
// names.
type place = unsafe.Pointer

// of returns the place of a field in the struct at base.
func (f *field) of(base place) place { return unsafe.Add(base, f.offset) }

// placeOf returns the place of what a non-nil pointer points to.
func placeOf(pointer reflect.Value) place { return pointer.UnsafePointer() }

// as looks at a place as one of a T. It is for types of the same memory layout
// as the place's own, such as string for a named string.
func as[T any](at place) *T { return (*T)(at) }

// stringOf is a string of bytes that will not be written to any more.
func stringOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// pointerAt is the pointer that a place of a pointer kind holds.
func pointerAt(at place) *place { return (*place)(at) }

// value returns what package reflect needs to go on.
func (p *plan) value(at place) reflect.Value { return reflect.NewAt(p.typ, at).Elem() }

// face returns a pointer to the value as an interface, for its methods.
func (p *plan) face(at place) any { return reflect.NewAt(p.typ, at).Interface() }

// make returns the place of a new value.
func (p *plan) make() place { return reflect.New(p.typ).UnsafePointer() }

// makeSome returns the place of the first of n new values that lie one after
// another.
func (p *plan) makeSome(n int) place {
	return reflect.MakeSlice(reflect.SliceOf(p.typ), n, n).UnsafePointer()
}

// next returns the place after a value at a place.
func (p *plan) next(at place) place { return unsafe.Add(at, p.typ.Size()) }

// appendPointer appends to a slice of pointers. All pointers are alike to the
// memory that they lie in.
func appendPointer(slice, pointer place) {
	s := (*[]place)(slice)
	if len(*s) == cap(*s) {
		grown := make([]place, len(*s), len(*s)+growth(len(*s)))
		copy(grown, *s)
		*s = grown
	}
	*s = append(*s, pointer)
}

// growth is for how many members to make room in a list of n. Few lists have
// more than one member, but those that do are long.
func growth(n int) int { return max(1, min(3*n, 1024)) }

package ews

import (
	"reflect"
	"sync"
)

// as reads a wire struct as another kind of it: the generated types have no
// inheritance, but the fields that two kinds share have the same names and
// types. It returns value itself where that is a *To already, and copies the
// shared fields, which are pointers and slices, otherwise.
func as[To any](value any) *To {
	if to, ok := value.(*To); ok {
		return to
	}
	to := new(To)
	from := reflect.ValueOf(value)
	if from.Kind() != reflect.Pointer || from.IsNil() {
		return to
	}
	from = from.Elem()
	target := reflect.ValueOf(to).Elem()
	for _, p := range sharedFields(from.Type(), target.Type()) {
		target.Field(p.to).Set(from.Field(p.from))
	}
	return to
}

type fieldPair struct{ from, to int }

var sharedFieldCache sync.Map // [2]reflect.Type → []fieldPair

func sharedFields(from, to reflect.Type) []fieldPair {
	key := [2]reflect.Type{from, to}
	if known, ok := sharedFieldCache.Load(key); ok {
		return known.([]fieldPair)
	}
	var pairs []fieldPair
	for i := range to.NumField() {
		f, ok := from.FieldByName(to.Field(i).Name)
		if ok && len(f.Index) == 1 && f.Type == to.Field(i).Type {
			pairs = append(pairs, fieldPair{f.Index[0], i})
		}
	}
	sharedFieldCache.Store(key, pairs)
	return pairs
}

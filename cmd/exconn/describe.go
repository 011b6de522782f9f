package main

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// describe writes the fields of a struct that are set in a line, under the names
// that they have in JSON: "from anna@example.com; has attachments".
func describe(v any) string {
	var parts []string
	value := reflect.ValueOf(v)
	for i := range value.NumField() {
		f := value.Field(i)
		if f.IsZero() {
			continue
		}
		name, _, _ := strings.Cut(value.Type().Field(i).Tag.Get("json"), ",")
		name = strings.ReplaceAll(name, "_", " ")
		if f.Kind() == reflect.Bool {
			parts = append(parts, name)
			continue
		}
		parts = append(parts, name+" "+describeValue(f))
	}
	return strings.Join(parts, "; ")
}

func describeValue(f reflect.Value) string {
	switch {
	case f.Kind() == reflect.Pointer:
		if t, ok := f.Interface().(*time.Time); ok {
			return moment(t)
		}
		return describeValue(f.Elem())
	case f.Kind() == reflect.Slice:
		var each []string
		for i := range f.Len() {
			each = append(each, describeValue(f.Index(i)))
		}
		return strings.Join(each, ", ")
	}
	return fmt.Sprint(f.Interface())
}

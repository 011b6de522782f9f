package simulator

import (
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// The generated item types have most of their fields in common, but no type
// that says so. These helpers reach a field by its name whatever the kind of
// item.

// field returns the place of a field, or a place that nobody reads where the
// item has no such field of that type.
func field[T any](item any, name string) **T {
	v := reflect.ValueOf(item).Elem()
	if index := placeOf(v.Type(), name); index != nil {
		if place, ok := v.FieldByIndex(index).Addr().Interface().(**T); ok {
			return place
		}
	}
	return new(*T)
}

// places are the places of fields in structs, which are looked up many times
// for each item.
var places sync.Map

type fieldOf struct {
	in   reflect.Type
	name string
}

func placeOf(t reflect.Type, name string) []int {
	if known, ok := places.Load(fieldOf{t, name}); ok {
		return known.([]int)
	}
	var index []int
	if f, ok := t.FieldByName(name); ok {
		index = f.Index
	}
	places.Store(fieldOf{t, name}, index)
	return index
}

// get reads a field; nil where it is unset or not there.
func get[T any](item any, name string) *T { return *field[T](item, name) }

// set writes a field, if the item has it.
func set[T any](item any, name string, value T) { *field[T](item, name) = &value }

// setDefault writes a field that is unset.
func setDefault[T any](item any, name string, value T) {
	if p := field[T](item, name); *p == nil {
		*p = &value
	}
}

// unset takes a field away.
func unset(item any, names ...string) {
	v := reflect.ValueOf(item).Elem()
	for _, name := range names {
		if f := v.FieldByName(name); f.IsValid() {
			f.SetZero()
		}
	}
}

// shallow copies an item: what its fields point to is shared, and is never
// changed in place.
func shallow(item any) any {
	v := reflect.ValueOf(item).Elem()
	out := reflect.New(v.Type())
	out.Elem().Set(v)
	return out.Interface()
}

// copyFields copies every field that both have under the same name and type.
func copyFields(to, from any) {
	dst, src := reflect.ValueOf(to).Elem(), reflect.ValueOf(from).Elem()
	for i := range src.NumField() {
		f := dst.FieldByName(src.Type().Field(i).Name)
		if f.IsValid() && f.Type() == src.Field(i).Type() {
			f.Set(src.Field(i))
		}
	}
}

// copyNamed copies the fields of these names.
func copyNamed(to, from any, names map[string]bool) {
	dst, src := reflect.ValueOf(to).Elem(), reflect.ValueOf(from).Elem()
	for name := range names {
		d, s := dst.FieldByName(name), src.FieldByName(name)
		if d.IsValid() && s.IsValid() && d.Type() == s.Type() {
			d.Set(s)
		}
	}
}

// sameField tells whether two items have the same content in a field.
func sameField(a, b any, name string) bool {
	return reflect.DeepEqual(reflect.ValueOf(a).Elem().FieldByName(name).Interface(),
		reflect.ValueOf(b).Elem().FieldByName(name).Interface())
}

func text(s string) *wsdl.Text { return wsdl.Ptr(wsdl.Text(s)) }

func str(item any, name string) string { return wsdl.Str(get[wsdl.Text](item, name)) }

func flag(item any, name string) bool { return bool(wsdl.Val(get[wsdl.Bool](item, name))) }

func setTime(item any, name string, t time.Time) {
	*field[wsdl.DateTimeText](item, name) = wsdl.FormatTime(t)
}

func timeOf(item any, name string) (time.Time, bool) {
	return wsdl.ParseTime(get[wsdl.DateTimeText](item, name), nil)
}

// person is a mailbox as recipients and attendees name it.
func person(name, address string) *wsdl.EmailAddressType {
	return &wsdl.EmailAddressType{
		Name: text(name), EmailAddress: text(address), RoutingType: text("SMTP"),
		MailboxType: text("Mailbox"),
	}
}

func recipient(p *wsdl.EmailAddressType) *wsdl.RecipientType { return &wsdl.RecipientType{Mailbox: p} }

func recipients(list ...*wsdl.EmailAddressType) *wsdl.RecipientsType {
	if len(list) == 0 {
		return nil
	}
	return &wsdl.RecipientsType{Mailbox: list}
}

// mailboxOf returns the person that a From, Sender or Organizer holds, or nil.
func mailboxOf(r *wsdl.RecipientType) *wsdl.EmailAddressType {
	if r == nil {
		return nil
	}
	return r.Mailbox
}

// address returns the address of a person in lower case, which is how the
// state knows mailboxes; "" for nobody.
func address(p *wsdl.EmailAddressType) string {
	if p == nil {
		return ""
	}
	return lower(wsdl.Str(p.EmailAddress))
}

func lower(s string) string {
	return strings.ToLower(strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(s), "smtp:"), "SMTP:"))
}

func html(s string) *wsdl.BodyContent {
	return &wsdl.BodyContent{Value: text(s), BodyType: wsdl.Ptr(wsdl.BodyTypeNameHTML)}
}

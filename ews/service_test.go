package ews_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/exconn/exconn/wsdl"
)

// Every method of the port type, with a context and without, makes the call of
// its name.
func TestServiceCallsByName(t *testing.T) {
	s := newStub(t, nil)
	service := reflect.ValueOf(s.own().Service())
	port := reflect.TypeFor[wsdl.ExchangeServicePort]()
	for i := range port.NumMethod() {
		name := port.Method(i).Name
		method := service.MethodByName(name)
		args := []reflect.Value{reflect.New(method.Type().In(method.Type().NumIn() - 1).Elem())}
		if strings.HasSuffix(name, "Context") {
			args = append([]reflect.Value{reflect.ValueOf(context.WithoutCancel(t.Context()))}, args...)
		}
		out := method.Call(args)
		if !out[1].IsNil() {
			t.Errorf("%s: %v", name, out[1])
			continue
		}
		all := s.taken()
		if got, want := all[len(all)-1].operation, strings.TrimSuffix(name, "Context"); got != want {
			t.Errorf("%s calls %s", name, got)
		}
		// A few operations answer with one message instead of a list.
		if list := out[0].Elem().FieldByName("ResponseMessages"); list.IsValid() && list.Kind() == reflect.Pointer && list.IsNil() {
			t.Errorf("%s: the answer was not read", name)
		}
	}
	if got := len(s.taken()); got != port.NumMethod() || got < 30 {
		t.Errorf("%d calls for %d methods", got, port.NumMethod())
	}
}

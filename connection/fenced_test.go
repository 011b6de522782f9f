package connection

import (
	"bytes"
	"context"
	"errors"
	"io"
	"reflect"
	"testing"
	"time"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
)

// What a method is called with here. Each value is one that is good enough to
// be sent.
var (
	someTime  = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	arguments = []any{
		"id@example.com", []string{"id@example.com"}, mailbox.Inbox, true, 1, someTime, mailbox.AcceptTentative,
		mailbox.Query{}, mailbox.NewFolder{Name: "New"}, mailbox.Outgoing{Subject: "Hi", To: []mailbox.Person{{Address: "a@example.com"}}},
		mailbox.Reply{To: []mailbox.Person{{Address: "a@example.com"}}}, mailbox.MeetingReply{Response: mailbox.Accept},
		mailbox.NewEvent{Subject: "Event", Start: someTime, End: someTime.Add(time.Hour)},
		mailbox.AvailabilityQuery{From: someTime, To: someTime.Add(24 * time.Hour), Attendees: []mailbox.Invited{{Address: "a@example.com"}}},
		mailbox.OutOfOffice{State: mailbox.OutOfOfficeOff},
		mailbox.RuleChanges{Operations: []mailbox.RuleOperation{{Kind: mailbox.DeleteRule, Rule: mailbox.Rule{ID: "id"}}}},
		[]mailbox.Delegate{{Address: "a@example.com"}}, []mailbox.DelegateUpdate{{Address: "a@example.com"}}, mailbox.DeliverToBoth,
		mailbox.Member{Address: "a@example.com", Kind: mailbox.MemberList},
		ews.ConversationItems{IDs: []string{"id@example.com"}},
		[]ews.UploadItem{{Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(nil)), nil }}},
		[]ews.ItemUpdate{{ID: "id", IsRead: new(bool)}}, ews.EWSID,
	}
)

// argument is a value of a parameter's type, or its zero value.
func argument(t reflect.Type) reflect.Value {
	switch t {
	case reflect.TypeFor[io.Writer]():
		return reflect.ValueOf(io.Discard)
	case reflect.TypeFor[io.Reader]():
		return reflect.ValueOf(bytes.NewReader([]byte("Subject: hi\r\n\r\n")))
	}
	for _, a := range arguments {
		if v := reflect.ValueOf(a); v.Type() == t {
			return v
		}
	}
	return reflect.Zero(t)
}

// errorOf calls a method and returns the error of its result, or the first one
// of a list.
func errorOf(ctx context.Context, method reflect.Value) (err error) {
	in := []reflect.Value{reflect.ValueOf(ctx)}
	for i := 1; i < method.Type().NumIn(); i++ {
		in = append(in, argument(method.Type().In(i)))
	}
	var out []reflect.Value
	if method.Type().IsVariadic() {
		in[len(in)-1] = reflect.MakeSlice(method.Type().In(len(in)-1), 0, 0)
		if method.Type().In(len(in)-1).Elem().Kind() == reflect.String {
			in[len(in)-1] = reflect.ValueOf([]string{"id@example.com"})
		}
		out = method.CallSlice(in)
	} else {
		out = method.Call(in)
	}
	last := out[len(out)-1]
	if last.Kind() == reflect.Func {
		for _, failed := range last.Seq2() {
			if !failed.IsNil() {
				return failed.Interface().(error)
			}
		}
		return nil
	}
	err, _ = last.Interface().(error)
	return err
}

// TestEveryErrorIsExplained: whatever a mailbox is asked for, a refused sign-in
// is told as the connection's, with what mends it. So no method goes past the
// connection.
func TestEveryErrorIsExplained(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	f.create(t, w.basic("crm"))
	box, err := f.open(t, "crm").Mailbox(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	w.refuse(true)
	of := reflect.ValueOf(box.(EWSMailbox))
	asked := 0
	words := reflect.TypeFor[EWSMailbox]()
	for i := range words.NumMethod() {
		name := words.Method(i).Name
		method := of.MethodByName(name)
		if method.Type().NumIn() == 0 {
			continue // Address and Access
		}
		err := errorOf(t.Context(), method)
		if !errors.Is(err, mailbox.ErrSignInNeeded) {
			if !errors.Is(err, mailbox.ErrInvalid) {
				t.Errorf("%s: %v, and the server refuses everything", name, err)
			}
			continue
		}
		asked++
		var explained *SignInError
		if !errors.As(err, &explained) || mailbox.Hint(err) == "" {
			t.Errorf("%s: the error is not the connection's: %v", name, err)
		}
	}
	if asked < 50 {
		t.Errorf("%d methods asked the server, want 50 at least", asked)
	}
}

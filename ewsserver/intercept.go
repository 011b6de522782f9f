package ewsserver

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
)

// Incoming is a request that was read, and of which nothing is done yet.
type Incoming struct {
	// Operation is the name of the body's element, such as "FindItem".
	Operation string
	// Caller is who signed in, not yet who is acted for.
	Caller Caller
	// Impersonates is whom the ExchangeImpersonation header names; the zero
	// value where there is none, or one that names nobody.
	Impersonates ConnectingSID
}

// intercept asks Options.Intercept. It reports whether the request is answered
// with that.
func (h *Handler) intercept(w http.ResponseWriter, r *http.Request, req *request, caller Caller) bool {
	if h.opts.Intercept == nil {
		return false
	}
	in := Incoming{Operation: req.operation, Caller: caller}
	if req.impersonation != nil {
		if sid, err := connectingSID(req.impersonation.ConnectingSID); err == nil {
			in.Impersonates = sid
		}
	}
	answered, err := h.opts.Intercept(w, r, in)
	if answered || err == nil {
		return answered
	}
	answer, err := h.decline(r.Context(), req, err)
	if err != nil {
		h.refuse(w, r, err)
	} else {
		h.write(w, r, req.operation, answer)
	}
	return true
}

// decline makes the answer to a request nothing of which is done: err in each
// of the response messages. It returns an error that has no place there.
func (h *Handler) decline(ctx context.Context, req *request, err error) (any, error) {
	c := &call{Options: &h.opts, operation: req.operation, log: h.opts.Logger}
	answer := operations[req.operation].response()
	if stream, ok := answer.(*hanging); ok {
		stream.c = c
		stream.refusal, err = c.streamError(ctx, err)
		return stream, err
	}
	o, err := c.outcome(ctx, err)
	if err != nil {
		return nil, err
	}
	if !o.spread(reflect.ValueOf(answer).Elem(), asked(req.operation, req.body)) {
		return nil, errors.New("the answer to " + req.operation + " has no place for an error")
	}
	return answer, nil
}

// perThing are the lists of requests that are answered by a response message
// for each of their entries.
var perThing = []string{"ItemIds", "FolderIds", "ParentFolderIds", "ItemChanges", "FolderChanges", "Items", "Folders",
	"AttachmentIds", "Attachments", "SourceIds", "Conversations", "MailboxDataArray"}

// asked is how many response messages a request is answered by.
func asked(operation string, request any) int {
	v := reflect.ValueOf(request).Elem()
	for _, name := range perThing {
		// The folders in which names are looked up are no folders asked about.
		list := v.FieldByName(name)
		if operation == "ResolveNames" || !list.IsValid() || list.IsNil() {
			continue
		}
		if things, ok := sole(list.Elem()); ok {
			return max(1, things.Len())
		}
	}
	return 1
}

// sole is the one list in a struct that is there to hold it.
func sole(list reflect.Value) (reflect.Value, bool) {
	for i := range list.NumField() {
		if f := list.Field(i); f.Kind() == reflect.Slice {
			return f, true
		}
	}
	return reflect.Value{}, false
}

// spread puts the outcome wherever an answer tells how its request went: in
// itself, in its one response message, or in a list of n.
func (o outcome) spread(answer reflect.Value, n int) bool {
	if answer.FieldByName("ResponseCode").IsValid() {
		o.fill(answer)
		return true
	}
	if m := answer.FieldByName("ResponseMessage"); m.IsValid() {
		m.Set(reflect.ValueOf(o.plain()))
		return true
	}
	for _, name := range []string{"ResponseMessages", "FreeBusyResponseArray"} {
		list := answer.FieldByName(name)
		if !list.IsValid() {
			continue
		}
		list.Set(reflect.New(list.Type().Elem()))
		messages, ok := sole(list.Elem())
		if !ok || messages.Type().Elem().Kind() != reflect.Pointer {
			return false
		}
		for range n {
			m := reflect.New(messages.Type().Elem().Elem())
			if !o.spread(m.Elem(), 1) {
				return false
			}
			messages.Set(reflect.Append(messages, m))
		}
		return true
	}
	return false
}

// required are the lists that the schema wants in a response message even where
// they are empty.
var required = []string{"Items", "Folders", "Attachments"}

func (o outcome) fill(message reflect.Value) {
	message.FieldByName("ResponseClass").Set(reflect.ValueOf(o.class))
	message.FieldByName("ResponseCode").Set(reflect.ValueOf(o.code))
	message.FieldByName("MessageText").Set(reflect.ValueOf(o.text))
	message.FieldByName("MessageXml").Set(reflect.ValueOf(o.xml))
	for i := range message.NumField() {
		if slices.Contains(required, message.Type().Field(i).Name) {
			message.Field(i).Set(reflect.New(message.Field(i).Type().Elem()))
		}
	}
}

package ewsserver

import (
	"context"
	"encoding/xml"
	"log/slog"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
)

// Every operation has a place for an error that ends it before it began.
func TestEveryOperationCanBeDeclined(t *testing.T) {
	t.Parallel()
	h := NewHandler(nil, nil)
	for name, op := range operations {
		answer, err := h.decline(context.Background(), &request{operation: name, body: op.request()},
			&Error{Code: ErrorServerBusy, Values: map[string]string{"BackOffMilliseconds": "7"}})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var text string
		if stream, ok := answer.(*hanging); ok {
			w := httptest.NewRecorder()
			stream.serve(w, httptest.NewRequest("POST", "/", nil))
			text = w.Body.String()
		} else {
			out, err := xml.Marshal(answer)
			if err != nil {
				t.Fatal(err)
			}
			text = string(out)
		}
		if strings.Count(text, ">ErrorServerBusy<") != 1 || strings.Count(text, `Name="BackOffMilliseconds">7<`) != 1 || strings.Count(text, `ResponseClass="Error"`) != 1 {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// An answer without a place for an error is a mistake of this package, and told
// as one.
func TestSpreadFindsNoPlace(t *testing.T) {
	t.Parallel()
	operations := map[string]operation{"X": op(func(*call, context.Context, *struct{}) (*struct{ A int }, error) { return nil, nil })}
	o, err := (&call{log: slog.New(slog.DiscardHandler)}).outcome(context.Background(), &Error{Code: ErrorServerBusy})
	if err != nil {
		t.Fatal(err)
	}
	if o.spread(reflect.ValueOf(operations["X"].response()).Elem(), 1) {
		t.Error("it found a place for an error in a struct without one")
	}
}

package soap

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

// What an admin can look into is said for every kind of failure.
func TestHints(t *testing.T) {
	for name, tt := range map[string]struct {
		err  interface{ Hint() string }
		want string
	}{
		"gateway":        {&HTTPError{Meta: Meta{Status: 502}}, "try again"},
		"unexplained":    {&HTTPError{Meta: Meta{Status: 500}}, "try again"},
		"plain http":     {&HTTPError{Meta: Meta{Status: 400}}, "EWS URL"},
		"cut short":      {&ResponseError{Err: truncated(700)}, "cut short"},
		"malformed":      {&ResponseError{Err: &SyntaxError{Problem: Doctype}}, "in between"},
		"too large":      {&ResponseError{Err: &TooLargeError{What: "answer", Limit: 1}}, "ask for less"},
		"a full disk":    {&ResponseError{Err: errors.New("no space left on device")}, ""},
		"broken":         {&TransportError{Host: "a:1", Sent: true, Err: io.EOF}, "connection broke"},
		"nobody listens": {&TransportError{Host: "a:1", Err: errors.New("connection refused")}, "host and port"},
		"given up":       {&TransportError{Host: "a:1", Sent: true, Err: context.Canceled}, ""},
	} {
		hint := tt.err.Hint()
		if (hint == "") != (tt.want == "") || !strings.Contains(hint, tt.want) {
			t.Errorf("%s: the hint is %q, want %q in it", name, hint, tt.want)
		}
	}
}

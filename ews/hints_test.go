package ews_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
)

// What is not there may be elsewhere: the hint says where to look.
func TestHintsOfWhatIsNotThere(t *testing.T) {
	for code, want := range map[string]string{
		"ErrorItemNotFound":        "list the folder again",
		"ErrorInvalidAttachmentId": "read the message again",
	} {
		s := newStub(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
			respond(w, 200, failure("GetItem", code, "It is not there.", ""))
		})
		_, err := s.own().Message(t.Context(), "AAMkOne=")
		if mailbox.Code(err) != code || !strings.Contains(mailbox.Hint(err), want) {
			t.Errorf("%v, hint %q: want %q in it", err, mailbox.Hint(err), want)
		}
	}
	s := newStub(t, nil)
	for _, err := range s.own().Messages(t.Context(), mailbox.Query{Folder: "Kalender/Projects"}) {
		if !errors.Is(err, mailbox.ErrNotFound) || !strings.Contains(mailbox.Hint(err), "list the folders") {
			t.Errorf("%v, hint %q", err, mailbox.Hint(err))
		}
	}
}

// A rule that cannot be used comes with one that can.
func TestHintOfARecurrence(t *testing.T) {
	monday := time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)
	_, err := ews.ParseRecurrence("FREQ=SOMETIMES", monday)
	_, example, ok := strings.Cut(mailbox.Hint(err), "such as ")
	if !ok {
		t.Fatalf("%v, hint %q", err, mailbox.Hint(err))
	}
	for rule := range strings.SplitSeq(example, " or ") {
		// The first of its dates must be the start.
		possible := 0
		for day := range 31 {
			if _, err := ews.ParseRecurrence(rule, monday.AddDate(0, 0, day)); err == nil {
				possible++
			}
		}
		if possible == 0 {
			t.Errorf("the hint's own example, %s, begins on no day of March", rule)
		}
	}
}

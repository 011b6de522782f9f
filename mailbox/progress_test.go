package mailbox_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/exconn/exconn/mailbox"
)

func TestProgressOfAnUpload(t *testing.T) {
	var told []int64
	opened := 0
	u := mailbox.Upload{Name: "a", Size: 5, Open: func() (io.ReadCloser, error) {
		if opened++; opened > 2 {
			return nil, errors.New("gone")
		}
		return io.NopCloser(strings.NewReader("hello")), nil
	}}.WithProgress(func(done, total int64) {
		if total != 5 {
			t.Errorf("of %d", total)
		}
		told = append(told, done)
	})
	for range 2 { // the content is sent again
		r, err := u.Open()
		if err != nil {
			t.Fatal(err)
		}
		for b := make([]byte, 2); err == nil; {
			_, err = r.Read(b)
		}
		if err != io.EOF || r.Close() != nil {
			t.Error(err)
		}
	}
	if want := []int64{0, 2, 4, 5, 0, 2, 4, 5}; !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
	if _, err := u.Open(); err == nil || len(told) != 8 {
		t.Errorf("%v, told %v", err, told)
	}
}

func TestProgressOfADownload(t *testing.T) {
	var told []int64
	var b bytes.Buffer
	w := mailbox.Progress(func(done, total int64) { told = append(told, done, total) }).Writer(&b, -1)
	for _, s := range []string{"hel", "lo"} {
		if n, err := io.WriteString(w, s); n != len(s) || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
	if want := []int64{3, -1, 5, -1}; !slices.Equal(told, want) || b.String() != "hello" {
		t.Errorf("told %v of %q", told, b.String())
	}
}

// Nobody is told of what nobody asks about.
func TestNoProgress(t *testing.T) {
	var b bytes.Buffer
	if w := mailbox.Progress(nil).Writer(&b, 1); w != io.Writer(&b) {
		t.Errorf("got a %T", w)
	}
	u := mailbox.Upload{Open: func() (io.ReadCloser, error) { return io.NopCloser(&b), nil }}.WithProgress(nil)
	if r, err := u.Open(); err != nil || r.Close() != nil {
		t.Error(err)
	}
	if u := (mailbox.Upload{}).WithProgress(func(int64, int64) {}); u.Open != nil {
		t.Error("content where there was none")
	}
}

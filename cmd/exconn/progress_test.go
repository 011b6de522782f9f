package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/exconn/exconn/mailbox"
)

func TestProgressIsShownAndWiped(t *testing.T) {
	for _, size := range []int64{1 << 20, -1} {
		var out bytes.Buffer
		show, end := bar(&out, "offer\x1b]0;title\x07.pdf", size)
		show(0, size)
		show(512<<10, size)
		if size > 0 {
			show(2<<20, size) // it has grown meanwhile
		}
		end()
		text := out.String()
		if !strings.Contains(text, "offer ]0;title .pdf") || strings.Contains(text, "\x1b]0;") || strings.Contains(text, "\n") {
			t.Errorf("of %d: %q", size, text)
		}
		last := text[strings.LastIndex(strings.TrimRight(text, "\r"), "\r")+1:]
		if strings.TrimSpace(last) != "" {
			t.Errorf("of %d, what stays is %q", size, last)
		}
	}
}

// What is no terminal gets nothing, and the content is the same.
func TestProgressIsForTerminals(t *testing.T) {
	var out bytes.Buffer
	s := system{err: &out}
	list, end := s.shown([]mailbox.Upload{{Name: "a", Size: 1 << 30, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("content")), nil
	}}})
	r, err := list[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	if err != nil || string(content) != "content" {
		t.Errorf("%q, %v", content, err)
	}
	end()
	if p, _ := s.progress("a", -1); p != nil || out.Len() > 0 {
		t.Errorf("%q was written", out.String())
	}
}

package main

import (
	"io"
	"strings"
	"testing"
)

func TestVerdict(t *testing.T) {
	for _, each := range []struct {
		output string
		want   string // part of the reason; empty means that the run passes
	}{
		{"ok one\n30 checks, 0 failed\n", ""},
		{"ok one\n30 checks, 0 failed\n\n", ""},
		{"29 checks, 0 failed\n", "made 29 checks; 30 are the least"},
		{"31 checks, 2 failed\n", "2 of 31 checks failed"},
		{"30 checks, 0 failed\nTraceback\n", "Traceback"},
		{"30 checks, 0 failed", `last line is ""`}, // the script died in the middle of a line
		{"", "last line"},
	} {
		v := &verdict{through: io.Discard}
		// In pieces, as they come through a pipe.
		for piece := each.output; piece != ""; {
			n := min(3, len(piece))
			if _, err := v.Write([]byte(piece[:n])); err != nil {
				t.Fatal(err)
			}
			piece = piece[n:]
		}
		err := v.judge("client", 30)
		if each.want == "" && err != nil || each.want != "" && (err == nil || !strings.Contains(err.Error(), each.want)) {
			t.Errorf("%q: %v, want %q", each.output, err, each.want)
		}
	}
}

package main

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strconv"
)

// verdict passes a script's output on and keeps its last line.
type verdict struct {
	through io.Writer
	line    []byte // that which is being written
	last    []byte // the last whole one that is not empty
}

// Write implements io.Writer.
func (v *verdict) Write(p []byte) (int, error) {
	for _, part := range bytes.SplitAfter(p, []byte("\n")) {
		v.line = append(v.line, part...)
		if !bytes.HasSuffix(v.line, []byte("\n")) {
			continue
		}
		if line := bytes.TrimSpace(v.line); len(line) > 0 {
			v.last = bytes.Clone(line)
		}
		v.line = v.line[:0]
	}
	return v.through.Write(p)
}

var count = regexp.MustCompile(`^(\d+) checks, (\d+) failed$`)

func (v *verdict) counted() bool { return count.Match(v.last) }

// judge returns why the run failed, or nil.
func (v *verdict) judge(name string, minimum int) error {
	found := count.FindSubmatch(v.last)
	if found == nil {
		return fmt.Errorf(`%s's last line is %q; it has to be "N checks, M failed"`, name, v.last)
	}
	made, err := strconv.Atoi(string(found[1]))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	switch {
	case string(found[2]) != "0":
		return fmt.Errorf("%s: %s of %d checks failed", name, found[2], made)
	case made < minimum:
		return fmt.Errorf("%s made %d checks; %d are the least", name, made, minimum)
	}
	return nil
}

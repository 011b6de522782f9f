package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// line is one comparison: medians, and what was measured besides.
type line struct {
	job, rival   string
	ours, theirs string
	ratio        float64
	note         string
}

type table struct{ lines []line }

func (t *table) add(l line) { t.lines = append(t.lines, l) }

// print writes the table. Ratios are ours by theirs.
func (t *table) print(w io.Writer) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "job\texconn\tagainst\ttheirs\tratio\tgoal\tfloor\t\tbesides")
	for _, l := range t.lines {
		goal, floor, state := "", "", ""
		if g, ok := goalFor(l.job, l.rival); ok {
			goal, floor = number(g.ratio), number(g.limit())
			switch {
			case l.ratio <= g.ratio:
				state = "reached"
			case l.ratio <= g.limit():
				state = "near"
			default:
				state = "FAILED"
			}
		}
		fmt.Fprintln(tw, strings.Join([]string{l.job, l.ours, l.rival, l.theirs, number(l.ratio), goal, floor, state, l.note}, "\t"))
	}
	// The writer below reports its own trouble: it is the terminal.
	_ = tw.Flush()
}

// verdict is an error that names what is worse than its floor.
func (t *table) verdict() error {
	var bad []string
	for _, l := range t.lines {
		if g, ok := goalFor(l.job, l.rival); ok && l.ratio > g.limit() {
			bad = append(bad, fmt.Sprintf("%s against %s: ratio %s, floor %s", l.job, l.rival, number(l.ratio), number(g.limit())))
		}
	}
	if bad == nil {
		return nil
	}
	return fmt.Errorf("worse than the floor:\n  %s\nRun it again on a quiet machine; if it stays so, find what has become slower (go test -bench . -cpuprofile, in bench or soap)",
		strings.Join(bad, "\n  "))
}

// number is a ratio with three digits.
func number(x float64) string { return strconv.FormatFloat(x, 'g', 3, 64) }

// median sorts its argument.
func median(x []float64) float64 {
	slices.Sort(x)
	n := len(x)
	if n%2 == 1 {
		return x[n/2]
	}
	return (x[n/2-1] + x[n/2]) / 2
}

// milliseconds shows nanoseconds.
func milliseconds(ns float64) string {
	return strconv.FormatFloat(ns/1e6, 'f', 1, 64) + " ms"
}

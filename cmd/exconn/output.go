package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// printer writes data to stdout: a line of JSON an object, or a table.
type printer struct {
	out  io.Writer
	json bool
}

// object writes one object: as JSON, or by the function for people.
func (p printer) object(v any, people func(w io.Writer)) error {
	if p.json {
		return json.NewEncoder(p.out).Encode(v)
	}
	people(p.out)
	return nil
}

// rows writes a list: each value as a line of JSON, or all as a table.
func rows[T any](p printer, list []T, header []string, row func(T) []any) error {
	if p.json {
		encoder := json.NewEncoder(p.out)
		for _, v := range list {
			if err := encoder.Encode(v); err != nil {
				return err
			}
		}
		return nil
	}
	t := newTable(header)
	for _, v := range list {
		t.AppendRow(row(v))
	}
	_, err := fmt.Fprintln(p.out, t.Render())
	return err
}

func newTable(header []string) table.Writer {
	t := table.NewWriter()
	style := table.StyleLight
	style.Options = table.OptionsNoBordersAndSeparators
	style.Format.Header = text.FormatUpper
	t.SetStyle(style)
	var cells table.Row
	for _, name := range header {
		cells = append(cells, name)
	}
	t.AppendHeader(cells)
	return t
}

// fields writes "name: value" lines, aligned, leaving out those without a value.
func fields(w io.Writer, pairs ...string) {
	width := 0
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			width = max(width, len(pairs[i]))
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			fmt.Fprintf(w, "%-*s  %s\n", width+1, pairs[i]+":", plain(pairs[i+1]))
		}
	}
}

// plain makes a stranger's text safe for a terminal: control characters, which
// could move the cursor or set its title, become spaces.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, s)
}

// plainBody is plain for text of several lines.
func plainBody(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(plain(line), " ")
	}
	return strings.Join(lines, "\n")
}

// short cuts a text for a table.
func short(s string, runes int) string {
	r := []rune(plain(s))
	if len(r) <= runes {
		return string(r)
	}
	return string(r[:runes-1]) + "…"
}

// moment writes a time for people, in this machine's zone.
func moment(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04")
}

package simulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// fields reads the fields of an object. The first problem is kept, and
// everything after it is left.
type fields struct {
	where   string // what the object is, for errors: "fault 2"
	line    int
	members map[string]member
	order   []string
	read    map[string]bool
	problem error
	// bare: there is no request whose mailbox or account could be meant.
	bare bool
}

func (l located) fields(where string) *fields {
	f := &fields{where: where, line: l.line, members: map[string]member{}, read: map[string]bool{}}
	members, ok := l.value.([]member)
	if !ok {
		f.fail("", l.line, "%s must be an object in braces, and is %s", where, l.word())
		return f
	}
	for _, m := range members {
		f.members[m.name] = m
		f.order = append(f.order, m.name)
	}
	return f
}

// fail keeps a problem with a field.
func (f *fields) fail(field string, line int, format string, args ...any) {
	if f.problem != nil {
		return
	}
	e := &ScriptError{Line: line, Field: field, Problem: fmt.Sprintf(format, args...)}
	if field != "" && f.where != "" {
		e.Field = f.where + ": " + field
	}
	f.problem = e
}

// wrong keeps a problem with the value of a field.
func (f *fields) wrong(name, format string, args ...any) {
	line := f.line
	if m, ok := f.members[name]; ok {
		line = m.line
	}
	f.fail(name, line, format, args...)
}

func (f *fields) has(name string) bool { _, ok := f.members[name]; return ok }

func (f *fields) take(name string) (located, bool) {
	f.read[name] = true
	m, ok := f.members[name]
	return m.located, ok
}

// done complains of fields that nobody has read.
func (f *fields) done() {
	for _, name := range f.order {
		if f.read[name] {
			continue
		}
		known := make([]string, 0, len(f.read))
		for k := range f.read {
			known = append(known, k)
		}
		slices.Sort(known)
		f.wrong(name, "there is no such field here; there are %s", strings.Join(known, ", "))
	}
}

// text reads a text; "" where the field is missing.
func (f *fields) text(name string) string {
	v, ok := f.take(name)
	if !ok {
		return ""
	}
	s, ok := v.value.(string)
	switch {
	case !ok:
		f.wrong(name, "must be a text in quotation marks, and is %s", v.word())
	case s == "":
		f.wrong(name, "is empty; leave the field out instead")
	}
	return s
}

// texts reads a text or a list of texts.
func (f *fields) texts(name string) []string {
	v, _ := f.take(name)
	list, ok := v.value.([]located)
	if !ok {
		if s := f.text(name); s != "" {
			return []string{s}
		}
		return nil
	}
	var out []string
	for _, each := range list {
		s, ok := each.value.(string)
		if !ok || s == "" {
			f.fail(name, each.line, "must be a list of texts")
		}
		out = append(out, s)
	}
	return out
}

// word reads one of some words.
func (f *fields) word(name string, words ...string) string {
	s := f.text(name)
	if s != "" && !slices.Contains(words, s) {
		f.wrong(name, "%q is none of %s", s, strings.Join(words, ", "))
	}
	return s
}

// count reads a whole number of at least least; fallback where the field is
// missing.
func (f *fields) count(name string, least, fallback int) int {
	v, ok := f.take(name)
	if !ok {
		return fallback
	}
	n, err := strconv.Atoi(fmt.Sprint(v.value))
	if _, number := v.value.(json.Number); !number || err != nil || n < least || n > 1<<31 {
		f.wrong(name, "must be a whole number from %d on", least)
		return fallback
	}
	return n
}

// seed reads a whole number of 64 bits.
func (f *fields) seed(name string) uint64 {
	v, ok := f.take(name)
	if !ok {
		return 0
	}
	n, err := strconv.ParseUint(fmt.Sprint(v.value), 10, 64)
	if _, number := v.value.(json.Number); !number || err != nil || n == 0 {
		f.wrong(name, "must be a whole number from 1 to 18446744073709551615")
	}
	return n
}

// share reads a number above 0, up to 1; 0 where the field is missing.
func (f *fields) share(name string) float64 {
	v, ok := f.take(name)
	if !ok {
		return 0
	}
	n, err := strconv.ParseFloat(fmt.Sprint(v.value), 64)
	if _, number := v.value.(json.Number); !number || err != nil || !(n > 0 && n <= 1) {
		f.wrong(name, "must be a number above 0, up to 1, such as 0.1 for every tenth request")
	}
	return n
}

// duration reads a duration such as "1.5s"; fallback where the field is
// missing.
func (f *fields) duration(name string, least, fallback time.Duration) time.Duration {
	v, ok := f.take(name)
	if !ok {
		return fallback
	}
	s, _ := v.value.(string)
	d, err := time.ParseDuration(s)
	if err != nil {
		f.wrong(name, `must be a duration in quotation marks, such as "250ms", "5s", "1h30m"`)
		return fallback
	}
	if d < least {
		f.wrong(name, "must be %s at least", least)
	}
	return d
}

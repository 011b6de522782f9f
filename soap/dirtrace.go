package soap

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// DirTracer writes every call into a directory, for support: the envelopes as
// they were on the wire, after decompression (0001-FindItem-request.xml,
// 0001-FindItem-response.xml), and status, headers and counts
// (0001-FindItem.txt). Tokens, passwords and cookies are left out; mailbox
// content is not.
type DirTracer struct {
	dir string

	mu   sync.Mutex
	last int
}

// NewDirTracer returns a tracer into dir, which it makes (mode 0700) where it
// is missing; files have mode 0600. Numbers go on after those that are there.
func NewDirTracer(dir string) (*DirTracer, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("trace directory: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("trace directory: %w", err)
	}
	t := &DirTracer{dir: dir}
	for _, e := range entries {
		number, _, ok := strings.Cut(e.Name(), "-")
		if n, err := strconv.Atoi(number); ok && err == nil && n > t.last {
			t.last = n
		}
	}
	// Better to fail here than to find out when the trace is wanted.
	probe, err := os.CreateTemp(dir, ".writable-*")
	if err != nil {
		return nil, fmt.Errorf("trace directory: %w", err)
	}
	err = errors.Join(probe.Close(), os.Remove(probe.Name()))
	if err != nil {
		return nil, fmt.Errorf("trace directory: %w", err)
	}
	return t, nil
}

// Begin starts the trace of one call. A file that cannot be written does not
// fail the call; the summary tells of it, if that can be written.
func (t *DirTracer) Begin(operation string) Trace {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, operation)
	if name == "" {
		name = "call"
	}
	d := &dirTrace{}
	t.mu.Lock()
	defer t.mu.Unlock()
	for {
		t.last++
		prefix := filepath.Join(t.dir, fmt.Sprintf("%04d-%s", t.last, name))
		f, err := os.OpenFile(prefix+".txt", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue // another process traces into the same directory
		}
		d.summary, d.err = f, err
		d.request.path = prefix + "-request.xml"
		d.response.path = prefix + "-response.xml"
		return d
	}
}

type dirTrace struct {
	summary           *os.File
	err               error
	request, response traceFile
}

func (d *dirTrace) Request() io.Writer  { return d.request.open() }
func (d *dirTrace) Response() io.Writer { return d.response.open() }

func (d *dirTrace) End(s *Summary) {
	err := errors.Join(d.err, d.request.close(), d.response.close())
	if d.summary == nil {
		return
	}
	// Nobody is left to be told if the summary itself fails.
	_, _ = io.WriteString(d.summary, s.text(err))
	_ = d.summary.Close()
}

// traceFile is one body. Each opening begins it anew, so that of a repeated
// request the last sending stays.
type traceFile struct {
	path string

	mu   sync.Mutex
	f    *os.File
	turn int
	done bool
	err  error
}

func (t *traceFile) open() io.Writer {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.done {
		return nil
	}
	if t.f != nil {
		_ = t.f.Close()
	}
	t.turn++
	t.f, t.err = os.OpenFile(t.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if t.err != nil {
		t.f = nil
		return nil
	}
	return &traceTurn{t, t.turn}
}

func (t *traceFile) close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done = true
	if t.f == nil {
		return t.err
	}
	err := errors.Join(t.err, t.f.Close())
	t.f = nil
	return err
}

// traceTurn writes while its turn lasts.
type traceTurn struct {
	*traceFile
	turn int
}

func (t *traceTurn) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.f == nil || t.turn != t.traceFile.turn || t.err != nil {
		return len(p), nil
	}
	_, t.err = t.f.Write(p)
	return len(p), t.err
}

// text is the summary as a person reads it.
func (s *Summary) text(traceErr error) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", s.Method, s.URL)
	writeHeader(&b, s.RequestHeader)
	b.WriteString("\n")
	if s.Status != 0 {
		fmt.Fprintf(&b, "%s %d %s\n", s.Proto, s.Status, statusText(s.Status))
		writeHeader(&b, s.ResponseHeader)
	} else {
		b.WriteString("no answer\n")
	}
	fmt.Fprintf(&b, "\noperation: %s\n", clip(s.Operation, 80))
	fmt.Fprintf(&b, "started: %s\n", s.Start.UTC().Format(time.RFC3339Nano))
	fmt.Fprintf(&b, "took: %s\n", s.Duration.Round(time.Microsecond))
	fmt.Fprintf(&b, "request bytes: %d\n", s.RequestBytes)
	fmt.Fprintf(&b, "response bytes: %d\n", s.ResponseBytes)
	fmt.Fprintf(&b, "characters replaced: %d\n", s.Stats.Replaced)
	fmt.Fprintf(&b, "elements passed over: %d\n", s.Stats.Unknown)
	fmt.Fprintf(&b, "values not understood: %d\n", s.Stats.BadValues)
	if s.Err != nil {
		fmt.Fprintf(&b, "error: %s\n", clip(s.Err.Error(), 1000))
	}
	if traceErr != nil {
		fmt.Fprintf(&b, "this trace is incomplete: %s\n", clip(traceErr.Error(), 300))
	}
	return b.String()
}

func writeHeader(b *strings.Builder, h http.Header) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, v := range h[name] {
			fmt.Fprintf(b, "%s: %s\n", clip(name, 80), clip(v, 500))
		}
	}
}

package soap

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"
)

type note struct {
	XMLName xml.Name `xml:"urn:notes Note"`
	Text    string   `xml:"urn:notes Text"`
}

func noteEnvelope(text string) string {
	return `<Envelope xmlns="` + EnvelopeNS + `"><Body><Note xmlns="urn:notes"><Text>` + text + `</Text></Note></Body></Envelope>`
}

// streamOf serves an answer that write writes, and opens it.
func streamOf(t *testing.T, opts *Options, silent time.Duration, write func(w http.ResponseWriter, flush func(string))) (*Stream, error) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		write(w, func(s string) {
			_, _ = io.WriteString(w, s)
			_ = http.NewResponseController(w).Flush()
		})
	}))
	t.Cleanup(server.Close)
	hc := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(hc.CloseIdleConnections)
	s, err := NewClient(hc, server.URL, opts).OpenStream(t.Context(), &Call{Operation: "Listen", Request: &note{Text: "?"}, Response: &note{}}, silent)
	if s != nil {
		t.Cleanup(func() { s.Close() })
	}
	return s, err
}

func TestStreamGivesEnvelopesAsTheyCome(t *testing.T) {
	taken := make(chan string)
	s, err := streamOf(t, nil, 0, func(_ http.ResponseWriter, flush func(string)) {
		flush(noteEnvelope("one"))
		if <-taken != "one" {
			return
		}
		// An envelope in pieces, and two at once; a declaration and white
		// space between them.
		whole := noteEnvelope("two")
		flush("\r\n<?xml version=\"1.0\"?>" + whole[:len(whole)-5])
		flush(whole[len(whole)-5:] + noteEnvelope("three") + "\n")
	})
	if err != nil {
		t.Fatal(err)
	}
	if s.Meta().Status != 200 {
		t.Errorf("the status is %d", s.Meta().Status)
	}
	for _, want := range []string{"one", "two", "three"} {
		var got note
		if err := s.Next(&got); err != nil || got.Text != want {
			t.Fatalf("%q, %v, want %q", got.Text, err, want)
		}
		if want == "one" {
			taken <- want
		}
	}
	for range 2 {
		if err := s.Next(&note{}); err != io.EOF {
			t.Fatalf("at the end: %v", err)
		}
	}
}

func TestStreamThatGoesWrong(t *testing.T) {
	fault := `<s:Envelope xmlns:s="` + EnvelopeNS + `"><s:Body><s:Fault><faultcode>s:ErrorServerBusy</faultcode><faultstring>no</faultstring></s:Fault></s:Body></s:Envelope>`
	for name, each := range map[string]struct {
		write func(w http.ResponseWriter, flush func(string))
		good  int // envelopes before it
		want  func(error) bool
	}{
		"fault as the answer": {func(w http.ResponseWriter, flush func(string)) { w.WriteHeader(500); flush(fault) }, -1, func(err error) bool {
			var f *Fault
			return errors.As(err, &f) && f.Code() == "ErrorServerBusy" && f.Status == 500
		}},
		"fault within": {func(_ http.ResponseWriter, flush func(string)) { flush(noteEnvelope("one") + fault) }, 1, func(err error) bool {
			var f *Fault
			return errors.As(err, &f) && f.Code() == "ErrorServerBusy"
		}},
		"status": {func(w http.ResponseWriter, _ func(string)) { w.WriteHeader(503) }, -1, func(err error) bool {
			var h *HTTPError
			return errors.As(err, &h) && h.Status == 503
		}},
		"page": {func(w http.ResponseWriter, flush func(string)) {
			w.Header().Set("Content-Type", "text/html")
			flush("<html>sign in</html>")
		}, -1, func(err error) bool {
			var n *NotSOAPError
			return errors.As(err, &n)
		}},
		"other xml": {func(_ http.ResponseWriter, flush func(string)) { flush("<a></a>") }, 0, func(err error) bool {
			var n *NotSOAPError
			return errors.As(err, &n)
		}},
		"cut off": {func(_ http.ResponseWriter, flush func(string)) { flush(noteEnvelope("one") + noteEnvelope("two")[:60]) }, 1, func(err error) bool {
			return errors.Is(err, io.ErrUnexpectedEOF)
		}},
		"reset": {func(w http.ResponseWriter, flush func(string)) {
			flush(noteEnvelope("one"))
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				conn.Close()
			}
		}, 1, func(err error) bool {
			var broken *TransportError
			return errors.As(err, &broken) && broken.Sent
		}},
		"another answer": {func(_ http.ResponseWriter, flush func(string)) {
			flush(strings.ReplaceAll(noteEnvelope("x"), "Note", "Nota"))
		}, 0, func(err error) bool {
			var r *ResponseError
			return errors.As(err, &r)
		}},
		"too large": {func(_ http.ResponseWriter, flush func(string)) {
			flush(noteEnvelope(strings.Repeat("a", 300)) + noteEnvelope(strings.Repeat("b", 3000)))
		}, 1, func(err error) bool {
			var l *TooLargeError
			return errors.As(err, &l) && l.Limit == 1000
		}},
		"endless tag": {func(_ http.ResponseWriter, flush func(string)) {
			for range 100 {
				flush("</" + strings.Repeat("x", 5000))
			}
		}, 0, func(err error) bool { return err != nil && err != io.EOF }},
		"silence": {func(_ http.ResponseWriter, flush func(string)) {
			flush(noteEnvelope("one"))
			time.Sleep(300 * time.Millisecond)
		}, 1, func(err error) bool {
			var stalled *StalledError
			return errors.As(err, &stalled) && stalled.After == 100*time.Millisecond
		}},
		"silence from the beginning": {func(http.ResponseWriter, func(string)) { time.Sleep(300 * time.Millisecond) }, -1, func(err error) bool {
			var stalled *StalledError
			return errors.As(err, &stalled)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			silent := 10 * time.Second
			if strings.HasPrefix(name, "silence") {
				silent = 100 * time.Millisecond
			}
			s, err := streamOf(t, &Options{MaxResponse: 1000}, silent, each.write)
			for n := 0; err == nil; n++ {
				if err = s.Next(&note{}); err != nil && n != each.good {
					t.Fatalf("after %d envelopes: %v", n, err)
				}
			}
			if (s == nil) != (each.good < 0) {
				t.Errorf("it failed at another place: %v", err)
			}
			if !each.want(err) {
				t.Errorf("%T: %v", err, err)
			}
		})
	}
}

func TestStreamEndsWithItsContextAndClose(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/xml")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}))
	defer server.Close()
	hc := &http.Client{Transport: &http.Transport{}}
	defer hc.CloseIdleConnections()
	c := NewClient(hc, server.URL, nil)
	ctx, cancel := context.WithCancel(t.Context())
	s, err := c.OpenStream(ctx, &Call{Operation: "Listen", Request: &note{}}, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	cancel()
	var broken *TransportError
	if err := s.Next(&note{}); !errors.Is(err, context.Canceled) || !errors.As(err, &broken) {
		t.Errorf("after cancelling: %v", err)
	}
	s, err = c.OpenStream(t.Context(), &Call{Operation: "Listen", Request: &note{}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
	if err := s.Next(&note{}); err == nil || err == io.EOF {
		t.Errorf("after closing: %v", err)
	}
	if _, err := c.OpenStream(t.Context(), &Call{Operation: "Listen", Request: make(chan int)}, 0); err == nil {
		t.Error("a request that cannot be written was sent")
	}
}

func TestStreamIsTracedEnvelopeByEnvelope(t *testing.T) {
	dir := t.TempDir()
	tracer, err := NewDirTracer(dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := streamOf(t, &Options{Trace: tracer}, 0, func(w http.ResponseWriter, flush func(string)) {
		http.SetCookie(w, &http.Cookie{Name: "X-BackEndOverrideCookie", Value: "hidden"})
		flush(noteEnvelope("one") + noteEnvelope("two"))
	})
	if err != nil {
		t.Fatal(err)
	}
	for s.Next(&note{}) == nil {
	}
	s.Close()
	for file, want := range map[string]string{
		"0001-Listen-request.xml": "<Text", "0001-Listen-response.xml": noteEnvelope("one"), "0002-Listen-response.xml": noteEnvelope("two"),
		"0001-Listen.txt": "operation: Listen", "0002-Listen.txt": fmt.Sprintf("response bytes: %d", len(noteEnvelope("two"))),
	} {
		content, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Error(err)
			continue
		}
		if !strings.Contains(string(content), want) || strings.Contains(string(content), "hidden") {
			t.Errorf("%s: %s", file, content)
		}
	}
}

func TestCallIsGivenTheCookies(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "X-BackEndOverrideCookie", Value: "there"})
		w.Header().Set("Content-Type", "text/xml")
		_, _ = io.WriteString(w, noteEnvelope("one"))
	}))
	defer server.Close()
	hc := &http.Client{Transport: &http.Transport{}}
	defer hc.CloseIdleConnections()
	var got []*http.Cookie
	_, err := NewClient(hc, server.URL, nil).Do(t.Context(), &Call{Operation: "Listen", Request: &note{}, Cookies: func(c []*http.Cookie) { got = c }})
	if err != nil || len(got) != 1 || got[0].Value != "there" {
		t.Errorf("%v, %v", got, err)
	}
}

// However the bytes come, the envelopes are the same.
func TestFramesOfAnyPieces(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var stream strings.Builder
		var want []string
		for range rapid.IntRange(0, 6).Draw(rt, "envelopes") {
			prefix := rapid.SampledFrom([]string{"", "s:", "SOAP-ENV:"}).Draw(rt, "prefix")
			text := strings.Repeat(rapid.SampledFrom([]string{"x", "<a>y</a>", "<Envelopes></Envelopes>", "é"}).Draw(rt, "text"), rapid.SampledFrom([]int{0, 1, 7, 9000}).Draw(rt, "times"))
			one := "<" + prefix + "Envelope>" + text + "</" + prefix + "Envelope" + rapid.SampledFrom([]string{"", " ", "\n"}).Draw(rt, "end") + ">"
			want = append(want, one)
			stream.WriteString(rapid.SampledFrom([]string{"", "\r\n", "  ", "\ufeff"}).Draw(rt, "between") + one)
		}
		var r io.Reader = strings.NewReader(stream.String())
		switch rapid.IntRange(0, 3).Draw(rt, "pieces") {
		case 0:
			r = iotest.OneByteReader(r)
		case 1:
			r = iotest.HalfReader(r)
		case 2:
			r = iotest.DataErrReader(r)
		}
		f := newFrames(r)
		for _, w := range want {
			if err := f.next(); err != nil {
				rt.Fatal(err)
			}
			got, err := io.ReadAll(f)
			if err != nil || string(got) != w {
				rt.Fatalf("got %d bytes, %v, want %d", len(got), err, len(w))
			}
		}
		if err := f.next(); err != io.EOF {
			rt.Fatalf("at the end: %v", err)
		}
	})
}

func FuzzFrames(f *testing.F) {
	f.Add([]byte(noteEnvelope("one") + noteEnvelope("two")))
	f.Add([]byte("</Envelope>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		frames := newFrames(iotest.OneByteReader(strings.NewReader(string(data))))
		total := 0
		for frames.next() == nil {
			got, err := io.ReadAll(frames)
			if err != nil || len(got) == 0 {
				t.Fatalf("%d bytes, %v", len(got), err)
			}
			total += len(got)
		}
		if total > len(data) {
			t.Fatalf("%d bytes of %d", total, len(data))
		}
	})
}

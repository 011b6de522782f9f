package soap

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

func readFile(t *testing.T, path ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestDirTracer(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "trace")
	tracer, err := NewDirTracer(dir)
	if err != nil {
		t.Fatal(err)
	}
	doc := fixture(t, "finditem.xml")
	var received []byte
	c, s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		received, _ = io.ReadAll(r.Body)
		h := w.Header()
		h.Set("Content-Type", textXML)
		h.Set("Content-Encoding", "gzip")
		h.Set("request-id", "srv-1")
		h.Set("Www-Authenticate", "Negotiate")
		h.Add("Www-Authenticate", "NTLM swordfish")
		h.Set("Set-Cookie", "X-BackEndOverrideCookie=swordfish")
		h.Set("X-BackEndOverrideCookie", "swordfish")
		z := gzip.NewWriter(w)
		z.Write(doc)
		z.Close()
	}, &Options{Trace: tracer})
	_, err = c.Do(t.Context(), &Call{
		Operation: "FindItem",
		HTTP: http.Header{
			"Authorization":       {"Bearer swordfish"},
			"Proxy-Authorization": {"Basic swordfish"},
			"Cookie":              {"a=swordfish"},
			"X-AnchorMailbox":     {"anne@example.com"},
		},
		Request:  &testFindItem{Shape: ptr(testText("IdOnly"))},
		Response: &testFindItemResponse{},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := readFile(t, dir, "0001-FindItem-request.xml"); got != string(received) || len(got) == 0 {
		t.Errorf("request traced: %s\nreceived: %s", got, received)
	}
	if got := readFile(t, dir, "0001-FindItem-response.xml"); got != string(doc) {
		t.Errorf("response traced: %s", got)
	}
	summary := readFile(t, dir, "0001-FindItem.txt")
	for _, want := range []string{
		"POST " + s.URL + "/EWS/Exchange.asmx\n",
		"Authorization: Bearer (left out)\n",
		"Proxy-Authorization: Basic (left out)\n",
		"Cookie: (left out)\n",
		"X-Anchormailbox: anne@example.com\n",
		"HTTP/1.1 200 OK\n",
		"Www-Authenticate: Negotiate\n",
		"Www-Authenticate: NTLM (left out)\n",
		"Set-Cookie: (left out)\n",
		"X-Backendoverridecookie: (left out)\n",
		"Request-Id: srv-1\n",
		"operation: FindItem\n",
	} {
		if !strings.Contains(summary, want) {
			t.Errorf("the summary lacks %q", want)
		}
	}
	if strings.Contains(summary, "swordfish") || strings.Contains(summary, "incomplete") {
		t.Errorf("summary:\n%s", summary)
	}
	if runtime.GOOS != "windows" {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("directory: %v, %v", info.Mode(), err)
		}
		for _, name := range []string{"0001-FindItem-request.xml", "0001-FindItem-response.xml", "0001-FindItem.txt"} {
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v, %v", name, info.Mode(), err)
			}
		}
	}
}

func TestTraceNumbersGoOn(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"0041-GetItem.txt", "0007-GetItem.txt", "notes.txt", "0042-X.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	first, err := NewDirTracer(dir)
	if err != nil {
		t.Fatal(err)
	}
	// Another process in the same directory.
	second, err := NewDirTracer(dir)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() { []*DirTracer{first, second}[i%2].Begin("Get/../Item").End(&Summary{}) })
	}
	wg.Wait()
	files, err := filepath.Glob(filepath.Join(dir, "*-GetItem.txt"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	if len(files) != 12 || filepath.Base(files[2]) != "0043-GetItem.txt" || filepath.Base(files[11]) != "0052-GetItem.txt" {
		t.Errorf("files %v", files)
	}
	if readFile(t, dir, "0042-X.txt") != "mine" {
		t.Error("a file that was there is gone")
	}
}

func TestTraceOfFailures(t *testing.T) {
	dir := t.TempDir()
	tracer, err := NewDirTracer(dir)
	if err != nil {
		t.Fatal(err)
	}
	page := "<html>" + strings.Repeat("busy ", 3000) + "</html>"
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(503)
		io.WriteString(w, page)
	}, &Options{Trace: tracer})
	if _, err := c.Do(t.Context(), &Call{Operation: "GetItem"}); err == nil {
		t.Fatal("no error")
	}
	if got := readFile(t, dir, "0001-GetItem-response.xml"); got != page {
		t.Errorf("%d bytes of a page of %d", len(got), len(page))
	}
	if got := readFile(t, dir, "0001-GetItem.txt"); !strings.Contains(got, "503 Service Unavailable") || !strings.Contains(got, "error: the server answered HTTP 503") {
		t.Errorf("summary: %s", got)
	}

	c = NewClient(doer(func(*http.Request) (*http.Response, error) { return nil, errors.New("no route") }),
		"https://anne:swordfish@example.com/EWS?token=swordfish", &Options{Trace: tracer})
	if _, err := c.Do(t.Context(), &Call{Operation: "SendItem"}); err == nil {
		t.Fatal("no error")
	}
	got := readFile(t, dir, "0002-SendItem.txt")
	if !strings.HasPrefix(got, "POST https://example.com/EWS?(left out)\n") || !strings.Contains(got, "no answer\n") || !strings.Contains(got, "no route") {
		t.Errorf("summary: %s", got)
	}
	if strings.Contains(got, "swordfish") {
		t.Error("the summary shows a secret")
	}
}

// The trace holds the last sending, and content that is streamed.
func TestTraceOfARepeat(t *testing.T) {
	dir := t.TempDir()
	tracer, err := NewDirTracer(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		answer200(w, textXML, envelope("<x/>"))
	}))
	defer s.Close()
	hc := s.Client()
	defer hc.CloseIdleConnections()
	c := NewClient(doer(func(r *http.Request) (*http.Response, error) {
		// Half a sending first.
		io.CopyN(io.Discard, r.Body, 1000)
		r.Body.Close()
		r.Body, _ = r.GetBody()
		return hc.Do(r)
	}), s.URL, &Options{Trace: tracer})
	content := bytes.Repeat([]byte("0123456789"), 20_000)
	_, err = c.Do(t.Context(), &Call{Operation: "CreateAttachment", Request: &testUpload{Content: &Binary{Open: opener(content)}}})
	if err != nil {
		t.Fatal(err)
	}
	got := readFile(t, dir, "0001-CreateAttachment-request.xml")
	if strings.Count(got, "<?xml") != 1 || !strings.Contains(got, base64.StdEncoding.EncodeToString(content)) || !strings.HasSuffix(got, "</soap:Envelope>") {
		t.Errorf("%d bytes traced", len(got))
	}
}

func TestTraceDirectoryThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewDirTracer(file); err == nil || !strings.Contains(err.Error(), "trace directory") {
		t.Errorf("got %v", err)
	}
}

// A trace that cannot be written does not fail the call.
func TestTraceThatCannotBeWritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "trace")
	tracer, err := NewDirTracer(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) { answer200(w, textXML, envelope("<x/>")) }, &Options{Trace: tracer})
	if _, err := c.Do(t.Context(), &Call{Operation: "X"}); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the directory is there again: %v", err)
	}
}

func TestRedacted(t *testing.T) {
	for name, want := range map[string]bool{
		"Authorization": true, "proxy-authorization": true, "Cookie": true, "Set-Cookie": true,
		"WWW-Authenticate": true, "X-BackEndOverrideCookie": true, "X-Some-Token": true, "Api-Key": true,
		"X-AnchorMailbox": false, "Client-Request-Id": false, "X-Ms-Diagnostics": false, "Content-Type": false,
	} {
		if Redacted(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}

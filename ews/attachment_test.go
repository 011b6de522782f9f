package ews_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
)

// large is how much the streaming tests move, several times what may lie in
// memory meanwhile.
const (
	large  = 36 << 20
	atMost = 8 << 20
)

// heap watches how much memory is in use at most.
type heap struct{ start, peak uint64 }

func newHeap() *heap {
	h := new(heap)
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	h.start = m.HeapAlloc
	return h
}

// look takes a measurement without what is garbage.
func (h *heap) look() {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	h.peak = max(h.peak, m.HeapAlloc)
}

func (h *heap) check(t *testing.T) {
	t.Helper()
	if h.peak > h.start+atMost {
		t.Errorf("%d MiB were in memory for a file of %d MiB", (h.peak-h.start)>>20, large>>20)
	}
}

// sink counts what is written and looks at the memory now and then.
type sink struct {
	*heap
	n, next int
}

func (s *sink) Write(p []byte) (int, error) {
	s.n += len(p)
	if s.n >= s.next {
		s.look()
		s.next += 8 << 20
	}
	return len(p), nil
}

func TestLargeDownload(t *testing.T) {
	piece := []byte(strings.Repeat("AAAA", 3<<10))
	whole := canned("GetAttachment")
	before, after, _ := strings.Cut(whole, "aGVsbG8=")
	s := newStub(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
		respond(w, 200, before)
		for n := 0; n < large/3*4; n += len(piece) {
			if _, err := w.Write(piece); err != nil {
				return
			}
		}
		fmt.Fprint(w, after)
	})
	w := &sink{heap: newHeap()}
	if _, err := s.own().Attachment(t.Context(), "AAMkAtt=", w); err != nil {
		t.Fatal(err)
	}
	if w.n != large {
		t.Errorf("%d bytes came, want %d", w.n, large)
	}
	w.check(t)
}

// zeros is that many bytes of nothing.
type zeros int64

func (z *zeros) Read(p []byte) (int, error) {
	if *z == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), int64(*z))
	clear(p[:n])
	*z -= zeros(n)
	return int(n), nil
}

func TestLargeUpload(t *testing.T) {
	for _, size := range []int64{large, -1} {
		w := &sink{heap: newHeap()}
		server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			action := strings.Trim(r.Header.Get("SOAPAction"), `"`)
			operation := action[strings.LastIndexByte(action, '/')+1:]
			var into io.Writer = io.Discard
			if operation == "CreateAttachment" {
				into = w
			}
			if _, err := io.Copy(into, r.Body); err != nil {
				t.Error(err)
			}
			respond(rw, 200, canned(operation))
		}))
		client := &http.Client{Transport: &http.Transport{}}
		m := ews.NewClient(client, server.URL, nil).Mailbox("anna@contoso.example", ews.Own)
		_, err := m.SaveDraft(t.Context(), mailbox.Outgoing{Attachments: []mailbox.Upload{{
			Name: "disk.img", Size: size,
			Open: func() (io.ReadCloser, error) { z := zeros(large); return io.NopCloser(&z), nil },
		}}})
		if err != nil {
			t.Error(err)
		}
		if w.n < large/3*4 {
			t.Errorf("%d bytes came for %d", w.n, large)
		}
		w.check(t)
		client.CloseIdleConnections()
		server.Close()
	}
}

// A file that cannot be read is no outcome unknown, and its draft is removed.
func TestUploadThatFails(t *testing.T) {
	broken := errors.New("the disk is gone")
	s := newStub(t, nil)
	_, err := s.own().Send(t.Context(), mailbox.Outgoing{To: to("ben@contoso.example"), Attachments: []mailbox.Upload{{
		Name: "a", Size: -1, Open: func() (io.ReadCloser, error) { return nil, broken },
	}}})
	if !errors.Is(err, broken) || errors.Is(err, mailbox.ErrOutcomeUnknown) || !strings.HasSuffix(s.operations(), "DeleteItem") {
		t.Errorf("got %v after %s", err, s.operations())
	}
}

// An attached message is written as its MIME.
func TestAttachedItem(t *testing.T) {
	for _, kind := range []string{"Message", "Item", "CalendarItem", "Contact", "Task", "PostItem", "MeetingRequest", "MeetingResponse", "MeetingCancellation", "MeetingMessage"} {
		s := newStub(t, func(w http.ResponseWriter, _ *http.Request, operation string) {
			respond(w, 200, success(operation, `<m:Attachments><t:ItemAttachment><t:AttachmentId Id="AAMkAtt="/><t:Name>inner</t:Name><t:Size>900</t:Size><t:`+kind+
				`><t:MimeContent CharacterSet="UTF-8">U3ViamVjdDogaGkNCg0K</t:MimeContent><t:Subject>hi</t:Subject></t:`+kind+`></t:ItemAttachment></m:Attachments>`))
		})
		var b bytes.Buffer
		a, err := s.own().Attachment(t.Context(), "AAMkAtt=", &b)
		if err != nil || !a.Item || a.Name != "inner" || b.String() != "Subject: hi\r\n\r\n" {
			t.Errorf("%s: %+v, %q, %v", kind, a, b.String(), err)
		}
	}
}

// A file that lies elsewhere is told from one that is empty.
func TestAttachmentWithoutContent(t *testing.T) {
	for inner, fails := range map[string]bool{
		`<t:ReferenceAttachment><t:AttachmentId Id="AAMkAtt="/></t:ReferenceAttachment>`:                                true,
		`<t:FileAttachment><t:AttachmentId Id="AAMkAtt="/><t:Size>9</t:Size></t:FileAttachment>`:                        true,
		`<t:FileAttachment><t:Name>empty</t:Name><t:Size>0</t:Size><t:Content></t:Content></t:FileAttachment>`:          false,
		`<t:FileAttachment><t:AttachmentId Id="AAMkAtt="/><t:Content>aGVs bG8=</t:Content></t:FileAttachment>`:          false,
		`<t:FileAttachment><t:AttachmentId Id="AAMkAtt="/><t:Content>not base64 at all!</t:Content></t:FileAttachment>`: true,
	} {
		s := newStub(t, func(w http.ResponseWriter, _ *http.Request, operation string) {
			respond(w, 200, success(operation, "<m:Attachments>"+inner+"</m:Attachments>"))
		})
		a, err := s.own().Attachment(t.Context(), "AAMkAtt=", io.Discard)
		if (err != nil) != fails || err != nil && !errors.Is(err, mailbox.ErrUnavailable) || err == nil && a.ID != "AAMkAtt=" {
			t.Errorf("%s: %+v, %v", inner, a, err)
		}
	}
}

// A writer that takes no more ends the download, and is not the server's fault.
func TestAttachmentWriterFails(t *testing.T) {
	full := errors.New("the disk is full")
	_, err := newStub(t, nil).own().Attachment(t.Context(), "AAMkAtt=", failing{full})
	if !errors.Is(err, full) || errors.Is(err, mailbox.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

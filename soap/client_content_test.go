package soap

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
)

type testUpload struct {
	XMLName xml.Name `xml:"http://schemas.microsoft.com/exchange/services/2006/messages CreateAttachment"`
	Name    string   `xml:"Name"`
	Content *Binary  `xml:"Content"`
}

// A challenge makes the HTTP client send the body again, which opens the file
// again.
func TestUploadIsSentAgain(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789"), 50_000)
	for _, size := range []int64{0, int64(len(content))} {
		var opened, closed atomic.Int32
		var lengths []int64
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			lengths = append(lengths, r.ContentLength)
			var got testUpload
			_, err := ReadEnvelope(r.Body, nil, nil, func(xml.Name) (any, error) { return &got, nil })
			switch {
			case err != nil:
				t.Error(err)
			case !bytes.Equal(got.Content.Data, content):
				t.Errorf("%d bytes arrived", len(got.Content.Data))
			}
			if r.Header.Get("Authorization") == "" {
				w.WriteHeader(401)
				return
			}
			answer200(w, textXML, envelope("<x/>"))
		}))
		hc := s.Client()
		c := NewClient(doer(func(r *http.Request) (*http.Response, error) {
			resp, err := hc.Do(r)
			if err != nil || resp.StatusCode != 401 {
				return resp, err
			}
			resp.Body.Close()
			again := r.Clone(r.Context())
			if again.Body, err = r.GetBody(); err != nil {
				return nil, err
			}
			again.Header.Set("Authorization", "Basic swordfish")
			return hc.Do(again)
		}), s.URL, nil)
		_, err := c.Do(t.Context(), &Call{Operation: "CreateAttachment", Request: &testUpload{
			Name: "a.bin",
			Content: &Binary{Size: size, Open: func() (io.ReadCloser, error) {
				opened.Add(1)
				return &closing{bytes.NewReader(content), &closed}, nil
			}},
		}})
		if err != nil {
			t.Error(err)
		}
		hc.CloseIdleConnections()
		s.Close()
		if opened.Load() != 2 || closed.Load() != 2 {
			t.Errorf("opened %d times, closed %d times", opened.Load(), closed.Load())
		}
		if known := lengths[0] > 0 && lengths[1] == lengths[0]; known != (size > 0) {
			t.Errorf("size %d: Content-Length %v", size, lengths)
		}
	}
}

type closing struct {
	io.Reader
	closed *atomic.Int32
}

func (c *closing) Close() error {
	c.closed.Add(1)
	return nil
}

// A request whose source fails cannot be executed by the server: it has got
// half an envelope.
func TestUploadSourceFails(t *testing.T) {
	cause := errors.New("file vanished")
	for name, content := range map[string]*Binary{
		"open": {Open: func() (io.ReadCloser, error) { return nil, cause }},
		"read": {Open: func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(io.LimitReader(endless(1), 1<<20), failingReader{cause})), nil
		}},
		"read sized": {Size: 2 << 20, Open: func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(io.LimitReader(endless(1), 1<<20), failingReader{cause})), nil
		}},
	} {
		c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }, nil)
		_, err := c.Do(t.Context(), &Call{Operation: "CreateAttachment", Request: &testUpload{Content: content}})
		var re *RequestError
		if !errors.As(err, &re) || !errors.Is(err, cause) || MayHaveReached(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }

func TestMaxRequest(t *testing.T) {
	reached := false
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		reached = true
		io.Copy(io.Discard, r.Body)
	}, &Options{MaxRequest: 1 << 20})
	_, err := c.Do(t.Context(), &Call{Operation: "X", Request: &testUpload{Content: &Binary{Data: make([]byte, 1<<20)}}})
	var large *TooLargeError
	if !errors.As(err, &large) || large.What != "request" || reached || MayHaveReached(err) || large.Hint() == "" {
		t.Errorf("known size: %v, reached %v", err, reached)
	}
	_, err = c.Do(t.Context(), &Call{Operation: "X", Request: &testUpload{Content: &Binary{Open: opener(make([]byte, 1<<20))}}})
	if !errors.As(err, &large) || MayHaveReached(err) {
		t.Errorf("unknown size: %v", err)
	}
}

func TestRequestThatCannotBeWritten(t *testing.T) {
	c := NewClient(doer(func(*http.Request) (*http.Response, error) {
		t.Error("sent")
		return nil, io.EOF
	}), "https://example.com/", nil)
	meta, err := c.Do(t.Context(), &Call{Operation: "X", Request: make(chan int)})
	var re *RequestError
	if !errors.As(err, &re) || meta == nil || MayHaveReached(err) {
		t.Errorf("got %v", err)
	}
}

func TestDownloadIntoAWriter(t *testing.T) {
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		answer200(w, textXML, envelope("<GetAttachmentResponse><Content>SGVsbG8=</Content></GetAttachmentResponse>"))
	}, nil)
	var got bytes.Buffer
	var resp testContent
	if _, err := c.Do(t.Context(), &Call{Operation: "GetAttachment", Response: &resp, Binary: func() io.Writer { return &got }}); err != nil {
		t.Fatal(err)
	}
	if got.String() != "Hello" || resp.Content.Data != nil {
		t.Errorf("got %q, %v", got.String(), resp.Content)
	}
	full := errors.New("disk full")
	_, err := c.Do(t.Context(), &Call{Operation: "GetAttachment", Response: &resp, Binary: func() io.Writer { return failing{full} }})
	var re *ResponseError
	if !errors.As(err, &re) || !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

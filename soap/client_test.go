package soap

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// serve starts a server whose connections the test closes, and a client for it.
func serve(t *testing.T, h http.HandlerFunc, opts *Options) (*Client, *httptest.Server) {
	t.Helper()
	s := httptest.NewServer(h)
	hc := s.Client()
	t.Cleanup(func() {
		hc.CloseIdleConnections()
		s.Close()
	})
	return NewClient(hc, s.URL+"/EWS/Exchange.asmx", opts), s
}

func envelope(body string) string {
	return `<?xml version="1.0"?><s:Envelope xmlns:s="` + EnvelopeNS + `"><s:Body>` + body + `</s:Body></s:Envelope>`
}

func answer200(w http.ResponseWriter, contentType, body string) {
	w.Header().Set("Content-Type", contentType)
	io.WriteString(w, body)
}

const textXML = "text/xml; charset=utf-8"

func TestCall(t *testing.T) {
	var got struct {
		header http.Header
		method string
		body   string
		length int64
	}
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got.header, got.method, got.body, got.length = r.Header, r.Method, string(b), r.ContentLength
		h := w.Header()
		h.Set("request-id", "11112222-3333")
		h.Set("X-FEServer", "EX01")
		h.Set("X-CalculatedBETarget", "ex02.example.com")
		h.Set("Set-Cookie", "exchangecookie=swordfish")
		h.Set("X-DiagInfo", "EX01")
		answer200(w, textXML, string(fixture(t, "finditem.xml")))
	}, nil)
	var info testVersionInfo
	var resp testFindItemResponse
	meta, err := c.Do(t.Context(), &Call{
		Operation:      "FindItem",
		Header:         []any{&testVersionInfo{MajorVersion: ptr(testNumber(1))}},
		HTTP:           http.Header{"X-AnchorMailbox": {"anne@example.com"}},
		Request:        &testFindItem{Shape: ptr(testText("IdOnly"))},
		Response:       &resp,
		ResponseHeader: func(xml.Name) any { return &info },
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Soapaction":               `"http://schemas.microsoft.com/exchange/services/2006/messages/FindItem"`,
		"Content-Type":             "text/xml; charset=utf-8",
		"Accept":                   "text/xml",
		"Accept-Encoding":          "gzip",
		"User-Agent":               DefaultUserAgent,
		"X-Anchormailbox":          "anne@example.com",
		"Return-Client-Request-Id": "true",
		"Client-Request-Id":        meta.ClientRequestID,
	} {
		if v := got.header.Get(name); v != want {
			t.Errorf("%s: %q, want %q", name, v, want)
		}
	}
	if got.header.Get("Cookie") != "" || got.method != "POST" || got.length != int64(len(got.body)) {
		t.Errorf("%s with length %d of %d, cookie %q", got.method, got.length, len(got.body), got.header.Get("Cookie"))
	}
	if !strings.Contains(got.body, `<soap:Header><ServerVersionInfo`) || !strings.Contains(got.body, `<Shape>IdOnly</Shape>`) {
		t.Errorf("request %s", got.body)
	}
	if meta.Status != 200 || meta.RequestID != "11112222-3333" || meta.Server != "EX01" || meta.Stats.Bytes == 0 || len(meta.ClientRequestID) != 36 {
		t.Errorf("meta %+v", meta)
	}
	if strings.Contains(fmt.Sprintf("%+v", meta), "swordfish") || meta.Header.Get("X-DiagInfo") != "EX01" {
		t.Errorf("meta's header %v", meta.Header)
	}
	if n := len(resp.ResponseMessages.FindItemResponseMessage[0].RootFolder.Items.Items); n != 3 {
		t.Errorf("%d items", n)
	}
	if *info.MajorVersion != 15 {
		t.Errorf("header %+v", info)
	}
}

func TestRequestIDsDiffer(t *testing.T) {
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		answer200(w, textXML, envelope("<x/>"))
	}, &Options{UserAgent: "other/2"})
	a, err1 := c.Do(t.Context(), &Call{Operation: "X"})
	b, err2 := c.Do(t.Context(), &Call{Operation: "X"})
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if a.ClientRequestID == b.ClientRequestID {
		t.Error("two calls have one client-request-id")
	}
}

// NTLM signs in connections, so ten calls must not need ten of them; not even
// when answers are compressed, faults, or error pages.
func TestKeepAlive(t *testing.T) {
	var connections atomic.Int32
	n := 0
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		n++
		switch n % 5 {
		case 0:
			answer200(w, textXML, envelope("<x/>")+"\n")
		case 1:
			w.Header().Set("Content-Type", textXML)
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			z.Write(fixture(t, "finditem.xml"))
			z.Close()
		case 2:
			w.Header().Set("Content-Type", textXML)
			w.WriteHeader(500)
			w.Write(fixture(t, "fault-busy.xml"))
		case 3:
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(503)
			io.WriteString(w, strings.Repeat("<p>busy</p>", 2000))
		case 4:
			answer200(w, "text/html", strings.Repeat("<p>hello</p>", 2000))
		}
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	s.Start()
	hc := s.Client()
	defer s.Close()
	defer hc.CloseIdleConnections()
	c := NewClient(hc, s.URL, nil)
	for range 10 {
		c.Do(t.Context(), &Call{Operation: "X"})
	}
	if n != 10 || connections.Load() != 1 {
		t.Errorf("%d calls over %d connections", n, connections.Load())
	}
}

// An answer that never ends is cut by the bound, compressed or not, and its
// connection is closed.
func TestEndlessAnswer(t *testing.T) {
	for _, compressed := range []bool{false, true} {
		gone := make(chan struct{})
		_, err := call(t, func(w http.ResponseWriter, r *http.Request) {
			defer close(gone)
			w.Header().Set("Content-Type", textXML)
			var out io.Writer = w
			if compressed {
				w.Header().Set("Content-Encoding", "gzip")
				out = gzip.NewWriter(w)
			}
			io.WriteString(out, `<s:Envelope xmlns:s="`+EnvelopeNS+`"><s:Body><FindItemResponse>`)
			piece := strings.Repeat("<x>y</x>", 1000)
			for {
				if _, err := io.WriteString(out, piece); err != nil {
					return
				}
			}
		}, &Options{MaxResponse: 1 << 20})
		var large *TooLargeError
		if !errors.As(err, &large) || large.What != "answer" || large.Limit != 1<<20 {
			t.Errorf("got %v", err)
		}
		var re *ResponseError
		if !errors.As(err, &re) || re.RequestID() != "srv-1" {
			t.Errorf("got %v", err)
		}
		<-gone
	}
}

func TestMaxResponseOfACall(t *testing.T) {
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		answer200(w, textXML, envelope(strings.Repeat("<x/>", 100)))
	}, &Options{MaxResponse: 10})
	if _, err := c.Do(t.Context(), &Call{Operation: "X", MaxResponse: 1000}); err != nil {
		t.Error(err)
	}
	var large *TooLargeError
	if _, err := c.Do(t.Context(), &Call{Operation: "X"}); !errors.As(err, &large) {
		t.Errorf("got %v", err)
	}
}

func TestGzip(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(fixture(t, "finditem.xml"))
	z.Close()
	damaged := bytes.Clone(packed.Bytes())
	damaged[len(damaged)-6] ^= 0xff // in the checksum
	for name, tt := range map[string]struct {
		body     []byte
		encoding string
		ok       bool
		want     any
	}{
		"good":             {packed.Bytes(), "gzip", true, nil},
		"cut":              {packed.Bytes()[:packed.Len()/2], "gzip", false, new(*ResponseError)},
		"damaged":          {damaged, "gzip", false, new(*ResponseError)},
		"not gzip":         {[]byte("swordfish and more than ten"), "gzip", false, new(*ResponseError)},
		"empty":            {nil, "gzip", false, new(*NotSOAPError)},
		"another encoding": {packed.Bytes(), "br", false, new(*ResponseError)},
	} {
		_, err := call(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", textXML)
			w.Header().Set("Content-Encoding", tt.encoding)
			w.Write(tt.body)
		}, nil)
		if tt.ok {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		} else if !errors.As(err, tt.want) {
			t.Errorf("%s: got %T %v", name, err, err)
		}
	}
}

// One client serves many callers; nothing of one call shows in another.
func TestConcurrentCalls(t *testing.T) {
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		anchor := r.Header.Get("X-Anchormailbox")
		w.Header().Set("request-id", r.Header.Get("client-request-id"))
		answer200(w, textXML, envelope("<FindItemResponse><ResponseMessages><FindItemResponseMessage><MessageText>"+anchor+"</MessageText></FindItemResponseMessage></ResponseMessages></FindItemResponse>"))
	}, nil)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 20 {
				anchor := strconv.Itoa(i) + "/" + strconv.Itoa(j)
				var resp testFindItemResponse
				meta, err := c.Do(t.Context(), &Call{Operation: "FindItem", HTTP: http.Header{"X-AnchorMailbox": {anchor}}, Request: &testFindItem{}, Response: &resp})
				if err != nil {
					t.Error(err)
					return
				}
				if got := *resp.ResponseMessages.FindItemResponseMessage[0].MessageText; string(got) != anchor || meta.RequestID != meta.ClientRequestID {
					t.Errorf("call %s got %s", anchor, got)
				}
			}
		})
	}
	wg.Wait()
}

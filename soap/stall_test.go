package soap

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// wire is a network without sockets, so that its time can be synctest's.
type wire struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (w *wire) Accept() (net.Conn, error) {
	select {
	case c := <-w.conns:
		return c, nil
	case <-w.closed:
		return nil, net.ErrClosed
	}
}

func (w *wire) Close() error {
	close(w.closed)
	return nil
}

func (w *wire) Addr() net.Addr { return &net.TCPAddr{} }

func (w *wire) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	w.conns <- theirs
	return ours, nil
}

// overWire runs a test with a server in virtual time.
func overWire(t *testing.T, h http.HandlerFunc, opts *Options, test func(t *testing.T, c *Client)) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{conns: make(chan net.Conn), closed: make(chan struct{})}
		s := &http.Server{Handler: h}
		served := make(chan error)
		go func() { served <- s.Serve(w) }()
		hc := &http.Client{Transport: &http.Transport{DialContext: w.dial}}
		defer func() {
			hc.CloseIdleConnections()
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			<-served
			time.Sleep(48 * time.Hour) // until the last of the handlers is gone
		}()
		test(t, NewClient(hc, "http://ews.example/EWS/Exchange.asmx", opts))
	})
}

// A call that stands still fails after the time for it, wherever it stands; and
// nothing of it is left.
func TestStall(t *testing.T) {
	whole := envelope("<x/>")
	forever := func(r *http.Request) { <-r.Context().Done() }
	for name, h := range map[string]http.HandlerFunc{
		"before the answer": func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			forever(r)
		},
		"after the header": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", textXML)
			_ = http.NewResponseController(w).Flush()
			forever(r)
		},
		"within the answer": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", textXML)
			_, _ = io.WriteString(w, whole[:len(whole)/2])
			_ = http.NewResponseController(w).Flush()
			forever(r)
		},
		"within a page": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", "text/plain")
			_ = http.NewResponseController(w).Flush()
			forever(r)
		},
		"within gzip's header": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", textXML)
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, "\x1f\x8b")
			_ = http.NewResponseController(w).Flush()
			forever(r)
		},
	} {
		t.Run(name, func(t *testing.T) {
			overWire(t, h, &Options{Stall: 30 * time.Second}, func(t *testing.T, c *Client) {
				began := time.Now()
				_, err := c.Do(t.Context(), &Call{Operation: "X", Request: &testFindItem{}})
				var (
					broken  *TransportError
					stalled *StalledError
				)
				if !errors.As(err, &broken) || !errors.As(err, &stalled) || errors.Is(err, context.Canceled) {
					t.Fatalf("got %v", err)
				}
				if !MayHaveReached(err) || broken.Hint() == "" || broken.RequestID() == "" || stalled.After != 30*time.Second {
					t.Errorf("got %+v", broken)
				}
				if took := time.Since(began); took != 30*time.Second {
					t.Errorf("after %s", took)
				}
			})
		})
	}
}

// A request that nobody takes is a call that stands still too.
func TestStalledUpload(t *testing.T) {
	overWire(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.CopyN(io.Discard, r.Body, 1<<20)
		// A server that does not read does not see either that nobody is there.
		time.Sleep(time.Hour)
	}, nil, func(t *testing.T, c *Client) {
		began := time.Now()
		_, err := c.Do(t.Context(), &Call{Operation: "CreateAttachment", Request: &testUpload{Content: &Binary{
			Size: 8 << 20, Open: opener(make([]byte, 8<<20)),
		}}})
		var stalled *StalledError
		if !errors.As(err, &stalled) || !MayHaveReached(err) || time.Since(began) != DefaultStall {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
	})
}

// An answer that comes byte by byte is a result, however long it takes, gzip
// included; and so is a request that is taken so.
func TestSlowDrip(t *testing.T) {
	doc := fixture(t, "finditem.xml")
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(doc)
	_ = z.Close()
	for _, body := range [][]byte{doc, packed.Bytes()} {
		overWire(t, func(w http.ResponseWriter, r *http.Request) {
			// The HTTP client takes 32 KiB of a body at once, and the server reads
			// them in eight times.
			for piece := make([]byte, 4<<10); ; {
				if _, err := r.Body.Read(piece); err != nil {
					break
				}
				time.Sleep(3 * time.Second)
			}
			w.Header().Set("Content-Type", textXML)
			if len(body) < len(doc) {
				w.Header().Set("Content-Encoding", "gzip")
			}
			for _, b := range body {
				_, _ = w.Write([]byte{b})
				_ = http.NewResponseController(w).Flush()
				time.Sleep(20 * time.Second)
			}
		}, &Options{Stall: 30 * time.Second}, func(t *testing.T, c *Client) {
			var resp testFindItemResponse
			_, err := c.Do(t.Context(), &Call{Operation: "FindItem", Response: &resp, Request: &testUpload{Content: &Binary{
				Size: 100 << 10, Open: opener(make([]byte, 100<<10)),
			}}})
			if err != nil {
				t.Fatal(err)
			}
			if n := len(resp.ResponseMessages.FindItemResponseMessage[0].RootFolder.Items.Items); n != 3 {
				t.Errorf("%d items", n)
			}
		})
	}
}

// Without a bound a call waits for as long as its context lets it.
func TestNoStall(t *testing.T) {
	overWire(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		time.Sleep(24 * time.Hour)
		answer200(w, textXML, envelope("<x/>"))
	}, &Options{Stall: -1}, func(t *testing.T, c *Client) {
		if _, err := c.Do(t.Context(), &Call{Operation: "X"}); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, err := c.Do(ctx, &Call{Operation: "X"})
		if !errors.Is(err, context.DeadlineExceeded) || !MayHaveReached(err) {
			t.Errorf("got %v", err)
		}
	})
}

// What one has of a deadline of the caller's is not called a stall.
func TestDeadlineIsNoStall(t *testing.T) {
	overWire(t, func(http.ResponseWriter, *http.Request) { time.Sleep(time.Hour) }, &Options{Stall: time.Minute}, func(t *testing.T, c *Client) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Do(ctx, &Call{Operation: "X"})
		var stalled *StalledError
		if !errors.Is(err, context.DeadlineExceeded) || errors.As(err, &stalled) {
			t.Errorf("got %v", err)
		}
	})
}

// A header without an end is cut by the HTTP client, and is the connection's
// failure.
func TestEndlessHeader(t *testing.T) {
	for name, lines := range map[string]string{
		"one header":      "HTTP/1.1 200 OK\r\nX-Endless: |x",
		"many headers":    "HTTP/1.1 200 OK\r\n|X-Another: " + strings.Repeat("x", 1000) + "\r\n",
		"interim answers": "|HTTP/1.1 103 Early Hints\r\nLink: <" + strings.Repeat("x", 1000) + ">\r\n\r\n",
	} {
		once, again, _ := strings.Cut(lines, "|")
		again = strings.Repeat(again, 1+(8<<10)/len(again))
		c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			defer conn.Close()
			for text := once; err == nil; text = again {
				_, err = io.WriteString(conn, text)
			}
		}, nil)
		_, err := c.Do(t.Context(), &Call{Operation: "X", Request: &testFindItem{}})
		var broken *TransportError
		if !errors.As(err, &broken) || !MayHaveReached(err) || broken.Hint() == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Package tunneltest is a proxy for tests that look for a server by its name.
package tunneltest

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// To starts a proxy that leads to one server for one host, and nowhere for all
// others. It returns the proxy's URL.
func To(t *testing.T, host, server string) (proxy string) {
	t.Helper()
	var open sync.WaitGroup
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Before the connection is taken over: Close does not wait for those.
		open.Add(1)
		defer open.Done()
		if r.Method != http.MethodConnect || r.Host != host+":443" {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		out, err := net.Dial("tcp", server)
		if err != nil {
			t.Error(err)
			return
		}
		in, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		if _, err := io.WriteString(in, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
			t.Error(err)
		}
		back := make(chan struct{})
		go func() {
			defer close(back)
			_, _ = io.Copy(out, in) // ends when either side goes
			_ = out.Close()
		}()
		_, _ = io.Copy(in, out)
		_ = in.Close()
		<-back
	}))
	t.Cleanup(func() {
		s.Close()
		open.Wait()
	})
	return s.URL
}

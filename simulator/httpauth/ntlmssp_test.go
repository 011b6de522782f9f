package httpauth

import (
	"io"
	"net/http"
	"strings"
	"testing"

	ntlmssp "github.com/Azure/go-ntlmssp"
)

// go-ntlmssp is Microsoft's client for Go: it asks without credentials first,
// with the body each time, and knows no channel binding.
func TestGoNTLMSSP(t *testing.T) {
	for _, schemes := range [][]Scheme{{NTLM}, {Negotiate}, Schemes()} {
		s := serve(t, true, func(o *Options) { o.Schemes = schemes })
		plain := s.client()
		defer plain.CloseIdleConnections()
		hc := &http.Client{Transport: ntlmssp.Negotiator{RoundTripper: plain.Transport}}
		for _, c := range []struct {
			user, password string
			status         int
		}{{`CONTOSO\anna`, passwords["anna"], 200}, {"anna@contoso.example", passwords["anna"], 200}, {"anna", "wrong", 401}} {
			body := strings.Repeat("body", 1000)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.SetBasicAuth(c.user, c.password)
			resp, err := hc.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if err != nil || resp.StatusCode != c.status || c.status == 200 && (string(got) != body || resp.Header.Get("X-User") != "anna@contoso.example") {
				t.Errorf("%v, %s: HTTP %d, %v, refused with %q", schemes, c.user, resp.StatusCode, err, s.seen())
			}
			plain.CloseIdleConnections() // the connection is somebody's now
		}
	}
}

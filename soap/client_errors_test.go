package soap

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// call makes a call against an answer and returns what came of it.
func call(t *testing.T, h http.HandlerFunc, opts *Options) (*Meta, error) {
	t.Helper()
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("request-id", "srv-1")
		h(w, r)
	}, opts)
	return c.Do(t.Context(), &Call{Operation: "FindItem", Request: &testFindItem{}, Response: &testFindItemResponse{}})
}

// known is what every error of an answer tells.
type known interface {
	error
	RequestID() string
	RetryAfter() time.Duration
}

func TestFaultWhateverTheStatus(t *testing.T) {
	for _, status := range []int{200, 401, 500, 503} {
		_, err := call(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", textXML)
			w.WriteHeader(status)
			w.Write(fixture(t, "fault-busy.xml"))
		}, nil)
		var f *Fault
		if !errors.As(err, &f) {
			t.Fatalf("HTTP %d: %v", status, err)
		}
		if f.ResponseCode != "ErrorServerBusy" || f.Status != status || f.RequestID() != "srv-1" || f.RetryAfter() != 297749*time.Millisecond {
			t.Errorf("HTTP %d: %+v", status, f)
		}
		if !MayHaveReached(err) {
			t.Error("a fault comes from the server")
		}
		if !strings.Contains(err.Error(), "srv-1") {
			t.Errorf("no request id in %q", err)
		}
	}
}

func TestHTTPErrors(t *testing.T) {
	page := func(status int, header map[string]string, contentType, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			for k, v := range header {
				w.Header().Set(k, v)
			}
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
	}
	const secret = "swordfish"
	tests := []struct {
		name  string
		h     http.HandlerFunc
		check func(e *HTTPError) bool
	}{
		{"302 to the error page", page(302, map[string]string{"Location": "/owa/auth/genericerrorpage.htm?msg=" + secret}, "text/html", "moved"),
			func(e *HTTPError) bool {
				return e.Status == 302 && e.ErrorPage() && strings.HasSuffix(e.Location, "/owa/auth/genericerrorpage.htm")
			}},
		{"307", page(307, map[string]string{"Location": "https://user:" + secret + "@elsewhere.example.com/EWS"}, "text/html", ""),
			func(e *HTTPError) bool {
				return !e.ErrorPage() && e.Location == "https://elsewhere.example.com/EWS" && e.Hint() != ""
			}},
		{"401", page(401, map[string]string{"Www-Authenticate": "Bearer " + secret, "x-ms-diagnostics": `2000008;reason="The token contains no permissions";error_category="invalid_grant"`}, "text/html", secret),
			func(e *HTTPError) bool {
				return e.Status == 401 && strings.HasPrefix(e.Diagnostics, "2000008;") && strings.Contains(e.Error(), "2000008")
			}},
		{"403", page(403, nil, "text/html", secret),
			func(e *HTTPError) bool { return e.Status == 403 && e.PolicyReason == "" && e.Hint() == "" }},
		{"403 by policy", page(403, map[string]string{"X-EWS-Policy-Reason": "EWS is disabled for this user or tenant"}, "text/html", secret),
			func(e *HTTPError) bool {
				return e.PolicyReason == "EWS is disabled for this user or tenant" && strings.Contains(e.Hint(), "EwsEnabled")
			}},
		{"404", page(404, nil, "text/plain", "no"), func(e *HTTPError) bool { return strings.Contains(e.Hint(), "EWS URL") }},
		{"503 in seconds", page(503, map[string]string{"Retry-After": "120"}, "text/html", "busy"),
			func(e *HTTPError) bool { return e.RetryAfter() == 2*time.Minute }},
		{"503 by date", page(503, map[string]string{"Retry-After": "Fri, 20 Nov 2026 10:00:30 GMT", "Date": "Fri, 20 Nov 2026 10:00:00 GMT"}, "text/html", "busy"),
			func(e *HTTPError) bool { return e.RetryAfter() == 30*time.Second }},
		{"503 with nonsense", page(503, map[string]string{"Retry-After": "soon"}, "", ""),
			func(e *HTTPError) bool { return e.RetryAfter() == 0 }},
		{"503 with a negative wait", page(503, map[string]string{"Retry-After": "-1"}, "", ""),
			func(e *HTTPError) bool { return e.RetryAfter() == 0 }},
		{"500 as ASP.NET fails", page(500, nil, "text/html", "<html><title>Server Error in '/EWS' Application.</title>"+secret),
			func(e *HTTPError) bool { return e.ServerError && e.Hint() != "" }},
		{"502 that lies about XML", page(502, nil, textXML, "<html><p>"+secret), func(e *HTTPError) bool { return e.Status == 502 }},
		{"500 with XML cut off", page(500, nil, textXML, "<a"), func(e *HTTPError) bool { return e.Status == 500 }},
		{"500 without content", page(500, nil, textXML, ""), func(e *HTTPError) bool { return e.Status == 500 }},
		{"413", page(413, nil, "", ""), func(e *HTTPError) bool { return e.Hint() != "" }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			meta, err := call(t, tt.h, nil)
			var e *HTTPError
			if !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			if !tt.check(e) || e.RequestID() != "srv-1" || meta.Status != e.Status {
				t.Errorf("got %+v: %v; hint %q", e, e, e.Hint())
			}
			if s := fmt.Sprintf("%v %+v %s", err, meta, e.Hint()); strings.Contains(s, secret) {
				t.Errorf("shows %s", s)
			}
		})
	}
}

func TestNotSOAP(t *testing.T) {
	tests := []struct {
		name, contentType, body string
		want                    NotSOAPError
	}{
		{"sign-in page", "text/html; charset=utf-8", "<!DOCTYPE html><html>swordfish</html>", NotSOAPError{}},
		{"HTML that does not say so", "", "\r\n<!doctype HTML><html>swordfish</html>", NotSOAPError{}},
		{"ASP.NET error page", "text/html", "<html><head><title>Server Error in '/EWS' Application.</title>", NotSOAPError{ServerError: true}},
		{"empty", textXML, "", NotSOAPError{Empty: true}},
		{"empty without a type", "", "", NotSOAPError{Empty: true}},
		{"other XML", "application/xml", "<feed>swordfish</feed>", NotSOAPError{RootName: "feed"}},
		{"other XML without a type", "application/octet-stream", "<feed/>", NotSOAPError{RootName: "feed"}},
		{"no body", textXML, `<s:Envelope xmlns:s="` + EnvelopeNS + `"/>`, NotSOAPError{RootName: "Envelope without Body"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := call(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header()["Content-Type"] = []string{tt.contentType}
				io.WriteString(w, tt.body)
			}, nil)
			var e *NotSOAPError
			if !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			if e.ServerError != tt.want.ServerError || e.Empty != tt.want.Empty || e.RootName != tt.want.RootName || e.Status != 200 || e.RequestID() != "srv-1" || e.Hint() == "" {
				t.Errorf("got %+v", e)
			}
			if strings.Contains(err.Error(), "swordfish") {
				t.Errorf("shows %v", err)
			}
		})
	}
}

func TestXMLWithoutContentType(t *testing.T) {
	for _, contentType := range []string{"", "text/plain", "application/octet-stream", "application/soap+xml"} {
		_, err := call(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Content-Type"] = []string{contentType}
			w.Write(fixture(t, "finditem.xml"))
		}, nil)
		if err != nil {
			t.Errorf("%q: %v", contentType, err)
		}
	}
}

func TestUnreadableAnswers(t *testing.T) {
	doc := string(fixture(t, "finditem.xml"))
	tests := []struct {
		name, body string
		want       Problem
	}{
		{"truncated", doc[:len(doc)/2], Truncated},
		{"mismatched", strings.Replace(doc, "</t:Items>", "</t:Item>", 1), Mismatched},
		{"a document type", "<!DOCTYPE x>" + doc[39:], Doctype},
		{"two envelopes", doc + doc[39:], Trailing},
		{"another operation's answer", envelope("<GetItemResponse/>"), Unexpected},
		{"no answer in the body", envelope(""), Missing},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := call(t, func(w http.ResponseWriter, r *http.Request) {
				answer200(w, textXML, tt.body)
			}, nil)
			var re *ResponseError
			var syntax *SyntaxError
			if !errors.As(err, &re) || !errors.As(err, &syntax) {
				t.Fatalf("got %v", err)
			}
			if syntax.Problem != tt.want {
				t.Errorf("problem %q, want %q", syntax.Problem, tt.want)
			}
			if !MayHaveReached(err) || re.RequestID() != "srv-1" {
				t.Errorf("got %+v", re)
			}
		})
	}
}

func TestBadCharactersDoNotFailThePage(t *testing.T) {
	doc := strings.Replace(string(fixture(t, "finditem.xml")), "Offer", "O&#x0;f\x0bf\x19e\xffr", 1)
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) { answer200(w, textXML, doc) }, nil)
	var resp testFindItemResponse
	meta, err := c.Do(t.Context(), &Call{Operation: "FindItem", Response: &resp})
	if err != nil {
		t.Fatal(err)
	}
	m := resp.ResponseMessages.FindItemResponseMessage[0].RootFolder.Items.Items[0].(*testMessage)
	if want := testText("O\uFFFDf\uFFFDf\uFFFDe\uFFFDr & order <4711> – Grüße"); *m.Subject != want || meta.Stats.Replaced != 4 {
		t.Errorf("subject %q, %d replaced", *m.Subject, meta.Stats.Replaced)
	}
}

var _ = []known{&Fault{}, &HTTPError{}, &NotSOAPError{}, &ResponseError{}, &TransportError{}}

package soap

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Meta is what is known of an answer besides its content. It holds no cookies
// and nothing of authentication, so that it may be logged.
type Meta struct {
	// Status is the HTTP status.
	Status int
	// RequestID is the server's request-id.
	RequestID string
	// ClientRequestID is the client-request-id that was sent.
	ClientRequestID string
	// Server is the front end that answered (X-FEServer), or the back end
	// (X-CalculatedBETarget) where no front end is named.
	Server      string
	ContentType string
	// RetryAfter is the wait that the server asked for by the Retry-After
	// header; zero means that it named none.
	RetryAfter time.Duration
	// PolicyReason is X-EWS-Policy-Reason: why EWS is switched off.
	PolicyReason string
	// Diagnostics is x-ms-diagnostics: why a token was refused.
	Diagnostics string
	// Location is where a redirect points, without query and credentials.
	Location string
	// Header is the answer's header without what Redacted names.
	Header http.Header
	// Stats counts what the decoder met.
	Stats Stats
}

func newMeta(resp *http.Response, clientRequestID string) Meta {
	h := resp.Header
	m := Meta{
		Status:          resp.StatusCode,
		RequestID:       h.Get("Request-Id"),
		ClientRequestID: clientRequestID,
		Server:          h.Get("X-Feserver"),
		ContentType:     h.Get("Content-Type"),
		RetryAfter:      retryAfter(h),
		PolicyReason:    h.Get("X-Ews-Policy-Reason"),
		Diagnostics:     h.Get("X-Ms-Diagnostics"),
		Header:          make(http.Header, len(h)),
	}
	if m.Server == "" {
		m.Server = h.Get("X-Calculatedbetarget")
	}
	if u, err := resp.Location(); err == nil {
		u.User, u.RawQuery, u.Fragment = nil, "", ""
		m.Location = u.String()
	}
	for name, values := range h {
		if !Redacted(name) && name != "Location" {
			m.Header[name] = values
		}
	}
	return m
}

// id is the request id to show to people.
func (m *Meta) id() string {
	if m.RequestID != "" {
		return m.RequestID
	}
	return m.ClientRequestID
}

// describe is the end of an error text.
func (m *Meta) describe() string {
	var parts []string
	if m.Status != 0 {
		parts = append(parts, "HTTP "+strconv.Itoa(m.Status))
	}
	if m.ContentType != "" {
		parts = append(parts, clip(m.ContentType, 60))
	}
	if id := m.id(); id != "" {
		parts = append(parts, "request "+clip(id, 60))
	}
	if m.Server != "" {
		parts = append(parts, "server "+clip(m.Server, 60))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// retryAfter reads the header's two forms (RFC 9110, 10.2.3). A date counts
// from the server's own clock where it gives one.
func retryAfter(h http.Header) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	if n, err := strconv.ParseInt(v, 10, 32); err == nil {
		return max(0, time.Duration(n)*time.Second)
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(0, at.Sub(now))
}

func statusText(status int) string { return http.StatusText(status) }

// Redacted reports whether the header of that name may carry a secret: a
// token, a password, a cookie, a challenge. Such headers appear neither in
// Meta nor in traces.
func Redacted(header string) bool {
	h := strings.ToLower(header)
	for _, part := range []string{"authori", "authent", "cookie", "token", "secret", "password", "credential", "api-key", "apikey"} {
		if strings.Contains(h, part) {
			return true
		}
	}
	return false
}

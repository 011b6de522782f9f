package oauth

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/exconn/exconn/mailbox"
)

const (
	// maxAnswer bounds what is read of one answer, in bytes. A token answer is
	// some 10 kB.
	maxAnswer = 1 << 20
	// requestTimeout is for a client that the caller did not provide.
	requestTimeout = 30 * time.Second
	userAgent      = "exconn"
)

// wire is the HTTP client that MSAL is given. MSAL reads answers without a
// bound and puts them into its errors as they came, secrets and all. So every
// answer that is not a success ends here, as an *Error.
type wire struct {
	hc *http.Client
}

func newWire(hc *http.Client) *wire {
	own := &http.Client{Timeout: requestTimeout}
	if hc != nil {
		own.Transport, own.Timeout = hc.Transport, hc.Timeout
	}
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &wire{hc: own}
}

// CloseIdleConnections is what MSAL's interface wants besides Do.
func (w *wire) CloseIdleConnections() { w.hc.CloseIdleConnections() }

// Do sends a request of MSAL's. It returns an answer only if it is a success
// in JSON, wholly read; everything else is an *Error.
func (w *wire) Do(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme != "https" {
		return nil, &Error{reason: fmt.Sprintf("the sign-in server's own description names an address that is not https (%s)", req.URL.Host), kind: mailbox.ErrUnavailable, hint: "check the authority URL"}
	}
	secrets := requestSecrets(req)
	req.Header.Set("User-Agent", userAgent)
	resp, err := w.hc.Do(req)
	if err != nil {
		return nil, unreachable(req.URL.Host, err)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	// The answer has been read as far as it is wanted; a failure to close it
	// changes nothing.
	_ = resp.Body.Close()
	switch {
	case err != nil:
		return nil, unreachable(req.URL.Host, err)
	case len(body) > maxAnswer:
		return nil, &Error{Status: resp.StatusCode, reason: fmt.Sprintf("%s answers with more than %d bytes, as no sign-in server does", req.URL.Host, maxAnswer), kind: mailbox.ErrUnavailable, hint: "check the authority URL"}
	case resp.StatusCode != http.StatusOK:
		return nil, parseRefusal(resp.StatusCode, resp.Header, body, secrets)
	case !isObject(body):
		return nil, &Error{Status: resp.StatusCode, reason: fmt.Sprintf("%s answers with something other than JSON", req.URL.Host), kind: mailbox.ErrUnavailable, hint: "check the authority URL, and whether a proxy answers in the server's place"}
	}
	// A refusal with status 200 is not by the book, but MSAL would put its
	// text into an error unread.
	var answer answerError
	if json.Unmarshal(body, &answer) == nil && answer.Error != "" {
		return nil, parseRefusal(resp.StatusCode, resp.Header, body, secrets)
	}
	if strings.Contains(strings.ToLower(req.URL.Path), "/adfs/") {
		body = withoutScope(body)
	}
	resp.Body = &wholeBody{Reader: bytes.NewReader(body), text: body}
	return resp, nil
}

// withoutScope returns an answer of AD FS without what it says of the scope. AD
// FS names permissions by their bare names, or those that it likes; MSAL would
// hold that against what was asked for, and take it for a refusal.
func withoutScope(body []byte) []byte {
	var answer map[string]json.RawMessage
	if json.Unmarshal(body, &answer) != nil || answer["scope"] == nil {
		return body
	}
	delete(answer, "scope")
	out, err := json.Marshal(answer)
	if err != nil {
		return body
	}
	return out
}

// isObject reports whether body is one JSON object.
func isObject(body []byte) bool {
	trimmed := bytes.TrimSpace(body)
	return len(trimmed) > 0 && trimmed[0] == '{' && json.Valid(trimmed)
}

// secretFields are the form fields of a token request that must not come back
// in an error.
var secretFields = []string{"client_secret", "client_assertion", "code", "code_verifier", "refresh_token", "password", "device_code"}

// requestForm returns what a token request sends, or nil where that cannot be
// read. The request can be sent all the same.
func requestForm(req *http.Request) url.Values {
	if req.GetBody == nil {
		return nil
	}
	r, err := req.GetBody()
	if err != nil {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(r, maxAnswer))
	if err != nil {
		return nil
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil
	}
	return form
}

// requestSecrets returns the secrets that a token request carries, in the
// forms in which a server might echo them.
func requestSecrets(req *http.Request) []string {
	form := requestForm(req)
	var secrets []string
	for _, field := range secretFields {
		for _, v := range form[field] {
			// A value of a few characters would blot out ordinary words.
			if len(v) < 6 {
				continue
			}
			secrets = append(secrets, v, url.QueryEscape(v), url.PathEscape(v),
				strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(v)), "="),
				strings.TrimRight(base64.URLEncoding.EncodeToString([]byte(v)), "="))
		}
	}
	return secrets
}

// unreachable makes an Error of a failure on the way. The URL that http puts
// into its errors is left out: only the host helps.
func unreachable(host string, err error) *Error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	e := &Error{reason: fmt.Sprintf("cannot reach the sign-in server %s: %v", host, err), kind: mailbox.ErrUnavailable, cause: err}
	var (
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		verify    *tls.CertificateVerificationError
	)
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		e.hint = "check the network and the proxy, and try again"
	case errors.As(err, &authority):
		e.hint = "if the server's certificate, or a proxy's, is of an authority of your own, give its certificate with --ca-file"
	case errors.As(err, &name):
		e.hint = "the server's certificate is for another name: check the authority URL"
	case errors.As(err, &invalid), errors.As(err, &verify):
		e.hint = "have the server's certificate put right; if it seems valid, check this machine's clock"
	default:
		e.hint = "check the authority URL, the network and the proxy"
	}
	return e
}

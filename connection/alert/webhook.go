package alert

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/exconn/exconn/mailbox"
)

const (
	// webhookTime is how long one POST may take, the answer included.
	webhookTime = 15 * time.Second
	// maxAnswer is how much of the answer is read, so that the network
	// connection can be used again. Nothing in it has a meaning.
	maxAnswer = 64 << 10
	// maxURL is the longest address that is taken.
	maxURL = 2048
)

// SignatureHeader carries, where a Webhook has a Key, "sha256=" and the
// hexadecimal HMAC-SHA256 of the request's body under that key.
const SignatureHeader = "Exconn-Signature"

// Webhook delivers events by an https POST with the JSON of one event as its
// body. An answer 2xx means that it has arrived; a redirect is not followed. The
// address itself often is a secret (whoever knows it can post), so it is printed
// without path and query.
type Webhook struct {
	// URL begins with https://; http is for this machine alone.
	URL string
	// Key signs the body; see SignatureHeader. Empty means that it is not
	// signed.
	Key []byte
	// HTTPClient sends it. Nil means http.DefaultTransport. Its CheckRedirect
	// and Jar are not used.
	HTTPClient *http.Client
}

// URLError says why an address cannot be a Webhook's. It Is
// mailbox.ErrInvalid.
type URLError struct{ Problem string }

func (e *URLError) Error() string { return "the address " + e.Problem }

// Is reports true for mailbox.ErrInvalid.
func (e *URLError) Is(target error) bool { return target == mailbox.ErrInvalid }

// CheckURL returns a *URLError where address cannot be a Webhook's. The error
// does not repeat the address.
func CheckURL(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		return &URLError{Problem: "is not a URL; for example https://alerts.example.com/exconn"}
	case len(address) > maxURL:
		return &URLError{Problem: fmt.Sprintf("is longer than %d characters", maxURL)}
	case u.Scheme != "https" && u.Scheme != "http":
		return &URLError{Problem: "must begin with https://"}
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return &URLError{Problem: "must begin with https://; plain http is for this machine alone"}
	case u.User != nil:
		return &URLError{Problem: "must not hold a user name or password"}
	case u.Fragment != "":
		return &URLError{Problem: "must not have a fragment (#…), which is not sent"}
	}
	return nil
}

// isLoopback does not ask a name server.
func isLoopback(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.Unmap().IsLoopback()
}

// Origin returns scheme and host of an address: what may be shown of it.
func Origin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// Deliver implements Target. An answer 4xx other than 408, 425 and 429 is
// ErrPermanent, and so is a redirect.
func (w *Webhook) Deliver(ctx context.Context, e Event) error {
	if err := CheckURL(w.URL); err != nil {
		return permanent{err}
	}
	body, err := json.Marshal(e)
	if err != nil {
		return permanent{fmt.Errorf("cannot encode the event: %w", err)}
	}
	limited, cancel := context.WithTimeout(ctx, webhookTime)
	defer cancel()
	req, err := http.NewRequestWithContext(limited, http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return permanent{fmt.Errorf("%s: the address cannot be used", w)}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "exconn")
	if len(w.Key) > 0 {
		req.Header.Set(SignatureHeader, w.sign(body))
	}
	resp, err := w.client().Do(req)
	if err != nil {
		return w.unreachable(ctx, limited, err)
	}
	_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer) // see maxAnswer
	_ = resp.Body.Close()
	return w.judge(resp)
}

// unreachable says why there was no answer. The address is in net/http's
// error, so only the cause is kept.
func (w *Webhook) unreachable(ctx, limited context.Context, err error) error {
	var inner *url.Error
	if errors.As(err, &inner) {
		err = inner.Err
	}
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%s was stopped: %w", w, context.Cause(ctx))
	case limited.Err() != nil:
		return fmt.Errorf("%s gave no answer within %v", w, webhookTime)
	}
	return fmt.Errorf("%s cannot be reached: %w", w, err)
}

func (w *Webhook) judge(resp *http.Response) error {
	switch code := resp.StatusCode; {
	case code >= 200 && code < 300:
		return nil
	case code >= 300 && code < 400:
		return permanent{fmt.Errorf("%s answers with a redirect (HTTP %d), which is not followed; give the address that it leads to", w, code)}
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests, code >= 500:
		return fmt.Errorf("%s answers HTTP %d", w, code)
	default:
		return permanent{fmt.Errorf("%s refuses (HTTP %d)", w, code)}
	}
}

func (w *Webhook) sign(body []byte) string {
	mac := hmac.New(sha256.New, w.Key)
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

func (w *Webhook) client() *http.Client {
	hc := &http.Client{}
	if w.HTTPClient != nil {
		*hc = *w.HTTPClient
	}
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	hc.Jar = nil
	return hc
}

// ID implements Target. The key belongs to it, so that an event goes out under
// each key that is asked for.
func (w *Webhook) ID() string {
	mac := hmac.New(sha256.New, w.Key)
	mac.Write([]byte(w.URL))
	return "webhook " + hex.EncodeToString(mac.Sum(nil))
}

// String names the webhook by scheme and host.
func (w *Webhook) String() string { return "the webhook at " + Origin(w.URL) }

// Format writes String, whatever the verb.
func (w *Webhook) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(w.String())) }

var (
	_ Target = (*Webhook)(nil)
	_ Target = (*Command)(nil)
)

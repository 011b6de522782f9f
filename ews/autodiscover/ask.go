package autodiscover

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/exconn/exconn/soap"
)

// question is a way to ask, and where.
type question struct {
	way    Way
	method string
	url    *url.URL
	// signed: the request may carry credentials.
	signed bool
	header http.Header
	// body makes the request's body for a URL; nil means none.
	body func(to *url.URL, address string) ([]byte, error)
	// read understands an answer of at most limit bytes; nil means that only
	// a redirect is one.
	read func(r io.Reader, limit int64) (answer, error)
}

// answer is what a server said: settings, or where to go on.
type answer struct {
	settings *Settings
	address  string
	url      string
}

// key tells questions apart in a trail.
func (q question) key(address string) string {
	return string(q.way) + " " + addressKey(address) + " " + strings.ToLower(q.url.Scheme+"://"+q.url.Host) + q.url.RequestURI()
}

// addressKey is an address as it is compared: without regard to case, as
// Exchange does.
func addressKey(address string) string { return strings.ToLower(address) }

// ask asks a question, and follows redirects from URL to URL.
func (r *search) ask(ctx context.Context, q question, address string, path trail) outcome {
	for first := true; ; first = false {
		if path.seen == nil {
			path.seen = map[string]bool{}
		}
		path.seen[q.key(address)] = true
		s := r.report.begin(q.way, shown(q.url), address)
		got, err := r.once(ctx, s, q, address)
		if err == nil && got.settings != nil {
			err = r.accept(got.settings, s, q, address)
		}
		var next *url.URL
		if err == nil && got.settings == nil {
			next, err = r.judge(s, q, got, address, &path)
		}
		s.end(err)
		switch {
		case err != nil:
			return outcome{err: err, trail: path, silent: first && s.a.Status == 0}
		case next == nil:
			return outcome{settings: got.settings, address: got.address, trail: path}
		}
		q.url = next
	}
}

// accept completes settings, or says why they are none.
func (r *search) accept(found *Settings, s *step, q question, address string) error {
	if !found.choose(r.allowed) {
		return errNoURL
	}
	found.Address, found.Way, found.Source = address, q.way, shown(q.url)
	s.a.Found = true
	return nil
}

// judge decides about a redirect. It returns the URL to go on with, or nil
// where it is another address.
func (r *search) judge(s *step, q question, got answer, address string, path *trail) (*url.URL, error) {
	if got.address != "" {
		s.a.Redirect = got.address
		refuse := func(why RefusedRedirect) (*url.URL, error) {
			return nil, &RedirectError{Target: got.address, Reason: why}
		}
		_, domain, err := split(got.address)
		switch {
		case err != nil:
			return refuse(BadTarget)
		case r.visited[addressKey(got.address)]:
			return refuse(Loop)
		case path.redirects >= MaxRedirects:
			return refuse(TooMany)
		case !r.allowed(&url.URL{Scheme: "https", Host: "autodiscover." + domain, Path: poxPath}):
			return refuse(Strange)
		}
		path.redirects++
		return nil, nil
	}
	target, err := q.url.Parse(got.url)
	if err != nil {
		return nil, &RedirectError{Target: "a malformed URL", Reason: BadTarget}
	}
	s.a.Redirect = shown(target)
	return target, r.follow(q, target, address, path)
}

// follow says why a question must not be asked of target, or counts the
// redirect.
func (r *search) follow(q question, target *url.URL, address string, path *trail) error {
	refuse := func(why RefusedRedirect) error { return &RedirectError{Target: shown(target), Reason: why} }
	q.url = target
	switch {
	case target.Scheme != "https" || target.Hostname() == "" || target.User != nil:
		return refuse(NotHTTPS)
	case !r.allowed(target):
		return refuse(Strange)
	case path.seen[q.key(address)]:
		return refuse(Loop)
	case path.redirects >= MaxRedirects:
		return refuse(TooMany)
	}
	path.redirects++
	return nil
}

// once asks one URL: without credentials first, and with them where the server
// asks for them.
func (r *search) once(ctx context.Context, s *step, q question, address string) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, r.opts.StepTimeout)
	defer cancel()
	got, err := r.send(ctx, s, q, address, false)
	var status *StatusError
	if errors.As(err, &status) && status.Status == http.StatusUnauthorized && q.signed && r.opts.signs() && r.mayKnow(q.url) {
		got, err = r.send(ctx, s, q, address, true)
	}
	if err != nil && s.a.Status == 0 && errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("no answer in time: %w", context.DeadlineExceeded)
	}
	return got, err
}

// mayKnow tells whether credentials may go to a URL. Every URL that is asked
// has passed the allow rule, or is a host of the address's own domain, which a
// rule of the caller's may yet leave out.
func (r *search) mayKnow(u *url.URL) bool { return u.Scheme == "https" && r.allowed(u) }

// send makes one request and reads its answer.
func (r *search) send(ctx context.Context, s *step, q question, address string, signed bool) (answer, error) {
	var body []byte
	if q.body != nil {
		var err error
		if body, err = q.body(q.url, address); err != nil {
			return answer{}, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, q.method, q.url.String(), bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	for name, values := range q.header {
		req.Header[name] = values
	}
	req.Header.Set("User-Agent", r.opts.UserAgent)
	req.Header.Set("client-request-id", uuid.NewString())
	req.Header.Set("return-client-request-id", "true")
	client := r.opts.HTTPClient
	if signed {
		s.a.Signed = true
		if r.opts.SignedClient != nil {
			client = r.opts.SignedClient
		}
		if r.opts.Authorize != nil {
			if err := r.opts.Authorize(req); err != nil {
				return answer{}, fmt.Errorf("signing the request: %w", err)
			}
		}
	}
	resp, err := client.Do(req)
	if err != nil {
		return answer{}, plain(err)
	}
	defer closeBody(resp)
	s.a.Status, s.a.RequestID = resp.StatusCode, clip(resp.Header.Get("request-id"), 60)
	return r.understand(q, resp, signed)
}

// understand reads an answer, whatever its status.
func (r *search) understand(q question, resp *http.Response, signed bool) (answer, error) {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		location := resp.Header.Get("Location")
		if strings.Contains(strings.ToLower(location), "genericerrorpage") {
			return answer{}, &StatusError{Status: resp.StatusCode, errorPage: true, RetryAfter: retryAfter(resp.Header)}
		}
		if location != "" && (q.read != nil || resp.StatusCode == http.StatusFound) {
			return answer{url: location}, nil
		}
	}
	switch {
	case q.read == nil && resp.StatusCode < 400:
		return answer{}, &AnswerError{What: "the server does not redirect (HTTP " + strconv.Itoa(resp.StatusCode) + ")"}
	case q.read != nil && (resp.StatusCode == http.StatusOK || explains(q, resp)):
		return r.read(q, resp, signed)
	}
	return answer{}, statusError(resp, signed)
}

// explains tells whether the body of an error may say more than its status: a
// SOAP fault, or the error object of JSON.
func explains(q question, resp *http.Response) bool {
	if resp.StatusCode < 400 || resp.StatusCode == http.StatusUnauthorized {
		return false
	}
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return q.way == SOAP && strings.HasSuffix(media, "xml") || q.way == JSON && strings.HasSuffix(media, "json")
}

func (r *search) read(q question, resp *http.Response, signed bool) (answer, error) {
	if media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); media == "text/html" {
		// A sign-in page, the page of a web site, a captive portal.
		if resp.StatusCode != http.StatusOK {
			return answer{}, statusError(resp, signed)
		}
		return answer{}, &AnswerError{What: "the answer is an HTML page"}
	}
	got, err := q.read(resp.Body, r.opts.MaxAnswer)
	var server *ServerError
	var fault *soap.Fault
	if err != nil && resp.StatusCode != http.StatusOK && !errors.As(err, &server) && !errors.As(err, &fault) {
		return answer{}, statusError(resp, signed)
	}
	return got, err
}

func statusError(resp *http.Response, signed bool) *StatusError {
	e := &StatusError{
		Status: resp.StatusCode, Signed: signed, RetryAfter: retryAfter(resp.Header),
		Diagnostics: resp.Header.Get("x-ms-diagnostics"),
	}
	if resp.StatusCode == http.StatusUnauthorized {
		for _, challenge := range resp.Header.Values("WWW-Authenticate") {
			scheme, _, _ := strings.Cut(strings.TrimSpace(challenge), " ")
			if scheme != "" && len(e.Offers) < 8 {
				e.Offers = append(e.Offers, clip(strings.TrimSuffix(scheme, ","), 20))
			}
		}
	}
	return e
}

// retryAfter reads the header's number of seconds; Exchange sends no dates.
func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.ParseUint(strings.TrimSpace(h.Get("Retry-After")), 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// plain takes the URL out of an error of net/http: the attempt names it.
func plain(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// maxDrain is how much of an answer's rest is read, in bytes, so that its
// connection can be used again.
const maxDrain = 64 << 10

func closeBody(resp *http.Response) {
	// What cannot be read is not needed.
	_, _ = io.CopyN(io.Discard, resp.Body, maxDrain)
	_ = resp.Body.Close()
}

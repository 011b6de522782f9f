package soap

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// DefaultUserAgent is what the client calls itself. Admins put it into Exchange
// Online's lists of allowed applications (EwsAllowList), so it does not change
// from release to release: the 1 is the version of this promise.
const DefaultUserAgent = "exconn/1"

// The bounds of a Client where Options name none, in bytes.
const (
	DefaultMaxResponse = 256 << 20
	DefaultMaxRequest  = 64 << 20
)

// actionPrefix is before the operation's name in the SOAPAction header.
const actionPrefix = MessagesNS + "/"

// maxDrain is how much of an answer's rest is read, in bytes, so that its
// connection can be used again; a longer rest costs the connection.
const maxDrain = 64 << 10

// HTTPClient is what the client needs of an HTTP client; *http.Client is one.
// It does all authentication. It must not follow redirects (a *http.Client is
// used by way of a copy that does not) and keeps cookies or not as it likes.
type HTTPClient interface {
	Do(*http.Request) (*http.Response, error)
}

// Options direct a Client. A nil *Options, like the zero value, means the
// defaults.
type Options struct {
	// UserAgent is sent with each request. Empty means DefaultUserAgent.
	UserAgent string
	// MaxResponse bounds an answer, in bytes after decompression. Zero means
	// 256 MiB.
	MaxResponse int64
	// MaxRequest bounds a request, in bytes. Zero means 64 MiB, which is also
	// what Exchange accepts by default.
	MaxRequest int64
	// Stall is how long a call may stand still, with no byte of the request
	// taken and none of the answer come; it then fails with a *TransportError
	// over a *StalledError. Zero means 5 minutes, less than zero for ever. It is
	// no bound of a call that goes on, which only the context has.
	Stall time.Duration
	// Trace is told of every call. Nil means nobody is.
	Trace Tracer
}

// Client calls the operations of one SOAP endpoint. It is safe for concurrent
// use. It neither waits nor repeats: it reports what happened.
type Client struct {
	hc       HTTPClient
	endpoint string
	opts     Options
}

// NewClient returns a client for one endpoint. It does no I/O; an endpoint that
// is no URL shows at the first call. A nil hc means http.DefaultClient, a nil
// opts the defaults. There is no time limit but Options.Stall and that of the
// context.
func NewClient(hc HTTPClient, endpoint string, opts *Options) *Client {
	c := &Client{hc: hc, endpoint: endpoint}
	if opts != nil {
		c.opts = *opts
	}
	if c.opts.UserAgent == "" {
		c.opts.UserAgent = DefaultUserAgent
	}
	if c.opts.MaxResponse <= 0 {
		c.opts.MaxResponse = DefaultMaxResponse
	}
	if c.opts.MaxRequest <= 0 {
		c.opts.MaxRequest = DefaultMaxRequest
	}
	if c.opts.Stall == 0 {
		c.opts.Stall = DefaultStall
	}
	if c.hc == nil {
		c.hc = http.DefaultClient
	}
	if hc, ok := c.hc.(*http.Client); ok {
		own := *hc
		own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		c.hc = &own
	}
	return c
}

// Endpoint returns the URL that the client was made for.
func (c *Client) Endpoint() string { return c.endpoint }

// MaxRequest returns the bound of a request, in bytes.
func (c *Client) MaxRequest() int64 { return c.opts.MaxRequest }

// RequestSize returns how many bytes a call would send as its body, or -1 where
// a Binary in it does not know. Nothing is opened, and nothing sent.
func (c *Client) RequestSize(call *Call) (int64, error) {
	body, err := newRequestBody(call.Header, call.Request)
	if err != nil {
		return 0, &RequestError{Operation: call.Operation, Err: err}
	}
	return body.size, nil
}

// Call is one call of an operation.
type Call struct {
	// Operation is the name, such as "FindItem".
	Operation string
	// Action is the SOAPAction header. Empty means Exchange's action for
	// Operation.
	Action string
	// Header holds the SOAP header blocks; nil ones are left out.
	Header []any
	// HTTP is added to the request's header: X-AnchorMailbox and the like.
	HTTP http.Header
	// Request is the body. The same value is marshalled once, whatever the
	// number of times that it is sent.
	Request any
	// Response is a pointer to decode the answer's body into. Where its
	// XMLName has a tag, the answer must have that local name. Nil means that
	// the answer's content does not matter.
	Response any
	// ResponseHeader is asked for a pointer to decode each header block of
	// the answer into; nil skips. It may be nil itself.
	ResponseHeader func(xml.Name) any
	// Binary is DecodeOptions.Binary for the answer.
	Binary func() io.Writer
	// MaxResponse, if not zero, goes before Options.MaxResponse.
	MaxResponse int64
	// Cookies, if set, is given the answer's cookies, which appear nowhere
	// else.
	Cookies func([]*http.Cookie)
}

// Do makes one call. The Meta is never nil; with an error it holds what is
// known by then.
//
// Errors are *Fault, *HTTPError, *NotSOAPError, *ResponseError,
// *TransportError, or *RequestError; MayHaveReached sorts them by whether the
// server may have executed the request. After an error Response may hold a part
// of the answer.
func (c *Client) Do(ctx context.Context, call *Call) (*Meta, error) {
	x, err := c.newExchange(call)
	if err != nil {
		return &Meta{}, err
	}
	ctx, x.dog = watch(ctx, c.opts.Stall)
	meta, err := x.do(ctx)
	err = explainStall(ctx, err)
	x.dog.stop()
	x.summary.Duration = time.Since(x.summary.Start)
	x.summary.RequestBytes = x.sentBytes.Load()
	x.summary.Stats = meta.Stats
	x.summary.Err = err
	x.trace.End(&x.summary)
	return meta, err
}

// newExchange marshals the request and begins its trace.
func (c *Client) newExchange(call *Call) (*exchange, error) {
	body, err := newRequestBody(call.Header, call.Request)
	if err == nil && body.size > c.opts.MaxRequest {
		err = &TooLargeError{What: "request", Limit: c.opts.MaxRequest, Size: body.size}
	}
	if err != nil {
		return nil, &RequestError{Operation: call.Operation, Err: err}
	}
	x := &exchange{
		client: c,
		call:   call,
		body:   body,
		id:     uuid.NewString(),
		trace:  noTrace{},
	}
	if c.opts.Trace != nil {
		x.trace = c.opts.Trace.Begin(call.Operation)
	}
	x.summary.Operation = call.Operation
	x.summary.Start = time.Now()
	return x, nil
}

// exchange is one request with its answer.
type exchange struct {
	client  *Client
	call    *Call
	body    *requestBody
	id      string // client-request-id
	trace   Trace
	summary Summary
	dog     *watchdog // nil for a stream, which has its own

	connected atomic.Bool  // there was a connection
	sentBytes atomic.Int64 // of the body, in its last sending
	sending   atomic.Bool  // the body was read
	bodyErr   atomic.Pointer[error]
}

func (x *exchange) do(ctx context.Context) (*Meta, error) {
	req, err := x.request(ctx)
	if err != nil {
		return &Meta{ClientRequestID: x.id}, &RequestError{Operation: x.call.Operation, Err: err}
	}
	resp, meta, err := x.send(req)
	if err != nil {
		return meta, err
	}
	a := &answer{exchange: x, resp: resp, meta: meta}
	err = a.read()
	if reusable(err) {
		// Gzip stops at the end of its data, and an error page is not read
		// whole: the connection is free only when the body has been read to
		// its own end.
		_, _ = io.CopyN(io.Discard, resp.Body, maxDrain)
	}
	resp.Body.Close()
	return meta, err
}

// send sends the request and returns when the answer begins. The Meta is never
// nil.
func (x *exchange) send(req *http.Request) (*http.Response, *Meta, error) {
	x.summary.Method, x.summary.URL = req.Method, shownURL(req.URL)
	x.summary.RequestHeader = shownHeader(req.Header)
	resp, err := x.client.hc.Do(req)
	if err != nil {
		if resp != nil {
			resp.Body.Close()
		}
		return nil, &Meta{ClientRequestID: x.id}, x.failed(req, err)
	}
	x.dog.alive()
	meta := newMeta(resp, x.id)
	if resp.Request != nil {
		// As it was sent at last, with what the HTTP client added.
		x.summary.RequestHeader = shownHeader(resp.Request.Header)
	}
	x.summary.Status, x.summary.Proto = resp.StatusCode, resp.Proto
	x.summary.ResponseHeader = shownHeader(resp.Header)
	if x.call.Cookies != nil {
		x.call.Cookies(resp.Cookies())
	}
	return resp, &meta, nil
}

// reusable reports whether an answer that ended in err is worth reading to its
// end. One that broke, or goes on and on, is not.
func reusable(err error) bool {
	var (
		broken     *TransportError
		unreadable *ResponseError
	)
	return !errors.As(err, &broken) && !errors.As(err, &unreadable)
}

// request makes the HTTP request.
func (x *exchange) request(ctx context.Context) (*http.Request, error) {
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { x.connected.Store(true) },
	})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, x.client.endpoint, nil)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			// The URL may hold a password.
			err = ue.Err
		}
		return nil, fmt.Errorf("the endpoint is not a URL: %w", err)
	}
	req.GetBody = func() (io.ReadCloser, error) { return x.openBody(), nil }
	req.Body = x.openBody()
	req.ContentLength = x.body.size
	for name, values := range x.call.HTTP {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	action := x.call.Action
	if action == "" {
		action = actionPrefix + x.call.Operation
	}
	h := req.Header
	h.Set("Content-Type", "text/xml; charset=utf-8")
	h.Set("Accept", "text/xml")
	h.Set("Accept-Encoding", "gzip")
	h.Set("Soapaction", `"`+action+`"`)
	h.Set("User-Agent", x.client.opts.UserAgent)
	h.Set("Client-Request-Id", x.id)
	h.Set("Return-Client-Request-Id", "true")
	return req, nil
}

// openBody opens the request's body and watches how it is read.
func (x *exchange) openBody() io.ReadCloser {
	return &watchedBody{x: x, ReadCloser: x.body.open(x.client.opts.MaxRequest)}
}

type watchedBody struct {
	io.ReadCloser
	x     *exchange
	begun bool
	trace io.Writer
}

func (b *watchedBody) Read(p []byte) (int, error) {
	if !b.begun {
		b.begun = true
		b.x.sending.Store(true)
		b.x.sentBytes.Store(0)
		b.trace = b.x.trace.Request()
	}
	n, err := b.ReadCloser.Read(p)
	b.x.sentBytes.Add(int64(n))
	b.x.dog.alive()
	if b.trace != nil && n > 0 {
		// A trace tells of its own failures in its summary.
		_, _ = b.trace.Write(p[:n])
	}
	if err != nil && err != io.EOF && err != errBodyClosed {
		b.x.bodyErr.Store(&err)
	}
	return n, err
}

// failed sorts an error of the HTTP client.
func (x *exchange) failed(req *http.Request, err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	if p := x.bodyErr.Load(); p != nil && req.Context().Err() == nil {
		// The server has got the beginning of an envelope, which it cannot
		// execute.
		return &RequestError{Operation: x.call.Operation, Err: *p}
	}
	return &TransportError{
		Host:            req.URL.Host,
		Sent:            x.connected.Load() && x.sending.Load(),
		ClientRequestID: x.id,
		Err:             err,
	}
}

// answer is an HTTP response on its way to become a SOAP one.
type answer struct {
	*exchange
	resp *http.Response
	meta *Meta
}

func (a *answer) read() error {
	media, _, err := mime.ParseMediaType(a.meta.ContentType)
	if err != nil {
		media = strings.ToLower(strings.TrimSpace(a.meta.ContentType))
	}
	isXML := strings.HasSuffix(media, "xml") && media != "application/xhtml+xml"
	refused := a.meta.Status >= 300

	content, err := a.content()
	if err != nil {
		if refused {
			return a.refusal(false)
		}
		return err
	}
	if isXML {
		return a.envelope(content)
	}
	// What does not claim to be XML is looked at before it is believed.
	page := bufio.NewReaderSize(content, 4<<10)
	head, err := page.Peek(4 << 10)
	if refused || strings.Contains(media, "html") {
		// The trace should have the whole page.
		defer func() { _, _ = io.CopyN(io.Discard, page, maxDrain) }()
	}
	switch {
	case refused:
		return a.refusal(serverErrorPage(head))
	case len(head) == 0 && err == io.EOF:
		return &NotSOAPError{Meta: *a.meta, Empty: true}
	case len(head) == 0:
		return a.broken(err)
	case strings.Contains(media, "html") || looksLikeHTML(head):
		return &NotSOAPError{Meta: *a.meta, ServerError: serverErrorPage(head)}
	}
	return a.envelope(page)
}

// refusal is the error for a status of 300 or more.
func (a *answer) refusal(serverError bool) error {
	return &HTTPError{Meta: *a.meta, ServerError: serverError, RequestBytes: max(a.body.size, a.sentBytes.Load())}
}

// content is the answer's body, decompressed and traced.
func (a *answer) content() (io.Reader, error) {
	r, err := a.decompressed()
	if err != nil {
		return nil, err
	}
	return &tracedReader{r: r, trace: a.trace.Response(), seen: &a.summary.ResponseBytes}, nil
}

func (a *answer) decompressed() (io.Reader, error) {
	var r io.Reader = a.dog.attend(a.resp.Body)
	switch enc := strings.ToLower(a.resp.Header.Get("Content-Encoding")); enc {
	case "", "identity":
	case "gzip", "x-gzip":
		if a.resp.Uncompressed {
			break
		}
		z, err := gzip.NewReader(r)
		switch {
		case err == io.EOF:
			r = bytes.NewReader(nil)
		case errors.Is(err, gzip.ErrHeader):
			return nil, &ResponseError{Meta: *a.meta, Err: fmt.Errorf("the answer claims to be gzip and is not: %w", err)}
		case err != nil:
			return nil, a.broken(err)
		default:
			r = z
		}
	default:
		return nil, &ResponseError{Meta: *a.meta, Err: fmt.Errorf("the answer has a content encoding that was not asked for (%s)", shortName(enc))}
	}
	return r, nil
}

type tracedReader struct {
	r     io.Reader
	trace io.Writer
	seen  *int64
}

func (t *tracedReader) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	*t.seen += int64(n)
	if t.trace != nil && n > 0 {
		_, _ = t.trace.Write(p[:n])
	}
	return n, err
}

// envelope decodes the answer as SOAP.
func (a *answer) envelope(r io.Reader) error {
	opts := &DecodeOptions{MaxBytes: a.client.opts.MaxResponse, Binary: a.call.Binary}
	if a.call.MaxResponse > 0 {
		opts.MaxBytes = a.call.MaxResponse
	}
	expected := RootName(a.call.Response).Local
	var fault *Fault
	answered := false
	stats, err := ReadEnvelope(r, opts, a.call.ResponseHeader, func(name xml.Name) (any, error) {
		answered = true
		switch {
		case IsFault(name):
			fault = &Fault{}
			return fault, nil
		case expected != "" && expected != name.Local:
			return nil, &SyntaxError{Problem: Unexpected, Name: shortName(name.Local)}
		}
		return a.call.Response, nil
	})
	a.meta.Stats = stats
	switch {
	case err != nil:
		return a.unreadable(err)
	case fault != nil:
		fault.Meta = *a.meta
		return fault
	case !answered && a.call.Response != nil:
		return a.unreadable(&SyntaxError{Problem: Missing, Name: expected, Offset: stats.Bytes})
	}
	return nil
}

// unreadable sorts an error of the decoder.
func (a *answer) unreadable(err error) error {
	var (
		notSOAP *NotSOAPError
		syntax  *SyntaxError
		large   *TooLargeError
		sink    *SinkError
		typ     *UnsupportedTypeError
	)
	switch {
	case errors.As(err, &large):
		return &ResponseError{Meta: *a.meta, Err: &TooLargeError{What: "answer", Limit: large.Limit}}
	case errors.As(err, &sink), errors.As(err, &typ), errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader):
		return &ResponseError{Meta: *a.meta, Err: err}
	case errors.As(err, &notSOAP):
		if a.meta.Status >= 300 {
			return a.refusal(false)
		}
		notSOAP.Meta = *a.meta
		return notSOAP
	case errors.As(err, &syntax):
		switch {
		case a.meta.Status >= 300:
			return a.refusal(false)
		case a.meta.Stats.Bytes == 0:
			return &NotSOAPError{Meta: *a.meta, Empty: true}
		}
		return &ResponseError{Meta: *a.meta, Err: syntax}
	}
	return a.broken(err)
}

// broken is the error for a connection that fails within the answer.
func (a *answer) broken(err error) error {
	host := ""
	if u, uerr := url.Parse(a.client.endpoint); uerr == nil {
		host = u.Host
	}
	return &TransportError{Host: host, Sent: true, ClientRequestID: a.id, Err: err}
}

func looksLikeHTML(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	for _, tag := range []string{"<!doctype html", "<html"} {
		if len(head) >= len(tag) && strings.EqualFold(string(head[:len(tag)]), tag) {
			return true
		}
	}
	return false
}

// serverErrorPage recognises the page that ASP.NET shows for an application
// that has failed; only its product name is in English everywhere, so an
// Exchange in another language may not be recognised.
func serverErrorPage(head []byte) bool {
	return bytes.Contains(head, []byte("Server Error in '/"))
}

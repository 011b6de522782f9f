package ewsserver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/exconn/exconn/soap"
)

// Path is where EWS is served. It is matched whatever its case.
const Path = "/EWS/Exchange.asmx"

// Handler serves EWS over a backend.
type Handler struct {
	backend Backend
	opts    Options
}

// NewHandler returns a handler for Path. It does no I/O. A nil opts means the
// defaults. Safe for concurrent use.
func NewHandler(b Backend, opts *Options) *Handler {
	return &Handler{backend: b, opts: opts.withDefaults()}
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.introduce(w.Header(), r)
	if !strings.EqualFold(r.URL.Path, Path) {
		http.NotFound(w, r)
		return
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		http.Error(w, "EWS takes GET and POST", http.StatusMethodNotAllowed)
		return
	}
	if r.ContentLength > h.opts.MaxRequest {
		tooLong(w)
		return
	}
	caller, err := h.backend.Authenticate(r)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	if r.Method != http.MethodPost {
		servicePage(w, r)
		return
	}
	h.serveSOAP(w, r, caller)
}

// tooLong refuses a request by the length that it announces. At Exchange that
// is for the request filtering of Internet Information Services, which stands
// before the sign-in (maxAllowedContentLength; HTTP 404.13, whose sub-status is
// kept for the server's log). What announces no length is measured by Windows
// Communication Foundation (maxReceivedMessageSize; HTTP 413).
func tooLong(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(http.StatusNotFound)
	_, _ = io.WriteString(w, "<!DOCTYPE html><html><head><title>404</title></head><body><h1>Server Error</h1><h2>404</h2></body></html>\r\n")
}

// introduce writes the headers that every answer of Exchange has.
func (h *Handler) introduce(header http.Header, r *http.Request) {
	header.Set("request-id", uuid.NewString())
	header.Set("X-FEServer", h.opts.ServerName)
	header.Set("X-CalculatedBETarget", strings.ToLower(h.opts.ServerName))
	header.Set("Cache-Control", "private")
	if id := r.Header.Get("client-request-id"); id != "" && strings.EqualFold(r.Header.Get("return-client-request-id"), "true") {
		header.Set("client-request-id", id)
	}
}

// refuse answers what ended the request before its operation ran: an AuthError
// as plain HTTP, anything else as a fault.
func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, err error) int {
	var auth *AuthError
	if !errors.As(err, &auth) {
		return h.fault(w, r, err)
	}
	h.opts.Logger.DebugContext(r.Context(), "a request was refused", "status", auth.Status, "reason", auth.Reason)
	status := auth.Status
	if status < 400 || status > 599 {
		status = http.StatusUnauthorized
	}
	for name, values := range auth.Header {
		for _, v := range values {
			w.Header().Add(name, v)
		}
	}
	w.WriteHeader(status)
	return status
}

// servicePage is what a browser sees, as at Exchange only after signing in.
func servicePage(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Exchange Web Services</title></head>
<body><h1>Service</h1><p>This address serves Exchange Web Services: SOAP 1.1 by POST to <code>https://%s%s</code>.</p></body></html>
`, html.EscapeString(r.Host), Path)
}

// serveSOAP reads an envelope, runs its operation and writes the answer.
func (h *Handler) serveSOAP(w http.ResponseWriter, r *http.Request, caller Caller) {
	r.Body = http.MaxBytesReader(w, r.Body, h.opts.MaxRequest)
	var heard *recorder
	if h.opts.Observe != nil {
		heard = &recorder{ResponseWriter: w, ctx: r.Context(), status: http.StatusOK}
		r.Body = heard.listen(r.Body)
		w = heard
	}
	operation := h.answer(w, r, caller)
	if heard != nil && !(heard.framed && heard.response.Len() == 0) {
		h.opts.Observe(r.Context(), Exchange{Operation: operation, Request: heard.request.Bytes(), Cut: heard.cut, Status: heard.status, Response: heard.response.Bytes()})
	}
}

// answer returns the operation's name, or "".
func (h *Handler) answer(w http.ResponseWriter, r *http.Request, caller Caller) string {
	ctx := r.Context()
	req, err := readRequest(r.Body)
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			http.Error(w, "the request is too large", http.StatusRequestEntityTooLarge)
		} else {
			h.fault(w, r, err)
		}
		return req.operation
	}
	if h.intercept(w, r, req, caller) {
		return req.operation
	}
	answer, err := h.run(ctx, req, caller)
	switch {
	case err != nil && ctx.Err() != nil:
		// Nobody is waiting for the answer any more.
	case err != nil:
		h.refuse(w, r, err)
	default:
		h.write(w, r, req.operation, answer)
	}
	return req.operation
}

// run does what the envelope asks for.
func (h *Handler) run(ctx context.Context, req *request, caller Caller) (any, error) {
	if err := h.opts.Version.speaks(req.version); err != nil {
		return nil, err
	}
	caller, err := h.actFor(ctx, req, caller)
	if err != nil {
		return nil, err
	}
	c := &call{Options: &h.opts, operation: req.operation, log: h.opts.Logger, caller: caller}
	if err := c.readTimeZone(req.timeZone); err != nil {
		return nil, err
	}
	if c.session, err = h.backend.Open(ctx, caller); err != nil {
		return nil, err
	}
	return operations[req.operation].run(c, ctx, req.body)
}

func (h *Handler) write(w http.ResponseWriter, r *http.Request, operation string, answer any) {
	if stream, ok := answer.(*hanging); ok {
		stream.serve(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	body, done := compressed(w, r)
	err := soap.WriteEnvelope(body, []any{h.opts.Version.info()}, answer)
	if err = errors.Join(err, done()); err != nil {
		// The status is on its way: a document that ends too early tells the
		// client that something is wrong.
		h.opts.Logger.ErrorContext(r.Context(), "an answer could not be written", "operation", operation, "error", err)
	}
}

// fault answers with a SOAP fault and HTTP status 500, as Exchange does.
func (h *Handler) fault(w http.ResponseWriter, r *http.Request, err error) int {
	var e *Error
	if !errors.As(err, &e) {
		h.opts.Logger.ErrorContext(r.Context(), "a backend failed", "error", err)
		e = &Error{Code: ErrorInternalServerError}
	}
	f := &soap.Fault{FaultCode: string(e.Code), ResponseCode: string(e.Code), FaultString: e.text(), Message: e.text(), Values: e.Values}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.WriteHeader(http.StatusInternalServerError)
	if err := soap.WriteFault(w, f); err != nil {
		h.opts.Logger.DebugContext(r.Context(), "a fault could not be written", "error", err)
	}
	return http.StatusInternalServerError
}

// recorder keeps what is read and written, for Options.Observe.
type recorder struct {
	http.ResponseWriter
	ctx               context.Context // the request's
	request, response bytes.Buffer
	cut               bool
	status            int
	framed            bool // envelopes of a stream were told of already
}

// frame tells of one envelope of a stream.
func (o *recorder) frame(c *call) {
	o.framed = true
	c.Observe(o.ctx, Exchange{Operation: c.operation, Request: bytes.Clone(o.request.Bytes()), Status: o.status, Response: bytes.Clone(o.response.Bytes())})
	o.response.Reset()
}

func (o *recorder) listen(body io.ReadCloser) io.ReadCloser {
	return struct {
		io.Reader
		io.Closer
	}{&hearing{o, body}, body}
}

// hearing keeps what is read of a request.
type hearing struct {
	by   *recorder
	body io.Reader
}

func (h *hearing) Read(p []byte) (int, error) {
	n, err := h.body.Read(p)
	h.by.request.Write(p[:n])
	h.by.cut = h.by.cut || err != nil && !errors.Is(err, io.EOF)
	return n, err
}

func (o *recorder) WriteHeader(status int) {
	o.status = status
	o.ResponseWriter.WriteHeader(status)
}

func (o *recorder) Write(p []byte) (int, error) {
	o.response.Write(p)
	return o.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (o *recorder) Unwrap() http.ResponseWriter { return o.ResponseWriter }

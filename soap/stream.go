package soap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"strings"
	"time"
)

// StalledError says that nothing moved for longer than it may: through an open
// stream for longer than its heartbeats allow, or in a call for longer than
// Options.Stall. The connection is as good as lost.
type StalledError struct {
	// After is how long there was silence.
	After time.Duration
}

func (e *StalledError) Error() string {
	return fmt.Sprintf("nothing moved on the connection for %s", e.After)
}

// Stream is an answer that goes on: envelope after envelope on one hanging
// response, as GetStreamingEvents has it. One goroutine uses it; to end it from
// elsewhere, cancel the context that it was opened with. Close it.
type Stream struct {
	answer *answer
	frames *frames
	cancel context.CancelCauseFunc
	timer  *time.Timer
	silent time.Duration

	trace Trace // of the envelope under way; nil between two
	begun time.Time
	ended error
}

// OpenStream makes a call whose answer is a stream of envelopes, and returns
// when the answer begins. Call.Response says what the envelopes hold, as a
// pointer that is not written to; Call.Binary is not used. Where silence lasts
// longer than silent, which zero means for ever, reading ends with a
// *TransportError over a *StalledError; it counts while the answer is awaited
// too. Options.MaxResponse bounds each envelope, not the stream.
//
// Errors are those of Do. A refusal that comes as an envelope is an error of
// Next.
func (c *Client) OpenStream(ctx context.Context, call *Call, silent time.Duration) (*Stream, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	s := &Stream{cancel: cancel, silent: silent}
	if silent > 0 {
		s.timer = time.AfterFunc(silent, func() { cancel(&StalledError{After: silent}) })
	}
	x, err := c.newExchange(call)
	if err != nil {
		s.stop()
		return nil, err
	}
	s.begun, s.trace = x.summary.Start, x.trace
	err = s.open(ctx, x)
	if err != nil {
		s.stop()
		s.endTrace(x, err)
		return nil, err
	}
	return s, nil
}

// open sends the request and looks at how the answer begins.
func (s *Stream) open(ctx context.Context, x *exchange) error {
	req, err := x.request(ctx)
	if err != nil {
		return &RequestError{Operation: x.call.Operation, Err: err}
	}
	// A compressor holds small envelopes back.
	req.Header.Set("Accept-Encoding", "identity")
	resp, meta, err := x.send(req)
	s.answer = &answer{exchange: x, resp: resp, meta: meta}
	if err != nil {
		return explainStall(ctx, err)
	}
	media, _, err := mime.ParseMediaType(meta.ContentType)
	if err != nil || meta.Status >= 300 || !strings.HasSuffix(media, "xml") || media == "application/xhtml+xml" {
		err := s.answer.read()
		resp.Body.Close()
		if err == nil {
			err = &NotSOAPError{Meta: *meta}
		}
		return explainStall(ctx, err)
	}
	content, err := s.answer.decompressed()
	if err != nil {
		resp.Body.Close()
		return explainStall(ctx, err)
	}
	s.frames = newFrames(&attentive{s: s, ctx: ctx, r: content})
	return nil
}

// attentive reads, puts off the moment when silence has lasted too long, and
// says why reading ended.
type attentive struct {
	s   *Stream
	ctx context.Context
	r   io.Reader
}

func (a *attentive) Read(p []byte) (int, error) {
	n, err := a.r.Read(p)
	if n > 0 && a.s.timer != nil && a.s.timer.Stop() {
		a.s.timer.Reset(a.s.silent)
	}
	if cause := context.Cause(a.ctx); err != nil && cause != nil {
		// It may look like an orderly end: a server that sees us go ends its
		// answer, and over TLS we may still read that.
		err = cause
	}
	return n, err
}

// Meta returns what is known of the answer besides its content.
func (s *Stream) Meta() *Meta { return s.answer.meta }

// Next waits for the next envelope and decodes its body into response, a
// pointer of the type of Call.Response. It returns io.EOF when the server has
// ended the stream in good order. Other errors are those of Client.Do; after
// one, the stream is to be closed.
func (s *Stream) Next(response any) error {
	if s.ended != nil {
		return s.ended
	}
	err := s.next(response)
	s.ended = err
	return err
}

func (s *Stream) next(response any) error {
	x := s.answer.exchange
	err := s.frames.next()
	if err == io.EOF {
		s.endTrace(x, nil)
		return io.EOF
	}
	if s.trace == nil {
		s.begun, s.trace = time.Now(), noTrace{}
		if t := x.client.opts.Trace; t != nil {
			s.trace = t.Begin(x.call.Operation)
		}
	}
	if err != nil {
		err = s.answer.broken(err)
		s.endTrace(x, err)
		return err
	}
	content := &tracedReader{r: s.frames, trace: s.trace.Response(), seen: &x.summary.ResponseBytes}
	call := *x.call
	call.Response = response
	x.call = &call
	err = s.answer.envelope(content)
	s.endTrace(x, err)
	return err
}

// endTrace ends the trace of an envelope; each has one of its own, so that
// what a trace says is known while the stream goes on. The first has the
// request too.
func (s *Stream) endTrace(x *exchange, err error) {
	if s.trace == nil {
		return
	}
	sum := x.summary
	sum.Start, sum.Duration, sum.Err = s.begun, time.Since(s.begun), err
	sum.RequestBytes = x.sentBytes.Load()
	if s.answer != nil {
		sum.Stats = s.answer.meta.Stats
	}
	s.trace.End(&sum)
	s.trace = nil
	x.summary.ResponseBytes = 0
}

func (s *Stream) stop() {
	if s.timer != nil {
		s.timer.Stop()
	}
	s.cancel(nil)
}

// Close ends the stream and its connection.
func (s *Stream) Close() error {
	s.stop()
	s.endTrace(s.answer.exchange, nil)
	if s.ended == nil {
		s.ended = errStreamClosed
	}
	return s.answer.resp.Body.Close()
}

var errStreamClosed = errors.New("the stream is closed")

package ewsserver

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/exconn/exconn/soap"
	"github.com/exconn/exconn/wsdl"
)

// maxStreamed is the most subscriptions of one GetStreamingEvents, as Exchange
// has it.
const maxStreamed = 200

// getStreamingEvents answers GetStreamingEvents ([MS-OXWSNTIF] 3.1.4.3): the
// answer stays open, and tells what happens in one envelope after another.
func (c *call) getStreamingEvents(ctx context.Context, req *wsdl.GetStreamingEvents) (*hanging, error) {
	if req.SubscriptionIds == nil || len(req.SubscriptionIds.SubscriptionId) == 0 {
		return nil, invalid("SubscriptionIds is missing or empty.")
	}
	minutes := wsdl.Val(req.ConnectionTimeout)
	if minutes < 1 || minutes > 30 {
		return nil, invalid("ConnectionTimeout must lie between 1 and 30.")
	}
	h := &hanging{c: c, lasts: time.Duration(minutes) * c.StreamMinute}
	for _, id := range req.SubscriptionIds.SubscriptionId {
		h.ids = append(h.ids, wsdl.Str(id.Value))
	}
	n, err := ability[Notifier](c)
	switch {
	case err != nil:
	case len(h.ids) > maxStreamed:
		err = Errorf(ErrorInvalidSubscriptionRequest, "One connection takes no more than %d subscriptions.", maxStreamed)
	default:
		h.listener, err = n.Listen(ctx, h.ids)
	}
	if err != nil {
		h.refusal, err = c.streamError(ctx, err)
	}
	return h, err
}

// streamError is a response message for an error that ends a stream.
func (c *call) streamError(ctx context.Context, err error) (*wsdl.GetStreamingEventsResponseMessageType, error) {
	var lost *LostError
	if errors.As(err, &lost) {
		err = &Error{Code: lost.Code, Text: lost.text()}
	}
	o, err := c.outcome(ctx, err)
	if err != nil {
		return nil, err
	}
	m := &wsdl.GetStreamingEventsResponseMessageType{ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml}
	if lost != nil {
		m.ErrorSubscriptionIds = new(wsdl.SubscriptionIdsType)
		for _, id := range lost.IDs {
			m.ErrorSubscriptionIds.SubscriptionId = append(m.ErrorSubscriptionIds.SubscriptionId, &wsdl.SubscriptionId{Value: wsdl.NewText(id)})
		}
	}
	return m, nil
}

// hanging is an answer that stays open.
type hanging struct {
	c        *call
	ids      []string
	lasts    time.Duration
	listener Listener
	refusal  *wsdl.GetStreamingEventsResponseMessageType // instead of a listener
}

// serve writes envelope after envelope until the time is over, the client
// goes, or the subscriptions are lost.
func (h *hanging) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	out := &frameWriter{w: w, control: http.NewResponseController(w), c: h.c}
	if h.refusal != nil {
		out.write(h.refusal)
		return
	}
	defer h.listener.Close()
	ctx, cancel := context.WithTimeout(r.Context(), h.lasts)
	defer cancel()
	// The first envelope comes at once: it tells the client that the
	// connection stands.
	if !out.write(h.status(wsdl.ConnectionStateOK)) {
		return
	}
	for {
		beat, stop := context.WithTimeout(ctx, h.c.Heartbeat)
		events, err := h.listener.Next(beat)
		stop()
		var next *wsdl.GetStreamingEventsResponseMessageType
		switch {
		case r.Context().Err() != nil:
			return
		case err == nil:
			next = notify(events)
		case errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil:
			out.write(h.status(wsdl.ConnectionStateClosed))
			return
		case errors.Is(err, context.DeadlineExceeded):
			next = notify([]Events{{SubscriptionID: h.ids[0], Events: []wsdl.Event{{Kind: wsdl.StatusEvent, Status: new(wsdl.StatusEventType)}}}})
		default:
			out.end(ctx, err)
			return
		}
		if !out.write(next) {
			return
		}
	}
}

func (h *hanging) status(state wsdl.ConnectionState) *wsdl.GetStreamingEventsResponseMessageType {
	return &wsdl.GetStreamingEventsResponseMessageType{ResponseClass: success.class, ResponseCode: success.code, ConnectionStatus: &state}
}

func notify(events []Events) *wsdl.GetStreamingEventsResponseMessageType {
	m := &wsdl.GetStreamingEventsResponseMessageType{
		ResponseClass: success.class, ResponseCode: success.code, Notifications: new(wsdl.NotificationsType),
	}
	for _, e := range events {
		m.Notifications.Notification = append(m.Notifications.Notification, &wsdl.Notification{NotificationType: e.notification()})
	}
	return m
}

// frameWriter writes envelopes, each in a piece of its own on the wire.
type frameWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	c       *call
}

// write reports whether the client is still there.
func (f *frameWriter) write(m *wsdl.GetStreamingEventsResponseMessageType) bool {
	err := writeFrame(f.w, f.c.Version.info(), &wsdl.GetStreamingEventsResponse{
		ResponseMessages: &wsdl.ArrayOfGetStreamingEventsResponseMessages{
			GetStreamingEventsResponseMessage: []*wsdl.GetStreamingEventsResponseMessageType{m}}})
	if err == nil {
		err = f.control.Flush()
	}
	if heard, ok := f.w.(*recorder); ok {
		heard.frame(f.c)
	}
	return err == nil
}

// end tells of an error and ends the stream, or breaks it off where the error
// is not one that a client is told of.
func (f *frameWriter) end(ctx context.Context, err error) {
	var (
		wire *Error
		lost *LostError
	)
	if errors.As(err, &wire) || errors.As(err, &lost) {
		if last, err := f.c.streamError(ctx, err); err == nil {
			f.write(last)
		}
		return
	}
	f.c.log.DebugContext(ctx, "a stream is broken off", "error", err)
	conn, _, err := f.control.Hijack()
	if err != nil {
		// HTTP/2, or a test's recorder: the answer ends without its last word.
		return
	}
	conn.Close()
}

// writeFrame writes an envelope that begins with the very letters "<Envelope",
// without a declaration or a prefix: a client in wide use (ews-javascript-api)
// finds the envelopes of a stream by them.
func writeFrame(w io.Writer, header, body any) error {
	var b frameBuffer
	b.text(`<Envelope xmlns="` + soap.EnvelopeNS + `"><Header>`)
	b.element(header)
	b.text(`</Header><Body>`)
	b.element(body)
	b.text(`</Body></Envelope>`)
	if b.err != nil {
		return b.err
	}
	_, err := w.Write(b.content)
	return err
}

type frameBuffer struct {
	content []byte
	err     error
}

func (b *frameBuffer) text(s string) { b.content = append(b.content, s...) }

func (b *frameBuffer) element(v any) {
	content, err := xml.Marshal(v)
	b.content, b.err = append(b.content, content...), errors.Join(b.err, err)
}

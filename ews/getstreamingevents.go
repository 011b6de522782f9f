package ews

import (
	"context"
	"io"
	"time"

	"github.com/exconn/exconn/soap"
	"github.com/exconn/exconn/wsdl"
)

// MaxStreamed is the most subscriptions of one connection
// (learn.microsoft.com: EWS throttling, and affinity).
const MaxStreamed = 200

// connection is an open GetStreamingEvents.
type connection struct {
	m      *Mailbox
	stream *soap.Stream
}

// getStreamingEvents opens a connection to subscriptions. The server closes it
// after so many minutes, 1 to 30. It counts as lost where nothing comes for
// silent. It holds no place in the client's budget: Exchange counts hanging
// connections apart.
func (m *Mailbox) getStreamingEvents(ctx context.Context, ids []string, minutes int, silent time.Duration) (*connection, error) {
	const operation = "GetStreamingEvents"
	if err := m.lacks(operation); err != nil {
		return nil, err
	}
	request := &wsdl.GetStreamingEvents{SubscriptionIds: new(wsdl.SubscriptionIdsType), ConnectionTimeout: wsdl.Ptr(wsdl.Int32(minutes))}
	for _, id := range ids {
		request.SubscriptionIds.SubscriptionId = append(request.SubscriptionIds.SubscriptionId, &wsdl.SubscriptionId{Value: wsdl.NewText(id)})
	}
	call := &soap.Call{
		Operation: operation,
		Header:    m.client.headers(m, m.client.schema()),
		HTTP:      m.httpHeader(),
		Request:   request,
		Response:  new(answer[wsdl.GetStreamingEventsResponseMessageType]),
	}
	if m.affinity != nil {
		call.Cookies = m.affinity.learn
	}
	stream, err := m.client.soap.OpenStream(ctx, call, silent)
	if err != nil {
		return nil, m.wrap(operation, err)
	}
	return &connection{m, stream}, nil
}

// next waits for the next envelope. It returns io.EOF when the stream has
// ended, with or without a last word. A message that is a refusal is returned
// with its error: it may name the subscriptions that are lost.
func (c *connection) next() ([]*wsdl.GetStreamingEventsResponseMessageType, error) {
	var resp answer[wsdl.GetStreamingEventsResponseMessageType]
	err := c.stream.Next(&resp)
	switch {
	case err == io.EOF:
		return nil, err
	case err != nil:
		return nil, c.m.wrap("GetStreamingEvents", err)
	case resp.ResponseMessages == nil:
		return nil, nil
	}
	for _, msg := range resp.ResponseMessages.list {
		if st := msg.Status(); !st.OK() {
			return resp.ResponseMessages.list, c.m.refused("GetStreamingEvents", st, c.stream.Meta())
		}
	}
	return resp.ResponseMessages.list, nil
}

func (c *connection) close() {
	// Whatever happens at the end of a connection that is given up matters to
	// nobody.
	_ = c.stream.Close()
}

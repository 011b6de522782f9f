package ews

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"reflect"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/soap"
	"github.com/exconn/exconn/wsdl"
)

// call makes one call for m and decodes the answer into a Resp. operation is
// the name of the request element, such as "FindItem". An error is an *Error;
// errors inside response messages are the caller's to look for (see ask).
//
//	resp, err := call[wsdl.GetFolderResponse](ctx, m, "GetFolder", req)
func call[Resp, Req any](ctx context.Context, m *Mailbox, operation string, request *Req) (*Resp, error) {
	resp := new(Resp)
	if _, err := m.do(ctx, operation, request, resp, nil); err != nil {
		return nil, err
	}
	return resp, nil
}

// do makes one call with this mailbox's headers, within the client's budget.
// binary, where not nil, gives the writer for each Binary of the answer.
func (m *Mailbox) do(ctx context.Context, operation string, request, response any, binary func() io.Writer) (*soap.Meta, error) {
	var meta *soap.Meta
	again := false
	err := m.paced(ctx, operation, func(ctx context.Context) (err error) {
		if again {
			reset(response)
		}
		again = true
		meta, err = m.send(ctx, operation, request, response, binary)
		return err
	})
	return meta, err
}

// send makes one call, as often as it takes to find the schema version that
// the server speaks.
func (m *Mailbox) send(ctx context.Context, operation string, request, response any, binary func() io.Writer) (*soap.Meta, error) {
	if err := m.lacks(operation); err != nil {
		return nil, err
	}
	asked := m.client.schema()
	meta, err := m.sendAs(ctx, asked, operation, request, response, binary)
	if err != nil && m.client.refusesVersion(err, asked) && m.client.stepDown(asked) {
		// Nothing was done: the version is looked at first.
		reset(response)
		return m.sendAs(ctx, m.client.schema(), operation, request, response, binary)
	}
	return meta, err
}

// reset empties what an attempt may have filled in part.
func reset(response any) {
	if response != nil {
		reflect.ValueOf(response).Elem().SetZero()
	}
}

// sendAs sends one request and reads its answer.
func (m *Mailbox) sendAs(ctx context.Context, version wsdl.ServerVersion, operation string, request, response any, binary func() io.Writer) (*soap.Meta, error) {
	var info wsdl.ServerVersionInfo
	spilt := false
	call := &soap.Call{
		Operation:      operation,
		Header:         m.client.headers(m, version),
		HTTP:           m.httpHeader(),
		Request:        request,
		Response:       response,
		ResponseHeader: responseHeader(&info),
	}
	if binary != nil {
		call.Binary = func() io.Writer {
			spilt = true
			return binary()
		}
	}
	if m.affinity != nil {
		call.Cookies = m.affinity.learn
	}
	meta, err := m.client.soap.Do(ctx, call)
	m.client.remember(&info)
	if err != nil && spilt {
		err = &spiltError{err}
	}
	if err != nil {
		return meta, m.wrap(operation, err)
	}
	return meta, nil
}

// httpHeader returns the HTTP header of a call.
func (m *Mailbox) httpHeader() http.Header {
	// Without the anchor the front end guesses at the back end: slow, and some
	// hosts answer 503.
	h := http.Header{"X-Anchormailbox": {m.address}}
	if m.affinity != nil {
		m.affinity.header(h)
	}
	return h
}

// answer is a response as every operation has it: a list of messages, one for
// each thing asked. It takes them whatever their element's name is, since one
// server (gromox, observed 2026) calls some of them otherwise.
type answer[M any] struct {
	ResponseMessages *messageList[M] `xml:"ResponseMessages"`
}

type messageList[M any] struct{ list []*M }

// DecodeChild takes every child as a response message.
func (l *messageList[M]) DecodeChild(xml.Name) any {
	msg := new(M)
	l.list = append(l.list, msg)
	return msg
}

// responseMessage is what M points to in ask: a response message type of
// package wsdl.
type responseMessage[M any] interface {
	*M
	Status() wsdl.Status
}

// result is one response message with its error, which is nil, or an *Error
// where the server refused that part of the request.
type result[M any] struct {
	Message *M
	Err     error
	// Meta is what is known of the whole answer, for errors of one's own.
	Meta *soap.Meta
}

// askAll makes one call that asks for n things, and returns n results in the
// order asked. The error of one is a result; the error of the call as a whole
// is the second value.
//
//	results, err := askAll[wsdl.ItemInfoResponseMessageType](ctx, m, "GetItem", req, len(ids))
func askAll[M any, P responseMessage[M], Req any](ctx context.Context, m *Mailbox, operation string, request *Req, n int) ([]result[M], error) {
	return askBinary[M, P](ctx, m, operation, request, n, nil)
}

// ask makes one call that asks for one thing and returns its response message.
// The error is an *Error.
//
//	msg, err := ask[wsdl.FindItemResponseMessageType](ctx, m, "FindItem", req)
func ask[M any, P responseMessage[M], Req any](ctx context.Context, m *Mailbox, operation string, request *Req) (*M, error) {
	msg, _, err := askTold[M, P](ctx, m, operation, request)
	return msg, err
}

// askTold is ask with what is known of the answer besides, by which an error
// about something that it lacks names the call.
func askTold[M any, P responseMessage[M], Req any](ctx context.Context, m *Mailbox, operation string, request *Req) (*M, *soap.Meta, error) {
	results, err := askBinary[M, P](ctx, m, operation, request, 1, nil)
	if err != nil {
		return nil, nil, err
	}
	return results[0].Message, results[0].Meta, results[0].Err
}

// askBinary is askAll with a writer for the Binary content of the answer.
func askBinary[M any, P responseMessage[M], Req any](ctx context.Context, m *Mailbox, operation string, request *Req, n int, binary func() io.Writer) ([]result[M], error) {
	var results []result[M]
	err := m.paced(ctx, operation, func(ctx context.Context) (err error) {
		if results, err = askOnce[M, P](ctx, m, operation, request, n, binary); err != nil {
			return err
		}
		return m.busyIn(n, func(i int) error { return results[i].Err })
	})
	if results != nil {
		// That the server is busy is the result of each thing asked.
		return results, nil
	}
	return nil, err
}

// busyIn returns the error of an answer in which the server is too busy for
// everything that was asked. Where that befell only a part, the budget hears of
// it, and there is no error: what was done is not to be done again.
func (m *Mailbox) busyIn(n int, errOf func(int) error) error {
	busy, first := 0, error(nil)
	for i := range n {
		if err := errOf(i); errors.Is(err, mailbox.ErrBusy) {
			busy++
			if first == nil {
				first = err
			}
		}
	}
	if busy == n {
		return first
	}
	if busy > 0 && m.client.budget != nil {
		m.client.budget.Report(m.charge(), first)
	}
	return nil
}

// askOnce is askBinary without the budget.
func askOnce[M any, P responseMessage[M], Req any](ctx context.Context, m *Mailbox, operation string, request *Req, n int, binary func() io.Writer) ([]result[M], error) {
	var resp answer[M]
	meta, err := m.send(ctx, operation, request, &resp, binary)
	if err != nil {
		return nil, err
	}
	var list []*M
	if resp.ResponseMessages != nil {
		list = resp.ResponseMessages.list
	}
	if len(list) != n {
		// A server that gives up on a batch may answer with one message for
		// all of it.
		if len(list) == 1 {
			if st := P(list[0]).Status(); !st.OK() {
				return nil, m.refused(operation, st, meta)
			}
		}
		return nil, m.odd(operation, meta, len(list), n)
	}
	results := make([]result[M], n)
	for i, msg := range list {
		results[i].Message, results[i].Meta = msg, meta
		if st := P(msg).Status(); !st.OK() {
			results[i].Err = m.refused(operation, st, meta)
		}
	}
	return results, nil
}

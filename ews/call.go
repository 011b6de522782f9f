package ews

import (
	"context"
	"encoding/xml"
	"io"
	"net/http"

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

// do makes one call with this mailbox's headers. binary, where not nil, gives
// the writer for each Binary of the answer.
func (m *Mailbox) do(ctx context.Context, operation string, request, response any, binary func() io.Writer) (*soap.Meta, error) {
	var info wsdl.ServerVersionInfo
	meta, err := m.client.soap.Do(ctx, &soap.Call{
		Operation: operation,
		Header:    m.client.headers(m),
		// Without the anchor the front end guesses at the back end: slow, and
		// some hosts answer 503.
		HTTP:           http.Header{"X-Anchormailbox": {m.address}},
		Request:        request,
		Response:       response,
		ResponseHeader: responseHeader(&info),
		Binary:         binary,
	})
	m.client.remember(&info)
	if err != nil {
		return meta, m.wrap(operation, err)
	}
	return meta, nil
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
	results, err := askBinary[M, P](ctx, m, operation, request, 1, nil)
	if err != nil {
		return nil, err
	}
	return results[0].Message, results[0].Err
}

// askBinary is askAll with a writer for the Binary content of the answer.
func askBinary[M any, P responseMessage[M], Req any](ctx context.Context, m *Mailbox, operation string, request *Req, n int, binary func() io.Writer) ([]result[M], error) {
	var resp answer[M]
	meta, err := m.do(ctx, operation, request, &resp, binary)
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
		results[i].Message = msg
		if st := P(msg).Status(); !st.OK() {
			results[i].Err = m.refused(operation, st, meta)
		}
	}
	return results, nil
}

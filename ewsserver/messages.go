package ewsserver

import (
	"context"
	"errors"

	"github.com/exconn/exconn/wsdl"
)

// outcome is what every response message begins with.
type outcome struct {
	class *wsdl.ResponseClass
	code  *wsdl.Text
	text  *wsdl.Text
	xml   *wsdl.MessageXmlType
}

var success = outcome{class: wsdl.Ptr(wsdl.ResponseClassSuccess), code: wsdl.Ptr(wsdl.Text(NoError))}

// outcome turns the result of one part of a batch into a response message. An
// error is returned where it is not that part's alone: a fault, a refusal, or
// a request that the client has given up.
func (c *call) outcome(ctx context.Context, err error) (outcome, error) {
	if err == nil {
		return success, nil
	}
	if ctx.Err() != nil {
		return outcome{}, ctx.Err()
	}
	var auth *AuthError
	if errors.As(err, &auth) {
		return outcome{}, err
	}
	var e *Error
	if !errors.As(err, &e) {
		c.log.ErrorContext(ctx, "a backend failed", "operation", c.operation, "error", err)
		e = &Error{Code: ErrorInternalServerError}
	}
	if e.Fault {
		return outcome{}, e
	}
	return outcome{
		class: wsdl.Ptr(wsdl.ResponseClassError),
		code:  wsdl.Ptr(wsdl.Text(e.Code)),
		text:  wsdl.Ptr(wsdl.Text(e.text())),
		xml:   e.xml(),
	}, nil
}

func (o outcome) plain() *wsdl.ResponseMessageType {
	return &wsdl.ResponseMessageType{ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml}
}

// items makes the answer that holds items; the schema wants the list even
// where it is empty.
func (o outcome) items(items ...any) *wsdl.ItemInfoResponseMessageType {
	return &wsdl.ItemInfoResponseMessageType{ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml,
		Items: &wsdl.ItemList{Items: present(items)}}
}

func (o outcome) folders(folders ...any) *wsdl.FolderInfoResponseMessageType {
	return &wsdl.FolderInfoResponseMessageType{ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml,
		Folders: &wsdl.FolderList{Folders: present(folders)}}
}

func (o outcome) attachments(attachments ...any) *wsdl.AttachmentInfoResponseMessageType {
	return &wsdl.AttachmentInfoResponseMessageType{ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml,
		Attachments: &wsdl.AttachmentList{Attachments: present(attachments)}}
}

// present leaves out what is nil.
func present(list []any) []any {
	out := make([]any, 0, len(list))
	for _, v := range list {
		if !absent(v) {
			out = append(out, v)
		}
	}
	return out
}

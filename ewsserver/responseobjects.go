package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// respond carries out a response object: an item of CreateItem that answers,
// forwards, accepts or cancels another one ([MS-OXWSCDATA] 2.2.4.58).
func (c *call) respond(ctx context.Context, req *wsdl.CreateItem, folder *FolderRef, object any) ([]any, error) {
	reference := get[*wsdl.ItemIdType](object, "ReferenceItemId")
	if reference == nil {
		return nil, &Error{Code: ErrorMissingInformationReferenceItemId}
	}
	ref, err := itemRef(reference)
	if err != nil {
		return nil, err
	}
	if cancel, ok := object.(*wsdl.CancelCalendarItemType); ok {
		return c.cancel(ctx, ref, cancel)
	}
	if req.MessageDisposition == nil {
		return nil, &Error{Code: ErrorMessageDispositionRequired}
	}
	switch o := object.(type) {
	case *wsdl.ReplyToItemType:
		return c.reply(ctx, *req.MessageDisposition, folder, ref, answer{object: o})
	case *wsdl.ReplyAllToItemType:
		return c.reply(ctx, *req.MessageDisposition, folder, ref, answer{object: o, all: true})
	case *wsdl.ForwardItemType:
		return c.reply(ctx, *req.MessageDisposition, folder, ref, answer{object: o, forward: true})
	case *wsdl.AcceptItemType:
		return c.meetingReply(ctx, *req.MessageDisposition, ref, wsdl.ResponseTypeNameAccept, o)
	case *wsdl.TentativelyAcceptItemType:
		return c.meetingReply(ctx, *req.MessageDisposition, ref, wsdl.ResponseTypeNameTentative, o)
	case *wsdl.DeclineItemType:
		return c.meetingReply(ctx, *req.MessageDisposition, ref, wsdl.ResponseTypeNameDecline, o)
	}
	return nil, &Error{Code: ErrorInvalidItemForOperationCreateItem}
}

func (c *call) cancel(ctx context.Context, ref ItemRef, o *wsdl.CancelCalendarItemType) ([]any, error) {
	body := o.NewBodyContent
	if body == nil {
		body = o.Body
	}
	cancelled, err := c.session.Cancel(ctx, ref, body)
	if err != nil {
		return nil, err
	}
	return present([]any{cancelled}), nil
}

func (c *call) meetingReply(ctx context.Context, d wsdl.Disposition, ref ItemRef, response wsdl.ResponseTypeName, object any) ([]any, error) {
	r := MeetingReply{Ref: ref, Response: response, Disposition: d, Body: get[*wsdl.BodyContent](object, "Body")}
	r.ProposedStart, _ = wsdl.ParseTime(get[*wsdl.DateTimeText](object, "ProposedStart"), c.zone)
	r.ProposedEnd, _ = wsdl.ParseTime(get[*wsdl.DateTimeText](object, "ProposedEnd"), c.zone)
	stored, err := c.session.Respond(ctx, r)
	return present(stored), err
}

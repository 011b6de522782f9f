package ewsserver

import (
	"context"
	"regexp"

	"github.com/exconn/exconn/wsdl"
)

// IDConverter is what a Session also implements that knows its ids in other
// forms.
type IDConverter interface {
	// ConvertID returns the id of an item or a folder in another form. The
	// mailbox that the client named with it counts only where the id does not
	// tell its mailbox itself; that of the answer is the primary address of the
	// mailbox that the id belongs to, or the client's where that is not known.
	// Nobody has to have the id, nor the caller any right to what it names.
	// Errors: ErrorInvalidIdMalformed, ErrorInvalidIdMalformedEwsLegacyIdFormat
	// (an EwsLegacyId in the place of an EwsId), ErrorNonExistentMailbox (the
	// form needs to know the mailbox), ErrorUnsupportedTypeForConversion (the
	// other form has no ids of such things).
	ConvertID(ctx context.Context, id AlternateID, to wsdl.IdFormat) (AlternateID, error)
}

// AlternateID is an id in one of several forms.
type AlternateID struct {
	Format  wsdl.IdFormat
	ID      string
	Mailbox string
	// Archive: what it names lies in the mailbox's archive.
	Archive bool
}

// smtpForm is what ConvertId asks of the address of a mailbox: its form, and no
// more.
var smtpForm = regexp.MustCompile(`^[^@\s]+@[^@\s]+$`)

// convertID answers ConvertId ([MS-OXWSCVTID] 3.1.4.1).
func (c *call) convertID(ctx context.Context, req *wsdl.ConvertId) (*wsdl.ConvertIdResponse, error) {
	converter, err := ability[IDConverter](c)
	if err != nil {
		return nil, err
	}
	if req.SourceIds == nil || len(req.SourceIds.Ids) == 0 {
		return nil, invalid("SourceIds is missing or empty.")
	}
	to := wsdl.Val(req.DestinationFormat)
	if !knownFormat(to) {
		return nil, invalid("DestinationFormat is missing or unknown.")
	}
	messages := new(wsdl.ArrayOfConvertIdResponseMessages)
	for _, source := range req.SourceIds.Ids {
		var converted AlternateID
		id, err := alternateID(source)
		if err == nil {
			converted, err = converter.ConvertID(ctx, id, to)
		}
		// The address is looked at last: what is told of a bad id is that.
		if err == nil && !smtpForm.MatchString(id.Mailbox) {
			err = &Error{Code: ErrorInvalidSmtpAddress}
		}
		failed := err
		o, err := c.outcome(ctx, err)
		if err != nil {
			return nil, err
		}
		message := &wsdl.ConvertIdResponseMessageType{ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml}
		if failed == nil {
			message.AlternateId = &wsdl.ConvertedId{Format: &to, Id: wsdl.NewText(converted.ID), Mailbox: wsdl.NewText(converted.Mailbox)}
			if converted.Archive {
				message.AlternateId.IsArchive = wsdl.Ptr(wsdl.Bool(true))
			}
		}
		messages.ConvertIdResponseMessage = append(messages.ConvertIdResponseMessage, message)
	}
	return &wsdl.ConvertIdResponse{ResponseMessages: messages}, nil
}

// alternateID reads an id to convert.
func alternateID(source any) (AlternateID, error) {
	id, ok := source.(*wsdl.AlternateIdType)
	if !ok {
		return AlternateID{}, Errorf(ErrorInvalidOperation, "This server has no public folders, so that it cannot convert ids of theirs.")
	}
	out := AlternateID{Format: wsdl.Val(id.Format), ID: wsdl.Str(id.Id), Mailbox: wsdl.Str(id.Mailbox), Archive: bool(wsdl.Val(id.IsArchive))}
	switch {
	case !knownFormat(out.Format):
		return out, invalid("the Format of an AlternateId is missing or unknown.")
	case id.Mailbox == nil || out.Mailbox == "":
		return out, invalid("the Mailbox of an AlternateId is missing or empty.")
	case out.ID == "":
		return out, &Error{Code: ErrorInvalidIdEmpty}
	}
	return out, nil
}

func knownFormat(f wsdl.IdFormat) bool {
	switch f {
	case wsdl.IdFormatEwsLegacyId, wsdl.IdFormatEwsId, wsdl.IdFormatEntryId, wsdl.IdFormatHexEntryId, wsdl.IdFormatStoreId, wsdl.IdFormatOwaId:
		return true
	}
	return false
}

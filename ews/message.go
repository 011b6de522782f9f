package ews

import (
	"strings"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// What is asked of a message: FindItem returns the first list; bodies,
// recipients and attachments come by GetItem alone, whatever is asked.
var (
	listFields = []string{
		"item:ParentFolderId", "item:ItemClass", "item:Subject", "item:DateTimeReceived", "item:DateTimeSent",
		"item:Size", "item:Importance", "item:IsDraft", "item:HasAttachments", "item:ConversationId",
		"item:Sensitivity", "item:Categories", "item:Flag", "message:From", "message:InternetMessageId", "message:IsRead", "meeting:AssociatedCalendarItemId",
	}
	messageFields = append([]string{
		"item:Body", "item:Attachments", "message:ToRecipients", "message:CcRecipients", "message:BccRecipients",
	}, listFields...)
)

// messageShape asks for the whole of a message.
func messageShape() *wsdl.ItemResponseShape {
	s := itemShape(messageFields...)
	s.BodyType = bestBody()
	return s
}

// messageParts are the properties that a message is made of, by the names that
// they have in every kind of item that has them.
type messageParts struct {
	ItemId                   *wsdl.ItemIdType
	ParentFolderId           *wsdl.FolderIdType
	ItemClass                *wsdl.Text
	Subject                  *wsdl.Text
	Sensitivity              *wsdl.SensitivityName
	Body                     *wsdl.BodyContent
	Attachments              *wsdl.AttachmentList
	DateTimeReceived         *wsdl.DateTimeText
	DateTimeSent             *wsdl.DateTimeText
	Size                     *wsdl.Int32
	Categories               *wsdl.StringsType
	Importance               *wsdl.ImportanceName
	IsDraft                  *wsdl.Bool
	HasAttachments           *wsdl.Bool
	ConversationId           *wsdl.ItemIdType
	Flag                     *wsdl.FlagType
	Sender                   *wsdl.RecipientType
	ToRecipients             *wsdl.RecipientsType
	CcRecipients             *wsdl.RecipientsType
	BccRecipients            *wsdl.RecipientsType
	From                     *wsdl.RecipientType
	InternetMessageId        *wsdl.Text
	IsRead                   *wsdl.Bool
	AssociatedCalendarItemId *wsdl.ItemIdType
}

// messageOf reads an item of any kind as a message.
func messageOf(item any) mailbox.Message {
	i := as[messageParts](item)
	msg := mailbox.Message{
		Class:             wsdl.Str(i.ItemClass),
		Subject:           wsdl.Str(i.Subject),
		From:              sender(i.From),
		To:                people(i.ToRecipients),
		Cc:                people(i.CcRecipients),
		Bcc:               people(i.BccRecipients),
		Sent:              moment(i.DateTimeSent),
		Received:          moment(i.DateTimeReceived),
		IsRead:            bool(wsdl.Val(i.IsRead)),
		IsDraft:           bool(wsdl.Val(i.IsDraft)),
		HasAttachments:    bool(wsdl.Val(i.HasAttachments)),
		Importance:        mailbox.Importance(strings.ToLower(wsdl.Str(i.Importance))),
		Size:              int64(wsdl.Val(i.Size)),
		InternetMessageID: wsdl.Str(i.InternetMessageId),
		Body:              readBody(i.Body),
		Attachments:       attachments(i.Attachments),
		Sensitivity:       sensitivity(i.Sensitivity),
		Categories:        stringsOf(i.Categories),
		Flag:              flagOf(i.Flag),
	}
	if msg.From == nil {
		// Drafts and some other items have a sender alone.
		msg.From = sender(i.Sender)
	}
	if i.ItemId != nil {
		msg.ID, msg.ChangeKey = wsdl.Str(i.ItemId.Id), wsdl.Str(i.ItemId.ChangeKey)
	}
	if i.ParentFolderId != nil {
		msg.FolderID = wsdl.Str(i.ParentFolderId.Id)
	}
	if i.ConversationId != nil {
		msg.ConversationID = wsdl.Str(i.ConversationId.Id)
	}
	if i.AssociatedCalendarItemId != nil {
		msg.EventID = wsdl.Str(i.AssociatedCalendarItemId.Id)
	}
	return msg
}

// moment reads a time; nil where there is none.
func moment(text *wsdl.DateTimeText) *time.Time {
	t, ok := wsdl.ParseTime(text, nil)
	if !ok {
		return nil
	}
	t = t.UTC()
	return &t
}

// attachments reads the description of attachments.
func attachments(l *wsdl.AttachmentList) []mailbox.Attachment {
	if l == nil {
		return nil
	}
	var list []mailbox.Attachment
	for _, each := range l.Attachments {
		a := as[wsdl.FileAttachmentType](each)
		_, isItem := each.(*wsdl.ItemAttachmentType)
		att := mailbox.Attachment{
			Name:        wsdl.Str(a.Name),
			ContentType: wsdl.Str(a.ContentType),
			Size:        int64(wsdl.Val(a.Size)),
			Inline:      bool(wsdl.Val(a.IsInline)),
			ContentID:   wsdl.Str(a.ContentId),
			Item:        isItem,
		}
		if a.AttachmentId != nil {
			att.ID = wsdl.Str(a.AttachmentId.Id)
		}
		list = append(list, att)
	}
	return list
}

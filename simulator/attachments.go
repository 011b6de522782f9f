package simulator

import (
	"mime"
	"path"

	"github.com/exconn/exconn/soap"
	"github.com/exconn/exconn/wsdl"
)

// newAttachment takes an attachment as a client gave it.
func (st *state) newAttachment(value any) *attachment {
	value = shallow(value)
	unset(value, "AttachmentId")
	setTime(value, "LastModifiedTime", st.now())
	setDefault(value, "IsInline", wsdl.Bool(false))
	if f, ok := value.(*wsdl.FileAttachmentType); ok && f.ContentType == nil {
		if ct := mime.TypeByExtension(path.Ext(wsdl.Str(f.Name))); ct != "" {
			f.ContentType = text(ct)
		} else {
			f.ContentType = text("application/octet-stream")
		}
	}
	return &attachment{tail: string(st.random(fileTail)), value: value}
}

// newFile makes a file attachment.
func (st *state) newFile(name, contentType string, content []byte) *attachment {
	return st.newAttachment(&wsdl.FileAttachmentType{
		Name: text(name), ContentType: text(contentType), Content: &soap.Binary{Data: content},
	})
}

// newInline makes an image that an HTML body shows as "cid:" and its id.
func (st *state) newInline(name, contentType, id string, content []byte) *attachment {
	a := st.newFile(name, contentType, content)
	set(a.value, "IsInline", wsdl.Bool(true))
	set(a.value, "ContentId", wsdl.Text(id))
	return a
}

// size is in bytes, with the properties that Exchange counts too.
func (a *attachment) size() int64 {
	const properties = 380
	if f, ok := a.value.(*wsdl.FileAttachmentType); ok && f.Content != nil {
		return properties + int64(len(f.Content.Data))
	}
	return 4 * properties
}

// full returns the attachment with its id within an item, and its content.
func (a *attachment) full(it *item) any {
	v := shallow(a.value)
	*field[wsdl.AttachmentIdType](v, "AttachmentId") = &wsdl.AttachmentIdType{
		Id: text(encodeID(attachmentIDOf(it.raw, a.tail)))}
	set(v, "Size", wsdl.Int32(a.size()))
	return v
}

// listed returns the attachment as an item lists it, without its content.
func (a *attachment) listed(it *item) any {
	v := a.full(it)
	unset(v, "Content", "Item", "Message", "CalendarItem", "MeetingMessage", "MeetingRequest", "MeetingResponse", "MeetingCancellation")
	return v
}

// takeFiles moves the attachments of a value that a client gave to the item.
func (st *state) takeFiles(it *item) {
	list := get[wsdl.AttachmentList](it.value, "Attachments")
	if list == nil {
		return
	}
	for _, v := range list.Attachments {
		it.files = append(it.files, st.newAttachment(v))
	}
	unset(it.value, "Attachments")
}

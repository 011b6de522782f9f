package corpus

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
)

// Content is the file of that many bytes that GetAttachment answers with.
func Content(size int64) io.Reader { return io.LimitReader(new(content), size) }

// content repeats a block of bytes of every value.
type content struct{ at int }

var block = func() []byte {
	b := make([]byte, 64<<10-3)
	s := stream(attachmentKind << 48)
	for i := range b {
		b[i] = s.byte()
	}
	return b
}()

func (c *content) Read(p []byte) (int, error) {
	n := copy(p, block[c.at:])
	c.at = (c.at + n) % len(block)
	return n, nil
}

// attachmentFrame is what stands before and after the content.
func attachmentFrame(size int64) (head, tail []byte) {
	const mark = "\x00"
	whole := response("GetAttachment", func(b *bytes.Buffer) {
		message(b, "GetAttachment", func() {
			b.WriteString(`<m:Attachments><t:FileAttachment>`)
			writeID(b, "AttachmentId", AttachmentID(), "")
			writeText(b, "Name", "drawing.bin")
			writeText(b, "ContentType", "application/octet-stream")
			fmt.Fprintf(b, `<t:Size>%d</t:Size><t:IsInline>false</t:IsInline><t:IsContactPhoto>false</t:IsContactPhoto>`, size)
			b.WriteString(`<t:Content>` + mark + `</t:Content></t:FileAttachment></m:Attachments>`)
		})
	})
	head, tail, _ = bytes.Cut(whole, []byte(mark))
	return head, tail
}

// GetAttachmentLength is the length of what WriteGetAttachment writes.
func GetAttachmentLength(size int64) int64 {
	head, tail := attachmentFrame(size)
	return int64(len(head)+len(tail)) + (size+2)/3*4
}

// WriteGetAttachment writes an answer with a file of that many bytes, which is
// never in memory whole.
func WriteGetAttachment(w io.Writer, size int64) error {
	head, tail := attachmentFrame(size)
	if _, err := w.Write(head); err != nil {
		return err
	}
	e := base64.NewEncoder(base64.StdEncoding, w)
	if _, err := io.Copy(e, Content(size)); err != nil {
		return err
	}
	if err := e.Close(); err != nil {
		return err
	}
	_, err := w.Write(tail)
	return err
}

// GetAttachment is the answer that WriteGetAttachment writes.
func GetAttachment(size int64) []byte {
	head, tail := attachmentFrame(size)
	b := make([]byte, 0, len(head)+base64.StdEncoding.EncodedLen(int(size))+len(tail))
	w := bytes.NewBuffer(b)
	// A buffer takes whatever comes.
	_ = WriteGetAttachment(w, size)
	return w.Bytes()
}

// CreateAttachment is the answer to an upload.
func CreateAttachment() []byte {
	return response("CreateAttachment", func(b *bytes.Buffer) {
		message(b, "CreateAttachment", func() {
			b.WriteString(`<m:Attachments><t:FileAttachment><t:AttachmentId Id="` + AttachmentID() +
				`" RootItemId="` + ItemID(1) + `" RootItemChangeKey="` + changeKey(2) + `"/></t:FileAttachment></m:Attachments>`)
		})
	})
}

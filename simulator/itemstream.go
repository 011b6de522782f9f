package simulator

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"reflect"

	"github.com/exconn/exconn/wsdl"
)

// An exported item is a stream of this simulator's own: a mark, the SHA-256 of
// the rest, and a streamRecord. It is not the format of Exchange, whose streams
// are those of [MS-OXCFXICS], and neither can read the other's; what is in it
// is no client's business.
const streamMark = "exconn item 1\n"

// errStream is a stream that is none, or damaged.
var errStream = errors.New("no exported item, or a damaged one")

// streamRecord is an item in a stream: all of it but what belongs to its place,
// and what follows from the rest.
type streamRecord struct {
	Value    any
	Files    []any // *wsdl.FileAttachmentType or *wsdl.ItemAttachmentType, with their content
	Calendar *calendarRecord
}

// writeStream makes a stream of an item.
func writeStream(it *item) ([]byte, error) {
	r := streamRecord{Value: shallow(it.value)}
	unset(r.Value, "ItemId", "ParentFolderId", "ConversationId", "Attachments")
	dropArticleNumber(r.Value)
	for _, a := range it.files {
		r.Files = append(r.Files, a.value)
	}
	if it.cal != nil {
		r.Calendar = it.record().Calendar
	}
	content, err := encode(r)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(content)
	return append(append([]byte(streamMark), sum[:]...), content...), nil
}

// dropArticleNumber takes away the number of the item's place, in a copy.
func dropArticleNumber(value any) {
	f := reflect.ValueOf(value).Elem().FieldByName("ExtendedProperty")
	if !f.IsValid() {
		return
	}
	if list, ok := f.Interface().([]*wsdl.ExtendedPropertyType); ok {
		f.Set(reflect.ValueOf(withoutTags(list, articleTag)))
	}
}

// readStream makes an item, in no folder yet, of a stream.
func (st *state) readStream(data []byte) (*item, error) {
	rest, ok := bytes.CutPrefix(data, []byte(streamMark))
	if !ok || len(rest) < sha256.Size {
		return nil, errStream
	}
	sum, content := rest[:sha256.Size], rest[sha256.Size:]
	if is := sha256.Sum256(content); !bytes.Equal(is[:], sum) {
		return nil, errStream
	}
	return st.readStreamRecord(content)
}

func (st *state) readStreamRecord(content []byte) (*item, error) {
	var r streamRecord
	if err := decode(content, &r); err != nil {
		return nil, errors.Join(errStream, err)
	}
	it := &item{value: r.Value}
	switch r.Value.(type) {
	case nil, *wsdl.FileAttachmentType, *wsdl.ItemAttachmentType, *wsdl.ReferenceAttachmentType:
		return nil, errStream
	}
	for _, v := range r.Files {
		switch v.(type) {
		case *wsdl.FileAttachmentType, *wsdl.ItemAttachmentType, *wsdl.ReferenceAttachmentType:
			it.files = append(it.files, &attachment{tail: string(st.random(fileTail)), value: v})
		default:
			return nil, errStream
		}
	}
	_, isEvent := it.value.(*wsdl.CalendarItemType)
	if isEvent != (r.Calendar != nil) {
		return nil, errStream
	}
	if isEvent {
		var err error
		if it.cal, err = r.Calendar.restore(st, it.value); err != nil {
			return nil, errors.Join(errStream, err)
		}
	}
	return it, nil
}

package simulator

import (
	"context"
	"slices"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

var _ ewsserver.AttachmentRemover = (*session)(nil)

// RemoveAttachment implements ewsserver.AttachmentRemover.
func (s *session) RemoveAttachment(_ context.Context, id string) (*wsdl.ItemIdType, error) {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	raw, kind := decodeID(id)
	if kind != attachmentID {
		return nil, fail(ewsserver.ErrorInvalidAttachmentId)
	}
	itemRaw, tail := splitAttachmentID(raw)
	t, err := s.findToChange(ewsserver.ItemRef{ID: encodeID(itemRaw)})
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(t.files, func(a *attachment) bool { return a.tail == tail })
	if at < 0 {
		return nil, fail(ewsserver.ErrorItemNotFound)
	}
	// Copies of the item share the list.
	t.files = slices.Delete(slices.Clone(t.files), at, at+1)
	s.st.change(t.item, shallow(t.item.value), wsdl.Updated)
	return t.id(), nil
}

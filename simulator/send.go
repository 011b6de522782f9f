package simulator

import (
	"context"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

// Send implements ewsserver.Session.
func (s *session) Send(_ context.Context, ref ewsserver.ItemRef, saveTo *ewsserver.FolderRef) error {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	t, err := s.findToChange(ref)
	if err != nil {
		return err
	}
	var to *folder
	if saveTo != nil {
		if to, err = s.creatable(*saveTo); err != nil {
			return err
		}
	}
	if _, ok := t.item.value.(*wsdl.MessageType); !ok || t.instance != nil || !flag(t.item.value, "IsDraft") {
		return fail(ewsserver.ErrorInvalidItemForOperationSendItem)
	}
	if ref.ChangeKey != t.key {
		return fail(ewsserver.ErrorStaleObject)
	}
	_, err = s.sendDraft(t.item, t.item.value, to)
	return err
}

// sendDraft sends a draft as value has it, takes it out of its folder, and
// keeps a copy in the folder to, unless that is nil. It returns what was sent.
func (s *session) sendDraft(it *item, value any, to *folder) (any, error) {
	if err := s.st.submittable(it); err != nil {
		return nil, err
	}
	sent, err := s.st.submit(value, it.files, s.who, it.folder.mbox)
	if err != nil {
		return nil, err
	}
	if s.st.transit.delays.SentItems > 0 {
		s.st.copyLater(to, sent, it.files, it)
		return it.value, nil
	}
	s.st.remove(it)
	if to != nil {
		// The copy is the draft itself, moved: Exchange keeps its creation time.
		copied := s.st.add(to, &item{value: shallow(sent), files: it.files})
		sent = copied.value
	}
	return sent, nil
}

// maxAttachment is Exchange's usual bound, in bytes.
const maxAttachment = 150 << 20

// AddAttachment implements ewsserver.Session.
func (s *session) AddAttachment(_ context.Context, parent ewsserver.ItemRef, value any) (string, *wsdl.ItemIdType, error) {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	t, err := s.findToChange(parent)
	if err != nil {
		return "", nil, err
	}
	if t.instance != nil {
		return "", nil, ewsserver.Errorf(ewsserver.ErrorItemSave, "The simulator keeps no attachments of single occurrences: attach to the series.")
	}
	if parent.ChangeKey != "" && parent.ChangeKey != t.key {
		return "", nil, fail(ewsserver.ErrorIrresolvableConflict)
	}
	a := s.st.newAttachment(value)
	if a.size() > maxAttachment {
		return "", nil, fail(ewsserver.ErrorAttachmentSizeLimitExceeded)
	}
	t.files = append(t.files[:len(t.files):len(t.files)], a) // copies of the item share the list
	s.st.change(t.item, shallow(t.item.value), wsdl.Updated)
	return encodeID(attachmentIDOf(t.raw, a.tail)), t.id(), nil
}

package simulator

import (
	"context"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

// Delete implements ewsserver.Session.
func (s *session) Delete(_ context.Context, ref ewsserver.ItemRef, how wsdl.Disposal, cancellations wsdl.SendInvitations) error {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	t, err := s.findToChange(ref)
	if err != nil {
		return err
	}
	tell := cancellations != "" && cancellations != wsdl.SendInvitationsSendToNone
	s.callOff(t, nil, tell, cancellations == wsdl.SendInvitationsSendToAllAndSaveCopy)
	s.dispose(t, how)
	return nil
}

// callOff tells the attendees of a meeting of the organizer's, or of one
// instance of it, that it does not take place.
func (s *session) callOff(t target, body *wsdl.BodyContent, tell, saveCopy bool) {
	c, ok := t.current().(*wsdl.CalendarItemType)
	if !ok || !tell || !bool(wsdl.Val(c.IsMeeting)) || !t.folder.mbox.is(address(mailboxOf(c.Organizer))) {
		return
	}
	var to []*wsdl.EmailAddressType
	for _, a := range mailboxesOf(attendeesOf(c)) {
		if t.cal.invited[address(a)] {
			to = append(to, a)
		}
	}
	s.st.cancel(t.item, c, body, to, saveCopy)
	if t.instance == nil {
		value := shallow(t.item.value).(*wsdl.CalendarItemType)
		markCancelled(value)
		s.st.change(t.item, value, wsdl.Updated)
	}
}

// dispose removes an item in one of the three ways, or an instance in the one
// way there is.
func (s *session) dispose(t target, how wsdl.Disposal) {
	if t.instance != nil {
		t.drop(*t.instance)
		s.st.change(t.item, shallow(t.item.value), wsdl.Updated)
		return
	}
	bin, dumpster := t.folder.bins()
	switch {
	case how == wsdl.DisposalHardDelete:
		s.st.remove(t.item)
	case how == wsdl.DisposalMoveToDeletedItems && t.folder != bin && !t.folder.beneath(bin):
		s.st.move(t.item, bin)
	default:
		s.st.move(t.item, dumpster)
	}
}

// Cancel implements ewsserver.Session.
func (s *session) Cancel(_ context.Context, ref ewsserver.ItemRef, body *wsdl.BodyContent) (any, error) {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	t, err := s.findToChange(ref)
	if err != nil {
		return nil, err
	}
	c, ok := t.current().(*wsdl.CalendarItemType)
	switch {
	case !ok:
		return nil, fail(ewsserver.ErrorInvalidItemForOperationCancelItem)
	case !t.folder.mbox.is(address(mailboxOf(c.Organizer))):
		return nil, fail(ewsserver.ErrorCalendarIsNotOrganizer)
	case ref.ChangeKey != "" && ref.ChangeKey != t.key:
		return nil, fail(ewsserver.ErrorStaleObject)
	}
	s.callOff(t, body, true, true)
	s.dispose(t, wsdl.DisposalMoveToDeletedItems)
	return s.present(t.folder, t.item.value), nil
}

// Move implements ewsserver.Session.
func (s *session) Move(_ context.Context, ref ewsserver.ItemRef, to ewsserver.FolderRef) (any, error) {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	f, err := s.creatable(to)
	if err != nil {
		return nil, err
	}
	t, err := s.findToChange(ref)
	if err != nil {
		return nil, err
	}
	if t.instance != nil {
		return nil, fail(ewsserver.ErrorCalendarCannotMoveOrCopyOccurrence)
	}
	s.st.move(t.item, f)
	return s.present(f, t.item.value), nil
}

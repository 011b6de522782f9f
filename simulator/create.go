package simulator

import (
	"context"
	"strconv"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

// Create implements ewsserver.Session.
func (s *session) Create(_ context.Context, n ewsserver.NewItem) (any, error) {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	switch v := n.Item.(type) {
	case *wsdl.MessageType:
		return s.createMessage(n, v)
	case *wsdl.CalendarItemType:
		return s.createEvent(n, v)
	case *wsdl.ContactItemType:
		return s.createContact(n, v)
	case *wsdl.DistributionListType:
		return s.createList(n, v)
	case *wsdl.TaskType:
		return s.createTask(n, v)
	}
	f, err := s.saveFolder(n.Folder, "drafts")
	if err != nil {
		return nil, err
	}
	it := s.newItem(f, n.Item)
	s.st.takeFiles(it)
	return s.present(f, s.st.add(f, it).value), nil
}

// saveFolder is where a new item goes.
func (s *session) saveFolder(ref *ewsserver.FolderRef, usual string) (*folder, error) {
	if ref == nil {
		return s.who.known(usual), nil
	}
	return s.creatable(*ref)
}

// newItem is an item that the caller puts into a folder.
func (s *session) newItem(f *folder, value any) *item {
	it := &item{value: value}
	if f.mbox != s.who {
		it.creator = lower(s.who.address)
	}
	return it
}

func (s *session) createMessage(n ewsserver.NewItem, v *wsdl.MessageType) (any, error) {
	usual := "sentitems"
	if n.Disposition == wsdl.DispositionSaveOnly {
		usual = "drafts"
	}
	f, err := s.saveFolder(n.Folder, usual)
	if err != nil {
		return nil, err
	}
	it := s.newItem(f, v)
	s.st.takeFiles(it)
	var parent any
	if n.ReplyTo != nil {
		t, err := s.find(*n.ReplyTo)
		if err != nil {
			return nil, err
		}
		parent = t.current()
		if !n.Forward {
			answer(v, parent)
		}
	}
	s.st.converse(f.mbox, v, parent)
	if n.Disposition != wsdl.DispositionSaveOnly {
		sent, err := s.st.submit(v, it.files, s.who, f.mbox)
		if err != nil {
			return nil, err
		}
		switch {
		case n.Disposition != wsdl.DispositionSendAndSaveCopy:
		case s.st.transit.delays.SentItems > 0:
			s.st.copyLater(f, sent, it.files, nil)
		default:
			s.st.add(f, &item{value: shallow(sent), files: it.files})
		}
		return nil, nil
	}
	draft, read := messageFlags(v)
	set(v, "IsDraft", wsdl.Bool(draft))
	setDefault(v, "IsRead", wsdl.Bool(read))
	if draft {
		if v.From == nil {
			v.From = recipient(f.mbox.person())
		}
		if f.mbox.tenant.draftsHaveMessageID {
			setDefault(v, "InternetMessageId", wsdl.Text(s.st.newMessageID(f.mbox)))
		}
	}
	s.st.resolveRecipients(v)
	deliveredThen(v)
	return s.present(f, s.st.add(f, it).value), nil
}

// messageFlags tells whether a message that is only saved is a draft, and read.
// It is one unless the client has set PidTagMessageFlags (0x0E07), which is how
// programs put existing mail into a mailbox ([MS-OXCMSG] 2.2.1.6).
func messageFlags(v *wsdl.MessageType) (draft, read bool) {
	const flagRead, flagUnsent = 1, 8
	for _, p := range v.ExtendedProperty {
		if p.ExtendedFieldURI == nil || p.Value == nil {
			continue
		}
		tag, err := strconv.ParseUint(wsdl.Str(p.ExtendedFieldURI.PropertyTag), 0, 16)
		if err != nil || tag != 0x0E07 {
			continue
		}
		if flags, err := strconv.Atoi(wsdl.Str(p.Value)); err == nil {
			return flags&flagUnsent != 0, flags&flagRead != 0
		}
	}
	return true, true
}

func (s *session) createEvent(n ewsserver.NewItem, v *wsdl.CalendarItemType) (any, error) {
	f, err := s.saveFolder(n.Folder, "calendar")
	if err != nil {
		return nil, err
	}
	if f.class != "IPF.Appointment" {
		return nil, fail(ewsserver.ErrorCannotCreateCalendarItemInNonCalendar)
	}
	cal, err := s.st.prepareCalendar(v, nil, nil)
	if err != nil {
		return nil, err
	}
	if err := checkAttendees(v); err != nil {
		return nil, err
	}
	unset(v, "Organizer", "MyResponseType", "IsCancelled", "AppointmentState", "AppointmentSequenceNumber")
	s.st.resolveAttendees(v)
	setDefault(v, "ReminderIsSet", wsdl.Bool(true))
	it := s.newItem(f, v)
	it.cal = cal
	s.st.takeFiles(it)
	v.Organizer = recipient(f.mbox.person())
	to := mailboxesOf(attendeesOf(v))
	send := n.Invitations != wsdl.SendInvitationsSendToNone && len(to) > 0
	v.MeetingRequestWasSent = wsdl.Ptr(wsdl.Bool(send))
	s.st.add(f, it)
	if send {
		it.cal.sent = v
		s.st.invite(it, v, wsdl.MeetingRequestKindNewMeetingRequest, to, n.Invitations == wsdl.SendInvitationsSendToAllAndSaveCopy)
	}
	return s.present(f, it.value), nil
}

// checkAttendees refuses attendees whose addresses are none.
func checkAttendees(c *wsdl.CalendarItemType) error {
	all := mailboxesOf(attendeesOf(c))
	if len(all) == 0 {
		return nil
	}
	return checkRecipients(&wsdl.MessageType{ToRecipients: recipients(all...)})
}

package simulator

import (
	"context"
	"slices"
	"strings"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

// delegate is somebody who acts for the owner of a mailbox. The permissions are
// those of the folders themselves, as in Exchange; without is for the folders
// that the mailbox has not.
type delegate struct {
	address                      string // primary, in lower case
	receivesCopies, viewsPrivate bool
	without                      wsdl.DelegatePermissionsType
}

// delegateFolders are the folders of the levels, in the order of
// ewsserver.DelegateLevels.
var delegateFolders = []string{"calendar", "tasks", "inbox", "contacts", "notes", "journal"}

// levels pairs the levels of the wire with those of a folder. An owner's is
// Custom on the wire.
var levels = map[wsdl.DelegateLevel]level{
	wsdl.DelegateLevelNone: none, wsdl.DelegateLevelReviewer: reviewer, wsdl.DelegateLevelAuthor: author, wsdl.DelegateLevelEditor: editor,
}

func (l level) onWire() wsdl.DelegateLevel {
	for name, known := range levels {
		if known == l {
			return name
		}
	}
	return wsdl.DelegateLevelCustom
}

// delegateOf finds a mailbox's delegate by his own mailbox; nil where he is
// none.
func (mb *mbox) delegateOf(who *mbox) *delegate {
	for _, d := range mb.delegates {
		if d.address == lower(who.address) {
			return d
		}
	}
	return nil
}

// deliverRequests is where invitations go while nobody has said; so Exchange
// Online was seen to answer for a mailbox without delegates.
func (mb *mbox) deliverRequests() wsdl.DeliverMeetingRequestsName {
	if mb.delivery == "" {
		return wsdl.DeliverMeetingRequestsNameDelegatesOnly
	}
	return mb.delivery
}

// describeDelegate tells of a delegate with the permissions as the folders have
// them now.
func (mb *mbox) describeDelegate(d *delegate) ewsserver.Delegate {
	out := ewsserver.Delegate{ReceivesCopies: d.receivesCopies, ViewsPrivate: d.viewsPrivate, Permissions: d.without}
	if who := mb.st.byAddress[d.address]; who != nil {
		out.User = ewsserver.UserID{SID: who.sid(), PrimarySmtpAddress: who.address, DisplayName: who.name}
	}
	for i, place := range ewsserver.DelegateLevels(&out.Permissions) {
		if f := mb.known(delegateFolders[i]); f != nil {
			*place = wsdl.Ptr(f.rights[d.address].onWire())
		} else if *place == nil {
			*place = wsdl.Ptr(wsdl.DelegateLevelNone)
		}
	}
	return out
}

// permit writes the levels that a change names, and None for the others where
// all is set.
func (mb *mbox) permit(d *delegate, change wsdl.DelegatePermissionsType, all bool) {
	without := ewsserver.DelegateLevels(&d.without)
	for i, place := range ewsserver.DelegateLevels(&change) {
		name := wsdl.DelegateLevelNone
		switch {
		case *place != nil:
			name = **place
		case !all:
			continue
		}
		f := mb.known(delegateFolders[i])
		switch {
		case f == nil:
			*without[i] = &name
		case levels[name] == none:
			delete(f.rights, d.address)
		default:
			f.rights[d.address] = levels[name]
		}
		if f != nil {
			mb.st.keepFolder(f)
		}
	}
}

var _ ewsserver.DelegateKeeper = (*session)(nil)

// delegating finds a mailbox whose delegates the caller may handle: the owner,
// or who has full access.
func (s *session) delegating(address string) (*mbox, error) {
	mb, err := s.mailbox(address)
	if err != nil {
		return nil, err
	}
	if mb != s.who && !mb.fullAccess[lower(s.who.address)] {
		return nil, fail(ewsserver.ErrorAccessDenied)
	}
	return mb, nil
}

// user finds somebody of the caller's organisation. A group is nobody: EWS does
// not manage groups as delegates.
func (s *session) user(id ewsserver.UserID) (*mbox, error) {
	var mb *mbox
	switch {
	case id.SID != "":
		mb = s.st.bySID(id.SID)
	case id.PrimarySmtpAddress != "":
		mb = s.st.byAddress[lower(id.PrimarySmtpAddress)]
	default:
		named := func(mb *mbox) bool { return mb.tenant == s.who.tenant && strings.EqualFold(mb.name, id.DisplayName) }
		if i := slices.IndexFunc(s.st.mailboxes, named); i >= 0 {
			mb = s.st.mailboxes[i]
		}
	}
	if mb != nil && mb.tenant == s.who.tenant {
		return mb, nil
	}
	if g := s.st.groups[lower(id.PrimarySmtpAddress)]; id.SID == "" && g != nil && g.tenant == s.who.tenant {
		return nil, ewsserver.Errorf(ewsserver.ErrorDelegateValidationFailed, "Groups cannot be managed as delegates.")
	}
	return nil, fail(ewsserver.ErrorDelegateNoUser)
}

// bySID finds a mailbox by its security identifier; nil where there is none.
func (st *state) bySID(sid string) *mbox {
	for _, mb := range st.mailboxes {
		if strings.EqualFold(mb.sid(), sid) {
			return mb
		}
	}
	return nil
}

// delegateTo finds a mailbox, and somebody with what he is there, which is nil
// where he is no delegate.
func (s *session) delegateTo(address string, user ewsserver.UserID) (mb, who *mbox, d *delegate, err error) {
	if mb, err = s.delegating(address); err != nil {
		return nil, nil, nil, err
	}
	if who, err = s.user(user); err != nil {
		return nil, nil, nil, err
	}
	return mb, who, mb.delegateOf(who), nil
}

// Delegates implements ewsserver.DelegateKeeper.
func (s *session) Delegates(_ context.Context, mailbox string) ([]ewsserver.Delegate, error) {
	s.st.mu.RLock()
	defer s.st.mu.RUnlock()
	mb, err := s.delegating(mailbox)
	if err != nil {
		return nil, err
	}
	var list []ewsserver.Delegate
	for _, d := range mb.delegates {
		list = append(list, mb.describeDelegate(d))
	}
	return list, nil
}

// Delegate implements ewsserver.DelegateKeeper. Whom an admin lets send on the
// owner's behalf is a delegate by half.
func (s *session) Delegate(_ context.Context, mailbox string, user ewsserver.UserID) (ewsserver.Delegate, error) {
	s.st.mu.RLock()
	defer s.st.mu.RUnlock()
	mb, who, d, err := s.delegateTo(mailbox, user)
	if err != nil {
		return ewsserver.Delegate{}, err
	}
	onBehalf := mb.sendOnBehalf[lower(who.address)]
	switch {
	case d == nil && !onBehalf:
		return ewsserver.Delegate{}, fail(ewsserver.ErrorNotDelegate)
	case d == nil || !onBehalf:
		return ewsserver.Delegate{}, fail(ewsserver.ErrorDelegateMissingConfiguration)
	}
	return mb.describeDelegate(d), nil
}

// AddDelegate implements ewsserver.DelegateKeeper.
func (s *session) AddDelegate(_ context.Context, mailbox string, change ewsserver.DelegateChange) (ewsserver.Delegate, error) {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	mb, who, d, err := s.delegateTo(mailbox, change.User)
	switch {
	case err != nil:
		return ewsserver.Delegate{}, err
	case who == mb:
		return ewsserver.Delegate{}, fail(ewsserver.ErrorDelegateCannotAddOwner)
	case d != nil:
		return ewsserver.Delegate{}, fail(ewsserver.ErrorDelegateAlreadyExists)
	}
	d = &delegate{address: lower(who.address), receivesCopies: wsdl.Val(change.ReceivesCopies), viewsPrivate: wsdl.Val(change.ViewsPrivate)}
	mb.permit(d, change.Permissions, true)
	mb.sendOnBehalf[d.address] = true
	mb.delegates = append(mb.delegates, d)
	s.st.keep(mb)
	return mb.describeDelegate(d), nil
}

// UpdateDelegate implements ewsserver.DelegateKeeper.
func (s *session) UpdateDelegate(_ context.Context, mailbox string, change ewsserver.DelegateChange) (ewsserver.Delegate, error) {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	mb, _, d, err := s.delegateTo(mailbox, change.User)
	switch {
	case err != nil:
		return ewsserver.Delegate{}, err
	case d == nil:
		return ewsserver.Delegate{}, fail(ewsserver.ErrorNotDelegate)
	}
	mb.permit(d, change.Permissions, false)
	if change.ReceivesCopies != nil {
		d.receivesCopies = *change.ReceivesCopies
	}
	if change.ViewsPrivate != nil {
		d.viewsPrivate = *change.ViewsPrivate
	}
	s.st.keep(mb)
	return mb.describeDelegate(d), nil
}

// RemoveDelegate implements ewsserver.DelegateKeeper.
func (s *session) RemoveDelegate(_ context.Context, mailbox string, user ewsserver.UserID) error {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	mb, _, d, err := s.delegateTo(mailbox, user)
	switch {
	case err != nil:
		return err
	case d == nil:
		return fail(ewsserver.ErrorNotDelegate)
	}
	mb.permit(d, wsdl.DelegatePermissionsType{}, true)
	delete(mb.sendOnBehalf, d.address)
	mb.delegates = slices.DeleteFunc(mb.delegates, func(other *delegate) bool { return other == d })
	s.st.keep(mb)
	return nil
}

// MeetingDelivery implements ewsserver.DelegateKeeper.
func (s *session) MeetingDelivery(_ context.Context, mailbox string) (wsdl.DeliverMeetingRequestsName, error) {
	s.st.mu.RLock()
	defer s.st.mu.RUnlock()
	mb, err := s.delegating(mailbox)
	if err != nil {
		return "", err
	}
	return mb.deliverRequests(), nil
}

// SetMeetingDelivery implements ewsserver.DelegateKeeper.
func (s *session) SetMeetingDelivery(_ context.Context, mailbox string, to wsdl.DeliverMeetingRequestsName) error {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	mb, err := s.delegating(mailbox)
	if err != nil {
		return err
	}
	mb.delivery = to
	s.st.keep(mb)
	return nil
}

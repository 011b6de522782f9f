package ews

import (
	"slices"
	"strings"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/soap"
	"github.com/exconn/exconn/wsdl"
)

var (
	delegateLevels = map[mailbox.Permission]wsdl.DelegateLevel{
		mailbox.PermissionNone:     wsdl.DelegateLevelNone,
		mailbox.PermissionReviewer: wsdl.DelegateLevelReviewer,
		mailbox.PermissionAuthor:   wsdl.DelegateLevelAuthor,
		mailbox.PermissionEditor:   wsdl.DelegateLevelEditor,
		mailbox.PermissionCustom:   wsdl.DelegateLevelCustom,
	}
	meetingDeliveries = map[mailbox.MeetingDelivery]wsdl.DeliverMeetingRequestsName{
		mailbox.DeliverToDelegates: wsdl.DeliverMeetingRequestsNameDelegatesOnly,
		mailbox.DeliverToBoth:      wsdl.DeliverMeetingRequestsNameDelegatesAndMe,
		mailbox.DeliverInformation: wsdl.DeliverMeetingRequestsNameDelegatesAndSendInformationToMe,
		mailbox.DeliverToOwner:     wsdl.DeliverMeetingRequestsNameNoForward,
	}
)

// permissionFields pairs each permission with its place on the wire.
func permissionFields(p *mailbox.DelegatePermissions, w *wsdl.DelegatePermissionsType) []struct {
	folder string
	word   *mailbox.Permission
	level  **wsdl.DelegateLevel
} {
	return []struct {
		folder string
		word   *mailbox.Permission
		level  **wsdl.DelegateLevel
	}{
		{"calendar", &p.Calendar, &w.CalendarFolderPermissionLevel},
		{"tasks", &p.Tasks, &w.TasksFolderPermissionLevel},
		{"inbox", &p.Inbox, &w.InboxFolderPermissionLevel},
		{"contacts", &p.Contacts, &w.ContactsFolderPermissionLevel},
		{"notes", &p.Notes, &w.NotesFolderPermissionLevel},
		{"journal", &p.Journal, &w.JournalFolderPermissionLevel},
	}
}

// delegateOf reads a delegate.
func delegateOf(u *wsdl.DelegateUserData) mailbox.Delegate {
	var d mailbox.Delegate
	if u == nil {
		return d
	}
	if u.UserId != nil {
		d.Name, d.Address = wsdl.Str(u.UserId.DisplayName), wsdl.Str(u.UserId.PrimarySmtpAddress)
	}
	if u.DelegatePermissions != nil {
		for _, f := range permissionFields(&d.Permissions, as[wsdl.DelegatePermissionsType](u.DelegatePermissions)) {
			*f.word = keyOf(delegateLevels, *f.level)
		}
	}
	if u.ReceiveCopiesOfMeetingMessages != nil {
		d.ReceivesCopies = bool(wsdl.Val(u.ReceiveCopiesOfMeetingMessages.Value))
	}
	if u.ViewPrivateItems != nil {
		d.ViewsPrivate = bool(wsdl.Val(u.ViewPrivateItems.Value))
	}
	return d
}

// writePermissions writes what is not empty; nil where nothing is.
func (m *Mailbox) writePermissions(operation, address string, p mailbox.DelegatePermissions) (*wsdl.DelegatePermissionsType, error) {
	if p == (mailbox.DelegatePermissions{}) {
		return nil, nil
	}
	w := new(wsdl.DelegatePermissionsType)
	for _, f := range permissionFields(&p, w) {
		if *f.word == "" {
			continue
		}
		level, ok := delegateLevels[*f.word]
		if !ok || *f.word == mailbox.PermissionCustom {
			return nil, m.invalid(operation, "the permission of %s for the folder %s is %q; it is %q, %q, %q or %q", address, f.folder, string(*f.word),
				string(mailbox.PermissionNone), string(mailbox.PermissionReviewer), string(mailbox.PermissionAuthor), string(mailbox.PermissionEditor))
		}
		*f.level = &level
	}
	return w, nil
}

// writeDelivery writes a delivery; nil for "", which leaves it as it is.
func (m *Mailbox) writeDelivery(operation string, d mailbox.MeetingDelivery) (*wsdl.DeliverMeetingRequestsName, error) {
	if d == "" {
		return nil, nil
	}
	name, ok := meetingDeliveries[d]
	if !ok {
		return nil, m.invalid(operation, "the delivery of meeting requests is %q; it is %q, %q, %q or %q", string(d),
			string(mailbox.DeliverToDelegates), string(mailbox.DeliverToBoth), string(mailbox.DeliverInformation), string(mailbox.DeliverToOwner))
	}
	return &name, nil
}

// checkDelegates refuses a list that a server would take wrongly or in part: an
// address that is none, or that is there twice.
func (m *Mailbox) checkDelegates(operation string, addresses []string) error {
	for i, address := range addresses {
		if !strings.Contains(address, "@") {
			return m.invalid(operation, "the delegate %q has no SMTP address", address)
		}
		if slices.ContainsFunc(addresses[:i], func(other string) bool {
			return strings.EqualFold(strings.TrimSpace(other), strings.TrimSpace(address))
		}) {
			return m.invalid(operation, "the delegate %s is named twice", address)
		}
	}
	return nil
}

// userIDs names users by their addresses; nil for none.
func userIDs(addresses []string) *wsdl.UserIdsType {
	if len(addresses) == 0 {
		return nil
	}
	ids := new(wsdl.UserIdsType)
	for _, address := range addresses {
		ids.UserId = append(ids.UserId, &wsdl.UserId{PrimarySmtpAddress: wsdl.NewText(strings.TrimSpace(address))})
	}
	return ids
}

// delegateResults reads the answers about delegates, one for each of asked in
// their order or, where asked is empty, all that there are. What the server
// does not repeat, such as an address beside an error, is told from asked.
func (m *Mailbox) delegateResults(operation string, list *wsdl.DelegateUserMessages, asked []string, meta *soap.Meta) ([]mailbox.Delegate, error) {
	var messages []*wsdl.DelegateUserResponseMessageType
	if list != nil {
		messages = list.DelegateUserResponseMessageType
	}
	if len(asked) > 0 && len(messages) != len(asked) {
		return nil, m.odd(operation, meta, len(messages), len(asked))
	}
	results := make([]mailbox.Delegate, len(messages))
	for i, msg := range messages {
		results[i] = delegateOf(msg.DelegateUser)
		if results[i].Address == "" && len(asked) > 0 {
			results[i].Address = strings.TrimSpace(asked[i])
		}
		if st := msg.Status(); !st.OK() {
			results[i].Err = m.refused(operation, st, meta)
		}
	}
	return results, nil
}

package ewsserver

import (
	"context"
	"slices"
	"strings"

	"github.com/exconn/exconn/wsdl"
)

// DelegateKeeper is what a Session also implements whose mailboxes have
// delegates. Each method can return, besides what it names: ErrorAccessDenied
// (the caller is not the owner of the mailbox), ErrorNonExistentMailbox.
type DelegateKeeper interface {
	// Delegates returns the delegates of a mailbox in the order in which they
	// were added.
	Delegates(ctx context.Context, mailbox string) ([]Delegate, error)
	// Delegate returns one of them. Errors: ErrorNotDelegate,
	// ErrorDelegateMissingConfiguration (known in the mailbox or in the
	// directory alone), ErrorDelegateNoUser (nobody has that identity).
	Delegate(ctx context.Context, mailbox string, user UserID) (Delegate, error)
	// AddDelegate makes a delegate of somebody who is none. Errors:
	// ErrorDelegateAlreadyExists, ErrorDelegateCannotAddOwner,
	// ErrorDelegateNoUser, ErrorDelegateValidationFailed.
	AddDelegate(ctx context.Context, mailbox string, change DelegateChange) (Delegate, error)
	// UpdateDelegate changes a delegate. Errors: ErrorNotDelegate,
	// ErrorDelegateNoUser, ErrorDelegateValidationFailed.
	UpdateDelegate(ctx context.Context, mailbox string, change DelegateChange) (Delegate, error)
	// RemoveDelegate takes a delegate the rights that came with it. Errors:
	// ErrorNotDelegate, ErrorDelegateNoUser.
	RemoveDelegate(ctx context.Context, mailbox string, user UserID) error
	// MeetingDelivery says where invitations to the owner go.
	MeetingDelivery(ctx context.Context, mailbox string) (wsdl.DeliverMeetingRequestsName, error)
	// SetMeetingDelivery changes that.
	SetMeetingDelivery(ctx context.Context, mailbox string, to wsdl.DeliverMeetingRequestsName) error
}

// UserID names a person in one of three ways.
type UserID struct{ SID, PrimarySmtpAddress, DisplayName string }

// Delegate is somebody who acts for the owner of a mailbox.
type Delegate struct {
	User UserID
	// Permissions has every level.
	Permissions                  wsdl.DelegatePermissionsType
	ReceivesCopies, ViewsPrivate bool
}

// DelegateChange is a delegate to add, or what is to change in one.
type DelegateChange struct {
	User UserID
	// Permissions: a level that is nil stays as it is, and is None for a new
	// delegate. None is Custom.
	Permissions wsdl.DelegatePermissionsType
	// ReceivesCopies and ViewsPrivate stay as they are where they are nil,
	// and are false for a new delegate.
	ReceivesCopies, ViewsPrivate *bool
}

// delegateMailbox reads the mailbox that a request is about.
func delegateMailbox(a *wsdl.MailboxAddress) (string, error) {
	if a == nil {
		return "", invalid("Mailbox is missing.")
	}
	mailbox := smtpAddress(a)
	if mailbox == "" {
		return "", &Error{Code: ErrorMissingInformationEmailAddress}
	}
	return mailbox, nil
}

// userID reads who is meant.
func userID(u *wsdl.UserIdType) (UserID, error) {
	if u == nil {
		return UserID{}, invalid("UserId is missing.")
	}
	if wsdl.Str(u.DistinguishedUser) != "" {
		return UserID{}, &Error{Code: ErrorDistinguishedUserNotSupported}
	}
	id := UserID{
		SID: strings.TrimSpace(wsdl.Str(u.SID)), PrimarySmtpAddress: strings.TrimSpace(wsdl.Str(u.PrimarySmtpAddress)),
		DisplayName: strings.TrimSpace(wsdl.Str(u.DisplayName)),
	}
	if id == (UserID{}) {
		return id, &Error{Code: ErrorInvalidDelegateUserId}
	}
	return id, nil
}

// same tells whether two requests name the same user in the same way.
func (u UserID) same(other UserID) bool {
	return u.SID != "" && strings.EqualFold(u.SID, other.SID) ||
		u.PrimarySmtpAddress != "" && strings.EqualFold(u.PrimarySmtpAddress, other.PrimarySmtpAddress)
}

// readChange reads a delegate to add or to change.
func readChange(u *wsdl.DelegateUser) (DelegateChange, error) {
	user, err := userID(u.UserId)
	change := DelegateChange{User: user}
	if err != nil {
		return change, err
	}
	if u.DelegatePermissions != nil {
		change.Permissions = *u.DelegatePermissions
	}
	for _, level := range DelegateLevels(&change.Permissions) {
		if *level == nil {
			continue
		}
		switch **level {
		case wsdl.DelegateLevelNone, wsdl.DelegateLevelReviewer, wsdl.DelegateLevelAuthor, wsdl.DelegateLevelEditor:
		case wsdl.DelegateLevelCustom:
			return change, Errorf(ErrorInvalidDelegatePermission, "The permission level Custom can be read, not set.")
		default:
			return change, invalid("a permission level is unknown.")
		}
	}
	for from, to := range map[*wsdl.Bool]**bool{u.ReceiveCopiesOfMeetingMessages: &change.ReceivesCopies, u.ViewPrivateItems: &change.ViewsPrivate} {
		if from != nil {
			*to = wsdl.Ptr(bool(*from))
		}
	}
	return change, nil
}

// DelegateLevels lists the places of the levels, always in the order calendar,
// tasks, inbox, contacts, notes, journal.
func DelegateLevels(p *wsdl.DelegatePermissionsType) []**wsdl.DelegateLevel {
	return []**wsdl.DelegateLevel{
		&p.CalendarFolderPermissionLevel, &p.TasksFolderPermissionLevel, &p.InboxFolderPermissionLevel,
		&p.ContactsFolderPermissionLevel, &p.NotesFolderPermissionLevel, &p.JournalFolderPermissionLevel,
	}
}

// delegateMessage is the answer about one delegate; d is nil where it names
// none.
func (o outcome) delegateMessage(d *Delegate, permissions bool) *wsdl.DelegateUserResponseMessageType {
	m := &wsdl.DelegateUserResponseMessageType{ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml}
	if d == nil {
		return m
	}
	m.DelegateUser = &wsdl.DelegateUserData{
		UserId: &wsdl.UserId{
			SID: wsdl.NewText(d.User.SID), PrimarySmtpAddress: wsdl.NewText(d.User.PrimarySmtpAddress), DisplayName: wsdl.NewText(d.User.DisplayName),
		},
		ReceiveCopiesOfMeetingMessages: &wsdl.ReceiveCopiesOfMeetingMessages{Value: wsdl.Ptr(wsdl.Bool(d.ReceivesCopies))},
		ViewPrivateItems:               &wsdl.ViewPrivateItems{Value: wsdl.Ptr(wsdl.Bool(d.ViewsPrivate))},
	}
	if permissions {
		p := d.Permissions
		m.DelegateUser.DelegatePermissions = &wsdl.DelegatePermissions{
			CalendarFolderPermissionLevel: p.CalendarFolderPermissionLevel, TasksFolderPermissionLevel: p.TasksFolderPermissionLevel,
			InboxFolderPermissionLevel: p.InboxFolderPermissionLevel, ContactsFolderPermissionLevel: p.ContactsFolderPermissionLevel,
			NotesFolderPermissionLevel: p.NotesFolderPermissionLevel, JournalFolderPermissionLevel: p.JournalFolderPermissionLevel,
		}
	}
	return m
}

// eachDelegate answers about each of the users: read makes of it what the
// operation is to do, and do does it. That the answer as a whole is a success
// does not depend on what becomes of the single users.
func eachDelegate[User, Change any](ctx context.Context, c *call, users []User, permissions bool,
	read func(User) (UserID, Change, error), do func(Change) (*Delegate, error)) (*wsdl.DelegateUserMessages, error) {
	list := new(wsdl.DelegateUserMessages)
	var seen []UserID
	for _, user := range users {
		var d *Delegate
		id, change, err := read(user)
		if err == nil && slices.ContainsFunc(seen, id.same) {
			err = &Error{Code: ErrorDuplicateUserIdsSpecified}
		}
		seen = append(seen, id)
		if err == nil {
			d, err = do(change)
		}
		o, err := c.outcome(ctx, err)
		if err != nil {
			return nil, err
		}
		list.DelegateUserResponseMessageType = append(list.DelegateUserResponseMessageType, o.delegateMessage(d, permissions))
	}
	return list, nil
}

// named is eachDelegate's read for a request that only names people.
func named(u *wsdl.UserId) (UserID, UserID, error) {
	id, err := userID(&wsdl.UserIdType{SID: u.SID, PrimarySmtpAddress: u.PrimarySmtpAddress, DisplayName: u.DisplayName,
		DistinguishedUser: u.DistinguishedUser, ExternalUserIdentity: u.ExternalUserIdentity})
	return id, id, err
}

// changed is eachDelegate's read for a request that changes them.
func changed(u *wsdl.DelegateUser) (UserID, DelegateChange, error) {
	change, err := readChange(u)
	return change.User, change, err
}

// setDelivery changes where invitations go, unless the request does not say.
func setDelivery(ctx context.Context, keeper DelegateKeeper, mailbox string, to *wsdl.DeliverMeetingRequestsName) error {
	if to == nil {
		return nil
	}
	switch *to {
	case wsdl.DeliverMeetingRequestsNameDelegatesOnly, wsdl.DeliverMeetingRequestsNameDelegatesAndMe,
		wsdl.DeliverMeetingRequestsNameDelegatesAndSendInformationToMe, wsdl.DeliverMeetingRequestsNameNoForward:
		return keeper.SetMeetingDelivery(ctx, mailbox, *to)
	}
	return invalid("DeliverMeetingRequests is unknown.")
}

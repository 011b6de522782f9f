package mailbox

import "context"

// Permission is what a delegate may do in one of the default folders.
type Permission string

// The values of Permission.
const (
	PermissionNone Permission = "none"
	// PermissionReviewer reads.
	PermissionReviewer Permission = "reviewer"
	// PermissionAuthor reads and creates, and changes what it has created.
	PermissionAuthor Permission = "author"
	// PermissionEditor reads, creates and changes everything.
	PermissionEditor Permission = "editor"
	// PermissionCustom is a mixture that somebody put together in Outlook. It
	// is read only.
	PermissionCustom Permission = "custom"
)

// DelegatePermissions are a delegate's permissions in the folders that every
// mailbox has. An empty one is not known or, in a change, stays as it is.
type DelegatePermissions struct {
	Calendar Permission `json:"calendar,omitempty"`
	Tasks    Permission `json:"tasks,omitempty"`
	Inbox    Permission `json:"inbox,omitempty"`
	Contacts Permission `json:"contacts,omitempty"`
	Notes    Permission `json:"notes,omitempty"`
	Journal  Permission `json:"journal,omitempty"`
}

// Delegate is somebody who acts for the owner of a mailbox: with rights in its
// folders, and always with the right to send on the owner's behalf.
type Delegate struct {
	Name        string              `json:"name,omitempty"`
	Address     string              `json:"address"`
	Permissions DelegatePermissions `json:"permissions,omitzero"`
	// ReceivesCopies: invitations to the owner come to the delegate too, as
	// MeetingDelivery has it.
	ReceivesCopies bool `json:"receives_copies"`
	// ViewsPrivate: the delegate sees items that are marked as private.
	ViewsPrivate bool `json:"views_private"`
	// Err is why nothing is known of this delegate, or why it was not added,
	// changed or removed. The others are not touched by it.
	Err error `json:"-"`
}

// DelegateUpdate changes a delegate.
type DelegateUpdate struct {
	Address string
	// Permissions that are empty stay as they are.
	Permissions DelegatePermissions
	// ReceivesCopies and ViewsPrivate stay as they are where they are nil.
	ReceivesCopies, ViewsPrivate *bool
}

// MeetingDelivery says who gets the invitations to the owner of a mailbox that
// has delegates who receive copies. It is one for all of them.
type MeetingDelivery string

// The values of MeetingDelivery.
const (
	// DeliverToDelegates: the delegates; the owner's go to Deleted Items.
	DeliverToDelegates MeetingDelivery = "delegates_only"
	// DeliverToBoth: the delegates and the owner, either may answer.
	DeliverToBoth MeetingDelivery = "delegates_and_me"
	// DeliverInformation: the delegates, and the owner for information.
	DeliverInformation MeetingDelivery = "delegates_and_information"
	// DeliverToOwner: the owner alone.
	DeliverToOwner MeetingDelivery = "no_forward"
)

// Delegates are the delegates of a mailbox.
type Delegates struct {
	Delegates []Delegate `json:"delegates"`
	// Delivery is empty where the server does not tell, as some do not of a
	// mailbox without delegates.
	Delivery MeetingDelivery `json:"delivery,omitempty"`
}

// DelegateKeeper reads and sets who acts for the owner of a mailbox. Each
// result is a Delegate in the order asked, with its own Err; an error beside
// them is the call's as a whole. Groups cannot be managed.
type DelegateKeeper interface {
	// Delegates returns the delegates with these addresses, or all where none
	// is named. One that is none has an Err that Is ErrNotFound.
	Delegates(ctx context.Context, addresses ...string) (Delegates, error)
	// AddDelegates makes delegates of people who are none yet (ErrExists).
	// Permissions that are empty are PermissionNone; an empty delivery stays
	// as it is.
	AddDelegates(ctx context.Context, list []Delegate, delivery MeetingDelivery) ([]Delegate, error)
	// UpdateDelegates changes delegates, and where the list is empty the
	// delivery alone. One that is none is ErrNotFound.
	UpdateDelegates(ctx context.Context, list []DelegateUpdate, delivery MeetingDelivery) ([]Delegate, error)
	// RemoveDelegates takes delegates their rights. One that is none is
	// ErrNotFound.
	RemoveDelegates(ctx context.Context, addresses ...string) ([]Delegate, error)
}

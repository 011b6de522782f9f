package mailbox

import (
	"context"
	"iter"
	"time"
)

// MemberKind is what an address belongs to.
type MemberKind string

// The values of MemberKind; a kind that is none of them is told as the server
// has it.
const (
	// MemberMailbox is a mailbox of the organisation.
	MemberMailbox MemberKind = "mailbox"
	// MemberList is a distribution group of the organisation.
	MemberList MemberKind = "list"
	// MemberPrivateList is a distribution list in somebody's contacts.
	MemberPrivateList MemberKind = "private_list"
	// MemberContact is a contact, of a mailbox or of the organisation.
	MemberContact MemberKind = "contact"
	// MemberOneOff is an address alone, which no address book knows.
	MemberOneOff MemberKind = "one_off"
	// MemberPublicFolder is a public folder.
	MemberPublicFolder MemberKind = "public_folder"
)

// Member is somebody, or a list, that a distribution list has, or that a name
// stands for.
type Member struct {
	Name    string     `json:"name,omitempty"`
	Address string     `json:"address,omitempty"`
	Kind    MemberKind `json:"kind,omitempty"`
	// ID is the id of the contact or the private list, where it is one.
	ID string `json:"id,omitempty"`
}

// IsList tells whether there are others behind the member.
func (m Member) IsList() bool { return m.Kind == MemberList || m.Kind == MemberPrivateList }

// Candidate is somebody that a name may stand for.
type Candidate struct {
	Member
	// Contact is what the directory or the contact says; nil where that was
	// not asked for, or there is nothing.
	Contact *Contact `json:"contact,omitempty"`
}

// Directory looks people up.
type Directory interface {
	// ResolveNames returns whom a part of a name or an address may stand for,
	// among the mailbox's contacts and in the organisation's directory. Nobody
	// is no error.
	ResolveNames(ctx context.Context, part string) ([]Candidate, error)
	// ExpandList returns everybody behind a distribution list, those of the
	// lists within it too, each once.
	ExpandList(ctx context.Context, list Member) ([]Member, error)
}

// DistributionList is a list of people that somebody keeps among the contacts.
type DistributionList struct {
	ID         string     `json:"id"`
	ChangeKey  string     `json:"change_key,omitempty"`
	FolderID   string     `json:"folder_id,omitempty"`
	Name       string     `json:"name"`
	Members    []Member   `json:"members,omitempty"`
	Categories []string   `json:"categories,omitempty"`
	Modified   *time.Time `json:"modified,omitempty"`
	Body       *Body      `json:"body,omitempty"`
}

// NewDistributionList is a list to create.
type NewDistributionList struct {
	// Folder is where to; empty means the contacts.
	Folder  FolderRef
	Name    string
	Members []Member
	// Categories and Text, the notes, may be empty.
	Categories []string
	Text       string
	// OperationID identifies this write; see Outgoing.
	OperationID string
}

// DistributionListUpdate changes the fields that are not nil.
type DistributionListUpdate struct {
	Name *string
	// Members are all members that the list is to have; Add are more of them.
	// One excludes the other.
	Members *[]Member
	Add     []Member
	// Categories and Text: empty takes them away.
	Categories *[]string
	Text       *string
	// ChangeKey makes the update fail with ErrConflict when the list has
	// changed since; empty means the current one is read first.
	ChangeKey   string
	OperationID string
}

// DistributionLists keeps lists of people. They are moved and deleted by
// Writer.
type DistributionLists interface {
	// DistributionLists pages through the lists of a folder by name, without
	// their members; an empty folder means the contacts.
	DistributionLists(ctx context.Context, folder FolderRef) iter.Seq2[DistributionList, error]
	// DistributionList returns one list with its members.
	DistributionList(ctx context.Context, id string) (DistributionList, error)
	CreateDistributionList(ctx context.Context, n NewDistributionList) (DistributionList, error)
	UpdateDistributionList(ctx context.Context, id string, u DistributionListUpdate) (DistributionList, error)
}

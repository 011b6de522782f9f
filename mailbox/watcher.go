package mailbox

import (
	"context"
	"iter"
	"time"
)

// NoticeKind is what a Notice tells.
type NoticeKind string

// The kinds of notice.
const (
	// CatchUp: anything may have happened in the mailbox since it was looked
	// at last. It comes when watching begins, and after every interruption.
	CatchUp  NoticeKind = "catch_up"
	Created  NoticeKind = "created"
	NewMail  NoticeKind = "new_mail" // comes besides Created, for what was delivered
	Modified NoticeKind = "modified"
	Moved    NoticeKind = "moved"
	Copied   NoticeKind = "copied"
	Deleted  NoticeKind = "deleted"
	// Lost: the mailbox is not watched at present; Err says why. It is tried
	// again, and a CatchUp tells when it is watched again.
	Lost NoticeKind = "lost"
)

// Notice says that something has happened in a mailbox. It is a reason to look
// (to run a sync), not a record: notices can be missing, come twice, or speak of
// what is gone again.
type Notice struct {
	// Mailbox is the address.
	Mailbox string     `json:"mailbox"`
	Kind    NoticeKind `json:"kind"`
	// ItemID or FolderID is what it happened to, and ParentID the folder that
	// holds it. They are empty for CatchUp and Lost.
	ItemID   string `json:"item_id,omitempty"`
	FolderID string `json:"folder_id,omitempty"`
	ParentID string `json:"parent_id,omitempty"`
	// OldID and OldParentID are those before a move, or of the original of a
	// copy.
	OldID       string `json:"old_id,omitempty"`
	OldParentID string `json:"old_parent_id,omitempty"`
	// At is the server's time, where it told one.
	At time.Time `json:"at,omitzero"`
	// Err is set for Lost.
	Err error `json:"-"`
}

// Watch says what is to be watched.
type Watch struct {
	// Folders are what is watched, without their subfolders; empty means the
	// whole mailbox.
	Folders []FolderRef
}

// Watcher tells of changes as they happen.
type Watcher interface {
	// Watch goes on until ctx is done, the caller stops, or there is an error
	// that waiting does not mend; then that error comes last. The first notice
	// is a CatchUp.
	Watch(ctx context.Context, w Watch) iter.Seq2[Notice, error]
}

package ews

import (
	"context"
	"errors"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// ContactChange is one change in a folder of contacts.
type ContactChange struct {
	ItemChange
	// Contact or List is what was created or updated, as it is now. Both are
	// nil where it was deleted, or is of another kind.
	Contact *mailbox.Contact
	List    *mailbox.DistributionList
	// Err tells why it could not be read; the other changes are good.
	Err error
}

// ContactChanges is one page of changes in a folder of contacts, in the order in
// which they are to be applied. State and More are as in ItemChanges.
type ContactChanges struct {
	Changes []ContactChange
	State   string
	More    bool
}

// SyncContacts is SyncFolderItems for a folder of contacts: with the contacts and
// lists themselves, which are read in batches of ten. What is gone by then is left
// out; its deletion is among the changes of this page or the next. An empty
// folder is the contacts.
func (m *Mailbox) SyncContacts(ctx context.Context, s SyncItems) (ContactChanges, error) {
	if s.Folder == "" {
		s.Folder = mailbox.Contacts
	}
	shape := wholeContactShape()
	shape.AdditionalProperties = addFields(shape.AdditionalProperties, []Field{URI("distributionlist:Members")})
	page, items, err := m.syncWhole(ctx, s, shape)
	if err != nil {
		return ContactChanges{}, err
	}
	out := ContactChanges{State: page.State, More: page.More}
	for i, change := range page.Changes {
		one := ContactChange{ItemChange: change, Err: items[i].Err}
		switch item := items[i].Item.(type) {
		case *wsdl.ContactItemType:
			c := contactOf(item)
			one.Contact, one.ChangeKey = &c, c.ChangeKey
		case *wsdl.DistributionListType:
			l := distributionListOf(item)
			one.List, one.ChangeKey = &l, l.ChangeKey
		}
		if !gone(one.Err) {
			out.Changes = append(out.Changes, one)
		}
	}
	return out, nil
}

// TaskChange is one change in a folder of tasks.
type TaskChange struct {
	ItemChange
	// Task is what was created or updated, as it is now. It is nil where it was
	// deleted, or is of another kind.
	Task *mailbox.Task
	// Err tells why it could not be read; the other changes are good.
	Err error
}

// TaskChanges is one page of changes in a folder of tasks, in the order in which
// they are to be applied. State and More are as in ItemChanges.
type TaskChanges struct {
	Changes []TaskChange
	State   string
	More    bool
}

// SyncTasks is SyncFolderItems for a folder of tasks: with the tasks themselves,
// as in SyncContacts. An empty folder is the tasks.
func (m *Mailbox) SyncTasks(ctx context.Context, s SyncItems) (TaskChanges, error) {
	if s.Folder == "" {
		s.Folder = mailbox.Tasks
	}
	page, items, err := m.syncWhole(ctx, s, taskShape())
	if err != nil {
		return TaskChanges{}, err
	}
	out := TaskChanges{State: page.State, More: page.More}
	for i, change := range page.Changes {
		one := TaskChange{ItemChange: change, Err: items[i].Err}
		if item, ok := items[i].Item.(*wsdl.TaskType); ok {
			t := taskOf(item)
			one.Task, one.ChangeKey = &t, t.ChangeKey
		}
		if !gone(one.Err) {
			out.Changes = append(out.Changes, one)
		}
	}
	return out, nil
}

func gone(err error) bool { return errors.Is(err, mailbox.ErrNotFound) }

// syncWhole returns a page of changes and, for each change, the item or why there
// is none; neither for those that were deleted.
func (m *Mailbox) syncWhole(ctx context.Context, s SyncItems, shape *wsdl.ItemResponseShape) (ItemChanges, []itemResult, error) {
	page, err := m.SyncFolderItems(ctx, s)
	if err != nil {
		return page, nil, err
	}
	var ids []string
	var at []int
	for i, change := range page.Changes {
		if change.Kind == wsdl.Created || change.Kind == wsdl.Updated {
			ids, at = append(ids, change.ID), append(at, i)
		}
	}
	results, err := m.getItems(ctx, ids, shape)
	if err != nil {
		return page, nil, err
	}
	items := make([]itemResult, len(page.Changes))
	for i, r := range results {
		items[at[i]] = r
	}
	return page, items, nil
}

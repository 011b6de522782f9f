package ews

import (
	"context"
	"errors"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// What contacts, distribution lists and tasks have in common: they are searched,
// created and updated alike, and nobody else is told.

// personalClass holds for the items of a class and of those derived from it.
func personalClass(class string) Restriction {
	return Contains(URI("item:ItemClass"), class, Prefixed, IgnoreCase)
}

// personalConditions are those that every query has.
func personalConditions(category string, modifiedSince time.Time) []Restriction {
	var list []Restriction
	if category != "" {
		list = append(list, Equal(URI("item:Categories"), category))
	}
	if !modifiedSince.IsZero() {
		list = append(list, GreaterOrEqual(URI("item:LastModifiedTime"), modifiedSince))
	}
	return list
}

// personalSearch is a search in one folder, sorted by a field, but for the shape
// and the page.
func (m *Mailbox) personalSearch(ctx context.Context, folder, otherwise mailbox.FolderRef, sort string, limit int, conditions []Restriction) (*wsdl.FindItem, error) {
	restriction := And(conditions...)
	switch {
	case limit < 0:
		return nil, m.invalid("FindItem", "the limit %d is negative", limit)
	case restriction.err != nil:
		return nil, m.invalid("FindItem", "%v", restriction.err)
	}
	order, err := m.sortOrder("FindItem", []Order{{Field: URI(sort)}})
	if err != nil {
		return nil, err
	}
	parent, err := m.parentFolder(ctx, folder, otherwise)
	if err != nil {
		return nil, err
	}
	return &wsdl.FindItem{
		Traversal:       wsdl.Ptr(wsdl.ItemTraversalShallow),
		Restriction:     restriction.wire(),
		SortOrder:       order,
		ParentFolderIds: parent,
	}, nil
}

// wholeShape is the shape to complete the items of a list with; nil for not at
// all.
func wholeShape(body bool, shape func() *wsdl.ItemResponseShape) *wsdl.ItemResponseShape {
	if !body {
		return nil
	}
	return shape()
}

// listPersonal runs a search and yields what read makes of the items, completed
// with the properties of whole where that is not nil. read returns "" for an item
// of another kind.
func listPersonal[T any](ctx context.Context, m *Mailbox, req *wsdl.FindItem, limit int, whole *wsdl.ItemResponseShape,
	read func(item any) (T, string), yield func(T, error) bool) error {
	return m.findPages(ctx, req, limit, func(root *wsdl.FindItemRoot, fresh func(string) bool) (int, int, error) {
		if root.Items == nil {
			return 0, 0, nil
		}
		var page []T
		var ids []string
		for _, item := range root.Items.Items {
			if one, id := read(item); fresh(id) {
				page, ids = append(page, one), append(ids, id)
			}
		}
		n := 0
		for len(page) > 0 {
			size := len(page)
			if whole != nil {
				size = min(size, getBatch)
			}
			batch := page[:size]
			if whole != nil {
				var err error
				if batch, err = completePersonal(ctx, m, batch, ids[:size], whole, read); err != nil {
					return 0, n, err
				}
			}
			page, ids = page[size:], ids[size:]
			for _, one := range batch {
				if !yield(one, nil) {
					return 0, n, errStopped
				}
				n++
			}
		}
		return len(root.Items.Items), n, nil
	})
}

// completePersonal reads items as a whole. Those that have gone meanwhile are
// left out; one that the server cannot render is returned as the list has it.
func completePersonal[T any](ctx context.Context, m *Mailbox, page []T, ids []string, whole *wsdl.ItemResponseShape, read func(item any) (T, string)) ([]T, error) {
	results, err := m.getItems(ctx, ids, whole)
	if err != nil {
		return nil, err
	}
	out := make([]T, 0, len(page))
	for i, r := range results {
		switch {
		case r.Err == nil:
			if one, id := read(r.Item); id != "" {
				out = append(out, one)
			}
		case errors.Is(r.Err, mailbox.ErrNotFound):
		case brokenItem(r.Err):
			out = append(out, page[i])
		default:
			return nil, r.Err
		}
	}
	return out, nil
}

// createPersonal creates one item and returns its id and change key. An error
// after which nobody knows whether it was created Is mailbox.ErrOutcomeUnknown;
// the stamp tells then.
func (m *Mailbox) createPersonal(ctx context.Context, folder, otherwise mailbox.FolderRef, item any) (id, changeKey string, err error) {
	target, err := m.targetFolder(ctx, folder, otherwise)
	if err != nil {
		return "", "", err
	}
	msg, meta, err := askTold[wsdl.ItemInfoResponseMessageType](ctx, m, "CreateItem", &wsdl.CreateItem{
		MessageDisposition: wsdl.Ptr(wsdl.DispositionSaveOnly),
		SavedItemFolderId:  target,
		Items:              &wsdl.ItemList{Items: []any{item}},
	})
	if err != nil {
		return "", "", unknownOutcome(err)
	}
	if id, changeKey = writtenItem(msg.Items); id == "" {
		return "", "", withOutcome(m.incomplete("CreateItem", "the id of the item", meta), true)
	}
	return id, changeKey, nil
}

// changes gathers the changes of an update.
type changes struct {
	list []any
	// wrap puts a value of the item's kind into a change.
	wrap func(*wsdl.SetItemFieldType, any)
}

func (c *changes) add(f Field, value any) {
	set := new(wsdl.SetItemFieldType)
	set.FieldURI, set.IndexedFieldURI, set.ExtendedFieldURI = f.parts()
	c.wrap(set, value)
	c.list = append(c.list, set)
}

func (c *changes) remove(f Field) {
	del := new(wsdl.DeleteItemFieldType)
	del.FieldURI, del.IndexedFieldURI, del.ExtendedFieldURI = f.parts()
	c.list = append(c.list, del)
}

// setText sets a text, or takes it away where it is "".
func (c *changes) setText(f Field, s string, value any) {
	if s == "" {
		c.remove(f)
		return
	}
	c.add(f, value)
}

// updatePersonal makes one UpdateItem and returns the id and change key that the
// answer tells. Nothing is overwritten that the caller has not seen.
func (m *Mailbox) updatePersonal(ctx context.Context, id, changeKey string, updates []any) (newID, newKey string, err error) {
	const operation = "UpdateItem"
	if id == "" {
		return "", "", m.invalid(operation, "the item id is empty")
	}
	if len(updates) == 0 {
		return "", "", m.invalid(operation, "nothing is to be changed")
	}
	if changeKey == "" {
		if changeKey, err = m.changeKey(ctx, id); err != nil {
			return "", "", err
		}
	}
	msg, err := ask[wsdl.UpdateItemResponseMessageType](ctx, m, operation, &wsdl.UpdateItem{
		ConflictResolution: wsdl.Ptr(wsdl.ConflictPolicyNeverOverwrite),
		MessageDisposition: wsdl.Ptr(wsdl.DispositionSaveOnly),
		ItemChanges: &wsdl.ItemChangesType{ItemChange: []*wsdl.ItemChange{{
			ItemId:  itemID(id, changeKey),
			Updates: &wsdl.UpdateList{Updates: updates},
		}}},
	})
	if err != nil {
		return "", "", unknownOutcome(err)
	}
	if newID, newKey = writtenItem(msg.Items); newID == "" {
		newID = id
	}
	return newID, newKey, nil
}

// emptyBody is a body of nothing: Exchange has no way to delete one.
func emptyBody() *wsdl.BodyContent {
	return &wsdl.BodyContent{BodyType: wsdl.Ptr(wsdl.BodyTypeNameText), Value: text("")}
}

// updatedBody is the body for an update; nil where it does not change.
func updatedBody(plain, html *string) *wsdl.BodyContent {
	if plain == nil && html == nil {
		return nil
	}
	if body := writeBody(val(plain), val(html)); body != nil {
		return body
	}
	return emptyBody()
}

package ews

import (
	"context"
	"errors"
	"iter"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// Search selects items of one folder, of whatever kind.
type Search struct {
	// Folder is where to look; empty means the inbox.
	Folder mailbox.FolderRef
	// Restriction is what the items must fulfil. It does not go with AQS.
	Restriction Restriction
	// AQS is a query in the Advanced Query Syntax that the server evaluates by
	// its index, such as `subject:invoice`.
	AQS string
	// Sort is the order, by the first key first; nil means the newest received
	// first. Exchange sorts by no body, recipients or attachments.
	Sort []Order
	// Fields are properties to read besides those that a message has here:
	// they come in FoundItem.Properties and FoundItem.Item. A search returns
	// no bodies, recipients or attachments, whatever is asked.
	Fields []Field
	// Associated searches the hidden items of the folder instead.
	Associated bool
	// Limit is the most items to return; zero means all.
	Limit int
}

// Order is a key to sort by.
type Order struct {
	Field      Field
	Descending bool
}

// FoundItem is an item that a search found.
type FoundItem struct {
	// Message is the item seen as a message; what the server did not give is
	// zero, as is what a kind of item does not have.
	mailbox.Message
	// Properties are the extended properties and headers among Search.Fields
	// that the item has.
	Properties []Property
	// Item is the item as package wsdl has it: *wsdl.MessageType,
	// *wsdl.CalendarItemType, *wsdl.ContactItemType and so on.
	Item any
}

// FindItems pages through the items of a search. Iteration ends at the first
// error. What arrives or goes while it runs may be missed or not.
func (m *Mailbox) FindItems(ctx context.Context, s Search) iter.Seq2[FoundItem, error] {
	return func(yield func(FoundItem, error) bool) {
		req, err := m.search(ctx, s)
		if err == nil {
			err = m.findPages(ctx, req, s.Limit, func(root *wsdl.FindItemRoot, fresh func(string) bool) (int, int, error) {
				if root.Items == nil {
					return 0, 0, nil
				}
				n := 0
				for _, item := range root.Items.Items {
					found := foundItem(item, s.Fields)
					if !fresh(found.ID) {
						continue
					}
					if !yield(found, nil) {
						return 0, 0, errStopped
					}
					n++
				}
				return len(root.Items.Items), n, nil
			})
		}
		if err != nil && !errors.Is(err, errStopped) {
			yield(FoundItem{}, err)
		}
	}
}

func foundItem(item any, fields []Field) FoundItem {
	i := as[wsdl.ItemType](item)
	return FoundItem{
		Message:    messageOf(item),
		Properties: propertiesOf(i.ExtendedProperty, i.InternetMessageHeaders, fields),
		Item:       item,
	}
}

// search is the request for s, but for its page.
func (m *Mailbox) search(ctx context.Context, s Search) (*wsdl.FindItem, error) {
	switch {
	case s.Limit < 0:
		return nil, m.invalid("FindItem", "the limit %d is negative", s.Limit)
	case s.Restriction.err != nil:
		return nil, m.invalid("FindItem", "%v", s.Restriction.err)
	case s.AQS != "" && s.Restriction.expression != nil:
		return nil, m.invalid("FindItem", "a query (AQS) and a restriction cannot be combined; say all of it in one of them")
	}
	if err := m.checkFields("FindItem", s.Fields...); err != nil {
		return nil, err
	}
	sort := s.Sort
	if sort == nil {
		sort = []Order{{Field: URI("item:DateTimeReceived"), Descending: true}}
	}
	order, err := m.sortOrder("FindItem", sort)
	if err != nil {
		return nil, err
	}
	folder, err := m.parentFolder(ctx, s.Folder, mailbox.Inbox)
	if err != nil {
		return nil, err
	}
	shape := itemShape(listFields...)
	shape.AdditionalProperties = addFields(shape.AdditionalProperties, unlisted(s.Fields))
	req := &wsdl.FindItem{
		Traversal:       wsdl.Ptr(wsdl.ItemTraversalShallow),
		ItemShape:       shape,
		Restriction:     s.Restriction.wire(),
		SortOrder:       order,
		ParentFolderIds: folder,
	}
	if s.Associated {
		req.Traversal = wsdl.Ptr(wsdl.ItemTraversalAssociated)
	}
	if s.AQS != "" {
		req.QueryString = &wsdl.QueryStringType{Value: wsdl.NewText(s.AQS)}
	}
	return req, nil
}

// unlisted leaves out the fields that are asked for anyway.
func unlisted(fields []Field) []Field {
	var out []Field
next:
	for _, f := range fields {
		for _, known := range messageFields {
			if f.extended == nil && f.index == "" && f.uri == known {
				continue next
			}
		}
		out = append(out, f)
	}
	return out
}

// sortOrder writes an order; nil for none.
func (m *Mailbox) sortOrder(operation string, keys []Order) (*wsdl.SortOrderType, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	out := new(wsdl.SortOrderType)
	for _, key := range keys {
		if err := m.checkFields(operation, key.Field); err != nil {
			return nil, err
		}
		f := &wsdl.FieldOrder{Order: direction(key.Descending)}
		f.FieldURI, f.IndexedFieldURI, f.ExtendedFieldURI = key.Field.parts()
		out.FieldOrder = append(out.FieldOrder, f)
	}
	return out, nil
}

func direction(descending bool) *wsdl.SortDirection {
	if descending {
		return wsdl.Ptr(wsdl.SortDirectionDescending)
	}
	return wsdl.Ptr(wsdl.SortDirectionAscending)
}

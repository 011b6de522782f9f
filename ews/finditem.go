package ews

import (
	"context"
	"errors"
	"iter"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// How many items a FindItem answer holds at most: servers cut larger pages,
// and smaller ones where they have to search.
const (
	findPage       = 1000
	findPageSearch = 250
)

// Messages pages through the messages of a folder, newest first. Iteration
// ends at the first error. What arrives or goes while it runs may be missed or
// not; nothing is yielded twice.
func (m *Mailbox) Messages(ctx context.Context, q mailbox.Query) iter.Seq2[mailbox.Message, error] {
	return func(yield func(mailbox.Message, error) bool) {
		if err := m.messages(ctx, q, yield); err != nil && !errors.Is(err, errStopped) {
			yield(mailbox.Message{}, err)
		}
	}
}

// errStopped says that whoever takes the messages wants no more.
var errStopped = errors.New("stopped")

func (m *Mailbox) messages(ctx context.Context, q mailbox.Query, yield func(mailbox.Message, error) bool) error {
	req, err := m.findItem(ctx, q)
	if err != nil {
		return err
	}
	return m.findPages(ctx, req, q.Limit, func(root *wsdl.FindItemRoot, fresh func(string) bool) (int, int, error) {
		var items []any
		if root.Items != nil {
			items = root.Items.Items
		}
		if !q.Body {
			n := 0
			for _, item := range items {
				found := messageOf(item)
				if !fresh(found.ID) {
					continue
				}
				if !yield(found, nil) {
					return len(items), n, errStopped
				}
				n++
			}
			return len(items), n, nil
		}
		page := make([]mailbox.Message, 0, len(items))
		for _, item := range items {
			if found := messageOf(item); fresh(found.ID) {
				page = append(page, found)
			}
		}
		n, err := m.yieldPage(ctx, page, yield)
		return len(items), n, err
	})
}

// findPages runs a search page by page. take is given each page, and whether an
// item is one that the page before had not: what arrives while the search runs
// pushes the last of one page onto the next. It returns how many items the page
// had, and how many of them count against limit, which is 0 for all.
func (m *Mailbox) findPages(ctx context.Context, req *wsdl.FindItem, limit int, take func(root *wsdl.FindItemRoot, fresh func(id string) bool) (got, taken int, err error)) error {
	largest := findPage
	if req.Restriction != nil || req.QueryString != nil {
		largest = findPageSearch
	}
	var previous map[string]bool
	taken := 0
	for offset := 0; ; {
		size := largest
		if limit > 0 {
			size = min(size, limit-taken)
		}
		req.IndexedPageItemView = &wsdl.IndexedPageView{
			MaxEntriesReturned: wsdl.Ptr(wsdl.Int32(size)),
			Offset:             wsdl.Ptr(wsdl.Int32(offset)),
			BasePoint:          wsdl.Ptr(wsdl.BasePointNameBeginning),
		}
		msg, meta, err := askTold[wsdl.FindItemResponseMessageType](ctx, m, "FindItem", req)
		if err != nil {
			return err
		}
		root := msg.RootFolder
		if root == nil {
			return m.incomplete("FindItem", "the list of items", meta)
		}
		seen := map[string]bool{}
		got, n, err := take(root, func(id string) bool {
			if id == "" || previous[id] || seen[id] {
				return false
			}
			seen[id] = true
			return true
		})
		if err != nil {
			return err
		}
		previous = seen
		taken += n
		next, more := nextOffset(offset, got, root.IndexedPagingOffset, root.IncludesLastItemInRange)
		if !more || limit > 0 && taken >= limit {
			return nil
		}
		offset = next
	}
}

// yieldPage yields the messages of one page with their bodies, and returns how
// many.
func (m *Mailbox) yieldPage(ctx context.Context, page []mailbox.Message, yield func(mailbox.Message, error) bool) (int, error) {
	yielded := 0
	for len(page) > 0 {
		n := min(len(page), getBatch)
		batch, err := m.complete(ctx, page[:n])
		if err != nil {
			return yielded, err
		}
		page = page[n:]
		for _, msg := range batch {
			if !yield(msg, nil) {
				return yielded, errStopped
			}
			yielded++
		}
	}
	return yielded, nil
}

// findItem is the search for q, but for its page.
func (m *Mailbox) findItem(ctx context.Context, q mailbox.Query) (*wsdl.FindItem, error) {
	restriction := restrict(q)
	switch {
	case q.Limit < 0:
		return nil, m.invalid("FindItem", "the limit %d is negative", q.Limit)
	case q.AQS != "" && restriction != nil:
		return nil, m.invalid("FindItem", "a query (AQS) cannot be combined with unread, since or until; say it in the query, as in \"isread:false received>=2026-11-01\"")
	}
	folder, err := m.parentFolder(ctx, q.Folder, mailbox.Inbox)
	if err != nil {
		return nil, err
	}
	req := &wsdl.FindItem{
		Traversal:   wsdl.Ptr(wsdl.ItemTraversalShallow),
		ItemShape:   itemShape(listFields...),
		Restriction: restriction,
		SortOrder: &wsdl.SortOrderType{FieldOrder: []*wsdl.FieldOrder{{
			FieldURI: fieldURI("item:DateTimeReceived"),
			Order:    wsdl.Ptr(wsdl.SortDirectionDescending),
		}}},
		ParentFolderIds: folder,
	}
	if q.AQS != "" {
		req.QueryString = &wsdl.QueryStringType{Value: wsdl.NewText(q.AQS)}
	}
	return req, nil
}

// restrict returns the restriction for a query, or nil for none.
func restrict(q mailbox.Query) *wsdl.RestrictionType {
	var and wsdl.And
	n := 0
	if q.Unread {
		and.IsEqualTo = append(and.IsEqualTo, &wsdl.IsEqualTo{
			FieldURI: fieldURI("message:IsRead"), FieldURIOrConstant: constant("false"),
		})
		n++
	}
	if !q.Since.IsZero() {
		and.IsGreaterThanOrEqualTo = append(and.IsGreaterThanOrEqualTo, &wsdl.IsGreaterThanOrEqualTo{
			FieldURI: fieldURI("item:DateTimeReceived"), FieldURIOrConstant: constant(wsdl.Str(wsdl.FormatTime(q.Since))),
		})
		n++
	}
	if !q.Until.IsZero() {
		and.IsLessThan = append(and.IsLessThan, &wsdl.IsLessThan{
			FieldURI: fieldURI("item:DateTimeReceived"), FieldURIOrConstant: constant(wsdl.Str(wsdl.FormatTime(q.Until))),
		})
		n++
	}
	switch {
	case n == 0:
		return nil
	case n > 1:
		return &wsdl.RestrictionType{And: &and}
	case and.IsEqualTo != nil:
		return &wsdl.RestrictionType{IsEqualTo: and.IsEqualTo[0]}
	case and.IsGreaterThanOrEqualTo != nil:
		return &wsdl.RestrictionType{IsGreaterThanOrEqualTo: and.IsGreaterThanOrEqualTo[0]}
	}
	return &wsdl.RestrictionType{IsLessThan: and.IsLessThan[0]}
}

func constant(value string) *wsdl.FieldURIOrConstantType {
	return &wsdl.FieldURIOrConstantType{Constant: &wsdl.ConstantType{Value: wsdl.NewText(value)}}
}

package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// findItem answers FindItem ([MS-OXWSSRCH] 3.1.4.2): pages of a folder, or
// what lies in a span of a calendar.
func (c *call) findItem(ctx context.Context, req *wsdl.FindItem) (*wsdl.FindItemResponse, error) {
	s, err := readItemShape(req.ItemShape, true)
	if err != nil {
		return nil, err
	}
	parents, err := folderIds(req.ParentFolderIds, "ParentFolderIds")
	if err != nil {
		return nil, err
	}
	switch wsdl.Val(req.Traversal) {
	case wsdl.ItemTraversalShallow, wsdl.ItemTraversalSoftDeleted, wsdl.ItemTraversalAssociated:
	default:
		return nil, invalid("Traversal is missing or unknown.")
	}
	messages := new(wsdl.ArrayOfFindItemResponseMessages)
	for _, parent := range parents {
		root, err := c.findItems(ctx, req, s, parent)
		o, err := c.outcome(ctx, err)
		if err != nil {
			return nil, err
		}
		messages.FindItemResponseMessage = append(messages.FindItemResponseMessage, &wsdl.FindItemResponseMessageType{
			ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml, RootFolder: root})
	}
	return &wsdl.FindItemResponse{ResponseMessages: messages}, nil
}

func (c *call) findItems(ctx context.Context, req *wsdl.FindItem, s *shape, parent any) (*wsdl.FindItemRoot, error) {
	if err := s.searchable(); err != nil {
		return nil, err
	}
	ref, err := folderRef(parent)
	if err != nil {
		return nil, err
	}
	if req.CalendarView != nil {
		return c.calendarView(ctx, req, s, ref)
	}
	grouped, err := readGrouping(req)
	if err != nil {
		return nil, err
	}
	items, filtered, err := c.search(ctx, req, ref)
	if err != nil {
		return nil, err
	}
	limit := c.MaxPage
	if filtered {
		limit = c.MaxFilteredPage
	}
	p, err := pageOf(len(items), limit, req.IndexedPageItemView, req.FractionalPageItemView)
	if err != nil {
		return nil, err
	}
	a := p.attributes()
	root := &wsdl.FindItemRoot{IndexedPagingOffset: a.offset, NumeratorOffset: a.numerator,
		AbsoluteDenominator: a.denominator, IncludesLastItemInRange: a.last, TotalItemsInView: a.total}
	if grouped == nil {
		root.Items, err = c.cutAll(ctx, s, items[p.from:p.to])
		return root, err
	}
	root.Groups = new(wsdl.Groups)
	for _, g := range cutGroups(c.group(items, grouped), p) {
		cut, err := c.cutAll(ctx, s, g.items)
		if err != nil {
			return nil, err
		}
		root.Groups.GroupedItems = append(root.Groups.GroupedItems, &wsdl.GroupedItemsType{
			GroupIndex: wsdl.Ptr(wsdl.Text(g.index)), Items: &cut.ItemList})
	}
	return root, nil
}

// search returns the whole view in its order, and whether it was filtered.
func (c *call) search(ctx context.Context, req *wsdl.FindItem, folder FolderRef) ([]any, bool, error) {
	restriction, err := c.filter(req.Restriction)
	if err != nil {
		return nil, false, err
	}
	query, err := c.queryFilter(req.QueryString)
	if err != nil {
		return nil, false, err
	}
	if restriction != nil && query != nil {
		return nil, false, Errorf(ErrorInvalidRequest, "The request is invalid: a query string and a restriction cannot be combined.")
	}
	by, err := readSortOrder(req.SortOrder)
	if err != nil {
		return nil, false, err
	}
	var items []any
	for item, err := range c.session.Items(ctx, folder) {
		if err != nil {
			return nil, false, err
		}
		items = append(items, item)
	}
	if *req.Traversal != wsdl.ItemTraversalShallow {
		// Neither hidden items nor those in the dumpster are kept here.
		items = nil
	}
	items = keep(items, restriction, query)
	c.sort(items, by)
	return items, restriction != nil || query != nil, nil
}

// calendarView answers with the occurrences of a span, which is at most two
// years ("CalendarView" in the EWS reference). It goes with no restriction and
// no sort order.
func (c *call) calendarView(ctx context.Context, req *wsdl.FindItem, s *shape, folder FolderRef) (*wsdl.FindItemRoot, error) {
	view := req.CalendarView
	if req.IndexedPageItemView != nil || req.FractionalPageItemView != nil {
		return nil, invalid("two kinds of paging are asked for.")
	}
	if req.Restriction != nil || req.SortOrder != nil || req.QueryString != nil || req.GroupBy != nil || req.DistinguishedGroupBy != nil {
		return nil, Errorf(ErrorInvalidRequest, "The request is invalid: a calendar view goes with no restriction, sort order, grouping or query string.")
	}
	if *req.Traversal != wsdl.ItemTraversalShallow {
		return nil, Errorf(ErrorInvalidRequest, "The request is invalid: a calendar view goes with a shallow traversal only.")
	}
	from, ok := wsdl.ParseTime(view.StartDate, c.zone)
	to, ok2 := wsdl.ParseTime(view.EndDate, c.zone)
	switch {
	case !ok || !ok2:
		return nil, invalid("the CalendarView has no StartDate or no EndDate.")
	case to.Before(from):
		return nil, &Error{Code: ErrorCalendarEndDateIsEarlierThanStartDate}
	case to.After(from.AddDate(2, 0, 0)):
		return nil, &Error{Code: ErrorCalendarViewRangeTooBig}
	}
	size, err := entries(c.MaxPage, view.MaxEntriesReturned)
	if err != nil {
		return nil, err
	}
	events, err := c.session.CalendarView(ctx, folder, from, to)
	if err != nil {
		return nil, err
	}
	total := len(events)
	events = events[:min(size, total)]
	out, err := c.cutAll(ctx, s, anys(events))
	if err != nil {
		return nil, err
	}
	return &wsdl.FindItemRoot{Items: out, IncludesLastItemInRange: wsdl.Ptr(wsdl.Bool(len(events) == total)),
		TotalItemsInView: wsdl.Ptr(wsdl.Int32(total))}, nil
}

func anys[T any](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

func (c *call) cutAll(ctx context.Context, s *shape, items []any) (*wsdl.Items, error) {
	out := new(wsdl.Items)
	for _, item := range items {
		shaped, err := c.cut(ctx, s, item)
		if err != nil {
			return nil, err
		}
		out.Items = append(out.Items, shaped)
	}
	return out, nil
}

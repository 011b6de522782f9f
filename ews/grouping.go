package ews

import (
	"context"
	"errors"
	"iter"

	"github.com/exconn/exconn/wsdl"
)

// Grouping says how a search puts items together: those that have the same
// value in By are a group.
type Grouping struct {
	By Field
	// On decides the order of the groups: by its least value in each group or,
	// with Maximum, by its greatest.
	On         Field
	Maximum    bool
	Descending bool
	// Conversations groups by the topic of the conversation instead, by the
	// newest message of each (DistinguishedGroupBy); By, On and Maximum are
	// then empty.
	Conversations bool
}

// Group is the items that have the same value.
type Group struct {
	// Index is that value, as text.
	Index string
	Items []FoundItem
}

// FindGroups goes through the groups of a search, each of them whole in memory.
// Search.Sort is the order within a group, and Search.Limit counts items.
func (m *Mailbox) FindGroups(ctx context.Context, s Search, by Grouping) iter.Seq2[Group, error] {
	return func(yield func(Group, error) bool) {
		err := m.findGroups(ctx, s, by, func(g Group) bool { return yield(g, nil) })
		if err != nil && !errors.Is(err, errStopped) {
			yield(Group{}, err)
		}
	}
}

func (m *Mailbox) findGroups(ctx context.Context, s Search, by Grouping, yield func(Group) bool) error {
	req, err := m.search(ctx, s)
	if err != nil {
		return err
	}
	if by.Conversations {
		if by.By != (Field{}) || by.On != (Field{}) || by.Maximum {
			return m.invalid("FindItem", "a grouping by conversation goes with no fields of one's own")
		}
		req.DistinguishedGroupBy = &wsdl.DistinguishedGroupByType{
			StandardGroupBy: &wsdl.StandardGroupBy{Value: wsdl.NewText("ConversationTopic")}, Order: direction(by.Descending)}
	} else {
		if err := m.checkFields("FindItem", by.By, by.On); err != nil {
			return err
		}
		on := &wsdl.AggregateOn{Aggregate: wsdl.Ptr(wsdl.AggregateNameMinimum)}
		if by.Maximum {
			on.Aggregate = wsdl.Ptr(wsdl.AggregateNameMaximum)
		}
		on.FieldURI, on.IndexedFieldURI, on.ExtendedFieldURI = by.On.parts()
		req.GroupBy = &wsdl.GroupByType{AggregateOn: on, Order: direction(by.Descending)}
		req.GroupBy.FieldURI, req.GroupBy.IndexedFieldURI, req.GroupBy.ExtendedFieldURI = by.By.parts()
	}
	// A group may go on on the next page: it is yielded when another begins.
	var last *Group
	err = m.findPages(ctx, req, s.Limit, func(root *wsdl.FindItemRoot, fresh func(string) bool) (int, int, error) {
		if root.Groups == nil {
			return 0, 0, nil
		}
		got, taken := 0, 0
		for _, g := range root.Groups.GroupedItems {
			if last == nil || last.Index != wsdl.Str(g.GroupIndex) {
				if last != nil && !yield(*last) {
					return 0, 0, errStopped
				}
				last = &Group{Index: wsdl.Str(g.GroupIndex)}
			}
			if g.Items == nil {
				continue
			}
			for _, item := range g.Items.Items {
				got++
				if found := foundItem(item, s.Fields); fresh(found.ID) {
					last.Items = append(last.Items, found)
					taken++
				}
			}
		}
		return got, taken, nil
	})
	if err == nil && last != nil {
		yield(*last)
	}
	return err
}

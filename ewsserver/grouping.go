package ewsserver

import (
	"slices"
	"strconv"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// grouping is how FindItem puts items into groups: by the value of one
// property, in order of the least or greatest value of another one in each
// group ([MS-OXWSSRCH] 2.2.4.10).
type grouping struct {
	by         path
	on         path
	maximum    bool
	descending bool
}

// readGrouping reads the grouping of a search; nil where there is none.
func readGrouping(req *wsdl.FindItem) (*grouping, error) {
	var order *wsdl.SortDirection
	g := new(grouping)
	var err error
	switch {
	case req.GroupBy == nil && req.DistinguishedGroupBy == nil:
		return nil, nil
	case req.GroupBy != nil && req.DistinguishedGroupBy != nil:
		return nil, invalid("two kinds of grouping are asked for.")
	case req.DistinguishedGroupBy != nil:
		d := req.DistinguishedGroupBy
		if d.StandardGroupBy == nil || wsdl.Str(d.StandardGroupBy.Value) != "ConversationTopic" {
			return nil, invalid("StandardGroupBy is missing or unknown.")
		}
		order = d.Order
		g.by, g.on, g.maximum = path{uri: "item:ConversationTopic", field: "ConversationTopic"}, path{uri: "item:DateTimeReceived", field: "DateTimeReceived"}, true
	default:
		b := req.GroupBy
		if b.AggregateOn == nil {
			return nil, invalid("a GroupBy has no AggregateOn.")
		}
		if g.by, err = readPath(b.FieldURI, b.IndexedFieldURI, b.ExtendedFieldURI); err != nil {
			return nil, err
		}
		if g.on, err = readPath(b.AggregateOn.FieldURI, b.AggregateOn.IndexedFieldURI, b.AggregateOn.ExtendedFieldURI); err != nil {
			return nil, err
		}
		switch wsdl.Val(b.AggregateOn.Aggregate) {
		case wsdl.AggregateNameMinimum:
		case wsdl.AggregateNameMaximum:
			g.maximum = true
		default:
			return nil, invalid("an AggregateOn has no Aggregate.")
		}
		order = b.Order
	}
	switch wsdl.Val(order) {
	case wsdl.SortDirectionAscending:
	case wsdl.SortDirectionDescending:
		g.descending = true
	default:
		return nil, invalid("a grouping has no Order.")
	}
	for _, p := range []path{g.by, g.on} {
		if p.field != "" && notFound[p.field] {
			return nil, fieldError(ErrorUnsupportedPathForSortGroup, p.uri)
		}
	}
	return g, nil
}

// group is the items that have the same value.
type group struct {
	index string
	items []any
	key   scalar
}

// group puts sorted items into groups, and the groups into their order.
func (c *call) group(items []any, g *grouping) []*group {
	var groups []*group
	byIndex := map[string]*group{}
	for _, item := range items {
		index := indexText(c.scalars(value(item, g.by)))
		in := byIndex[index]
		if in == nil {
			in = &group{index: index}
			byIndex[index] = in
			groups = append(groups, in)
		}
		in.items = append(in.items, item)
		for _, v := range c.scalars(value(item, g.on)) {
			n := compareKeys(v, in.key)
			if in.key == nil || g.maximum && n > 0 || !g.maximum && n < 0 {
				in.key = v
			}
		}
	}
	slices.SortStableFunc(groups, func(a, b *group) int {
		n := compareKeys(a.key, b.key)
		if g.descending {
			return -n
		}
		return n
	})
	return groups
}

// indexText is the value that a group's items have, as text.
func indexText(values []scalar) string {
	if len(values) == 0 {
		return ""
	}
	switch v := values[0].(type) {
	case string:
		return v
	case rank:
		return v.name
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case time.Time:
		return wsdl.Str(wsdl.FormatTime(v))
	}
	return ""
}

// cutGroups returns the groups that have items in a page, with those alone:
// pages count items.
func cutGroups(groups []*group, p page) []*group {
	var out []*group
	at := 0
	for _, g := range groups {
		from, to := max(p.from-at, 0), min(p.to-at, len(g.items))
		at += len(g.items)
		if from < to {
			out = append(out, &group{index: g.index, items: g.items[from:to]})
		}
	}
	return out
}

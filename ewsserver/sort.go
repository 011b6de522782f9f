package ewsserver

import (
	"slices"

	"github.com/exconn/exconn/wsdl"
)

// order is one key of a sort order.
type order struct {
	path       path
	descending bool
}

// readSortOrder reads a sort order; none keeps the backend's order.
func readSortOrder(s *wsdl.SortOrderType) ([]order, error) {
	if s == nil {
		return nil, nil
	}
	var out []order
	for _, f := range s.FieldOrder {
		p, err := readPath(f.FieldURI, f.IndexedFieldURI, f.ExtendedFieldURI)
		if err != nil {
			return nil, err
		}
		if notFound[p.field] && p.field != "" {
			return nil, fieldError(ErrorUnsupportedPathForSortGroup, p.uri)
		}
		switch wsdl.Val(f.Order) {
		case wsdl.SortDirectionAscending, wsdl.SortDirectionDescending:
		default:
			return nil, invalid("a FieldOrder has no Order.")
		}
		out = append(out, order{p, wsdl.Val(f.Order) == wsdl.SortDirectionDescending})
	}
	return out, nil
}

// sort orders items; those without the property count as less than any other,
// and equal ones keep their places.
func (c *call) sort(items []any, by []order) {
	if len(by) == 0 {
		return
	}
	keys := make(map[any][]scalar, len(items))
	for _, item := range items {
		k := make([]scalar, len(by))
		for i, o := range by {
			if s := c.scalars(value(item, o.path)); len(s) > 0 {
				k[i] = s[0]
			}
		}
		keys[item] = k
	}
	slices.SortStableFunc(items, func(a, b any) int {
		ka, kb := keys[a], keys[b]
		for i, o := range by {
			n := compareKeys(ka[i], kb[i])
			if o.descending {
				n = -n
			}
			if n != 0 {
				return n
			}
		}
		return 0
	})
}

func compareKeys(a, b scalar) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	n, _ := compare(a, b)
	return n
}

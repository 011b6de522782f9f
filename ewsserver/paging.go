package ewsserver

import (
	"github.com/exconn/exconn/wsdl"
)

// page is the part of a view that an answer holds.
type page struct {
	from, to int // indexes into the view
	total    int
	// next is where the following page begins, counted from the base point.
	next int
	last bool
	// denominator is set for fractional paging.
	denominator int
}

// pageOf finds the page that is asked for. No view at all means the first
// page, as big as the server allows.
func pageOf(total, limit int, indexed *wsdl.IndexedPageView, fractional *wsdl.FractionalPageView) (page, error) {
	switch {
	case indexed != nil && fractional != nil:
		return page{}, invalid("two kinds of paging are asked for.")
	case indexed != nil:
		return indexedPage(total, limit, indexed)
	case fractional != nil:
		return fractionalPage(total, limit, fractional)
	}
	return forward(total, 0, limit), nil
}

func forward(total, offset, size int) page {
	from := min(offset, total)
	to := min(from+size, total)
	return page{from: from, to: to, total: total, next: to, last: to == total}
}

func entries(limit int, asked *wsdl.Int32) (int, error) {
	if asked == nil {
		return limit, nil
	}
	if *asked <= 0 {
		return 0, &Error{Code: ErrorInvalidPagingMaxRows}
	}
	return min(limit, int(*asked)), nil
}

func indexedPage(total, limit int, v *wsdl.IndexedPageView) (page, error) {
	size, err := entries(limit, v.MaxEntriesReturned)
	if err != nil {
		return page{}, err
	}
	if v.Offset == nil || v.BasePoint == nil {
		return page{}, invalid("an indexed page has no Offset or no BasePoint.")
	}
	offset := int(*v.Offset)
	if offset < 0 {
		return page{}, &Error{Code: ErrorInvalidIndexedPagingParameters}
	}
	switch *v.BasePoint {
	case wsdl.BasePointNameBeginning:
		return forward(total, offset, size), nil
	case wsdl.BasePointNameEnd:
		// The page lies before the offset from the end, in the view's order.
		to := max(0, total-offset)
		from := max(0, to-size)
		return page{from: from, to: to, total: total, next: min(total, offset) + to - from, last: from == 0}, nil
	}
	return page{}, invalid("%q is no BasePoint.", clip(string(*v.BasePoint)))
}

func fractionalPage(total, limit int, v *wsdl.FractionalPageView) (page, error) {
	size, err := entries(limit, v.MaxEntriesReturned)
	if err != nil {
		return page{}, err
	}
	n, d := int(wsdl.Val(v.Numerator)), int(wsdl.Val(v.Denominator))
	if n < 0 || d <= 0 || n > d {
		return page{}, &Error{Code: ErrorInvalidFractionalPagingParameters}
	}
	p := forward(total, int(int64(total)*int64(n)/int64(d)), size)
	p.denominator = max(1, total)
	return p, nil
}

// attributes are what an answer tells of its page.
type attributes struct {
	offset, numerator, denominator, total *wsdl.Int32
	last                                  *wsdl.Bool
}

func (p page) attributes() attributes {
	n := func(i int) *wsdl.Int32 { return wsdl.Ptr(wsdl.Int32(i)) }
	a := attributes{total: n(p.total), last: wsdl.Ptr(wsdl.Bool(p.last))}
	if p.denominator > 0 {
		a.numerator, a.denominator = n(p.next), n(p.denominator)
	} else {
		a.offset = n(p.next)
	}
	return a
}

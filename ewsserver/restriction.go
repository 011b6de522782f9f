package ewsserver

import (
	"strconv"
	"strings"

	"github.com/exconn/exconn/wsdl"
)

// filter decides whether an item or a folder is wanted.
type filter func(object any) bool

// maxNesting is how deep a restriction may go, and maxFilters how many parts
// it may have; Exchange has such limits and answers ErrorRestrictionTooComplex.
const (
	maxNesting = 30
	maxFilters = 255
)

// compiler turns a restriction into a filter.
type compiler struct {
	*call
	parts int
}

// filter compiles a restriction; nil lets everything pass.
func (c *call) filter(r *wsdl.RestrictionType) (filter, error) {
	if r == nil {
		return nil, nil
	}
	k := &compiler{call: c}
	list, err := k.all(0, expressions{
		one(r.Exists), one(r.Excludes), one(r.IsEqualTo), one(r.IsNotEqualTo), one(r.IsGreaterThan), one(r.IsGreaterThanOrEqualTo),
		one(r.IsLessThan), one(r.IsLessThanOrEqualTo), one(r.Contains), one(r.Not), one(r.And), one(r.Or),
	})
	if err != nil {
		return nil, err
	}
	if len(list) != 1 {
		return nil, invalid("a Restriction has one search expression.")
	}
	return list[0], nil
}

// expressions are search expressions by kind.
type expressions [][]any

// one makes a list of an expression that may be absent.
func one[T any](p *T) []any {
	if p == nil {
		return nil
	}
	return []any{p}
}

func many[T any](list []*T) []any {
	out := make([]any, len(list))
	for i, p := range list {
		out[i] = p
	}
	return out
}

// all compiles the children of an expression. Their order does not matter.
func (k *compiler) all(depth int, of expressions) ([]filter, error) {
	if depth > maxNesting {
		return nil, &Error{Code: ErrorRestrictionTooComplex}
	}
	var out []filter
	for _, kind := range of {
		for _, e := range kind {
			if k.parts++; k.parts > maxFilters {
				return nil, &Error{Code: ErrorRestrictionTooComplex}
			}
			f, err := k.expression(depth, e)
			if err != nil {
				return nil, err
			}
			out = append(out, f)
		}
	}
	return out, nil
}

func (k *compiler) expression(depth int, e any) (filter, error) {
	switch e := e.(type) {
	case *wsdl.And:
		list, err := k.all(depth+1, expressions{
			many(e.Exists), many(e.Excludes), many(e.IsEqualTo), many(e.IsNotEqualTo), many(e.IsGreaterThan), many(e.IsGreaterThanOrEqualTo),
			many(e.IsLessThan), many(e.IsLessThanOrEqualTo), many(e.Contains), many(e.Not), many(e.And), many(e.Or),
		})
		return and(list), err
	case *wsdl.Or:
		list, err := k.all(depth+1, expressions{
			many(e.Exists), many(e.Excludes), many(e.IsEqualTo), many(e.IsNotEqualTo), many(e.IsGreaterThan), many(e.IsGreaterThanOrEqualTo),
			many(e.IsLessThan), many(e.IsLessThanOrEqualTo), many(e.Contains), many(e.Not), many(e.And), many(e.Or),
		})
		return or(list), err
	case *wsdl.Not:
		list, err := k.all(depth+1, expressions{
			one(e.Exists), one(e.Excludes), one(e.IsEqualTo), one(e.IsNotEqualTo), one(e.IsGreaterThan), one(e.IsGreaterThanOrEqualTo),
			one(e.IsLessThan), one(e.IsLessThanOrEqualTo), one(e.Contains), one(e.Not), one(e.And), one(e.Or),
		})
		if err == nil && len(list) != 1 {
			err = invalid("a Not has one search expression.")
		}
		if err != nil {
			return nil, err
		}
		return not(list[0]), nil
	case *wsdl.Exists:
		p, err := k.path(e.FieldURI, e.IndexedFieldURI, e.ExtendedFieldURI)
		return func(o any) bool { return len(k.scalars(value(o, p))) > 0 }, err
	case *wsdl.Excludes:
		return k.excludes(e)
	case *wsdl.Contains:
		return k.contains(e)
	case *wsdl.IsEqualTo:
		return k.comparison(e.FieldURI, e.IndexedFieldURI, e.ExtendedFieldURI, e.FieldURIOrConstant, func(n int) bool { return n == 0 })
	case *wsdl.IsNotEqualTo:
		f, err := k.comparison(e.FieldURI, e.IndexedFieldURI, e.ExtendedFieldURI, e.FieldURIOrConstant, func(n int) bool { return n == 0 })
		// A property that is absent is not equal to anything.
		return not(f), err
	case *wsdl.IsGreaterThan:
		return k.comparison(e.FieldURI, e.IndexedFieldURI, e.ExtendedFieldURI, e.FieldURIOrConstant, func(n int) bool { return n > 0 })
	case *wsdl.IsGreaterThanOrEqualTo:
		return k.comparison(e.FieldURI, e.IndexedFieldURI, e.ExtendedFieldURI, e.FieldURIOrConstant, func(n int) bool { return n >= 0 })
	case *wsdl.IsLessThan:
		return k.comparison(e.FieldURI, e.IndexedFieldURI, e.ExtendedFieldURI, e.FieldURIOrConstant, func(n int) bool { return n < 0 })
	case *wsdl.IsLessThanOrEqualTo:
		return k.comparison(e.FieldURI, e.IndexedFieldURI, e.ExtendedFieldURI, e.FieldURIOrConstant, func(n int) bool { return n <= 0 })
	}
	return nil, &Error{Code: ErrorUnsupportedQueryFilter}
}

func and(list []filter) filter {
	return func(o any) bool {
		for _, f := range list {
			if !f(o) {
				return false
			}
		}
		return true
	}
}

func or(list []filter) filter {
	return func(o any) bool {
		for _, f := range list {
			if f(o) {
				return true
			}
		}
		return false
	}
}

func not(f filter) filter { return func(o any) bool { return !f(o) } }

// path reads the property of a search expression.
func (k *compiler) path(f *wsdl.FieldURI, i *wsdl.IndexedFieldURI, e *wsdl.ExtendedFieldURI) (path, error) {
	p, err := readPath(f, i, e)
	if err != nil {
		return p, err
	}
	if p.field == "MimeContent" || p.field == "Attachments" {
		return p, fieldError(ErrorUnsupportedPathForQuery, p.uri)
	}
	return p, nil
}

// comparison compiles "is" expressions: with a list of values, one that fits
// is enough.
func (k *compiler) comparison(f *wsdl.FieldURI, i *wsdl.IndexedFieldURI, e *wsdl.ExtendedFieldURI, with *wsdl.FieldURIOrConstantType, wanted func(int) bool) (filter, error) {
	p, err := k.path(f, i, e)
	if err != nil {
		return nil, err
	}
	other, err := k.operand(p, with)
	if err != nil {
		return nil, err
	}
	return func(o any) bool {
		for _, a := range k.scalars(value(o, p)) {
			for _, b := range other(o) {
				if n, ok := compare(a, b); ok && wanted(n) {
					return true
				}
			}
		}
		return false
	}, nil
}

// operand returns the right side of a comparison: a constant in the type of
// the left side, or another property.
func (k *compiler) operand(left path, with *wsdl.FieldURIOrConstantType) (func(any) []scalar, error) {
	if with == nil {
		return nil, invalid("a comparison has nothing to compare with.")
	}
	if with.Constant == nil {
		p, err := k.path(with.FieldURI, with.IndexedFieldURI, with.ExtendedFieldURI)
		return func(o any) []scalar { return k.scalars(value(o, p)) }, err
	}
	like := sample(left)
	if like == nil {
		// A property that nothing here has is equal to nothing.
		return func(any) []scalar { return nil }, nil
	}
	v, ok := k.parse(wsdl.Str(with.Constant.Value), like)
	if !ok {
		return nil, fieldError(ErrorInvalidValueForProperty, left.uri)
	}
	return func(any) []scalar { return []scalar{v} }, nil
}

// excludes wants the bits of a mask to be unset.
func (k *compiler) excludes(e *wsdl.Excludes) (filter, error) {
	p, err := k.path(e.FieldURI, e.IndexedFieldURI, e.ExtendedFieldURI)
	if err != nil {
		return nil, err
	}
	if e.Bitmask == nil {
		return nil, invalid("an Excludes has no Bitmask.")
	}
	mask, err := strconv.ParseInt(strings.TrimSpace(wsdl.Str(e.Bitmask.Value)), 0, 64)
	if _, number := sample(p).(int64); err != nil || !number {
		return nil, fieldError(ErrorInvalidExcludesRestriction, p.uri)
	}
	return func(o any) bool {
		for _, v := range k.scalars(value(o, p)) {
			if n, ok := v.(int64); ok {
				return n&mask == 0
			}
		}
		return false
	}, nil
}

// contains compiles a search in text. The defaults are those of the schema:
// nothing given means the full string, compared exactly.
func (k *compiler) contains(e *wsdl.Contains) (filter, error) {
	p, err := k.path(e.FieldURI, e.IndexedFieldURI, e.ExtendedFieldURI)
	if err != nil {
		return nil, err
	}
	if e.Constant == nil {
		return nil, invalid("a Contains has no Constant.")
	}
	if like := sample(p); like != nil {
		if _, text := like.(string); !text {
			return nil, fieldError(ErrorContainsFilterWrongType, p.uri)
		}
	}
	fold := folding(wsdl.Val(e.ContainmentComparison))
	needle := fold(wsdl.Str(e.Constant.Value))
	matches, err := containment(wsdl.Val(e.ContainmentMode))
	return func(o any) bool {
		for _, v := range k.scalars(value(o, p)) {
			if s, ok := v.(string); ok && matches(fold(s), needle) {
				return true
			}
		}
		return false
	}, err
}

// folding makes texts equal that the comparison takes as such.
func folding(c wsdl.ContainmentComparisonName) func(string) string {
	name := string(c)
	ignoreCase := strings.Contains(name, "IgnoreCase") || strings.Contains(name, "Loose")
	ignoreMarks := strings.Contains(name, "NonSpac") || strings.Contains(name, "Loose")
	return func(s string) string {
		if ignoreMarks {
			s = plainLetters(s)
		}
		if ignoreCase {
			s = strings.ToLower(s)
		}
		return s
	}
}

func containment(mode wsdl.ContainmentModeName) (func(text, needle string) bool, error) {
	switch mode {
	case "", wsdl.ContainmentModeNameFullString:
		return func(text, needle string) bool { return text == needle }, nil
	case wsdl.ContainmentModeNamePrefixed:
		return strings.HasPrefix, nil
	case wsdl.ContainmentModeNameSubstring:
		return strings.Contains, nil
	case wsdl.ContainmentModeNamePrefixOnWords:
		return wordPrefix, nil
	case wsdl.ContainmentModeNameExactPhrase:
		return phrase, nil
	}
	return nil, invalid("%q is no ContainmentMode.", clip(string(mode)))
}

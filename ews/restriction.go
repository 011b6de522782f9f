package ews

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// Restriction is a condition on items, made by the functions of this package:
//
//	ews.And(
//		ews.Equal(ews.URI("message:IsRead"), false),
//		ews.Contains(ews.URI("item:Subject"), "invoice", ews.Substring, ews.IgnoreCase),
//	)
//
// The zero value lets everything pass. A mistake, such as a value that no
// property can have, is told by the search that is given the condition.
type Restriction struct {
	// expression is *wsdl.And, *wsdl.IsEqualTo and so on; nil for none.
	expression any
	err        error
}

// And holds where all of the conditions hold. Empty ones among them say
// nothing.
func And(list ...Restriction) Restriction {
	return combine(list, func(e []any) any {
		a := new(wsdl.And)
		for _, each := range e {
			addTo(a, each)
		}
		return a
	})
}

// Or holds where one of the conditions holds. An empty one among them is a
// mistake: it would let everything pass.
func Or(list ...Restriction) Restriction {
	if len(list) == 0 || slices.ContainsFunc(list, func(r Restriction) bool { return r.err == nil && r.expression == nil }) {
		return Restriction{err: errors.New("Or has an empty condition, which would let everything pass")}
	}
	return combine(list, func(e []any) any {
		o := new(wsdl.Or)
		for _, each := range e {
			addTo(o, each)
		}
		return o
	})
}

// Not holds where the condition does not.
func Not(r Restriction) Restriction {
	if r.err != nil {
		return r
	}
	if r.expression == nil {
		return Restriction{err: errors.New("Not has no condition")}
	}
	n := new(wsdl.Not)
	addTo(n, r.expression)
	return Restriction{expression: n}
}

// combine joins conditions; one alone needs nothing around it.
func combine(list []Restriction, join func([]any) any) Restriction {
	var parts []any
	for _, r := range list {
		if r.err != nil {
			return r
		}
		if r.expression != nil {
			parts = append(parts, r.expression)
		}
	}
	switch len(parts) {
	case 0:
		return Restriction{}
	case 1:
		return Restriction{expression: parts[0]}
	}
	return Restriction{expression: join(parts)}
}

// addTo puts an expression into the field of its kind: the name of the type is
// the name of the field, which is a pointer or a slice of them.
func addTo(parent, expression any) {
	e := reflect.ValueOf(expression)
	field := reflect.ValueOf(parent).Elem().FieldByName(e.Type().Elem().Name())
	if field.Kind() == reflect.Slice {
		field.Set(reflect.Append(field, e))
	} else {
		field.Set(e)
	}
}

// Equal holds where the property has the value: a string, a bool, an integer, a
// time.Time, or a Field to compare two properties of an item. Text is compared
// without regard to case. Of a property that is a list, one entry is enough.
func Equal(f Field, value any) Restriction {
	return compare(f, value, func(c comparison) any {
		return &wsdl.IsEqualTo{FieldURI: c.uri, IndexedFieldURI: c.indexed, ExtendedFieldURI: c.extended, FieldURIOrConstant: c.with}
	})
}

// NotEqual holds where the property has another value, or none.
func NotEqual(f Field, value any) Restriction {
	return compare(f, value, func(c comparison) any {
		return &wsdl.IsNotEqualTo{FieldURI: c.uri, IndexedFieldURI: c.indexed, ExtendedFieldURI: c.extended, FieldURIOrConstant: c.with}
	})
}

// Less holds where the property is less than the value, or earlier.
func Less(f Field, value any) Restriction {
	return compare(f, value, func(c comparison) any {
		return &wsdl.IsLessThan{FieldURI: c.uri, IndexedFieldURI: c.indexed, ExtendedFieldURI: c.extended, FieldURIOrConstant: c.with}
	})
}

// LessOrEqual holds where the property is not greater than the value.
func LessOrEqual(f Field, value any) Restriction {
	return compare(f, value, func(c comparison) any {
		return &wsdl.IsLessThanOrEqualTo{FieldURI: c.uri, IndexedFieldURI: c.indexed, ExtendedFieldURI: c.extended, FieldURIOrConstant: c.with}
	})
}

// Greater holds where the property is greater than the value, or later.
func Greater(f Field, value any) Restriction {
	return compare(f, value, func(c comparison) any {
		return &wsdl.IsGreaterThan{FieldURI: c.uri, IndexedFieldURI: c.indexed, ExtendedFieldURI: c.extended, FieldURIOrConstant: c.with}
	})
}

// GreaterOrEqual holds where the property is not less than the value.
func GreaterOrEqual(f Field, value any) Restriction {
	return compare(f, value, func(c comparison) any {
		return &wsdl.IsGreaterThanOrEqualTo{FieldURI: c.uri, IndexedFieldURI: c.indexed, ExtendedFieldURI: c.extended, FieldURIOrConstant: c.with}
	})
}

// comparison is what all comparisons have.
type comparison struct {
	uri      *wsdl.FieldURI
	indexed  *wsdl.IndexedFieldURI
	extended *wsdl.ExtendedFieldURI
	with     *wsdl.FieldURIOrConstantType
}

func compare(f Field, value any, expression func(comparison) any) Restriction {
	if err := f.check(); err != nil {
		return Restriction{err: err}
	}
	var c comparison
	c.uri, c.indexed, c.extended = f.parts()
	if other, ok := value.(Field); ok {
		if err := other.check(); err != nil {
			return Restriction{err: err}
		}
		c.with = new(wsdl.FieldURIOrConstantType)
		c.with.FieldURI, c.with.IndexedFieldURI, c.with.ExtendedFieldURI = other.parts()
		return Restriction{expression: expression(c)}
	}
	text, err := constantText(value)
	if err != nil {
		return Restriction{err: fmt.Errorf("the comparison with %s: %w", f, err)}
	}
	c.with = &wsdl.FieldURIOrConstantType{Constant: &wsdl.ConstantType{Value: wsdl.Ptr(wsdl.Text(text))}}
	return Restriction{expression: expression(c)}
}

// constantText writes the value of a comparison.
func constantText(value any) (string, error) {
	if t, ok := value.(time.Time); ok {
		return wsdl.Str(wsdl.FormatTime(t)), nil
	}
	switch v := reflect.ValueOf(value); {
	case !v.IsValid():
	case v.Kind() == reflect.String:
		return v.String(), nil
	case v.Kind() == reflect.Bool, v.CanInt(), v.CanUint(), v.CanFloat():
		return fmt.Sprint(value), nil
	}
	return "", fmt.Errorf("a %T cannot be compared with", value)
}

// Containment is where Contains looks for a text.
type Containment = wsdl.ContainmentModeName

// The values of Containment.
const (
	FullString    = wsdl.ContainmentModeNameFullString
	Prefixed      = wsdl.ContainmentModeNamePrefixed
	Substring     = wsdl.ContainmentModeNameSubstring
	PrefixOnWords = wsdl.ContainmentModeNamePrefixOnWords
	ExactPhrase   = wsdl.ContainmentModeNameExactPhrase
)

// Comparison is which texts Contains takes for the same.
type Comparison = wsdl.ContainmentComparisonName

// The values of Comparison.
const (
	Exact                  = wsdl.ContainmentComparisonNameExact
	IgnoreCase             = wsdl.ContainmentComparisonNameIgnoreCase
	IgnoreNonSpacing       = wsdl.ContainmentComparisonNameIgnoreNonSpacingCharacters
	Loose                  = wsdl.ContainmentComparisonNameLoose
	LooseIgnoreCase        = wsdl.ContainmentComparisonNameLooseAndIgnoreCase
	LooseIgnoreNonSpacing  = wsdl.ContainmentComparisonNameLooseAndIgnoreNonSpace
	LooseIgnoreBoth        = wsdl.ContainmentComparisonNameLooseAndIgnoreCaseAndIgnoreNonSpace
	IgnoreCaseAndNonSpaces = wsdl.ContainmentComparisonNameIgnoreCaseAndNonSpacingCharacters
)

// Contains holds where the property has a text in it.
func Contains(f Field, text string, mode Containment, comparison Comparison) Restriction {
	if err := f.check(); err != nil {
		return Restriction{err: err}
	}
	if text == "" {
		return Restriction{err: fmt.Errorf("there is no text to look for in %s", f)}
	}
	c := &wsdl.Contains{Constant: &wsdl.ConstantType{Value: wsdl.NewText(text)}, ContainmentMode: &mode, ContainmentComparison: &comparison}
	c.FieldURI, c.IndexedFieldURI, c.ExtendedFieldURI = f.parts()
	return Restriction{expression: c}
}

// Exists holds where an item has the property.
func Exists(f Field) Restriction {
	if err := f.check(); err != nil {
		return Restriction{err: err}
	}
	e := new(wsdl.Exists)
	e.FieldURI, e.IndexedFieldURI, e.ExtendedFieldURI = f.parts()
	return Restriction{expression: e}
}

// Excludes holds where none of the bits of mask is set in the property, which
// is a number.
func Excludes(f Field, mask uint32) Restriction {
	if err := f.check(); err != nil {
		return Restriction{err: err}
	}
	e := &wsdl.Excludes{Bitmask: &wsdl.BitmaskType{Value: wsdl.NewText(fmt.Sprintf("0x%x", mask))}}
	e.FieldURI, e.IndexedFieldURI, e.ExtendedFieldURI = f.parts()
	return Restriction{expression: e}
}

// wire returns the condition as a request has it; nil for none.
func (r Restriction) wire() *wsdl.RestrictionType {
	if r.expression == nil {
		return nil
	}
	out := new(wsdl.RestrictionType)
	addTo(out, r.expression)
	return out
}

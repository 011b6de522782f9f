package ewsserver

import (
	"cmp"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/exconn/exconn/wsdl"
)

// scalar is a property's value in a form that can be compared: a string, an
// int64, a float64, a bool or a time.Time.
type scalar any

// scalars returns the values of a property: one, or one for each entry of a
// list; none where it is absent.
func (c *call) scalars(v any) []scalar {
	switch v := v.(type) {
	case nil:
		return nil
	case *wsdl.DateTimeText:
		if t, ok := wsdl.ParseTime(v, c.zone); ok {
			return []scalar{t}
		}
		return nil
	case *wsdl.BodyContent:
		return []scalar{wsdl.Str(convertBody(v, wsdl.BodyTypeResponseText).Value)}
	case *wsdl.RecipientType:
		return people(v.Mailbox)
	case *wsdl.RecipientsType:
		return people(v.Mailbox...)
	case *wsdl.AttendeesType:
		var out []scalar
		for _, a := range v.Attendee {
			out = append(out, people(a.Mailbox)...)
		}
		return out
	case *wsdl.StringsType:
		return listOf(v.String)
	case *wsdl.EmailAddressesType:
		var out []scalar
		for _, e := range v.Entry {
			out = append(out, wsdl.Str(e.Value))
		}
		return out
	case *wsdl.ItemIdType:
		return []scalar{wsdl.Str(v.Id)}
	case *wsdl.FolderIdType:
		return []scalar{wsdl.Str(v.Id)}
	case *wsdl.FlagType:
		return []scalar{wsdl.Str(v.FlagStatus)}
	case *wsdl.ImportanceName:
		return importanceRanks.scalars(string(wsdl.Val(v)))
	case *wsdl.SensitivityName:
		return sensitivityRanks.scalars(string(wsdl.Val(v)))
	case *wsdl.ExtendedPropertyType:
		return c.extendedScalars(v)
	}
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Pointer || rv.IsNil() {
		return nil
	}
	switch rv = rv.Elem(); rv.Kind() {
	case reflect.String:
		return []scalar{rv.String()}
	case reflect.Bool:
		return []scalar{rv.Bool()}
	case reflect.Int, reflect.Int32, reflect.Int64:
		return []scalar{rv.Int()}
	case reflect.Float64:
		return []scalar{rv.Float()}
	}
	return nil
}

// people are compared by name and by address.
func people(list ...*wsdl.EmailAddressType) []scalar {
	var out []scalar
	for _, m := range list {
		if m == nil {
			continue
		}
		if n := wsdl.Str(m.Name); n != "" {
			out = append(out, n)
		}
		if a := wsdl.Str(m.EmailAddress); a != "" {
			out = append(out, a)
		}
	}
	return out
}

func listOf(list []*wsdl.Text) []scalar {
	out := make([]scalar, len(list))
	for i, s := range list {
		out[i] = wsdl.Str(s)
	}
	return out
}

func (c *call) extendedScalars(e *wsdl.ExtendedPropertyType) []scalar {
	raw := []*wsdl.Text{e.Value}
	if e.Values != nil {
		raw = e.Values.Value
	}
	var out []scalar
	for _, r := range raw {
		if r == nil {
			continue
		}
		s, ok := c.parse(wsdl.Str(r), sampleOf(e.ExtendedFieldURI))
		if !ok {
			s = wsdl.Str(r)
		}
		out = append(out, s)
	}
	return out
}

// sampleOf returns a value of the type that an extended property has.
func sampleOf(u *wsdl.ExtendedFieldURI) scalar {
	if u == nil {
		return ""
	}
	switch strings.TrimSuffix(wsdl.Str(u.PropertyType), "Array") {
	case "Integer", "Long", "Short":
		return int64(0)
	case "Boolean":
		return false
	case "SystemTime":
		return time.Time{}
	}
	return ""
}

// sample returns a value of the type that a property has; nil where it cannot
// be compared.
func sample(p path) scalar {
	if p.extended != nil {
		return sampleOf(p.extended)
	}
	if p.header != "" || p.entry != nil {
		return ""
	}
	for _, t := range []reflect.Type{
		reflect.TypeFor[wsdl.MeetingRequestMessageType](), reflect.TypeFor[wsdl.CalendarItemType](),
		reflect.TypeFor[wsdl.MeetingResponseMessageType](), reflect.TypeFor[wsdl.ContactItemType](), reflect.TypeFor[wsdl.TaskType](),
		reflect.TypeFor[wsdl.FolderType](),
	} {
		f, ok := t.FieldByName(p.field)
		if !ok || f.Type.Kind() != reflect.Pointer {
			continue
		}
		switch f.Type {
		case reflect.TypeFor[*wsdl.DateTimeText]():
			return time.Time{}
		case reflect.TypeFor[*wsdl.BodyContent](), reflect.TypeFor[*wsdl.RecipientType](), reflect.TypeFor[*wsdl.RecipientsType](),
			reflect.TypeFor[*wsdl.AttendeesType](), reflect.TypeFor[*wsdl.StringsType](), reflect.TypeFor[*wsdl.ItemIdType](),
			reflect.TypeFor[*wsdl.FolderIdType](), reflect.TypeFor[*wsdl.FlagType]():
			return ""
		case reflect.TypeFor[*wsdl.ImportanceName]():
			return importanceRanks
		case reflect.TypeFor[*wsdl.SensitivityName]():
			return sensitivityRanks
		}
		switch f.Type.Elem().Kind() {
		case reflect.String:
			return ""
		case reflect.Bool:
			return false
		case reflect.Int32, reflect.Int64:
			return int64(0)
		case reflect.Float64:
			return float64(0)
		}
		return nil
	}
	return nil
}

// parse reads a constant as the type of like.
func (c *call) parse(constant string, like scalar) (scalar, bool) {
	trimmed := strings.TrimSpace(constant)
	switch like := like.(type) {
	case string:
		return constant, true
	case ranks:
		return like.of(trimmed)
	case bool:
		switch strings.ToLower(trimmed) {
		case "true", "1":
			return true, true
		case "false", "0":
			return false, true
		}
	case int64:
		n, err := strconv.ParseInt(trimmed, 10, 64)
		return n, err == nil
	case float64:
		f, err := strconv.ParseFloat(trimmed, 64)
		return f, err == nil
	case time.Time:
		t, ok := wsdl.ParseTime(wsdl.Ptr(wsdl.DateTimeText(trimmed)), c.zone)
		return t, ok
	}
	return nil, false
}

// compare orders two values of the same type; text without regard to case, as
// Exchange does. It is false where they are of different types.
func compare(a, b scalar) (int, bool) {
	switch a := a.(type) {
	case string:
		if b, ok := b.(string); ok {
			return strings.Compare(strings.ToLower(a), strings.ToLower(b)), true
		}
	case int64:
		if b, ok := b.(int64); ok {
			return cmp.Compare(a, b), true
		}
	case float64:
		if b, ok := b.(float64); ok {
			return cmp.Compare(a, b), true
		}
	case time.Time:
		if b, ok := b.(time.Time); ok {
			return a.Compare(b), true
		}
	case rank:
		if b, ok := b.(rank); ok {
			return cmp.Compare(a.number, b.number), true
		}
	case bool:
		if b, ok := b.(bool); ok {
			switch {
			case a == b:
				return 0, true
			case b:
				return -1, true
			}
			return 1, true
		}
	}
	return 0, false
}

// plainLetters takes marks such as accents off.
func plainLetters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}

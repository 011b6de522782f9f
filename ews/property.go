package ews

import (
	"encoding/base64"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// Property is an extended property with its value. The Go type of Value goes
// with the type of the Field:
//
//	String, CLSID      string
//	Boolean            bool
//	Short              int16
//	Integer, Error     int32
//	Long, Currency     int64
//	Float              float32
//	Double             float64
//	ApplicationTime    float64, days since 30 December 1899
//	SystemTime         time.Time
//	Binary             []byte
//
// and that of an array is a slice of these. To be written, a number may have
// any integer type, if it fits. Currency is in ten-thousandths.
type Property struct {
	Field Field
	Value any
}

// bits is how large the numbers of a type may be.
var bits = map[string]int{"Short": 16, "Integer": 32, "Error": 32, "Long": 64, "Currency": 64}

// encode writes the property as the wire has it.
func (p Property) encode() (*wsdl.ExtendedPropertyType, error) {
	if p.Field.extended == nil {
		return nil, fmt.Errorf("%s is no extended property: name one with Named, NamedID or Tag", p.Field)
	}
	if err := p.Field.check(); err != nil {
		return nil, err
	}
	kind := wsdl.Str(p.Field.extended.PropertyType)
	out := &wsdl.ExtendedPropertyType{ExtendedFieldURI: p.Field.extended}
	one, array := strings.CutSuffix(kind, "Array")
	if !array {
		text, err := encodeValue(kind, p.Value)
		if err != nil {
			return nil, fmt.Errorf("the property %s: %w", p.Field, err)
		}
		out.Value = wsdl.Ptr(wsdl.Text(text))
		return out, nil
	}
	list := reflect.ValueOf(p.Value)
	if list.Kind() != reflect.Slice || list.Len() == 0 {
		return nil, fmt.Errorf("the property %s: a %s takes a slice with one value at least, not %T", p.Field, kind, p.Value)
	}
	out.Values = new(wsdl.PropertyValues)
	for i := range list.Len() {
		text, err := encodeValue(one, list.Index(i).Interface())
		if err != nil {
			return nil, fmt.Errorf("the property %s: %w", p.Field, err)
		}
		out.Values.Value = append(out.Values.Value, wsdl.Ptr(wsdl.Text(text)))
	}
	return out, nil
}

// encodeValue writes a value as a type has it. Its errors do not tell the value.
func encodeValue(kind string, value any) (string, error) {
	v := reflect.ValueOf(value)
	wrong := fmt.Errorf("a %s cannot hold a %T", kind, value)
	switch kind {
	case "String", "CLSID":
		if v.Kind() == reflect.String {
			return v.String(), nil
		}
	case "Boolean":
		if v.Kind() == reflect.Bool {
			return strconv.FormatBool(v.Bool()), nil
		}
	case "Short", "Integer", "Error", "Long", "Currency":
		if v.CanUint() && v.Uint() <= 1<<63-1 {
			v = reflect.ValueOf(int64(v.Uint()))
		}
		if v.CanInt() {
			if shift := 64 - bits[kind]; v.Int()<<shift>>shift != v.Int() {
				return "", fmt.Errorf("the number is too large for a %s", kind)
			}
			return strconv.FormatInt(v.Int(), 10), nil
		}
	case "Float":
		if v.CanFloat() {
			return strconv.FormatFloat(v.Float(), 'G', -1, 32), nil
		}
	case "Double", "ApplicationTime":
		if v.CanFloat() {
			return strconv.FormatFloat(v.Float(), 'G', -1, 64), nil
		}
	case "SystemTime":
		if t, ok := value.(time.Time); ok {
			return wsdl.Str(wsdl.FormatTime(t)), nil
		}
	case "Binary":
		if b, ok := value.([]byte); ok {
			return base64.StdEncoding.EncodeToString(b), nil
		}
	default:
		return "", fmt.Errorf("values of type %s cannot be written", kind)
	}
	return "", wrong
}

// decodeProperty reads a property that an answer has. A value that is not as
// its type has it is given as the string that came.
func decodeProperty(f Field, e *wsdl.ExtendedPropertyType) Property {
	kind := wsdl.Str(f.extended.PropertyType)
	one, array := strings.CutSuffix(kind, "Array")
	if !array {
		return Property{f, decodeValue(one, wsdl.Str(e.Value))}
	}
	var texts []*wsdl.Text
	if e.Values != nil {
		texts = e.Values.Value
	}
	list := reflect.MakeSlice(reflect.SliceOf(goType(one)), 0, len(texts))
	raw := make([]string, 0, len(texts))
	whole := true
	for _, t := range texts {
		raw = append(raw, wsdl.Str(t))
		v := reflect.ValueOf(decodeValue(one, wsdl.Str(t)))
		if v.Type() != list.Type().Elem() {
			whole = false
			continue
		}
		list = reflect.Append(list, v)
	}
	if !whole {
		return Property{f, raw}
	}
	return Property{f, list.Interface()}
}

// goType is the type of the values of a kind.
func goType(kind string) reflect.Type {
	switch kind {
	case "Boolean":
		return reflect.TypeFor[bool]()
	case "Short":
		return reflect.TypeFor[int16]()
	case "Integer", "Error":
		return reflect.TypeFor[int32]()
	case "Long", "Currency":
		return reflect.TypeFor[int64]()
	case "Float":
		return reflect.TypeFor[float32]()
	case "Double", "ApplicationTime":
		return reflect.TypeFor[float64]()
	case "SystemTime":
		return reflect.TypeFor[time.Time]()
	case "Binary":
		return reflect.TypeFor[[]byte]()
	}
	return reflect.TypeFor[string]()
}

func decodeValue(kind, text string) any {
	trimmed := strings.TrimSpace(text)
	switch kind {
	case "Boolean":
		if b, err := strconv.ParseBool(strings.ToLower(trimmed)); err == nil {
			return b
		}
	case "Short", "Integer", "Error", "Long", "Currency":
		n, err := strconv.ParseInt(trimmed, 10, bits[kind])
		switch {
		case err != nil:
		case bits[kind] == 16:
			return int16(n)
		case bits[kind] == 32:
			return int32(n)
		default:
			return n
		}
	case "Float":
		if f, err := strconv.ParseFloat(trimmed, 32); err == nil {
			return float32(f)
		}
	case "Double", "ApplicationTime":
		if f, err := strconv.ParseFloat(trimmed, 64); err == nil {
			return f
		}
	case "SystemTime":
		if t, ok := wsdl.ParseTime(wsdl.Ptr(wsdl.DateTimeText(trimmed)), nil); ok {
			return t.UTC()
		}
	case "Binary":
		if b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), "")); err == nil {
			return b
		}
	}
	return text
}

// propertiesOf returns those of the fields that an item or a folder of the wire
// has, in the order of the fields.
func propertiesOf(list []*wsdl.ExtendedPropertyType, headers *wsdl.InternetHeadersType, fields []Field) []Property {
	var out []Property
	for _, f := range fields {
		if f.extended != nil {
			for _, e := range list {
				if f.is(e.ExtendedFieldURI) {
					out = append(out, decodeProperty(f, e))
					break
				}
			}
		}
		if f.uri == "item:InternetMessageHeader" && headers != nil {
			for _, h := range headers.InternetMessageHeader {
				if strings.EqualFold(wsdl.Str(h.HeaderName), f.index) {
					out = append(out, Property{f, wsdl.Str(h.Value)})
					break
				}
			}
		}
	}
	return out
}

// encodeProperties writes a list of properties.
func encodeProperties(list []Property) ([]*wsdl.ExtendedPropertyType, error) {
	var out []*wsdl.ExtendedPropertyType
	for _, p := range list {
		e, err := p.encode()
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

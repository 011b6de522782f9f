package soap

import (
	"bytes"
	"encoding"
	"math"
	"reflect"
	"strconv"
)

// setter returns how to set a value of a scalar type from text, or nil. A
// setter returns false, with the value left alone, for a text that does not
// fit.
func setter(t reflect.Type) func(reflect.Value, []byte) bool {
	switch t.Kind() {
	case reflect.String:
		return setString
	case reflect.Bool:
		return setBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return setInt
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return setUint
	case reflect.Float32, reflect.Float64:
		return setFloat
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return setBytes
		}
	}
	return nil
}

func setString(v reflect.Value, b []byte) bool {
	v.SetString(string(b))
	return true
}

// setBytes keeps the text as it is, as encoding/xml does: base64 is for Binary.
func setBytes(v reflect.Value, b []byte) bool {
	v.SetBytes(append([]byte{}, b...))
	return true
}

// setBool reads the four forms of xs:boolean.
func setBool(v reflect.Value, b []byte) bool {
	switch string(bytes.TrimSpace(b)) {
	case "true", "1":
		v.SetBool(true)
	case "false", "0":
		v.SetBool(false)
	default:
		return false
	}
	return true
}

func setInt(v reflect.Value, b []byte) bool {
	b = bytes.TrimSpace(b)
	negative := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative = b[0] == '-'
		b = b[1:]
	}
	n, ok := decimal(b)
	if !ok || n > math.MaxInt64 && !(negative && n == 1<<63) {
		return false
	}
	i := int64(n)
	if negative {
		i = -i
	}
	if v.OverflowInt(i) {
		return false
	}
	v.SetInt(i)
	return true
}

func setUint(v reflect.Value, b []byte) bool {
	n, ok := decimal(bytes.TrimSpace(b))
	if !ok || v.OverflowUint(n) {
		return false
	}
	v.SetUint(n)
	return true
}

func decimal(b []byte) (uint64, bool) {
	if len(b) == 0 {
		return 0, false
	}
	var n uint64
	for _, c := range b {
		d := uint64(c - '0')
		if c < '0' || c > '9' || n > (math.MaxUint64-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	return n, true
}

func setFloat(v reflect.Value, b []byte) bool {
	f, err := strconv.ParseFloat(string(bytes.TrimSpace(b)), v.Type().Bits())
	if err != nil {
		return false
	}
	v.SetFloat(f)
	return true
}

// setText lets the type read its text itself. It is given a copy: it may keep
// what it is given.
func setText(v reflect.Value, b []byte) bool {
	return v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(bytes.Clone(b)) == nil
}

package soap

import (
	"bytes"
	"encoding"
	"math"
	"reflect"
	"strconv"
)

// scalar reports whether a value of the type can be set from text.
func scalar(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Bool,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Float32, reflect.Float64:
		return true
	}
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8
}

// set sets the scalar at a place from text. It returns false, with the value
// left alone, for a text that does not fit. last is the text that was set there
// before; see Decoder.keep.
func (d *Decoder) set(p *plan, at place, b []byte, last *string) bool {
	if p.readsText {
		// It is given a copy: it may keep what it is given.
		return p.face(at).(encoding.TextUnmarshaler).UnmarshalText(bytes.Clone(b)) == nil
	}
	switch p.scalar {
	case reflect.String:
		*as[string](at) = d.keep(b, last)
	case reflect.Bool:
		v, ok := truth(b)
		if !ok {
			return false
		}
		*as[bool](at) = v
	case reflect.Int32:
		n, ok := integer(b)
		if !ok || n != int64(int32(n)) {
			return false
		}
		*as[int32](at) = int32(n)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int64:
		n, ok := integer(b)
		if !ok || p.value(at).OverflowInt(n) {
			return false
		}
		p.value(at).SetInt(n)
	case reflect.Float32, reflect.Float64:
		f, err := strconv.ParseFloat(string(bytes.TrimSpace(b)), p.typ.Bits())
		if err != nil {
			return false
		}
		p.value(at).SetFloat(f)
	case reflect.Slice:
		// The text as it is, as encoding/xml keeps it: base64 is for Binary.
		*as[[]byte](at) = append([]byte{}, b...)
	default:
		n, ok := decimal(bytes.TrimSpace(b))
		if !ok || p.value(at).OverflowUint(n) {
			return false
		}
		p.value(at).SetUint(n)
	}
	return true
}

// truth reads the four forms of xs:boolean.
func truth(b []byte) (value, ok bool) {
	switch string(b) {
	case "true", "1":
		return true, true
	case "false", "0":
		return false, true
	}
	if trimmed := bytes.TrimSpace(b); len(trimmed) < len(b) {
		return truth(trimmed)
	}
	return false, false
}

func integer(b []byte) (int64, bool) {
	b = bytes.TrimSpace(b)
	negative := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative = b[0] == '-'
		b = b[1:]
	}
	n, ok := decimal(b)
	if !ok || n > math.MaxInt64 && !(negative && n == 1<<63) {
		return 0, false
	}
	if negative {
		return -int64(n), true
	}
	return int64(n), true
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

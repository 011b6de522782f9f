package simulator

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"time"

	"github.com/exconn/exconn/soap"
	"github.com/exconn/exconn/wsdl"
)

// Records of the state file are structs, written field by field under their
// names, without those that are unset. So a record that was written before a
// field came to be, or went away, can still be read, and what EWS means by
// absent, false and empty stays three things, which gob would not keep apart
// and JSON would write at ten times the length.

// errRecord is what is wrong with a record that cannot be read.
var errRecord = errors.New("the record cannot be read")

// kinds are the types that stand in fields of type any, by the names under
// which they are written.
var kinds = map[string]reflect.Type{}

func init() {
	for _, v := range []any{
		&wsdl.MessageType{}, &wsdl.CalendarItemType{}, &wsdl.MeetingRequestMessageType{}, &wsdl.MeetingResponseMessageType{},
		&wsdl.MeetingCancellationMessageType{}, &wsdl.MeetingMessageType{}, &wsdl.ContactItemType{}, &wsdl.DistributionListType{},
		&wsdl.TaskType{}, &wsdl.ItemType{}, &wsdl.FileAttachmentType{}, &wsdl.ItemAttachmentType{}, &wsdl.ReferenceAttachmentType{},
	} {
		kinds[reflect.TypeOf(v).Elem().Name()] = reflect.TypeOf(v)
	}
}

var (
	timeType   = reflect.TypeFor[time.Time]()
	binaryType = reflect.TypeFor[soap.Binary]()
)

// encode writes a struct, or the one that record points to.
func encode(record any) ([]byte, error) {
	e := encoder{}
	e.value(reflect.Indirect(reflect.ValueOf(record)))
	return e.b, e.err
}

type encoder struct {
	b   []byte
	err error
}

func (e *encoder) text(s string) {
	e.b = binary.AppendUvarint(e.b, uint64(len(s)))
	e.b = append(e.b, s...)
}

func (e *encoder) value(v reflect.Value) {
	switch v.Type() {
	case timeType:
		t := v.Interface().(time.Time)
		if t.IsZero() {
			e.b = binary.AppendVarint(e.b, math.MinInt64)
			return
		}
		e.b = binary.AppendVarint(e.b, t.UnixNano())
		return
	case binaryType:
		content := v.Interface().(soap.Binary)
		if content.Data == nil && content.Open != nil {
			// What a client gave is in memory by the time that it is kept.
			e.err = errors.New("content that is not in memory cannot be kept")
		}
		e.text(string(content.Data))
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		if v.Bool() {
			e.b = append(e.b, 1)
		} else {
			e.b = append(e.b, 0)
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		e.b = binary.AppendVarint(e.b, v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		e.b = binary.AppendUvarint(e.b, v.Uint())
	case reflect.Float32, reflect.Float64:
		e.b = binary.BigEndian.AppendUint64(e.b, math.Float64bits(v.Float()))
	case reflect.String:
		e.text(v.String())
	case reflect.Pointer:
		if v.IsNil() {
			e.b = append(e.b, 0)
			return
		}
		e.b = append(e.b, 1)
		e.value(v.Elem())
	case reflect.Interface:
		if v.IsNil() {
			e.text("")
			return
		}
		name := ""
		if t := v.Elem().Type(); t.Kind() == reflect.Pointer && kinds[t.Elem().Name()] == t {
			name = t.Elem().Name()
		} else {
			e.err = fmt.Errorf("a %s is none of the kinds that can be kept", t)
		}
		e.text(name)
		e.value(v.Elem())
	case reflect.Slice:
		e.list(v)
	case reflect.Map:
		e.table(v)
	case reflect.Struct:
		e.fields(v)
	default:
		e.err = fmt.Errorf("a %s cannot be kept", v.Type())
	}
}

func (e *encoder) list(v reflect.Value) {
	if v.IsNil() {
		e.b = binary.AppendUvarint(e.b, 0)
		return
	}
	e.b = binary.AppendUvarint(e.b, uint64(v.Len())+1)
	if v.Type().Elem().Kind() == reflect.Uint8 {
		e.b = append(e.b, v.Bytes()...)
		return
	}
	for i := range v.Len() {
		e.value(v.Index(i))
	}
}

// table writes a map in order of its keys, so that the same map is always
// written alike.
func (e *encoder) table(v reflect.Value) {
	if v.IsNil() {
		e.b = binary.AppendUvarint(e.b, 0)
		return
	}
	e.b = binary.AppendUvarint(e.b, uint64(v.Len())+1)
	type pair struct {
		key   string
		value reflect.Value
	}
	var pairs []pair
	for it := v.MapRange(); it.Next(); {
		k := encoder{}
		k.value(it.Key())
		pairs = append(pairs, pair{string(k.b), it.Value()})
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		if a.key < b.key {
			return -1
		}
		return 1
	})
	for _, p := range pairs {
		e.b = append(e.b, p.key...)
		e.value(p.value)
	}
}

// fields writes each field that is set as its name, its length, and its value.
func (e *encoder) fields(v reflect.Value) {
	t := v.Type()
	for i := range t.NumField() {
		f := v.Field(i)
		if !t.Field(i).IsExported() {
			if !f.IsZero() {
				e.err = fmt.Errorf("the field %s of %s cannot be kept", t.Field(i).Name, t)
			}
			continue
		}
		if f.IsZero() || f.Kind() == reflect.Map && f.Len() == 0 {
			continue
		}
		e.text(t.Field(i).Name)
		start := len(e.b)
		e.b = append(e.b, 0, 0, 0, 0)
		e.value(f)
		if n := len(e.b) - start - 4; n > math.MaxUint32 {
			e.err = fmt.Errorf("the field %s of %s is too large to be kept", t.Field(i).Name, t)
		} else {
			binary.BigEndian.PutUint32(e.b[start:], uint32(n))
		}
	}
	e.text("")
}

// decode reads a struct into the place that record points to.
func decode(b []byte, record any) error {
	d := decoder{b: b}
	d.value(reflect.ValueOf(record).Elem(), 0)
	if d.err == nil && len(d.b) > 0 {
		d.fail(errors.New("there is more of it than there should be"))
	}
	return d.err
}

type decoder struct {
	b   []byte
	err error
}

func (d *decoder) fail(cause error) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %w", errRecord, cause)
	}
	d.b = nil
}

func (d *decoder) uvarint() uint64 {
	n, used := binary.Uvarint(d.b)
	if used <= 0 {
		d.fail(io.ErrUnexpectedEOF)
		return 0
	}
	d.b = d.b[used:]
	return n
}

func (d *decoder) varint() int64 {
	n, used := binary.Varint(d.b)
	if used <= 0 {
		d.fail(io.ErrUnexpectedEOF)
		return 0
	}
	d.b = d.b[used:]
	return n
}

func (d *decoder) take(n uint64) []byte {
	if n > uint64(len(d.b)) {
		d.fail(io.ErrUnexpectedEOF)
		return nil
	}
	b := d.b[:n]
	d.b = d.b[n:]
	return b
}

func (d *decoder) text() string { return string(d.take(d.uvarint())) }

func (d *decoder) flag() bool {
	b := d.take(1)
	return len(b) == 1 && b[0] != 0
}

// maxNesting bounds attachments within attachments.
const maxNesting = 200

func (d *decoder) value(v reflect.Value, depth int) {
	if depth > maxNesting {
		d.fail(errors.New("it is nested too deeply"))
	}
	if d.err != nil {
		return
	}
	switch v.Type() {
	case timeType:
		if n := d.varint(); n != math.MinInt64 {
			v.Set(reflect.ValueOf(time.Unix(0, n).UTC()))
		}
		return
	case binaryType:
		v.Set(reflect.ValueOf(soap.Binary{Data: []byte(d.text())}))
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(d.flag())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(d.varint())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(d.uvarint())
	case reflect.Float32, reflect.Float64:
		if b := d.take(8); b != nil {
			v.SetFloat(math.Float64frombits(binary.BigEndian.Uint64(b)))
		}
	case reflect.String:
		v.SetString(d.text())
	case reflect.Pointer:
		if d.flag() {
			v.Set(reflect.New(v.Type().Elem()))
			d.value(v.Elem(), depth+1)
		}
	case reflect.Interface:
		d.any(v, depth)
	case reflect.Slice:
		d.list(v, depth)
	case reflect.Map:
		d.table(v, depth)
	case reflect.Struct:
		d.fields(v, depth)
	default:
		d.fail(fmt.Errorf("it holds a %s", v.Type()))
	}
}

func (d *decoder) any(v reflect.Value, depth int) {
	name := d.text()
	if d.err != nil || name == "" {
		return
	}
	t, ok := kinds[name]
	if !ok {
		d.fail(fmt.Errorf("it holds a %.40q, which this program does not know", name))
		return
	}
	p := reflect.New(t).Elem()
	d.value(p, depth+1)
	v.Set(p)
}

// count reads the length of a list or a table; false where there is none.
func (d *decoder) count() (int, bool) {
	n := d.uvarint()
	if n == 0 {
		return 0, false
	}
	if n-1 > uint64(len(d.b)) {
		d.fail(io.ErrUnexpectedEOF)
		return 0, false
	}
	return int(n - 1), true
}

func (d *decoder) list(v reflect.Value, depth int) {
	n, ok := d.count()
	if !ok {
		return
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		v.SetBytes(slices.Clone(d.take(uint64(n))))
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, min(n, 1024)))
	for range n {
		if d.err != nil {
			return
		}
		one := reflect.New(v.Type().Elem()).Elem()
		d.value(one, depth+1)
		v.Set(reflect.Append(v, one))
	}
}

func (d *decoder) table(v reflect.Value, depth int) {
	n, ok := d.count()
	if !ok {
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for range n {
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		d.value(key, depth+1)
		d.value(value, depth+1)
		if d.err != nil {
			return
		}
		v.SetMapIndex(key, value)
	}
}

// fields reads the fields of a struct, and passes over those that it has not.
func (d *decoder) fields(v reflect.Value, depth int) {
	for d.err == nil {
		name := d.text()
		if name == "" {
			return
		}
		size := d.take(4)
		if size == nil {
			return
		}
		content := d.take(uint64(binary.BigEndian.Uint32(size)))
		f := v.FieldByName(name)
		if d.err != nil || !f.IsValid() || !f.CanSet() {
			continue
		}
		inner := decoder{b: content}
		inner.value(f, depth+1)
		if inner.err == nil && len(inner.b) > 0 {
			inner.fail(fmt.Errorf("the field %s is longer than its value", name))
		}
		if inner.err != nil {
			d.fail(inner.err)
		}
	}
}

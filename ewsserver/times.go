package ewsserver

import (
	"reflect"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// resolveTimes turns every time of an item that a client sent into UTC. A
// time without an offset is one of the TimeZoneContext header's zone, else of
// the item's own StartTimeZone, else UTC.
func (c *call) resolveTimes(item any) error {
	loc := c.zone
	if loc == nil {
		if def := get[*wsdl.TimeZoneDefinitionType](item, "StartTimeZone"); def != nil {
			loc, _ = Location(def)
		}
	}
	return resolve(reflect.ValueOf(item), loc)
}

// The times within a zone's rules are local by nature.
var (
	zoneDefinitionType = reflect.TypeFor[*wsdl.TimeZoneDefinitionType]()
	meetingZoneType    = reflect.TypeFor[*wsdl.MeetingTimeZoneType]()
	dateTimeType       = reflect.TypeFor[*wsdl.DateTimeText]()
	contentType        = reflect.TypeFor[*wsdl.Base64Content]()
)

func resolve(v reflect.Value, loc *time.Location) error {
	switch v.Kind() {
	case reflect.Interface:
		return resolve(v.Elem(), loc)
	case reflect.Pointer:
		if v.IsNil() || v.Type() == zoneDefinitionType || v.Type() == meetingZoneType || v.Type() == contentType {
			return nil
		}
		if v.Type() == dateTimeType {
			text := v.Interface().(*wsdl.DateTimeText)
			t, ok := wsdl.ParseTime(text, loc)
			if !ok {
				return invalid("%q is no dateTime.", clip(string(*text)))
			}
			// The zero time is how some clients say "none"; it stays as it is.
			if utc := wsdl.FormatTime(t); utc != nil {
				*text = *utc
			}
			return nil
		}
		return resolve(v.Elem(), loc)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return nil
		}
		for i := range v.Len() {
			if err := resolve(v.Index(i), loc); err != nil {
				return err
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if err := resolve(v.Field(i), loc); err != nil {
				return err
			}
		}
	}
	return nil
}

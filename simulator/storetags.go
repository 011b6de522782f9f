package simulator

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// Some properties the store keeps by itself, and EWS has no elements for them:
// clients such as gateways to IMAP and CalDAV ask for them by tag.
const (
	// articleTag is PidTagInternetArticleNumber: grows from item to item that
	// comes into a folder, so that it serves as IMAP's UID ([MS-OXPROPS]).
	articleTag = 0x0E23
	// commitTag is PidTagLocalCommitTimeMax: when something in the folder
	// changed last.
	commitTag = 0x670A
	// subfoldersTag is PidTagSubfolders.
	subfoldersTag = 0x360A
)

// numberItemID writes a number into the tail of an item's id, as Exchange has
// the counter of its store in there. A later item has a greater number.
func numberItemID(tail []byte, number uint64) {
	binary.BigEndian.PutUint32(tail[len(tail)-4:], uint32(number))
}

// articleNumber reads it.
func articleNumber(raw string) uint32 {
	end := len(raw) - 1 // the id's last byte is zero
	return binary.BigEndian.Uint32([]byte(raw[end-4 : end]))
}

// withTag returns a list of extended properties with one that the store keeps,
// instead of what a client may have put in its place.
func withTag(list []*wsdl.ExtendedPropertyType, tag uint64, kind, value string) []*wsdl.ExtendedPropertyType {
	return append(withoutTags(list, tag), &wsdl.ExtendedPropertyType{
		ExtendedFieldURI: &wsdl.ExtendedFieldURI{PropertyTag: text(fmt.Sprintf("0x%04x", tag)), PropertyType: wsdl.Ptr(wsdl.MapiType(kind))}, Value: text(value),
	})
}

// withoutTags returns a new list that lacks some tags.
func withoutTags(list []*wsdl.ExtendedPropertyType, tags ...uint64) []*wsdl.ExtendedPropertyType {
	out := make([]*wsdl.ExtendedPropertyType, 0, len(list)+1)
next:
	for _, p := range list {
		if p.ExtendedFieldURI != nil && p.ExtendedFieldURI.PropertyTag != nil {
			n, err := strconv.ParseUint(wsdl.Str(p.ExtendedFieldURI.PropertyTag), 0, 16)
			for _, tag := range tags {
				if err == nil && n == tag {
					continue next
				}
			}
		}
		out = append(out, p)
	}
	return out
}

// numbered gives a value of an item its article number.
func (it *item) numbered(value any) {
	f := reflect.ValueOf(value).Elem().FieldByName("ExtendedProperty")
	if !f.IsValid() {
		return
	}
	if list, ok := f.Interface().([]*wsdl.ExtendedPropertyType); ok {
		number := strconv.FormatUint(uint64(articleNumber(it.raw)), 10)
		f.Set(reflect.ValueOf(withTag(list, articleTag, "Integer", number)))
	}
}

// tagged is what a folder has besides its elements.
func (f *folder) tagged() []*wsdl.ExtendedPropertyType {
	list := withTag(f.properties, subfoldersTag, "Boolean", strconv.FormatBool(len(f.children) > 0))
	changed := f.changed
	for _, it := range f.items {
		if t, ok := timeOf(it.value, "LastModifiedTime"); ok && t.After(changed) {
			changed = t
		}
	}
	if changed.IsZero() {
		return list
	}
	return withTag(list, commitTag, "SystemTime", changed.UTC().Format(time.RFC3339))
}

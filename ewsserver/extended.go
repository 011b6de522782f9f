package ewsserver

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/exconn/exconn/wsdl"
)

// extendedPrefix begins the path of an extended property in ItemUpdate.Fields.
const extendedPrefix = "extended:"

// propertySets are the GUIDs behind the names of property sets
// ([MS-OXPROPS] 1.3.2).
var propertySets = map[wsdl.PropertySetName]string{
	wsdl.PropertySetNameMeeting:           "6ed8da90-450b-101b-98da-00aa003f1305",
	wsdl.PropertySetNameAppointment:       "00062002-0000-0000-c000-000000000046",
	wsdl.PropertySetNameCommon:            "00062008-0000-0000-c000-000000000046",
	wsdl.PropertySetNamePublicStrings:     "00020329-0000-0000-c000-000000000046",
	wsdl.PropertySetNameAddress:           "00062004-0000-0000-c000-000000000046",
	wsdl.PropertySetNameInternetHeaders:   "00020386-0000-0000-c000-000000000046",
	wsdl.PropertySetNameCalendarAssistant: "11000e07-b51b-40d6-af21-caa85edab1d0",
	wsdl.PropertySetNameUnifiedMessaging:  "4442858e-a9e3-4e80-b900-317a210cc15b",
	wsdl.PropertySetNameTask:              "00062003-0000-0000-c000-000000000046",
	wsdl.PropertySetNameSharing:           "00062040-0000-0000-c000-000000000046",
}

// extendedKey returns a text that is the same for every way to name the same
// extended property. It is false where the elements do not go together: either
// a tag, or a set with a name or an id ([MS-OXWSXPROP] 2.1.7).
func extendedKey(u *wsdl.ExtendedFieldURI) (string, bool) {
	kind := wsdl.Str(u.PropertyType)
	if kind == "" {
		return "", false
	}
	if u.PropertyTag != nil {
		tag, err := strconv.ParseUint(strings.TrimSpace(string(*u.PropertyTag)), 0, 16)
		if err != nil || u.PropertySetId != nil || u.DistinguishedPropertySetId != nil || u.PropertyName != nil || u.PropertyId != nil {
			return "", false
		}
		return fmt.Sprintf("0x%04x/%s", tag, kind), true
	}
	var guid string
	switch {
	case u.PropertySetId != nil && u.DistinguishedPropertySetId == nil:
		// The schema wants the plain form, without braces.
		if s := strings.TrimSpace(string(*u.PropertySetId)); len(s) == 36 && uuid.Validate(s) == nil {
			guid = strings.ToLower(s)
		}
	case u.PropertySetId == nil && u.DistinguishedPropertySetId != nil:
		guid = propertySets[*u.DistinguishedPropertySetId]
	}
	if guid == "" {
		return "", false
	}
	switch {
	case u.PropertyName != nil && u.PropertyId == nil:
		// Names of Internet headers do not depend on case.
		name := string(*u.PropertyName)
		if guid == propertySets[wsdl.PropertySetNameInternetHeaders] {
			name = strings.ToLower(name)
		}
		return guid + "/" + name + "/" + kind, true
	case u.PropertyName == nil && u.PropertyId != nil:
		return fmt.Sprintf("%s/0x%x/%s", guid, *u.PropertyId, kind), true
	}
	return "", false
}

// extendedProperty returns an object's extended property, or nil. What an
// element tells goes before what a client has stored under its tag.
func extendedProperty(object any, p path) *wsdl.ExtendedPropertyType {
	if e := mappedProperty(object, p); e != nil {
		return e
	}
	return storedProperty(object, p)
}

// storedProperty returns an extended property that was stored as one, or nil.
func storedProperty(object any, p path) *wsdl.ExtendedPropertyType {
	for _, each := range get[[]*wsdl.ExtendedPropertyType](object, "ExtendedProperty") {
		if each == nil || each.ExtendedFieldURI == nil {
			continue
		}
		if key, ok := extendedKey(each.ExtendedFieldURI); ok && extendedPrefix+key == p.uri {
			return each
		}
	}
	return nil
}

// asAsked returns the property under the name that the client used for it.
func asAsked(e *wsdl.ExtendedPropertyType, p path) *wsdl.ExtendedPropertyType {
	out := *e
	out.ExtendedFieldURI = p.extended
	return &out
}

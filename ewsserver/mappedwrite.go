package ewsserver

import (
	"strconv"
	"strings"

	"github.com/exconn/exconn/wsdl"
)

// element is a property that has an element of its own and can be written by
// its tag as well: both name the same thing.
type element struct {
	uri string
	// put writes the text of the extended property to the element; false where
	// it is no such value.
	put func(item any, text string) bool
}

// writtenByTag are the elements by tag and type ([MS-OXPROPS]).
var writtenByTag = map[string]element{
	"0x0037/String": {"item:Subject", func(item any, text string) bool {
		put(item, "Subject", wsdl.Ptr(wsdl.Text(text)))
		return true
	}},
	"0x001a/String": {"item:ItemClass", func(item any, text string) bool {
		put(item, "ItemClass", wsdl.Ptr(wsdl.Text(text)))
		return true
	}},
	"0x1000/String": {"item:Body", func(item any, text string) bool {
		put(item, "Body", &wsdl.BodyContent{BodyType: wsdl.Ptr(wsdl.BodyTypeNameText), Value: wsdl.Ptr(wsdl.Text(text))})
		return true
	}},
	"0x0017/Integer": {"item:Importance", func(item any, text string) bool {
		name, ok := importanceRanks.at(text)
		put(item, "Importance", wsdl.Ptr(wsdl.ImportanceName(name)))
		return ok
	}},
	"0x0036/Integer": {"item:Sensitivity", func(item any, text string) bool {
		name, ok := sensitivityRanks.at(text)
		put(item, "Sensitivity", wsdl.Ptr(wsdl.SensitivityName(name)))
		return ok
	}},
	"0x1090/Integer": {"item:Flag", func(item any, text string) bool {
		name, ok := flagRanks.at(text)
		put(item, "Flag", &wsdl.FlagType{FlagStatus: wsdl.Ptr(wsdl.FlagStatusName(name))})
		return ok
	}},
}

// flagRanks are the values of PidTagFlagStatus ([MS-OXOFLAG] 2.2.1.1).
var flagRanks = ranks{string(wsdl.FlagStatusNameNotFlagged), string(wsdl.FlagStatusNameComplete), string(wsdl.FlagStatusNameFlagged)}

// at returns the name at a number.
func (r ranks) at(number string) (string, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(number))
	if err != nil || n < 0 || n >= len(r) {
		return "", false
	}
	return r[n], true
}

// elementOf returns the element that an extended property is, if it is one.
func elementOf(p path) (element, bool) {
	e, ok := writtenByTag[strings.TrimPrefix(p.uri, extendedPrefix)]
	return e, ok && p.extended != nil
}

// byElement turns the path of an extended property that has an element into
// the element's, and moves its value there; item is nil for a deletion.
func byElement(p path, item any) (path, error) {
	e, ok := elementOf(p)
	if !ok {
		return p, nil
	}
	if item != nil {
		given := storedProperty(item, p)
		if given == nil || !e.put(item, wsdl.Str(given.Value)) {
			return p, fieldError(ErrorUpdatePropertyMismatch, p.uri)
		}
	}
	return fieldPath(e.uri)
}

// takeTagged moves what a new item has under tags of elements to the elements,
// where those are not given themselves.
func takeTagged(item any) {
	for _, each := range get[[]*wsdl.ExtendedPropertyType](item, "ExtendedProperty") {
		if each == nil || each.ExtendedFieldURI == nil {
			continue
		}
		key, ok := extendedKey(each.ExtendedFieldURI)
		e, known := writtenByTag[key]
		if !ok || !known {
			continue
		}
		_, name, _ := strings.Cut(e.uri, ":")
		if v, has := slot(item, name); has && v.IsNil() {
			e.put(item, wsdl.Str(each.Value))
		}
	}
}

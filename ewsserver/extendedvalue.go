package ewsserver

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/exconn/exconn/wsdl"
)

// canonical gives the values of an extended property the one form that its type
// has: Exchange keeps what they mean, not how they were written. What is no
// value of the type is refused ([MS-OXWSXPROP] 2.1.5).
func canonical(e *wsdl.ExtendedPropertyType) error {
	kind := strings.TrimSuffix(wsdl.Str(e.ExtendedFieldURI.PropertyType), "Array")
	values := []*wsdl.Text{e.Value}
	if e.Values != nil {
		values = append(values, e.Values.Value...)
	}
	for _, v := range values {
		if v == nil {
			continue
		}
		text, ok := canonicalValue(kind, string(*v))
		if !ok {
			return Errorf(ErrorInvalidExtendedPropertyValue, "%q is no value of the type %s.", clip(string(*v)), kind)
		}
		*v = wsdl.Text(text)
	}
	return nil
}

// canonicalValue returns a value of a property type ([MS-OXWSCDATA] 2.2.3.17)
// as Exchange writes it; text and types that have no such form stay as they are.
func canonicalValue(kind, value string) (string, bool) {
	trimmed := strings.TrimSpace(value)
	switch kind {
	case "Boolean":
		switch strings.ToLower(trimmed) {
		case "true", "1":
			return "true", true
		case "false", "0":
			return "false", true
		}
		return "", false
	case "Short":
		return canonicalInteger(trimmed, 16)
	case "Integer":
		return canonicalInteger(trimmed, 32)
	case "Long", "Currency":
		return canonicalInteger(trimmed, 64)
	case "Float":
		return canonicalFloat(trimmed, 32)
	case "Double", "ApplicationTime":
		return canonicalFloat(trimmed, 64)
	case "SystemTime":
		t, ok := wsdl.ParseTime(wsdl.Ptr(wsdl.DateTimeText(trimmed)), nil)
		if !ok {
			return "", false
		}
		return string(*wsdl.FormatTime(t)), true
	case "CLSID":
		id, err := uuid.Parse(trimmed)
		return id.String(), err == nil
	case "Binary":
		// Lines are allowed in xs:base64Binary.
		raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(value), ""))
		return base64.StdEncoding.EncodeToString(raw), err == nil
	}
	return value, true
}

func canonicalInteger(text string, bits int) (string, bool) {
	n, err := strconv.ParseInt(text, 10, bits)
	return strconv.FormatInt(n, 10), err == nil
}

func canonicalFloat(text string, bits int) (string, bool) {
	f, err := strconv.ParseFloat(text, bits)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return "", false
	}
	return strconv.FormatFloat(f, 'g', -1, bits), true
}

package ewsserver

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/exconn/exconn/wsdl"
)

// Error is an answer of EWS that is not a success. Within an operation it
// becomes the response message of the one id, change or folder that it
// concerns, and the others of the batch go on. From Authenticate, Impersonate
// and Open, and where Fault is set, it becomes a SOAP fault with HTTP status
// 500, and ends the request.
type Error struct {
	Code Code
	// Text is the MessageText for people. Empty means this package's own
	// sentence for the code.
	Text string
	// Values are details that the answer carries as MessageXml, such as
	// "BackOffMilliseconds" with ErrorServerBusy.
	Values map[string]string
	// Field is the property that is the matter, such as "item:Body" or
	// "contacts:PhoneNumber/HomePhone", which the answer carries as MessageXml
	// too.
	Field string
	// Fault makes a SOAP fault of it wherever it comes from, as Exchange does
	// with ErrorServerBusy.
	Fault bool
}

// Errorf returns an Error with a text.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Text: fmt.Sprintf(format, args...)}
}

func (e *Error) Error() string { return string(e.Code) + ": " + e.text() }

func (e *Error) text() string {
	if e.Text != "" {
		return e.Text
	}
	if text, ok := texts[e.Code]; ok {
		return text
	}
	return "The request failed."
}

// xml returns the details as they are sent, or nil.
func (e *Error) xml() *wsdl.MessageXmlType {
	if len(e.Values) == 0 && e.Field == "" {
		return nil
	}
	m := new(wsdl.MessageXmlType)
	for _, name := range slices.Sorted(maps.Keys(e.Values)) {
		m.Value = append(m.Value, &wsdl.Value{Name: wsdl.Ptr(wsdl.Text(name)), Value: wsdl.Ptr(wsdl.Text(e.Values[name]))})
	}
	uri, index, indexed := strings.Cut(e.Field, "/")
	switch {
	case e.Field == "", strings.HasPrefix(e.Field, extendedPrefix):
	case indexed:
		m.IndexedFieldURI = []*wsdl.IndexedFieldURI{{FieldURI: wsdl.Ptr(wsdl.Text(uri)), FieldIndex: wsdl.Ptr(wsdl.Text(index))}}
	default:
		m.FieldURI = []*wsdl.FieldURI{{FieldURI: wsdl.Ptr(wsdl.Text(e.Field))}}
	}
	return m
}

// fieldError is an Error about one property.
func fieldError(code Code, field string) *Error { return &Error{Code: code, Field: field} }

// invalid is a fault for a request that Exchange's schema does not allow.
func invalid(format string, args ...any) *Error {
	e := Errorf(ErrorSchemaValidation, "The request failed schema validation: "+format, args...)
	e.Fault = true
	return e
}

// hasCode reports whether err is an Error with this code.
func hasCode(err error, code Code) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}

// AuthError refuses a request before its SOAP is answered: the answer is plain
// HTTP.
type AuthError struct {
	// Status is 401 or 403; any other HTTP error status is taken too.
	Status int
	// Header is added to the answer: WWW-Authenticate, x-ms-diagnostics,
	// X-EWS-Policy-Reason.
	Header http.Header
	// Reason is for the log, not for the client, and names no secret.
	Reason string
}

func (e *AuthError) Error() string {
	s := fmt.Sprintf("HTTP %d %s", e.Status, http.StatusText(e.Status))
	if e.Reason != "" {
		s += ": " + e.Reason
	}
	return s
}

package soap

import (
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The namespaces of SOAP 1.1 and of Exchange Web Services.
const (
	EnvelopeNS = "http://schemas.xmlsoap.org/soap/envelope/"
	MessagesNS = "http://schemas.microsoft.com/exchange/services/2006/messages"
	TypesNS    = "http://schemas.microsoft.com/exchange/services/2006/types"
	ErrorsNS   = "http://schemas.microsoft.com/exchange/services/2006/errors"
)

// Fault is a SOAP fault, whatever the HTTP status it came with. Exchange puts
// the code that matters into the detail, other servers into the fault code
// alone (gromox, observed); ResponseCode has it in both cases.
type Fault struct {
	// Meta is the HTTP side, where a client received the fault.
	Meta
	// FaultCode is the fault code's local name as it was sent:
	// "ErrorImpersonateUserDenied", "Client".
	FaultCode   string
	FaultString string
	// ResponseCode is the Exchange response code, or "".
	ResponseCode string
	// Message is the detail's text; often the same as FaultString.
	Message string
	// BackOff is how long Exchange asks to wait. HasBackOff with zero means
	// that it asks, and does not know how long.
	BackOff    time.Duration
	HasBackOff bool
	// Values is what else the detail's MessageXml holds, by name.
	Values map[string]string
}

func (f *Fault) Error() string {
	code := f.Code()
	text := f.Message
	if text == "" {
		text = f.FaultString
	}
	s := "SOAP fault"
	if code != "" {
		s = code
	}
	if text != "" && text != code {
		s += ": " + clip(text, 300)
	}
	return s + f.Meta.describe()
}

// Code returns the response code, or the fault code where there is none.
func (f *Fault) Code() string {
	if f.ResponseCode != "" {
		return f.ResponseCode
	}
	return f.FaultCode
}

// RequestID returns the server's request id, or the client's where the server
// gave none.
func (f *Fault) RequestID() string { return f.Meta.id() }

// RetryAfter returns how long to wait as the fault or the HTTP header says,
// whichever is longer, or zero.
func (f *Fault) RetryAfter() time.Duration { return max(f.BackOff, f.Meta.RetryAfter) }

// IsFault reports whether name is that of a fault in a SOAP 1.1 body.
func IsFault(name xml.Name) bool { return name.Space == EnvelopeNS && name.Local == "Fault" }

// backOffValue is the name of the value that asks to wait, in milliseconds
// (EWS throttling in Exchange, "BackOffMilliseconds").
const backOffValue = "BackOffMilliseconds"

type wireFault struct {
	Code   string       `xml:"faultcode"`
	String string       `xml:"faultstring"`
	Detail *faultDetail `xml:"detail"`
}

type faultDetail struct {
	ResponseCode string      `xml:"ResponseCode"`
	Message      string      `xml:"Message"`
	MessageXML   *messageXML `xml:"MessageXml"`
}

// messageXML holds t:Value elements with names, and for schema errors elements
// of other names (LineNumber, LinePosition, Violation).
type messageXML struct{ values []*messageValue }

type messageValue struct {
	Name string `xml:"Name,attr"`
	Text string `xml:",chardata"`
}

func (m *messageXML) DecodeChild(name xml.Name) any {
	v := &messageValue{Name: name.Local}
	m.values = append(m.values, v)
	return v
}

// decodeElement reads the Fault element.
func (f *Fault) decodeElement(d *Decoder) error {
	var w wireFault
	if err := d.Decode(&w); err != nil {
		return err
	}
	f.FaultCode = strings.TrimSpace(w.Code)
	if i := strings.LastIndexByte(f.FaultCode, ':'); i >= 0 {
		f.FaultCode = f.FaultCode[i+1:]
	}
	f.FaultString = strings.TrimSpace(w.String)
	if w.Detail != nil {
		f.ResponseCode = strings.TrimSpace(w.Detail.ResponseCode)
		f.Message = strings.TrimSpace(w.Detail.Message)
		if w.Detail.MessageXML != nil {
			f.take(w.Detail.MessageXML.values)
		}
	}
	if f.ResponseCode == "" && strings.HasPrefix(f.FaultCode, "Error") {
		f.ResponseCode = f.FaultCode
	}
	return nil
}

func (f *Fault) take(values []*messageValue) {
	for _, v := range values {
		text := strings.TrimSpace(v.Text)
		if v.Name == backOffValue {
			if ms, err := strconv.ParseInt(text, 10, 32); err == nil {
				f.HasBackOff = true
				f.BackOff = max(0, time.Duration(ms)*time.Millisecond)
				continue
			}
		}
		if f.Values == nil {
			f.Values = make(map[string]string)
		}
		f.Values[v.Name] = text
	}
}

// WriteFault writes an envelope with the fault, in the form that Exchange
// gives it. A FaultCode of SOAP's own (Client, Server, VersionMismatch,
// MustUnderstand) is in SOAP's namespace, any other in Exchange's; an empty one
// is ResponseCode, or "Server" where that is empty too. Without ResponseCode
// there is no detail.
func WriteFault(w io.Writer, f *Fault) error {
	code := f.FaultCode
	if code == "" {
		code = f.ResponseCode
	}
	var b strings.Builder
	b.WriteString(xmlDeclaration + `<s:Envelope xmlns:s="` + EnvelopeNS + `"><s:Body><s:Fault>`)
	switch code {
	case "":
		b.WriteString(`<faultcode>s:Server</faultcode>`)
	case "Client", "Server", "VersionMismatch", "MustUnderstand":
		b.WriteString(`<faultcode>s:` + code + `</faultcode>`)
	default:
		b.WriteString(`<faultcode xmlns:a="` + TypesNS + `">a:` + escape(code) + `</faultcode>`)
	}
	b.WriteString(`<faultstring xml:lang="en-US">` + escape(f.FaultString) + `</faultstring>`)
	if f.ResponseCode != "" {
		message := f.Message
		if message == "" {
			message = f.FaultString
		}
		fmt.Fprintf(&b, `<detail><e:ResponseCode xmlns:e="%s">%s</e:ResponseCode><e:Message xmlns:e="%[1]s">%[3]s</e:Message>`,
			ErrorsNS, escape(f.ResponseCode), escape(message))
		if f.HasBackOff || len(f.Values) > 0 {
			b.WriteString(`<t:MessageXml xmlns:t="` + TypesNS + `">`)
			if f.HasBackOff {
				fmt.Fprintf(&b, `<t:Value Name="%s">%d</t:Value>`, backOffValue, f.BackOff.Milliseconds())
			}
			for _, name := range slices.Sorted(maps.Keys(f.Values)) {
				fmt.Fprintf(&b, `<t:Value Name="%s">%s</t:Value>`, escape(name), escape(f.Values[name]))
			}
			b.WriteString(`</t:MessageXml>`)
		}
		b.WriteString(`</detail>`)
	}
	b.WriteString(`</s:Fault></s:Body></s:Envelope>`)
	_, err := io.WriteString(w, b.String())
	return err
}

func escape(s string) string {
	var b strings.Builder
	// A strings.Builder does not fail.
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

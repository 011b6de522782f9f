package simulator

import (
	"cmp"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/exconn/exconn/ewsserver"
)

// FaultKind is a kind of fault that scripts have a word for.
type FaultKind struct {
	// Name is the word.
	Name string
	// Fields are those that the kind has of its own, and Does what it does,
	// both in a few words.
	Fields, Does string
}

// FaultKinds lists the kinds.
func FaultKinds() []FaultKind {
	list := make([]FaultKind, 0, len(faultKinds))
	for _, k := range faultKinds {
		list = append(list, k.FaultKind)
	}
	return list
}

type faultKind struct {
	FaultKind
	// ewsAlone: other services have no such answer.
	ewsAlone bool
	// effect: it changes the world, and can be had without waiting for a
	// request.
	effect bool
	read   func(*fields, *Fault)
}

// faultKinds are made in init, because reading an effect asks for them.
var faultKinds []faultKind

func init() {
	faultKinds = append(faultKinds, answerKinds...)
	faultKinds = append(faultKinds, effectKinds...)
	faultKinds = append(faultKinds, signInKinds...)
}

// errorPage is an answer that no client should take for SOAP.
func errorPage(title string) []byte {
	return []byte("<!DOCTYPE html><html><head><title>" + title + "</title></head><body><h1>" + title + "</h1></body></html>\r\n")
}

func htmlHeader(pairs ...string) http.Header {
	h := http.Header{"Content-Type": {"text/html; charset=utf-8"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

// errUnderLoad is a refusal for no reason. Exchange's has the challenges that
// it always makes.
var errUnderLoad = &ewsserver.AuthError{Status: http.StatusUnauthorized, Header: htmlHeader("WWW-Authenticate", `Bearer realm=""`), Reason: "under load"}

// maxWait is the longest wait that a fault asks for.
const maxWait = 24 * time.Hour

// busy is ErrorServerBusy with the wait that a script asks for; Exchange writes
// 0 where it does not know.
func busy(f *fields) *ewsserver.Error {
	wait := f.duration("back_off", 0, 0)
	if wait > maxWait {
		f.wrong("back_off", "must be %s at most", maxWait)
	}
	return &ewsserver.Error{Code: ewsserver.ErrorServerBusy, Values: map[string]string{
		"BackOffMilliseconds": strconv.FormatInt(wait.Milliseconds(), 10)}}
}

// answerKinds are those that make an answer go wrong.
var answerKinds = []faultKind{
	{FaultKind: FaultKind{"http-503", "retry_after", "HTTP 503, with a Retry-After header where retry_after is given"}, read: func(f *fields, out *Fault) {
		out.Status, out.Header, out.Body = http.StatusServiceUnavailable, htmlHeader(), errorPage("Service Unavailable")
		if wait := f.duration("retry_after", 0, 0); f.has("retry_after") {
			out.Header.Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
		}
	}},
	{FaultKind: FaultKind{"server-busy", "back_off", "HTTP 500 with the SOAP fault ErrorServerBusy and BackOffMilliseconds, 0 where back_off is left out"}, ewsAlone: true, read: func(f *fields, out *Fault) {
		e := busy(f)
		e.Fault = true
		out.Error = e
	}},
	{FaultKind: FaultKind{"server-busy-in-message", "back_off", "HTTP 200 with ErrorServerBusy in each response message"}, ewsAlone: true, read: func(f *fields, out *Fault) {
		out.Error = busy(f)
	}},
	{FaultKind: FaultKind{"server-busy-within", "", "HTTP 200 with ErrorInternalServerError in each response message, and ErrorServerBusy within it"}, ewsAlone: true, read: func(_ *fields, out *Fault) {
		out.Error = &ewsserver.Error{Code: ewsserver.ErrorInternalServerError, Values: map[string]string{
			"InnerErrorResponseCode": string(ewsserver.ErrorServerBusy), "InnerErrorMessageText": "The server is too busy."}}
	}},
	{FaultKind: FaultKind{"error-code", "code, fault", "the EWS error of that code in each response message, or as a SOAP fault where fault is true"}, ewsAlone: true, read: func(f *fields, out *Fault) {
		out.Error = &ewsserver.Error{Code: ewsserver.Code(f.mandatory("code")), Fault: f.flag("fault")}
	}},
	{FaultKind: FaultKind{"http-401", "", "HTTP 401 without a reason, as under load"}, read: func(_ *fields, out *Fault) {
		out.Error = errUnderLoad
	}},
	{FaultKind: FaultKind{"http-403", "reason", "HTTP 403; with reason disabled or blocked EWS's policy says so in X-EWS-Policy-Reason"}, read: func(f *fields, out *Fault) {
		out.Status, out.Header, out.Body = http.StatusForbidden, htmlHeader(), errorPage("Forbidden")
		switch f.word("reason", "disabled", "blocked") {
		case "disabled":
			out.Header.Set("X-EWS-Policy-Reason", reasonDisabled)
		case "blocked":
			out.Header.Set("X-EWS-Policy-Reason", reasonBlocked)
		}
	}},
	{FaultKind: FaultKind{"error-page", "", "HTTP 302 to genericerrorpage.htm"}, read: func(_ *fields, out *Fault) {
		out.Status = http.StatusFound
		out.Header = htmlHeader("Location", "/owa/auth/genericerrorpage.htm?aspxerrorpath=/EWS/Exchange.asmx")
	}},
	{FaultKind: FaultKind{"application-error", "status", `the page "Server Error in '/EWS' Application", with HTTP 500 or status`}, read: func(f *fields, out *Fault) {
		out.Header, out.Body = htmlHeader(), errorPage("Server Error in '/EWS' Application.")
		out.Status = f.count("status", 200, http.StatusInternalServerError)
		if out.Status > 599 {
			f.wrong("status", "must be an HTTP status, 200 to 599")
		}
	}},
	{FaultKind: FaultKind{"delay", "delay", "the answer comes late"}, read: func(f *fields, out *Fault) {
		if out.Delay == 0 {
			f.wrong("delay", "must be there, a duration above 0")
		}
	}},
	{FaultKind: FaultKind{"reset", "", "the connection is reset, and nothing was done"}, read: func(_ *fields, out *Fault) { out.Reset = true }},
	{FaultKind: FaultKind{"crash", "status", "what was asked for is done, and the connection is reset before the answer; with status 502 or 504, a proxy answers that"}, read: func(f *fields, out *Fault) {
		out.Execute = true
		if status := f.count("status", 500, 0); status == 0 {
			out.Reset = true
		} else {
			out.Status, out.Header, out.Body = status, htmlHeader(), errorPage(cmp.Or(http.StatusText(status), strconv.Itoa(status)))
			if status > 599 {
				f.wrong("status", "must be an HTTP status, 500 to 599")
			}
		}
	}},
	{FaultKind: FaultKind{"truncate", "bytes", "the answer breaks off after so many bytes"}, read: func(f *fields, out *Fault) {
		out.Truncate = f.count("bytes", 1, 0)
		if !f.has("bytes") {
			f.wrong("bytes", "must be there, a whole number from 1 on")
		}
	}},
	{FaultKind: FaultKind{"stall", "bytes", "the answer stands still after so many bytes, 0 where left out, until the client goes"}, read: func(f *fields, out *Fault) {
		out.Stall, out.Truncate = true, f.count("bytes", 0, 0)
	}},
	{FaultKind: FaultKind{"drip", "bytes, pause", "the answer comes in pieces of so many bytes (1) with a pause between them (5ms)"}, read: func(f *fields, out *Fault) {
		out.Drip, out.Pause = f.count("bytes", 1, 1), f.duration("pause", 0, 5*time.Millisecond)
	}},
	{FaultKind: FaultKind{"invalid-characters", "", "the texts of the answer hold characters that XML forbids, such as &#x0;"}, read: func(_ *fields, out *Fault) { out.Garble = true }},
	{FaultKind: FaultKind{"content-type", "content_type", "the answer says that it is something else, text/html where left out"}, read: func(f *fields, out *Fault) {
		out.ContentType = cmp.Or(f.text("content_type"), "text/html; charset=utf-8")
	}},
}

// mandatory reads a text that must be there.
func (f *fields) mandatory(name string) string {
	s := f.text(name)
	if s == "" {
		f.wrong(name, "must be there, a text")
	}
	return s
}

// flag reads true or false; false where the field is missing.
func (f *fields) flag(name string) bool {
	v, ok := f.take(name)
	if !ok {
		return false
	}
	b, ok := v.value.(bool)
	if !ok {
		f.wrong(name, "must be true or false, and is %s", v.word())
	}
	return b
}

package entra

import (
	"fmt"
	"net/http"
	"strconv"
)

// msisError is a refusal in AD FS's form. The numbers 9602, 9603, 9605, 9607,
// 9609, 9612, 9614, 9615, 9622, 9720, 9221, 9223 and 9224 were seen in the
// field with the meaning that they have here.
type msisError struct {
	// number is 0 where none is known.
	number  int
	oauth   string
	message string
	// status is the HTTP status at the token endpoint; 0 means 400, which is
	// AD FS's for a client that cannot prove itself too.
	status int
}

func msis(number int, oauth, format string, args ...any) *msisError {
	return &msisError{number: number, oauth: oauth, message: fmt.Sprintf(format, args...)}
}

// Error returns "MSIS9605: …".
func (e *msisError) Error() string {
	if e.number == 0 {
		return e.message
	}
	return "MSIS" + strconv.Itoa(e.number) + ": " + e.message
}

func msisMissing(parameter string) *msisError {
	return msis(0, "invalid_request", "The request has no parameter '%s'.", parameter)
}

func msisUnreadable() *msisError {
	return msis(0, "invalid_request", "The request cannot be read as a form.")
}

// msisDuplicated refuses a parameter that was sent twice (RFC 6749 section 3.1).
func msisDuplicated(v map[string][]string) *msisError {
	for name, values := range v {
		if len(values) > 1 {
			return msis(0, "invalid_request", "The request has the parameter '%s' more than once.", name)
		}
	}
	return nil
}

func msisBroken(err error) *msisError {
	e := msis(0, "server_error", "The server could not make the token: %v.", err)
	e.status = http.StatusInternalServerError
	return e
}

// refuseJSON answers a program. AD FS adds neither numbers nor ids of its own:
// the correlation id is in the header client-request-id.
func (a *ADFS) refuseJSON(c *call, e *msisError) {
	a.logRefusal(c, e)
	status := e.status
	if status == 0 {
		status = http.StatusBadRequest
	}
	writeJSON(c.w, status, struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}{e.oauth, e.Error()})
}

// refusePage tells a person.
func (a *ADFS) refusePage(c *call, e *msisError) {
	a.logRefusal(c, e)
	c.show(http.StatusOK, "error.html", "Error", func(fr frame) any {
		return struct {
			frame
			Problem *problem
		}{fr, a.problem(c, e)}
	})
}

// problem is an error as a page shows it. AD FS calls the correlation id the
// activity id.
func (a *ADFS) problem(c *call, e *msisError) *problem {
	if e == nil {
		return nil
	}
	return &problem{Text: e.Error(), CorrelationID: c.correlation, Timestamp: c.timestamp(), Trace: c.trace}
}

func (a *ADFS) logRefusal(c *call, e *msisError) {
	// The message stays out of the log: it may repeat what a stranger sent.
	a.opts.Logger.Info("refused", "path", c.r.URL.Path, "code", e.number, "error", e.oauth, "correlation_id", c.correlation)
}

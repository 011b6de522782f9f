package entra

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// Error is a refusal in Entra's form: an OAuth 2.0 error for programs and an
// AADSTS number for people. The numbers and what they mean are those of
// Microsoft's list "Microsoft Entra authentication and authorization error
// codes"; the words are our own.
type Error struct {
	// AADSTS is the number, such as 50126.
	AADSTS int
	// OAuth is the error of RFC 6749 or OpenID Connect, such as
	// "invalid_grant".
	OAuth string
	// SubError narrows OAuth for MSAL, such as "consent_required"; often empty.
	SubError string
	// Claims is what the client has to ask for when it sends the user to the
	// pages, as JSON; often empty.
	Claims string
	// Message says what was wrong, with neither code nor ids.
	Message string
}

// Error returns "AADSTS50126: …".
func (e *Error) Error() string { return e.Code() + ": " + e.Message }

// Code returns "AADSTS50126".
func (e *Error) Code() string { return "AADSTS" + strconv.Itoa(e.AADSTS) }

// status is the HTTP status: 401 where the client could not prove who it is
// (RFC 6749 section 5.2), else 400.
func (e *Error) status() int {
	switch e.OAuth {
	case "invalid_client":
		return http.StatusUnauthorized
	case "server_error":
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

func fail(aadsts int, oauth, format string, args ...any) *Error {
	return &Error{AADSTS: aadsts, OAuth: oauth, Message: fmt.Sprintf(format, args...)}
}

// missing is what Entra answers when a parameter is not there.
func missing(parameter string) *Error {
	return fail(900144, "invalid_request", "The request lacks the parameter '%s'.", parameter)
}

// broken reports a fault of this server itself.
func broken(err error) *Error {
	return fail(50000, "server_error", "The server could not make the token: %v.", err)
}

// timestamp is how Entra writes a time.
func (c *call) timestamp() string { return c.now.Format("2006-01-02 15:04:05Z") }

// description is error_description: the message with the ids that support
// asks for.
func (c *call) description(e *Error) string {
	return fmt.Sprintf("%s Trace ID: %s Correlation ID: %s Timestamp: %s", e.Error(), c.trace, c.correlation, c.timestamp())
}

func (c *call) errorURI(e *Error) string {
	return c.base + "/error?code=" + strconv.Itoa(e.AADSTS)
}

// errorJSON answers a program.
func (s *Server) errorJSON(c *call, e *Error) {
	s.logRefusal(c, e)
	if e.OAuth == "invalid_client" && c.r.Header.Get("Authorization") != "" {
		// RFC 6749 section 5.2 asks for it when the client used this way in.
		c.w.Header().Set("WWW-Authenticate", `Basic realm="entra"`)
	}
	writeJSON(c.w, e.status(), struct {
		Error         string `json:"error"`
		Description   string `json:"error_description"`
		Codes         []int  `json:"error_codes"`
		Timestamp     string `json:"timestamp"`
		TraceID       string `json:"trace_id"`
		CorrelationID string `json:"correlation_id"`
		URI           string `json:"error_uri"`
		SubError      string `json:"suberror,omitempty"`
		Claims        string `json:"claims,omitempty"`
	}{e.OAuth, c.description(e), []int{e.AADSTS}, c.timestamp(), c.trace, c.correlation, c.errorURI(e), e.SubError, e.Claims})
}

func (s *Server) logRefusal(c *call, e *Error) {
	// The message stays out of the log: it may repeat what a stranger sent.
	s.opts.Logger.Info("refused", "path", c.r.URL.Path, "code", e.Code(), "error", e.OAuth, "correlation_id", c.correlation)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "the answer cannot be written as JSON", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	// The client has gone if this fails; there is nobody left to tell.
	_, _ = w.Write(b)
}

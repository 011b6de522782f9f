package ewsserver_test

import (
	"net/http"
	"testing"

	"github.com/exconn/exconn/ewsserver"
)

const getTwo = `<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape>` +
	`<m:ItemIds><t:ItemId Id="a"/><t:ItemId Id="b"/></m:ItemIds></m:GetItem>`

// What Intercept returns is the answer, and nothing is done.
func TestInterceptDeclines(t *testing.T) {
	t.Parallel()
	var told ewsserver.Incoming
	var why error
	opts := &ewsserver.Options{Intercept: func(_ http.ResponseWriter, _ *http.Request, in ewsserver.Incoming) (bool, error) {
		told = in
		return false, why
	}}
	f := newFake()
	why = &ewsserver.Error{Code: ewsserver.ErrorServerBusy}
	callWith(t, f, opts, "", getTwo).wantCodes(t, "ErrorServerBusy", "ErrorServerBusy")
	if told.Operation != "GetItem" || told.Caller.Mailbox == "" || told.Impersonates != (ewsserver.ConnectingSID{}) {
		t.Errorf("it was told of %+v", told)
	}
	why = &ewsserver.Error{Code: ewsserver.ErrorServerBusy, Fault: true, Values: map[string]string{"BackOffMilliseconds": "0"}}
	callWith(t, f, opts, "", getTwo).wantFault(t, "ErrorServerBusy").has(t, `Name="BackOffMilliseconds">0<`)
	why = &ewsserver.AuthError{Status: http.StatusForbidden, Header: http.Header{"X-Ews-Policy-Reason": {"because"}}}
	if a := callWith(t, f, opts, "", getTwo); a.status != 403 || a.header.Get("X-EWS-Policy-Reason") != "because" {
		t.Errorf("HTTP %d, %v", a.status, a.header)
	}
	callWith(t, f, opts, `<t:ExchangeImpersonation><t:ConnectingSID><t:PrimarySmtpAddress>ben@contoso.example</t:PrimarySmtpAddress></t:ConnectingSID></t:ExchangeImpersonation>`, getTwo)
	if told.Impersonates.PrimarySmtpAddress != "ben@contoso.example" {
		t.Errorf("it was told of %+v", told)
	}
	callWith(t, f, opts, `<t:ExchangeImpersonation/>`, getTwo)
	if told.Impersonates != (ewsserver.ConnectingSID{}) {
		t.Errorf("of a header that names nobody it was told %+v", told)
	}
	if f.opened != 0 {
		t.Errorf("the backend was opened %d times", f.opened)
	}
}

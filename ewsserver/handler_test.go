package ewsserver_test

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/exconn/exconn/ewsserver"
)

const getInbox = `<m:GetFolder><m:FolderShape><t:BaseShape>Default</t:BaseShape></m:FolderShape>` +
	`<m:FolderIds><t:DistinguishedFolderId Id="inbox"/></m:FolderIds></m:GetFolder>`

func TestStylesOfClients(t *testing.T) {
	t.Parallel()
	const types, messages = "http://schemas.microsoft.com/exchange/services/2006/types", "http://schemas.microsoft.com/exchange/services/2006/messages"
	for name, envelope := range map[string]string{
		"prefixes": open + `<soap:Body>` + getInbox + `</soap:Body>` + shut,
		"messages by default": `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetFolder xmlns="` + messages + `" xmlns:x="` + types + `">` +
			`<FolderShape><x:BaseShape>Default</x:BaseShape></FolderShape><FolderIds><x:DistinguishedFolderId Id="inbox"/></FolderIds></GetFolder></s:Body></s:Envelope>`,
		"types by default": `<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns="` + types + `"><SOAP-ENV:Header><RequestServerVersion Version="Exchange2010"/></SOAP-ENV:Header><SOAP-ENV:Body><ns1:GetFolder xmlns:ns1="` + messages + `">` +
			`<ns1:FolderShape><BaseShape>Default</BaseShape></ns1:FolderShape><ns1:FolderIds><DistinguishedFolderId Id='inbox'></DistinguishedFolderId></ns1:FolderIds></ns1:GetFolder></SOAP-ENV:Body></SOAP-ENV:Envelope>`,
		"declared at each element": `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Header/><Body><GetFolder xmlns="` + messages + `">` +
			`<FolderShape><BaseShape xmlns="` + types + `">Default</BaseShape></FolderShape><FolderIds><DistinguishedFolderId xmlns="` + types + `" Id="Inbox"/></FolderIds></GetFolder></Body></Envelope>`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			do(t, newFake(), nil, post(envelope)).wantCodes(t, "NoError").
				has(t, "<DisplayName>Inbox</DisplayName>", "<UnreadCount>2</UnreadCount>", "ServerVersionInfo").lacks(t, "ParentFolderId", "FolderClass")
		})
	}
}

func TestPathWhateverItsCase(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]int{
		"/EWS/Exchange.asmx": 200, "/ews/exchange.asmx": 200, "/Ews/EXCHANGE.ASMX": 200, "/": 404, "/EWS/Services.wsdl": 404,
	} {
		r := post(open + `<soap:Body>` + getInbox + `</soap:Body>` + shut)
		r.URL.Path = path
		if got := do(t, newFake(), nil, r).status; got != want {
			t.Errorf("%s: HTTP %d, want %d", path, got, want)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	r := post(open + `<soap:Body>` + getInbox + `</soap:Body>` + shut)
	r.Header.Set("client-request-id", "abc")
	a := do(t, newFake(), &ewsserver.Options{ServerName: "EX01", Version: ewsserver.ExchangeOnline}, r)
	if a.header.Get("request-id") == "" || a.header.Get("X-FEServer") != "EX01" || a.header.Get("X-CalculatedBETarget") != "ex01" {
		t.Errorf("headers %v", a.header)
	}
	if got := a.header.Get("client-request-id"); got != "" {
		t.Errorf("client-request-id %q is echoed unasked", got)
	}
	if got := a.header.Get("Content-Type"); got != "text/xml; charset=utf-8" {
		t.Errorf("Content-Type %q", got)
	}
	a.has(t, `MajorVersion="15"`, `MinorVersion="20"`, `Version="V2018_01_08"`)
	r = post(open + `<soap:Body>` + getInbox + `</soap:Body>` + shut)
	r.Header.Set("client-request-id", "abc")
	r.Header.Set("return-client-request-id", "true")
	if got := do(t, newFake(), nil, r).header.Get("client-request-id"); got != "abc" {
		t.Errorf("client-request-id %q, want abc", got)
	}
}

func TestRefusedBeforeSOAP(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]*ewsserver.AuthError{
		"401": {Status: 401, Header: http.Header{"WWW-Authenticate": {"Bearer", `Basic realm="x"`}, "X-Ms-Diagnostics": {`2000008;reason="no permissions";error_category="invalid_grant"`}}},
		"403": {Status: 403, Header: http.Header{"X-Ews-Policy-Reason": {"EWS is disabled for this user or tenant"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake()
			f.authErr = refusal
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				r := post(open + `<soap:Body>` + getInbox + `</soap:Body>` + shut)
				r.Method = method
				a := do(t, f, nil, r)
				if a.status != refusal.Status {
					t.Errorf("HTTP %d, want %d", a.status, refusal.Status)
				}
				for key, values := range refusal.Header {
					if got := a.header.Values(key); len(got) != len(values) || got[0] != values[0] {
						t.Errorf("%s: %v, want %v", key, got, values)
					}
				}
			}
			if f.opened != 0 {
				t.Error("the mailbox was opened")
			}
		})
	}
}

// A mailbox may be closed to EWS where the caller is not: the refusal then
// comes with Open.
func TestRefusedMailbox(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.openErr = &ewsserver.AuthError{Status: 403, Header: http.Header{"X-Ews-Policy-Reason": {"EWS is disabled for this user or tenant"}}}
	if a := call(t, f, getInbox); a.status != 403 || a.header.Get("X-EWS-Policy-Reason") == "" {
		t.Errorf("HTTP %d, headers %v", a.status, a.header)
	}
	f.openErr = &ewsserver.Error{Code: ewsserver.ErrorNonExistentMailbox}
	call(t, f, getInbox).wantFault(t, "ErrorNonExistentMailbox")
}

func TestServicePage(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodGet, "https://ex.contoso.example/ews/exchange.asmx", nil)
	a := do(t, newFake(), nil, r)
	if a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		t.Errorf("HTTP %d, %s", a.status, a.header.Get("Content-Type"))
	}
	a.has(t, "https://ex.contoso.example/EWS/Exchange.asmx")
	r.Method = http.MethodDelete
	if a := do(t, newFake(), nil, r); a.status != http.StatusMethodNotAllowed {
		t.Errorf("DELETE: HTTP %d", a.status)
	}
}

func TestBadRequests(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ envelope, code string }{
		"not XML":           {"hello", "ErrorSchemaValidation"},
		"empty":             {"", "ErrorSchemaValidation"},
		"HTML":              {"<html><body>hi</body></html>", "ErrorSchemaValidation"},
		"truncated":         {open + `<soap:Body><m:GetFolder><m:FolderShape>`, "ErrorSchemaValidation"},
		"mismatched":        {open + `<soap:Body><m:GetFolder></m:GetItem></soap:Body>` + shut, "ErrorSchemaValidation"},
		"document type":     {`<!DOCTYPE a [<!ENTITY b "c">]>` + open + `<soap:Body>` + getInbox + `</soap:Body>` + shut, "ErrorSchemaValidation"},
		"empty body":        {open + `<soap:Body/>` + shut, "ErrorSchemaValidation"},
		"SOAP 1.2":          {strings.Replace(open, "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope", 1) + `<soap:Body>` + getInbox + `</soap:Body>` + shut, "ErrorSchemaValidation"},
		"unknown operation": {open + `<soap:Body><m:MakeCoffee/></soap:Body>` + shut, "ErrorInvalidRequest"},
		"other namespace":   {open + `<soap:Body><t:GetFolder/></soap:Body>` + shut, "ErrorInvalidRequest"},
		"unknown version":   {open + `<soap:Header><t:RequestServerVersion Version="Exchange1999"/></soap:Header><soap:Body>` + getInbox + `</soap:Body>` + shut, "ErrorInvalidServerVersion"},
		"no shape":          {open + `<soap:Body><m:GetFolder><m:FolderIds><t:DistinguishedFolderId Id="inbox"/></m:FolderIds></m:GetFolder></soap:Body>` + shut, "ErrorSchemaValidation"},
		"no ids":            {open + `<soap:Body><m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:ItemIds/></m:GetItem></soap:Body>` + shut, "ErrorSchemaValidation"},
		"bad number":        {open + `<soap:Body><m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:SyncFolderId><t:DistinguishedFolderId Id="inbox"/></m:SyncFolderId><m:MaxChangesReturned>many</m:MaxChangesReturned></m:SyncFolderItems></soap:Body>` + shut, "ErrorSchemaValidation"},
		"unknown field":     {open + `<soap:Body><m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties><t:FieldURI FieldURI="item:Colour"/></t:AdditionalProperties></m:ItemShape><m:ItemIds><t:ItemId Id="m1"/></m:ItemIds></m:GetItem></soap:Body>` + shut, "ErrorSchemaValidation"},
		"unknown shape":     {open + `<soap:Body><m:GetItem><m:ItemShape><t:BaseShape>Everything</t:BaseShape></m:ItemShape><m:ItemIds><t:ItemId Id="m1"/></m:ItemIds></m:GetItem></soap:Body>` + shut, "ErrorSchemaValidation"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			do(t, newFake(), nil, post(test.envelope)).wantFault(t, test.code)
		})
	}
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	opts := &ewsserver.Options{MaxRequest: 1000}
	envelope := open + `<soap:Body>` + getInbox + strings.Repeat(" ", 1000) + `</soap:Body>` + shut
	f := newFake()
	f.authErr = &ewsserver.AuthError{} // it is refused before the sign-in
	if a := do(t, f, opts, post(envelope)); a.status != http.StatusNotFound {
		t.Errorf("known length: HTTP %d", a.status)
	}
	r := post(envelope)
	r.ContentLength = -1
	if a := do(t, newFake(), opts, r); a.status != http.StatusRequestEntityTooLarge {
		t.Errorf("unknown length: HTTP %d", a.status)
	}
}

func TestImpersonation(t *testing.T) {
	t.Parallel()
	header := func(inner string) string {
		return `<t:ExchangeImpersonation><t:ConnectingSID>` + inner + `</t:ConnectingSID></t:ExchangeImpersonation>`
	}
	for inner, want := range map[string]ewsserver.ConnectingSID{
		"<t:PrincipalName>ben@contoso.example</t:PrincipalName>":             {PrincipalName: "ben@contoso.example"},
		"<t:SID>S-1-5-21</t:SID>":                                            {SID: "S-1-5-21"},
		"<t:PrimarySmtpAddress> ben@contoso.example </t:PrimarySmtpAddress>": {PrimarySmtpAddress: "ben@contoso.example"},
		"<t:SmtpAddress>ben@contoso.example</t:SmtpAddress>":                 {SmtpAddress: "ben@contoso.example"},
	} {
		f := newFake()
		f.appOnly = true
		callWith(t, f, nil, header(inner), getInbox).wantCodes(t, "NoError")
		if f.impersonated != want {
			t.Errorf("%s: %+v", inner, f.impersonated)
		}
	}
	callWith(t, newFake(), nil, header("<t:SmtpAddress>director@contoso.example</t:SmtpAddress>"), getInbox).wantFault(t, "ErrorImpersonateUserDenied")
	callWith(t, newFake(), nil, header("<t:SmtpAddress></t:SmtpAddress>"), getInbox).wantFault(t, "ErrorMissingInformationEmailAddress")
	callWith(t, newFake(), nil, header(""), getInbox).wantFault(t, "ErrorInvalidExchangeImpersonationHeaderData")
	f := newFake()
	f.appOnly = true
	call(t, f, getInbox).wantFault(t, "ErrorInvalidRequest").
		has(t, "ExchangeImpersonation SOAP header must be present for this type of OAuth token.")
	if f.opened != 0 {
		t.Error("the mailbox was opened")
	}
}

func TestTimeZoneHeader(t *testing.T) {
	t.Parallel()
	callWith(t, newFake(), nil, `<t:TimeZoneContext><t:TimeZoneDefinition Id="Atlantis Standard Time"/></t:TimeZoneContext>`, getInbox).wantFault(t, "ErrorTimeZone")
	callWith(t, newFake(), nil, `<t:TimeZoneContext><t:TimeZoneDefinition Id="Pacific Standard Time"/></t:TimeZoneContext>`, getInbox).wantCodes(t, "NoError")
}

func TestBackendFailures(t *testing.T) {
	t.Parallel()
	const get = `<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:ItemIds><t:ItemId Id="m1"/></m:ItemIds></m:GetItem>`
	f := newFake()
	f.itemErr = errBroken
	call(t, f, get).wantCodes(t, "ErrorInternalServerError").lacks(t, "hunter2", "fire")
	f.itemErr = &ewsserver.Error{Code: ewsserver.ErrorServerBusy, Fault: true, Values: map[string]string{"BackOffMilliseconds": "12000"}}
	call(t, f, get).wantFault(t, "ErrorServerBusy").has(t, `<t:Value Name="BackOffMilliseconds">12000</t:Value>`)
	f.itemErr = &ewsserver.Error{Code: ewsserver.ErrorServerBusy, Values: map[string]string{"BackOffMilliseconds": "12000"}}
	call(t, f, get).wantCodes(t, "ErrorServerBusy").has(t, `Name="BackOffMilliseconds">12000<`)
	f = newFake()
	f.openErr = errBroken
	call(t, f, get).wantFault(t, "ErrorInternalServerError").lacks(t, "hunter2")
}

func TestInterceptAndObserve(t *testing.T) {
	t.Parallel()
	var seen []ewsserver.Exchange
	opts := &ewsserver.Options{
		Intercept: func(w http.ResponseWriter, _ *http.Request, in ewsserver.Incoming) (bool, error) {
			if in.Operation != "GetFolder" {
				return false, nil
			}
			http.Error(w, "<html>busy</html>", http.StatusServiceUnavailable)
			return true, nil
		},
		Observe: func(_ context.Context, e ewsserver.Exchange) { seen = append(seen, e) },
	}
	f := newFake()
	if a := callWith(t, f, opts, "", getInbox); a.status != 503 || f.opened != 0 {
		t.Errorf("HTTP %d, opened %d times", a.status, f.opened)
	}
	a := callWith(t, f, opts, "", `<m:ResolveNames ReturnFullContactData="true"><m:UnresolvedEntry>ben</m:UnresolvedEntry></m:ResolveNames>`).wantCodes(t, "NoError")
	do(t, f, opts, post("rubbish"))
	if len(seen) != 3 {
		t.Fatalf("observed %d exchanges", len(seen))
	}
	if e := seen[0]; e.Operation != "GetFolder" || e.Status != 503 || !strings.Contains(string(e.Response), "busy") {
		t.Errorf("first: %s %d %s", e.Operation, e.Status, e.Response)
	}
	if e := seen[1]; e.Operation != "ResolveNames" || e.Status != 200 || !strings.Contains(string(e.Response), "ben@contoso.example") || !strings.Contains(a.body, "ben@contoso.example") || !strings.Contains(string(e.Request), "<m:UnresolvedEntry>ben") {
		t.Errorf("second: %s %d", e.Operation, e.Status)
	}
	if e := seen[2]; e.Operation != "" || e.Status != 500 || string(e.Request) != "rubbish" {
		t.Errorf("third: %+v", e)
	}
}

func TestGzip(t *testing.T) {
	t.Parallel()
	r := post(open + `<soap:Body>` + getInbox + `</soap:Body>` + shut)
	r.Header.Set("Accept-Encoding", "deflate, gzip;q=1.0")
	a := do(t, newFake(), nil, r)
	if a.header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("headers %v", a.header)
	}
	z, err := gzip.NewReader(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil || !strings.Contains(string(plain), "<DisplayName>Inbox</DisplayName>") {
		t.Errorf("%v: %s", err, plain)
	}
	r = post(open + `<soap:Body>` + getInbox + `</soap:Body>` + shut)
	r.Header.Set("Accept-Encoding", "gzip;q=0")
	do(t, newFake(), nil, r).has(t, "<DisplayName>Inbox</DisplayName>")
}

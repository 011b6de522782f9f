package autodiscover

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/exconn/exconn/mailbox"
)

// tell lists the steps of a failure.
func tell(err error) string {
	var e *Error
	if !errors.As(err, &e) {
		return "no *Error"
	}
	var b strings.Builder
	for _, a := range e.Attempts {
		fmt.Fprintln(&b, a)
	}
	return b.String()
}

func TestFailures(t *testing.T) {
	evil := exchange{soap: soapSettings(ewsURL), pox: poxSettings(ewsURL), json: jsonSettings(ewsURL), open: true}
	tests := []struct {
		name    string
		sites   map[string]http.Handler
		records []*net.SRV
		address string
		options func(*Options)
		is      error
		reason  RefusedRedirect // of the *RedirectError, if it is one
		hint    string
		says    string // in the report
		signed  []string
	}{
		{name: "no address", address: "anna", is: mailbox.ErrInvalid, hint: "SMTP address"},
		{name: "an address with another host in it", address: "anna@evil.example/x", is: mailbox.ErrInvalid, hint: "SMTP address"},
		{name: "nothing there", is: mailbox.ErrUnavailable, hint: "DNS", says: "no such host"},
		{
			name:  "a web site alone",
			sites: map[string]http.Handler{"https://contoso.example": says("text/html; charset=utf-8", "<!DOCTYPE html><title>Welcome</title>")},
			is:    mailbox.ErrUnavailable, hint: "Get-WebServicesVirtualDirectory", says: "HTML page",
		},
		{
			name:  "a redirect to http",
			sites: map[string]http.Handler{"https://contoso.example": exchange{soap: to("http://mail.contoso.example/autodiscover/autodiscover.svc")}, "http://mail.contoso.example": evil},
			is:    mailbox.ErrUnavailable, reason: NotHTTPS, signed: []string{"https://contoso.example"},
		},
		{
			name:  "a redirect with a password in it",
			sites: map[string]http.Handler{"https://contoso.example": exchange{soap: to("https://user:hunter2@mail.contoso.example/")}, "https://mail.contoso.example": evil},
			is:    mailbox.ErrUnavailable, reason: NotHTTPS, signed: []string{"https://contoso.example"},
		},
		{
			name:  "a redirect to a stranger",
			sites: map[string]http.Handler{"https://contoso.example": exchange{soap: to("https://evil.example/autodiscover/autodiscover.svc")}, "https://evil.example": evil},
			is:    mailbox.ErrUnavailable, reason: Strange, hint: "evil.example", signed: []string{"https://contoso.example"},
		},
		{
			name:  "a stranger whose name looks like ours",
			sites: map[string]http.Handler{"https://contoso.example": exchange{pox: to("https://evilcontoso.example/")}, "https://evilcontoso.example": evil},
			is:    mailbox.ErrUnavailable, reason: Strange, hint: "evilcontoso.example", signed: []string{"https://contoso.example"},
		},
		{
			name:  "the plain http step points to a stranger",
			sites: map[string]http.Handler{"http://autodiscover.contoso.example": to("https://evil.example/autodiscover/autodiscover.xml"), "https://evil.example": evil},
			is:    mailbox.ErrUnavailable, reason: Strange, hint: "evil.example",
		},
		{
			name:  "the plain http step points to http",
			sites: map[string]http.Handler{"http://autodiscover.contoso.example": to("http://mail.contoso.example/"), "http://mail.contoso.example": evil},
			is:    mailbox.ErrUnavailable, reason: NotHTTPS,
		},
		{
			name:  "the plain http step answers itself",
			sites: map[string]http.Handler{"http://autodiscover.contoso.example": evil},
			is:    mailbox.ErrUnavailable, says: "does not redirect",
		},
		{
			name:  "the plain http step redirects for good, which is not its to do",
			sites: map[string]http.Handler{"http://autodiscover.contoso.example": status(301, "Location", "https://mail.contoso.example/"), "https://mail.contoso.example": evil},
			is:    mailbox.ErrUnavailable, says: "does not redirect",
		},
		{
			name:    "the SRV record names a stranger",
			sites:   map[string]http.Handler{"https://evil.example": evil},
			records: []*net.SRV{{Target: "evil.example.", Port: 443}},
			is:      mailbox.ErrUnavailable, reason: Strange, hint: "evil.example",
		},
		{
			name:    "the SRV record says that there is no service",
			records: []*net.SRV{{Target: ".", Port: 0}},
			is:      mailbox.ErrUnavailable, says: "names no host",
		},
		{
			name:  "redirectAddr to a stranger's domain",
			sites: map[string]http.Handler{"https://contoso.example": exchange{soap: soapUser("RedirectAddress", "anna@evil.example", "")}, "https://autodiscover.evil.example": evil, "https://evil.example": evil},
			is:    mailbox.ErrUnavailable, reason: Strange, hint: "anna@evil.example", signed: []string{"https://contoso.example"},
		},
		{
			name:  "redirectAddr to no address",
			sites: map[string]http.Handler{"https://contoso.example": exchange{soap: soapUser("RedirectAddress", "anna@contoso.example:8443/x", "")}},
			is:    mailbox.ErrUnavailable, reason: BadTarget, signed: []string{"https://contoso.example"},
		},
		{
			name:  "redirectAddr to itself",
			sites: map[string]http.Handler{"https://contoso.example": exchange{soap: soapUser("RedirectAddress", "Anna@Contoso.example", "")}},
			is:    mailbox.ErrUnavailable, reason: Loop, signed: []string{"https://contoso.example"},
		},
		{
			name:  "two addresses that redirect to each other",
			sites: map[string]http.Handler{"https://contoso.example": exchange{soap: soapUser("RedirectAddress", "anna@a.contoso.example", "")}, "https://a.contoso.example": exchange{soap: soapUser("RedirectAddress", anna, "")}},
			is:    mailbox.ErrUnavailable, reason: Loop, signed: []string{"https://a.contoso.example", "https://contoso.example"},
		},
		{
			name:  "two URLs that redirect to each other",
			sites: map[string]http.Handler{"https://contoso.example": exchange{soap: to("https://mail.contoso.example/autodiscover/autodiscover.svc")}, "https://mail.contoso.example": exchange{soap: to("https://contoso.example/autodiscover/autodiscover.svc")}},
			is:    mailbox.ErrUnavailable, reason: Loop, signed: []string{"https://contoso.example", "https://mail.contoso.example"},
		},
		{
			name:  "the credentials are refused, and tried once a host",
			sites: map[string]http.Handler{"https://contoso.example": status(401, "WWW-Authenticate", "NTLM", "x-ms-diagnostics", `2000003;reason="audience"`)},
			is:    mailbox.ErrSignInNeeded, hint: "it offers: NTLM", says: "the credentials were refused: 2000003", signed: []string{"https://contoso.example"},
		},
		{
			name:    "no credentials where they are wanted",
			sites:   map[string]http.Handler{"https://contoso.example": exchange{soap: soapSettings(ewsURL)}},
			options: func(o *Options) { o.Authorize = nil },
			is:      mailbox.ErrSignInNeeded, hint: "sign in", says: "credentials are wanted",
		},
		{
			name:    "no token can be got",
			sites:   map[string]http.Handler{"https://contoso.example": exchange{soap: soapSettings(ewsURL)}},
			options: func(o *Options) { o.Authorize = func(*http.Request) error { return mailbox.ErrSignInNeeded } },
			is:      mailbox.ErrSignInNeeded, says: "signing the request",
		},
		{
			name:    "a rule of the caller's that leaves the domain out",
			sites:   map[string]http.Handler{"https://contoso.example": exchange{soap: soapSettings(ewsURL)}},
			options: func(o *Options) { o.AllowRedirect = func(*url.URL) bool { return false } },
			is:      mailbox.ErrSignInNeeded,
		},
		{
			name:  "403",
			sites: map[string]http.Handler{"https://contoso.example": status(403)},
			is:    mailbox.ErrAccessDenied,
		},
		{
			name:  "busy",
			sites: map[string]http.Handler{"https://contoso.example": status(503, "Retry-After", "30")},
			is:    mailbox.ErrBusy, hint: "again in a few minutes",
		},
		{
			name:  "Exchange's error page",
			sites: map[string]http.Handler{"https://contoso.example": to("https://contoso.example/owa/auth/genericerrorpage.htm?aspxerrorpath=x")},
			is:    mailbox.ErrBusy, says: "error page",
		},
		{
			name:  "an unknown user by SOAP; POX is not asked",
			sites: map[string]http.Handler{"https://contoso.example": exchange{soap: soapUser("InvalidUser", "", ""), pox: poxSettings(ewsURL)}},
			is:    mailbox.ErrNotFound, hint: "Get-Recipient", says: "InvalidUser: What the server says.", signed: []string{"https://contoso.example"},
		},
		{
			name:  "an unknown user by POX",
			sites: map[string]http.Handler{"https://contoso.example": exchange{pox: pox(`<Error Time="21:25:04" Id="41"><ErrorCode>500</ErrorCode><Message>The email address can't be found.</Message><DebugData/></Error>`)}},
			is:    mailbox.ErrNotFound, says: "can't be found", signed: []string{"https://contoso.example"},
		},
		{
			name: "an unknown user by JSON, with an error status",
			sites: map[string]http.Handler{"https://outlook.office365.com": exchange{json: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json; charset=utf-8")
				w.WriteHeader(404)
				io.WriteString(w, `{"ErrorCode":"UserNotFound","ErrorMessage":"nobody"}`)
			}}},
			is: mailbox.ErrNotFound, says: "UserNotFound: nobody",
		},
		{
			name: "a SOAP fault",
			sites: map[string]http.Handler{"https://contoso.example": exchange{soap: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/xml")
				w.WriteHeader(500)
				io.WriteString(w, `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>a:InternalServiceFault</faultcode><faultstring>It broke.</faultstring></s:Fault></s:Body></s:Envelope>`)
			}}},
			is: mailbox.ErrUnavailable, says: "InternalServiceFault: It broke.", signed: []string{"https://contoso.example"},
		},
		{
			name:  "malformed XML, JSON that is none",
			sites: map[string]http.Handler{"https://contoso.example": exchange{open: true, soap: says("text/xml", "<s:Envelope"), pox: says("text/xml", "<Autodiscover><Response></Autodiscover>"), json: says("application/json", `{"Url":`)}},
			is:    mailbox.ErrUnavailable, says: "an end tag does not match its start tag",
		},
		{
			name: "a document type declaration",
			sites: map[string]http.Handler{"https://contoso.example": exchange{open: true,
				pox: says("text/xml", `<!DOCTYPE Autodiscover [<!ENTITY x SYSTEM "file:///etc/passwd">]><Autodiscover><Response><Account><Protocol><Type>EXPR</Type><EwsUrl>&x;</EwsUrl></Protocol></Account></Response></Autodiscover>`)}},
			is: mailbox.ErrUnavailable, says: "document type declaration",
		},
		{
			name: "answers without an end",
			sites: map[string]http.Handler{"https://contoso.example": exchange{open: true,
				soap: endless("text/xml", `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>`, "<x/>"),
				pox:  endless("text/xml", "<Autodiscover>", "<x/>"), json: endless("application/json", `{"Url":"`, "aaaa")}},
			options: func(o *Options) { o.MaxAnswer = 64 << 10 },
			is:      mailbox.ErrUnavailable, says: "larger than the limit",
		},
		{
			name:  "an EWS URL over plain http, in every way",
			sites: map[string]http.Handler{"https://contoso.example": exchange{soap: soapSettings("http://mail.contoso.example/EWS/Exchange.asmx"), pox: poxSettings("http://mail.contoso.example/EWS/Exchange.asmx"), json: jsonSettings("http://mail.contoso.example/EWS/Exchange.asmx")}},
			is:    mailbox.ErrUnavailable, says: "names no https URL", signed: []string{"https://contoso.example"},
		},
		{
			name:  "other XML and other SOAP",
			sites: map[string]http.Handler{"https://contoso.example": exchange{open: true, soap: says("text/xml", `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetFolderResponse/></s:Body></s:Envelope>`), pox: says("text/xml", "<clientConfig/>")}},
			is:    mailbox.ErrUnavailable, says: "not Autodiscover's",
		},
		{
			name:    "a certificate that is not the host's",
			sites:   map[string]http.Handler{"https://badcert.example": evil},
			address: "anna@badcert.example", is: mailbox.ErrUnavailable, says: "certificate",
		},
		{
			name:    "an endpoint of Exchange Online's over plain http",
			options: func(o *Options) { o.Online = "http://outlook.office365.com" },
			is:      mailbox.ErrInvalid,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := connect(t, tt.sites)
			n.records = tt.records
			o := n.options()
			if tt.options != nil {
				tt.options(o)
			}
			address := tt.address
			if address == "" {
				address = anna
			}
			s, err := Discover(t.Context(), address, o)
			if err == nil {
				t.Fatalf("found %s by %s of %s", s.EWSURL, s.Way, s.Source)
			}
			report := err.Error() + "\n" + tell(err)
			if !errors.Is(err, tt.is) {
				t.Errorf("is no %v: %s", tt.is, report)
			}
			var redirect *RedirectError
			if errors.As(err, &redirect); tt.reason != "" && (redirect == nil || redirect.Reason != tt.reason) {
				t.Errorf("no redirect that was refused because %s: %s", tt.reason, report)
			}
			if hint := mailbox.Hint(err); hint == "" && tt.is != mailbox.ErrInvalid || !strings.Contains(hint, tt.hint) {
				t.Errorf("the hint is %q", hint)
			}
			if !strings.Contains(report, tt.says) {
				t.Errorf("%q is not in: %s", tt.says, report)
			}
			if got := n.signedHosts(); !slices.Equal(got, tt.signed) {
				t.Errorf("the credentials went to %q, want %q", got, tt.signed)
			}
			for _, word := range []string{"canary", "hunter2", "file:///"} {
				if strings.Contains(report+mailbox.Hint(err), word) {
					t.Errorf("%q is told: %s", word, report)
				}
			}
			for _, v := range n.visits() {
				if strings.Contains(v.url, "evil") {
					t.Errorf("a stranger was asked: %s", v.url)
				}
			}
		})
	}
}

// endless answers until the client goes.
func endless(contentType, begin, more string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, err := io.WriteString(w, begin)
		for more := strings.Repeat(more, 1000); err == nil; {
			_, err = io.WriteString(w, more)
		}
	}
}

// Refused credentials are tried once a host, not in each way: accounts are
// locked after a few failures.
func TestRefusedCredentialsAreNotTriedAgain(t *testing.T) {
	n := connect(t, map[string]http.Handler{"https://contoso.example": status(401, "WWW-Authenticate", "Basic")})
	if _, err := Discover(t.Context(), anna, n.options()); !errors.Is(err, mailbox.ErrSignInNeeded) {
		t.Fatal(err)
	}
	signed := 0
	for _, v := range n.visits() {
		if v.signed {
			signed++
		}
	}
	if signed != 1 {
		t.Errorf("the credentials were tried %d times: %+v", signed, n.visits())
	}
}

func TestErrorTellsBusyAndIDs(t *testing.T) {
	n := connect(t, map[string]http.Handler{"https://contoso.example": status(503, "Retry-After", "30")})
	_, err := Discover(t.Context(), anna, n.options())
	if d, ok := mailbox.RetryAfter(err); !ok || d.Seconds() != 30 {
		t.Errorf("to wait: %v", d)
	}
	if id := mailbox.RequestID(err); id != "7d1a-contoso.example" {
		t.Errorf("the request id is %q", id)
	}
	n = connect(t, map[string]http.Handler{"https://contoso.example": exchange{soap: soapUser("InvalidUser", "", "")}})
	if _, err = Discover(t.Context(), anna, n.options()); mailbox.Code(err) != "InvalidUser" {
		t.Errorf("the code is %q", mailbox.Code(err))
	}
}

func TestCallerGivesUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	n := connect(t, map[string]http.Handler{"https://contoso.example": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})})
	_, err := Discover(ctx, anna, n.options())
	if !errors.Is(err, context.Canceled) || errors.Is(err, mailbox.ErrUnavailable) || mailbox.Hint(err) != "" {
		t.Errorf("%v, hint %q", err, mailbox.Hint(err))
	}
}

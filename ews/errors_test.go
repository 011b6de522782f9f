package ews_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
)

// sentinels are all that an error may be.
var sentinels = []error{
	mailbox.ErrInvalid, mailbox.ErrSignInNeeded, mailbox.ErrAccessDenied, mailbox.ErrPolicyBlocked, mailbox.ErrFenced,
	mailbox.ErrNotFound, mailbox.ErrConflict, mailbox.ErrBusy, mailbox.ErrUnavailable, mailbox.ErrCursorExpired,
	mailbox.ErrOutcomeUnknown, mailbox.ErrUnsupported, context.Canceled, context.DeadlineExceeded,
}

const htmlPage = `<!DOCTYPE html><html><head><title>Sign in</title></head><body>Welcome</body></html>`

const aspPage = `<!DOCTYPE html><html><head><title>Runtime Error</title></head><body><h1>Server Error in '/EWS' Application.<hr></h1></body></html>`

// plain writes an answer that is no SOAP.
func plain(w http.ResponseWriter, status int, body string, header ...string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("request-id", "11111111-2222-3333-4444-555555555555")
	for i := 0; i+1 < len(header); i += 2 {
		w.Header().Set(header[i], header[i+1])
	}
	w.WriteHeader(status)
	fmt.Fprint(w, body)
}

func TestErrorShapes(t *testing.T) {
	type answer = func(w http.ResponseWriter)
	tests := []struct {
		name    string
		answer  answer
		access  ews.Access
		is      []error
		code    string
		retry   time.Duration
		text    string // in Error
		hint    string // in Hint
		notHint string
	}{
		{
			name: "401",
			answer: func(w http.ResponseWriter) {
				plain(w, 401, "", "WWW-Authenticate", `Bearer authorization_uri="https://login.example"`,
					"x-ms-diagnostics", `2000008;reason="The token contains no permissions, or permissions can not be understood.";error_category="invalid_grant"`)
			},
			is: []error{mailbox.ErrSignInNeeded}, text: "The token contains no permissions", hint: "sign in again",
		},
		{
			name: "403 EWS disabled",
			answer: func(w http.ResponseWriter) {
				plain(w, 403, "", "X-EWS-Policy-Reason", "EWS is disabled for this user or tenant")
			},
			is: []error{mailbox.ErrPolicyBlocked, mailbox.ErrAccessDenied}, text: "EWS is disabled", hint: "Get-CASMailbox anna@contoso.example", notHint: "EwsAllowedAppIDs",
		},
		{
			name: "403 application not listed",
			answer: func(w http.ResponseWriter) {
				plain(w, 403, "", "X-EWS-Policy-Reason", "EWS is blocked by policy for this user or tenant")
			},
			is: []error{mailbox.ErrPolicyBlocked, mailbox.ErrAccessDenied}, text: "blocked by policy", hint: "EwsAllowedAppIDs",
		},
		{
			name:   "403 without a reason",
			answer: func(w http.ResponseWriter) { plain(w, 403, "Forbidden") },
			is:     []error{mailbox.ErrAccessDenied}, text: "HTTP 403", hint: "without Exchange's reason", notHint: "EwsAllowedAppIDs",
		},
		{
			name:   "503 with Retry-After",
			answer: func(w http.ResponseWriter) { plain(w, 503, "Service Unavailable", "Retry-After", "120") },
			is:     []error{mailbox.ErrBusy}, retry: 2 * time.Minute, hint: "try again later",
		},
		{
			name:   "429",
			answer: func(w http.ResponseWriter) { plain(w, 429, "") },
			is:     []error{mailbox.ErrBusy},
		},
		{
			name: "500 busy with a back-off",
			answer: func(w http.ResponseWriter) {
				respond(w, 500, fault("ErrorServerBusy", "The server cannot service this request right now.", backOff("297749")))
			},
			is: []error{mailbox.ErrBusy}, code: "ErrorServerBusy", retry: 297749 * time.Millisecond, hint: "throttles",
		},
		{
			name: "500 busy, back-off unknown",
			answer: func(w http.ResponseWriter) {
				respond(w, 500, fault("ErrorServerBusy", "The server cannot service this request right now.", backOff("0")))
			},
			is: []error{mailbox.ErrBusy}, code: "ErrorServerBusy",
		},
		{
			name: "200 busy in the message",
			answer: func(w http.ResponseWriter) {
				respond(w, 200, failure("GetItem", "ErrorServerBusy", "Busy.", `<m:MessageXml><t:Value Name="BackOffMilliseconds">5000</t:Value></m:MessageXml>`))
			},
			is: []error{mailbox.ErrBusy}, code: "ErrorServerBusy", retry: 5 * time.Second,
		},
		{
			name: "200 busy wrapped in an internal error",
			answer: func(w http.ResponseWriter) {
				respond(w, 200, failure("GetItem", "ErrorInternalServerError", "An internal server error occurred.",
					`<m:MessageXml><t:Value Name="InnerErrorMessageText">Busy</t:Value><t:Value Name="InnerErrorResponseCode">ErrorServerBusy</t:Value></m:MessageXml>`))
			},
			is: []error{mailbox.ErrBusy}, code: "ErrorServerBusy",
		},
		{
			name:   "200 not found",
			answer: func(w http.ResponseWriter) { respond(w, 200, failure("GetItem", "ErrorItemNotFound", "Gone.", "")) },
			is:     []error{mailbox.ErrNotFound}, code: "ErrorItemNotFound", text: "Gone.",
		},
		{
			name: "a code nobody knows",
			answer: func(w http.ResponseWriter) {
				respond(w, 200, failure("GetItem", "ErrorFromTheFuture", "Never seen.", ""))
			},
			code: "ErrorFromTheFuture", text: "Never seen.",
		},
		{
			name:   "HTML page",
			answer: func(w http.ResponseWriter) { plain(w, 200, htmlPage) },
			is:     []error{mailbox.ErrUnavailable}, text: "not SOAP", hint: "EWS URL",
		},
		{
			name:   "HTML page that says it is XML",
			answer: func(w http.ResponseWriter) { respond(w, 200, "<html><body>Welcome</body></html>") },
			is:     []error{mailbox.ErrUnavailable}, text: "html",
		},
		{
			name:   "ASP.NET error page",
			answer: func(w http.ResponseWriter) { plain(w, 200, aspPage) },
			is:     []error{mailbox.ErrBusy}, text: "ASP.NET error page", hint: "few minutes",
		},
		{
			name:   "an empty answer",
			answer: func(w http.ResponseWriter) { respond(w, 200, "") },
			is:     []error{mailbox.ErrUnavailable}, text: "empty",
		},
		{
			name: "302 to the error page",
			answer: func(w http.ResponseWriter) {
				plain(w, 302, "", "Location", "/owa/auth/genericerrorpage.htm?aspxerrorpath=/EWS/Exchange.asmx")
			},
			is: []error{mailbox.ErrBusy}, hint: "overloaded",
		},
		{
			name:   "302 elsewhere",
			answer: func(w http.ResponseWriter) { plain(w, 302, "", "Location", "https://sign-in.example/?secret=x") },
			is:     []error{mailbox.ErrUnavailable}, text: "https://sign-in.example/", hint: "EWS URL",
		},
		{
			name:   "404",
			answer: func(w http.ResponseWriter) { plain(w, 404, "") },
			is:     []error{mailbox.ErrUnavailable}, hint: "EWS URL",
		},
		{
			name:   "413",
			answer: func(w http.ResponseWriter) { plain(w, 413, "") },
			is:     []error{mailbox.ErrInvalid}, hint: "smaller attachment",
		},
		{
			name: "fault with 200, code in the fault code alone",
			answer: func(w http.ResponseWriter) {
				respond(w, 200, `<?xml version="1.0"?><SOAP:Envelope xmlns:SOAP="http://schemas.xmlsoap.org/soap/envelope/"><SOAP:Body><SOAP:Fault><faultcode>ErrorAccessDenied</faultcode><faultstring>no</faultstring></SOAP:Fault></SOAP:Body></SOAP:Envelope>`)
			},
			is: []error{mailbox.ErrAccessDenied}, code: "ErrorAccessDenied",
		},
		{
			name: "impersonation denied",
			answer: func(w http.ResponseWriter) {
				respond(w, 500, fault("ErrorImpersonateUserDenied", "The account does not have permission to impersonate the requested user.", ""))
			},
			access: ews.Impersonate,
			is:     []error{mailbox.ErrAccessDenied}, code: "ErrorImpersonateUserDenied", hint: "New-ManagementRoleAssignment",
		},
		{
			name: "impersonation required",
			answer: func(w http.ResponseWriter) {
				respond(w, 500, fault("ErrorInvalidRequest", "ExchangeImpersonation SOAP header must be present for this type of OAuth token.", ""))
			},
			is: []error{mailbox.ErrAccessDenied}, code: "ErrorInvalidRequest", hint: "by impersonation",
		},
		{
			name: "impersonation not allowed",
			answer: func(w http.ResponseWriter) {
				respond(w, 500, fault("ErrorImpersonateUserDenied", "ExchangeImpersonation SOAP header must not exist for this type of OAuth token.", ""))
			},
			access: ews.Impersonate,
			is:     []error{mailbox.ErrAccessDenied}, code: "ErrorImpersonateUserDenied", hint: "may not impersonate", notHint: "New-ManagementRoleAssignment",
		},
		{
			name: "no such mailbox",
			answer: func(w http.ResponseWriter) {
				respond(w, 500, fault("ErrorNonExistentMailbox", "The SMTP address has no mailbox associated with it.", ""))
			},
			access: ews.Impersonate,
			is:     []error{mailbox.ErrNotFound}, code: "ErrorNonExistentMailbox", hint: "anna@contoso.example",
		},
		{
			name:   "sync state",
			answer: func(w http.ResponseWriter) { respond(w, 200, failure("GetItem", "ErrorInvalidSyncStateData", "", "")) },
			is:     []error{mailbox.ErrCursorExpired}, code: "ErrorInvalidSyncStateData",
		},
		{
			name: "no rights on a shared mailbox",
			answer: func(w http.ResponseWriter) {
				respond(w, 200, failure("GetItem", "ErrorAccessDenied", "Access is denied.", ""))
			},
			access: ews.Shared,
			is:     []error{mailbox.ErrAccessDenied}, code: "ErrorAccessDenied", hint: "Add-MailboxPermission",
		},
		{
			name: "truncated",
			answer: func(w http.ResponseWriter) {
				whole := canned("GetItem")
				respond(w, 200, whole[:len(whole)-40])
			},
			is: []error{mailbox.ErrUnavailable}, text: "ends too early",
		},
		{
			name: "a document type",
			answer: func(w http.ResponseWriter) {
				respond(w, 200, `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>`+strings.TrimPrefix(canned("GetItem"), `<?xml version="1.0" encoding="utf-8"?>`))
			},
			is: []error{mailbox.ErrUnavailable}, text: "document type",
		},
		{
			name: "endless",
			answer: func(w http.ResponseWriter) {
				respond(w, 200, `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><x>`)
				for {
					if _, err := fmt.Fprint(w, strings.Repeat("<y>z</y>", 1000)); err != nil {
						return
					}
				}
			},
			is: []error{mailbox.ErrUnavailable}, text: "larger than the limit",
		},
		{
			name: "too many messages",
			answer: func(w http.ResponseWriter) {
				whole := canned("GetItem")
				one := whole[strings.Index(whole, "<m:GetItemResponseMessage"):strings.Index(whole, "</m:ResponseMessages>")]
				respond(w, 200, strings.Replace(whole, one, one+one, 1))
			},
			is: []error{mailbox.ErrUnavailable}, text: "2 response messages where 1",
		},
		{
			name:   "no item",
			answer: func(w http.ResponseWriter) { respond(w, 200, success("GetItem", "<m:Items/>")) },
			is:     []error{mailbox.ErrUnavailable}, text: "lacks the item",
		},
		{
			name:   "no messages at all",
			answer: func(w http.ResponseWriter) { respond(w, 200, envelope("<m:GetItemResponse/>")) },
			is:     []error{mailbox.ErrUnavailable}, text: "0 response messages",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStub(t, func(w http.ResponseWriter, _ *http.Request, _ string) { tt.answer(w) })
			m := s.ews(&ews.Options{MaxResponse: 1 << 20}).Mailbox("anna@contoso.example", tt.access)
			_, err := m.Message(t.Context(), "AAMkOne=")
			if err == nil {
				t.Fatal("no error")
			}
			for _, sentinel := range sentinels {
				if want := slices.Contains(tt.is, sentinel); errors.Is(err, sentinel) != want {
					t.Errorf("errors.Is(%q) = %t", sentinel, !want)
				}
			}
			if got := mailbox.Code(err); got != tt.code {
				t.Errorf("code %q, want %q", got, tt.code)
			}
			got, known := mailbox.RetryAfter(err)
			if got != tt.retry || known != (tt.retry > 0) {
				t.Errorf("retry after %v (%t), want %v", got, known, tt.retry)
			}
			if text := err.Error(); !strings.Contains(text, tt.text) || !strings.Contains(text, "GetItem for anna@contoso.example") {
				t.Errorf("text %q, want %q in it", text, tt.text)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the query of a redirect is in %q", err)
			}
			hint := mailbox.Hint(err)
			if !strings.Contains(hint, tt.hint) || tt.notHint != "" && strings.Contains(hint, tt.notHint) {
				t.Errorf("hint %q, want %q in it", hint, tt.hint)
			}
			if mailbox.RequestID(err) != "11111111-2222-3333-4444-555555555555" && tt.name != "no item" {
				t.Errorf("request id %q", mailbox.RequestID(err))
			}
			if n := len(s.taken()); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
	}
}

// Odd answers that are right nonetheless.
func TestTolerance(t *testing.T) {
	tests := map[string]string{
		"forbidden characters":  strings.Replace(canned("GetItem"), "<t:ConversationId", "<t:Subject>a&#x0;b\x0bc&#x19;</t:Subject><t:ConversationId", 1),
		"other prefixes":        strings.NewReplacer("<s:", "<SOAP-ENV:", "</s:", "</SOAP-ENV:", "xmlns:s=", "xmlns:SOAP-ENV=", "<t:", "<ns1:", "</t:", "</ns1:", "xmlns:t=", "xmlns:ns1=", "<m:", "<ns0:", "</m:", "</ns0:", "xmlns:m=", "xmlns:ns0=").Replace(canned("GetItem")),
		"another message name":  strings.ReplaceAll(canned("GetItem"), "m:GetItemResponseMessage", "m:x"),
		"unknown elements":      strings.Replace(canned("GetItem"), "<t:ConversationId", "<t:Invention><t:ItemId Id=\"no\"/></t:Invention><t:ConversationId", 1),
		"no server version":     strings.Replace(canned("GetItem"), "h:ServerVersionInfo", "h:Other", 1),
		"an item of other kind": strings.NewReplacer("<t:Message>", "<t:MeetingRequest>", "</t:Message>", "</t:MeetingRequest>").Replace(canned("GetItem")),
	}
	for name, answer := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStub(t, func(w http.ResponseWriter, _ *http.Request, _ string) { respond(w, 200, answer) })
			msg, err := s.own().Message(t.Context(), "AAMkOne=")
			if err != nil {
				t.Fatal(err)
			}
			if msg.ID != "AAMkDraft+/==" || msg.ConversationID != "AAQkConv=" || msg.InternetMessageID != "<one@contoso.example>" || len(msg.To) != 1 {
				t.Errorf("got %+v", msg)
			}
			if name == "forbidden characters" && msg.Subject != "a\uFFFDb\uFFFDc\uFFFD" {
				t.Errorf("subject %q", msg.Subject)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	s := newStub(t, nil)
	s.Server.Close()
	_, err := s.own().Message(t.Context(), "AAMkOne=")
	if !errors.Is(err, mailbox.ErrUnavailable) || errors.Is(err, mailbox.ErrOutcomeUnknown) {
		t.Errorf("got %v", err)
	}
	if mailbox.RequestID(err) == "" {
		t.Error("no request id, by which a proxy's log would know the call")
	}
	if h := mailbox.Hint(err); !strings.Contains(h, "firewall") {
		t.Errorf("hint %q", h)
	}
}

func TestCertificateNotTrusted(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	_, err := ews.NewClient(client, server.URL, nil).Mailbox("anna@contoso.example", ews.Own).Folders(t.Context())
	if !errors.Is(err, mailbox.ErrUnavailable) || !strings.Contains(mailbox.Hint(err), "CA") {
		t.Errorf("got %v\nhint %s", err, mailbox.Hint(err))
	}
}

func TestContext(t *testing.T) {
	waiting := make(chan struct{})
	s := newStub(t, func(_ http.ResponseWriter, r *http.Request, _ string) {
		close(waiting)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-waiting
		cancel()
	}()
	_, err := s.own().Message(ctx, "AAMkOne=")
	if !errors.Is(err, context.Canceled) || errors.Is(err, mailbox.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

// What an HTTP client reports that could not sign in stays what it is.
func TestSignInError(t *testing.T) {
	c := ews.NewClient(signedOut{}, "https://ews.example/EWS/Exchange.asmx", nil)
	_, err := c.Mailbox("anna@contoso.example", ews.Own).Folders(t.Context())
	if !errors.Is(err, mailbox.ErrSignInNeeded) || errors.Is(err, mailbox.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

type signedOut struct{}

func (signedOut) Do(*http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("no account: %w", mailbox.ErrSignInNeeded)
}

// The codes that an admin meets have advice, which names the mailbox or a
// cmdlet where there is one.
func TestHints(t *testing.T) {
	for code, want := range map[string]string{
		"ErrorImpersonationFailed":     "domain controllers",
		"ErrorMailboxMoveInProgress":   "Get-MoveRequest",
		"ErrorMailboxStoreUnavailable": "Get-MailboxDatabase",
		"ErrorStaleObject":             "read it again",
		"ErrorInvalidSyncStateData":    "without a state",
		"ErrorMessageSizeExceeded":     "MaxSendSize",
		"ErrorInvalidServerVersion":    "older version",
		"ErrorInvalidIdMalformed":      "copy it whole",
		"ErrorQuotaExceeded":           "Get-MailboxStatistics",
		"ErrorInvalidSmtpAddress":      "SMTP address",
		"ErrorFolderNotFound":          "list the folders",
		"ErrorAccessDenied":            "Get-MailboxFolderPermission",
	} {
		s := newStub(t, func(w http.ResponseWriter, _ *http.Request, operation string) {
			respond(w, 200, failure(operation, code, "", ""))
		})
		_, err := s.own().Message(t.Context(), "AAMkOne=")
		if h := mailbox.Hint(err); mailbox.Code(err) != code || !strings.Contains(h, want) {
			t.Errorf("%s: hint %q, want %q in it", mailbox.Code(err), h, want)
		}
	}
}

// A server's text comes into an error in one line and bounded.
func TestServerTextIsBounded(t *testing.T) {
	s := newStub(t, func(w http.ResponseWriter, _ *http.Request, operation string) {
		respond(w, 200, failure(operation, "ErrorItemCorrupt", "first\nsecond"+strings.Repeat("x", 5000), ""))
	})
	_, err := s.own().Message(t.Context(), "AAMkOne=")
	if text := err.Error(); len(text) > 600 || strings.Contains(text, "\n") || !strings.Contains(text, "first second") {
		t.Errorf("%d bytes: %.200s", len(text), text)
	}
}

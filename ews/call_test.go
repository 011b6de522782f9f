package ews_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// Every call names the mailbox that it is for, whatever the access; the
// impersonation header is there exactly where it is asked for.
func TestHeaders(t *testing.T) {
	tests := []struct {
		access        ews.Access
		impersonation bool
		named         bool // the mailbox, in the folder's id
	}{
		{ews.Own, false, false}, {ews.Impersonate, true, false}, {ews.Shared, false, true},
	}
	for _, tt := range tests {
		t.Run(tt.access.String(), func(t *testing.T) {
			s := newStub(t, nil)
			c := s.ews(&ews.Options{UserAgent: "crm/1.0"})
			if _, ok := c.Server(); ok {
				t.Error("a server version before the first answer")
			}
			m := c.Mailbox(" anna@contoso.example ", tt.access)
			if _, err := m.Folders(t.Context()); err != nil {
				t.Fatal(err)
			}
			r := s.taken()[0]
			if got := r.header.Get("X-AnchorMailbox"); got != "anna@contoso.example" {
				t.Errorf("X-AnchorMailbox %q", got)
			}
			if got := r.header.Get("User-Agent"); got != "crm/1.0" {
				t.Errorf("User-Agent %q", got)
			}
			header, body, _ := strings.Cut(r.body, "</soap:Header>")
			if got := strings.Contains(header, "<ExchangeImpersonation"); got != tt.impersonation {
				t.Errorf("impersonation %t", got)
			}
			if got := strings.Contains(header, "<SmtpAddress>anna@contoso.example<"); got != tt.impersonation {
				t.Errorf("impersonation of somebody else: %s", header)
			}
			if got := strings.Contains(body, "<EmailAddress>anna@contoso.example<"); got != tt.named {
				t.Errorf("mailbox named in the folder: %t", got)
			}
			if !strings.Contains(header, `Version="Exchange2013_SP1"`) {
				t.Errorf("version: %s", header)
			}
			v, ok := c.Server()
			if !ok || v.String() != "15.2.1544.4" || v.Schema != "V2017_07_11" {
				t.Errorf("server version %v", v)
			}
		})
	}
}

// One client serves many mailboxes at once, and each call has its own headers.
func TestConcurrentMailboxes(t *testing.T) {
	s := newStub(t, nil)
	c := s.ews(nil)
	var wg sync.WaitGroup
	for _, address := range []string{"a@x.example", "b@x.example", "c@x.example", "d@x.example"} {
		for range 5 {
			wg.Go(func() {
				if _, err := c.Mailbox(address, ews.Impersonate).Folders(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	for _, r := range s.taken() {
		if anchor := r.header.Get("X-AnchorMailbox"); !strings.Contains(r.body, "<SmtpAddress>"+anchor+"<") {
			t.Errorf("%s is the anchor of %s", anchor, r.body)
		}
	}
}

// A connection is used again, after errors too: a server that signs in
// connections (NTLM) would otherwise do so for every call.
func TestOneConnection(t *testing.T) {
	var connections atomic.Int32
	answers := []func(http.ResponseWriter, string){
		func(w http.ResponseWriter, op string) { respond(w, 200, canned(op)) },
		func(w http.ResponseWriter, op string) { respond(w, 500, fault("ErrorServerBusy", "", backOff("1"))) },
		func(w http.ResponseWriter, op string) { plain(w, 503, strings.Repeat("busy ", 1000)) },
		func(w http.ResponseWriter, op string) { plain(w, 200, htmlPage) },
	}
	n := 0
	s := newStub(t, func(w http.ResponseWriter, _ *http.Request, op string) {
		answers[n%len(answers)](w, op)
		n++
	})
	s.client.Transport = &http.Transport{DialContext: (&counter{n: &connections}).DialContext}
	for range 12 {
		// Three of four fail, as they are meant to.
		_, _ = s.own().Folders(t.Context())
	}
	if got := connections.Load(); got != 1 || n != 12 {
		t.Errorf("%d connections for %d calls", got, n)
	}
}

type counter struct {
	net.Dialer
	n *atomic.Int32
}

func (c *counter) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c.n.Add(1)
	return c.Dialer.DialContext(ctx, network, address)
}

// Older schemas do not know the attribute that suppresses read receipts.
func TestReadReceipts(t *testing.T) {
	for version, want := range map[wsdl.ServerVersion]bool{
		"": true, wsdl.ServerVersionExchange2016: true, wsdl.ServerVersionExchange2013: false, wsdl.ServerVersionExchange2010_SP2: false,
	} {
		s := newStub(t, nil)
		m := s.ews(&ews.Options{Version: version}).Mailbox("anna@contoso.example", ews.Own)
		if err := m.MarkRead(t.Context(), "AAMkOne=", true); err != nil {
			t.Fatal(err)
		}
		if err := m.Delete(t.Context(), "AAMkOne=", false); err != nil {
			t.Fatal(err)
		}
		for _, r := range s.taken()[1:] {
			if got := strings.Contains(r.body, `SuppressReadReceipts="true"`); got != want {
				t.Errorf("%s at version %q: %t", r.operation, version, got)
			}
		}
	}
}

// Marking meets somebody else's change once, and tries again with the new
// version; a change that goes on is a conflict.
func TestMarkReadConflict(t *testing.T) {
	for conflicts, operations := range map[int]string{
		1: "GetItem UpdateItem GetItem UpdateItem",
		9: "GetItem UpdateItem GetItem UpdateItem",
	} {
		n := 0
		s := newStub(t, func(w http.ResponseWriter, _ *http.Request, operation string) {
			if operation == "UpdateItem" && n < conflicts {
				n++
				respond(w, 200, failure(operation, "ErrorIrresolvableConflict", "changed", ""))
				return
			}
			respond(w, 200, canned(operation))
		})
		err := s.own().MarkRead(t.Context(), "AAMkOne=", true)
		if got := s.operations(); got != operations || (err != nil) != (conflicts > 1) {
			t.Errorf("%d conflicts: %s, %v", conflicts, got, err)
		}
		if conflicts > 1 && mailbox.Code(err) != "ErrorIrresolvableConflict" {
			t.Errorf("got %v", err)
		}
	}
}

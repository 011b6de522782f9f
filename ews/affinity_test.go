package ews_test

import (
	"net/http"
	"testing"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
)

// All calls of a group lead to the server of its first mailbox, by the cookie
// of the first answer.
func TestStreamKeepsToOneServer(t *testing.T) {
	s := newStub(t, func(w http.ResponseWriter, r *http.Request, operation string) {
		if r.Header.Get("Cookie") == "" {
			http.SetCookie(w, &http.Cookie{Name: "X-BackEndOverrideCookie", Value: "EX07~123"})
			http.SetCookie(w, &http.Cookie{Name: "exchangecookie", Value: "other"})
		}
		switch operation {
		case "Subscribe":
			respond(w, http.StatusOK, success(operation, `<m:SubscriptionId>c3Vi</m:SubscriptionId>`))
		case "GetStreamingEvents":
			respond(w, http.StatusOK, success(operation, `<m:ConnectionStatus>OK</m:ConnectionStatus>`))
		default:
			respond(w, http.StatusOK, success(operation, ""))
		}
	})
	c := s.ews(nil)
	group := []*ews.Mailbox{c.Mailbox("anna@contoso.example", ews.Impersonate), c.Mailbox("ben@contoso.example", ews.Impersonate)}
	for n, err := range c.Stream(t.Context(), group, nil) {
		if err != nil || n.Kind != mailbox.CatchUp {
			t.Fatalf("%+v, %v", n, err)
		}
		break
	}
	for i, r := range s.taken() {
		want := "X-BackEndOverrideCookie=EX07~123"
		if i == 0 {
			want = ""
		}
		if r.header.Get("X-AnchorMailbox") != "anna@contoso.example" || r.header.Get("X-PreferServerAffinity") != "true" || r.header.Get("Cookie") != want {
			t.Errorf("%d %s: %v", i, r.operation, r.header)
		}
	}
	if got := s.operations(); got != "Subscribe Subscribe GetStreamingEvents Unsubscribe Unsubscribe" {
		t.Errorf("the calls were %s", got)
	}
}

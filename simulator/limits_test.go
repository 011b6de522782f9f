package simulator

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

// TestConcurrency keeps a request in work, and sends more.
func TestConcurrency(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	s := start(t, func(o *Options) {
		o.Limits.Concurrency = 1
		o.Record = func(r Recorded) {
			if r.Operation == "FindItem" { // before its answer is complete
				entered <- struct{}{}
				<-leave
			}
		}
	})
	anna := user(t, s, "anna")
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		anna.post(&wsdl.FindItem{Traversal: wsdl.Ptr(wsdl.ItemTraversalShallow), ItemShape: shape(wsdl.DefaultShapeNamesIdOnly),
			ParentFolderIds: &wsdl.FolderIdList{Ids: []any{named("inbox")}}})
	}()
	<-entered
	f := anna.fault(getInbox())
	if f.ResponseCode != string(ewsserver.ErrorExceededConnectionCount) || f.Values["MaxConcurrencyLimit"] != "1" {
		t.Errorf("the second request at once: %s %v", f.ResponseCode, f.Values)
	}
	ben := user(t, s, "ben")
	ben.status(ben.folder(getInbox()), "NoError")
	close(leave)
	<-ended
	anna.status(anna.folder(getInbox()), "NoError")
}

func TestPagesAreAsLargeAsTheLimit(t *testing.T) {
	s := start(t, func(o *Options) { o.Limits.Page, o.Limits.FilteredPage = 3, 2 })
	anna := user(t, s, "anna")
	for n := range 5 {
		anna.draft(message(fmt.Sprint("Draft ", n), "ben@contoso.example"))
	}
	request := &wsdl.FindItem{Traversal: wsdl.Ptr(wsdl.ItemTraversalShallow), ItemShape: shape(wsdl.DefaultShapeNamesIdOnly),
		ParentFolderIds: &wsdl.FolderIdList{Ids: []any{named("drafts")}}}
	page := func() *wsdl.FindItemRoot {
		m := call[wsdl.FindItemResponse](anna, request).ResponseMessages.FindItemResponseMessage[0]
		anna.status(m.Status(), "NoError")
		return m.RootFolder
	}
	if p := page(); len(p.Items.Items) != 3 || bool(wsdl.Val(p.IncludesLastItemInRange)) {
		t.Errorf("a page of %d", len(p.Items.Items))
	}
	request.QueryString = &wsdl.QueryStringType{Value: text("subject:Draft")}
	if p := page(); len(p.Items.Items) != 2 {
		t.Errorf("a filtered page of %d", len(p.Items.Items))
	}
}

func TestMessagesThatAreTooMuch(t *testing.T) {
	s := start(t, func(o *Options) { o.Limits.MessageSize, o.Limits.Recipients = 10_000, 2 })
	anna, ben := user(t, s, "anna"), user(t, s, "ben")
	large := message("Large", "ben@contoso.example")
	large.Body = html("<p>" + strings.Repeat("x", 10_000) + "</p>")
	anna.status(anna.send(large), "ErrorMessageSizeExceeded")
	anna.status(anna.sendDraft(anna.draft(large)), "ErrorMessageSizeExceeded")
	if left := subjects(anna.list(named("drafts"))); len(left) != 1 {
		t.Errorf("the draft that could not be sent: %q", left)
	}
	anna.status(anna.send(message("Many", "ben@contoso.example", "carla@contoso.example", "hanna.weiss@adatum.example")), "NoError")
	if got := subjects(ben.list(named("inbox"))); len(got) != 0 {
		t.Errorf("Ben has got %q", got)
	}
	reports := anna.list(named("inbox"))
	if len(reports) != 1 || !strings.Contains(wsdl.Str(get[wsdl.BodyContent](reports[0], "Body").Value), "RecipLimit") {
		t.Errorf("the sender is told %q", subjects(reports))
	}
}

func TestSubscriptionsAreLimited(t *testing.T) {
	s := start(t, func(o *Options) { o.Limits.Subscriptions = 2 })
	anna := user(t, s, "anna")
	for _, want := range []string{"NoError", "NoError", "ErrorExceededSubscriptionCount"} {
		anna.status(pull(anna, named("inbox")).Status(), want)
	}
}

func TestSyncStatesExpire(t *testing.T) {
	now := newClock(noon)
	s := start(t, func(o *Options) { o.Now, o.Limits.SyncStates = now.Now, 24*time.Hour })
	anna := user(t, s, "anna")
	m := newMirror()
	m.sync(anna, named("inbox"), 10)
	now.advance(23 * time.Hour)
	m.sync(anna, named("inbox"), 10) // which gives a new one
	now.advance(23 * time.Hour)
	m.sync(anna, named("inbox"), 10)
	now.advance(25 * time.Hour)
	answer := call[wsdl.SyncFolderItemsResponse](anna, &wsdl.SyncFolderItems{
		ItemShape: shape(wsdl.DefaultShapeNamesIdOnly), SyncFolderId: &wsdl.TargetFolderId{DistinguishedFolderId: named("inbox")},
		SyncState: wsdl.NewText(m.state), MaxChangesReturned: wsdl.Ptr(wsdl.Int32(10)),
	}).ResponseMessages.SyncFolderItemsResponseMessage[0]
	anna.status(answer.Status(), "ErrorInvalidSyncStateData")
}

func TestDeletedItemsAreKeptForAWhile(t *testing.T) {
	now := newClock(noon)
	s := start(t, func(o *Options) { o.Now, o.Limits.Retention = now.Now, 14*24*time.Hour })
	anna := user(t, s, "anna")
	dumpster := named("recoverableitemsdeletions")
	for n := range 2 {
		id := anna.draft(message(fmt.Sprint("Draft ", n), "ben@contoso.example"))
		anna.status(anna.remove(id, wsdl.DisposalSoftDelete, ""), "NoError")
		now.advance(24 * time.Hour)
	}
	now.advance(12 * 24 * time.Hour)
	if left := subjects(anna.list(dumpster)); len(left) != 2 {
		t.Errorf("after 14 and 13 days there is %q", left)
	}
	now.advance(time.Second)
	if left := subjects(anna.list(dumpster)); len(left) != 1 || left[0] != "Draft 1" {
		t.Errorf("a second later there is %q", left)
	}
}

func TestUserAgentsAreBlocked(t *testing.T) {
	for _, c := range []struct {
		name             string
		allowed, blocked []string
		agent            string
		open             bool
	}{
		{"no lists", nil, nil, "anything", true},
		{"on the list", []string{"exconn/*"}, nil, "ExConn/1.2 (linux)", true},
		{"not on the list", []string{"exconn/*"}, nil, "curl/8", false},
		{"an empty list", []string{}, nil, "exconn/1", false},
		{"blocked", nil, []string{"*curl*"}, "libcurl/8", false},
		{"not blocked", nil, []string{"curl"}, "libcurl/8", true},
		{"on both", []string{"*"}, []string{"a*b*c"}, "aXbXc", false},
	} {
		s := start(t, func(o *Options) { o.Limits.AllowedAgents, o.Limits.BlockedAgents = c.allowed, c.blocked })
		r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, ewsserver.Path, nil)
		r.SetBasicAuth("anna@contoso.example", "secret")
		r.Header.Set("User-Agent", c.agent)
		w := httptest.NewRecorder()
		s.Handler(Server).ServeHTTP(w, r)
		want := http.StatusOK
		if !c.open {
			want = http.StatusForbidden
		}
		reason := w.Header().Get("X-EWS-Policy-Reason")
		if w.Code != want || !c.open && reason != "EWS is blocked by policy for this user or tenant" {
			t.Errorf("%s: HTTP %d, %q", c.name, w.Code, reason)
		}
	}
}

package ews_test

import (
	"bytes"
	"errors"
	"mime"
	"net/mail"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/simulator"
	"github.com/exconn/exconn/wsdl"
)

func TestFoldersOfMailbox(t *testing.T) {
	x := newExchange(t)
	folders, err := x.of("anna@contoso.example").Folders(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]mailbox.Folder{}
	for _, f := range folders {
		if parent := path.Dir(f.Path); parent != "." && seen[parent].ID == "" {
			t.Errorf("%q comes before its parent", f.Path)
		}
		if f.ID == "" || seen[f.Path].ID != "" {
			t.Errorf("twice, or without an id: %+v", f)
		}
		seen[f.Path] = f
	}
	if f := seen["Inbox"]; f.Class != "IPF.Note" || f.Total == 0 || f.Unread == 0 || f.Unread > f.Total {
		t.Errorf("the inbox is %+v", f)
	}
	if f := seen["Calendar"]; f.Class != "IPF.Appointment" {
		t.Errorf("the calendar is %+v", f)
	}
	if seen["Inbox/Projects/Northwind rollout"].ID == "" {
		t.Error("a folder in a folder is missing")
	}
}

func TestMessagesOfFolder(t *testing.T) {
	x := newExchange(t)
	anna := x.of("anna@contoso.example")
	folders, err := anna.Folders(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	inbox := folders[slices.IndexFunc(folders, func(f mailbox.Folder) bool { return f.Path == "Inbox" })]
	all := x.list(anna, mailbox.Query{})
	if len(all) != inbox.Total {
		t.Fatalf("%d messages in an inbox of %d", len(all), inbox.Total)
	}
	if !slices.IsSortedFunc(all, func(a, b mailbox.Message) int { return b.Received.Compare(*a.Received) }) {
		t.Error("not the newest first")
	}
	first := all[0]
	if first.ID == "" || first.ChangeKey == "" || first.FolderID != inbox.ID || first.Subject == "" || first.From == nil || first.InternetMessageID == "" || first.ConversationID == "" || first.Size == 0 {
		t.Errorf("the first message is %+v", first)
	}
	ids := func(list []mailbox.Message) (ids []string) {
		for _, m := range list {
			ids = append(ids, m.ID)
		}
		return ids
	}
	same := func(name string, got, want []mailbox.Message) {
		t.Helper()
		if len(want) == 0 || !slices.Equal(ids(got), ids(want)) {
			t.Errorf("%s: %d messages, want the %d", name, len(got), len(want))
		}
	}
	pick := func(f func(mailbox.Message) bool) (list []mailbox.Message) {
		for _, m := range all {
			if f(m) {
				list = append(list, m)
			}
		}
		return list
	}
	middle := all[len(all)/2].Received.Truncate(time.Second)
	unread := func(m mailbox.Message) bool { return !m.IsRead }
	since := func(m mailbox.Message) bool { return !m.Received.Before(middle) }
	same("unread", x.list(anna, mailbox.Query{Unread: true}), pick(unread))
	same("since", x.list(anna, mailbox.Query{Since: middle}), pick(since))
	same("until", x.list(anna, mailbox.Query{Until: middle}), pick(func(m mailbox.Message) bool { return !since(m) }))
	same("unread since", x.list(anna, mailbox.Query{Since: middle, Unread: true}), pick(func(m mailbox.Message) bool { return since(m) && unread(m) }))
	same("limit", x.list(anna, mailbox.Query{Limit: 3}), all[:3])
	same("by id", x.list(anna, mailbox.Query{Folder: mailbox.FolderRef(inbox.ID)}), all)
	word := strings.Fields(first.Subject)[0]
	for _, m := range x.list(anna, mailbox.Query{AQS: "subject:" + word}) {
		if !strings.Contains(strings.ToLower(m.Subject), strings.ToLower(word)) {
			t.Errorf("searched for %q and found %q", word, m.Subject)
		}
	}
	bodies := x.list(anna, mailbox.Query{Body: true})
	same("with bodies", bodies, all)
	for _, m := range bodies {
		if m.Body == nil || m.Body.Type != mailbox.HTML || m.Body.Content == "" || len(m.To) == 0 || m.HasAttachments && len(m.Attachments) == 0 {
			t.Errorf("without a part: %+v", m)
		}
	}
	below := 0
	for _, f := range folders {
		if path.Dir(f.Path) != "Inbox" {
			continue
		}
		below += f.Total
		if n := len(x.list(anna, mailbox.Query{Folder: mailbox.FolderRef(strings.ToLower(f.Path))})); n != f.Total {
			t.Errorf("%d messages in %q, which holds %d", n, f.Path, f.Total)
		}
	}
	if below == 0 {
		t.Error("no folder below the inbox holds anything")
	}
	for _, bad := range []mailbox.Query{{AQS: "x", Unread: true}, {Limit: -1}} {
		for _, err := range anna.Messages(t.Context(), bad) {
			if !errors.Is(err, mailbox.ErrInvalid) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
	}
	for _, err := range anna.Messages(t.Context(), mailbox.Query{Folder: "Inbox/Nowhere"}) {
		if !errors.Is(err, mailbox.ErrNotFound) || !strings.Contains(err.Error(), "Inbox/Nowhere") {
			t.Errorf("no such folder: %v", err)
		}
	}
}

func TestMessageWithAttachments(t *testing.T) {
	x := newExchange(t)
	anna := x.of("anna@contoso.example")
	files, images := 0, 0
	for _, listed := range x.list(anna, mailbox.Query{}) {
		msg, err := anna.Message(t.Context(), listed.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range msg.Attachments {
			var content bytes.Buffer
			got, err := anna.Attachment(t.Context(), a.ID, &content)
			if err != nil {
				t.Fatal(err)
			}
			if got.Name != a.Name || got.ID != a.ID {
				t.Errorf("got %+v, want %+v", got, a)
			}
			switch {
			case a.Inline:
				images++
				if !bytes.HasPrefix(content.Bytes(), []byte("\x89PNG")) || !strings.Contains(msg.Body.Content, "cid:"+a.ContentID) {
					t.Errorf("%+v holds %d bytes that are no image of the body", a, content.Len())
				}
			case a.ContentType == "application/pdf":
				files++
				if !bytes.HasPrefix(content.Bytes(), []byte("%PDF")) {
					t.Errorf("%+v holds %d bytes that are no PDF", a, content.Len())
				}
			}
		}
		var raw bytes.Buffer
		if err := anna.MIME(t.Context(), listed.ID, &raw); err != nil {
			t.Fatal(err)
		}
		parsed, err := mail.ReadMessage(&raw)
		if err != nil {
			t.Fatal(err)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject"))
		if err != nil || subject != msg.Subject {
			t.Errorf("the MIME has subject %q (%v), want %q", subject, err, msg.Subject)
		}
	}
	if files == 0 || images == 0 {
		t.Errorf("%d files and %d images, want some of both", files, images)
	}
	if _, err := anna.Attachment(t.Context(), "AAMkNone=", &bytes.Buffer{}); !errors.Is(err, mailbox.ErrNotFound) && !errors.Is(err, mailbox.ErrInvalid) {
		t.Errorf("no such attachment: %v", err)
	}
	if _, err := anna.Message(t.Context(), ""); !errors.Is(err, mailbox.ErrInvalid) {
		t.Errorf("an empty id: %v", err)
	}
}

func TestSync(t *testing.T) {
	x := newExchange(t)
	ctx := t.Context()
	anna, ben := x.of("anna@contoso.example"), x.of("ben@contoso.example")
	all := x.list(ben, mailbox.Query{})
	known := map[string]bool{}
	var state string
	for pages := 0; ; pages++ {
		page, err := ben.SyncFolderItems(ctx, ews.SyncItems{State: state, MaxChanges: 5})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range page.Changes {
			if c.Kind != wsdl.Created || c.ID == "" || known[c.ID] {
				t.Errorf("change %+v", c)
			}
			known[c.ID] = true
		}
		state = page.State
		if !page.More {
			break
		}
		if pages > len(all) {
			t.Fatal("the pages do not end")
		}
	}
	for _, msg := range all {
		if !known[msg.ID] {
			t.Errorf("%q was not told of", msg.Subject)
		}
	}
	if len(known) != len(all) {
		t.Errorf("%d items told of, %d listed", len(known), len(all))
	}

	if _, err := anna.Send(ctx, mailbox.Outgoing{To: []mailbox.Person{{Address: "ben@contoso.example"}}, Subject: "synchronised"}); err != nil {
		t.Fatal(err)
	}
	read, gone := all[0], all[1]
	if err := ben.MarkRead(ctx, read.ID, !read.IsRead); err != nil {
		t.Fatal(err)
	}
	if err := ben.Delete(ctx, gone.ID, true); err != nil {
		t.Fatal(err)
	}
	page, err := ben.SyncFolderItems(ctx, ews.SyncItems{State: state})
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[wsdl.ChangeKind]ews.ItemChange{}
	for _, c := range page.Changes {
		kinds[c.Kind] = c
	}
	if c := kinds[wsdl.Created]; c.ID != x.find(ben, mailbox.Inbox, "synchronised").ID {
		t.Errorf("created: %+v", c)
	}
	if c := kinds[wsdl.ReadFlagChange]; c.ID != read.ID || c.IsRead == read.IsRead {
		t.Errorf("read: %+v", c)
	}
	if c := kinds[wsdl.Deleted]; c.ID != gone.ID {
		t.Errorf("deleted: %+v", c)
	}
	if again, err := ben.SyncFolderItems(ctx, ews.SyncItems{State: page.State}); err != nil || len(again.Changes) != 0 {
		t.Errorf("then %d changes more (%v)", len(again.Changes), err)
	}
	if _, err := ben.SyncFolderItems(ctx, ews.SyncItems{State: "bm8gc3VjaCBzdGF0ZQ=="}); !errors.Is(err, mailbox.ErrCursorExpired) {
		t.Errorf("an unknown state: %v", err)
	}
	if _, err := ben.SyncFolderItems(ctx, ews.SyncItems{MaxChanges: 513}); !errors.Is(err, mailbox.ErrInvalid) {
		t.Errorf("a page too large: %v", err)
	}

	folders, err := ben.Folders(ctx)
	if err != nil {
		t.Fatal(err)
	}
	changes, err := ben.SyncFolderHierarchy(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(changes.Changes) != len(folders) || changes.More || changes.State == "" {
		t.Errorf("%d folders told of, %d listed", len(changes.Changes), len(folders))
	}
	if changes, err = ben.SyncFolderHierarchy(ctx, changes.State); err != nil || len(changes.Changes) != 0 {
		t.Errorf("then %d changes more (%v)", len(changes.Changes), err)
	}
}

func TestService(t *testing.T) {
	x := newExchange(t)
	s := x.of("anna@contoso.example").Service()
	names, err := s.ResolveNamesContext(t.Context(), &wsdl.ResolveNames{
		ReturnFullContactData: wsdl.Ptr(wsdl.Bool(false)), UnresolvedEntry: wsdl.NewText("ben@contoso.example"),
	})
	if err != nil {
		t.Fatal(err)
	}
	found := names.ResponseMessages.ResolveNamesResponseMessage[0].ResolutionSet.Resolution
	if len(found) != 1 || wsdl.Str(found[0].Mailbox.Name) != "Ben Castillo" {
		t.Errorf("found %d", len(found))
	}
	zones, err := s.GetServerTimeZones(&wsdl.GetServerTimeZones{})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(zones.ResponseMessages.GetServerTimeZonesResponseMessage[0].TimeZoneDefinitions.TimeZoneDefinition); n < 100 {
		t.Errorf("%d time zones", n)
	}
	missing, err := s.GetItemContext(t.Context(), &wsdl.GetItem{
		ItemShape: &wsdl.ItemResponseShape{BaseShape: &wsdl.BaseShape{Value: wsdl.Ptr(wsdl.DefaultShapeNamesIdOnly)}},
		ItemIds:   &wsdl.ItemIdList{Ids: []any{&wsdl.ItemIdType{Id: wsdl.NewText("AAMkNone=")}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if st := missing.ResponseMessages.GetItemResponseMessage[0].Status(); st.OK() {
		t.Errorf("an item that is not there: %+v", st)
	}
}

// TestAccess: who reaches which mailbox how, and what those are told who do
// not.
func TestAccess(t *testing.T) {
	x := newExchange(t)
	apps := x.Applications()
	erik := x.online(x.signIn(apps.Online, "erik@fabrikam.example"))
	service := x.online(x.appOnly(apps.AppOnly))
	svc := basic{x.http(), "svc-crm@contoso.example", string(x.Password("svc-crm@contoso.example"))}
	wrong := basic{x.http(), "anna@contoso.example", "not the password"}
	server := func(hc basic) *ews.Client { return ews.NewClient(hc, x.EWSURL(simulator.Server), nil) }
	tests := []struct {
		name    string
		client  *ews.Client
		address string
		access  ews.Access
		is      error
		hint    string
	}{
		{"own", erik, "erik@fabrikam.example", ews.Own, nil, ""},
		{"shared", erik, "sales@fabrikam.example", ews.Shared, nil, ""},
		{"not shared", erik, "fiona@fabrikam.example", ews.Shared, mailbox.ErrAccessDenied, "Add-MailboxPermission"},
		{"delegated, impersonating", erik, "fiona@fabrikam.example", ews.Impersonate, mailbox.ErrAccessDenied, "may not impersonate"},
		{"application", service, "fiona@fabrikam.example", ews.Impersonate, nil, ""},
		{"application without impersonation", service, "fiona@fabrikam.example", ews.Own, mailbox.ErrAccessDenied, "by impersonation"},
		{"application for nobody", service, "nobody@fabrikam.example", ews.Impersonate, mailbox.ErrNotFound, "Get-Mailbox"},
		{"application where EWS is off", service, "greta@fabrikam.example", ews.Impersonate, mailbox.ErrPolicyBlocked, "Get-CASMailbox"},
		{"application not listed", x.online(x.appOnly(apps.Unlisted)), "fiona@fabrikam.example", ews.Impersonate, mailbox.ErrPolicyBlocked, "EwsAllowedAppIDs"},
		{"scoped application in scope", x.online(x.appOnly(apps.Scoped)), "fiona@fabrikam.example", ews.Impersonate, nil, ""},
		{"scoped application out of scope", x.online(x.appOnly(apps.Scoped)), "erik@fabrikam.example", ews.Impersonate, mailbox.ErrAccessDenied, "Application EWS.AccessAsApp"},
		{"garbage for a token", x.online("x.y.z"), "erik@fabrikam.example", ews.Own, mailbox.ErrSignInNeeded, "sign in again"},
		{"impersonation", server(svc), "anna@contoso.example", ews.Impersonate, nil, ""},
		{"impersonation by another address", server(svc), "anna.albrecht@contoso.example", ews.Impersonate, nil, ""},
		{"impersonation out of scope", server(svc), "director@contoso.example", ews.Impersonate, mailbox.ErrAccessDenied, "ApplicationImpersonation"},
		{"impersonation of nobody", server(svc), "nobody@contoso.example", ews.Impersonate, mailbox.ErrNotFound, "Get-Mailbox"},
		{"wrong password", server(wrong), "anna@contoso.example", ews.Own, mailbox.ErrSignInNeeded, "sign in again"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := tt.client.Mailbox(tt.address, tt.access)
			n := 0
			var err error
			for _, e := range m.Messages(t.Context(), mailbox.Query{Limit: 2}) {
				if err = e; err == nil {
					n++
				}
			}
			if tt.is == nil {
				if err != nil || tt.access != ews.Shared && n != 2 {
					t.Errorf("%d messages, %v", n, err)
				}
				if v, ok := tt.client.Server(); !ok || v.Major != 15 {
					t.Errorf("the server is of version %v", v)
				}
				return
			}
			if !errors.Is(err, tt.is) || !strings.Contains(mailbox.Hint(err), tt.hint) {
				t.Errorf("got %v\nhint %s", err, mailbox.Hint(err))
			}
		})
	}
}

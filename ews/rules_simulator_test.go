package ews_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
)

func createRules(rules ...mailbox.Rule) mailbox.RuleChanges {
	var c mailbox.RuleChanges
	for _, r := range rules {
		c.Operations = append(c.Operations, mailbox.RuleOperation{Kind: mailbox.CreateRule, Rule: r})
	}
	return c
}

func rulesIn(t *testing.T, m *ews.Mailbox) []mailbox.Rule {
	t.Helper()
	rules, err := m.InboxRules(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return rules.Rules
}

// A rule with everything comes back as it went, and goes again.
func TestWholeRuleRoundTrip(t *testing.T) {
	t.Parallel()
	x := newExchange(t)
	anna := x.of("anna@contoso.example")
	template := x.list(anna, mailbox.Query{Limit: 1})[0]
	actions := wholeActions()
	actions.MoveTo, actions.ReplyWith = "Inbox/Projects", template.ID
	rule := mailbox.Rule{Name: "All", Priority: 1, Enabled: true, Conditions: wholePredicates(), Exceptions: wholePredicates(), Actions: actions}
	if err := anna.UpdateInboxRules(t.Context(), createRules(rule)); err != nil {
		t.Fatal(err)
	}
	got := rulesIn(t, anna)[0]
	folders, err := anna.Folders(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	path := func(ref mailbox.FolderRef) string {
		i := slices.IndexFunc(folders, func(f mailbox.Folder) bool { return f.ID == string(ref) })
		if i < 0 {
			t.Fatalf("there is no folder %s", ref)
		}
		return folders[i].Path
	}
	if move, copied := path(got.Actions.MoveTo), path(got.Actions.CopyTo); move != "Inbox/Projects" || copied != "Junk Email" {
		t.Errorf("moved to %s, copied to %s", move, copied)
	}
	placeless := cmpopts.IgnoreFields(mailbox.RuleActions{}, "MoveTo", "CopyTo")
	if diff := cmp.Diff(rule, got, placeless, cmpopts.IgnoreFields(mailbox.Rule{}, "ID")); diff != "" {
		t.Errorf("-written +read:\n%s", diff)
	}
	got.Name, got.Enabled, got.Exceptions = "Less", false, mailbox.RulePredicates{}
	if err := anna.UpdateInboxRules(t.Context(), mailbox.RuleChanges{Operations: []mailbox.RuleOperation{{Kind: mailbox.SetRule, Rule: got}}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, rulesIn(t, anna)[0]); diff != "" {
		t.Errorf("-written +read:\n%s", diff)
	}
}

func TestRulesOfASharedMailbox(t *testing.T) {
	t.Parallel()
	x := newExchange(t)
	client := ews.NewClient(basic{x.http(), "svc-crm@contoso.example", string(x.Password("svc-crm@contoso.example"))}, x.EWSURL("server"), nil)
	if _, err := client.Mailbox("anna@contoso.example", ews.Shared).InboxRules(t.Context()); !errors.Is(err, mailbox.ErrAccessDenied) {
		t.Errorf("without full access: %v", err)
	}
}

// A batch that the server refuses changes nothing, and says why.
func TestRulesRefusedBySimulator(t *testing.T) {
	t.Parallel()
	x := newExchange(t)
	anna := x.of("anna@contoso.example")
	read := mailbox.RuleActions{MarkAsRead: true}
	err := anna.UpdateInboxRules(t.Context(), createRules(
		mailbox.Rule{Name: "One", Priority: 1, Actions: read},
		mailbox.Rule{Name: "Same place", Priority: 1, Actions: mailbox.RuleActions{ForwardTo: []mailbox.Person{{Address: "a b@contoso.example"}}}}))
	var refused *ews.RulesError
	if !errors.As(err, &refused) || !errors.Is(err, mailbox.ErrInvalid) {
		t.Fatal(err)
	}
	var got []string
	for _, p := range refused.Problems {
		if p.Operation != 1 {
			t.Errorf("%+v", p)
		}
		got = append(got, p.Field+" "+p.Code)
	}
	if diff := cmp.Diff([]string{"Priority DuplicatedPriority", "Action:ForwardToRecipients InvalidAddress"}, got); diff != "" || mailbox.Hint(err) == "" {
		t.Errorf("%s\nhint: %s", diff, mailbox.Hint(err))
	}
	if rules := rulesIn(t, anna); len(rules) != 0 {
		t.Errorf("%+v", rules)
	}
	if err := anna.UpdateInboxRules(t.Context(), mailbox.RuleChanges{Operations: []mailbox.RuleOperation{{Kind: mailbox.DeleteRule, Rule: mailbox.Rule{ID: "none"}}}}); !errors.Is(err, mailbox.ErrNotFound) {
		t.Errorf("deleting what is not there: %v", err)
	}

	// Outlook's own rules, and one that EWS cannot carry.
	if err := x.OutlookRules("anna@contoso.example", true, "Play a sound"); err != nil {
		t.Fatal(err)
	}
	one := createRules(mailbox.Rule{Name: "One", Priority: 1, Actions: read})
	if err := anna.UpdateInboxRules(t.Context(), one); !errors.Is(err, mailbox.ErrConflict) {
		t.Errorf("beside Outlook's rules: %v", err)
	}
	one.RemoveOutlookBlob = true
	if err := anna.UpdateInboxRules(t.Context(), one); err != nil {
		t.Error(err)
	}
	all, err := anna.InboxRules(t.Context())
	if err != nil || all.OutlookBlob || len(all.Rules) != 2 {
		t.Fatal(all, err)
	}
	sound := all.Rules[1]
	if err := anna.UpdateInboxRules(t.Context(), mailbox.RuleChanges{Operations: []mailbox.RuleOperation{{Kind: mailbox.SetRule, Rule: mailbox.Rule{ID: sound.ID, Name: "Mine", Priority: 1, Actions: read}}}}); !errors.Is(err, mailbox.ErrUnsupported) {
		t.Errorf("changing %q: %v", sound.Name, err)
	}
	if err := anna.UpdateInboxRules(t.Context(), mailbox.RuleChanges{Operations: []mailbox.RuleOperation{{Kind: mailbox.DeleteRule, Rule: sound}}}); err != nil {
		t.Error(err)
	}
}

// A rule works on what arrives.
func TestRuleAtWork(t *testing.T) {
	t.Parallel()
	x := newExchange(t)
	anna, ben := x.of("anna@contoso.example"), x.of("ben@contoso.example")
	if err := ben.UpdateInboxRules(t.Context(), createRules(mailbox.Rule{Name: "Offers", Priority: 1, Enabled: true,
		Conditions: mailbox.RulePredicates{From: []mailbox.Person{{Address: "anna@contoso.example"}}, SubjectContains: []string{"offer 4711"}},
		Actions:    mailbox.RuleActions{MoveTo: mailbox.JunkEmail, MarkAsRead: true, Categories: []string{"Offer"}}})); err != nil {
		t.Fatal(err)
	}
	if _, err := anna.Send(t.Context(), mailbox.Outgoing{To: []mailbox.Person{{Address: "ben@contoso.example"}}, Subject: "Re: Offer 4711", Text: "yes"}); err != nil {
		t.Fatal(err)
	}
	if got := x.find(ben, mailbox.JunkEmail, "Offer 4711"); !got.IsRead {
		t.Error("it is unread")
	}
}

// What is exported from one mailbox is the same item in another.
func TestExportAndUpload(t *testing.T) {
	t.Parallel()
	x := newExchange(t)
	anna, ben := x.of("anna@contoso.example"), x.of("ben@contoso.example")
	contact, err := anna.CreateContact(t.Context(), wholeContact())
	if err != nil {
		t.Fatal(err)
	}
	event, err := anna.CreateEvent(t.Context(), mailbox.NewEvent{Subject: "Rounds", Start: time.Date(2027, 1, 4, 9, 0, 0, 0, time.UTC), End: time.Date(2027, 1, 4, 10, 0, 0, 0, time.UTC),
		TimeZone: "Europe/Berlin", Recurrence: "FREQ=WEEKLY;BYDAY=MO;COUNT=4"})
	if err != nil {
		t.Fatal(err)
	}
	draft, err := anna.SaveDraft(t.Context(), anOffer())
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{contact.ID, event.ID, "AAMkGone=", draft.ID}
	streams := make([]bytes.Buffer, len(ids))
	results, err := anna.ExportItems(t.Context(), ids, func(place int) io.Writer { return &streams[place] })
	if err != nil {
		t.Fatal(err)
	}
	var uploads []ews.UploadItem
	for i, folder := range []mailbox.FolderRef{mailbox.Contacts, mailbox.Calendar, "", mailbox.Drafts} {
		if i == 2 {
			if results[i].Err == nil || streams[i].Len() > 0 {
				t.Errorf("an item that is not there: %v", results[i].Err)
			}
			continue
		}
		if results[i].Err != nil || results[i].ID != ids[i] {
			t.Fatal(results[i])
		}
		uploads = append(uploads, ews.UploadItem{Folder: folder, Size: int64(streams[i].Len()), Open: func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(streams[i].Bytes())), nil
		}})
	}
	uploads = append(uploads, ews.UploadItem{Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(streams[0].Bytes()[:100])), nil }})
	made, err := ben.UploadItems(t.Context(), uploads)
	if err != nil {
		t.Fatal(err)
	}
	if !errors.Is(made[3].Err, mailbox.ErrInvalid) || mailbox.Code(made[3].Err) != "ErrorCorruptData" {
		t.Errorf("half a stream: %v", made[3].Err)
	}
	for _, r := range made[:3] {
		if r.Err != nil || r.ID == "" {
			t.Fatal(r)
		}
	}
	theirs, err := ben.Contact(t.Context(), made[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	mine, err := anna.Contact(t.Context(), contact.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(mine.ContactDetails, theirs.ContactDetails); diff != "" {
		t.Errorf("the contact: %s", diff)
	}
	copied, err := ben.Event(t.Context(), made[1].ID)
	if err != nil || copied.Recurrence != event.Recurrence || copied.UID != event.UID || !copied.Start.Equal(event.Start) {
		t.Errorf("the event: %+v, %v", copied, err)
	}
	message, err := ben.Message(t.Context(), made[2].ID)
	if err != nil || message.Subject != "Offer" || len(message.Attachments) != 1 {
		t.Fatalf("the message: %+v, %v", message, err)
	}
	var content bytes.Buffer
	if _, err := ben.Attachment(t.Context(), message.Attachments[0].ID, &content); err != nil || content.String() != "%PDF-1.7" {
		t.Errorf("the attachment: %q, %v", content.String(), err)
	}
	// An update brings it back.
	if err := ben.MarkRead(t.Context(), made[2].ID, false); err != nil {
		t.Fatal(err)
	}
	uploads[2].Action, uploads[2].ItemID = ews.UploadUpdate, made[2].ID
	again, err := ben.UploadItems(t.Context(), uploads[2:3])
	if err != nil || again[0].Err != nil || again[0].ID != made[2].ID {
		t.Fatal(again, err)
	}
	if message, err = ben.Message(t.Context(), made[2].ID); err != nil || !message.IsRead {
		t.Errorf("after the update: read %v, %v", message.IsRead, err)
	}
	uploads[2].ChangeKey = made[2].ChangeKey
	if stale, err := ben.UploadItems(t.Context(), uploads[2:3]); err != nil || !errors.Is(stale[0].Err, mailbox.ErrConflict) {
		t.Errorf("with an old change key: %v, %v", stale, err)
	}
}

func anOffer() mailbox.Outgoing {
	return mailbox.Outgoing{To: []mailbox.Person{{Address: "carla@contoso.example"}}, Subject: "Offer", Text: "see below", Attachments: []mailbox.Upload{file("offer.pdf", "%PDF-1.7")}}
}

func TestServerTimeZones(t *testing.T) {
	t.Parallel()
	m := newExchange(t).of("anna@contoso.example")
	names, err := m.ServerTimeZones(t.Context(), false)
	if err != nil || len(names) < 130 {
		t.Fatal(len(names), err)
	}
	for _, z := range names {
		if z.ID == "" || z.Name == "" || z.IANA == "" || z.Definition != nil {
			t.Errorf("%+v", z)
		}
	}
	some, err := m.ServerTimeZones(t.Context(), true, "Europe/Vienna", "Atlantis Standard Time", "tokyo standard time")
	if err != nil || len(some) != 2 {
		t.Fatal(some, err)
	}
	for _, z := range some {
		periods := map[string]int{"W. Europe Standard Time": 2, "Tokyo Standard Time": 1}[z.ID]
		if z.Definition == nil || periods == 0 || len(z.Definition.Periods.Period) != periods {
			t.Errorf("%+v", z)
		}
	}
	if _, err := m.ServerTimeZones(t.Context(), false, " "); !errors.Is(err, mailbox.ErrInvalid) {
		t.Errorf("an empty id: %v", err)
	}
}

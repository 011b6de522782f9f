package ews_test

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// draft keeps a message in Drafts and returns its id.
func (x exchange) draft(m *ews.Mailbox, subject string) string {
	x.t.Helper()
	sent, err := m.SaveDraft(x.t.Context(), mailbox.Outgoing{Subject: subject, Text: "body of " + subject})
	if err != nil {
		x.t.Fatal(err)
	}
	return sent.ID
}

// get returns one message with some fields.
func (x exchange) get(m *ews.Mailbox, id string, fields ...ews.Field) ews.MessageResult {
	x.t.Helper()
	list, err := m.GetMessages(x.t.Context(), []string{id}, fields...)
	if err != nil {
		x.t.Fatal(err)
	}
	if list[0].Err != nil {
		x.t.Fatal(list[0].Err)
	}
	return list[0]
}

func TestUpdateItems(t *testing.T) {
	x := newExchange(t)
	anna := x.of("anna@contoso.example")
	ctx := t.Context()
	id := x.draft(anna, "Offer")
	read, importance, sensitivity, subject := false, mailbox.High, mailbox.Private, "Offer 2"
	categories := []string{"CRM", "Red & blue"}
	start, due := noon, noon.Add(48*time.Hour)
	key, err := anna.UpdateItem(ctx, ews.ItemUpdate{ID: id, Subject: &subject, IsRead: &read, Importance: &importance, Sensitivity: &sensitivity,
		Categories: &categories, Flag: &mailbox.Flag{Status: mailbox.Flagged, Start: &start, Due: &due}, Set: everyProperty()})
	if err != nil {
		t.Fatal(err)
	}
	got := x.get(anna, id, fieldsOf(everyProperty())...)
	if got.ChangeKey != key || got.Subject != subject || got.IsRead || got.Importance != importance || got.Sensitivity != sensitivity ||
		!slices.Equal(got.Categories, categories) || got.Flag == nil || got.Flag.Status != mailbox.Flagged || !got.Flag.Due.Equal(due) || !got.Flag.Start.Equal(start) {
		t.Errorf("read back %+v", got.Message)
	}
	var want, values []any
	for _, p := range everyProperty() {
		want = append(want, p.Value)
	}
	for _, p := range got.Properties {
		values = append(values, p.Value)
	}
	if diff := cmp.Diff(want, values); diff != "" {
		t.Errorf("the properties came back otherwise:\n%s", diff)
	}
	// A property that is gone is not there, and the others stay.
	none, normal, off := []string{}, mailbox.SensitivityNormal, &mailbox.Flag{Status: mailbox.NotFlagged}
	if _, err := anna.UpdateItem(ctx, ews.ItemUpdate{ID: id, Categories: &none, Sensitivity: &normal, Flag: off, Remove: fieldsOf(everyProperty()[:2])}); err != nil {
		t.Fatal(err)
	}
	got = x.get(anna, id, fieldsOf(everyProperty())...)
	if got.Categories != nil || got.Sensitivity != "" || got.Flag != nil || len(got.Properties) != len(everyProperty())-2 {
		t.Errorf("read back %+v with %d properties", got.Message, len(got.Properties))
	}
	// A stale change key is a conflict; the other items are changed all the same.
	other := x.draft(anna, "Other")
	results, err := anna.UpdateItems(ctx, []ews.ItemUpdate{
		{ID: id, ChangeKey: key, Subject: &subject},
		{ID: "AAMkNo", Subject: &subject},
		{ID: other, Subject: &subject},
	})
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, results[0].Err, mailbox.ErrConflict, "ErrorIrresolvableConflict")
	wantError(t, results[1].Err, mailbox.ErrInvalid, "ErrorInvalidIdMalformed")
	if results[2].Err != nil || x.get(anna, other).Subject != subject {
		t.Errorf("the third: %+v", results[2])
	}
}

func TestUpdateItemRefuses(t *testing.T) {
	anna := newStub(t, cannedItems).own()
	bad, worse := mailbox.Importance("urgent"), mailbox.Sensitivity("secret")
	crm := ews.Named(crmSet, "crm", wsdl.MapiTypeShort)
	for name, u := range map[string]ews.ItemUpdate{
		"nothing":           {ID: "A"},
		"no id":             {Importance: &bad},
		"importance":        {ID: "A", Importance: &bad},
		"sensitivity":       {ID: "A", Sensitivity: &worse},
		"flag status":       {ID: "A", Flag: &mailbox.Flag{Status: "red"}},
		"flag without due":  {ID: "A", Flag: &mailbox.Flag{Status: mailbox.Flagged, Start: &noon}},
		"flag dates":        {ID: "A", Flag: &mailbox.Flag{Status: mailbox.NotFlagged, Start: &noon, Due: &noon}},
		"flag completed":    {ID: "A", Flag: &mailbox.Flag{Status: mailbox.Flagged, Completed: &noon}},
		"too large":         {ID: "A", Set: []ews.Property{{Field: crm, Value: 1 << 20}}},
		"wrong type":        {ID: "A", Set: []ews.Property{{Field: crm, Value: "1"}}},
		"no value":          {ID: "A", Set: []ews.Property{{Field: crm}}},
		"empty array":       {ID: "A", Set: []ews.Property{{Field: ews.Tag(1, wsdl.MapiTypeStringArray), Value: []string{}}}},
		"not an array":      {ID: "A", Set: []ews.Property{{Field: ews.Tag(1, wsdl.MapiTypeStringArray), Value: "one"}}},
		"no property":       {ID: "A", Set: []ews.Property{{Field: ews.URI("item:Subject"), Value: "x"}}},
		"unwritable type":   {ID: "A", Set: []ews.Property{{Field: ews.Tag(1, wsdl.MapiTypeObject), Value: "x"}}},
		"field without set": {ID: "A", Remove: []ews.Field{ews.Named("", "x", wsdl.MapiTypeString)}},
		"field, no name":    {ID: "A", Remove: []ews.Field{ews.Named(crmSet, "", wsdl.MapiTypeString)}},
		"field, no type":    {ID: "A", Remove: []ews.Field{ews.Tag(1, "")}},
		"empty field":       {ID: "A", Remove: []ews.Field{{}}},
	} {
		if _, err := anna.UpdateItem(t.Context(), u); mailbox.Code(err) != "" || !isInvalid(err) {
			t.Errorf("%s: got error %v", name, err)
		}
	}
}

func TestBatches(t *testing.T) {
	x := newExchange(t)
	anna := x.of("anna@contoso.example")
	ctx := t.Context()
	ids := []string{x.draft(anna, "One"), "AAMkNo", x.draft(anna, "Three")}
	copies, err := anna.CopyItems(ctx, ids, mailbox.Inbox)
	if err != nil || len(copies) != 3 || copies[0].Err != nil || copies[1].Err == nil || copies[2].Err != nil {
		t.Fatalf("copied %+v, %v", copies, err)
	}
	moved, err := anna.MoveItems(ctx, ids, mailbox.Inbox)
	if err != nil || len(moved) != 3 || moved[0].Err != nil || moved[1].Err == nil || moved[2].Err != nil {
		t.Fatalf("moved %+v, %v", moved, err)
	}
	all := []string{copies[0].ID, moved[0].ID, copies[2].ID, moved[2].ID}
	got, err := anna.GetMessages(ctx, all)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"One", "One", "Three", "Three"} {
		if got[i].Subject != want || got[i].Body == nil || got[i].ID != all[i] {
			t.Errorf("message %d is %+v", i, got[i].Message)
		}
	}
	if n := x.count(anna, mailbox.Drafts, "One") + x.count(anna, mailbox.Drafts, "Three"); n != 0 {
		t.Errorf("%d drafts are left", n)
	}
	deleted, err := anna.DeleteItems(ctx, append(all[:3:3], "AAMkNo", all[3]), true)
	if err != nil || len(deleted) != 5 || deleted[2].Err != nil || deleted[3].Err == nil || deleted[4].Err != nil {
		t.Errorf("deleted %+v, %v", deleted, err)
	}
	got, err = anna.GetMessages(ctx, all[:1])
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, got[0].Err, mailbox.ErrNotFound, "ErrorItemNotFound")
	_, err = anna.CopyItems(ctx, []string{"A", ""}, mailbox.Inbox)
	wantError(t, err, mailbox.ErrInvalid, "")
	if list, err := anna.GetMessages(ctx, nil); err != nil || len(list) != 0 {
		t.Errorf("none: %v, %v", list, err)
	}
}

func TestMarkAllRead(t *testing.T) {
	x := newExchange(t)
	anna := x.of("anna@contoso.example")
	unread := len(x.list(anna, mailbox.Query{Unread: true}))
	if unread == 0 {
		t.Fatal("the inbox has nothing unread")
	}
	page, err := anna.SyncFolderItems(t.Context(), ews.SyncItems{})
	if err != nil {
		t.Fatal(err)
	}
	if err := anna.MarkAllRead(t.Context(), mailbox.Inbox, true); err != nil {
		t.Fatal(err)
	}
	if n := len(x.list(anna, mailbox.Query{Unread: true})); n != 0 {
		t.Errorf("%d messages are unread", n)
	}
	page, err = anna.SyncFolderItems(t.Context(), ews.SyncItems{State: page.State})
	if err != nil || len(page.Changes) != unread {
		t.Fatalf("the sync tells of %d changes, want %d (%v)", len(page.Changes), unread, err)
	}
	for _, c := range page.Changes {
		if c.Kind != wsdl.ReadFlagChange || !c.IsRead {
			t.Errorf("the sync tells of %+v", c)
		}
	}
	wantError(t, anna.MarkAllRead(t.Context(), "Nowhere", true), mailbox.ErrNotFound, "")
}

func TestItemAttachments(t *testing.T) {
	x := newExchange(t)
	anna := x.of("anna@contoso.example")
	ctx := t.Context()
	id := x.draft(anna, "Outer")
	inner, err := anna.AttachMessage(ctx, id, "", mailbox.Outgoing{To: to("ben@contoso.example"), Subject: "Inner", HTML: "<p>in</p>", Sensitivity: mailbox.Private})
	if err != nil || inner.ItemID != id || inner.ChangeKey == "" {
		t.Fatalf("attached %+v, %v", inner, err)
	}
	raw := "From: Zoë <zoe@adatum.example>\r\nTo: anna@contoso.example\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n" +
		"--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--b--\r\n"
	second, err := anna.AttachMIME(ctx, id, "Letter", strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := anna.Attach(ctx, id, file("a.txt", "hello")); err != nil {
		t.Fatal(err)
	}
	whole := x.get(anna, id)
	if len(whole.Attachments) != 3 || !whole.Attachments[0].Item || !whole.Attachments[1].Item || whole.Attachments[2].Item {
		t.Fatalf("the attachments are %+v", whole.Attachments)
	}
	got, err := anna.AttachedMessage(ctx, inner.ID)
	if err != nil || got.Subject != "Inner" || got.Body == nil || !strings.Contains(got.Body.Content, "in") || got.Sensitivity != mailbox.Private ||
		!slices.Equal(addresses(got.To), []string{"ben@contoso.example"}) {
		t.Errorf("the inner message is %+v, %v", got, err)
	}
	got, err = anna.AttachedMessage(ctx, second.ID)
	if err != nil || got.Subject != "Grüße" || got.From == nil || got.From.Address != "zoe@adatum.example" || len(got.Attachments) != 1 || got.Attachments[0].Name != "a.pdf" {
		t.Errorf("the letter is %+v, %v", got, err)
	}
	var b bytes.Buffer
	if att, err := anna.Attachment(ctx, second.ID, &b); err != nil || !att.Item || !strings.Contains(b.String(), "JVBERg==") {
		t.Errorf("the letter's MIME is %q (%+v, %v)", b.String(), att, err)
	}
	_, err = anna.AttachedMessage(ctx, whole.Attachments[2].ID)
	wantError(t, err, mailbox.ErrInvalid, "")

	results, err := anna.DeleteAttachments(ctx, inner.ID, inner.ID, whole.Attachments[2].ID)
	if err != nil || len(results) != 3 || results[0].Err != nil || results[0].ID != id || results[2].Err != nil {
		t.Fatalf("deleted %+v, %v", results, err)
	}
	wantError(t, results[1].Err, mailbox.ErrNotFound, "ErrorItemNotFound")
	whole = x.get(anna, id)
	if len(whole.Attachments) != 1 || whole.Attachments[0].Name != "Letter" || whole.ChangeKey != results[2].ChangeKey {
		t.Errorf("left are %+v in %s", whole.Attachments, whole.ChangeKey)
	}
	_, err = anna.AttachMIME(ctx, id, "Bad", strings.NewReader("no message"))
	wantError(t, err, mailbox.ErrInvalid, "ErrorMimeContentInvalid")
}

const oldMail = "From: Zoë <zoe@adatum.example>\r\nTo: Anna <anna@contoso.example>, ben@contoso.example\r\nCc: carla@contoso.example\r\n" +
	"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nDate: Mon, 02 Mar 2020 10:00:00 +0100\r\nMessage-ID: <old@adatum.example>\r\nX-Campaign: autumn\r\n" +
	"Importance: high\r\nSensitivity: private\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: multipart/related; boundary=r\r\n\r\n--r\r\nContent-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>Gr=FC=DFe <img src=3D\"cid:i@1\"></p>\r\n" +
	"--r\r\nContent-Type: image/png; name=i.png\r\nContent-ID: <i@1>\r\nContent-Disposition: inline\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw==\r\n--r--\r\n" +
	"--b\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\nSubject: Within\r\nFrom: w@adatum.example\r\n\r\nwithin\r\n--b--\r\n"

func TestImportMIME(t *testing.T) {
	x := newExchange(t)
	anna := x.of("anna@contoso.example")
	ctx := t.Context()
	received := time.Date(2020, 3, 2, 9, 0, 5, 0, time.UTC)
	crm := ews.Named(crmSet, "crm", wsdl.MapiTypeInteger)
	opened := 0
	sent, err := anna.ImportMIME(ctx, ews.Import{Folder: mailbox.SentItems, Read: true, Received: received, Categories: []string{"CRM"},
		Properties: []ews.Property{{Field: crm, Value: 7}}, OperationID: "op-1", Size: int64(len(oldMail)), Open: func() (io.ReadCloser, error) {
			opened++
			return content(oldMail)()
		}})
	if err != nil || sent.ID == "" || sent.OperationID != "op-1" || opened != 1 {
		t.Fatalf("imported %+v, %v, opened %d times", sent, err, opened)
	}
	stamp := ews.Named(ews.StampSet, ews.StampName, wsdl.MapiTypeString)
	got := x.get(anna, sent.ID, crm, stamp, ews.Header("X-Campaign"))
	if got.IsDraft || !got.IsRead || got.Subject != "Grüße" || got.From == nil || got.From.Address != "zoe@adatum.example" || len(got.To) != 2 || len(got.Cc) != 1 ||
		got.Importance != mailbox.High || got.Sensitivity != mailbox.Private || !slices.Equal(got.Categories, []string{"CRM"}) ||
		got.InternetMessageID != "<old@adatum.example>" || got.Received == nil || !got.Received.Equal(received) ||
		got.Sent == nil || !got.Sent.Equal(time.Date(2020, 3, 2, 9, 0, 0, 0, time.UTC)) ||
		got.Body == nil || got.Body.Type != mailbox.HTML || !strings.Contains(got.Body.Content, "Grüße") {
		t.Errorf("read back %+v with body %+v", got.Message, got.Body)
	}
	var values []any
	for _, p := range got.Properties {
		values = append(values, p.Value)
	}
	if want := []any{int32(7), "anna@contoso.example op-1", "autumn"}; !reflect.DeepEqual(values, want) {
		t.Errorf("the properties are %v, want %v", values, want)
	}
	if len(got.Attachments) != 2 || !got.Attachments[0].Inline || got.Attachments[0].ContentID != "i@1" || !got.Attachments[1].Item || got.Attachments[1].Name != "Within" {
		t.Errorf("the attachments are %+v", got.Attachments)
	}
	var b bytes.Buffer
	if err := anna.MIME(ctx, sent.ID, &b); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"Message-ID: <old@adatum.example>", "Sensitivity: private", "iVBORw==", "Subject: Within", "Mon, 02 Mar 2020 09:00:00"} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("the MIME lacks %q:\n%s", part, b.String())
		}
	}
	// What came out goes in again.
	again, err := anna.ImportMIME(ctx, ews.Import{Open: content(b.String()), Draft: true})
	if err != nil {
		t.Fatal(err)
	}
	second := x.get(anna, again.ID)
	if !second.IsDraft || second.IsRead || second.Subject != got.Subject || len(second.Attachments) != 2 || second.InternetMessageID != got.InternetMessageID {
		t.Errorf("the second time %+v", second.Message)
	}
	_, err = anna.ImportMIME(ctx, ews.Import{})
	wantError(t, err, mailbox.ErrInvalid, "")
	_, err = anna.ImportMIME(ctx, ews.Import{Open: content("")})
	wantError(t, err, mailbox.ErrInvalid, "ErrorMimeContentInvalid")
}

func isInvalid(err error) bool { return errors.Is(err, mailbox.ErrInvalid) }

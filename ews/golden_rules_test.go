package ews_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
)

// rulesOf answers the operations on rules, with these rules in the mailbox.
func rulesOf(rules string) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, _ *http.Request, operation string) {
		switch operation {
		case "GetInboxRules":
			respond(w, http.StatusOK, envelope(`<m:GetInboxRulesResponse ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>`+
				`<m:OutlookRuleBlobExists>false</m:OutlookRuleBlobExists><m:InboxRules>`+rules+`</m:InboxRules></m:GetInboxRulesResponse>`))
		case "UpdateInboxRules":
			respond(w, http.StatusOK, envelope(`<m:UpdateInboxRulesResponse ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode></m:UpdateInboxRulesResponse>`))
		default:
			respond(w, http.StatusOK, canned(operation))
		}
	}
}

const aRule = `<t:Rule><t:RuleId>AQAAAA=</t:RuleId><t:DisplayName>Old</t:DisplayName><t:Priority>1</t:Priority><t:IsEnabled>true</t:IsEnabled></t:Rule>`

// transfers answers ExportItems and UploadItems for two items.
func transfers(w http.ResponseWriter, _ *http.Request, operation string) {
	id := func(n string) string { return `<m:ItemId Id="AAMk` + n + `=" ChangeKey="CQ` + n + `"/>` }
	message := func(content string) string {
		return `<m:` + operation + `ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>` + content + `</m:` + operation + `ResponseMessage>`
	}
	switch operation {
	case "ExportItems":
		respond(w, http.StatusOK, envelope(`<m:ExportItemsResponse><m:ResponseMessages>`+message(id("1")+`<m:Data>b25l</m:Data>`)+message(id("2")+`<m:Data>dHdv</m:Data>`)+
			`</m:ResponseMessages></m:ExportItemsResponse>`))
	case "UploadItems":
		respond(w, http.StatusOK, envelope(`<m:UploadItemsResponse><m:ResponseMessages>`+message(id("1"))+message(id("2"))+`</m:ResponseMessages></m:UploadItemsResponse>`))
	default:
		respond(w, http.StatusOK, canned(operation))
	}
}

// wholePredicates sets everything that a rule can look for.
func wholePredicates() mailbox.RulePredicates {
	return mailbox.RulePredicates{
		From:   []mailbox.Person{{Name: "Nora", Address: "nora@alpine.example"}, {Name: "Ben", Address: "/o=Contoso/ou=Exchange/cn=ben"}},
		SentTo: []mailbox.Person{{Address: "sales@contoso.example"}}, SenderContains: []string{"alpine"}, RecipientContains: []string{"sales", "crm"},
		SubjectContains: []string{"Offer <1>"}, BodyContains: []string{" price "}, SubjectOrBodyContains: []string{"invoice"},
		HeaderContains: []string{"X-Priority: 1"}, Categories: []string{"Customer"}, ItemClasses: []string{"IPM.Note"}, Classifications: []string{"a-guid"},
		ConnectedAccounts: []string{"another-guid"}, Importance: mailbox.High, Sensitivity: mailbox.SensitivityNormal, FlaggedFor: mailbox.ForFollowUp,
		After: ptr(time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)), Before: ptr(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)), MinKB: ptr(0), MaxKB: ptr(2048),
		SentToMe: true, SentOnlyToMe: true, SentCcMe: true, SentToOrCcMe: true, NotSentToMe: true, HasAttachments: true, IsApprovalRequest: true,
		IsAutomaticForward: true, IsAutomaticReply: true, IsEncrypted: true, IsMeetingRequest: true, IsMeetingResponse: true, IsNDR: true,
		IsPermissionControlled: true, IsReadReceipt: true, IsSigned: true, IsVoicemail: true,
	}
}

// wholeActions sets everything that a rule can do.
func wholeActions() mailbox.RuleActions {
	to := func(address string) []mailbox.Person { return []mailbox.Person{{Address: address}} }
	return mailbox.RuleActions{
		MoveTo: "Posteingang/Projects", CopyTo: mailbox.JunkEmail, Delete: true, PermanentDelete: true, MarkAsRead: true, Importance: mailbox.Low,
		Categories: []string{"Seen"}, ForwardTo: to("ben@contoso.example"), ForwardAsAttachmentTo: to("carla@contoso.example"),
		RedirectTo: to("crm@elsewhere.example"), SMSAlertTo: to("+43 170 123"), ReplyWith: "AAMkTemplate=", Stop: true,
	}
}

func TestGoldenRules(t *testing.T) {
	update := func(changes mailbox.RuleChanges) func(context.Context, *ews.Mailbox) error {
		return func(ctx context.Context, m *ews.Mailbox) error { return m.UpdateInboxRules(ctx, changes) }
	}
	stream := func(content string) func() (io.ReadCloser, error) {
		return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }
	}
	runGolden(t, []goldenCase{
		{name: "rules", answer: rulesOf(""), do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.InboxRules(ctx)
			return err
		})},
		{name: "rules-shared", answer: rulesOf(""), do: inMailbox(ews.Shared, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.InboxRules(ctx)
			return err
		})},
		{name: "rules-whole", answer: rulesOf(aRule), do: inMailbox(ews.Own, update(mailbox.RuleChanges{Operations: []mailbox.RuleOperation{
			{Kind: mailbox.CreateRule, Rule: mailbox.Rule{Name: "All & everything", Priority: 2, Enabled: true,
				Conditions: wholePredicates(), Exceptions: wholePredicates(), Actions: wholeActions()}},
		}}))},
		{name: "rules-batch", answer: rulesOf(aRule), do: inMailbox(ews.Shared, update(mailbox.RuleChanges{RemoveOutlookBlob: true, Operations: []mailbox.RuleOperation{
			{Kind: mailbox.DeleteRule, Rule: mailbox.Rule{ID: "AQAAAB="}},
			{Kind: mailbox.SetRule, Rule: mailbox.Rule{ID: "AQAAAA=", Name: "Off", Priority: 1, Conditions: mailbox.RulePredicates{MinKB: ptr(512)}, Actions: mailbox.RuleActions{MoveTo: mailbox.DeletedItems}}},
			{Kind: mailbox.CreateRule, Rule: mailbox.Rule{Name: "New", Priority: 2, Enabled: true, Actions: mailbox.RuleActions{MarkAsRead: true}}},
		}}))},
		{name: "export", answer: transfers, do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.ExportItems(ctx, []string{"AAMk1=", "AAMk2="}, func(int) io.Writer { return io.Discard })
			return err
		})},
		{name: "upload", answer: transfers, do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.UploadItems(ctx, []ews.UploadItem{
				{Open: stream("one"), Size: 3},
				{Folder: "Posteingang/Projects", Action: ews.UploadUpdateOrNew, ItemID: "AAMk2=", ChangeKey: "CQ2", Associated: true, Open: stream("two")},
			})
			return err
		})},
		{name: "timezones", answer: func(w http.ResponseWriter, _ *http.Request, operation string) {
			respond(w, http.StatusOK, success(operation, `<m:TimeZoneDefinitions><t:TimeZoneDefinition Id="UTC" Name="(UTC)"/></m:TimeZoneDefinitions>`))
		}, do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			if _, err := m.ServerTimeZones(ctx, true); err != nil {
				return err
			}
			_, err := m.ServerTimeZones(ctx, false, "Europe/Vienna", "Customized Time Zone")
			return err
		})},
	})
}

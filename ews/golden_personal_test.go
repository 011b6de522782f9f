package ews_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
)

// The items that the stub has, one of each kind.
const (
	aContact = `<t:Contact><t:ItemId Id="AAMkContact=" ChangeKey="EQAA1"/><t:DisplayName>Nora</t:DisplayName></t:Contact>`
	aTask    = `<t:Task><t:ItemId Id="AAMkTask=" ChangeKey="EwAA1"/><t:DueDate>2026-12-01T00:00:00Z</t:DueDate></t:Task>`
	aList    = `<t:DistributionList><t:ItemId Id="AAMkList=" ChangeKey="EgAA1"/><t:DisplayName>Friends</t:DisplayName></t:DistributionList>`
)

// personalOf answers every operation about one item.
func personalOf(item string) func(http.ResponseWriter, *http.Request, string) {
	items := calendarOf(item)
	return func(w http.ResponseWriter, r *http.Request, operation string) {
		switch operation {
		case "CreateItem", "UpdateItem":
			respond(w, http.StatusOK, success(operation, `<m:Items>`+item+`</m:Items>`))
		case "ResolveNames":
			respond(w, http.StatusOK, envelope(`<m:ResolveNamesResponse><m:ResponseMessages><m:ResolveNamesResponseMessage ResponseClass="Warning">`+
				`<m:MessageText>Multiple results were found.</m:MessageText><m:ResponseCode>ErrorNameResolutionMultipleResults</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>`+
				`<m:ResolutionSet TotalItemsInView="1" IncludesLastItemInRange="true"><t:Resolution><t:Mailbox><t:Name>Ben</t:Name></t:Mailbox></t:Resolution></m:ResolutionSet>`+
				`</m:ResolveNamesResponseMessage></m:ResponseMessages></m:ResolveNamesResponse>`))
		case "ExpandDL":
			respond(w, http.StatusOK, success(operation, `<m:DLExpansion TotalItemsInView="0" IncludesLastItemInRange="true"/>`))
		default:
			items(w, r, operation)
		}
	}
}

func TestGoldenPersonalRequests(t *testing.T) {
	own := func(do func(context.Context, *ews.Mailbox) error) func(context.Context, *ews.Client) error {
		return inMailbox(ews.Own, do)
	}
	since := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	remind := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	newTask := func(recurrence string, regenerates bool) mailbox.NewTask {
		return mailbox.NewTask{Subject: "Offer", Due: "2026-12-01", Recurrence: recurrence, Regenerates: regenerates, OperationID: "op-7"}
	}
	create := func(n mailbox.NewTask) func(context.Context, *ews.Client) error {
		return own(func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.CreateTask(ctx, n)
			return err
		})
	}
	runGolden(t, []goldenCase{
		{name: "contact-create", answer: personalOf(aContact), do: own(func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.CreateContact(ctx, wholeContact())
			return err
		})},
		{name: "contact-update", answer: personalOf(aContact), do: own(func(ctx context.Context, m *ews.Mailbox) error {
			d := wholeContact().ContactDetails
			_, err := m.UpdateContact(ctx, "AAMkContact=", mailbox.ContactUpdate{
				DisplayName: &d.DisplayName, FileAs: &d.FileAs, Title: &d.Title, GivenName: &d.GivenName, MiddleName: &d.MiddleName, Surname: &d.Surname,
				Suffix: &d.Suffix, Nickname: &d.Nickname, Initials: &d.Initials, Company: &d.Company, Department: &d.Department, JobTitle: &d.JobTitle,
				Profession: &d.Profession, Office: &d.Office, Manager: &d.Manager, Assistant: &d.Assistant, Spouse: &d.Spouse, WebPage: &d.WebPage,
				Children: &d.Children, Emails: d.Emails, Phones: d.Phones, IMs: d.IMs, Birthday: &d.Birthday, Wedding: &d.Wedding,
				Addresses: map[mailbox.AddressKey]mailbox.AddressUpdate{mailbox.AddressOther: {
					Street: ptr("Ring 1"), City: ptr("Wien"), State: ptr("W"), PostalCode: ptr("1010"), Country: ptr("Austria")}},
				Categories: &d.Categories, Sensitivity: &d.Sensitivity, HTML: ptr("<p>new</p>"), ChangeKey: "EQAA1", OperationID: "op-8",
			})
			return err
		})},
		{name: "contact-clear", answer: personalOf(aContact), do: own(func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.UpdateContact(ctx, "AAMkContact=", mailbox.ContactUpdate{
				Title: ptr(""), Company: ptr(""), Children: &[]string{}, Wedding: ptr(mailbox.Date("")), Text: ptr(""),
				Emails: map[mailbox.EmailKey]mailbox.Person{mailbox.Email2: {}}, Phones: map[mailbox.PhoneKey]string{mailbox.PhonePager: ""},
				IMs: map[mailbox.IMKey]string{mailbox.IM1: ""}, Addresses: map[mailbox.AddressKey]mailbox.AddressUpdate{mailbox.AddressHome: {City: ptr("")}},
			})
			return err
		})},
		{name: "contact-list", answer: personalOf(aContact), do: own(func(ctx context.Context, m *ews.Mailbox) error {
			for _, err := range m.Contacts(ctx, mailbox.ContactQuery{Name: "nora", Email: "nora@alpine.example", Category: "VIP", ModifiedSince: since, Body: true, Limit: 20}) {
				if err != nil {
					return err
				}
			}
			return nil
		})},
		{name: "task-create", answer: personalOf(aTask), do: create(mailbox.NewTask{
			Subject: "Prepare <offer>", Start: "2026-12-01", Due: "2026-12-04", Status: mailbox.TaskWaiting, Percent: 30,
			Importance: mailbox.High, Sensitivity: mailbox.Personal, Categories: []string{"Offer"}, Contacts: []string{"Nora"}, Companies: []string{"Alpine"},
			TotalWork: ptr(480), ActualWork: ptr(0), Mileage: "12 km", Billing: "B-1", Reminder: &remind, Text: "as discussed", OperationID: "op-task",
			Recurrence: "FREQ=WEEKLY;BYDAY=TU;COUNT=5",
		})},
		{name: "task-regenerate-daily", answer: personalOf(aTask), do: create(newTask("FREQ=DAILY;INTERVAL=3", true))},
		{name: "task-regenerate-weekly", answer: personalOf(aTask), do: create(newTask("FREQ=WEEKLY;COUNT=4", true))},
		{name: "task-regenerate-monthly", answer: personalOf(aTask), do: create(newTask("FREQ=MONTHLY;UNTIL=20270630", true))},
		{name: "task-regenerate-yearly", answer: personalOf(aTask), do: create(newTask("FREQ=YEARLY;INTERVAL=2", true))},
		{name: "task-update", answer: personalOf(aTask), do: own(func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.UpdateTask(ctx, "AAMkTask=", mailbox.TaskUpdate{
				Subject: ptr("Send"), Start: ptr(mailbox.Date("")), Due: ptr(mailbox.Date("2026-12-31")), Status: ptr(mailbox.TaskCompleted), Percent: ptr(100.0),
				Recurrence: ptr("FREQ=MONTHLY;BYMONTHDAY=-1"), Importance: ptr(mailbox.Low), Sensitivity: ptr(mailbox.Private), Categories: &[]string{"A"},
				Contacts: &[]string{"Nora"}, Companies: &[]string{"B"}, TotalWork: ptr(1), ActualWork: ptr(2), Mileage: ptr("3"), Billing: ptr(""),
				Reminder: &remind, Text: ptr("done"), OperationID: "op-9",
			})
			return err
		})},
		{name: "task-list", answer: personalOf(aTask), do: own(func(ctx context.Context, m *ews.Mailbox) error {
			for _, err := range m.Tasks(ctx, mailbox.TaskQuery{Open: true, DueFrom: "2026-12-01", DueTo: "2026-12-31", Category: "A", ModifiedSince: since, Body: true}) {
				if err != nil {
					return err
				}
			}
			return nil
		})},
		{name: "task-delete", do: own(func(ctx context.Context, m *ews.Mailbox) error { return m.DeleteTask(ctx, "AAMkTask=", true, true) })},
		{name: "list-create", answer: personalOf(aList), do: own(func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.CreateDistributionList(ctx, mailbox.NewDistributionList{Name: "Friends", Text: "notes", Categories: []string{"A"}, OperationID: "op-5",
				Members: []mailbox.Member{{Name: "Nora", Address: "nora@alpine.example"}, {ID: "AAMkContact="}, {ID: "AAMkList2=", Kind: mailbox.MemberPrivateList}}})
			return err
		})},
		{name: "list-update", answer: personalOf(aList), do: own(func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.UpdateDistributionList(ctx, "AAMkList=", mailbox.DistributionListUpdate{Name: ptr("Old"), Add: []mailbox.Member{{Address: "ben@contoso.example"}},
				Categories: &[]string{}, Text: ptr(""), ChangeKey: "EgAA1", OperationID: "op-6"})
			return err
		})},
		{name: "list-members", answer: personalOf(aList), do: own(func(ctx context.Context, m *ews.Mailbox) error {
			if _, err := m.UpdateDistributionList(ctx, "AAMkList=", mailbox.DistributionListUpdate{Members: &[]mailbox.Member{}, ChangeKey: "EgAA1"}); err != nil {
				return err
			}
			for _, err := range m.DistributionLists(ctx, "") {
				if err != nil {
					return err
				}
			}
			return nil
		})},
		{name: "resolvenames", answer: personalOf(aContact), do: inMailbox(ews.Shared, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.ResolveNames(ctx, "ben")
			return err
		})},
		{name: "expanddl", answer: personalOf(aList), do: own(func(ctx context.Context, m *ews.Mailbox) error {
			if _, err := m.ExpandDL(ctx, mailbox.Member{ID: "AAMkList="}); err != nil {
				return err
			}
			_, err := m.ExpandDL(ctx, mailbox.Member{Address: "team@contoso.example"})
			return err
		})},
	})
}

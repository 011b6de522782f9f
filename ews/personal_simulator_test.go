package ews_test

import (
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// all gathers a list.
func all[T any](t *testing.T, seq iter.Seq2[T, error]) []T {
	t.Helper()
	var list []T
	for one, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, one)
	}
	return list
}

// wholeContact sets everything that a contact has.
func wholeContact() mailbox.NewContact {
	n := mailbox.NewContact{
		ContactDetails: mailbox.ContactDetails{
			DisplayName: "Dr. Nora Quist", FileAs: "Quist, Nora (Alpine)", Title: "Dr.", GivenName: "Nora", MiddleName: "B.", Surname: "Quist",
			Suffix: "Jr.", Nickname: "Nono", Initials: "NBQ", Company: "Alpine & Sons", Department: "Sales", JobTitle: "Head", Profession: "Engineer",
			Office: "4.12", Manager: "Max Meister", Assistant: "Ada Hilfe", Spouse: "Kim", Children: []string{"Pia", "Tim"}, WebPage: "https://alpine.example",
			Emails: map[mailbox.EmailKey]mailbox.Person{
				mailbox.Email1: {Name: "Nora at work", Address: "nora@alpine.example"}, mailbox.Email3: {Address: "nora@home.example"}},
			Phones: map[mailbox.PhoneKey]string{},
			Addresses: map[mailbox.AddressKey]mailbox.Address{
				mailbox.AddressBusiness: {Street: "Ring 1\nHouse B", City: "Wien", State: "Wien", PostalCode: "1010", Country: "Austria"},
				mailbox.AddressHome:     {City: "Graz"}, mailbox.AddressOther: {PostalCode: "8010"}},
			IMs:      map[mailbox.IMKey]string{mailbox.IM1: "nora@im.example", mailbox.IM2: "two", mailbox.IM3: "three"},
			Birthday: "1980-05-17", Wedding: "2004-02-29", Categories: []string{"Customer", "VIP"}, Sensitivity: mailbox.Private,
		},
		Text: "Met at the fair", OperationID: "op-contact",
	}
	for _, key := range mailbox.PhoneKeys() {
		n.Phones[key] = "+43 1 " + string(key)
	}
	return n
}

func TestContactsOnSimulator(t *testing.T) {
	x := newExchange(t)
	ctx, anna := t.Context(), x.of("anna@contoso.example")
	before := all(t, anna.Contacts(ctx, mailbox.ContactQuery{}))
	if len(before) == 0 || before[0].Emails[mailbox.Email1].Address == "" {
		t.Fatalf("the contacts that there are: %+v", before)
	}
	if !slices.IsSortedFunc(before, func(a, b mailbox.Contact) int { return strings.Compare(a.FileAs, b.FileAs) }) {
		t.Errorf("the contacts are not in order")
	}
	n := wholeContact()
	created, err := anna.CreateContact(ctx, n)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(n.ContactDetails, created.ContactDetails); diff != "" {
		t.Errorf("created (-asked +got):\n%s", diff)
	}
	if created.ID == "" || created.ChangeKey == "" || created.FolderID == "" || created.Created == nil || created.Body == nil || !strings.Contains(created.Body.Content, "Met at the fair") {
		t.Errorf("created %+v", created)
	}

	// Only what is given changes; each entry by itself.
	updated, err := anna.UpdateContact(ctx, created.ID, mailbox.ContactUpdate{
		JobTitle: ptr("Chief"), Spouse: ptr(""), Title: ptr("Prof."), Categories: &[]string{}, Sensitivity: ptr(mailbox.SensitivityNormal),
		Emails:    map[mailbox.EmailKey]mailbox.Person{mailbox.Email1: {}, mailbox.Email2: {Address: "second@alpine.example"}},
		Phones:    map[mailbox.PhoneKey]string{mailbox.PhoneMobile: "+43 2", mailbox.PhoneTelex: ""},
		Addresses: map[mailbox.AddressKey]mailbox.AddressUpdate{mailbox.AddressBusiness: {City: ptr("Linz"), State: ptr("")}, mailbox.AddressHome: {City: ptr("")}},
		IMs:       map[mailbox.IMKey]string{mailbox.IM2: ""}, Wedding: ptr(mailbox.Date("")), Birthday: ptr(mailbox.Date("1981-01-01")),
		Text: ptr(""), ChangeKey: created.ChangeKey, OperationID: "op-2",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := n.ContactDetails
	want.JobTitle, want.Spouse, want.Title, want.Categories, want.Sensitivity, want.Wedding, want.Birthday = "Chief", "", "Prof.", nil, "", "", "1981-01-01"
	want.Emails = map[mailbox.EmailKey]mailbox.Person{mailbox.Email2: {Address: "second@alpine.example"}, mailbox.Email3: n.Emails[mailbox.Email3]}
	want.Phones[mailbox.PhoneMobile] = "+43 2"
	delete(want.Phones, mailbox.PhoneTelex)
	want.Addresses = map[mailbox.AddressKey]mailbox.Address{
		mailbox.AddressBusiness: {Street: "Ring 1\nHouse B", City: "Linz", PostalCode: "1010", Country: "Austria"}, mailbox.AddressOther: {PostalCode: "8010"}}
	delete(want.IMs, mailbox.IM2)
	if diff := cmp.Diff(want, updated.ContactDetails); diff != "" {
		t.Errorf("updated (-want +got):\n%s", diff)
	}
	if updated.ChangeKey == created.ChangeKey || updated.Body != nil && strings.TrimSpace(updated.Body.Content) != "" {
		t.Errorf("updated: key %q, body %+v", updated.ChangeKey, updated.Body)
	}
	if _, err := anna.UpdateContact(ctx, created.ID, mailbox.ContactUpdate{Office: ptr("1"), ChangeKey: created.ChangeKey}); !errors.Is(err, mailbox.ErrConflict) {
		t.Errorf("an update of an old version: %v", err)
	}

	// Names are made of what is given.
	made, err := anna.CreateContact(ctx, mailbox.NewContact{ContactDetails: mailbox.ContactDetails{GivenName: "Olga", Surname: "Zeh"}})
	if err != nil || made.DisplayName != "Olga Zeh" || made.FileAs != "Zeh, Olga" {
		t.Errorf("names made: %q, %q, %v", made.DisplayName, made.FileAs, err)
	}
	for _, test := range []struct {
		query mailbox.ContactQuery
		want  []string
	}{
		{mailbox.ContactQuery{Name: "quist"}, []string{created.ID}},
		{mailbox.ContactQuery{Email: "SECOND@alpine.example"}, []string{created.ID}},
		{mailbox.ContactQuery{Name: "Olga", Body: true}, []string{made.ID}},
		{mailbox.ContactQuery{ModifiedSince: created.Created.Add(-time.Minute)}, []string{created.ID, made.ID}},
		{mailbox.ContactQuery{Category: "customer", ModifiedSince: created.Created.Add(-time.Minute)}, nil},
	} {
		var got []string
		for _, c := range all(t, anna.Contacts(ctx, test.query)) {
			got = append(got, c.ID)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%+v: %d contacts, want %d", test.query, len(got), len(test.want))
		}
	}
	if got := all(t, anna.Contacts(ctx, mailbox.ContactQuery{Category: "customer", Limit: 2, Body: true})); len(got) != 2 {
		t.Errorf("%d contacts of 2", len(got))
	}
	if err := anna.Delete(ctx, made.ID, false); err != nil {
		t.Fatal(err)
	}
	if _, err := anna.Contact(ctx, made.ID); !errors.Is(err, mailbox.ErrNotFound) {
		t.Errorf("a contact that is gone: %v", err)
	}
	if _, err := anna.CreateContact(ctx, mailbox.NewContact{Folder: mailbox.Inbox, ContactDetails: mailbox.ContactDetails{Surname: "X"}}); mailbox.Code(err) != "ErrorCannotCreateContactInNonContactFolder" {
		t.Errorf("a contact among mail: %v", err)
	}
}

func TestContactMistakes(t *testing.T) {
	s := newStub(t, nil)
	ctx, m := t.Context(), s.own()
	create := func(d mailbox.ContactDetails) error {
		_, err := m.CreateContact(ctx, mailbox.NewContact{ContactDetails: d})
		return err
	}
	change := func(u mailbox.ContactUpdate) error {
		_, err := m.UpdateContact(ctx, "AAMk", u)
		return err
	}
	for name, err := range map[string]error{
		"no address":    create(mailbox.ContactDetails{Emails: map[mailbox.EmailKey]mailbox.Person{mailbox.Email1: {Name: "Ben"}}}),
		"no such place": create(mailbox.ContactDetails{Emails: map[mailbox.EmailKey]mailbox.Person{"email4": {Address: "a@b"}}}),
		"no such phone": create(mailbox.ContactDetails{Phones: map[mailbox.PhoneKey]string{"boat": "1"}}),
		"no such im":    create(mailbox.ContactDetails{IMs: map[mailbox.IMKey]string{"im9": "1"}}),
		"no such house": create(mailbox.ContactDetails{Addresses: map[mailbox.AddressKey]mailbox.Address{"boat": {}}}),
		"birthday":      create(mailbox.ContactDetails{Birthday: "17.5.1980"}),
		"sensitivity":   create(mailbox.ContactDetails{Sensitivity: "hush"}),
		"nothing":       change(mailbox.ContactUpdate{OperationID: "op"}),
		"bad address":   change(mailbox.ContactUpdate{Emails: map[mailbox.EmailKey]mailbox.Person{mailbox.Email1: {Address: "ben"}}}),
		"bad house":     change(mailbox.ContactUpdate{Addresses: map[mailbox.AddressKey]mailbox.AddressUpdate{"boat": {}}}),
		"bad day":       change(mailbox.ContactUpdate{Wedding: ptr(mailbox.Date("soon"))}),
		"bad list":      change(mailbox.ContactUpdate{Phones: map[mailbox.PhoneKey]string{"boat": ""}}),
	} {
		if !errors.Is(err, mailbox.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := s.operations(); got != "" {
		t.Errorf("sent %s", got)
	}
}

// Days come in as other programs write them.
func TestDaysOfOtherPrograms(t *testing.T) {
	for wire, want := range map[string]mailbox.Date{
		"1980-05-17T11:59:00Z": "1980-05-17", // Outlook
		"1980-05-16T22:00:00Z": "1980-05-17", // midnight in Berlin, in summer
		"1980-05-17T08:00:00Z": "1980-05-17", // in Los Angeles
		"1980-05-17T00:00:00Z": "1980-05-17",
		"1980-05-16T12:00:00Z": "1980-05-17", // in Auckland
	} {
		s := newStub(t, calendarOf(`<t:Contact><t:ItemId Id="AAMk" ChangeKey="A"/><t:Birthday>`+wire+`</t:Birthday></t:Contact>`))
		c, err := s.own().Contact(t.Context(), "AAMk")
		if err != nil || c.Birthday != want {
			t.Errorf("%s: %q, %v", wire, c.Birthday, err)
		}
	}
}

func TestTasksOnSimulator(t *testing.T) {
	x := newExchange(t)
	ctx, anna := t.Context(), x.of("anna@contoso.example")
	remind := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	n := mailbox.NewTask{
		Subject: "Prepare <offer>", Start: "2026-12-01", Due: "2026-12-04", Status: mailbox.TaskWaiting, Percent: 30,
		Importance: mailbox.High, Sensitivity: mailbox.Personal, Categories: []string{"Offer"}, Contacts: []string{"Nora"}, Companies: []string{"Alpine"},
		TotalWork: ptr(480), ActualWork: ptr(0), Mileage: "12 km", Billing: "B-1", Reminder: &remind, Text: "as discussed", OperationID: "op-task",
	}
	created, err := anna.CreateTask(ctx, n)
	if err != nil {
		t.Fatal(err)
	}
	want := mailbox.Task{
		Subject: n.Subject, Start: n.Start, Due: n.Due, Status: mailbox.TaskWaiting, Percent: 30, Importance: mailbox.High, Sensitivity: mailbox.Personal,
		Categories: n.Categories, Contacts: n.Contacts, Companies: n.Companies, TotalWork: n.TotalWork, ActualWork: n.ActualWork,
		Mileage: n.Mileage, Billing: n.Billing, Reminder: &remind, Owner: "Anna Albrecht", Body: &mailbox.Body{Type: "text", Content: "as discussed"},
	}
	unknown := cmpopts.IgnoreFields(mailbox.Task{}, "ID", "ChangeKey", "FolderID", "Created", "Modified")
	if diff := cmp.Diff(want, created, unknown); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}
	updated, err := anna.UpdateTask(ctx, created.ID, mailbox.TaskUpdate{
		Subject: ptr("Send offer"), Due: ptr(mailbox.Date("2026-12-07")), Start: ptr(mailbox.Date("")), Percent: ptr(60.0),
		Importance: ptr(mailbox.Low), Sensitivity: ptr(mailbox.Sensitivity("")), Categories: &[]string{"Offer", "Hot"}, Contacts: &[]string{}, Companies: &[]string{"B"},
		TotalWork: ptr(500), ActualWork: ptr(60), Mileage: ptr(""), Billing: ptr("B-2"), RemoveReminder: true, HTML: ptr("<p>soon</p>"), OperationID: "op-2",
	})
	if err != nil {
		t.Fatal(err)
	}
	want.Subject, want.Due, want.Start, want.Percent, want.Importance, want.Sensitivity = "Send offer", "2026-12-07", "", 60, mailbox.Low, ""
	want.Categories, want.Contacts, want.Companies, want.TotalWork, want.ActualWork = []string{"Offer", "Hot"}, nil, []string{"B"}, ptr(500), ptr(60)
	want.Mileage, want.Billing, want.Reminder = "", "B-2", nil
	if diff := cmp.Diff(want, updated, unknown, cmpopts.IgnoreFields(mailbox.Task{}, "Body")); diff != "" {
		t.Errorf("updated (-want +got):\n%s", diff)
	}
	if _, err := anna.UpdateTask(ctx, created.ID, mailbox.TaskUpdate{Subject: ptr("late"), ChangeKey: created.ChangeKey}); !errors.Is(err, mailbox.ErrConflict) {
		t.Errorf("an update of an old version: %v", err)
	}
	if _, err := anna.UpdateTask(ctx, created.ID, mailbox.TaskUpdate{Start: ptr(mailbox.Date("2026-12-08"))}); !errors.Is(err, mailbox.ErrInvalid) {
		t.Errorf("a task that starts after it is due: %v", err)
	}
	done, err := anna.UpdateTask(ctx, created.ID, mailbox.TaskUpdate{Status: ptr(mailbox.TaskCompleted)})
	if err != nil || done.ID != created.ID || !done.Complete || done.Percent != 100 || done.Completed == nil {
		t.Errorf("completed %+v, %v", done, err)
	}
	again, err := anna.UpdateTask(ctx, created.ID, mailbox.TaskUpdate{Percent: ptr(50.0)})
	if err != nil || again.Complete || again.Status != mailbox.TaskInProgress || again.Completed != nil {
		t.Errorf("taken up again %+v, %v", again, err)
	}
	var got []mailbox.Date
	for _, task := range all(t, anna.Tasks(ctx, mailbox.TaskQuery{Open: true, Body: true})) {
		if task.Complete {
			t.Errorf("%q is complete", task.Subject)
		}
		got = append(got, task.Due)
	}
	if len(got) < 2 || !slices.IsSorted(got) {
		t.Errorf("open tasks due %v", got)
	}
	due := all(t, anna.Tasks(ctx, mailbox.TaskQuery{DueFrom: "2026-12-07", DueTo: "2026-12-07", Category: "hot"}))
	if len(due) != 1 || due[0].ID != created.ID {
		t.Errorf("due on that day: %+v", due)
	}
	for _, q := range []mailbox.TaskQuery{{DueTo: "2026-12-06", Category: "hot"}, {DueFrom: "2026-12-08", Category: "hot"}} {
		if found := all(t, anna.Tasks(ctx, q)); len(found) > 0 {
			t.Errorf("%+v: %+v", q, found)
		}
	}
	if err := anna.DeleteTask(ctx, created.ID, false, true); err != nil {
		t.Fatal(err)
	}
	if _, err := anna.Task(ctx, created.ID); !errors.Is(err, mailbox.ErrNotFound) {
		t.Errorf("a task that is gone: %v", err)
	}
}

func TestRecurringTasks(t *testing.T) {
	x := newExchange(t)
	ctx, anna := t.Context(), x.of("anna@contoso.example")
	complete := func(id string) mailbox.Task {
		t.Helper()
		done, err := anna.UpdateTask(ctx, id, mailbox.TaskUpdate{Status: ptr(mailbox.TaskCompleted)})
		if err != nil {
			t.Fatal(err)
		}
		if !done.Complete || done.Percent != 100 || done.Completed == nil {
			t.Errorf("completed %+v", done)
		}
		return done
	}
	next := func(id string) mailbox.Task {
		t.Helper()
		task, err := anna.Task(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		return task
	}
	// By dates: three Mondays.
	series, err := anna.CreateTask(ctx, mailbox.NewTask{Subject: "Report", Start: "2026-12-07", Due: "2026-12-09", Recurrence: "FREQ=WEEKLY;BYDAY=MO;COUNT=3"})
	if err != nil {
		t.Fatal(err)
	}
	if series.Recurrence != "FREQ=WEEKLY;BYDAY=MO;COUNT=3" || series.Regenerates {
		t.Errorf("recurrence %q, regenerates %t", series.Recurrence, series.Regenerates)
	}
	first := complete(series.ID)
	if first.ID == series.ID || first.Recurrence != "" || first.Due != "2026-12-09" {
		t.Errorf("the first of the series: %+v", first)
	}
	if second := next(series.ID); second.Complete || second.Start != "2026-12-14" || second.Due != "2026-12-16" || second.Recurrence == "" {
		t.Errorf("the second: %+v", second)
	}
	// The second is left out, and the third is the last.
	if err := anna.DeleteTask(ctx, series.ID, true, false); err != nil {
		t.Fatal(err)
	}
	if third := next(series.ID); third.Start != "2026-12-21" {
		t.Errorf("the third: %+v", third)
	}
	if last := complete(series.ID); last.ID != series.ID || last.Start != "2026-12-21" {
		t.Errorf("the last: %+v", last)
	}

	// So long after the one before was done.
	again, err := anna.CreateTask(ctx, mailbox.NewTask{Subject: "Water", Due: "2026-01-05", Recurrence: "FREQ=DAILY;INTERVAL=10;COUNT=2", Regenerates: true})
	if err != nil {
		t.Fatal(err)
	}
	if again.Recurrence != "FREQ=DAILY;INTERVAL=10;COUNT=2" || !again.Regenerates {
		t.Errorf("recurrence %q, regenerates %t", again.Recurrence, again.Regenerates)
	}
	done := complete(again.ID)
	if want := mailbox.DateOf(done.Completed.AddDate(0, 0, 10)); next(again.ID).Due != want {
		t.Errorf("the next is due on %s, want %s", next(again.ID).Due, want)
	}
	if last := complete(again.ID); last.ID != again.ID {
		t.Errorf("the last has another id")
	}
	// Another rule, and none.
	other, err := anna.CreateTask(ctx, mailbox.NewTask{Subject: "Review", Due: "2026-12-31"})
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range []struct {
		rrule       string
		regenerates bool
	}{{"FREQ=MONTHLY;UNTIL=20270630", true}, {"FREQ=YEARLY;INTERVAL=2", true}, {"FREQ=WEEKLY", true}, {"FREQ=MONTHLY;BYDAY=-1TH", false}, {"", false}} {
		changed, err := anna.UpdateTask(ctx, other.ID, mailbox.TaskUpdate{Recurrence: ptr(rule.rrule), Regenerates: rule.regenerates})
		if err != nil || changed.Recurrence != rule.rrule || changed.Regenerates != rule.regenerates {
			t.Errorf("%v: %q, %t, %v", rule, changed.Recurrence, changed.Regenerates, err)
		}
	}
}

func TestTaskMistakes(t *testing.T) {
	s := newStub(t, nil)
	ctx, m := t.Context(), s.own()
	create := func(n mailbox.NewTask) error {
		_, err := m.CreateTask(ctx, n)
		return err
	}
	change := func(u mailbox.TaskUpdate) error {
		_, err := m.UpdateTask(ctx, "AAMk", u)
		return err
	}
	for name, err := range map[string]error{
		"day":             create(mailbox.NewTask{Due: "tomorrow"}),
		"order":           create(mailbox.NewTask{Start: "2026-12-02", Due: "2026-12-01"}),
		"status":          create(mailbox.NewTask{Status: "done"}),
		"percent":         create(mailbox.NewTask{Percent: 101}),
		"not yet done":    create(mailbox.NewTask{Status: mailbox.TaskCompleted, Percent: 99}),
		"done":            create(mailbox.NewTask{Status: mailbox.TaskInProgress, Percent: 100}),
		"begun":           create(mailbox.NewTask{Status: mailbox.TaskNotStarted, Percent: 1}),
		"work":            create(mailbox.NewTask{TotalWork: ptr(-1)}),
		"no day to recur": create(mailbox.NewTask{Recurrence: "FREQ=DAILY"}),
		"wrong day":       create(mailbox.NewTask{Due: "2026-12-01", Recurrence: "FREQ=WEEKLY;BYDAY=MO"}),
		"no rule":         create(mailbox.NewTask{Due: "2026-12-01", Regenerates: true}),
		"too much":        create(mailbox.NewTask{Due: "2026-12-01", Regenerates: true, Recurrence: "FREQ=WEEKLY;BYDAY=TU"}),
		"too long":        create(mailbox.NewTask{Due: "2026-12-01", Regenerates: true, Recurrence: "FREQ=WEEKLY;INTERVAL=100"}),
		"hourly":          create(mailbox.NewTask{Due: "2026-12-01", Regenerates: true, Recurrence: "FREQ=HOURLY"}),
		"importance":      create(mailbox.NewTask{Importance: "huge"}),
		"sensitivity":     create(mailbox.NewTask{Sensitivity: "hush"}),
		"nothing":         change(mailbox.TaskUpdate{}),
		"empty status":    change(mailbox.TaskUpdate{Status: ptr(mailbox.TaskStatus(""))}),
		"reminders":       change(mailbox.TaskUpdate{Reminder: ptr(time.Now()), RemoveReminder: true}),
		"alone":           change(mailbox.TaskUpdate{Regenerates: true}),
		"contradiction":   change(mailbox.TaskUpdate{Status: ptr(mailbox.TaskDeferred), Percent: ptr(100.0)}),
		"bad importance":  change(mailbox.TaskUpdate{Importance: ptr(mailbox.Importance("huge"))}),
		"no id":           m.DeleteTask(ctx, "", false, false),
	} {
		if !errors.Is(err, mailbox.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := s.operations(); got != "" {
		t.Errorf("sent %s", got)
	}
	for _, err := range m.Tasks(ctx, mailbox.TaskQuery{DueTo: "soon"}) {
		if !errors.Is(err, mailbox.ErrInvalid) {
			t.Errorf("a day that is none: %v", err)
		}
	}
}

func TestDistributionListsOnSimulator(t *testing.T) {
	x := newExchange(t)
	ctx, anna := t.Context(), x.of("anna@contoso.example")
	nora, err := anna.CreateContact(ctx, wholeContact())
	if err != nil {
		t.Fatal(err)
	}
	created, err := anna.CreateDistributionList(ctx, mailbox.NewDistributionList{
		Name: "Friends", Text: "for the newsletter", Categories: []string{"News"},
		Members: []mailbox.Member{{Name: "Hanna", Address: "hanna@adatum.example"}, {Address: "ben@contoso.example"}, {ID: nora.ID, Kind: mailbox.MemberContact}},
	})
	if err != nil {
		t.Fatal(err)
	}
	members := []mailbox.Member{
		{Name: "Hanna", Address: "hanna@adatum.example", Kind: mailbox.MemberOneOff},
		{Name: "Ben Castillo", Address: "ben@contoso.example", Kind: mailbox.MemberMailbox},
		{Name: "Dr. Nora Quist", Address: "nora@alpine.example", Kind: mailbox.MemberContact, ID: nora.ID},
	}
	if diff := cmp.Diff(members, created.Members); diff != "" || created.Name != "Friends" || created.Body == nil || len(created.Categories) != 1 {
		t.Errorf("created %+v\n%s", created, diff)
	}
	var names []string
	for _, l := range all(t, anna.DistributionLists(ctx, "")) {
		names = append(names, l.Name)
	}
	if !slices.Equal(names, []string{"Friends", "Pilot customers"}) {
		t.Errorf("lists %q", names)
	}
	updated, err := anna.UpdateDistributionList(ctx, created.ID, mailbox.DistributionListUpdate{
		Name: ptr("Old friends"), Add: []mailbox.Member{{Address: "team@contoso.example"}}, Text: ptr(""), Categories: &[]string{}, OperationID: "op"})
	if err != nil {
		t.Fatal(err)
	}
	if updated.Name != "Old friends" || len(updated.Members) != 4 || updated.Members[3].Kind != mailbox.MemberList || updated.Categories != nil {
		t.Errorf("updated %+v", updated)
	}
	inside, err := anna.CreateDistributionList(ctx, mailbox.NewDistributionList{Name: "All", Members: []mailbox.Member{
		{ID: created.ID, Kind: mailbox.MemberPrivateList}, {Address: "nora@alpine.example"}}})
	if err != nil {
		t.Fatal(err)
	}
	// The team has a list in it that has the team in it.
	everybody, err := anna.ExpandList(ctx, mailbox.Member{ID: inside.ID})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range everybody {
		got = append(got, m.Address)
	}
	if want := []string{"nora@alpine.example", "hanna@adatum.example", "ben@contoso.example", "anna@contoso.example", "carla@contoso.example", "director@contoso.example"}; !slices.Equal(got, want) {
		t.Errorf("everybody is %q, want %q", got, want)
	}
	one, err := anna.ExpandDL(ctx, mailbox.Member{Address: "TEAM@contoso.example"})
	if err != nil || len(one) != 4 || !one[3].IsList() || one[3].Name != "Leads" {
		t.Errorf("one level of the team: %+v, %v", one, err)
	}
	if _, err := anna.ExpandDL(ctx, mailbox.Member{Address: "ben@contoso.example"}); !errors.Is(err, mailbox.ErrNotFound) {
		t.Errorf("a person is no list: %v", err)
	}
	emptied, err := anna.UpdateDistributionList(ctx, created.ID, mailbox.DistributionListUpdate{Members: &[]mailbox.Member{}})
	if err != nil || len(emptied.Members) != 0 {
		t.Errorf("emptied %+v, %v", emptied, err)
	}
	refilled, err := anna.UpdateDistributionList(ctx, created.ID, mailbox.DistributionListUpdate{Members: &[]mailbox.Member{{Address: "carla@contoso.example"}}})
	if err != nil || len(refilled.Members) != 1 {
		t.Errorf("refilled %+v, %v", refilled, err)
	}
	for name, u := range map[string]mailbox.DistributionListUpdate{
		"nothing": {}, "two ways": {Members: &[]mailbox.Member{}, Add: one}, "no name": {Name: ptr(" ")}, "nobody": {Add: []mailbox.Member{{Name: "Ben"}}},
	} {
		if _, err := anna.UpdateDistributionList(ctx, created.ID, u); !errors.Is(err, mailbox.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := anna.CreateDistributionList(ctx, mailbox.NewDistributionList{}); !errors.Is(err, mailbox.ErrInvalid) {
		t.Errorf("a list without a name: %v", err)
	}
	if err := anna.Delete(ctx, created.ID, true); err != nil {
		t.Fatal(err)
	}
	if _, err := anna.DistributionList(ctx, created.ID); !errors.Is(err, mailbox.ErrNotFound) {
		t.Errorf("a list that is gone: %v", err)
	}
	if _, err := anna.DistributionList(ctx, nora.ID); !errors.Is(err, mailbox.ErrInvalid) {
		t.Errorf("a contact as a list: %v", err)
	}
}

func TestResolveNamesOnSimulator(t *testing.T) {
	x := newExchange(t)
	ctx, anna := t.Context(), x.of("anna@contoso.example")
	// Anna is in the directory alone, with her other address.
	found, err := anna.ResolveNames(ctx, "anna.albrecht@contoso.example")
	if err != nil || len(found) != 1 {
		t.Fatalf("found %+v, %v", found, err)
	}
	if c := found[0]; c.Kind != mailbox.MemberMailbox || c.Name != "Anna Albrecht" || c.Contact == nil || c.Contact.Surname != "Albrecht" ||
		c.Contact.Emails[mailbox.Email1].Address != "anna@contoso.example" || c.Contact.Emails[mailbox.Email2].Address != "anna.albrecht@contoso.example" {
		t.Errorf("found %+v with %+v", c, c.Contact)
	}
	// Several are no error. Contacts come first.
	several, err := anna.SearchNames(ctx, ews.NameSearch{Part: "o", Contact: true})
	if err != nil || len(several.Candidates) < 1 || several.More {
		t.Fatalf("found %+v, %v", several, err)
	}
	if c := several.Candidates[0]; c.Kind != mailbox.MemberContact || c.ID == "" || c.Contact == nil || c.Contact.Company != "Adatum" {
		t.Errorf("found %+v", c)
	}
	in := func(scope ews.SearchScope, part string) (list []string) {
		names, err := anna.SearchNames(ctx, ews.NameSearch{Part: part, Scope: scope})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range names.Candidates {
			if c.Contact != nil {
				t.Errorf("%s comes with contact data", c.Name)
			}
			list = append(list, c.Name)
		}
		return list
	}
	for _, test := range []struct {
		scope ews.SearchScope
		part  string
		want  []string
	}{
		{wsdl.NameSearchScopeActiveDirectory, "l", []string{"Edith Lang", "Leads"}},
		{wsdl.NameSearchScopeContacts, "l", []string{"Sofia Lindqvist"}},
		{wsdl.NameSearchScopeContactsActiveDirectory, "l", []string{"Sofia Lindqvist", "Edith Lang", "Leads"}},
		{wsdl.NameSearchScopeActiveDirectoryContacts, "l", []string{"Edith Lang", "Leads", "Sofia Lindqvist"}},
		{wsdl.NameSearchScopeContacts, "pilot", []string{"Pilot customers"}},
		{"", "nobody at all", nil},
	} {
		if got := in(test.scope, test.part); !slices.Equal(got, test.want) {
			t.Errorf("%s %q: %q, want %q", test.scope, test.part, got, test.want)
		}
	}
	if _, err := anna.ResolveNames(ctx, " "); !errors.Is(err, mailbox.ErrInvalid) {
		t.Errorf("an empty name: %v", err)
	}
	if _, err := anna.SearchNames(ctx, ews.NameSearch{Part: "a", Folder: "No such"}); !errors.Is(err, mailbox.ErrNotFound) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

func TestSyncPersonalOnSimulator(t *testing.T) {
	x := newExchange(t)
	ctx, anna := t.Context(), x.of("anna@contoso.example")
	start, err := anna.SyncContacts(ctx, ews.SyncItems{})
	if err != nil {
		t.Fatal(err)
	}
	contacts, lists := 0, 0
	for _, c := range start.Changes {
		switch {
		case c.Contact != nil && c.Contact.ID == c.ID && c.Contact.GivenName != "":
			contacts++
		case c.List != nil && len(c.List.Members) > 0:
			lists++
		}
	}
	if contacts != 6 || lists != 1 || start.More {
		t.Errorf("%d contacts and %d lists", contacts, lists)
	}
	nora, err := anna.CreateContact(ctx, wholeContact())
	if err != nil {
		t.Fatal(err)
	}
	gone := start.Changes[0].ID
	if err := anna.Delete(ctx, gone, true); err != nil {
		t.Fatal(err)
	}
	more, err := anna.SyncContacts(ctx, ews.SyncItems{State: start.State})
	if err != nil || len(more.Changes) != 2 {
		t.Fatalf("%+v, %v", more, err)
	}
	if c := more.Changes[0]; c.Kind != wsdl.Created || c.Contact == nil || cmp.Diff(*c.Contact, nora) != "" {
		t.Errorf("created %+v", c)
	}
	if c := more.Changes[1]; c.Kind != wsdl.Deleted || c.ID != gone || c.Contact != nil {
		t.Errorf("deleted %+v", c)
	}

	tasks, err := anna.SyncTasks(ctx, ews.SyncItems{})
	if err != nil {
		t.Fatal(err)
	}
	var series string
	for _, c := range tasks.Changes {
		if c.Task == nil {
			t.Errorf("a change without its task: %+v", c)
		} else if c.Task.Recurrence != "" {
			series = c.ID
		}
	}
	// A completed task of a series is a new one, and the series changes.
	done, err := anna.UpdateTask(ctx, series, mailbox.TaskUpdate{Percent: ptr(100.0)})
	if err != nil {
		t.Fatal(err)
	}
	after, err := anna.SyncTasks(ctx, ews.SyncItems{State: tasks.State})
	if err != nil || len(after.Changes) != 2 {
		t.Fatalf("%+v, %v", after, err)
	}
	if c := after.Changes[0]; c.Kind != wsdl.Created || c.ID != done.ID || !c.Task.Complete {
		t.Errorf("the one that is done: %+v", c)
	}
	if c := after.Changes[1]; c.Kind != wsdl.Updated || c.ID != series || c.Task.Complete {
		t.Errorf("the series: %+v", c)
	}
}

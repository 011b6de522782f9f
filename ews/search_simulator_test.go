package ews_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// searched is a folder with five drafts that differ.
func searched(t *testing.T) (exchange, *ews.Mailbox) {
	x := newExchange(t)
	anna := x.of("anna@contoso.example")
	if _, err := anna.CreateFolder(t.Context(), mailbox.NewFolder{Name: "Search"}); err != nil {
		t.Fatal(err)
	}
	crm := ews.Named(crmSet, "crm", wsdl.MapiTypeInteger)
	for i, subject := range []string{"Alpha invoice", "beta Invoice", "Gamma offer", "Délta offer", "invoicing"} {
		low := mailbox.Low
		u := ews.ItemUpdate{ID: x.draft(anna, subject)}
		if i < 3 {
			u.Set = []ews.Property{{Field: crm, Value: i}}
		}
		if i%2 == 1 {
			u.Importance = &low
		}
		unread := false
		u.IsRead = &unread
		if _, err := anna.UpdateItem(t.Context(), u); err != nil {
			t.Fatal(err)
		}
		if _, err := anna.Move(t.Context(), u.ID, "Search"); err != nil {
			t.Fatal(err)
		}
	}
	return x, anna
}

// initials returns the first letters of the subjects that a search finds.
func initials(t *testing.T, m *ews.Mailbox, s ews.Search) string {
	t.Helper()
	s.Folder = "Search"
	if s.Sort == nil {
		s.Sort = []ews.Order{{Field: ews.URI("item:Subject")}}
	}
	var b strings.Builder
	for found, err := range m.FindItems(t.Context(), s) {
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(found.Subject[:1])
	}
	return b.String()
}

func TestRestrictions(t *testing.T) {
	_, anna := searched(t)
	subject, importance := ews.URI("item:Subject"), ews.URI("item:Importance")
	crm := ews.Named(crmSet, "crm", wsdl.MapiTypeInteger)
	contains := func(text string, mode ews.Containment, c ews.Comparison) ews.Restriction {
		return ews.Contains(subject, text, mode, c)
	}
	for _, tt := range []struct {
		name string
		r    ews.Restriction
		want string
	}{
		{"none", ews.Restriction{}, "AbDGi"},
		{"empty and", ews.And(), "AbDGi"},
		{"equal", ews.Equal(importance, "Low"), "bD"},
		{"equal by its own type", ews.Equal(importance, wsdl.ImportanceNameLow), "bD"},
		{"equal without regard to case", ews.Equal(subject, "gamma OFFER"), "G"},
		{"not equal", ews.NotEqual(importance, "Low"), "AGi"},
		{"less", ews.Less(crm, 2), "Ab"},
		{"less or equal", ews.LessOrEqual(crm, 1), "Ab"},
		{"greater", ews.Greater(crm, 0), "bG"},
		{"greater or equal", ews.GreaterOrEqual(crm, 2), "G"},
		{"a time", ews.Less(ews.URI("item:DateTimeReceived"), noon.AddDate(-20, 0, 0)), ""},
		{"a truth", ews.Equal(ews.URI("message:IsRead"), false), "AbDGi"},
		{"two fields", ews.Equal(ews.URI("item:Subject"), ews.URI("message:ConversationTopic")), "AbDGi"},
		{"substring", contains("invoic", ews.Substring, ews.Exact), "Ai"},
		{"substring in any case", contains("INVOIC", ews.Substring, ews.IgnoreCase), "Abi"},
		{"prefix", contains("inv", ews.Prefixed, ews.IgnoreCase), "i"},
		{"prefix of a word", contains("inv", ews.PrefixOnWords, ews.IgnoreCase), "Abi"},
		{"phrase", contains("invoice", ews.ExactPhrase, ews.IgnoreCase), "Ab"},
		{"full", contains("invoicing", ews.FullString, ews.Exact), "i"},
		{"without accents", contains("delta", ews.Substring, ews.LooseIgnoreBoth), "D"},
		{"exists", ews.Exists(crm), "AbG"},
		{"excludes", ews.Excludes(crm, 2), "Ab"},
		{"not", ews.Not(ews.Exists(crm)), "Di"},
		{"and", ews.And(ews.Exists(crm), ews.Equal(importance, "Low")), "b"},
		{"or", ews.Or(ews.Equal(subject, "invoicing"), ews.And(ews.Restriction{}, ews.Greater(crm, 1))), "Gi"},
		{"two of a kind", ews.Or(ews.Equal(crm, 0), ews.Equal(crm, 2), ews.Not(ews.NotEqual(crm, 1))), "AbG"},
	} {
		if got := initials(t, anna, ews.Search{Restriction: tt.r}); got != tt.want {
			t.Errorf("%s: found %q, want %q", tt.name, got, tt.want)
		}
	}
	for _, tt := range []struct {
		name string
		s    ews.Search
	}{
		{"empty or", ews.Search{Restriction: ews.Or()}},
		{"or with an empty one", ews.Search{Restriction: ews.Or(ews.Exists(crm), ews.Restriction{})}},
		{"empty not", ews.Search{Restriction: ews.Not(ews.And())}},
		{"a mistake deep within", ews.Search{Restriction: ews.Not(ews.And(ews.Exists(crm), ews.Or(ews.Equal(crm, []int{1}))))}},
		{"nil", ews.Search{Restriction: ews.Equal(crm, nil)}},
		{"no field", ews.Search{Restriction: ews.Exists(ews.Field{})}},
		{"no text", ews.Search{Restriction: ews.Contains(subject, "", ews.Substring, ews.Exact)}},
		{"query and restriction", ews.Search{Restriction: ews.Exists(crm), AQS: "x"}},
		{"limit", ews.Search{Limit: -1}},
		{"sort", ews.Search{Sort: []ews.Order{{}}}},
		{"fields", ews.Search{Fields: []ews.Field{ews.Tag(1, "")}}},
	} {
		for _, err := range anna.FindItems(t.Context(), tt.s) {
			if !isInvalid(err) || mailbox.Code(err) != "" {
				t.Errorf("%s: got error %v", tt.name, err)
			}
		}
	}
}

func TestSearchOrderAndFields(t *testing.T) {
	_, anna := searched(t)
	crm := ews.Named(crmSet, "crm", wsdl.MapiTypeInteger)
	if got := initials(t, anna, ews.Search{Sort: []ews.Order{{Field: ews.URI("item:Importance")}, {Field: ews.URI("item:Subject"), Descending: true}}}); got != "DbiGA" {
		t.Errorf("by importance and subject: %s", got)
	}
	if got := initials(t, anna, ews.Search{AQS: "subject:invoice"}); got != "Ab" {
		t.Errorf("by query: %s", got)
	}
	if got := initials(t, anna, ews.Search{Limit: 2}); got != "Ab" {
		t.Errorf("with a limit: %s", got)
	}
	if got := initials(t, anna, ews.Search{Associated: true}); got != "" {
		t.Errorf("hidden items: %s", got)
	}
	var values []string
	for found, err := range anna.FindItems(t.Context(), ews.Search{Folder: "Search", Restriction: ews.Exists(crm), Sort: []ews.Order{{Field: crm, Descending: true}}, Fields: []ews.Field{crm}}) {
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := found.Item.(*wsdl.MessageType); !ok {
			t.Errorf("found a %T", found.Item)
		}
		values = append(values, fmt.Sprintf("%T %v", found.Properties[0].Value, found.Properties[0].Value))
	}
	if want := []string{"int32 2", "int32 1", "int32 0"}; !slices.Equal(values, want) {
		t.Errorf("the properties are %v, want %v", values, want)
	}
}

func TestGroups(t *testing.T) {
	_, anna := searched(t)
	groups := func(by ews.Grouping, limit int) string {
		t.Helper()
		var list []string
		for g, err := range anna.FindGroups(t.Context(), ews.Search{Folder: "Search", Sort: []ews.Order{{Field: ews.URI("item:Subject")}}, Limit: limit}, by) {
			if err != nil {
				t.Fatal(err)
			}
			letters := ""
			for _, i := range g.Items {
				letters += i.Subject[:1]
			}
			list = append(list, g.Index+":"+letters)
		}
		return strings.Join(list, " ")
	}
	by := ews.Grouping{By: ews.URI("item:Importance"), On: ews.URI("item:Subject")}
	if got := groups(by, 0); got != "Normal:AGi Low:bD" {
		t.Errorf("by the least subject: %s", got)
	}
	by.Descending = true
	if got := groups(by, 0); got != "Low:bD Normal:AGi" {
		t.Errorf("descending: %s", got)
	}
	by.Maximum, by.Descending = true, false
	if got := groups(by, 0); got != "Low:bD Normal:AGi" {
		t.Errorf("by the greatest subject: %s", got)
	}
	if got := groups(by, 3); got != "Low:bD Normal:A" {
		t.Errorf("three items: %s", got)
	}
	if got := groups(ews.Grouping{Conversations: true}, 0); !strings.Contains(got, "Alpha invoice:A") || !strings.Contains(got, "invoicing:i") {
		t.Errorf("by conversation: %s", got)
	}
	for g, err := range anna.FindGroups(t.Context(), ews.Search{}, ews.Grouping{Conversations: true, Maximum: true}) {
		if !isInvalid(err) {
			t.Errorf("got %v, %v", g, err)
		}
	}
}

func TestConversations(t *testing.T) {
	x := newExchange(t)
	anna, ben := x.of("anna@contoso.example"), x.of("ben@contoso.example")
	ctx := t.Context()
	if _, err := anna.Send(ctx, mailbox.Outgoing{To: to("ben@contoso.example"), Subject: "Thread", Text: "first"}); err != nil {
		t.Fatal(err)
	}
	first := x.find(ben, mailbox.Inbox, "Thread")
	if _, err := ben.Reply(ctx, first.ID, mailbox.Reply{Text: "second"}); err != nil {
		t.Fatal(err)
	}
	var found []ews.Conversation
	for c, err := range anna.FindConversations(ctx, ews.Conversations{}) {
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, c)
	}
	if len(found) < 2 || found[0].Topic != "Thread" || found[0].Messages != 1 || found[0].GlobalMessages != 2 || found[0].Unread != 1 ||
		!slices.Equal(found[0].Senders, []string{"Ben Castillo"}) || len(found[0].ItemIDs) != 1 || found[0].LastDelivery == nil {
		t.Fatalf("found %d conversations, the newest %+v", len(found), found[0])
	}
	n := 0
	for c, err := range anna.FindConversations(ctx, ews.Conversations{AQS: "subject:thread", Limit: 5}) {
		if n++; err != nil || c.ID != found[0].ID {
			t.Errorf("by query: %+v, %v", c, err)
		}
	}
	if n != 1 {
		t.Errorf("%d conversations by query", n)
	}
	threads, err := anna.GetConversationItems(ctx, ews.ConversationItems{IDs: []string{found[0].ID, "AAQkNo="}, Body: true})
	if err != nil || len(threads) != 2 {
		t.Fatal(threads, err)
	}
	wantError(t, threads[1].Err, mailbox.ErrInvalid, "ErrorInvalidIdMalformed")
	nodes := threads[0].Nodes
	if threads[0].Err != nil || len(nodes) != 2 || nodes[1].Parent != nodes[0].InternetMessageID || nodes[0].InternetMessageID != first.InternetMessageID ||
		!strings.Contains(nodes[1].Messages[0].Body.Content, "second") {
		t.Fatalf("the thread is %+v (%v)", nodes, threads[0].Err)
	}
	newest, err := anna.GetConversationItems(ctx, ews.ConversationItems{IDs: []string{found[0].ID}, Newest: true, Ignore: []mailbox.FolderRef{mailbox.SentItems}, Max: 1})
	if err != nil || len(newest[0].Nodes) != 1 || newest[0].Nodes[0].InternetMessageID != nodes[1].InternetMessageID {
		t.Errorf("without Sent Items: %+v, %v", newest, err)
	}
	_, err = anna.GetConversationItems(ctx, ews.ConversationItems{IDs: []string{"A"}, Max: 101})
	wantError(t, err, mailbox.ErrInvalid, "")
}

package simulator

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/exconn/exconn/wsdl"
)

// rules changes the rules of a mailbox, and returns the problems by field and
// code.
func (a as) rules(remove bool, operations ...wsdl.RuleOperation) (wsdl.Status, []string) {
	a.t.Helper()
	answer := call[wsdl.UpdateInboxRulesResponse](a, &wsdl.UpdateInboxRules{RemoveOutlookRuleBlob: wsdl.Ptr(wsdl.Bool(remove)),
		Operations: &wsdl.RuleOperationList{Operations: operations}})
	var problems []string
	if answer.RuleOperationErrors != nil {
		for _, o := range answer.RuleOperationErrors.RuleOperationError {
			for _, e := range o.ValidationErrors.Error {
				problems = append(problems, wsdl.Str(e.FieldURI)+" "+wsdl.Str(e.ErrorCode))
			}
		}
	}
	return answer.Status(), problems
}

// inboxRules returns the rules of a mailbox.
func (a as) inboxRules() []*wsdl.Rule {
	a.t.Helper()
	answer := call[wsdl.GetInboxRulesResponse](a, &wsdl.GetInboxRules{})
	a.status(answer.Status(), "NoError")
	return answer.InboxRules.Rule
}

func (a as) ruleNames() []string {
	a.t.Helper()
	var out []string
	for i, r := range a.inboxRules() {
		if int(wsdl.Val(r.Priority)) != i+1 {
			a.t.Errorf("the rule at %d has the priority %d", i+1, wsdl.Val(r.Priority))
		}
		out = append(out, wsdl.Str(r.DisplayName))
	}
	return out
}

func newRule(name string, priority int, conditions *wsdl.RulePredicatesType, actions *wsdl.RuleActionsType) wsdl.RuleOperation {
	return wsdl.RuleOperation{Kind: wsdl.CreateRuleOperation, Write: &wsdl.RuleWriteType{Rule: &wsdl.RuleType{
		DisplayName: text(name), Priority: wsdl.Ptr(wsdl.Int32(priority)), IsEnabled: wsdl.Ptr(wsdl.Bool(true)), Conditions: conditions, Actions: actions}}}
}

func setRule(id *wsdl.Text, o wsdl.RuleOperation) wsdl.RuleOperation {
	o.Kind, o.Write.Rule.RuleId = wsdl.SetRuleOperation, id
	return o
}

func deleteRule(id *wsdl.Text) wsdl.RuleOperation {
	return wsdl.RuleOperation{Kind: wsdl.DeleteRuleOperation, Delete: &wsdl.RuleDeleteType{RuleId: id}}
}

func texts(list ...string) *wsdl.StringsType {
	out := new(wsdl.StringsType)
	for _, s := range list {
		out.String = append(out.String, text(s))
	}
	return out
}

func addresses(list ...string) *wsdl.AddressesType {
	out := new(wsdl.AddressesType)
	for _, a := range list {
		out.Address = append(out.Address, &wsdl.EmailAddressType{EmailAddress: text(a)})
	}
	return out
}

func into(folder string) *wsdl.RuleFolderType {
	return &wsdl.RuleFolderType{DistinguishedFolderId: &wsdl.DistinguishedFolderIdType{Id: text(folder)}}
}

var on = wsdl.Ptr(wsdl.Bool(true))

func TestInboxRulesAreKeptInTheirOrder(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	anna := actor(t, s, "anna")
	read := &wsdl.RuleActionsType{MarkAsRead: on}
	update := func(operations ...wsdl.RuleOperation) {
		t.Helper()
		status, problems := anna.rules(false, operations...)
		if !status.OK() {
			t.Fatal(status.Code, problems)
		}
	}
	update(newRule("a", 1, nil, read), newRule("b", 2, nil, read), newRule("c", 99, nil, read))
	update(newRule("d", 2, nil, read))
	if diff := cmp.Diff([]string{"a", "d", "b", "c"}, anna.ruleNames()); diff != "" {
		t.Fatal(diff)
	}
	list := anna.inboxRules()
	update(deleteRule(list[1].RuleId), setRule(list[3].RuleId, newRule("c2", 1, &wsdl.RulePredicatesType{SentToMe: on}, &wsdl.RuleActionsType{MoveToFolder: into("junkemail")})))
	if diff := cmp.Diff([]string{"c2", "a", "b"}, anna.ruleNames()); diff != "" {
		t.Fatal(diff)
	}
	first := anna.inboxRules()[0]
	if !bool(wsdl.Val(first.Conditions.SentToMe)) || first.Actions.MarkAsRead != nil || first.Actions.MoveToFolder.FolderId == nil ||
		bool(wsdl.Val(first.IsInError)) || wsdl.Str(first.RuleId) != wsdl.Str(list[3].RuleId) {
		t.Errorf("%+v", first)
	}
	if others := actor(t, s, "ben").ruleNames(); len(others) != 0 {
		t.Errorf("another's rules: %q", others)
	}
}

// None of a batch is done where one change is wrong.
func TestInboxRulesThatNameWhatIsNotThere(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	anna := actor(t, s, "anna")
	gone := &wsdl.RuleFolderType{FolderId: &wsdl.FolderIdType{Id: text("AAMk")}}
	status, problems := anna.rules(false,
		newRule("good", 1, nil, &wsdl.RuleActionsType{MarkAsRead: on}),
		newRule("bad", 2, nil, &wsdl.RuleActionsType{MoveToFolder: into("atlantis"), CopyToFolder: gone, ForwardToRecipients: addresses("nobody@contoso.example"),
			RedirectToRecipients: addresses("nora@alpine.example"), ServerReplyWithMessage: &wsdl.ItemIdType{Id: text("AAMk")}}),
		deleteRule(text("none")), setRule(text("none either"), newRule("lost", 3, nil, &wsdl.RuleActionsType{MarkAsRead: on})))
	want := []string{"Action:MoveToFolder FolderDoesNotExist", "Action:CopyToFolder FolderDoesNotExist", "Action:ForwardToRecipients RecipientDoesNotExist",
		"Action:ServerReplyWithMessage InvalidValue", "RuleId RuleNotFound", "RuleId RuleNotFound"}
	if diff := cmp.Diff(want, problems); diff != "" || status.Code != "ErrorInboxRulesValidationError" {
		t.Errorf("%s\n%s", status.Code, diff)
	}
	if names := anna.ruleNames(); len(names) != 0 {
		t.Errorf("rules were made: %q", names)
	}
	// Of another only who has full access.
	answer := call[wsdl.GetInboxRulesResponse](anna, &wsdl.GetInboxRules{MailboxSmtpAddress: text("ben@contoso.example")})
	if answer.Status().Code != "ErrorAccessDenied" {
		t.Errorf("another's rules: %s", answer.Status().Code)
	}
	answer = call[wsdl.GetInboxRulesResponse](anna, &wsdl.GetInboxRules{MailboxSmtpAddress: text("nobody@contoso.example")})
	if answer.Status().Code != "ErrorNonExistentMailbox" {
		t.Errorf("nobody's rules: %s", answer.Status().Code)
	}
}

func TestOutlookRules(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	if err := s.OutlookRules("anna@contoso.example", true, "Play a sound"); err != nil {
		t.Fatal(err)
	}
	anna := actor(t, s, "anna")
	answer := call[wsdl.GetInboxRulesResponse](anna, &wsdl.GetInboxRules{})
	if !bool(wsdl.Val(answer.OutlookRuleBlobExists)) || len(answer.InboxRules.Rule) != 1 || !bool(wsdl.Val(answer.InboxRules.Rule[0].IsNotSupported)) {
		t.Fatalf("%+v", answer)
	}
	sound := answer.InboxRules.Rule[0].RuleId
	read := newRule("read", 1, nil, &wsdl.RuleActionsType{MarkAsRead: on})
	if status, _ := anna.rules(false, read); status.Code != "ErrorOutlookRuleBlobExists" {
		t.Errorf("beside Outlook's: %s", status.Code)
	}
	if _, problems := anna.rules(true, setRule(sound, newRule("mine", 1, nil, &wsdl.RuleActionsType{MarkAsRead: on}))); !slices.Equal(problems, []string{"RuleId UnsupportedRule"}) {
		t.Errorf("changing it: %q", problems)
	}
	if status, _ := anna.rules(true, deleteRule(sound), read); !status.OK() {
		t.Errorf("instead of Outlook's: %s", status.Code)
	}
	if status, _ := anna.rules(false, newRule("two", 2, nil, &wsdl.RuleActionsType{MarkAsRead: on})); !status.OK() {
		t.Errorf("after it: %s", status.Code)
	}
}

// Each condition holds for one of two messages alone.
func TestInboxRuleConditions(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	anna, ben := actor(t, s, "anna"), actor(t, s, "ben")
	for name, c := range map[string]struct {
		when      *wsdl.RulePredicatesType
		hit, miss func(*wsdl.MessageType)
	}{
		"subject":   {&wsdl.RulePredicatesType{ContainsSubjectStrings: texts("nothing", "OFFER")}, func(m *wsdl.MessageType) { m.Subject = text("Your offer") }, nil},
		"body":      {&wsdl.RulePredicatesType{ContainsBodyStrings: texts("price & terms")}, func(m *wsdl.MessageType) { m.Body = html("<p>Price &amp; <b>terms</b></p>") }, func(m *wsdl.MessageType) { m.Body = html(`<p title="price & terms">none</p>`) }},
		"either":    {&wsdl.RulePredicatesType{ContainsSubjectOrBodyStrings: texts("offer")}, func(m *wsdl.MessageType) { m.Body = html("An offer") }, nil},
		"sender":    {&wsdl.RulePredicatesType{ContainsSenderStrings: texts("anna@")}, nil, nil},
		"from":      {&wsdl.RulePredicatesType{FromAddresses: addresses("anna@contoso.example")}, nil, nil},
		"recipient": {&wsdl.RulePredicatesType{ContainsRecipientStrings: texts("carla")}, func(m *wsdl.MessageType) { m.CcRecipients = recipients(person("", "carla@contoso.example")) }, nil},
		"sent to":   {&wsdl.RulePredicatesType{SentToAddresses: addresses("carla@contoso.example")}, func(m *wsdl.MessageType) { m.CcRecipients = recipients(person("", "carla@contoso.example")) }, nil},
		"header":    {&wsdl.RulePredicatesType{ContainsHeaderStrings: texts("subject: urgent")}, func(m *wsdl.MessageType) { m.Subject = text("Urgent") }, func(m *wsdl.MessageType) { m.Subject = text("not urgent") }},
		"important": {&wsdl.RulePredicatesType{Importance: wsdl.Ptr(wsdl.ImportanceNameHigh)}, func(m *wsdl.MessageType) { m.Importance = wsdl.Ptr(wsdl.ImportanceNameHigh) }, nil},
		"private":   {&wsdl.RulePredicatesType{Sensitivity: wsdl.Ptr(wsdl.SensitivityNamePrivate)}, func(m *wsdl.MessageType) { m.Sensitivity = wsdl.Ptr(wsdl.SensitivityNamePrivate) }, nil},
		"class":     {&wsdl.RulePredicatesType{ItemClasses: texts("IPM.Note.CRM")}, func(m *wsdl.MessageType) { m.ItemClass = text("IPM.Note.CRM.Offer") }, func(m *wsdl.MessageType) { m.ItemClass = text("IPM.Note.CRMX") }},
		"voice":     {&wsdl.RulePredicatesType{IsVoicemail: on}, func(m *wsdl.MessageType) { m.ItemClass = text("IPM.Note.Microsoft.Voicemail.UM.CA") }, nil},
		"signed":    {&wsdl.RulePredicatesType{IsSigned: on}, func(m *wsdl.MessageType) { m.ItemClass = text("IPM.Note.SMIME.MultipartSigned") }, func(m *wsdl.MessageType) { m.ItemClass = text("IPM.Note.SMIME") }},
		"encrypted": {&wsdl.RulePredicatesType{IsEncrypted: on}, func(m *wsdl.MessageType) { m.ItemClass = text("IPM.Note.SMIME") }, func(m *wsdl.MessageType) { m.ItemClass = text("IPM.Note.SMIME.MultipartSigned") }},
		"file":      {&wsdl.RulePredicatesType{HasAttachments: on}, func(m *wsdl.MessageType) { m.Attachments = attached(10) }, nil},
		"large":     {&wsdl.RulePredicatesType{WithinSizeRange: &wsdl.SizeRangeType{MinimumSize: wsdl.Ptr(wsdl.Int32(50)), MaximumSize: wsdl.Ptr(wsdl.Int32(80))}}, func(m *wsdl.MessageType) { m.Attachments = attached(60) }, func(m *wsdl.MessageType) { m.Attachments = attached(100) }},
		"now":       {&wsdl.RulePredicatesType{WithinDateRange: &wsdl.DateRangeType{StartDateTime: wsdl.FormatTime(noon.Add(-time.Hour)), EndDateTime: wsdl.FormatTime(noon.Add(time.Hour))}}, nil, nil},
		"to me":     {&wsdl.RulePredicatesType{SentToMe: on}, nil, func(m *wsdl.MessageType) { m.ToRecipients, m.CcRecipients = nil, m.ToRecipients }},
		"cc me":     {&wsdl.RulePredicatesType{SentCcMe: on}, func(m *wsdl.MessageType) { m.ToRecipients, m.CcRecipients = nil, m.ToRecipients }, nil},
		"either me": {&wsdl.RulePredicatesType{SentToOrCcMe: on}, nil, func(m *wsdl.MessageType) { m.ToRecipients, m.BccRecipients = nil, m.ToRecipients }},
		"not me":    {&wsdl.RulePredicatesType{NotSentToMe: on}, func(m *wsdl.MessageType) { m.ToRecipients, m.BccRecipients = nil, m.ToRecipients }, nil},
		"only me":   {&wsdl.RulePredicatesType{SentOnlyToMe: on}, nil, func(m *wsdl.MessageType) { m.CcRecipients = recipients(person("", "carla@contoso.example")) }},
	} {
		t.Run(name, func(t *testing.T) {
			if status, problems := ben.rules(false, newRule("hit", 1, c.when, &wsdl.RuleActionsType{MoveToFolder: into("junkemail")})); !status.OK() {
				t.Fatal(status.Code, problems)
			}
			defer func() { ben.rules(false, deleteRule(ben.inboxRules()[0].RuleId)) }()
			hits, misses := len(ben.list(named("junkemail"))), len(ben.list(named("inbox")))
			send := func(change func(*wsdl.MessageType)) {
				t.Helper()
				m := message("Hello", "ben@contoso.example")
				if change != nil {
					change(m)
				}
				anna.status(anna.send(m), "NoError")
			}
			send(c.hit)
			if n := len(ben.list(named("junkemail"))) - hits; n != 1 {
				t.Error("the rule did not apply")
			}
			if c.miss == nil && c.hit == nil {
				return // it would hold for every message here
			}
			send(c.miss)
			if n := len(ben.list(named("inbox"))) - misses; n != 1 {
				t.Error("the rule applied to the other message too")
			}
		})
	}
}

// attached is a file of that many kilobytes.
func attached(kilobytes int) *wsdl.AttachmentList {
	return &wsdl.AttachmentList{Attachments: []any{&wsdl.FileAttachmentType{Name: text("a.bin"), Content: &wsdl.Base64Content{Data: make([]byte, kilobytes<<10)}}}}
}

// An exception keeps a rule off, and one that is turned off does nothing.
func TestInboxRuleThatDoesNotApply(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	anna, ben := actor(t, s, "anna"), actor(t, s, "ben")
	kept := newRule("kept", 1, nil, &wsdl.RuleActionsType{MoveToFolder: into("junkemail")})
	kept.Write.Rule.Exceptions = &wsdl.RulePredicatesType{ContainsSubjectStrings: texts("important"), HasAttachments: on}
	off := newRule("off", 2, nil, &wsdl.RuleActionsType{PermanentDelete: on})
	off.Write.Rule.IsEnabled = wsdl.Ptr(wsdl.Bool(false))
	never := newRule("never", 3, &wsdl.RulePredicatesType{FlaggedForAction: text("Any")}, &wsdl.RuleActionsType{PermanentDelete: on})
	if status, problems := ben.rules(false, kept, off, never); !status.OK() {
		t.Fatal(status.Code, problems)
	}
	anna.send(message("Important", "ben@contoso.example"))
	anna.send(message("Other", "ben@contoso.example"))
	if in, out := subjects(ben.list(named("inbox"))), subjects(ben.list(named("junkemail"))); !slices.Equal(in, []string{"Important"}) || !slices.Equal(out, []string{"Other"}) {
		t.Errorf("inbox %q, junk %q", in, out)
	}
}

func TestInboxRuleActions(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	anna, ben := actor(t, s, "anna"), actor(t, s, "ben")
	has := func(subject string) *wsdl.RulePredicatesType {
		return &wsdl.RulePredicatesType{ContainsSubjectStrings: texts(subject)}
	}
	status, problems := ben.rules(false,
		newRule("mark", 1, has("mark"), &wsdl.RuleActionsType{MarkAsRead: on, MarkImportance: wsdl.Ptr(wsdl.ImportanceNameLow), AssignCategories: texts("One", "Two")}),
		newRule("by category", 2, &wsdl.RulePredicatesType{Categories: texts("two")}, &wsdl.RuleActionsType{AssignCategories: texts("TWO", "Three")}),
		newRule("copy", 3, has("copy"), &wsdl.RuleActionsType{CopyToFolder: into("drafts"), StopProcessingRules: on}),
		newRule("delete", 4, has("delete"), &wsdl.RuleActionsType{Delete: on}),
		newRule("move", 5, has("move"), &wsdl.RuleActionsType{MoveToFolder: into("junkemail")}),
		newRule("move too", 6, has("move"), &wsdl.RuleActionsType{MoveToFolder: into("outbox")}),
		newRule("remove", 7, has("remove"), &wsdl.RuleActionsType{PermanentDelete: on}),
		newRule("last", 8, has("copy"), &wsdl.RuleActionsType{PermanentDelete: on}),
	)
	if !status.OK() {
		t.Fatal(status.Code, problems)
	}
	for _, subject := range []string{"mark", "copy", "delete", "move", "remove"} {
		anna.status(anna.send(message(subject, "ben@contoso.example")), "NoError")
	}
	for folder, want := range map[string][]string{
		"inbox": {"copy", "mark"}, "drafts": {"copy"}, "deleteditems": {"delete"},
		// "remove" has "move" in it: the rules before it have moved it already.
		"junkemail": {"move"}, "outbox": {"move", "remove"},
	} {
		got := subjects(ben.list(named(folder)))
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", folder, got, want)
		}
	}
	for _, it := range ben.list(named("inbox")) {
		if str(it, "Subject") != "mark" {
			continue
		}
		m := ben.item(get[wsdl.ItemIdType](it, "ItemId")).(*wsdl.MessageType)
		var categories []string
		for _, c := range m.Categories.String {
			categories = append(categories, wsdl.Str(c))
		}
		if !bool(wsdl.Val(m.IsRead)) || wsdl.Val(m.Importance) != wsdl.ImportanceNameLow || !slices.Equal(categories, []string{"One", "Two", "Three"}) {
			t.Errorf("read %v, importance %v, categories %q", wsdl.Val(m.IsRead), wsdl.Val(m.Importance), categories)
		}
	}
}

func TestInboxRulesThatSend(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	anna, ben, carla := actor(t, s, "anna"), actor(t, s, "ben"), actor(t, s, "carla")
	template := ben.draft(message("Thank you", "ben@contoso.example"))
	has := func(subject string) *wsdl.RulePredicatesType {
		return &wsdl.RulePredicatesType{ContainsSubjectStrings: texts(subject)}
	}
	status, problems := ben.rules(false,
		newRule("forward", 1, has("forward"), &wsdl.RuleActionsType{ForwardToRecipients: addresses("carla@contoso.example"), Delete: on}),
		newRule("attach", 2, has("attach"), &wsdl.RuleActionsType{ForwardAsAttachmentToRecipients: addresses("carla@contoso.example")}),
		newRule("redirect", 3, has("redirect"), &wsdl.RuleActionsType{RedirectToRecipients: addresses("carla@contoso.example"), PermanentDelete: on}),
		newRule("reply", 4, has("reply"), &wsdl.RuleActionsType{ServerReplyWithMessage: template}),
		newRule("alert", 5, has("reply"), &wsdl.RuleActionsType{SendSMSAlertToRecipients: &wsdl.AddressesType{Address: []*wsdl.EmailAddressType{{EmailAddress: text("+43170"), RoutingType: text("MOBILE")}}}}),
	)
	if !status.OK() {
		t.Fatal(status.Code, problems)
	}
	// Whatever comes to Carla goes back to Ben: once.
	if status, problems := carla.rules(false, newRule("back", 1, nil, &wsdl.RuleActionsType{ForwardToRecipients: addresses("ben@contoso.example")})); !status.OK() {
		t.Fatal(status.Code, problems)
	}
	for _, subject := range []string{"forward", "attach", "redirect", "reply"} {
		m := message(subject, "ben@contoso.example")
		m.Attachments = attached(1)
		anna.status(anna.send(m), "NoError")
	}
	got := subjects(carla.list(named("inbox")))
	slices.Sort(got)
	if diff := cmp.Diff([]string{"FW: attach", "FW: forward", "redirect"}, got); diff != "" {
		t.Fatal(diff)
	}
	for _, it := range carla.list(named("inbox")) {
		m := carla.item(get[wsdl.ItemIdType](it, "ItemId")).(*wsdl.MessageType)
		from, to := address(mailboxOf(m.From)), address(m.ToRecipients.Mailbox[0])
		kind := ""
		switch m.Attachments.Attachments[0].(type) {
		case *wsdl.FileAttachmentType:
			kind = "file"
		case *wsdl.ItemAttachmentType:
			kind = "item"
		}
		want := map[string][3]string{
			"FW: forward": {"ben@contoso.example", "carla@contoso.example", "file"},
			"FW: attach":  {"ben@contoso.example", "carla@contoso.example", "item"},
			"redirect":    {"anna@contoso.example", "ben@contoso.example", "file"},
		}[wsdl.Str(m.Subject)]
		if is := [3]string{from, to, kind}; is != want {
			t.Errorf("%s: %q, want %q", wsdl.Str(m.Subject), is, want)
		}
	}
	got = subjects(ben.list(named("inbox")))
	slices.Sort(got)
	// His own rules have put away "FW: FW: forward" and "FW: redirect".
	if diff := cmp.Diff([]string{"FW: FW: attach", "attach", "reply"}, got); diff != "" {
		t.Errorf("Ben's inbox: %s", diff)
	}
	if back := subjects(anna.list(named("inbox"))); !slices.Equal(back, []string{"Thank you"}) {
		t.Errorf("Anna's inbox: %q", back)
	}
}

// A forward to nobody comes back to the mailbox whose rule it is, and reports
// are not forwarded again.
func TestInboxRuleToNobody(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	anna, ben := actor(t, s, "anna"), actor(t, s, "ben")
	for _, to := range []*wsdl.RuleActionsType{{ForwardToRecipients: addresses("nobody@nowhere.invalid")}, {RedirectToRecipients: addresses("nobody@nowhere.invalid")}} {
		if status, problems := ben.rules(false, newRule("away", 1, nil, to)); !status.OK() {
			t.Fatal(status.Code, problems)
		}
	}
	anna.status(anna.send(message("Hello", "ben@contoso.example")), "NoError")
	got := subjects(ben.list(named("inbox")))
	slices.Sort(got)
	if diff := cmp.Diff([]string{"Hello", "Undeliverable: FW: Hello", "Undeliverable: Hello"}, got); diff != "" {
		t.Error(diff)
	}
}

// A rule whose folder is gone is in error, and passed over.
func TestInboxRuleInError(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	anna, ben := actor(t, s, "anna"), actor(t, s, "ben")
	made := call[wsdl.CreateFolderResponse](ben, &wsdl.CreateFolder{ParentFolderId: &wsdl.TargetFolderId{DistinguishedFolderId: named("inbox")},
		Folders: &wsdl.FolderList{Folders: []any{&wsdl.FolderType{DisplayName: text("Customers")}}}}).ResponseMessages.CreateFolderResponseMessage[0]
	id := made.Folders.Folders[0].(*wsdl.FolderType).FolderId
	if status, problems := ben.rules(false, newRule("move", 1, nil, &wsdl.RuleActionsType{MoveToFolder: &wsdl.RuleFolderType{FolderId: id}})); !status.OK() {
		t.Fatal(status.Code, problems)
	}
	gone := call[wsdl.DeleteFolderResponse](ben, &wsdl.DeleteFolder{FolderIds: &wsdl.FolderIdList{Ids: []any{&wsdl.FolderId{Id: id.Id}}}, DeleteType: wsdl.Ptr(wsdl.DisposalHardDelete)})
	ben.status(gone.ResponseMessages.DeleteFolderResponseMessage[0].Status(), "NoError")
	if r := ben.inboxRules()[0]; !bool(wsdl.Val(r.IsInError)) {
		t.Error("the rule is not in error")
	}
	anna.status(anna.send(message("Hello", "ben@contoso.example")), "NoError")
	if got := subjects(ben.list(named("inbox"))); !slices.Equal(got, []string{"Hello"}) {
		t.Errorf("the inbox holds %q", got)
	}
}

// An invitation that a rule moves is in the calendar nonetheless, and one that it
// removes is not.
func TestInboxRulesAndInvitations(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	anna, ben := actor(t, s, "anna"), actor(t, s, "ben")
	if status, problems := ben.rules(false,
		newRule("remove", 1, &wsdl.RulePredicatesType{ContainsSubjectStrings: texts("party")}, &wsdl.RuleActionsType{PermanentDelete: on}),
		newRule("move", 2, &wsdl.RulePredicatesType{IsMeetingRequest: on}, &wsdl.RuleActionsType{MoveToFolder: into("junkemail"), ForwardAsAttachmentToRecipients: addresses("carla@contoso.example")})); !status.OK() {
		t.Fatal(status.Code, problems)
	}
	anna.event(meetingAt("Party", noon.Add(day), time.Hour, "ben@contoso.example"), wsdl.SendInvitationsSendToAllAndSaveCopy)
	anna.event(meetingAt("Plan", noon.Add(day), time.Hour, "ben@contoso.example"), wsdl.SendInvitationsSendToAllAndSaveCopy)
	if got := subjects(ben.list(named("junkemail"))); !slices.Equal(got, []string{"Plan"}) {
		t.Errorf("moved: %q", got)
	}
	if got := subjects(ben.list(named("calendar"))); !slices.Equal(got, []string{"Plan"}) {
		t.Errorf("in the calendar: %q", got)
	}
	if got := subjects(actor(t, s, "carla").list(named("inbox"))); !slices.Equal(got, []string{"FW: Plan"}) {
		t.Errorf("sent on: %q", got)
	}
}

package ews_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
)

// ruleOf is a rule of the wire with these parts.
func ruleOf(parts string) string {
	return `<t:Rule><t:RuleId>AQAAAA=</t:RuleId><t:DisplayName>New</t:DisplayName><t:Priority>1</t:Priority><t:IsEnabled>true</t:IsEnabled>` + parts + `</t:Rule>`
}

const markAsRead = `<t:Actions><t:MarkAsRead>true</t:MarkAsRead></t:Actions>`

// What has no word here is named, and keeps the rule from being written.
func TestRulesThatCannotBeWrittenWithoutLoss(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		parts string
		want  []string // Unknown
	}{
		"a later condition": {`<t:Conditions><t:ContainsSubjectStrings><t:String>offer</t:String></t:ContainsSubjectStrings><t:IsPinned>true</t:IsPinned></t:Conditions>` + markAsRead, []string{"Condition:IsPinned"}},
		"a later exception": {`<t:Exceptions><t:IsPinned>true</t:IsPinned></t:Exceptions>` + markAsRead, []string{"Exception:IsPinned"}},
		"a later action":    {`<t:Actions><t:Pin><t:For>P1D</t:For></t:Pin></t:Actions>`, []string{"Action:Pin"}},
		"a later part":      {markAsRead + `<t:Schedule/>`, []string{"Schedule"}},
		"a later flag":      {`<t:Conditions><t:FlaggedForAction>Dance</t:FlaggedForAction></t:Conditions>` + markAsRead, []string{"Condition:FlaggedForAction"}},
		"a later level":     {`<t:Conditions><t:Importance>Urgent</t:Importance><t:Sensitivity>Secret</t:Sensitivity></t:Conditions>` + markAsRead, []string{"Condition:Importance", "Condition:Sensitivity"}},
		"no time":           {`<t:Conditions><t:WithinDateRange><t:StartDateTime>soon</t:StartDateTime></t:WithinDateRange></t:Conditions>` + markAsRead, []string{"Condition:WithinDateRange"}},
		"a contact":         {`<t:Conditions><t:FromAddresses><t:Address><t:Name>Friends</t:Name><t:RoutingType>MAPIPDL</t:RoutingType><t:ItemId Id="AAMk="/></t:Address></t:FromAddresses></t:Conditions>` + markAsRead, []string{"Condition:FromAddresses"}},
		"a fax":             {`<t:Actions><t:ForwardToRecipients><t:Address><t:EmailAddress>+431</t:EmailAddress><t:RoutingType>FAX</t:RoutingType></t:Address></t:ForwardToRecipients></t:Actions>`, []string{"Action:ForwardToRecipients"}},
		"a folder of another": {`<t:Actions><t:MoveToFolder><t:DistinguishedFolderId Id="inbox"><t:Mailbox><t:EmailAddress>ben@contoso.example</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId></t:MoveToFolder></t:Actions>`,
			[]string{"Action:MoveToFolder"}},
		"Exchange says so": {`<t:IsNotSupported>true</t:IsNotSupported>`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStub(t, rulesOf(ruleOf(c.parts)))
			rules, err := s.own().InboxRules(t.Context())
			if err != nil || len(rules.Rules) != 1 {
				t.Fatal(err, rules)
			}
			rule := rules.Rules[0]
			if diff := cmp.Diff(c.want, rule.Unknown); diff != "" || rule.NotSupported != (c.want == nil) {
				t.Fatalf("unknown (-want +got):\n%s\nnot supported: %v", diff, rule.NotSupported)
			}
			// As it was read, and as somebody has it who took no heed.
			innocent := mailbox.Rule{ID: rule.ID, Name: "Mine", Priority: 1, Actions: mailbox.RuleActions{MarkAsRead: true}}
			for _, r := range []mailbox.Rule{rule, innocent} {
				err := s.own().UpdateInboxRules(t.Context(), mailbox.RuleChanges{Operations: []mailbox.RuleOperation{{Kind: mailbox.SetRule, Rule: r}}})
				if !errors.Is(err, mailbox.ErrUnsupported) {
					t.Errorf("setting it: %v", err)
				}
			}
			if strings.Contains(s.operations(), "UpdateInboxRules") {
				t.Errorf("it was sent: %s", s.operations())
			}
			if err := s.own().UpdateInboxRules(t.Context(), mailbox.RuleChanges{Operations: []mailbox.RuleOperation{{Kind: mailbox.DeleteRule, Rule: rule}}}); err != nil {
				t.Errorf("deleting it: %v", err)
			}
		})
	}
}

// A false condition is none, as Exchange's own client takes it.
func TestRuleWithFalseConditions(t *testing.T) {
	t.Parallel()
	s := newStub(t, rulesOf(ruleOf(`<t:Conditions><t:HasAttachments>false</t:HasAttachments></t:Conditions>`+markAsRead)))
	rules, err := s.own().InboxRules(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := mailbox.Rule{ID: "AQAAAA=", Name: "New", Priority: 1, Enabled: true, Actions: mailbox.RuleActions{MarkAsRead: true}}
	if diff := cmp.Diff([]mailbox.Rule{want}, rules.Rules); diff != "" {
		t.Error(diff)
	}
}

func TestRulesRefusedByTheServer(t *testing.T) {
	t.Parallel()
	problem := func(field, code, value string) string {
		return `<t:Error><t:FieldURI>` + field + `</t:FieldURI><t:ErrorCode>` + code + `</t:ErrorCode><t:ErrorMessage>No.</t:ErrorMessage><t:FieldValue>` + value + `</t:FieldValue></t:Error>`
	}
	refusal := func(code, problems string) string {
		if problems != "" {
			problems = `<m:RuleOperationErrors>` + problems + `</m:RuleOperationErrors>`
		}
		return envelope(`<m:UpdateInboxRulesResponse ResponseClass="Error"><m:MessageText>No.</m:MessageText><m:ResponseCode>` + code + `</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>` +
			problems + `</m:UpdateInboxRulesResponse>`)
	}
	at := func(place, problems string) string {
		return `<t:RuleOperationError><t:OperationIndex>` + place + `</t:OperationIndex><t:ValidationErrors>` + problems + `</t:ValidationErrors></t:RuleOperationError>`
	}
	update := func(t *testing.T, answer string) error {
		s := newStub(t, func(w http.ResponseWriter, _ *http.Request, _ string) { respond(w, http.StatusOK, answer) })
		return s.own().UpdateInboxRules(t.Context(), mailbox.RuleChanges{Operations: []mailbox.RuleOperation{
			{Kind: mailbox.DeleteRule, Rule: mailbox.Rule{ID: "AQAAAA="}},
			{Kind: mailbox.CreateRule, Rule: mailbox.Rule{Name: "New", Priority: 1, Actions: mailbox.RuleActions{MarkAsRead: true}}},
		}})
	}

	err := update(t, refusal("ErrorInboxRulesValidationError", at("0", problem("RuleId", "RuleNotFound", "AQAAAA="))+
		at("1", problem("Condition:FromAddresses", "InvalidAddress", "sesame")+problem("Action:MoveToFolder", "FolderDoesNotExist", "AAMk="))))
	var rules *ews.RulesError
	var wire *ews.Error
	if !errors.As(err, &rules) || !errors.As(err, &wire) || !errors.Is(err, mailbox.ErrInvalid) || wire.Request == "" {
		t.Fatalf("%#v", err)
	}
	want := []mailbox.RuleProblem{
		{Operation: 0, Field: "RuleId", Code: "RuleNotFound", Text: "No.", Value: "AQAAAA="},
		{Operation: 1, Field: "Condition:FromAddresses", Code: "InvalidAddress", Text: "No.", Value: "sesame"},
		{Operation: 1, Field: "Action:MoveToFolder", Code: "FolderDoesNotExist", Text: "No.", Value: "AAMk="},
	}
	if diff := cmp.Diff(want, rules.RuleProblems()); diff != "" {
		t.Error(diff)
	}
	if text := err.Error(); !strings.Contains(text, "change 2: Action:MoveToFolder: FolderDoesNotExist") || strings.Contains(text, "sesame") {
		t.Errorf("the error says %q", text)
	}
	if mailbox.Hint(err) == "" || mailbox.Code(err) != "ErrorInboxRulesValidationError" {
		t.Errorf("hint %q, code %q", mailbox.Hint(err), mailbox.Code(err))
	}

	if err := update(t, refusal("ErrorInboxRulesValidationError", at("0", problem("RuleId", "RuleNotFound", "")))); !errors.Is(err, mailbox.ErrNotFound) || errors.Is(err, mailbox.ErrInvalid) {
		t.Errorf("a rule that is not there: %v", err)
	}
	if err := update(t, refusal("ErrorOutlookRuleBlobExists", "")); !errors.Is(err, mailbox.ErrConflict) || !strings.Contains(mailbox.Hint(err), "Outlook keeps rules of its own") {
		t.Errorf("Outlook's rules: %v (%s)", err, mailbox.Hint(err))
	}
	if err := update(t, refusal("ErrorRulesOverQuota", "")); !errors.Is(err, mailbox.ErrInvalid) || !strings.Contains(mailbox.Hint(err), "RulesQuota") {
		t.Errorf("too many rules: %v", err)
	}
	if err := update(t, refusal("ErrorInternalServerError", "")); !errors.Is(err, mailbox.ErrOutcomeUnknown) {
		t.Errorf("a server that failed on the way: %v", err)
	}
}

// Nothing is sent that the server would have to refuse, or would misunderstand.
func TestRulesThatMakeNoSense(t *testing.T) {
	t.Parallel()
	s := newStub(t, rulesOf(aRule))
	act := mailbox.RuleActions{MarkAsRead: true}
	created := func(change func(*mailbox.Rule)) mailbox.RuleOperation {
		r := mailbox.Rule{Name: "New", Priority: 1, Actions: act}
		change(&r)
		return mailbox.RuleOperation{Kind: mailbox.CreateRule, Rule: r}
	}
	person := []mailbox.Person{{Name: "Nora"}}
	for want, o := range map[string]mailbox.RuleOperation{
		"unknown kind":        {Kind: "turn", Rule: mailbox.Rule{ID: "A"}},
		"has an id already":   created(func(r *mailbox.Rule) { r.ID = "A" }),
		"names no rule":       {Kind: mailbox.DeleteRule},
		"has no name":         created(func(r *mailbox.Rule) { r.Name = " " }),
		"the priority is 0":   created(func(r *mailbox.Rule) { r.Priority = 0 }),
		"has no action":       created(func(r *mailbox.Rule) { r.Actions = mailbox.RuleActions{} }),
		"hold an empty text":  created(func(r *mailbox.Rule) { r.Conditions.SubjectContains = []string{""} }),
		"the exceptions name": created(func(r *mailbox.Rule) { r.Exceptions.From = person }),
		"the actions name":    created(func(r *mailbox.Rule) { r.Actions.ForwardTo = person }),
		"unknown importance":  created(func(r *mailbox.Rule) { r.Conditions.Importance = "urgent" }),
		"unknown sensitivity": created(func(r *mailbox.Rule) { r.Conditions.Sensitivity = "secret" }),
		"unknown flag":        created(func(r *mailbox.Rule) { r.Conditions.FlaggedFor = "dance" }),
		"a size of -1":        created(func(r *mailbox.Rule) { r.Conditions.MinKB = ptr(-1) }),
		"above the greatest":  created(func(r *mailbox.Rule) { r.Conditions.MinKB, r.Conditions.MaxKB = ptr(2), ptr(1) }),
		"before it begins": created(func(r *mailbox.Rule) {
			p := wholePredicates()
			r.Conditions.After, r.Conditions.Before = p.Before, p.After
		}),
		`no folder "inbox/None"`: created(func(r *mailbox.Rule) { r.Actions.MoveTo = "inbox/None" }),
	} {
		err := s.own().UpdateInboxRules(t.Context(), mailbox.RuleChanges{Operations: []mailbox.RuleOperation{o}})
		if err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, mailbox.ErrInvalid) && !errors.Is(err, mailbox.ErrNotFound) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if err := s.own().UpdateInboxRules(t.Context(), mailbox.RuleChanges{}); !errors.Is(err, mailbox.ErrInvalid) {
		t.Errorf("no change at all: %v", err)
	}
	missing := mailbox.RuleOperation{Kind: mailbox.SetRule, Rule: mailbox.Rule{ID: "gone", Name: "Gone", Priority: 1, Actions: act}}
	if err := s.own().UpdateInboxRules(t.Context(), mailbox.RuleChanges{Operations: []mailbox.RuleOperation{missing}}); !errors.Is(err, mailbox.ErrNotFound) {
		t.Errorf("a rule that is gone: %v", err)
	}
	if slices.ContainsFunc(s.taken(), func(r recorded) bool { return r.operation == "UpdateInboxRules" }) {
		t.Error("a change was sent")
	}
}

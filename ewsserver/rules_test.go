package ewsserver_test

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

// ruled is a backend that keeps rules, and turns items into streams.
type ruled struct {
	*fake
	rules    []*wsdl.RuleType
	problems []ewsserver.RuleProblem
	err      error

	mailbox  string
	changes  []wsdl.RuleOperation
	removed  bool
	uploaded []ewsserver.Upload
}

func (r *ruled) Open(context.Context, ewsserver.Caller) (ewsserver.Session, error) { return r, nil }

func (r *ruled) InboxRules(_ context.Context, mailbox string) ([]*wsdl.RuleType, bool, error) {
	r.mailbox = mailbox
	return r.rules, true, r.err
}

func (r *ruled) UpdateInboxRules(_ context.Context, mailbox string, changes []wsdl.RuleOperation, remove bool) ([]ewsserver.RuleProblem, error) {
	r.mailbox, r.changes, r.removed = mailbox, changes, remove
	return r.problems, r.err
}

func (r *ruled) Export(_ context.Context, ref ewsserver.ItemRef) (*wsdl.ItemIdType, []byte, error) {
	if ref.ID == "gone" {
		return nil, nil, &ewsserver.Error{Code: ewsserver.ErrorItemNotFound}
	}
	return id(ref.ID, "c1"), []byte("stream of " + ref.ID), nil
}

func (r *ruled) Upload(_ context.Context, u ewsserver.Upload) (*wsdl.ItemIdType, error) {
	r.uploaded = append(r.uploaded, u)
	return id("new", "c9"), r.err
}

func TestGetInboxRules(t *testing.T) {
	t.Parallel()
	r := &ruled{fake: newFake(), rules: []*wsdl.RuleType{{RuleId: wsdl.NewText("r1"), DisplayName: wsdl.NewText("One"), Priority: wsdl.Ptr(wsdl.Int32(1)),
		IsEnabled: wsdl.Ptr(wsdl.Bool(false)), IsInError: wsdl.Ptr(wsdl.Bool(true)), Actions: &wsdl.RuleActionsType{MarkAsRead: wsdl.Ptr(wsdl.Bool(true))}}}}
	call(t, r, `<m:GetInboxRules><m:MailboxSmtpAddress> ben@contoso.example </m:MailboxSmtpAddress></m:GetInboxRules>`).wantCodes(t, "NoError").
		has(t, "<OutlookRuleBlobExists>true<", "<RuleId>r1<", "<IsEnabled>false<", "<IsInError>true<", "<MarkAsRead>true<")
	if r.mailbox != "ben@contoso.example" {
		t.Errorf("the rules of %q", r.mailbox)
	}
	r.rules = nil
	call(t, r, `<m:GetInboxRules/>`).wantCodes(t, "NoError").has(t, "<InboxRules").lacks(t, "<Rule>")
	r.err = &ewsserver.Error{Code: ewsserver.ErrorAccessDenied}
	call(t, r, `<m:GetInboxRules/>`).wantCodes(t, "ErrorAccessDenied").lacks(t, "InboxRules>", "OutlookRuleBlobExists")
	call(t, newFake(), `<m:GetInboxRules/>`).has(t, "ErrorInvalidOperation")
}

// rule writes a rule of a request.
func rule(parts string) string {
	return `<t:Rule><t:DisplayName>One</t:DisplayName><t:Priority>1</t:Priority><t:IsEnabled>true</t:IsEnabled>` + parts + `</t:Rule>`
}

func operations(list string) string {
	return `<m:UpdateInboxRules><m:RemoveOutlookRuleBlob>true</m:RemoveOutlookRuleBlob><m:Operations>` + list + `</m:Operations></m:UpdateInboxRules>`
}

func creation(rule string) string {
	return `<t:CreateRuleOperation>` + rule + `</t:CreateRuleOperation>`
}

const reads = `<t:Actions><t:MarkAsRead>true</t:MarkAsRead></t:Actions>`

func TestUpdateInboxRules(t *testing.T) {
	t.Parallel()
	r := &ruled{fake: newFake()}
	// A time without a zone is in that of the request.
	callWith(t, r, nil, `<t:RequestServerVersion Version="Exchange2013_SP1"/><t:TimeZoneContext><t:TimeZoneDefinition Id="Tokyo Standard Time"/></t:TimeZoneContext>`,
		operations(creation(rule(`<t:Conditions><t:WithinDateRange><t:StartDateTime>2026-12-01T09:00:00</t:StartDateTime></t:WithinDateRange></t:Conditions>`+reads))+
			`<t:DeleteRuleOperation><t:RuleId>r2</t:RuleId></t:DeleteRuleOperation>`)).wantCodes(t, "NoError").lacks(t, "RuleOperationErrors")
	if len(r.changes) != 2 || !r.removed || wsdl.Str(r.changes[1].Delete.RuleId) != "r2" {
		t.Fatalf("%+v", r.changes)
	}
	if from := r.changes[0].Write.Rule.Conditions.WithinDateRange.StartDateTime; wsdl.Str(from) != "2026-12-01T00:00:00Z" {
		t.Errorf("from %s", wsdl.Str(from))
	}

	// What the backend finds.
	r.problems = []ewsserver.RuleProblem{{Change: 1, Field: "RuleId", Code: "RuleNotFound", Text: "None.", Value: "r2"},
		{Change: 0, Field: "Action:MoveToFolder", Code: "FolderDoesNotExist"}, {Change: 1, Field: "Priority", Code: "InvalidValue"}}
	call(t, r, operations(creation(rule(reads)))).wantCodes(t, "ErrorInboxRulesValidationError").
		has(t, "<OperationIndex>1<", "<OperationIndex>0<", "<FieldURI>RuleId<", "<ErrorCode>RuleNotFound<", "<ErrorMessage>None.<", "<FieldValue>r2<", "<ErrorCode>InvalidValue<")
	r.problems, r.err = nil, &ewsserver.Error{Code: ewsserver.ErrorOutlookRuleBlobExists}
	call(t, r, operations(creation(rule(reads)))).wantCodes(t, "ErrorOutlookRuleBlobExists")
	call(t, newFake(), operations(creation(rule(reads)))).has(t, "ErrorInvalidOperation")
	for _, body := range []string{`<m:UpdateInboxRules/>`, operations(""), operations(`<t:CreateRuleOperation/>`), operations(creation(`<t:Rule><t:DisplayName>One</t:DisplayName></t:Rule>`))} {
		call(t, r, body).wantFault(t, "ErrorSchemaValidation")
	}
}

// Each mistake has its field and code, and keeps the backend from being asked.
func TestRuleValidation(t *testing.T) {
	t.Parallel()
	condition := func(parts string) string { return creation(rule(`<t:Conditions>` + parts + `</t:Conditions>` + reads)) }
	actions := func(parts string) string { return creation(rule(`<t:Actions>` + parts + `</t:Actions>`)) }
	set := func(id string) string {
		return `<t:SetRuleOperation><t:Rule>` + id + `<t:DisplayName>One</t:DisplayName><t:Priority>2</t:Priority><t:IsEnabled>true</t:IsEnabled>` + reads + `</t:Rule></t:SetRuleOperation>`
	}
	for name, c := range map[string]struct{ changes, field, code string }{
		"an id":           {creation(`<t:Rule><t:RuleId>r1</t:RuleId><t:DisplayName>One</t:DisplayName><t:Priority>1</t:Priority><t:IsEnabled>true</t:IsEnabled>` + reads + `</t:Rule>`), "RuleId", "CreateWithRuleId"},
		"no name":         {creation(`<t:Rule><t:DisplayName> </t:DisplayName><t:Priority>1</t:Priority><t:IsEnabled>true</t:IsEnabled>` + reads + `</t:Rule>`), "DisplayName", "EmptyValueFound"},
		"priority":        {creation(`<t:Rule><t:DisplayName>One</t:DisplayName><t:Priority>0</t:Priority><t:IsEnabled>true</t:IsEnabled>` + reads + `</t:Rule>`), "Priority", "InvalidValue"},
		"same priority":   {creation(rule(reads)) + creation(rule(reads)), "Priority", "DuplicatedPriority"},
		"in error":        {creation(rule(`<t:IsInError>true</t:IsInError>` + reads)), "IsInError", "NotSettable"},
		"not supported":   {creation(rule(`<t:IsNotSupported>true</t:IsNotSupported>` + reads)), "IsNotSupported", "NotSettable"},
		"no id":           {set(""), "RuleId", "MissingParameter"},
		"no id to delete": {`<t:DeleteRuleOperation/>`, "RuleId", "MissingParameter"},
		"twice":           {set(`<t:RuleId>r1</t:RuleId>`) + `<t:DeleteRuleOperation><t:RuleId>r1</t:RuleId></t:DeleteRuleOperation>`, "RuleId", "DuplicatedOperationOnTheSameRule"},
		"no actions":      {creation(rule("")), "Actions", "MissingAction"},
		"empty actions":   {actions(""), "Actions", "MissingAction"},
		"empty text":      {condition(`<t:ContainsSubjectStrings><t:String></t:String></t:ContainsSubjectStrings>`), "Condition:ContainsSubjectStrings", "EmptyValueFound"},
		"empty list":      {condition(`<t:ItemClasses/>`), "Condition:ItemClasses", "EmptyValueFound"},
		"long text":       {condition(`<t:ContainsBodyStrings><t:String>` + strings.Repeat("x", 256) + `</t:String></t:ContainsBodyStrings>`), "Condition:ContainsBodyStrings", "StringValueTooBig"},
		"exception":       {creation(rule(`<t:Exceptions><t:Categories/></t:Exceptions>` + reads)), "Exception:Categories", "EmptyValueFound"},
		"no range":        {condition(`<t:WithinDateRange/>`), "Condition:WithinDateRange", "MissingRangeValue"},
		"range":           {condition(`<t:WithinDateRange><t:StartDateTime>2026-12-02T00:00:00Z</t:StartDateTime><t:EndDateTime>2026-12-01T00:00:00Z</t:EndDateTime></t:WithinDateRange>`), "Condition:WithinDateRange", "InvalidDateRange"},
		"no time":         {condition(`<t:WithinDateRange><t:EndDateTime>soon</t:EndDateTime></t:WithinDateRange>`), "Condition:WithinDateRange", "InvalidValue"},
		"no sizes":        {condition(`<t:WithinSizeRange/>`), "Condition:WithinSizeRange", "MissingRangeValue"},
		"size":            {condition(`<t:WithinSizeRange><t:MinimumSize>-1</t:MinimumSize></t:WithinSizeRange>`), "Condition:WithinSizeRange", "SizeLessThanZero"},
		"sizes":           {condition(`<t:WithinSizeRange><t:MinimumSize>2</t:MinimumSize><t:MaximumSize>1</t:MaximumSize></t:WithinSizeRange>`), "Condition:WithinSizeRange", "InvalidSizeRange"},
		"address":         {condition(`<t:FromAddresses><t:Address><t:EmailAddress>nora</t:EmailAddress></t:Address></t:FromAddresses>`), "Condition:FromAddresses", "InvalidAddress"},
		"no address":      {actions(`<t:RedirectToRecipients><t:Address><t:Name>Nora</t:Name></t:Address></t:RedirectToRecipients>`), "Action:RedirectToRecipients", "InvalidAddress"},
		"no addresses":    {actions(`<t:ForwardToRecipients/>`), "Action:ForwardToRecipients", "EmptyValueFound"},
		"contact":         {actions(`<t:ForwardToRecipients><t:Address><t:ItemId Id="c"/></t:Address></t:ForwardToRecipients>`), "Action:ForwardToRecipients", "UnsupportedAddress"},
		"no folder":       {actions(`<t:MoveToFolder/>`), "Action:MoveToFolder", "InvalidFolderId"},
		"no reply":        {actions(`<t:ServerReplyWithMessage/>`), "Action:ServerReplyWithMessage", "EmptyValueFound"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &ruled{fake: newFake()}
			call(t, r, operations(c.changes)).wantCodes(t, "ErrorInboxRulesValidationError").has(t, "<FieldURI>"+c.field+"</", "<ErrorCode>"+c.code+"</")
			if r.changes != nil {
				t.Error("the backend was asked")
			}
		})
	}
}

func TestExportItems(t *testing.T) {
	t.Parallel()
	r := &ruled{fake: newFake()}
	call(t, r, `<m:ExportItems><m:ItemIds><t:ItemId Id="one"/><t:ItemId Id="gone"/><t:ItemId Id=""/></m:ItemIds></m:ExportItems>`).
		wantCodes(t, "NoError", "ErrorItemNotFound", "ErrorInvalidIdEmpty").
		has(t, `<ItemId Id="one" ChangeKey="c1"`, ">"+base64.StdEncoding.EncodeToString([]byte("stream of one"))+"</Data>")
	call(t, r, `<m:ExportItems/>`).wantFault(t, "ErrorSchemaValidation")
	call(t, newFake(), `<m:ExportItems><m:ItemIds><t:ItemId Id="one"/></m:ItemIds></m:ExportItems>`).has(t, "ErrorInvalidOperation")
}

func TestUploadItems(t *testing.T) {
	t.Parallel()
	r := &ruled{fake: newFake()}
	upload := func(attributes, parts string) string {
		return `<t:Item ` + attributes + `><t:ParentFolderId Id="inbox"/>` + parts + `<t:Data>b25l</t:Data></t:Item>`
	}
	items := func(list string) string { return `<m:UploadItems><m:Items>` + list + `</m:Items></m:UploadItems>` }
	call(t, r, items(upload(`CreateAction="CreateNew"`, "")+upload(`CreateAction="UpdateOrCreate" IsAssociated="true"`, `<t:ItemId Id="old" ChangeKey="c1"/>`)+
		upload(`CreateAction="Update"`, "")+upload(`CreateAction="CreateNew"`, `<t:ItemId Id="old"/>`))).
		wantCodes(t, "NoError", "NoError", "ErrorInvalidRequest", "ErrorInvalidRequest").has(t, `<ItemId Id="new" ChangeKey="c9"`)
	if len(r.uploaded) != 2 || string(r.uploaded[0].Data) != "one" || r.uploaded[0].Folder.ID != "inbox" || r.uploaded[0].Associated ||
		r.uploaded[1].Item.ID != "old" || r.uploaded[1].Item.ChangeKey != "c1" || !r.uploaded[1].Associated || r.uploaded[1].Action != wsdl.CreateActionNameUpdateOrCreate {
		t.Errorf("%+v", r.uploaded)
	}
	r.err = &ewsserver.Error{Code: ewsserver.ErrorCorruptData}
	call(t, r, items(upload(`CreateAction="CreateNew"`, ""))).wantCodes(t, "ErrorCorruptData")
	for _, body := range []string{`<m:UploadItems/>`, items(""), items(upload("", "")), items(upload(`CreateAction="Wash"`, "")),
		items(`<t:Item CreateAction="CreateNew"><t:Data>b25l</t:Data></t:Item>`), items(`<t:Item CreateAction="CreateNew"><t:ParentFolderId Id="inbox"/></t:Item>`)} {
		call(t, r, body).wantFault(t, "ErrorSchemaValidation")
	}
	call(t, newFake(), items(upload(`CreateAction="CreateNew"`, ""))).has(t, "ErrorInvalidOperation")
}

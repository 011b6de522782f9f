package ewsserver

import (
	"fmt"
	"strings"

	"github.com/exconn/exconn/wsdl"
)

// maxRuleText is the most characters that a text of a rule may have.
const maxRuleText = 255

// ruleChecker looks at what the changes to rules say for themselves
// ([MS-OXWSRULES] 2.2.5.4 lists what can be wrong).
type ruleChecker struct {
	c        *call
	change   int
	problems []RuleProblem
}

func (k *ruleChecker) problem(field, code, value, format string, args ...any) {
	k.problems = append(k.problems, RuleProblem{Change: k.change, Field: field, Code: code, Text: fmt.Sprintf(format, args...), Value: value})
}

// checkRules returns what is wrong with the changes, and brings the times in
// them to UTC. The error is a fault, for what the schema does not allow.
func (c *call) checkRules(changes []wsdl.RuleOperation) ([]RuleProblem, error) {
	k := &ruleChecker{c: c}
	named, places := map[string]bool{}, map[wsdl.Int32]bool{}
	for i, o := range changes {
		k.change = i
		if o.Kind == wsdl.DeleteRuleOperation {
			k.named(wsdl.Str(o.Delete.RuleId), named)
			continue
		}
		rule := o.Write.Rule
		if rule == nil || rule.DisplayName == nil || rule.Priority == nil || rule.IsEnabled == nil {
			return nil, invalid("a Rule, or its DisplayName, Priority or IsEnabled, is missing.")
		}
		if o.Kind == wsdl.SetRuleOperation {
			k.named(wsdl.Str(rule.RuleId), named)
		} else if rule.RuleId != nil {
			k.problem("RuleId", "CreateWithRuleId", wsdl.Str(rule.RuleId), "A new rule has no id yet.")
		}
		if places[*rule.Priority] {
			k.problem("Priority", "DuplicatedPriority", fmt.Sprint(*rule.Priority), "Another change has the same priority.")
		}
		places[*rule.Priority] = true
		k.rule(rule)
	}
	return k.problems, nil
}

// named checks the id of a rule that is there already.
func (k *ruleChecker) named(id string, seen map[string]bool) {
	switch {
	case id == "":
		k.problem("RuleId", "MissingParameter", "", "The id of the rule is missing.")
	case seen[id]:
		k.problem("RuleId", "DuplicatedOperationOnTheSameRule", id, "Another change is of the same rule.")
	}
	seen[id] = true
}

func (k *ruleChecker) rule(r *wsdl.RuleType) {
	if strings.TrimSpace(wsdl.Str(r.DisplayName)) == "" {
		k.problem("DisplayName", "EmptyValueFound", "", "The rule has no name.")
	}
	if *r.Priority < 1 {
		k.problem("Priority", "InvalidValue", fmt.Sprint(*r.Priority), "Priorities begin with 1.")
	}
	if bool(wsdl.Val(r.IsNotSupported)) {
		k.problem("IsNotSupported", "NotSettable", "true", "This cannot be set.")
	}
	if bool(wsdl.Val(r.IsInError)) {
		k.problem("IsInError", "NotSettable", "true", "This cannot be set.")
	}
	k.predicates("Condition:", r.Conditions)
	k.predicates("Exception:", r.Exceptions)
	if r.Actions == nil || *r.Actions == (wsdl.RuleActionsType{}) {
		k.problem("Actions", "MissingAction", "", "The rule has no action.")
		return
	}
	k.actions(r.Actions)
}

func (k *ruleChecker) predicates(prefix string, p *wsdl.RulePredicatesType) {
	if p == nil {
		return
	}
	for _, list := range []struct {
		field string
		texts *wsdl.StringsType
	}{
		{"Categories", p.Categories}, {"ContainsBodyStrings", p.ContainsBodyStrings}, {"ContainsHeaderStrings", p.ContainsHeaderStrings},
		{"ContainsRecipientStrings", p.ContainsRecipientStrings}, {"ContainsSenderStrings", p.ContainsSenderStrings},
		{"ContainsSubjectOrBodyStrings", p.ContainsSubjectOrBodyStrings}, {"ContainsSubjectStrings", p.ContainsSubjectStrings},
		{"FromConnectedAccounts", p.FromConnectedAccounts}, {"ItemClasses", p.ItemClasses}, {"MessageClassifications", p.MessageClassifications},
	} {
		k.texts(prefix+list.field, list.texts)
	}
	k.addresses(prefix+"FromAddresses", p.FromAddresses)
	k.addresses(prefix+"SentToAddresses", p.SentToAddresses)
	if d := p.WithinDateRange; d != nil {
		k.dates(prefix+"WithinDateRange", d)
	}
	if s := p.WithinSizeRange; s != nil {
		k.sizes(prefix+"WithinSizeRange", s)
	}
}

func (k *ruleChecker) texts(field string, list *wsdl.StringsType) {
	if list == nil {
		return
	}
	if len(list.String) == 0 {
		k.problem(field, "EmptyValueFound", "", "The list is empty.")
	}
	for _, s := range list.String {
		switch text := wsdl.Str(s); {
		case text == "":
			k.problem(field, "EmptyValueFound", "", "A text of the list is empty.")
		case len([]rune(text)) > maxRuleText:
			k.problem(field, "StringValueTooBig", text, "A text has more than %d characters.", maxRuleText)
		}
	}
}

// addresses looks at the form of addresses; whether anybody has them is for the
// backend to say.
func (k *ruleChecker) addresses(field string, list *wsdl.AddressesType) {
	if list == nil {
		return
	}
	if len(list.Address) == 0 {
		k.problem(field, "EmptyValueFound", "", "The list is empty.")
	}
	for _, a := range list.Address {
		address, routing := wsdl.Str(a.EmailAddress), strings.ToUpper(wsdl.Str(a.RoutingType))
		switch {
		case a.ItemId != nil && address == "":
			k.problem(field, "UnsupportedAddress", wsdl.Str(a.ItemId.Id), "A contact cannot stand for its address here.")
		case address == "":
			k.problem(field, "InvalidAddress", wsdl.Str(a.Name), "The address is missing.")
		case (routing == "" || routing == "SMTP") && (!strings.Contains(address, "@") || strings.ContainsAny(address, " <>")):
			k.problem(field, "InvalidAddress", address, "This is no SMTP address.")
		}
	}
}

// dates brings the range to UTC; a time without a zone is in that of the
// request.
func (k *ruleChecker) dates(field string, d *wsdl.DateRangeType) {
	if d.StartDateTime == nil && d.EndDateTime == nil {
		k.problem(field, "MissingRangeValue", "", "The range has neither start nor end.")
		return
	}
	from, ok := wsdl.ParseTime(d.StartDateTime, k.c.zone)
	to, ok2 := wsdl.ParseTime(d.EndDateTime, k.c.zone)
	value := wsdl.Str(d.StartDateTime) + " to " + wsdl.Str(d.EndDateTime)
	switch {
	case !ok && d.StartDateTime != nil, !ok2 && d.EndDateTime != nil:
		k.problem(field, "InvalidValue", value, "This is no time.")
	case ok && ok2 && !from.Before(to):
		k.problem(field, "InvalidDateRange", value, "The range ends before it begins.")
	}
	d.StartDateTime, d.EndDateTime = wsdl.FormatTime(from), wsdl.FormatTime(to)
}

func (k *ruleChecker) sizes(field string, s *wsdl.SizeRangeType) {
	value := fmt.Sprintf("%d to %d", wsdl.Val(s.MinimumSize), wsdl.Val(s.MaximumSize))
	switch {
	case s.MinimumSize == nil && s.MaximumSize == nil:
		k.problem(field, "MissingRangeValue", "", "The range has neither minimum nor maximum.")
	case wsdl.Val(s.MinimumSize) < 0 || wsdl.Val(s.MaximumSize) < 0:
		k.problem(field, "SizeLessThanZero", value, "A size is below zero.")
	case s.MaximumSize != nil && wsdl.Val(s.MinimumSize) > *s.MaximumSize:
		k.problem(field, "InvalidSizeRange", value, "The minimum is above the maximum.")
	}
}

func (k *ruleChecker) actions(a *wsdl.RuleActionsType) {
	k.texts("Action:AssignCategories", a.AssignCategories)
	k.folder("Action:CopyToFolder", a.CopyToFolder)
	k.folder("Action:MoveToFolder", a.MoveToFolder)
	k.addresses("Action:ForwardAsAttachmentToRecipients", a.ForwardAsAttachmentToRecipients)
	k.addresses("Action:ForwardToRecipients", a.ForwardToRecipients)
	k.addresses("Action:RedirectToRecipients", a.RedirectToRecipients)
	k.addresses("Action:SendSMSAlertToRecipients", a.SendSMSAlertToRecipients)
	if m := a.ServerReplyWithMessage; m != nil && wsdl.Str(m.Id) == "" {
		k.problem("Action:ServerReplyWithMessage", "EmptyValueFound", "", "The id of the message is missing.")
	}
}

func (k *ruleChecker) folder(field string, f *wsdl.RuleFolderType) {
	if f != nil && (f.FolderId == nil || wsdl.Str(f.FolderId.Id) == "") && (f.DistinguishedFolderId == nil || wsdl.Str(f.DistinguishedFolderId.Id) == "") {
		k.problem(field, "InvalidFolderId", "", "The folder is missing.")
	}
}

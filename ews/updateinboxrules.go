package ews

import (
	"context"
	"fmt"
	"strings"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// RulesError is a refusal of changes to the inbox rules, none of which was
// made. It wraps the *Error with the server's answer.
type RulesError struct {
	// Problems are in the order in which the server told them.
	Problems []mailbox.RuleProblem
	// Err is an *Error.
	Err error
}

// Error tells the fields and codes, not the values.
func (e *RulesError) Error() string {
	var b strings.Builder
	b.WriteString(e.Err.Error())
	for i, p := range e.Problems {
		sep := "; "
		if i == 0 {
			sep = ": "
		}
		fmt.Fprintf(&b, "%schange %d: %s: %s", sep, p.Operation+1, p.Field, p.Code)
	}
	return b.String()
}

// Unwrap returns the *Error.
func (e *RulesError) Unwrap() error { return e.Err }

// RuleProblems returns the problems that the server found.
func (e *RulesError) RuleProblems() []mailbox.RuleProblem { return e.Problems }

// Hint says what to do about the first of the problems that has a remedy.
func (e *RulesError) Hint() string {
	for _, p := range e.Problems {
		if hint := ruleHints[p.Code]; hint != "" {
			return hint
		}
	}
	return ""
}

// ruleHints are remedies for the codes of [MS-OXWSRULES] 2.2.5.4 that do not
// tell theirs.
var ruleHints = map[string]string{
	"DuplicatedPriority":               "give each of the changed rules a priority of its own",
	"DuplicatedOperationOnTheSameRule": "change a rule once in a batch",
	"FolderDoesNotExist":               "list the folders to find the name or id; it must be a folder of the same mailbox",
	"InvalidFolderId":                  "list the folders to find the name or id; it must be a folder of the same mailbox",
	"RecipientDoesNotExist":            "check the address; Get-Recipient must find it, or it must be an SMTP address elsewhere",
	"RuleNotFound":                     "get the rules anew: ids change when Outlook writes its rules",
	"UnsupportedRule":                  "this rule can be changed in Outlook alone; it can be deleted here",
}

// UpdateInboxRules changes inbox rules, all of the changes or none
// ([MS-OXWSRULES] 3.1.4.2). Where the server finds them wrong the error is a
// *RulesError. A rule that is to be set is read first: one of which a part
// would be lost is refused with mailbox.ErrUnsupported, and nothing is sent.
// To learn the ids of new rules, get them anew.
func (m *Mailbox) UpdateInboxRules(ctx context.Context, changes mailbox.RuleChanges) error {
	const operation = "UpdateInboxRules"
	if err := m.checkRules(ctx, changes.Operations); err != nil {
		return err
	}
	list := new(wsdl.RuleOperationList)
	for i, o := range changes.Operations {
		written := wsdl.RuleOperation{Kind: wsdl.DeleteRuleOperation, Delete: &wsdl.RuleDeleteType{RuleId: wsdl.NewText(o.Rule.ID)}}
		if o.Kind != mailbox.DeleteRule {
			rule, err := m.writeRule(ctx, o.Rule)
			if err != nil {
				return fmt.Errorf("change %d of %d to the inbox rules: %w", i+1, len(changes.Operations), err)
			}
			written = wsdl.RuleOperation{Kind: wsdl.CreateRuleOperation, Write: &wsdl.RuleWriteType{Rule: rule}}
			if o.Kind == mailbox.SetRule {
				written.Kind = wsdl.SetRuleOperation
			}
		}
		list.Operations = append(list.Operations, written)
	}
	var resp wsdl.UpdateInboxRulesResponse
	meta, err := m.do(ctx, operation, &wsdl.UpdateInboxRules{
		MailboxSmtpAddress: m.rulesOf(), RemoveOutlookRuleBlob: wsdl.Ptr(wsdl.Bool(changes.RemoveOutlookBlob)), Operations: list,
	}, &resp, nil)
	if err != nil {
		return unknownOutcome(err)
	}
	status := resp.Status()
	if status.OK() {
		return nil
	}
	refusal := unknownOutcome(m.refused(operation, status, meta))
	problems := ruleProblems(resp.RuleOperationErrors)
	if len(problems) == 0 {
		return refusal
	}
	return &RulesError{Problems: problems, Err: missingRule(refusal, problems)}
}

// checkRules refuses changes that cannot be made, before anything is written.
func (m *Mailbox) checkRules(ctx context.Context, operations []mailbox.RuleOperation) error {
	const operation = "UpdateInboxRules"
	if len(operations) == 0 {
		return m.invalid(operation, "there is nothing to change")
	}
	sets := false
	for i, o := range operations {
		switch {
		case o.Kind != mailbox.CreateRule && o.Kind != mailbox.SetRule && o.Kind != mailbox.DeleteRule:
			return m.invalid(operation, "change %d is of the unknown kind %q", i+1, string(o.Kind))
		case o.Kind == mailbox.CreateRule && o.Rule.ID != "":
			return m.invalid(operation, "the new rule %q has an id already", o.Rule.Name)
		case o.Kind != mailbox.CreateRule && o.Rule.ID == "":
			return m.invalid(operation, "change %d names no rule: its id is empty", i+1)
		case o.Kind != mailbox.DeleteRule:
			if err := m.losing(o.Rule, o.Rule.Name); err != nil {
				return err
			}
		}
		sets = sets || o.Kind == mailbox.SetRule
	}
	if !sets {
		return nil
	}
	// The caller's copy need not show what the rule has by now.
	current, err := m.InboxRules(ctx)
	if err != nil {
		return err
	}
	byID := map[string]mailbox.Rule{}
	for _, r := range current.Rules {
		byID[r.ID] = r
	}
	for _, o := range operations {
		if o.Kind != mailbox.SetRule {
			continue
		}
		r, there := byID[o.Rule.ID]
		if !there {
			return m.notFound(operation, "there is no inbox rule with the id of %q", o.Rule.Name)
		}
		if err := m.losing(r, r.Name); err != nil {
			return err
		}
	}
	return nil
}

// losing is an error where a rule has parts that writing it would lose.
func (m *Mailbox) losing(r mailbox.Rule, name string) error {
	var why string
	switch {
	case len(r.Unknown) > 0:
		why = "it has what this version does not know (" + clip(strings.Join(r.Unknown, ", "), 200) + ")"
	case r.NotSupported:
		why = "Exchange says that it has parts which EWS cannot carry"
	default:
		return nil
	}
	return &Error{Operation: "UpdateInboxRules", Mailbox: m.address, Access: m.access, kind: mailbox.ErrUnsupported,
		Text: fmt.Sprintf("the inbox rule %q cannot be changed here without loss: %s. Change it in Outlook, or delete it and make another. Nothing was sent", name, why)}
}

// missingRule makes the error one of mailbox.ErrNotFound where the rules that
// were named are what is missing.
func missingRule(err error, problems []mailbox.RuleProblem) error {
	for _, p := range problems {
		if p.Code != "RuleNotFound" {
			return err
		}
	}
	if e, ok := err.(*Error); ok {
		e.kind = mailbox.ErrNotFound
	}
	return err
}

func ruleProblems(list *wsdl.RuleOperationErrorsType) []mailbox.RuleProblem {
	if list == nil {
		return nil
	}
	var out []mailbox.RuleProblem
	for _, o := range list.RuleOperationError {
		if o.ValidationErrors == nil {
			continue
		}
		for _, e := range o.ValidationErrors.Error {
			out = append(out, mailbox.RuleProblem{Operation: int(wsdl.Val(o.OperationIndex)), Field: wsdl.Str(e.FieldURI), Code: wsdl.Str(e.ErrorCode),
				Text: wsdl.Str(e.ErrorMessage), Value: wsdl.Str(e.FieldValue)})
		}
	}
	return out
}

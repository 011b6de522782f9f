package ewsserver

import (
	"context"
	"strings"

	"github.com/exconn/exconn/wsdl"
)

// RuleKeeper is what a Session also implements that keeps inbox rules.
type RuleKeeper interface {
	// InboxRules returns the rules of a mailbox in the order in which they are
	// looked at, and whether Outlook keeps rules of its own there. An empty
	// mailbox is the caller's. Errors: ErrorAccessDenied,
	// ErrorNonExistentMailbox.
	InboxRules(ctx context.Context, mailbox string) (rules []*wsdl.RuleType, outlook bool, err error)
	// UpdateInboxRules makes changes, all of them or none; this package has
	// looked at what each says for itself. removeOutlook throws away the rules
	// that Outlook keeps. A problem with what a change names (a folder, a
	// recipient, a rule) is told in the list, and none is made then. Errors: as
	// InboxRules, and ErrorOutlookRuleBlobExists.
	UpdateInboxRules(ctx context.Context, mailbox string, changes []wsdl.RuleOperation, removeOutlook bool) ([]RuleProblem, error)
}

// RuleProblem is what is wrong with one change to the rules.
type RuleProblem struct {
	Change int    // its place, from 0
	Field  string // of RuleFieldURIType, such as "Action:MoveToFolder"
	Code   string // of RuleValidationErrorCodeType, such as "FolderDoesNotExist"
	Text   string
	Value  string
}

// getInboxRules answers GetInboxRules ([MS-OXWSRULES] 3.1.4.1).
func (c *call) getInboxRules(ctx context.Context, req *wsdl.GetInboxRules) (*wsdl.GetInboxRulesResponse, error) {
	keeper, err := ability[RuleKeeper](c)
	if err != nil {
		return nil, err
	}
	rules, outlook, err := keeper.InboxRules(ctx, strings.TrimSpace(wsdl.Str(req.MailboxSmtpAddress)))
	o, err := c.outcome(ctx, err)
	if err != nil {
		return nil, err
	}
	answer := &wsdl.GetInboxRulesResponse{ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml}
	if *o.code != wsdl.Text(NoError) {
		return answer, nil
	}
	answer.OutlookRuleBlobExists = wsdl.Ptr(wsdl.Bool(outlook))
	answer.InboxRules = new(wsdl.InboxRulesType)
	for _, r := range rules {
		answer.InboxRules.Rule = append(answer.InboxRules.Rule, &wsdl.Rule{
			RuleId: r.RuleId, DisplayName: r.DisplayName, Priority: r.Priority, IsEnabled: r.IsEnabled,
			IsNotSupported: r.IsNotSupported, IsInError: r.IsInError,
			Conditions: r.Conditions, Exceptions: r.Exceptions, Actions: r.Actions,
		})
	}
	return answer, nil
}

// updateInboxRules answers UpdateInboxRules ([MS-OXWSRULES] 3.1.4.2): the
// changes are made together, or the answer says what is wrong with which.
func (c *call) updateInboxRules(ctx context.Context, req *wsdl.UpdateInboxRules) (*wsdl.UpdateInboxRulesResponse, error) {
	keeper, err := ability[RuleKeeper](c)
	if err != nil {
		return nil, err
	}
	if req.Operations == nil || len(req.Operations.Operations) == 0 {
		return nil, invalid("Operations is missing or empty.")
	}
	problems, err := c.checkRules(req.Operations.Operations)
	if err != nil {
		return nil, err
	}
	if len(problems) == 0 {
		problems, err = keeper.UpdateInboxRules(ctx, strings.TrimSpace(wsdl.Str(req.MailboxSmtpAddress)),
			req.Operations.Operations, bool(wsdl.Val(req.RemoveOutlookRuleBlob)))
	}
	if err == nil && len(problems) > 0 {
		err = &Error{Code: ErrorInboxRulesValidationError}
	}
	o, err := c.outcome(ctx, err)
	if err != nil {
		return nil, err
	}
	return &wsdl.UpdateInboxRulesResponse{ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml,
		RuleOperationErrors: ruleErrors(problems)}, nil
}

// ruleErrors groups the problems by the change that has them; nil for none.
func ruleErrors(problems []RuleProblem) *wsdl.RuleOperationErrorsType {
	if len(problems) == 0 {
		return nil
	}
	out := new(wsdl.RuleOperationErrorsType)
	byChange := map[int]*wsdl.RuleOperationError{}
	for _, p := range problems {
		group := byChange[p.Change]
		if group == nil {
			group = &wsdl.RuleOperationError{OperationIndex: wsdl.Ptr(wsdl.Int32(p.Change)), ValidationErrors: new(wsdl.RuleValidationErrorsType)}
			byChange[p.Change] = group
			out.RuleOperationError = append(out.RuleOperationError, group)
		}
		group.ValidationErrors.Error = append(group.ValidationErrors.Error, &wsdl.RuleValidationErrorType{
			FieldURI: wsdl.Ptr(wsdl.Text(p.Field)), ErrorCode: wsdl.Ptr(wsdl.Text(p.Code)),
			ErrorMessage: wsdl.Ptr(wsdl.Text(p.Text)), FieldValue: wsdl.Ptr(wsdl.Text(p.Value)),
		})
	}
	return out
}

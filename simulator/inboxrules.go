package simulator

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

var _ ewsserver.RuleKeeper = (*session)(nil)

// rulesMailbox finds a mailbox whose rules the caller may handle: his own, or
// one that he has full access to.
func (s *session) rulesMailbox(address string) (*mbox, error) {
	if address == "" {
		return s.who, nil
	}
	mb, err := s.mailbox(address)
	if err != nil {
		return nil, err
	}
	if mb != s.who && !mb.fullAccess[lower(s.who.address)] {
		return nil, fail(ewsserver.ErrorAccessDenied)
	}
	return mb, nil
}

// InboxRules implements ewsserver.RuleKeeper. A rule whose folder is gone is in
// error.
func (s *session) InboxRules(_ context.Context, address string) ([]*wsdl.RuleType, bool, error) {
	s.st.mu.RLock()
	defer s.st.mu.RUnlock()
	mb, err := s.rulesMailbox(address)
	if err != nil {
		return nil, false, err
	}
	var out []*wsdl.RuleType
	for i, r := range mb.rules {
		told := *r
		told.Priority = wsdl.Ptr(wsdl.Int32(i + 1))
		told.IsInError = wsdl.Ptr(wsdl.Bool(mb.isBroken(r)))
		told.IsNotSupported = wsdl.Ptr(wsdl.Bool(bool(wsdl.Val(r.IsNotSupported))))
		out = append(out, &told)
	}
	return out, mb.outlookRules, nil
}

// isBroken tells whether a folder of a rule is gone.
func (mb *mbox) isBroken(r *wsdl.RuleType) bool {
	if r.Actions == nil {
		return false
	}
	for _, f := range []*wsdl.RuleFolderType{r.Actions.MoveToFolder, r.Actions.CopyToFolder} {
		if f != nil && mb.ruleFolder(f) == nil {
			return true
		}
	}
	return false
}

// ruleFolder finds a folder that a rule names; nil where there is none in this
// mailbox.
func (mb *mbox) ruleFolder(f *wsdl.RuleFolderType) *folder {
	switch {
	case f == nil:
	case f.FolderId != nil:
		raw, _ := decodeID(wsdl.Str(f.FolderId.Id))
		if found := mb.st.folder(raw); found != nil && found.mbox == mb {
			return found
		}
	case f.DistinguishedFolderId != nil:
		return mb.known(strings.ToLower(wsdl.Str(f.DistinguishedFolderId.Id)))
	}
	return nil
}

// UpdateInboxRules implements ewsserver.RuleKeeper. A rule goes to the place
// that its priority says, counted when its turn comes; the others move on.
func (s *session) UpdateInboxRules(_ context.Context, address string, changes []wsdl.RuleOperation, removeOutlook bool) ([]ewsserver.RuleProblem, error) {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	mb, err := s.rulesMailbox(address)
	if err != nil {
		return nil, err
	}
	if mb.outlookRules && !removeOutlook {
		return nil, fail(ewsserver.ErrorOutlookRuleBlobExists)
	}
	u := &ruleUpdate{mb: mb, rules: slices.Clone(mb.rules)}
	for i, o := range changes {
		u.change = i
		switch o.Kind {
		case wsdl.CreateRuleOperation:
			r := *o.Write.Rule
			r.RuleId = text(base64.StdEncoding.EncodeToString(append([]byte{1, 0, 0, 0}, s.st.random(4)...)))
			u.insert(&r)
		case wsdl.SetRuleOperation:
			if old := u.take(wsdl.Str(o.Write.Rule.RuleId)); old != nil {
				if bool(wsdl.Val(old.IsNotSupported)) {
					u.problem("RuleId", "UnsupportedRule", wsdl.Str(old.RuleId), "This rule can be changed in Outlook alone.")
				}
				r := *o.Write.Rule
				u.insert(&r)
			}
		case wsdl.DeleteRuleOperation:
			u.take(wsdl.Str(o.Delete.RuleId))
		}
	}
	if len(u.problems) > 0 {
		return u.problems, nil
	}
	mb.rules, mb.outlookRules = u.rules, false
	s.st.keep(mb)
	return nil, nil
}

// ruleUpdate is a mailbox's rules while they are being changed.
type ruleUpdate struct {
	mb       *mbox
	rules    []*wsdl.RuleType
	change   int
	problems []ewsserver.RuleProblem
}

func (u *ruleUpdate) problem(field, code, value, explanation string) {
	u.problems = append(u.problems, ewsserver.RuleProblem{Change: u.change, Field: field, Code: code, Text: explanation, Value: value})
}

// take takes a rule out, or notes that it is not there.
func (u *ruleUpdate) take(id string) *wsdl.RuleType {
	for i, r := range u.rules {
		if wsdl.Str(r.RuleId) == id {
			u.rules = slices.Delete(slices.Clone(u.rules), i, i+1)
			return r
		}
	}
	u.problem("RuleId", "RuleNotFound", id, "There is no such rule.")
	return nil
}

// insert checks what a rule names, and puts it into its place.
func (u *ruleUpdate) insert(r *wsdl.RuleType) {
	if r.Actions != nil {
		a := *r.Actions
		a.MoveToFolder = u.folder("Action:MoveToFolder", a.MoveToFolder)
		a.CopyToFolder = u.folder("Action:CopyToFolder", a.CopyToFolder)
		u.recipients("Action:ForwardToRecipients", a.ForwardToRecipients)
		u.recipients("Action:ForwardAsAttachmentToRecipients", a.ForwardAsAttachmentToRecipients)
		u.recipients("Action:RedirectToRecipients", a.RedirectToRecipients)
		if m := a.ServerReplyWithMessage; m != nil && u.mb.template(m) == nil {
			u.problem("Action:ServerReplyWithMessage", "InvalidValue", wsdl.Str(m.Id), "There is no such message in this mailbox.")
		}
		r.Actions = &a
	}
	at := min(int(wsdl.Val(r.Priority))-1, len(u.rules))
	u.rules = slices.Insert(u.rules, at, r)
}

// folder returns the folder of an action by its id, as the answer to
// GetInboxRules names it.
func (u *ruleUpdate) folder(field string, f *wsdl.RuleFolderType) *wsdl.RuleFolderType {
	if f == nil {
		return nil
	}
	found := u.mb.ruleFolder(f)
	if found == nil {
		value := ""
		if f.FolderId != nil {
			value = wsdl.Str(f.FolderId.Id)
		} else if f.DistinguishedFolderId != nil {
			value = wsdl.Str(f.DistinguishedFolderId.Id)
		}
		u.problem(field, "FolderDoesNotExist", value, "There is no such folder in this mailbox.")
		return f
	}
	return &wsdl.RuleFolderType{FolderId: found.id()}
}

// recipients refuses addresses of the organisation that nobody has. Whether one
// elsewhere exists only sending to it can tell.
func (u *ruleUpdate) recipients(field string, list *wsdl.AddressesType) {
	if list == nil {
		return
	}
	for _, p := range list.Address {
		a := address(p)
		_, domain, _ := strings.Cut(a, "@")
		if domain == u.mb.tenant.domain && u.mb.st.byAddress[a] == nil && u.mb.st.groups[a] == nil {
			u.problem(field, "RecipientDoesNotExist", wsdl.Str(p.EmailAddress), "Nobody in the organisation has this address.")
		}
	}
}

// template finds the message that a rule replies with.
func (mb *mbox) template(id *wsdl.ItemIdType) *item {
	raw, _ := decodeID(wsdl.Str(id.Id))
	if it := mb.st.item(raw); it != nil && it.folder.mbox == mb {
		return it
	}
	return nil
}

// OutlookRules makes a mailbox as Outlook leaves it: with rules that only
// Outlook can read where blob is true, and with rules of these names that are
// told of and can be deleted, but not changed, because EWS cannot carry all of
// them.
func (s *Simulator) OutlookRules(address string, blob bool, names ...string) error {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	mb := s.state.byAddress[lower(address)]
	if mb == nil {
		return fmt.Errorf("there is no mailbox %s", address)
	}
	mb.outlookRules = blob
	s.state.keep(mb)
	for _, name := range names {
		mb.rules = append(slices.Clone(mb.rules), &wsdl.RuleType{
			RuleId: text(base64.StdEncoding.EncodeToString(append([]byte{1, 0, 0, 0}, s.state.random(4)...))), DisplayName: text(name),
			IsEnabled: wsdl.Ptr(wsdl.Bool(true)), IsNotSupported: wsdl.Ptr(wsdl.Bool(true)),
		})
	}
	return nil
}

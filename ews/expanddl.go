package ews

import (
	"context"
	"strings"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// maxLists bounds how many lists ExpandList looks into.
const maxLists = 1000

// ExpandDL returns the members of one distribution list: of a group of the
// directory by its address, of a list in the contacts by its ID. Lists within it
// are members themselves; see ExpandList. An address that is no list is
// mailbox.ErrNotFound.
func (m *Mailbox) ExpandDL(ctx context.Context, list mailbox.Member) ([]mailbox.Member, error) {
	const operation = "ExpandDL"
	req := &wsdl.ExpandDL{Mailbox: new(wsdl.MailboxAddress)}
	switch {
	case list.ID != "":
		req.Mailbox.ItemId = &wsdl.ItemId{Id: wsdl.NewText(list.ID)}
	case strings.Contains(list.Address, "@"):
		req.Mailbox = mailboxAddress(list.Address)
	default:
		return nil, m.invalid(operation, "the list %q has neither an SMTP address nor an id", list.Name)
	}
	msg, err := ask[wsdl.ExpandDLResponseMessageType](ctx, m, operation, req)
	if err != nil {
		return nil, err
	}
	if msg.DLExpansion == nil {
		return nil, nil
	}
	var members []mailbox.Member
	for _, each := range msg.DLExpansion.Mailbox {
		members = append(members, memberOf(as[wsdl.EmailAddressType](each)))
	}
	return members, nil
}

// ExpandList returns everybody behind a list, those of the lists within it too,
// each once, in the order in which they are found. Lists that are in each other
// are looked into once. A list within that cannot be looked into, because it is
// hidden or elsewhere, is returned as a member itself.
func (m *Mailbox) ExpandList(ctx context.Context, list mailbox.Member) ([]mailbox.Member, error) {
	key := func(member mailbox.Member) string {
		if member.Address != "" {
			return strings.ToLower(strings.TrimSpace(member.Address))
		}
		return "id " + member.ID
	}
	seen := map[string]bool{key(list): true}
	var out []mailbox.Member
	queue := []mailbox.Member{list}
	for looked := 0; len(queue) > 0; looked++ {
		if looked == maxLists {
			return out, m.incomplete("ExpandDL", "the end of the list: there are more lists in it than can be looked into")
		}
		next := queue[0]
		queue = queue[1:]
		members, err := m.ExpandDL(ctx, next)
		if err != nil {
			if looked == 0 || !hiddenList(err) {
				return nil, err
			}
			out = append(out, next)
			continue
		}
		for _, member := range members {
			if k := key(member); !seen[k] {
				seen[k] = true
				if member.IsList() {
					queue = append(queue, member)
				} else {
					out = append(out, member)
				}
			}
		}
	}
	return out, nil
}

// hiddenList tells whether one list cannot be looked into, rather than the
// server be asked at all.
func hiddenList(err error) bool {
	switch mailbox.Code(err) {
	case "ErrorNameResolutionNoResults", "ErrorItemNotFound", "ErrorAccessDenied", "ErrorNameResolutionNoMailbox":
		return true
	}
	return false
}

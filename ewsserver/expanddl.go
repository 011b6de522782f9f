package ewsserver

import (
	"context"
	"strings"

	"github.com/exconn/exconn/wsdl"
)

// ListRef names a distribution list: by its address, or by the id of one that
// somebody keeps among the contacts.
type ListRef struct {
	Address string
	Item    *ItemRef
}

// ListExpander is a Session that knows who is in distribution lists.
type ListExpander interface {
	// Expand returns the members of a list, lists within it as members
	// themselves. Errors: ErrorNameResolutionNoResults (there is no such
	// list), ErrorItemNotFound.
	Expand(ctx context.Context, list ListRef) ([]*wsdl.EmailAddressType, error)
}

// expandDL answers ExpandDL ([MS-OXWSDLIST] 3.1.4.1): one level of a list.
func (c *call) expandDL(ctx context.Context, req *wsdl.ExpandDL) (*wsdl.ExpandDLResponse, error) {
	able, err := ability[ListExpander](c)
	if err != nil {
		return nil, err
	}
	list, err := listRef(req.Mailbox)
	if err != nil {
		return nil, err
	}
	members, err := able.Expand(ctx, list)
	o, err := c.outcome(ctx, err)
	if err != nil {
		return nil, err
	}
	answer := &wsdl.ExpandDLResponseMessageType{ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml}
	if answer.Status().OK() {
		expansion := &wsdl.DLExpansionType{
			TotalItemsInView:        wsdl.Ptr(wsdl.Int32(len(members))),
			IncludesLastItemInRange: wsdl.Ptr(wsdl.Bool(true)),
		}
		for _, m := range members {
			expansion.Mailbox = append(expansion.Mailbox, &wsdl.Mailbox{Name: m.Name, EmailAddress: m.EmailAddress,
				RoutingType: m.RoutingType, MailboxType: m.MailboxType, ItemId: m.ItemId})
		}
		answer.DLExpansion = expansion
	}
	return &wsdl.ExpandDLResponse{ResponseMessages: &wsdl.ArrayOfExpandDLResponseMessages{
		ExpandDLResponseMessage: []*wsdl.ExpandDLResponseMessageType{answer}}}, nil
}

func listRef(m *wsdl.MailboxAddress) (ListRef, error) {
	switch {
	case m == nil:
		return ListRef{}, invalid("Mailbox is missing.")
	case m.ItemId != nil:
		ref, err := itemRef(&wsdl.ItemIdType{Id: m.ItemId.Id, ChangeKey: m.ItemId.ChangeKey})
		return ListRef{Item: &ref}, err
	case m.EmailAddress == nil || strings.TrimSpace(wsdl.Str(m.EmailAddress.Value)) == "":
		return ListRef{}, &Error{Code: ErrorMissingInformationEmailAddress}
	}
	return ListRef{Address: strings.TrimSpace(wsdl.Str(m.EmailAddress.Value))}, nil
}

package ews

import (
	"context"
	"errors"
	"iter"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// DistributionLists pages through the lists that are kept in a folder of
// contacts, by name, without their members. Iteration ends at the first error.
// An empty folder is the contacts.
func (m *Mailbox) DistributionLists(ctx context.Context, folder mailbox.FolderRef) iter.Seq2[mailbox.DistributionList, error] {
	return func(yield func(mailbox.DistributionList, error) bool) {
		req, err := m.personalSearch(ctx, folder, mailbox.Contacts, "contacts:DisplayName", 0, []Restriction{personalClass("IPM.DistList")})
		if err == nil {
			req.ItemShape = itemShape(listListFields...)
			err = listPersonal(ctx, m, req, 0, nil, func(item any) (mailbox.DistributionList, string) {
				l, ok := item.(*wsdl.DistributionListType)
				if !ok {
					return mailbox.DistributionList{}, ""
				}
				out := distributionListOf(l)
				return out, out.ID
			}, yield)
		}
		if err != nil && !errors.Is(err, errStopped) {
			yield(mailbox.DistributionList{}, err)
		}
	}
}

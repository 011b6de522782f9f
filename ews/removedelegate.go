package ews

import (
	"context"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// RemoveDelegates takes delegates the rights that came with it: those in the
// default folders, and that to send on the owner's behalf ([MS-OXWSDLGM]
// 3.1.4.3).
func (m *Mailbox) RemoveDelegates(ctx context.Context, addresses ...string) ([]mailbox.Delegate, error) {
	const operation = "RemoveDelegate"
	if len(addresses) == 0 {
		return nil, m.invalid(operation, "there is no delegate to remove")
	}
	if err := m.checkDelegates(operation, addresses); err != nil {
		return nil, err
	}
	var resp wsdl.RemoveDelegateResponse
	meta, err := m.do(ctx, operation, &wsdl.RemoveDelegate{Mailbox: mailboxAddress(m.address), UserIds: userIDs(addresses)}, &resp, nil)
	if err != nil {
		return nil, unknownOutcome(err)
	}
	if st := resp.Status(); !st.OK() {
		return nil, unknownOutcome(m.refused(operation, st, meta))
	}
	return m.delegateResults(operation, resp.ResponseMessages, addresses, meta)
}

package ews

import (
	"context"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// RoomLists returns the lists of rooms that the organisation keeps, such as one
// for each building ([MS-OXWSGTRM]). An admin makes them (New-DistributionGroup
// -RoomList); where there are none, the result is empty.
func (m *Mailbox) RoomLists(ctx context.Context) ([]mailbox.Person, error) {
	const operation = "GetRoomLists"
	var resp wsdl.GetRoomListsResponse
	meta, err := m.do(ctx, operation, &wsdl.GetRoomLists{}, &resp, nil)
	if err != nil {
		return nil, err
	}
	if st := resp.Status(); !st.OK() {
		return nil, m.refused(operation, st, meta)
	}
	lists := []mailbox.Person{}
	if resp.RoomLists != nil {
		for _, a := range resp.RoomLists.Address {
			if p := person(as[wsdl.EmailAddressType](a)); p != nil {
				lists = append(lists, *p)
			}
		}
	}
	return lists, nil
}

package ews

import (
	"context"
	"strings"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// Rooms returns the rooms of a list, by the address that RoomLists gives
// ([MS-OXWSGTRM]). A list that is unknown, or empty, is mailbox.ErrNotFound.
func (m *Mailbox) Rooms(ctx context.Context, list string) ([]mailbox.Person, error) {
	const operation = "GetRooms"
	if !strings.Contains(list, "@") {
		return nil, m.invalid(operation, "the list of rooms %q has no SMTP address", list)
	}
	var resp wsdl.GetRoomsResponse
	meta, err := m.do(ctx, operation, &wsdl.GetRooms{RoomList: mailboxAddress(list)}, &resp, nil)
	if err != nil {
		return nil, err
	}
	if st := resp.Status(); !st.OK() {
		return nil, m.refused(operation, st, meta)
	}
	rooms := []mailbox.Person{}
	if resp.Rooms != nil {
		for _, r := range resp.Rooms.Room {
			if p := person(r.Id); p != nil {
				rooms = append(rooms, *p)
			}
		}
	}
	return rooms, nil
}

// mailboxAddress is an address where its element lies in the namespace of
// messages.
func mailboxAddress(address string) *wsdl.MailboxAddress {
	return &wsdl.MailboxAddress{EmailAddress: &wsdl.EmailAddress{Value: wsdl.NewText(strings.TrimSpace(address))}}
}

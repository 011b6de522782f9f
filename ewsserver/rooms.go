package ewsserver

import (
	"context"
	"strings"

	"github.com/exconn/exconn/wsdl"
)

// RoomFinder is what a Session also implements that knows rooms.
type RoomFinder interface {
	// RoomLists returns the addresses of the organisation's lists of rooms.
	RoomLists(ctx context.Context) ([]*wsdl.EmailAddressType, error)
	// Rooms returns the rooms of a list. Errors: ErrorNameResolutionNoResults
	// (there is no such list, or it is empty).
	Rooms(ctx context.Context, list string) ([]*wsdl.EmailAddressType, error)
}

// getRoomLists answers GetRoomLists ([MS-OXWSGTRM] 3.1.4.1).
func (c *call) getRoomLists(ctx context.Context, _ *wsdl.GetRoomLists) (*wsdl.GetRoomListsResponse, error) {
	finder, err := ability[RoomFinder](c)
	if err != nil {
		return nil, err
	}
	lists, err := finder.RoomLists(ctx)
	o, err := c.outcome(ctx, err)
	if err != nil {
		return nil, err
	}
	answer := &wsdl.GetRoomListsResponse{ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml, RoomLists: new(wsdl.RoomListsType)}
	for _, l := range lists {
		answer.RoomLists.Address = append(answer.RoomLists.Address, &wsdl.Address{
			Name: l.Name, EmailAddress: l.EmailAddress, RoutingType: l.RoutingType, MailboxType: l.MailboxType,
		})
	}
	return answer, nil
}

// getRooms answers GetRooms ([MS-OXWSGTRM] 3.1.4.2).
func (c *call) getRooms(ctx context.Context, req *wsdl.GetRooms) (*wsdl.GetRoomsResponse, error) {
	finder, err := ability[RoomFinder](c)
	if err != nil {
		return nil, err
	}
	list := smtpAddress(req.RoomList)
	if list == "" {
		return nil, invalid("RoomList is missing or has no EmailAddress.")
	}
	rooms, err := finder.Rooms(ctx, list)
	o, err := c.outcome(ctx, err)
	if err != nil {
		return nil, err
	}
	answer := &wsdl.GetRoomsResponse{ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml}
	if len(rooms) > 0 {
		answer.Rooms = new(wsdl.RoomsType)
	}
	for _, r := range rooms {
		answer.Rooms.Room = append(answer.Rooms.Room, &wsdl.Room{Id: r})
	}
	return answer, nil
}

// smtpAddress reads an address of the namespace of messages; "" for none.
func smtpAddress(a *wsdl.MailboxAddress) string {
	if a == nil || a.EmailAddress == nil {
		return ""
	}
	return strings.TrimSpace(wsdl.Str(a.EmailAddress.Value))
}

package simulator

import (
	"context"
	"slices"
	"time"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

// A room is a mailbox that nobody signs in to, and that answers for itself: it
// accepts what it has time for and declines the rest, as Exchange's resource
// booking attendant does where it is set to AutoAccept.

// roomLists are all rooms there are, by the lists that hold them.
var roomLists = []struct {
	tenant        Tenant
	name, address string
	rooms         []room
}{
	{Server, "Contoso Headquarters", "rooms-hq@contoso.example", []room{
		{"Board room", "room-board@contoso.example"},
		{"Meeting room 2", "room-2@contoso.example"},
	}},
	{Server, "Contoso Hamburg", "rooms-hamburg@contoso.example", []room{
		{"Harbour view", "room-harbour@contoso.example"},
	}},
	{Online, "Fabrikam Boston", "rooms-boston@fabrikam.example", []room{
		{"Charles", "room-charles@fabrikam.example"},
		{"Mystic", "room-mystic@fabrikam.example"},
	}},
}

type room struct{ name, address string }

// bookingWindow is how far ahead a room looks for conflicts
// (BookingWindowInDays, 180 by default).
const bookingWindow = 180 * 24 * time.Hour

// addRooms adds the rooms of a tenant.
func (st *state) addRooms(t *tenant, zone string) {
	for _, list := range roomLists {
		if list.tenant != t.kind {
			continue
		}
		for _, r := range list.rooms {
			st.addMailbox(t, r.name, r.address, zone).room = true
		}
	}
}

// RoomLists implements ewsserver.RoomFinder.
func (s *session) RoomLists(context.Context) ([]*wsdl.EmailAddressType, error) {
	var all []*wsdl.EmailAddressType
	for _, list := range roomLists {
		if list.tenant == s.who.tenant.kind {
			p := person(list.name, list.address)
			p.MailboxType = text("PublicDL")
			all = append(all, p)
		}
	}
	return all, nil
}

// Rooms implements ewsserver.RoomFinder.
func (s *session) Rooms(_ context.Context, address string) ([]*wsdl.EmailAddressType, error) {
	for _, list := range roomLists {
		if list.tenant != s.who.tenant.kind || lower(list.address) != lower(address) {
			continue
		}
		var all []*wsdl.EmailAddressType
		for _, r := range list.rooms {
			all = append(all, person(r.name, r.address))
		}
		return all, nil
	}
	return nil, fail(ewsserver.ErrorNameResolutionNoResults)
}

// book lets a room answer a meeting request that it has just got.
func (st *state) book(mb *mbox, request *item) {
	s := &session{st: st, who: mb}
	value := request.value.(*wsdl.MeetingRequestMessageType)
	r := ewsserver.MeetingReply{
		Ref: ewsserver.ItemRef{ID: encodeID(request.raw)}, Response: wsdl.ResponseTypeNameAccept,
		Body: html("<p>Your request was accepted.</p>"), Disposition: wsdl.DispositionSendOnly,
	}
	if t, err := s.eventOf(request, value); err == nil && st.taken(mb, t) {
		r.Response = wsdl.ResponseTypeNameDecline
		r.Body = html("<p>Your request was declined because there are conflicts.</p>")
	}
	// A request that cannot be answered, one that is out of date, stays
	// unanswered.
	_, _ = s.respondTo(r)
}

// taken tells whether a room has something else at the time of a meeting, or
// of any of its instances.
func (st *state) taken(mb *mbox, t target) bool {
	c := t.current().(*wsdl.CalendarItemType)
	from, _ := timeOf(c, "Start")
	wanted := []*wsdl.CalendarItemType{c}
	if t.instance == nil {
		wanted = t.item.view(from, from.Add(bookingWindow))
	}
	return slices.ContainsFunc(wanted, func(c *wsdl.CalendarItemType) bool {
		start, _ := timeOf(c, "Start")
		end, _ := timeOf(c, "End")
		for _, other := range mb.known("calendar").items {
			if other == t.item {
				continue
			}
			if slices.ContainsFunc(other.view(start, end), occupied) {
				return true
			}
		}
		return false
	})
}

// occupied tells whether an event takes the time for itself.
func occupied(c *wsdl.CalendarItemType) bool {
	switch wsdl.Val(c.LegacyFreeBusyStatus) {
	case wsdl.FreeBusyNameTentative, wsdl.FreeBusyNameBusy, wsdl.FreeBusyNameOOF:
		return !bool(wsdl.Val(c.IsCancelled))
	}
	return false
}

package ews

import (
	"strings"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// writeRooms writes rooms and equipment, each once; nil for none.
func writeRooms(list []mailbox.Person) *wsdl.AttendeesType {
	var rooms *wsdl.AttendeesType
	seen := map[string]bool{}
	for _, p := range list {
		address := strings.ToLower(strings.TrimSpace(p.Address))
		if seen[address] {
			continue
		}
		seen[address] = true
		if rooms == nil {
			rooms = new(wsdl.AttendeesType)
		}
		rooms.Attendee = append(rooms.Attendee, &wsdl.AttendeeType{Mailbox: emailAddress(p)})
	}
	return rooms
}

// checkRooms refuses a room without an address, as checkAttendees does.
func (m *Mailbox) checkRooms(operation string, list []mailbox.Person) error {
	for _, p := range list {
		if !strings.Contains(p.Address, "@") {
			return m.invalid(operation, "the room %q has no SMTP address", p.String())
		}
	}
	return nil
}

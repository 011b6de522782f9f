package ews

import (
	"context"
	"strings"

	"github.com/exconn/exconn/mailbox/timezone"
	"github.com/exconn/exconn/wsdl"
)

// ServerTimeZone is a time zone that the server knows.
type ServerTimeZone struct {
	// ID is the Windows name, such as "W. Europe Standard Time".
	ID string
	// IANA is the zone's name elsewhere, such as "Europe/Berlin"; "" where
	// there is none.
	IANA string
	// Name is for people, in the server's language.
	Name string
	// Definition holds the rules; nil where only names were asked for.
	Definition *wsdl.TimeZoneDefinition
}

// ServerTimeZones lists the time zones that the server knows ([MS-OXWSGTZ]
// 3.1.4.1, since Exchange 2010): those of the ids, Windows or IANA, or all
// where there is none. An id that the server does not know is left out of the
// answer. full asks for the rules too, which for all zones are a megabyte.
func (m *Mailbox) ServerTimeZones(ctx context.Context, full bool, ids ...string) ([]ServerTimeZone, error) {
	req := &wsdl.GetServerTimeZones{ReturnFullTimeZoneData: wsdl.Ptr(wsdl.Bool(full))}
	for i, id := range ids {
		id = strings.TrimSpace(id)
		if id == "" {
			return nil, m.invalid("GetServerTimeZones", "the time zone id %d of %d is empty", i+1, len(ids))
		}
		if windows, ok := timezone.Windows(id); ok {
			id = windows
		}
		if req.Ids == nil {
			req.Ids = new(wsdl.TimeZoneIdsType)
		}
		req.Ids.Id = append(req.Ids.Id, &wsdl.Id{Value: wsdl.NewText(id)})
	}
	msg, err := ask[wsdl.GetServerTimeZonesResponseMessageType](ctx, m, "GetServerTimeZones", req)
	if err != nil {
		return nil, err
	}
	if msg.TimeZoneDefinitions == nil {
		return nil, m.incomplete("GetServerTimeZones", "the time zones")
	}
	var zones []ServerTimeZone
	for _, d := range msg.TimeZoneDefinitions.TimeZoneDefinition {
		z := ServerTimeZone{ID: wsdl.Str(d.Id), Name: wsdl.Str(d.Name)}
		z.IANA, _ = timezone.IANA(z.ID)
		if full {
			z.Definition = d
		}
		zones = append(zones, z)
	}
	return zones, nil
}

package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// getServerTimeZones answers GetServerTimeZones ([MS-OXWSGTZ] 3.1.4.1):
// those that are asked for, or all. Ids that the server does not know are
// passed over.
func (c *call) getServerTimeZones(ctx context.Context, req *wsdl.GetServerTimeZones) (*wsdl.GetServerTimeZonesResponse, error) {
	zones, err := c.session.TimeZones(ctx)
	o, err := c.outcome(ctx, err)
	if err != nil {
		return nil, err
	}
	var wanted map[string]bool
	if req.Ids != nil {
		wanted = map[string]bool{}
		for _, id := range req.Ids.Id {
			wanted[wsdl.Str(id.Value)] = true
		}
	}
	full := req.ReturnFullTimeZoneData == nil || bool(*req.ReturnFullTimeZoneData)
	list := new(wsdl.TimeZoneDefinitionsType)
	for _, z := range zones {
		if wanted != nil && !wanted[wsdl.Str(z.Id)] {
			continue
		}
		if !full {
			z = &wsdl.TimeZoneDefinition{Id: z.Id, Name: z.Name}
		}
		list.TimeZoneDefinition = append(list.TimeZoneDefinition, z)
	}
	return &wsdl.GetServerTimeZonesResponse{ResponseMessages: &wsdl.ArrayOfGetServerTimeZonesResponseMessages{
		GetServerTimeZonesResponseMessage: []*wsdl.GetServerTimeZonesResponseMessageType{{
			ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml, TimeZoneDefinitions: list}}}}, nil
}

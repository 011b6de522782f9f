package ewsserver

import (
	"context"
	"strings"

	"github.com/exconn/exconn/wsdl"
)

// maxResolutions is how many people Exchange names at most.
const maxResolutions = 100

// resolveNames answers ResolveNames ([MS-OXWSRSLNM] 3.1.4.1). One person is a
// success, several are a warning, nobody is an error.
func (c *call) resolveNames(ctx context.Context, req *wsdl.ResolveNames) (*wsdl.ResolveNamesResponse, error) {
	query := strings.TrimSpace(wsdl.Str(req.UnresolvedEntry))
	if query == "" {
		return nil, invalid("UnresolvedEntry is missing or empty.")
	}
	people, err := c.session.ResolveNames(ctx, query)
	if err == nil && len(people) == 0 {
		err = &Error{Code: ErrorNameResolutionNoResults}
	}
	o, err := c.outcome(ctx, err)
	if err != nil {
		return nil, err
	}
	answer := &wsdl.ResolveNamesResponseMessageType{ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml}
	if total := len(people); total > 0 {
		people = people[:min(total, maxResolutions)]
		set := &wsdl.ResolutionSetType{
			TotalItemsInView:        wsdl.Ptr(wsdl.Int32(len(people))),
			IncludesLastItemInRange: wsdl.Ptr(wsdl.Bool(len(people) == total)),
		}
		for _, p := range people {
			set.Resolution = append(set.Resolution, &wsdl.Resolution{Mailbox: p})
		}
		answer.ResolutionSet = set
		if total > 1 {
			answer.ResponseClass = wsdl.Ptr(wsdl.ResponseClassWarning)
			answer.ResponseCode = wsdl.Ptr(wsdl.Text(ErrorNameResolutionMultipleResults))
			answer.MessageText = wsdl.Ptr(wsdl.Text(texts[ErrorNameResolutionMultipleResults]))
		}
	}
	return &wsdl.ResolveNamesResponse{ResponseMessages: &wsdl.ArrayOfResolveNamesResponseMessages{
		ResolveNamesResponseMessage: []*wsdl.ResolveNamesResponseMessageType{answer}}}, nil
}

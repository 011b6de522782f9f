package ewsserver

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"slices"

	"github.com/exconn/exconn/soap"
	"github.com/exconn/exconn/wsdl"
)

// request is what an envelope asks for.
type request struct {
	operation     string
	body          any
	version       *wsdl.RequestServerVersion
	impersonation *wsdl.ExchangeImpersonation
	timeZone      *wsdl.TimeZoneContext
}

// readRequest reads an envelope. The request is never nil; with an error it
// holds what was read so far. Errors that are to be told to the client are
// *Error; others are the connection's.
func readRequest(r io.Reader) (*request, error) {
	req := new(request)
	stats, err := soap.ReadEnvelope(r, nil, req.header, req.choose)
	var (
		wire     *Error
		tooLarge *http.MaxBytesError
		syntax   *soap.SyntaxError
		not      *soap.NotSOAPError
	)
	switch {
	case err == nil:
	case errors.As(err, &tooLarge):
		return req, err
	case errors.As(err, &wire):
		return req, wire
	case errors.As(err, &syntax), errors.As(err, &not):
		return req, invalid("%v.", err)
	default:
		return req, err
	}
	switch {
	case req.body == nil:
		return req, invalid("the envelope has no request in its body.")
	case stats.BadValues > 0:
		return req, invalid("the request holds a number or a truth value that is none.")
	}
	return req, req.checkVersion()
}

// header gives each header block its place.
func (req *request) header(name xml.Name) any {
	if name.Space != soap.TypesNS {
		return nil
	}
	switch name.Local {
	case "RequestServerVersion":
		req.version = new(wsdl.RequestServerVersion)
		return req.version
	case "ExchangeImpersonation":
		req.impersonation = new(wsdl.ExchangeImpersonation)
		return req.impersonation
	case "TimeZoneContext":
		req.timeZone = new(wsdl.TimeZoneContext)
		return req.timeZone
	}
	return nil
}

// choose gives the request its place.
func (req *request) choose(name xml.Name) (any, error) {
	op, ok := operations[name.Local]
	if !ok || name.Space != soap.MessagesNS {
		e := Errorf(ErrorInvalidRequest, "The request is invalid: this server has no such operation.")
		e.Fault = true
		return nil, e
	}
	req.operation = name.Local
	req.body = op.request()
	return req.body, nil
}

// serverVersions are the schema versions that a client may name. A request
// without one is taken as the oldest would be; here all versions answer alike.
var serverVersions = []wsdl.ServerVersion{
	wsdl.ServerVersionExchange2007, wsdl.ServerVersionExchange2007_SP1, wsdl.ServerVersionExchange2009,
	wsdl.ServerVersionExchange2010, wsdl.ServerVersionExchange2010_SP1, wsdl.ServerVersionExchange2010_SP2,
	wsdl.ServerVersionExchange2012, wsdl.ServerVersionExchange2013, wsdl.ServerVersionExchange2013_SP1,
	wsdl.ServerVersionExchange2015, wsdl.ServerVersionExchange2016,
	wsdl.ServerVersionV2015_10_05, wsdl.ServerVersionV2016_01_06, wsdl.ServerVersionV2016_04_13,
	wsdl.ServerVersionV2016_07_13, wsdl.ServerVersionV2016_10_10, wsdl.ServerVersionV2017_01_07,
	wsdl.ServerVersionV2017_04_14, wsdl.ServerVersionV2017_07_11, wsdl.ServerVersionV2017_10_09,
	wsdl.ServerVersionV2018_01_08,
}

func (req *request) checkVersion() error {
	if req.version == nil || req.version.Version == nil || slices.Contains(serverVersions, *req.version.Version) {
		return nil
	}
	return &Error{Code: ErrorInvalidServerVersion, Fault: true}
}

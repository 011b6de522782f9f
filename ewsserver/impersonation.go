package ewsserver

import (
	"context"
	"strings"

	"github.com/exconn/exconn/wsdl"
)

// actFor honours the ExchangeImpersonation header.
func (h *Handler) actFor(ctx context.Context, req *request, caller Caller) (Caller, error) {
	if req.impersonation == nil {
		if caller.AppOnly {
			return caller, Errorf(ErrorInvalidRequest, "ExchangeImpersonation SOAP header must be present for this type of OAuth token.")
		}
		return caller, nil
	}
	sid, err := connectingSID(req.impersonation.ConnectingSID)
	if err != nil {
		return caller, err
	}
	return h.backend.Impersonate(ctx, caller, sid)
}

// connectingSID reads the header's content. Exchange tells an element that is
// not there from one that is empty.
func connectingSID(s *wsdl.ConnectingSIDType) (ConnectingSID, error) {
	var sid ConnectingSID
	if s == nil {
		return sid, &Error{Code: ErrorInvalidExchangeImpersonationHeaderData}
	}
	for _, each := range []struct {
		from *wsdl.Text
		to   *string
	}{
		{s.PrincipalName, &sid.PrincipalName},
		{s.SID, &sid.SID},
		{s.PrimarySmtpAddress, &sid.PrimarySmtpAddress},
		{s.SmtpAddress, &sid.SmtpAddress},
	} {
		if each.from == nil {
			continue
		}
		value := strings.TrimSpace(string(*each.from))
		if value == "" {
			return sid, &Error{Code: ErrorMissingInformationEmailAddress}
		}
		*each.to = value
		return sid, nil
	}
	return sid, &Error{Code: ErrorInvalidExchangeImpersonationHeaderData}
}

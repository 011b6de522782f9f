package autodiscover

import (
	"cmp"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/exconn/exconn/soap"
)

const (
	poxPath = "/autodiscover/autodiscover.xml"
	// The namespaces of [MS-OXDSCLI] 2.2.1.
	poxRequestNS  = "http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"
	poxResponseNS = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
)

type poxRequest struct {
	XMLName xml.Name `xml:"http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006 Autodiscover"`
	Request struct {
		EMailAddress             string
		AcceptableResponseSchema string
	}
}

type poxResponse struct {
	XMLName  xml.Name `xml:"Autodiscover"`
	Response struct {
		Error *poxError
		User  struct {
			DisplayName             string
			LegacyDN                string
			AutoDiscoverSMTPAddress string
		}
		Account *poxAccount
	}
	// Some servers leave the Response out of an error.
	Error *poxError
}

type poxAccount struct {
	Action       string
	RedirectAddr string
	// The schema says RedirectUrl; RedirectURL has been seen too.
	RedirectUrl string
	RedirectURL string
	Error       *poxError
	Protocol    []poxProtocol
}

type poxProtocol struct {
	Type          string
	ServerVersion string
	MdbDN         string
	ASUrl         string
	EwsUrl        string
	Internal      poxSide
	External      poxSide
}

// poxSide is the Internal or External of the WEB protocol.
type poxSide struct {
	Protocol []struct {
		ASUrl  string
		EwsUrl string
	}
}

type poxError struct {
	ErrorCode string
	Message   string
}

func poxQuestion(u *url.URL) question {
	header := http.Header{}
	header.Set("Content-Type", "text/xml; charset=utf-8")
	header.Set("Accept", "text/xml, application/xml")
	return question{way: POX, method: http.MethodPost, url: u, signed: true, header: header, body: writePOX, read: parsePOX}
}

func writePOX(_ *url.URL, address string) ([]byte, error) {
	request := &poxRequest{}
	request.Request.EMailAddress, request.Request.AcceptableResponseSchema = address, poxResponseNS
	text, err := xml.Marshal(request)
	return append([]byte(`<?xml version="1.0" encoding="utf-8"?>`), text...), err
}

// parsePOX reads an answer of the plain XML service.
func parsePOX(r io.Reader, limit int64) (answer, error) {
	var response poxResponse
	if _, err := soap.Unmarshal(r, &response, &soap.DecodeOptions{MaxBytes: limit}); err != nil {
		var syntax *soap.SyntaxError
		if errors.As(err, &syntax) && syntax.Problem == soap.Unexpected {
			return answer{}, &AnswerError{What: "the answer is XML, but not Autodiscover's"}
		}
		return answer{}, &AnswerError{What: "the answer cannot be read", Err: err}
	}
	account := response.Response.Account
	for _, e := range []*poxError{response.Error, response.Response.Error, account.error()} {
		if e != nil {
			return answer{}, &ServerError{Code: strings.TrimSpace(e.ErrorCode), Text: strings.TrimSpace(e.Message)}
		}
	}
	if account == nil {
		return answer{}, &AnswerError{What: "the answer names no account"}
	}
	switch action := strings.TrimSpace(account.Action); {
	case strings.EqualFold(action, "redirectAddr"):
		return redirectTo(strings.TrimSpace(account.RedirectAddr), "")
	case strings.EqualFold(action, "redirectUrl"):
		to := strings.TrimSpace(account.RedirectUrl)
		if to == "" {
			to = strings.TrimSpace(account.RedirectURL)
		}
		return redirectTo("", to)
	}
	user := &response.Response.User
	s := &Settings{
		SMTPAddress: strings.TrimSpace(user.AutoDiscoverSMTPAddress),
		DisplayName: strings.TrimSpace(user.DisplayName), UserDN: strings.TrimSpace(user.LegacyDN),
	}
	account.into(s)
	return answer{settings: s}, nil
}

func (a *poxAccount) error() *poxError {
	if a == nil {
		return nil
	}
	return a.Error
}

// into takes what is of use from the protocols: EXCH is for inside, EXPR for
// outside, WEB has both, EXHTTP (since Exchange 2013) lists inside before
// outside ([MS-OXDSCLI] 2.2.4.1.1.2.2).
func (a *poxAccount) into(s *Settings) {
	var both []string
	var web struct{ internal, external string }
	for i := range a.Protocol {
		p := &a.Protocol[i]
		to := firstUsable(p.EwsUrl, p.ASUrl)
		switch strings.ToUpper(strings.TrimSpace(p.Type)) {
		case "EXCH":
			s.InternalEWSURL = cmp.Or(s.InternalEWSURL, to)
			s.MailboxDN = cmp.Or(s.MailboxDN, strings.TrimSpace(p.MdbDN))
			if v := packedVersion(p.ServerVersion); s.Version == nil && v != nil {
				s.Version = v
			}
		case "EXPR":
			s.ExternalEWSURL = cmp.Or(s.ExternalEWSURL, to)
		case "EXHTTP":
			if to != "" {
				both = append(both, to)
			}
		case "WEB":
			web.internal, web.external = cmp.Or(web.internal, p.Internal.url()), cmp.Or(web.external, p.External.url())
		}
	}
	s.InternalEWSURL, s.ExternalEWSURL = cmp.Or(s.InternalEWSURL, web.internal), cmp.Or(s.ExternalEWSURL, web.external)
	if len(both) > 0 {
		s.InternalEWSURL, s.ExternalEWSURL = cmp.Or(s.InternalEWSURL, both[0]), cmp.Or(s.ExternalEWSURL, both[len(both)-1])
	}
}

func (side *poxSide) url() string {
	for _, p := range side.Protocol {
		if to := firstUsable(p.EwsUrl, p.ASUrl); to != "" {
			return to
		}
	}
	return ""
}

func firstUsable(a, b string) string { return cmp.Or(usable(a), usable(b)) }

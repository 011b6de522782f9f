package autodiscover

import (
	"encoding/xml"
	"errors"
	"fmt"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/soap"
)

// outlookNS is the one schema of answers that there is ([MS-OXDSCLI] 2.2.1).
const outlookNS = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"

type poxRequest struct {
	XMLName xml.Name `xml:"Autodiscover"`
	Request struct {
		EMailAddress             string
		AcceptableResponseSchema string
	}
}

type poxAnswer struct {
	XMLName  xml.Name `xml:"http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006 Autodiscover"`
	Response any
}

type poxResponse struct {
	XMLName xml.Name `xml:"http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a Response"`
	User    *poxUser
	Account poxAccount
}

type poxUser struct {
	DisplayName             string
	LegacyDN                string `xml:",omitempty"`
	AutoDiscoverSMTPAddress string `xml:",omitempty"`
	DeploymentID            string `xml:"DeploymentId,omitempty"`
}

type poxAccount struct {
	AccountType  string `xml:",omitempty"`
	Action       string
	RedirectAddr string `xml:",omitempty"`
	RedirectURL  string `xml:"RedirectUrl,omitempty"`
	Protocol     []poxProtocol
}

type poxProtocol struct {
	Type          string
	Server        string `xml:",omitempty"`
	ServerVersion string `xml:",omitempty"`
	MdbDN         string `xml:",omitempty"`
	ASUrl         string `xml:",omitempty"`
	EwsURL        string `xml:"EwsUrl,omitempty"`
}

// poxErrorResponse is in another namespace than poxResponse.
type poxErrorResponse struct {
	XMLName xml.Name `xml:"http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006 Response"`
	Error   struct {
		Time      string `xml:",attr"`
		ID        string `xml:"Id,attr"`
		ErrorCode int
		Message   string
		DebugData string
	}
}

func (h *Handler) servePOX(w http.ResponseWriter, r *http.Request, caller ewsserver.Caller) {
	var request poxRequest
	if _, err := soap.Unmarshal(r.Body, &request, &soap.DecodeOptions{MaxBytes: maxRequest}); err != nil {
		h.poxError(w, r, 600, "Invalid Request")
		return
	}
	address := strings.TrimSpace(request.Request.EMailAddress)
	switch schema := strings.TrimSpace(request.Request.AcceptableResponseSchema); {
	case address == "" || schema == "":
		h.poxError(w, r, 600, "Invalid Request")
		return
	case schema != outlookNS:
		h.poxError(w, r, 601, "The response schema is not supported.")
		return
	}
	u, err := h.directory.User(r.Context(), caller, address)
	switch {
	case errors.Is(err, ErrUnknownUser):
		h.poxError(w, r, 500, "The email address can't be found.")
	case err != nil:
		h.opts.Logger.ErrorContext(r.Context(), "the directory failed", "error", err)
		h.poxError(w, r, 603, "The directory failed.")
	default:
		h.failed(r, writeXML(w, &poxAnswer{Response: h.pox(u)}))
	}
}

// pox tells of a user: EXCH for inside, EXPR for outside.
func (h *Handler) pox(u User) *poxResponse {
	switch {
	case u.RedirectAddress != "":
		return &poxResponse{Account: poxAccount{Action: "redirectAddr", RedirectAddr: u.RedirectAddress}}
	case u.RedirectURL != "":
		return &poxResponse{Account: poxAccount{Action: "redirectUrl", RedirectURL: u.RedirectURL + poxPath}}
	}
	response := &poxResponse{
		User:    &poxUser{DisplayName: u.DisplayName, LegacyDN: u.UserDN, AutoDiscoverSMTPAddress: u.SMTPAddress, DeploymentID: u.DeploymentID},
		Account: poxAccount{AccountType: "email", Action: "settings"},
	}
	if u.InternalEWSURL != "" {
		response.Account.Protocol = append(response.Account.Protocol, poxProtocol{Type: "EXCH", Server: u.Server,
			ServerVersion: packed(h.opts.Version), MdbDN: u.MailboxDN, ASUrl: u.InternalEWSURL, EwsURL: u.InternalEWSURL})
	}
	if u.ExternalEWSURL != "" {
		response.Account.Protocol = append(response.Account.Protocol, poxProtocol{Type: "EXPR", Server: u.Server,
			ASUrl: u.ExternalEWSURL, EwsURL: u.ExternalEWSURL})
	}
	return response
}

// packed writes a version in 32 bits, in hexadecimal ([MS-OXDSCLI]
// 2.2.4.1.1.2.2.54): 7 in the highest four, then the major and the minor
// version in six each, a set bit, and the build in 15.
func packed(v ewsserver.Version) string {
	return fmt.Sprintf("%08X", uint32(7)<<28|uint32(v.Major&0x3f)<<22|uint32(v.Minor&0x3f)<<16|1<<15|uint32(v.Build&0x7fff))
}

func (h *Handler) poxError(w http.ResponseWriter, r *http.Request, code int, message string) {
	e := &poxErrorResponse{}
	e.Error.Time = time.Now().UTC().Format("15:04:05.0000000")
	e.Error.ID = strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(h.opts.ServerName))), 10)
	e.Error.ErrorCode, e.Error.Message = code, message
	h.failed(r, writeXML(w, &poxAnswer{Response: e}))
}

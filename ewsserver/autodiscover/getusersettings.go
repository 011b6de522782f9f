package autodiscover

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/soap"
)

const (
	// messagesNS is the namespace of the SOAP service ([MS-OXWSADISC] 2.1).
	messagesNS   = "http://schemas.microsoft.com/exchange/2010/Autodiscover"
	answerAction = messagesNS + "/Autodiscover/GetUserSettingsResponse"
)

// maxUsers is how many users one request may name, as in Exchange.
const maxUsers = 100

type settingsRequest struct {
	Request struct {
		Users struct {
			User []struct{ Mailbox string }
		}
		RequestedSettings struct{ Setting []string }
	}
}

type settingsResponse struct {
	XMLName  xml.Name `xml:"http://schemas.microsoft.com/exchange/2010/Autodiscover GetUserSettingsResponseMessage"`
	Response struct {
		ErrorCode     string
		ErrorMessage  string
		UserResponses *userResponses
	}
}

type userResponses struct{ UserResponse []userResponse }

type userResponse struct {
	ErrorCode         string
	ErrorMessage      string
	RedirectTarget    nillable
	UserSettingErrors struct{ UserSettingError []settingError }
	UserSettings      struct{ UserSetting []userSetting }
}

type nillable struct {
	Nil  string `xml:"http://www.w3.org/2001/XMLSchema-instance nil,attr,omitempty"`
	Text string `xml:",chardata"`
}

type settingError struct {
	ErrorCode    string
	ErrorMessage string
	SettingName  string
}

type userSetting struct {
	Type  string `xml:"http://www.w3.org/2001/XMLSchema-instance type,attr"`
	Name  string
	Value string
}

type actionHeader struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/08/addressing Action"`
	Text    string   `xml:",chardata"`
}

type versionHeader struct {
	XMLName          xml.Name `xml:"http://schemas.microsoft.com/exchange/2010/Autodiscover ServerVersionInfo"`
	MajorVersion     int
	MinorVersion     int
	MajorBuildNumber int
	MinorBuildNumber int
	Version          string
}

// errUnknownOperation is answered with a fault.
var errUnknownOperation = errors.New("there is no such operation here")

func (h *Handler) serveSOAP(w http.ResponseWriter, r *http.Request, caller ewsserver.Caller) {
	var request settingsRequest
	asked := false
	_, err := soap.ReadEnvelope(r.Body, &soap.DecodeOptions{MaxBytes: maxRequest}, nil, func(name xml.Name) (any, error) {
		if name.Space != messagesNS || name.Local != "GetUserSettingsRequestMessage" {
			return nil, errUnknownOperation
		}
		asked = true
		return &request, nil
	})
	switch {
	case errors.Is(err, errUnknownOperation):
		h.fault(w, r, "ActionNotSupported", "The message with that Action cannot be processed at the receiver.")
		return
	case err != nil || !asked:
		h.fault(w, r, "InvalidRequest", "The request is no SOAP envelope of Autodiscover's.")
		return
	}
	response, err := h.settings(r, caller, &request)
	if err != nil {
		h.opts.Logger.ErrorContext(r.Context(), "the directory failed", "error", err)
		response = &settingsResponse{}
		response.Response.ErrorCode, response.Response.ErrorMessage = "InternalServerError", "The directory failed."
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	v := h.opts.Version
	h.failed(r, soap.WriteEnvelope(w, []any{
		&actionHeader{Text: answerAction},
		&versionHeader{MajorVersion: v.Major, MinorVersion: v.Minor, MajorBuildNumber: v.Build, MinorBuildNumber: v.Revision, Version: string(v.Schema)},
	}, response))
}

func (h *Handler) fault(w http.ResponseWriter, r *http.Request, code, text string) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.WriteHeader(http.StatusInternalServerError)
	h.failed(r, soap.WriteFault(w, &soap.Fault{FaultCode: code, FaultString: text}))
}

// settings answers for each user in turn.
func (h *Handler) settings(r *http.Request, caller ewsserver.Caller, request *settingsRequest) (*settingsResponse, error) {
	response := &settingsResponse{}
	answer := &response.Response
	if n := len(request.Request.Users.User); n == 0 || n > maxUsers || len(request.Request.RequestedSettings.Setting) == 0 {
		answer.ErrorCode, answer.ErrorMessage = "InvalidRequest", fmt.Sprintf("Name one to %d users and at least one setting.", maxUsers)
		return response, nil
	}
	answer.ErrorCode, answer.UserResponses = "NoError", &userResponses{}
	for _, u := range request.Request.Users.User {
		user, err := h.directory.User(r.Context(), caller, strings.TrimSpace(u.Mailbox))
		if err != nil && !errors.Is(err, ErrUnknownUser) {
			return nil, err
		}
		answer.UserResponses.UserResponse = append(answer.UserResponses.UserResponse, h.user(user, err == nil, request.Request.RequestedSettings.Setting))
	}
	return response, nil
}

func (h *Handler) user(u User, known bool, names []string) userResponse {
	r := userResponse{RedirectTarget: nillable{Nil: "true"}}
	switch {
	case !known:
		r.ErrorCode, r.ErrorMessage = "InvalidUser", "The user is not known here."
		return r
	case u.RedirectAddress != "":
		r.ErrorCode, r.ErrorMessage, r.RedirectTarget = "RedirectAddress", "Ask about another address.", nillable{Text: u.RedirectAddress}
		return r
	case u.RedirectURL != "":
		r.ErrorCode, r.ErrorMessage, r.RedirectTarget = "RedirectUrl", "Ask another server.", nillable{Text: u.RedirectURL + soapPath}
		return r
	}
	r.ErrorCode, r.ErrorMessage = "NoError", "No error."
	values := h.values(u)
	for _, name := range names {
		name = strings.TrimSpace(name)
		value, ok := values[name]
		switch {
		case !ok:
			r.UserSettingErrors.UserSettingError = append(r.UserSettingErrors.UserSettingError,
				settingError{"InvalidSetting", "There is no such setting here.", name})
		case value == "":
			r.UserSettingErrors.UserSettingError = append(r.UserSettingErrors.UserSettingError,
				settingError{"SettingIsNotAvailable", "The setting is not available for this user.", name})
		default:
			r.UserSettings.UserSetting = append(r.UserSettings.UserSetting, userSetting{"StringSetting", name, value})
		}
	}
	return r
}

// supportedSchemas are the names that Exchange tells in EwsSupportedSchemas.
const supportedSchemas = "Exchange2007, Exchange2007_SP1, Exchange2010, Exchange2010_SP1, Exchange2010_SP2, Exchange2013, Exchange2013_SP1, Exchange2015"

// values are the settings that there are.
func (h *Handler) values(u User) map[string]string {
	v := h.opts.Version
	version := fmt.Sprintf("%02d.%02d.%04d.%03d", v.Major, v.Minor, v.Build, v.Revision)
	return map[string]string{
		"UserDisplayName": u.DisplayName, "UserDN": u.UserDN, "UserDeploymentId": u.DeploymentID, "MailboxDN": u.MailboxDN,
		"AutoDiscoverSMTPAddress": u.SMTPAddress, "InternalMailboxServer": u.Server, "CasVersion": version, "MailboxVersion": version,
		"ExternalEwsUrl": u.ExternalEWSURL, "InternalEwsUrl": u.InternalEWSURL, "ExternalEwsVersion": version, "EwsSupportedSchemas": supportedSchemas,
	}
}

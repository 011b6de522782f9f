package autodiscover

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/soap"
)

const (
	soapPath = "/autodiscover/autodiscover.svc"
	// soapNS is the namespace of the SOAP service ([MS-OXWSADISC] 2.1).
	soapNS       = "http://schemas.microsoft.com/exchange/2010/Autodiscover"
	addressingNS = "http://www.w3.org/2005/08/addressing"
	getAction    = soapNS + "/Autodiscover/GetUserSettings"
)

// requestedSettings are the settings that are asked for ([MS-OXWSADISC]
// 3.1.4.1; the names are those of Microsoft's page Setting (SOAP)).
var requestedSettings = []string{
	"UserDisplayName", "UserDN", "MailboxDN", "AutoDiscoverSMTPAddress",
	"ExternalEwsUrl", "InternalEwsUrl", "EwsSupportedSchemas", "CasVersion",
}

type textBlock struct {
	XMLName xml.Name
	Text    string `xml:",chardata"`
}

type userSettingsRequest struct {
	XMLName xml.Name `xml:"http://schemas.microsoft.com/exchange/2010/Autodiscover GetUserSettingsRequestMessage"`
	Request struct {
		Users struct {
			User struct {
				Mailbox string
			}
		}
		RequestedSettings struct {
			Setting []string
		}
	}
}

type userSettingsResponse struct {
	Response struct {
		ErrorCode     string
		ErrorMessage  string
		UserResponses struct {
			UserResponse []userResponse
		}
	}
}

type userResponse struct {
	ErrorCode      string
	ErrorMessage   string
	RedirectTarget string
	UserSettings   struct {
		UserSetting []struct {
			Name  string
			Value string
		}
	}
}

type serverVersionInfo struct {
	MajorVersion, MinorVersion, MajorBuildNumber, MinorBuildNumber int
	Version                                                        string
}

func soapQuestion(u *url.URL) question {
	header := http.Header{}
	header.Set("Content-Type", "text/xml; charset=utf-8")
	header.Set("Accept", "text/xml")
	header.Set("SOAPAction", `"`+getAction+`"`)
	return question{way: SOAP, method: http.MethodPost, url: u, signed: true, header: header, body: writeUserSettings, read: parseUserSettings}
}

func writeUserSettings(to *url.URL, address string) ([]byte, error) {
	block := func(space, name, text string) any {
		return &textBlock{XMLName: xml.Name{Space: space, Local: name}, Text: text}
	}
	request := &userSettingsRequest{}
	request.Request.Users.User.Mailbox = address
	request.Request.RequestedSettings.Setting = requestedSettings
	var b bytes.Buffer
	err := soap.WriteEnvelope(&b, []any{
		block(soapNS, "RequestedServerVersion", "Exchange2013_SP1"),
		block(addressingNS, "Action", getAction),
		block(addressingNS, "To", to.String()),
	}, request)
	return b.Bytes(), err
}

// parseUserSettings reads the answer to GetUserSettings.
func parseUserSettings(r io.Reader, limit int64) (answer, error) {
	var (
		version  serverVersionInfo
		response userSettingsResponse
		fault    soap.Fault
		faulty   bool
	)
	_, err := soap.ReadEnvelope(r, &soap.DecodeOptions{MaxBytes: limit},
		func(name xml.Name) any {
			if name.Local == "ServerVersionInfo" {
				return &version
			}
			return nil
		},
		func(name xml.Name) (any, error) {
			switch {
			case soap.IsFault(name):
				faulty = true
				return &fault, nil
			case name.Local == "GetUserSettingsResponseMessage":
				return &response, nil
			}
			return nil, &AnswerError{What: "the answer is SOAP, but not Autodiscover's: it holds <" + clip(name.Local, 40) + ">"}
		})
	var other *AnswerError
	var notSOAP *soap.NotSOAPError
	switch {
	case errors.As(err, &other):
		return answer{}, err
	case errors.As(err, &notSOAP):
		return answer{}, &AnswerError{What: "the answer is not SOAP"}
	case err != nil:
		return answer{}, &AnswerError{What: "the answer cannot be read", Err: err}
	case faulty:
		return answer{}, &fault
	}
	return response.answer(version)
}

func (m *userSettingsResponse) answer(version serverVersionInfo) (answer, error) {
	if code := strings.TrimSpace(m.Response.ErrorCode); code != "" && code != "NoError" {
		return answer{}, &ServerError{Code: code, Text: strings.TrimSpace(m.Response.ErrorMessage)}
	}
	if len(m.Response.UserResponses.UserResponse) == 0 {
		return answer{}, &AnswerError{What: "the answer names no user"}
	}
	u := &m.Response.UserResponses.UserResponse[0]
	target := strings.TrimSpace(u.RedirectTarget)
	switch code := strings.TrimSpace(u.ErrorCode); code {
	case "", "NoError":
	case "RedirectAddress":
		return redirectTo(target, "")
	case "RedirectUrl":
		return redirectTo("", target)
	default:
		return answer{}, &ServerError{Code: code, Text: strings.TrimSpace(u.ErrorMessage)}
	}
	all := map[string]string{}
	for _, s := range u.UserSettings.UserSetting {
		if v := strings.TrimSpace(s.Value); v != "" {
			all[strings.TrimSpace(s.Name)] = v
		}
	}
	s := &Settings{
		SMTPAddress: all["AutoDiscoverSMTPAddress"], DisplayName: all["UserDisplayName"],
		UserDN: all["UserDN"], MailboxDN: all["MailboxDN"],
		ExternalEWSURL: all["ExternalEwsUrl"], InternalEWSURL: all["InternalEwsUrl"],
		Version: parseVersion(all["CasVersion"]), All: all,
	}
	if s.Version == nil && version.MajorVersion > 0 {
		s.Version = &ews.ServerVersion{Major: version.MajorVersion, Minor: version.MinorVersion,
			MajorBuild: version.MajorBuildNumber, MinorBuild: version.MinorBuildNumber}
	}
	if s.Version != nil {
		s.Version.Schema = strings.TrimSpace(version.Version)
	}
	for schema := range strings.SplitSeq(all["EwsSupportedSchemas"], ",") {
		if schema = strings.TrimSpace(schema); schema != "" {
			s.SupportedSchemas = append(s.SupportedSchemas, schema)
		}
	}
	return answer{settings: s}, nil
}

// redirectTo is a redirect by the service itself. One of the two is empty.
func redirectTo(address, to string) (answer, error) {
	if address == "" && to == "" {
		return answer{}, &AnswerError{What: "the service redirects, but does not say whither"}
	}
	return answer{address: address, url: to}, nil
}

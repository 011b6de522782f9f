package autodiscover

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/exconn/exconn/ewsserver"
)

// people is a directory by address.
type people map[string]User

func (p people) Authenticate(r *http.Request) (ewsserver.Caller, error) {
	if _, password, _ := r.BasicAuth(); password != "secret" {
		h := http.Header{}
		h.Add("WWW-Authenticate", "NTLM")
		h.Add("WWW-Authenticate", `Basic realm="contoso"`)
		return ewsserver.Caller{}, &ewsserver.AuthError{Status: 401, Header: h}
	}
	return ewsserver.Caller{Mailbox: "svc@contoso.example"}, nil
}

func (p people) User(_ context.Context, _ ewsserver.Caller, address string) (User, error) {
	if address == "broken@contoso.example" {
		return User{}, errors.New("the disk is on fire")
	}
	u, ok := p[strings.ToLower(address)]
	if !ok {
		return User{}, ErrUnknownUser
	}
	return u, nil
}

const ews = "https://mail.contoso.example/EWS/Exchange.asmx"

var contoso = people{
	"anna@contoso.example": {DisplayName: "Anna & Co", SMTPAddress: "anna.a@contoso.example", UserDN: "/o=c/cn=anna", MailboxDN: "/o=c/cn=db",
		ExternalEWSURL: ews, InternalEWSURL: "https://ex1.corp/EWS/Exchange.asmx", Server: "ex1.corp"},
	"moved@contoso.example": {RedirectAddress: "moved@contoso.mail.onmicrosoft.com"},
	"away@contoso.example":  {RedirectURL: "https://branch.contoso.example"},
	"mute@contoso.example":  {DisplayName: "No EWS"},
}

// post sends a body as somebody who has signed in.
func post(t *testing.T, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.SetBasicAuth("svc", "secret")
	w := httptest.NewRecorder()
	NewHandler(contoso, nil).ServeHTTP(w, r)
	if strings.HasPrefix(w.Header().Get("Content-Type"), "text/xml") {
		wellFormed(t, w.Body.String())
	}
	return w
}

func wellFormed(t *testing.T, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatalf("%v: %s", err, text)
		}
	}
}

func soapRequest(users, settings []string) string {
	var b strings.Builder
	b.WriteString(`<soap:Envelope xmlns:a="http://schemas.microsoft.com/exchange/2010/Autodiscover" xmlns:wsa="http://www.w3.org/2005/08/addressing" xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header><a:RequestedServerVersion>Exchange2010</a:RequestedServerVersion></soap:Header><soap:Body><a:GetUserSettingsRequestMessage><a:Request><a:Users>`)
	for _, u := range users {
		b.WriteString("<a:User><a:Mailbox>" + u + "</a:Mailbox></a:User>")
	}
	b.WriteString("</a:Users><a:RequestedSettings>")
	for _, s := range settings {
		b.WriteString("<a:Setting>" + s + "</a:Setting>")
	}
	b.WriteString("</a:RequestedSettings></a:Request></a:GetUserSettingsRequestMessage></soap:Body></soap:Envelope>")
	return b.String()
}

func contains(t *testing.T, w *httptest.ResponseRecorder, parts ...string) {
	t.Helper()
	text := w.Body.String()
	for _, p := range parts {
		i := strings.Index(text, p)
		if i < 0 {
			t.Errorf("HTTP %d: %s is not in the rest of %s", w.Code, p, w.Body)
			return
		}
		text = text[i+len(p):]
	}
}

func TestGetUserSettings(t *testing.T) {
	w := post(t, "/Autodiscover/Autodiscover.svc", soapRequest([]string{"Anna@contoso.example", "moved@contoso.example", "away@contoso.example", "nobody@contoso.example"},
		[]string{"UserDisplayName", "ExternalEwsUrl", "CasVersion", "UserDeploymentId", "NoSuchThing"}))
	contains(t, w,
		`<Action xmlns="http://www.w3.org/2005/08/addressing">http://schemas.microsoft.com/exchange/2010/Autodiscover/Autodiscover/GetUserSettingsResponse</Action>`,
		`<MajorVersion>15</MajorVersion>`, `<Version>V2017_07_11</Version>`,
		`<GetUserSettingsResponseMessage xmlns="http://schemas.microsoft.com/exchange/2010/Autodiscover"><Response><ErrorCode>NoError</ErrorCode>`,
		`<UserResponse><ErrorCode>NoError</ErrorCode>`, `nil="true"`,
		`<ErrorCode>SettingIsNotAvailable</ErrorCode>`, `<SettingName>UserDeploymentId</SettingName>`,
		`<ErrorCode>InvalidSetting</ErrorCode>`, `<SettingName>NoSuchThing</SettingName>`,
		`type="StringSetting"><Name>UserDisplayName</Name><Value>Anna &amp; Co</Value>`,
		`<Name>ExternalEwsUrl</Name><Value>`+ews+`</Value>`, `<Name>CasVersion</Name><Value>15.02.2562.037</Value>`,
		`<ErrorCode>RedirectAddress</ErrorCode>`, `<RedirectTarget>moved@contoso.mail.onmicrosoft.com</RedirectTarget>`,
		`<ErrorCode>RedirectUrl</ErrorCode>`, `<RedirectTarget>https://branch.contoso.example/autodiscover/autodiscover.svc</RedirectTarget>`,
		`<ErrorCode>InvalidUser</ErrorCode>`)
}

func TestGetUserSettingsRefuses(t *testing.T) {
	const fault = "Fault>"
	for name, tt := range map[string]struct {
		body string
		code int
		says string
	}{
		"no user":           {soapRequest(nil, []string{"CasVersion"}), 200, "<ErrorCode>InvalidRequest</ErrorCode>"},
		"no setting":        {soapRequest([]string{"anna@contoso.example"}, nil), 200, "<ErrorCode>InvalidRequest</ErrorCode>"},
		"a broken server":   {soapRequest([]string{"broken@contoso.example"}, []string{"CasVersion"}), 200, "<ErrorCode>InternalServerError</ErrorCode>"},
		"another operation": {`<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetDomainSettingsRequestMessage xmlns="http://schemas.microsoft.com/exchange/2010/Autodiscover"/></s:Body></s:Envelope>`, 500, "ActionNotSupported"},
		"an empty body":     {`<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>`, 500, fault},
		"no SOAP":           {`<html/>`, 500, fault},
		"no XML":            {`{}`, 500, fault},
		"a DTD":             {`<!DOCTYPE x><x/>`, 500, fault},
		"too much":          {strings.Repeat(" ", maxRequest) + soapRequest([]string{"anna@contoso.example"}, []string{"CasVersion"}), 500, fault},
	} {
		w := post(t, soapPath, tt.body)
		if w.Code != tt.code || !strings.Contains(w.Body.String(), tt.says) || strings.Contains(w.Body.String(), "fire") {
			t.Errorf("%s: HTTP %d %s", name, w.Code, w.Body)
		}
	}
}

func poxBody(address, schema string) string {
	return `<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request><EMailAddress>` + address +
		`</EMailAddress><AcceptableResponseSchema>` + schema + `</AcceptableResponseSchema></Request></Autodiscover>`
}

func TestPOX(t *testing.T) {
	contains(t, post(t, "/autodiscover/AutoDiscover.xml", poxBody("anna@contoso.example", outlookNS)),
		`<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">`,
		`<Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"><User><DisplayName>Anna &amp; Co</DisplayName>`,
		`<AutoDiscoverSMTPAddress>anna.a@contoso.example</AutoDiscoverSMTPAddress>`, `<Account><AccountType>email</AccountType><Action>settings</Action>`,
		`<Type>EXCH</Type><Server>ex1.corp</Server><ServerVersion>73C28A02</ServerVersion>`, `<ASUrl>https://ex1.corp/EWS/Exchange.asmx</ASUrl>`,
		`<Type>EXPR</Type>`, `<EwsUrl>`+ews+`</EwsUrl>`)
	contains(t, post(t, poxPath, poxBody("moved@contoso.example", outlookNS)), `<Action>redirectAddr</Action><RedirectAddr>moved@contoso.mail.onmicrosoft.com</RedirectAddr>`)
	contains(t, post(t, poxPath, poxBody("away@contoso.example", outlookNS)), `<Action>redirectUrl</Action><RedirectUrl>https://branch.contoso.example/autodiscover/autodiscover.xml</RedirectUrl>`)
	for body, code := range map[string]string{
		poxBody("nobody@contoso.example", outlookNS): "500", poxBody("", outlookNS): "600", poxBody("anna@contoso.example", ""): "600", "<x/>": "600", "no XML": "600",
		poxBody("anna@contoso.example", "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006"): "601",
		poxBody("broken@contoso.example", outlookNS): "603",
	} {
		w := post(t, poxPath, body)
		contains(t, w, `<Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"><Error Time="`, `Id="`, `<ErrorCode>`+code+`</ErrorCode><Message>`)
		if w.Code != 200 || strings.Contains(w.Body.String(), "fire") {
			t.Errorf("HTTP %d %s", w.Code, w.Body)
		}
	}
}

func TestJSON(t *testing.T) {
	tests := []struct {
		target string
		status int
		want   map[string]string
	}{
		{"/autodiscover/autodiscover.json/v1.0/anna@contoso.example?Protocol=EWS", 200, map[string]string{"Protocol": "EWS", "Url": ews}},
		{"/Autodiscover/Autodiscover.json?email=anna%40contoso.example&protocol=ews&RedirectCount=1", 200, map[string]string{"Protocol": "EWS", "Url": ews}},
		{"/autodiscover/autodiscover.json/v1.0/anna%40contoso.example?Protocol=AutodiscoverV1", 200,
			map[string]string{"Protocol": "AutodiscoverV1", "Url": "https://mail.contoso.example/autodiscover/autodiscover.xml"}},
		{"/autodiscover/autodiscover.json/v1.0/anna@contoso.example?Protocol=Telex", 400, map[string]string{"ErrorCode": "InvalidProtocol"}},
		{"/autodiscover/autodiscover.json/v1.0/anna?Protocol=EWS", 400, map[string]string{"ErrorCode": "InvalidUserId"}},
		{"/autodiscover/autodiscover.json?Protocol=EWS", 400, map[string]string{"ErrorCode": "InvalidUserId"}},
		{"/autodiscover/autodiscover.json/v1.0/nobody@contoso.example?Protocol=EWS", 404, map[string]string{"ErrorCode": "UserNotFound"}},
		{"/autodiscover/autodiscover.json/v1.0/mute@contoso.example?Protocol=EWS", 404, map[string]string{"ErrorCode": "ProtocolNotAvailable"}},
		{"/autodiscover/autodiscover.json/v1.0/broken@contoso.example?Protocol=EWS", 500, map[string]string{"ErrorCode": "InternalServerError"}},
	}
	for _, tt := range tests {
		w := httptest.NewRecorder()
		NewHandler(contoso, nil).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "https://mail.contoso.example"+tt.target, nil))
		got := map[string]string{}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != tt.status {
			t.Errorf("%s: HTTP %d %s (%v)", tt.target, w.Code, w.Body, err)
		}
		for name, want := range tt.want {
			if got[name] != want {
				t.Errorf("%s: %s", tt.target, w.Body)
			}
		}
	}
	for address, want := range map[string]string{
		"moved@contoso.example": "https://mail.contoso.example/autodiscover/autodiscover.json/v1.0/moved@contoso.mail.onmicrosoft.com?Protocol=EWS",
		"away@contoso.example":  "https://branch.contoso.example/autodiscover/autodiscover.json/v1.0/away@contoso.example?Protocol=EWS",
	} {
		w := httptest.NewRecorder()
		NewHandler(contoso, nil).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "https://mail.contoso.example"+jsonPath+"/v1.0/"+address+"?Protocol=EWS", nil))
		if got := w.Header().Get("Location"); w.Code != 302 || got != want {
			t.Errorf("%s: HTTP %d to %s", address, w.Code, got)
		}
	}
}

func TestDoor(t *testing.T) {
	h := NewHandler(contoso, &Options{ServerName: "EX1"})
	for _, tt := range []struct {
		method, path, password string
		want                   int
	}{
		{"POST", soapPath, "", 401}, {"POST", poxPath, "wrong", 401}, {"GET", poxPath, "", 401}, {"GET", poxPath, "secret", 405}, {"GET", soapPath, "secret", 405},
		{"POST", jsonPath, "", 405}, {"GET", "/autodiscover/", "secret", 404}, {"GET", "/autodiscover/autodiscover.jsonx", "", 404},
	} {
		r := httptest.NewRequest(tt.method, tt.path, nil)
		r.Header.Set("client-request-id", "mine")
		r.Header.Set("return-client-request-id", "true")
		if tt.password != "" {
			r.SetBasicAuth("svc", tt.password)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != tt.want {
			t.Errorf("%s %s: HTTP %d, want %d", tt.method, tt.path, w.Code, tt.want)
		}
		if got := w.Header().Values("WWW-Authenticate"); (w.Code == 401) != (len(got) == 2) {
			t.Errorf("%s %s: offers %q", tt.method, tt.path, got)
		}
		if w.Header().Get("request-id") == "" || w.Header().Get("client-request-id") != "mine" || w.Header().Get("X-FEServer") != "EX1" {
			t.Errorf("%s %s: the headers are %v", tt.method, tt.path, w.Header())
		}
	}
}

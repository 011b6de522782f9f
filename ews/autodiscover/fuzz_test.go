package autodiscover

import (
	"bytes"
	"io"
	"net/http/httptest"
	"net/url"
	"testing"
)

const fuzzLimit = 1 << 16

// check holds what must be true of every answer, whatever the bytes: it is
// settings, one redirect or an error; what is larger than the limit is never
// settings; and a URL that is chosen can be used.
func check(t *testing.T, text []byte, parse func(io.Reader, int64) (answer, error)) {
	got, err := parse(bytes.NewReader(text), fuzzLimit)
	forms := 0
	for _, is := range []bool{err != nil, got.settings != nil, got.address != "", got.url != ""} {
		if is {
			forms++
		}
	}
	if forms != 1 {
		t.Fatalf("%d forms: %+v, %v", forms, got, err)
	}
	if err == nil && len(text) > fuzzLimit {
		t.Fatalf("%d bytes were taken", len(text))
	}
	if s := got.settings; s != nil && s.choose(AllowHosts(anna)) {
		u, err := url.Parse(s.EWSURL)
		if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
			t.Fatalf("%q was chosen: %v", s.EWSURL, err)
		}
	}
}

func FuzzPOX(f *testing.F) {
	for _, account := range []string{
		`<Account><Action>settings</Action><Protocol><Type>EXCH</Type><ServerVersion>738180DA</ServerVersion><ASUrl>` + ewsURL + `</ASUrl></Protocol></Account>`,
		`<Account><Protocol><Type>WEB</Type><Internal><Protocol><ASUrl>` + ewsURL + `</ASUrl></Protocol></Internal></Protocol></Account>`,
		`<Account><Action>redirectAddr</Action><RedirectAddr>a@b.example</RedirectAddr></Account>`,
		`<Account><Action>redirectUrl</Action><RedirectUrl>https://b.example/</RedirectUrl></Account>`,
		`<Error Time="1" Id="2"><ErrorCode>500</ErrorCode><Message>x</Message></Error>`,
	} {
		w := httptest.NewRecorder()
		pox(account)(w, nil)
		f.Add(w.Body.Bytes())
	}
	f.Add([]byte(`<!DOCTYPE a [<!ENTITY b "c">]><Autodiscover>&b;</Autodiscover>`))
	f.Fuzz(func(t *testing.T, text []byte) { check(t, text, parsePOX) })
}

func FuzzSOAP(f *testing.F) {
	for _, a := range [][3]string{
		{"NoError", "", `<UserSetting><Name>ExternalEwsUrl</Name><Value>` + ewsURL + `</Value></UserSetting><UserSetting><Name>CasVersion</Name><Value>15.2.1.1</Value></UserSetting>`},
		{"RedirectAddress", "a@b.example", ""}, {"RedirectUrl", "https://b.example/", ""}, {"InvalidUser", "", ""},
	} {
		w := httptest.NewRecorder()
		soapUser(a[0], a[1], a[2])(w, nil)
		f.Add(w.Body.Bytes())
	}
	f.Add([]byte(`<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>a</faultcode></s:Fault></s:Body></s:Envelope>`))
	f.Fuzz(func(t *testing.T, text []byte) { check(t, text, parseUserSettings) })
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"Protocol":"EWS","Url":"` + ewsURL + `"}`))
	f.Add([]byte(`{"ErrorCode":"UserNotFound","ErrorMessage":"x"}`))
	f.Fuzz(func(t *testing.T, text []byte) { check(t, text, parseJSON) })
}

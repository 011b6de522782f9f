package autodiscover

import (
	"errors"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
)

// parsed is the body of a handler's answer, read.
func parsedPOX(t *testing.T, account string) (answer, error) {
	t.Helper()
	w := httptest.NewRecorder()
	pox(account)(w, nil)
	return parsePOX(w.Body, DefaultMaxAnswer)
}

func TestPOXSettings(t *testing.T) {
	const in, out = "https://in.contoso.example/EWS/Exchange.asmx", "https://out.contoso.example/EWS/Exchange.asmx"
	tests := []struct {
		name, account string
		want          Settings
	}{
		{
			name: "Exchange 2007 and 2010",
			account: `<User><DisplayName>Anna</DisplayName><LegacyDN>/o=c/cn=anna</LegacyDN><AutoDiscoverSMTPAddress>anna.a@contoso.example</AutoDiscoverSMTPAddress></User>
				<Account><AccountType>email</AccountType><Action>settings</Action>
				<Protocol><Type>EXCH</Type><ServerVersion>738180DA</ServerVersion><MdbDN>/o=c/cn=db</MdbDN><ASUrl>` + in + `</ASUrl></Protocol>
				<Protocol><Type>EXPR</Type><ASUrl>` + out + `</ASUrl></Protocol></Account>`,
			want: Settings{DisplayName: "Anna", UserDN: "/o=c/cn=anna", SMTPAddress: "anna.a@contoso.example", MailboxDN: "/o=c/cn=db",
				InternalEWSURL: in, ExternalEWSURL: out, Version: &ews.ServerVersion{Major: 14, Minor: 1, MajorBuild: 218}},
		},
		{
			name: "EwsUrl goes before ASUrl; a URL that cannot be used does not",
			account: `<Account><Action>settings</Action><Protocol><Type>EXCH</Type><ASUrl>` + out + `</ASUrl><EwsUrl>` + in + `</EwsUrl></Protocol>
				<Protocol><Type>EXPR</Type><ASUrl>` + out + `</ASUrl><EwsUrl>http://plain.contoso.example/</EwsUrl></Protocol></Account>`,
			want: Settings{InternalEWSURL: in, ExternalEWSURL: out},
		},
		{
			name: "WEB alone",
			account: `<Account><Protocol><Type>WEB</Type><Internal><OWAUrl AuthenticationMethod="Basic">https://in/owa</OWAUrl><Protocol><Type>EXCH</Type><ASUrl>` + in + `</ASUrl></Protocol></Internal>
				<External><Protocol><Type>EXPR</Type><ASUrl>` + out + `</ASUrl></Protocol></External></Protocol></Account>`,
			want: Settings{InternalEWSURL: in, ExternalEWSURL: out},
		},
		{
			name: "EXHTTP alone, for inside and outside",
			account: `<Account><Action>settings</Action><Protocol><Type>EXHTTP</Type><EwsUrl>` + in + `</EwsUrl></Protocol>
				<Protocol><Type>EXHTTP</Type><EwsUrl>` + out + `</EwsUrl></Protocol></Account>`,
			want: Settings{InternalEWSURL: in, ExternalEWSURL: out},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parsedPOX(t, tt.account)
			if err != nil || got.settings == nil {
				t.Fatal(got, err)
			}
			if d := cmp.Diff(&tt.want, got.settings); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestPOXErrors(t *testing.T) {
	for _, account := range []string{
		`<Error><ErrorCode>600</ErrorCode><Message>Invalid Request</Message></Error>`,
		`<Account><Error><ErrorCode>600</ErrorCode><Message>Invalid Request</Message></Error></Account>`,
	} {
		_, err := parsedPOX(t, account)
		var e *ServerError
		if !errors.As(err, &e) || e.Code != "600" || e.Text != "Invalid Request" || !errors.Is(err, mailbox.ErrUnavailable) {
			t.Errorf("%s: %v", account, err)
		}
	}
	_, err := parsedPOX(t, `<Account><Action>redirectUrl</Action></Account>`)
	if err == nil {
		t.Error("a redirect to nowhere is taken")
	}
}

func TestVersions(t *testing.T) {
	for in, want := range map[string]string{"15.02.2562.037": "15.2.2562.37", "14.00.0478.000": "14.0.478.0", "": "", "15.2": "", "15.x.1.1": "", "0.0.0.0": "", "99999.1.1.1": ""} {
		got := ""
		if v := parseVersion(in); v != nil {
			got = v.String()
		}
		if got != want {
			t.Errorf("%q is read as %q", in, got)
		}
	}
	for in, want := range map[string]string{"72008287": "8.0.647.0", "738180DA": "14.1.218.0", "73C18880": "15.1.2176.0", "": "", "xyz": "", "0": "", "172008287": ""} {
		got := ""
		if v := packedVersion(in); v != nil {
			got = v.String()
		}
		if got != want {
			t.Errorf("%q is read as %q", in, got)
		}
	}
}

func TestAddresses(t *testing.T) {
	for in, want := range map[string]string{
		anna: "contoso.example", "Anna@CONTOSO.Example.": "contoso.example", "o'neil+x@mail.contoso.example": "mail.contoso.example",
		"anna@intranet": "intranet", "anna@bücher.example": "bücher.example",
		"anna": "", "@contoso.example": "", "anna@": "", "anna@contoso.example:443": "", "anna@contoso.example/x": "", "anna@evil.example@contoso.example": "",
		"an na@contoso.example": "", "anna@contoso..example": "", "anna@.example": "", "anna@127.0.0.1": "", "anna@[::1]": "", "anna@con toso.example": "",
		"anna@-x.example": "", "anna@contoso.example?x": "", "anna@contoso.example#x": "", "anna@x%2f.example": "", "anna\n@contoso.example": "",
		"anna@" + strings.Repeat("a", 64) + ".example": "",
	} {
		_, got, err := split(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

func TestAllowHosts(t *testing.T) {
	rule := AllowHosts(anna, "hoster.example", "")
	for in, want := range map[string]bool{
		"https://contoso.example/": true, "https://mail.CONTOSO.example.:8443/": true, "https://a.b.contoso.example": true,
		"https://autodiscover-s.outlook.com": true, "https://autodiscover-s.office365.us": true, "https://x.hoster.example": true,
		"https://evilcontoso.example": false, "https://contoso.example.evil": false, "https://example": false, "https://outlook.com.evil.example": false,
		"https://contoso.example@evil.example/": false, "https://127.0.0.1": false, "https:///x": false,
	} {
		u, err := url.Parse(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := rule(u); got != want {
			t.Errorf("%s: %v", in, got)
		}
	}
}

func TestAttemptsTellNoSecrets(t *testing.T) {
	u, err := url.Parse("https://user:hunter2@contoso.example/a?code=hunter2#hunter2")
	if err != nil {
		t.Fatal(err)
	}
	if got := shown(u); got != "https://contoso.example/a" {
		t.Errorf("shown as %s", got)
	}
	a := Attempt{Way: SOAP, URL: "https://x", Err: &ServerError{Code: "a\x1b[31m", Text: "b\nc\x00" + strings.Repeat("d", 1000)}}
	if s := a.String(); strings.ContainsAny(s, "\x1b\n\x00") || len(s) > 500 {
		t.Errorf("told as %q", s)
	}
}

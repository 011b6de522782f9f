package autodiscover

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/exconn/exconn/ews"
)

const ewsURL = "https://mail.contoso.example/EWS/Exchange.asmx"

// website is what companies have at https://{domain}.
var website = exchange{}

func TestWaysToAnAnswer(t *testing.T) {
	tests := []struct {
		name    string
		sites   map[string]http.Handler
		records []*net.SRV
		options func(*Options)
		want    Way
		source  string
		signed  []string
	}{
		{
			name:  "SOAP at the domain itself",
			sites: map[string]http.Handler{"https://contoso.example": exchange{soap: soapSettings(ewsURL)}},
			want:  SOAP, source: "https://contoso.example/autodiscover/autodiscover.svc", signed: []string{"https://contoso.example"},
		},
		{
			name:  "SOAP at the autodiscover host; the web site never sees the credentials",
			sites: map[string]http.Handler{"https://contoso.example": website, "https://autodiscover.contoso.example": exchange{soap: soapSettings(ewsURL)}},
			want:  SOAP, source: "https://autodiscover.contoso.example/autodiscover/autodiscover.svc", signed: []string{"https://autodiscover.contoso.example"},
		},
		{
			name:  "POX where there is no SOAP",
			sites: map[string]http.Handler{"https://autodiscover.contoso.example": exchange{pox: poxSettings(ewsURL)}},
			want:  POX, source: "https://autodiscover.contoso.example/autodiscover/autodiscover.xml", signed: []string{"https://autodiscover.contoso.example"},
		},
		{
			name:  "POX after a SOAP answer that cannot be read",
			sites: map[string]http.Handler{"https://contoso.example": exchange{soap: says("text/xml", "<a><b></a>"), pox: poxSettings(ewsURL)}},
			want:  POX, source: "https://contoso.example/autodiscover/autodiscover.xml", signed: []string{"https://contoso.example"},
		},
		{
			name:    "JSON without credentials",
			sites:   map[string]http.Handler{"https://autodiscover.contoso.example": exchange{soap: soapSettings(ewsURL), json: jsonSettings(ewsURL)}},
			options: func(o *Options) { o.Authorize = nil },
			want:    JSON, source: "https://autodiscover.contoso.example/autodiscover/autodiscover.json/v1.0/" + anna,
		},
		{
			name:  "Exchange Online's endpoint",
			sites: map[string]http.Handler{"https://contoso.example": website, "https://outlook.office365.com": exchange{json: jsonSettings("https://outlook.office365.com/EWS/Exchange.asmx")}},
			want:  JSON, source: "https://outlook.office365.com/autodiscover/autodiscover.json/v1.0/" + anna,
		},
		{
			name: "the organisation's own answer goes before Exchange Online's",
			sites: map[string]http.Handler{
				"https://outlook.office365.com":        exchange{json: jsonSettings("https://outlook.office365.com/EWS/Exchange.asmx")},
				"https://autodiscover.contoso.example": exchange{soap: status(404), pox: poxSettings(ewsURL)},
			},
			want: POX, source: "https://autodiscover.contoso.example/autodiscover/autodiscover.xml", signed: []string{"https://autodiscover.contoso.example"},
		},
		{
			name: "Exchange Online sends on to the organisation",
			sites: map[string]http.Handler{
				"https://outlook.office365.com":  exchange{json: to("https://hybrid.contoso.example/autodiscover/autodiscover.json?Email=anna%40contoso.example&Protocol=EWS&RedirectCount=1")},
				"https://hybrid.contoso.example": exchange{json: jsonSettings(ewsURL)},
			},
			want: JSON, source: "https://hybrid.contoso.example/autodiscover/autodiscover.json",
		},
		{
			name: "the http redirect of Exchange Online's customers",
			sites: map[string]http.Handler{
				"http://autodiscover.contoso.example": to("https://autodiscover-s.outlook.com/autodiscover/autodiscover.xml"),
				"https://autodiscover-s.outlook.com":  exchange{soap: soapSettings("https://outlook.office365.com/EWS/Exchange.asmx")},
			},
			want: SOAP, source: "https://autodiscover-s.outlook.com/autodiscover/autodiscover.svc", signed: []string{"https://autodiscover-s.outlook.com"},
		},
		{
			name: "the http redirect names another path for POX",
			sites: map[string]http.Handler{
				"http://autodiscover.contoso.example": to("https://mail.contoso.example/outside/discover.xml"),
				"https://mail.contoso.example":        exchange{pox: poxSettings(ewsURL)},
			},
			want: POX, source: "https://mail.contoso.example/outside/discover.xml", signed: []string{"https://mail.contoso.example"},
		},
		{
			name:    "the SRV record",
			sites:   map[string]http.Handler{"https://mail.contoso.example": exchange{soap: soapSettings(ewsURL)}},
			records: []*net.SRV{{Target: "mail.contoso.example.", Port: 443}},
			want:    SOAP, source: "https://mail.contoso.example/autodiscover/autodiscover.svc", signed: []string{"https://mail.contoso.example"},
		},
		{
			name:    "the second host of the SRV record, at a port of its own",
			sites:   map[string]http.Handler{"https://b.contoso.example": exchange{soap: soapSettings(ewsURL)}},
			records: []*net.SRV{{Target: "hoster.example.", Port: 443}, {Target: "a.contoso.example.", Port: 443}, {Target: "b.contoso.example.", Port: 8443}},
			want:    SOAP, source: "https://b.contoso.example:8443/autodiscover/autodiscover.svc", signed: []string{"https://b.contoso.example:8443"},
		},
		{
			name: "an http redirect of the https host, and a relative one",
			sites: map[string]http.Handler{
				"https://contoso.example":      exchange{soap: to("https://mail.contoso.example/autodiscover/autodiscover.svc")},
				"https://mail.contoso.example": exchange{soap: relativeOnce(soapSettings(ewsURL))},
			},
			want: SOAP, source: "https://mail.contoso.example/again/autodiscover.svc", signed: []string{"https://contoso.example", "https://mail.contoso.example"},
		},
		{
			name: "redirectUrl by SOAP and by POX",
			sites: map[string]http.Handler{
				"https://contoso.example": exchange{
					soap: soapUser("RedirectUrl", "http://mail.contoso.example/autodiscover/autodiscover.svc", ""),
					pox:  pox(`<Account><Action>redirectUrl</Action><RedirectUrl>https://mail.contoso.example/autodiscover/autodiscover.xml</RedirectUrl></Account>`)},
				"https://mail.contoso.example": exchange{pox: poxSettings(ewsURL)},
			},
			want: POX, source: "https://mail.contoso.example/autodiscover/autodiscover.xml", signed: []string{"https://contoso.example", "https://mail.contoso.example"},
		},
		{
			name: "a host of the caller's rule",
			sites: map[string]http.Handler{
				"http://autodiscover.contoso.example": to("https://exchange.hoster.example/autodiscover/autodiscover.xml"),
				"https://exchange.hoster.example":     exchange{soap: soapSettings("https://exchange.hoster.example/EWS/Exchange.asmx")},
			},
			options: func(o *Options) { o.AllowRedirect = AllowHosts(anna, "Hoster.Example.") },
			want:    SOAP, source: "https://exchange.hoster.example/autodiscover/autodiscover.svc", signed: []string{"https://exchange.hoster.example"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := connect(t, tt.sites)
			n.records = tt.records
			o := n.options()
			if tt.options != nil {
				tt.options(o)
			}
			s, err := Discover(t.Context(), anna, o)
			if err != nil {
				t.Fatalf("%v\n%s", err, tell(err))
			}
			if s.Way != tt.want || s.Source != tt.source || s.EWSURL == "" || s.Stranger {
				t.Errorf("found %q by %s of %s, stranger: %v", s.EWSURL, s.Way, s.Source, s.Stranger)
			}
			if got := n.signedHosts(); !slices.Equal(got, tt.signed) {
				t.Errorf("the credentials went to %q, want %q", got, tt.signed)
			}
			if !slices.ContainsFunc(s.Attempts, func(a Attempt) bool { return a.Found && a.URL == tt.source }) {
				t.Errorf("no attempt tells of the success: %v", s.Attempts)
			}
		})
	}
}

// relativeOnce redirects to /again/ first.
func relativeOnce(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/again/") {
			next(w, r)
			return
		}
		to("/again/autodiscover.svc")(w, r)
	}
}

func TestSettingsOfSOAP(t *testing.T) {
	setting := func(name, value string) string {
		return `<UserSetting i:type="StringSetting"><Name>` + name + `</Name><Value>` + value + `</Value></UserSetting>`
	}
	n := connect(t, map[string]http.Handler{"https://contoso.example": exchange{soap: soapUser("NoError", "",
		setting("UserDisplayName", "Anna &amp; Co")+setting("UserDN", "/o=contoso/cn=anna")+setting("MailboxDN", "/o=contoso/cn=db1")+
			setting("AutoDiscoverSMTPAddress", "anna.albrecht@contoso.example")+setting("ExternalEwsUrl", ewsURL)+
			setting("InternalEwsUrl", "https://ex1.corp.contoso.example/EWS/Exchange.asmx")+
			setting("EwsSupportedSchemas", "Exchange2007,  Exchange2013, Exchange2013_SP1")+setting("CasVersion", "15.02.2562.037")+
			`<UserSetting i:type="WebClientUrlCollectionSetting"><Name>ExternalWebClientUrls</Name><WebClientUrls/></UserSetting>`)}})
	s, err := Discover(t.Context(), anna, n.options())
	if err != nil {
		t.Fatal(err)
	}
	s.Attempts, s.All = nil, nil
	want := &Settings{
		Address: anna, SMTPAddress: "anna.albrecht@contoso.example", DisplayName: "Anna & Co", UserDN: "/o=contoso/cn=anna", MailboxDN: "/o=contoso/cn=db1",
		EWSURL: ewsURL, ExternalEWSURL: ewsURL, InternalEWSURL: "https://ex1.corp.contoso.example/EWS/Exchange.asmx",
		Version:          &ews.ServerVersion{Major: 15, Minor: 2, MajorBuild: 2562, MinorBuild: 37, Schema: "V2017_07_11"},
		SupportedSchemas: []string{"Exchange2007", "Exchange2013", "Exchange2013_SP1"},
		Way:              SOAP, Source: "https://contoso.example/autodiscover/autodiscover.svc",
	}
	if d := cmp.Diff(want, s); d != "" {
		t.Error(d)
	}
	var body string
	for _, v := range n.visits() {
		if v.signed {
			body = v.body
		}
	}
	for _, part := range []string{
		`<GetUserSettingsRequestMessage xmlns="http://schemas.microsoft.com/exchange/2010/Autodiscover"><Request><Users><User><Mailbox>anna@contoso.example</Mailbox></User></Users><RequestedSettings><Setting>`,
		`<Action xmlns="http://www.w3.org/2005/08/addressing">http://schemas.microsoft.com/exchange/2010/Autodiscover/Autodiscover/GetUserSettings</Action>`,
		`<To xmlns="http://www.w3.org/2005/08/addressing">https://contoso.example/autodiscover/autodiscover.svc</To>`,
		`<RequestedServerVersion xmlns="http://schemas.microsoft.com/exchange/2010/Autodiscover">Exchange2013_SP1</RequestedServerVersion>`,
	} {
		if !strings.Contains(body, part) {
			t.Errorf("the request lacks %s:\n%s", part, body)
		}
	}
}

func TestRedirectToAddress(t *testing.T) {
	online := "https://outlook.office365.com/EWS/Exchange.asmx"
	for name, answer := range map[string]exchange{
		"SOAP": {soap: soapUser("RedirectAddress", "anna@contoso.mail.onmicrosoft.com", "")},
		"POX":  {pox: pox(`<Account><Action>redirectAddr</Action><RedirectAddr>anna@contoso.mail.onmicrosoft.com</RedirectAddr></Account>`)},
	} {
		t.Run(name, func(t *testing.T) {
			n := connect(t, map[string]http.Handler{
				"https://autodiscover.contoso.example":             answer,
				"http://autodiscover.contoso.mail.onmicrosoft.com": to("https://autodiscover-s.outlook.com/autodiscover/autodiscover.xml"),
				"https://autodiscover-s.outlook.com":               exchange{soap: soapSettings(online)},
			})
			s, err := Discover(t.Context(), anna, n.options())
			if err != nil {
				t.Fatalf("%v\n%s", err, tell(err))
			}
			if s.Address != "anna@contoso.mail.onmicrosoft.com" || s.EWSURL != online {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestNumberOfRedirects(t *testing.T) {
	for _, kind := range []string{"URLs", "addresses", "both"} {
		for hops, ok := range map[int]bool{MaxRedirects: true, MaxRedirects + 1: false} {
			t.Run(fmt.Sprint(hops, " ", kind), func(t *testing.T) {
				sites := map[string]http.Handler{}
				host := func(i int) string { return fmt.Sprintf("h%d.contoso.example", i) }
				for i := range hops {
					next := to("https://" + host(i+1) + "/autodiscover/autodiscover.svc")
					if kind == "addresses" || kind == "both" && i%2 == 0 {
						next = soapUser("RedirectAddress", "anna@"+host(i+1), "")
					}
					sites["https://"+host(i)] = exchange{soap: next}
				}
				sites["https://"+host(hops)] = exchange{soap: soapSettings(ewsURL)}
				n := connect(t, sites)
				o := n.options()
				o.AllowRedirect = AllowHosts(anna)
				s, err := Discover(t.Context(), "anna@"+host(0), o)
				var redirect *RedirectError
				switch {
				case ok && err != nil:
					t.Errorf("%v\n%s", err, tell(err))
				case !ok && err == nil:
					t.Errorf("found %s", s.Source)
				case !ok && (!errors.As(err, &redirect) || redirect.Reason != TooMany):
					t.Errorf("%v\n%s", err, tell(err))
				}
			})
		}
	}
}

func TestStranger(t *testing.T) {
	n := connect(t, map[string]http.Handler{"https://contoso.example": exchange{soap: soapSettings("https://mail.hoster.example/EWS/Exchange.asmx")}})
	s, err := Discover(t.Context(), anna, n.options())
	if err != nil {
		t.Fatal(err)
	}
	if !s.Stranger {
		t.Error("a host that nobody knows is no stranger")
	}
}

// signedClient signs in by itself, as NTLM does.
type signedClient struct {
	*http.Client
	used int
}

func (c *signedClient) Do(r *http.Request) (*http.Response, error) {
	c.used++
	r.Header.Set("Authorization", secret)
	return c.Client.Do(r)
}

func TestSignedClient(t *testing.T) {
	n := connect(t, map[string]http.Handler{"https://contoso.example": exchange{soap: soapSettings(ewsURL)}})
	o := n.options()
	c := &signedClient{Client: n.client}
	o.Authorize, o.SignedClient = nil, c
	if _, err := Discover(t.Context(), anna, o); err != nil || c.used != 1 {
		t.Errorf("%v, used %d times", err, c.used)
	}
}

func TestNoOnline(t *testing.T) {
	n := connect(t, map[string]http.Handler{"https://outlook.office365.com": exchange{json: jsonSettings(ewsURL)}})
	o := n.options()
	o.NoOnline = true
	if _, err := Discover(t.Context(), anna, o); err == nil || len(n.visits()) != 0 {
		t.Errorf("%v: %+v", err, n.visits())
	}
}

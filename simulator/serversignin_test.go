package simulator

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	ntlmssp "github.com/Azure/go-ntlmssp"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/ewsserver/autodiscover"
	"github.com/exconn/exconn/simulator/httpauth"
	"github.com/exconn/exconn/soap"
)

// leg is a request over a client's one connection.
type leg struct {
	method, path, authorization string
	body                        []byte
}

func (l leg) send(t *testing.T, hc *http.Client, s *Simulator) *http.Response {
	t.Helper()
	base := strings.TrimSuffix(s.EWSURL(Server), ewsserver.Path)
	r, err := http.NewRequestWithContext(t.Context(), l.method, base+l.path, bytes.NewReader(l.body))
	if err != nil {
		t.Fatal(err)
	}
	if l.authorization != "" {
		r.Header.Set("Authorization", l.authorization)
	}
	r.Header.Set("Content-Type", "text/xml; charset=utf-8")
	resp, err := hc.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(content))
	return resp
}

func envelope(t *testing.T, request any) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := soap.WriteEnvelope(&b, nil, request); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Clients begin in odd ways: with a GET, to a path in lower case, by NTLM at
// once, and end with their POST.
func TestNTLMBeginsWithAGet(t *testing.T) {
	s := start(t, nil)
	hc := s.HTTPClient()
	defer hc.CloseIdleConnections()
	for _, path := range []string{ewsserver.Path, strings.ToLower(ewsserver.Path)} {
		first := leg{method: http.MethodGet, path: path}.send(t, hc, s)
		offered := first.Header.Values("WWW-Authenticate")
		if first.StatusCode != 401 || len(offered) != 4 || !strings.HasPrefix(offered[0], "Bearer ") ||
			!slices.Equal(offered[1:], []string{"Negotiate", "NTLM", `Basic realm="contoso.example"`}) {
			t.Fatalf("HTTP %d offers %q", first.StatusCode, offered)
		}
		negotiate, err := ntlmssp.NewNegotiateMessage("", "")
		if err != nil {
			t.Fatal(err)
		}
		second := leg{method: http.MethodGet, path: path, authorization: "NTLM " + base64.StdEncoding.EncodeToString(negotiate)}.send(t, hc, s)
		offered = second.Header.Values("WWW-Authenticate")
		text, isNTLM := strings.CutPrefix(second.Header.Get("WWW-Authenticate"), "NTLM ")
		challenge, err := base64.StdEncoding.DecodeString(text)
		if second.StatusCode != 401 || len(offered) != 1 || !isNTLM || err != nil {
			t.Fatalf("HTTP %d offers %q", second.StatusCode, offered)
		}
		answer, err := ntlmssp.NewAuthenticateMessage(challenge, `CONTOSO\anna`, "secret", nil)
		if err != nil {
			t.Fatal(err)
		}
		third := leg{http.MethodPost, path, "NTLM " + base64.StdEncoding.EncodeToString(answer), envelope(t, getInbox())}.send(t, hc, s)
		body, _ := io.ReadAll(third.Body)
		if third.StatusCode != 200 || !bytes.Contains(body, []byte("Inbox")) {
			t.Fatalf("HTTP %d: %s", third.StatusCode, body)
		}
		// The connection is hers, for Autodiscover too.
		if again := (leg{method: http.MethodPost, path: path, body: envelope(t, getInbox())}).send(t, hc, s); again.StatusCode != 200 {
			t.Errorf("again: HTTP %d", again.StatusCode)
		}
		if page := (leg{method: http.MethodGet, path: path}).send(t, hc, s); page.StatusCode != 200 {
			t.Errorf("the page: HTTP %d", page.StatusCode)
		}
		hc.CloseIdleConnections()
	}
}

// Autodiscover offers what EWS does; Exchange Online offers tokens alone.
func TestSchemesOfTheVirtualDirectories(t *testing.T) {
	s := start(t, func(o *Options) { o.SignIn.Schemes = []httpauth.Scheme{httpauth.NTLM, httpauth.Basic} })
	hc := s.HTTPClient()
	defer hc.CloseIdleConnections()
	for _, path := range []string{ewsserver.Path, autodiscover.Path + "autodiscover.svc", autodiscover.Path + "AutoDiscover.xml"} {
		resp := leg{method: http.MethodPost, path: path}.send(t, hc, s)
		if offered := resp.Header.Values("WWW-Authenticate"); resp.StatusCode != 401 || len(offered) != 3 || offered[1] != "NTLM" || !strings.HasPrefix(offered[2], "Basic") {
			t.Errorf("%s: HTTP %d offers %q", path, resp.StatusCode, offered)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.EWSURL(Online), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth("fiona@fabrikam.example", "secret")
	resp, err := hc.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if offered := resp.Header.Values("WWW-Authenticate"); resp.StatusCode != 401 || len(offered) != 1 || !strings.HasPrefix(offered[0], "Bearer ") {
		t.Errorf("Online: HTTP %d offers %q", resp.StatusCode, offered)
	}
}

// Names in all their forms, and those that mean nobody.
func TestNamesOfAccounts(t *testing.T) {
	s := start(t, nil)
	for name, want := range map[string]int{
		"anna@contoso.example": 200, "ANNA@Contoso.Example": 200, `contoso\anna`: 200, `CONTOSO.EXAMPLE\anna`: 200, "anna": 200,
		`fabrikam\anna`: 401, "erik@fabrikam.example": 401, "erik": 401, `contoso\erik`: 401, "": 401, "sales@fabrikam.example": 401,
	} {
		if got := (as{t: t, s: s, tenant: Server, user: name, password: "secret"}).post(getInbox()); name != "" && got.Code != want {
			t.Errorf("%q: HTTP %d, want %d", name, got.Code, want)
		}
	}
	if err := s.Directory().DisableUser("anna@contoso.example"); err != nil {
		t.Fatal(err)
	}
	if got := user(t, s, "anna").post(getInbox()); got.Code != 401 {
		t.Errorf("a disabled account: HTTP %d", got.Code)
	}
}

func TestKeytabThatIsNone(t *testing.T) {
	_, err := New(&Options{Empty: true, SignIn: SignInOptions{KeytabFile: filepath.Join(t.TempDir(), "none")}})
	if err == nil || !strings.Contains(err.Error(), "keytab") {
		t.Error(err)
	}
}

// Faults befall Autodiscover where they are meant to, and EWS otherwise.
func TestFaultsOfAutodiscover(t *testing.T) {
	s := start(t, nil)
	hc := s.HTTPClient()
	defer hc.CloseIdleConnections()
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("anna:secret"))
	soapCall := leg{http.MethodPost, autodiscover.Path + "autodiscover.svc", basic, nil}
	json := leg{method: http.MethodGet, path: autodiscover.Path + "autodiscover.json?Email=anna@contoso.example&Protocol=EWS"}
	ews := leg{http.MethodPost, ewsserver.Path, basic, envelope(t, getInbox())}
	expect := func(what string, want ...int) {
		t.Helper()
		for i, l := range []leg{soapCall, json, ews} {
			if got := l.send(t, hc, s).StatusCode; got != want[i] {
				t.Errorf("%s: %s: HTTP %d, want %d", what, l.path, got, want[i])
			}
		}
	}
	expect("without faults", 500, 200, 200) // an empty envelope is a fault of SOAP
	remove := s.Fail(Fault{Status: 503})
	expect("EWS alone", 500, 200, 503)
	remove()
	remove = s.Fail(Fault{Service: Autodiscover, Status: 503})
	expect("Autodiscover", 503, 503, 200)
	remove()
	remove = s.Fail(Fault{Service: Autodiscover, Operation: "GetUserSettings", Status: 502})
	expect("SOAP", 502, 200, 200)
	// Who has not signed in is asked to, fault or not.
	anonymous := soapCall
	anonymous.authorization = ""
	if got := anonymous.send(t, hc, s).StatusCode; got != 401 {
		t.Errorf("without credentials: HTTP %d", got)
	}
	remove()
	remove = s.Fail(Fault{Service: Autodiscover, Operation: "JSON", Truncate: 10})
	base := strings.TrimSuffix(s.EWSURL(Server), ewsserver.Path)
	resp, err := hc.Get(base + json.path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(resp.Body); err == nil {
		t.Error("the answer was not cut off")
	}
	resp.Body.Close()
	remove()
}

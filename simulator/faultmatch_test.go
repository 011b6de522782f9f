package simulator

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/soap"
	"github.com/exconn/exconn/wsdl"
)

// lenient is a simulator whose answers nobody holds against the schema.
func lenient(t *testing.T) *Simulator {
	return start(t, func(o *Options) { o.Record = nil })
}

// tokenOf asks the token endpoint for an application's own token.
func tokenOf(t *testing.T, s *Simulator, app Application) (int, string) {
	t.Helper()
	client := s.HTTPClient()
	defer client.CloseIdleConnections()
	answer, err := client.PostForm(s.AuthorityURL(Online)+tokenPath, url.Values{
		"client_id": {app.ClientID}, "client_secret": {string(app.Secret)}, "grant_type": {"client_credentials"},
		"scope": {onlineResource + "/.default"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	var token struct {
		Token string `json:"access_token"`
	}
	if answer.StatusCode == http.StatusOK {
		if err := json.Unmarshal(content, &token); err != nil {
			t.Fatal(err)
		}
	}
	return answer.StatusCode, token.Token
}

// atFabrikam asks for fiona's inbox with an application's token.
func atFabrikam(t *testing.T, s *Simulator, token string, header ...string) *http.Response {
	t.Helper()
	var body bytes.Buffer
	act := &wsdl.ExchangeImpersonation{ConnectingSID: &wsdl.ConnectingSIDType{PrimarySmtpAddress: text("fiona@fabrikam.example")}}
	if err := soap.WriteEnvelope(&body, []any{act}, getInbox()); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.EWSURL(Online), &body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	client := s.HTTPClient()
	defer client.CloseIdleConnections()
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer
}

func TestFaultsMatch(t *testing.T) {
	v := victim{service: EWS, tenant: Online, operation: "FindItem", mailbox: "fiona@fabrikam.example",
		account: "erik@fabrikam.example", app: "app-1", agent: "CRM/7 (exconn)"}
	for name, c := range map[string]struct {
		fault Fault
		want  bool
	}{
		"anything":             {Fault{}, true},
		"any service":          {Fault{Service: AnyService}, true},
		"another service":      {Fault{Service: Autodiscover}, false},
		"the tenant":           {Fault{Tenant: Online}, true},
		"another tenant":       {Fault{Tenant: Server}, false},
		"the operation":        {Fault{Operation: "finditem"}, true},
		"another operation":    {Fault{Operation: "GetItem"}, false},
		"the mailbox":          {Fault{Mailbox: "Fiona@Fabrikam.Example"}, true},
		"another mailbox":      {Fault{Mailbox: "erik@fabrikam.example"}, false},
		"the account":          {Fault{Account: "Erik@fabrikam.example"}, true},
		"the application":      {Fault{Account: "APP-1"}, true},
		"another account":      {Fault{Account: "fiona@fabrikam.example"}, false},
		"a part of the agent":  {Fault{UserAgent: "crm/"}, true},
		"another agent":        {Fault{UserAgent: "Outlook"}, false},
		"all, and one differs": {Fault{Tenant: Online, Operation: "FindItem", Account: "app-1", UserAgent: "Outlook"}, false},
	} {
		if got := c.fault.matches(v); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A fault is told apart by who signs in, for whom, and with what.
func TestStrikesTellWhoWasStruck(t *testing.T) {
	s := lenient(t)
	app := s.Applications().AppOnly
	_, token := tokenOf(t, s, app)
	s.Fail(Fault{Name: "agent", Kind: "k", UserAgent: "struck", Status: 503})
	if answer := atFabrikam(t, s, token); answer.StatusCode != 200 {
		t.Errorf("HTTP %d", answer.StatusCode)
	}
	if answer := atFabrikam(t, s, token, "User-Agent", "to be Struck"); answer.StatusCode != 503 || answer.Header.Get("request-id") == "" {
		t.Errorf("HTTP %d, request id %q", answer.StatusCode, answer.Header.Get("request-id"))
	}
	want := Strike{Number: 1, Fault: 1, Name: "agent", Kind: "k", Service: EWS, Tenant: Online, Operation: "GetFolder",
		Mailbox: "fiona@fabrikam.example", Account: app.ClientID}
	if got := s.Strikes(); len(got) != 1 || got[0] != want {
		t.Errorf("%+v", got)
	}
}

func TestFaultsOfTokens(t *testing.T) {
	s := lenient(t)
	app, other := s.Applications().AppOnly, s.Applications().Scoped
	s.Fail(Fault{Service: Token, Tenant: Online, Operation: "client_credentials", Account: app.ClientID, Times: 1, Status: 503})
	if status, _ := tokenOf(t, s, other); status != 200 {
		t.Errorf("another application: HTTP %d", status)
	}
	if status, _ := tokenOf(t, s, app); status != 503 {
		t.Errorf("HTTP %d", status)
	}
	if status, token := tokenOf(t, s, app); status != 200 || token == "" {
		t.Errorf("after it: HTTP %d", status)
	}
	remove := s.Fail(Fault{Service: Token, Error: &ewsserver.AuthError{Status: 429, Header: http.Header{"Retry-After": {"7"}}}})
	if status, _ := tokenOf(t, s, app); status != 429 {
		t.Errorf("HTTP %d", status)
	}
	remove()
	// Everything that a token endpoint does can break too.
	s.Fail(Fault{Service: Token, ContentType: "text/plain", Times: 1})
	if status, token := tokenOf(t, s, app); status != 200 || token == "" {
		t.Errorf("HTTP %d", status)
	}
}

func TestFaultsOfAutodiscoverByJSON(t *testing.T) {
	s := lenient(t)
	ask := func() int {
		client := s.HTTPClient()
		defer client.CloseIdleConnections()
		answer, err := client.Get(strings.TrimSuffix(s.EWSURL(Server), ewsserver.Path) + "/autodiscover/autodiscover.json/v1.0/anna@contoso.example?Protocol=EWS")
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	s.Fail(Fault{Status: 500}) // of EWS alone
	if got := ask(); got != 200 {
		t.Errorf("HTTP %d", got)
	}
	s.Fail(Fault{Service: AnyService, Operation: "JSON", Status: 503})
	if got := ask(); got != 503 {
		t.Errorf("HTTP %d", got)
	}
}

// A token that is revoked is refused in the very request, with the claims that
// the next one must have; one that is got afterwards is good.
func TestRevokedTokens(t *testing.T) {
	s := lenient(t)
	app := s.Applications().AppOnly
	_, token := tokenOf(t, s, app)
	s.Fail(Fault{Times: 1, Effect: func(s *Simulator, k Strike) error { return s.RevokeTokens(k.Account) }})
	answer := atFabrikam(t, s, token)
	var challenge string
	for _, c := range answer.Header.Values("WWW-Authenticate") {
		if _, claims, ok := strings.Cut(c, `claims="`); ok {
			challenge = strings.TrimSuffix(claims, `"`)
		}
	}
	claims, err := base64.StdEncoding.DecodeString(challenge)
	if answer.StatusCode != 401 || err != nil || !json.Valid(claims) || !strings.Contains(string(claims), `"nbf"`) {
		t.Errorf("HTTP %d, claims %s, %v", answer.StatusCode, claims, err)
	}
	if _, token = tokenOf(t, s, app); atFabrikam(t, s, token).StatusCode != 200 {
		t.Error("the new token is refused too")
	}
}

// The Exchange whose clock is wrong says so in its answers.
func TestSkewedClock(t *testing.T) {
	s := lenient(t)
	_, token := tokenOf(t, s, s.Applications().AppOnly)
	for by, want := range map[time.Duration]int{3 * time.Hour: 401, -3 * time.Hour: 401, 2 * time.Minute: 200} {
		if err := s.SkewClock(Online, by); err != nil {
			t.Fatal(err)
		}
		answer := atFabrikam(t, s, token)
		date, err := http.ParseTime(answer.Header.Get("Date"))
		if off := date.Sub(s.Now().Add(by)).Abs(); answer.StatusCode != want || err != nil || off > time.Minute {
			t.Errorf("%s: HTTP %d, %s off, %v", by, answer.StatusCode, off, err)
		}
	}
	if s.SkewClock("nowhere", 0) == nil || s.AdvanceClock(0) == nil {
		t.Error("a clock that there is not was set")
	}
}

// A stream that a fault cuts off ends with it.
func TestCutStreamEnds(t *testing.T) {
	s := start(t, func(o *Options) { o.Record, o.Heartbeat = nil, 20*time.Millisecond })
	anna := user(t, s, "anna")
	sub := call[wsdl.SubscribeResponse](anna, &wsdl.Subscribe{StreamingSubscriptionRequest: &wsdl.StreamingSubscriptionType{
		SubscribeToAllFolders: wsdl.Ptr(wsdl.Bool(true)),
		EventTypes:            &wsdl.EventTypes{EventType: []*wsdl.EventTypeName{wsdl.Ptr(wsdl.EventTypeName(wsdl.CreatedEvent))}},
	}}).ResponseMessages.SubscribeResponseMessage[0]
	s.Fail(Fault{Operation: "GetStreamingEvents", Truncate: 2500})
	answer, content, err := overTheWire(t, s, "anna@contoso.example", &wsdl.GetStreamingEvents{
		SubscriptionIds:   &wsdl.SubscriptionIdsType{SubscriptionId: []*wsdl.SubscriptionId{{Value: sub.SubscriptionId}}},
		ConnectionTimeout: wsdl.Ptr(wsdl.Int32(30)),
	})
	if answer == nil || len(content) != 2500 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%d bytes, %v", len(content), err)
	}
}

// A drip, a stall and another content type are of Exchange's own answer.
func TestSpoiltAnswers(t *testing.T) {
	s := lenient(t)
	const anna = "anna@contoso.example"
	_, whole, err := overTheWire(t, s, anna, getInbox())
	if err != nil {
		t.Fatal(err)
	}
	remove := s.Fail(Fault{Drip: 100, Pause: time.Microsecond, ContentType: "text/plain"})
	answer, content, err := overTheWire(t, s, anna, getInbox())
	if err != nil || len(content) != len(whole) || answer.Header.Get("Content-Type") != "text/plain" {
		t.Errorf("dripping: %d bytes, want %d, %v", len(content), len(whole), err)
	}
	remove()
	remove = s.Fail(Fault{Garble: true})
	if _, content, err = overTheWire(t, s, anna, getInbox()); err != nil || !bytes.Contains(content, []byte(">"+outlawed+"Inbox<")) {
		t.Errorf("garbled: %v, %s", err, content)
	}
	remove()
	for _, after := range []int{0, 50, 1 << 20} {
		remove = s.Fail(Fault{Stall: true, Truncate: after})
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		got := stalled(ctx, t, s)
		cancel()
		if want := min(after, len(whole)); got != want {
			t.Errorf("stalling after %d bytes: %d came, want %d", after, got, want)
		}
		remove()
	}
}

// stalled asks for an inbox until the context is done, and returns how many
// bytes came.
func stalled(ctx context.Context, t *testing.T, s *Simulator) int {
	t.Helper()
	var body bytes.Buffer
	if err := soap.WriteEnvelope(&body, nil, getInbox()); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.EWSURL(Server), &body)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth("anna@contoso.example", string(s.Password("anna@contoso.example")))
	client := s.HTTPClient()
	defer client.CloseIdleConnections()
	answer, err := client.Do(r)
	if err != nil {
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		return 0
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it ended with %v", err)
	}
	return len(content)
}

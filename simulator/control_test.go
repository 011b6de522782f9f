package simulator

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const controlToken = "canary-control-4711"

// control asks the control handler, as a program on this machine does.
func control(t *testing.T, s *Simulator, method, path, body string, header ...string) (int, map[string]any) {
	t.Helper()
	r := httptest.NewRequest(method, "http://127.0.0.1:8444"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+controlToken)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	w := httptest.NewRecorder()
	s.Control(controlToken).ServeHTTP(w, r)
	content, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer map[string]any
	if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(content, &answer); err != nil {
			t.Fatalf("%s %s: %v in %s", method, path, err, content)
		}
	}
	if strings.Contains(string(content), controlToken) {
		t.Errorf("%s %s: the answer repeats the token", method, path)
	}
	return w.Code, answer
}

// Nobody handles the simulator but a program that was given the token.
func TestControlIsForThisMachine(t *testing.T) {
	s := start(t, nil)
	for name, c := range map[string]struct {
		header []string
		want   int
	}{
		"as it should be":            {nil, 200},
		"by the name localhost":      {[]string{"Host", "localhost:8444"}, 200},
		"by IPv6":                    {[]string{"Host", "[::1]:8444"}, 200},
		"no token":                   {[]string{"Authorization", ""}, 401},
		"another token":              {[]string{"Authorization", "Bearer x"}, 401},
		"a name that leads here":     {[]string{"Host", "rebound.example:8444"}, 403},
		"an address elsewhere":       {[]string{"Host", "192.0.2.1:8444"}, 403},
		"a page":                     {[]string{"Origin", "https://evil.example"}, 403},
		"a page's image":             {[]string{"Sec-Fetch-Site", "cross-site"}, 403},
		"a page at another port":     {[]string{"Sec-Fetch-Site", "same-site"}, 403},
		"typed into the address bar": {[]string{"Sec-Fetch-Site", "none"}, 200},
	} {
		if got, _ := control(t, s, "GET", "/faults", "", c.header...); got != c.want {
			t.Errorf("%s: HTTP %d, want %d", name, got, c.want)
		}
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "http://127.0.0.1/faults", nil)
	r.Header.Set("Authorization", "Bearer ")
	if s.Control("").ServeHTTP(w, r); w.Code != 401 {
		t.Errorf("without a token of its own it answers HTTP %d", w.Code)
	}
}

func TestControlOfFaults(t *testing.T) {
	s := start(t, nil)
	const anna = "anna@contoso.example"
	ask := func() int {
		t.Helper()
		answer, _, err := overTheWire(t, s, anna, getInbox())
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode
	}
	status, answer := control(t, s, "POST", "/faults", `{"faults": [
		{"name": "first", "kind": "http-503", "match": {"operation": "GetFolder"}, "times": 1},
		{"kind": "server-busy", "match": {"operation": "GetFolder"}}]}`)
	faults, _ := answer["faults"].([]any)
	if status != http.StatusCreated || len(faults) != 2 {
		t.Fatalf("HTTP %d, %v", status, answer)
	}
	if got := ask(); got != 503 {
		t.Errorf("HTTP %d", got)
	}
	if got := ask(); got != 500 {
		t.Errorf("HTTP %d", got)
	}
	_, answer = control(t, s, "GET", "/faults", "")
	first := answer["faults"].([]any)[0].(map[string]any)
	if first["name"] != "first" || first["kind"] != "http-503" || first["seen"] != 2.0 || first["struck"] != 1.0 ||
		first["match"].(map[string]any)["operation"] != "GetFolder" {
		t.Errorf("it tells of %v", first)
	}
	_, answer = control(t, s, "GET", "/strikes", "")
	strikes := answer["strikes"].([]any)
	if len(strikes) != 2 || strikes[1].(map[string]any)["kind"] != "server-busy" || strikes[1].(map[string]any)["account"] != anna {
		t.Errorf("it tells of the strikes %v", strikes)
	}
	for path, want := range map[string]int{"/faults/2": 200, "/faults/7": 404, "/faults/x": 404} {
		if got, _ := control(t, s, "DELETE", path, ""); got != want {
			t.Errorf("DELETE %s: HTTP %d, want %d", path, got, want)
		}
	}
	if got := ask(); got != 200 {
		t.Errorf("without the fault: HTTP %d", got)
	}
	if _, answer := control(t, s, "DELETE", "/faults", ""); answer["removed"] != 1.0 {
		t.Errorf("removed %v", answer)
	}
	status, answer = control(t, s, "POST", "/faults", `{"faults": [{"kind": "bang"}]}`)
	if message, _ := answer["error"].(string); status != 400 || !strings.Contains(message, `kind: "bang"`) || answer["hint"] == nil {
		t.Errorf("a mistake: HTTP %d, %v", status, answer)
	}
	if status, _ := control(t, s, "POST", "/faults", strings.Repeat(" ", maxScript+1)); status != 413 {
		t.Errorf("a script that is too long: HTTP %d", status)
	}
}

func TestControlOfEffects(t *testing.T) {
	s := start(t, nil)
	do := func(effect string) map[string]any {
		t.Helper()
		status, answer := control(t, s, "POST", "/effects", effect)
		if status != 200 {
			t.Fatalf("%s: HTTP %d, %v", effect, status, answer)
		}
		return answer
	}
	before := s.Now()
	answer := do(`{"kind": "advance-clock", "by": "2h"}`)
	now, err := time.Parse(time.RFC3339Nano, answer["now"].(string))
	if err != nil || now.Sub(before) < 2*time.Hour || s.Now().Sub(before) < 2*time.Hour {
		t.Errorf("the clock shows %v, and was at %v", answer, before)
	}
	if _, answer := control(t, s, "GET", "/clock", ""); answer["now"] == nil {
		t.Errorf("the clock tells %v", answer)
	}
	n := len(actor(t, s, "ben").ids(named("inbox")))
	do(`{"kind": "deliver", "to": ["ben@contoso.example"], "from": "x@adatum.example", "subject": "By control", "text": "1 < 2"}`)
	do(`{"kind": "deliver", "to": "team@contoso.example", "from": "ben@contoso.example"}`)
	if got := len(actor(t, s, "ben").ids(named("inbox"))); got != n+2 {
		t.Errorf("%d messages arrived, want 2", got-n)
	}
	do(`{"kind": "disable-ews", "mailbox": "anna@contoso.example"}`)
	if answer, _, err := overTheWire(t, s, "anna@contoso.example", getInbox()); err != nil || answer.StatusCode != 403 {
		t.Errorf("EWS is not switched off: %v", err)
	}
	for effect, want := range map[string]string{
		`{"kind": "deliver", "to": "nobody@contoso.example"}`:                                                                "nobody here has the address",
		`{"kind": "deliver", "to": "anna@contoso.example", "from": "x"}`:                                                     "is no address",
		`{"kind": "deliver", "to": "customers@fabrikam.example"}`:                                                            "nobody who has a mailbox here",
		`{"kind": "revoke-tokens", "account": "nobody"}`:                                                                     "no user and no application",
		`{"kind": "take-impersonation", "account": "nobody", "mailbox": "*"}`:                                                "no account and no application",
		`{"kind": "take-impersonation", "account": "svc-crm@contoso.example", "mailbox": "x"}`:                               "nobody here has the address",
		`{"kind": "take-folder-rights", "account": "ben@contoso.example", "mailbox": "anna@contoso.example", "folder": "x"}`: "no folder that is known as",
		`{"kind": "disable-ews", "mailbox": "*"}`:                                                                            "none is named",
		`{"kind": "http-503"}`: "needs a request",
	} {
		status, answer := control(t, s, "POST", "/effects", effect)
		if message, _ := answer["error"].(string); status != 400 || !strings.Contains(message, want) {
			t.Errorf("%s: HTTP %d, %v", effect, status, answer)
		}
	}
}

package simulator

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseFaults(t *testing.T) {
	script, err := ParseFaults([]byte(`{
		"seed": 18446744073709551615,
		"faults": [
			{"name": "busy", "kind": "http-503", "retry_after": "1500ms", "nth": 3, "delay": "2s",
			 "match": {"service": "any", "tenant": "online", "operation": "FindItem", "mailbox": "erik@fabrikam.example",
			           "account": "fiona@fabrikam.example", "user_agent": "CRM"}},
			{"kind": "drip", "skip": 2, "times": 5, "share": 0.25}
		]
	}`))
	if err != nil {
		t.Fatal(err)
	}
	busy := Fault{
		Name: "busy", Kind: "http-503", Service: AnyService, Tenant: Online, Operation: "FindItem", Mailbox: "erik@fabrikam.example",
		Account: "fiona@fabrikam.example", UserAgent: "CRM", Skip: 2, Times: 1, Delay: 2 * time.Second, Status: 503,
		Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}, "Retry-After": {"2"}}, Body: errorPage("Service Unavailable"),
	}
	drip := Fault{Kind: "drip", Skip: 2, Times: 5, Share: 0.25, Drip: 1, Pause: 5 * time.Millisecond}
	if diff := cmp.Diff(&FaultScript{Seed: 1<<64 - 1, Faults: []Fault{busy, drip}}, script); diff != "" {
		t.Error(diff)
	}
}

// Whoever writes a script is told in which line, and in which field, he is
// wrong.
func TestMistakesInFaultScripts(t *testing.T) {
	for script, want := range map[string]string{
		``:                                      "line 1: the script ends too early",
		"{\n\"faults\": [":                      "line 2: the script ends too early",
		"{\n\"faults\": [\n,]}":                 "line 3: this is not JSON",
		"{\"faults\": []}\n{}":                  "line 2: something follows",
		`[]`:                                    "line 1: the script must be an object in braces, and is a list",
		`{}`:                                    "line 1: the script: faults: must be there",
		`{"faults": {}}`:                        "line 1: the script: faults: must be there, a list",
		"{\"faults\": [],\n\"fault\": 1}":       "line 2: the script: fault: there is no such field here; there are faults, seed",
		`{"seed": -1, "faults": []}`:            "seed: must be a whole number from 1",
		`{"seed": "7", "faults": []}`:           "seed: must be a whole number from 1",
		`{"faults": [7]}`:                       "fault 1 must be an object in braces, and is a number",
		"{\"faults\": [{\"kind\":\n\"bang\"}]}": `line 1: fault 1: kind: "bang" is none of http-503, `,
		`{"faults": [{}]}`:                      "fault 1: kind: must be there, one of http-503, ",
		"{\"faults\": [{\"kind\": \"reset\"},\n{\"name\": \"late\", \"kind\": \"delay\"}]}": "line 2: fault 2 (late): delay: must be there",
		`{"faults": [{"kind": "reset", "nth": 0}]}`:                                         "fault 1: nth: must be a whole number from 1 on",
		`{"faults": [{"kind": "reset", "nth": 1.5}]}`:                                       "fault 1: nth: must be a whole number from 1 on",
		`{"faults": [{"kind": "reset", "nth": 1, "times": 2}]}`:                             "fault 1: times: does not go with nth",
		`{"faults": [{"kind": "reset", "share": 1.01}]}`:                                    "fault 1: share: must be a number above 0, up to 1",
		`{"faults": [{"kind": "reset", "share": 0}]}`:                                       "fault 1: share: must be a number above 0, up to 1",
		`{"faults": [{"kind": "reset", "bytes": 4}]}`:                                       "fault 1: bytes: there is no such field here; there are delay, kind, match, name, nth, share, skip, times",
		`{"faults": [{"kind": "reset", "kind": "crash"}]}`:                                  "line 1: kind: the field is there twice",
		`{"faults": [{"kind": "reset", "match": {"operatoin": "X"}}]}`:                      "fault 1: match: operatoin: there is no such field here; there are account, mailbox",
		`{"faults": [{"kind": "reset", "match": {"service": "smtp"}}]}`:                     `fault 1: match: service: "smtp" is none of ews, autodiscover, token, any`,
		`{"faults": [{"kind": "server-busy", "match": {"service": "token"}}]}`:              "fault 1: kind: server-busy is an answer of EWS",
		`{"faults": [{"kind": "server-busy", "back_off": 5}]}`:                              `fault 1: back_off: must be a duration in quotation marks`,
		`{"faults": [{"kind": "server-busy", "back_off": "-5s"}]}`:                          `fault 1: back_off: must be 0s at least`,
		`{"faults": [{"kind": "server-busy", "back_off": "100h"}]}`:                         `fault 1: back_off: must be 24h0m0s at most`,
		`{"faults": [{"kind": "truncate"}]}`:                                                "fault 1: bytes: must be there",
		`{"faults": [{"kind": "error-code"}]}`:                                              "fault 1: code: must be there",
		`{"faults": [{"kind": "error-code", "code": "ErrorItemNotFound", "fault": 1}]}`:     "fault 1: fault: must be true or false, and is a number",
		`{"faults": [{"kind": "http-403", "reason": "off"}]}`:                               `fault 1: reason: "off" is none of disabled, blocked`,
		`{"faults": [{"kind": "crash", "status": 700}]}`:                                    "fault 1: status: must be an HTTP status",
		`{"faults": [{"kind": "application-error", "status": 700}]}`:                        "fault 1: status: must be an HTTP status",
		`{"faults": [{"kind": "skew-clock"}]}`:                                              "fault 1: by: must be there",
		`{"faults": [{"kind": "advance-clock", "by": "-1h"}]}`:                              "fault 1: by: must be 1ns at least",
		`{"faults": [{"kind": "deliver", "to": [""]}]}`:                                     "fault 1: to: must be a list of texts",
		`{"faults": [{"kind": "reset", "name": ""}]}`:                                       "fault 1: name: is empty",
		`{"faults": [{"kind": "reset", "name": 3}]}`:                                        "fault 1: name: must be a text in quotation marks, and is a number",
		strings.Repeat("[", 30):                                                             "line 1: nested deeper than 20",
	} {
		_, err := ParseFaults([]byte(script))
		var mistake *ScriptError
		if !errors.As(err, &mistake) || !strings.Contains(err.Error(), want) || mistake.Hint() == "" {
			t.Errorf("%s\n got %v\nwant %s", script, err, want)
		}
	}
	for effect, want := range map[string]string{
		`{"kind": "reset"}`:                   "reset needs a request that it befalls",
		`{"kind": "expire-tokens"}`:           "account: must be there",
		`{"kind": "lose-sync-states"}`:        `mailbox: must be there: an address, or "*" for all`,
		`{"kind": "skew-clock", "by": "1h"}`:  "tenant: must be there",
		`{"kind": "deliver"}`:                 "to: must be there",
		`{"kind": "break-streams", "nth": 2}`: "nth: there is no such field here; there are kind",
	} {
		if _, err := ParseEffect([]byte(effect)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", effect, err, want)
		}
	}
}

func TestReadFaults(t *testing.T) {
	path := filepath.Join(t.TempDir(), "faults.json")
	if _, err := ReadFaults(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	write := func(content []byte) {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write([]byte("{\n\"fault\": []}"))
	if _, err := ReadFaults(path); err == nil || !strings.HasPrefix(err.Error(), path+":2: ") && !strings.HasPrefix(err.Error(), path+":1: ") {
		t.Errorf("a mistake in a file: %v", err)
	}
	write(bytes.Repeat([]byte(" "), maxScript+1))
	if _, err := ReadFaults(path); err == nil || !strings.Contains(err.Error(), "more than 1048576") {
		t.Errorf("a file that is too long: %v", err)
	}
	write([]byte(`{"faults": []}`))
	if script, err := ReadFaults(path); err != nil || len(script.Faults) != 0 {
		t.Errorf("an empty script: %v", err)
	}
}

// The same script, seed and requests strike alike; another seed does not.
func TestSharesAreDeterministic(t *testing.T) {
	script, err := ParseFaults([]byte(`{"faults": [
		{"kind": "http-503", "share": 0.3, "match": {"operation": "GetItem"}},
		{"kind": "http-401", "share": 0.5, "skip": 10, "times": 20}
	]}`))
	if err != nil {
		t.Fatal(err)
	}
	run := func(seed uint64) []string {
		s := &Simulator{opts: Options{Seed: seed}}
		s.Fail(Fault{Operation: "Nothing"}) // what was there before does not matter
		s.Play(script)
		for i := range 300 {
			s.faults.find(victim{service: EWS, operation: []string{"GetItem", "FindItem"}[i%2], mailbox: fmt.Sprint(i)})
		}
		var list []string
		for _, k := range s.Strikes() {
			list = append(list, k.Kind+" "+k.Operation+" "+k.Mailbox)
		}
		return list
	}
	first := run(1)
	if !slices.Equal(first, run(1)) {
		t.Error("the same seed strikes other requests")
	}
	if slices.Equal(first, run(2)) {
		t.Error("another seed strikes the same requests")
	}
	busy, refused := 0, 0
	for _, line := range first {
		if strings.HasPrefix(line, "http-503 GetItem") {
			busy++
		} else if strings.HasPrefix(line, "http-401 ") {
			refused++
		}
	}
	if busy < 25 || busy > 65 || refused != 20 {
		t.Errorf("%d of 150 struck with a share of 0.3, and %d of 20", busy, refused)
	}
	script.Seed = 5
	if !slices.Equal(run(1), run(2)) {
		t.Error("the script's own seed does not decide")
	}
}

func TestGarble(t *testing.T) {
	const document = `<m:A><t:Subject>one</t:Subject><t:Body BodyType="HTML">&lt;p></t:Body><t:Subject/><t:Id>x</t:Id></m:A>`
	want := `<m:A><t:Subject>` + outlawed + `one</t:Subject><t:Body BodyType="HTML">` + outlawed + `&lt;p></t:Body><t:Subject/><t:Id>x</t:Id></m:A>`
	for size := 1; size <= len(document); size++ {
		var g garbler
		var got []byte
		for piece := range slices.Chunk([]byte(document), size) {
			got = append(got, g.garble(piece)...)
		}
		if string(got) != want {
			t.Fatalf("in pieces of %d: %q", size, got)
		}
	}
}

func FuzzParseFaults(f *testing.F) {
	f.Add([]byte(`{"seed": 1, "faults": [{"kind": "http-503", "nth": 3, "match": {"operation": "FindItem"}}]}`))
	f.Add([]byte(`{"faults": [{"kind": "deliver", "to": ["a@b"], "delay": "1s", "share": 0.5}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		script, err := ParseFaults(text)
		var mistake *ScriptError
		switch {
		case err == nil && script == nil, err != nil && !errors.As(err, &mistake):
			t.Errorf("%v, %v", script, err)
		case err != nil && (mistake.Line < 1 || mistake.Line > 1+bytes.Count(text, []byte("\n"))):
			t.Errorf("line %d of %d: %v", mistake.Line, 1+bytes.Count(text, []byte("\n")), err)
		}
	})
}

// Every kind stands in the package's documentation, in its order, with its
// fields.
func TestKindsAreDocumented(t *testing.T) {
	source, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	comment, _, _ := strings.Cut(string(source), "\npackage simulator")
	var documented []string
	for line := range strings.Lines(comment) {
		if entry, ok := strings.CutPrefix(line, "//\t"); ok && !strings.HasPrefix(strings.TrimSpace(entry), `"`) && !strings.ContainsAny(entry[:1], "{} ") {
			documented = append(documented, strings.Fields(entry)[0])
			for _, k := range FaultKinds() {
				if strings.Fields(entry)[0] == k.Name && !strings.Contains(entry, k.Fields) {
					t.Errorf("%s is documented without its fields %s", k.Name, k.Fields)
				}
			}
		}
	}
	var kinds []string
	for _, k := range FaultKinds() {
		kinds = append(kinds, k.Name)
	}
	if diff := cmp.Diff(kinds, documented); diff != "" {
		t.Error(diff)
	}
}

package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// browserInstruments shows that the instruments of these tests would show a
// fault, and that the browser is as strict as they take it to be.
func browserInstruments(t *testing.T, s *browserSuite) {
	m := s.machine(t)
	b := m.browser()
	b.open(s.crm.origin() + "/careless.html")
	eventually(t, "the browser's complaint of a page that offends against its policy", func() (bool, error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		return strings.Contains(strings.Join(b.grumbles, "\n"), "Content Security Policy"), nil
	})
	script, err := os.ReadFile(filepath.Join("testdata", "browser", "inspect.js"))
	if err != nil {
		t.Fatal(err)
	}
	b.do("spoiling the page", chromedp.Evaluate[chromedp.Void](`
		document.documentElement.lang = '';
		document.body.innerHTML = '<h1>a</h1><h1>b</h1><button></button><button style="width: 40px; overflow-wrap: anywhere">Fingerabdruck</button><p style="color: #bbb">pale</p><div style="width: 3000px">wide</div>'`))
	complaints := strings.Join(ask(b, "inspecting the page", chromedp.Evaluate[[]string](string(script))), "\n")
	for _, want := range []string{"no lang", "2 headings", "0 main landmarks", "has no name", "broken within a word", "contrast", "wide on"} {
		if !strings.Contains(complaints, want) {
			t.Errorf("the inspection does not complain of %q: %s", want, complaints)
		}
	}

	// A page of the CRM may not fetch from this machine unless the person
	// allows it: the rules are in force. That it may lead there all the same is
	// what the tests of the hand-over show.
	local := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
	}))
	defer local.Close()
	c := m.browser()
	c.open(s.crm.origin() + "/plain.html")
	fetch := chromedp.Evaluate[string](`fetch(`+quoted(t, strings.Replace(local.URL, "127.0.0.1", "localhost", 1))+`).then(() => 'fetched', (e) => 'refused: ' + e)`, chromedp.EvalAwaitPromise)
	if said := ask(c, "fetching from this machine", fetch); !strings.HasPrefix(said, "refused") {
		t.Errorf("a page of a public address could fetch from this machine: %s", said)
	}
	// The permission's name differs from one Chromium to another.
	c.mayUse("local-network-access", "loopback-network")
	if said := ask(c, "fetching from this machine", fetch); said != "fetched" {
		t.Errorf("it was refused for another reason: %s", said)
	}
}

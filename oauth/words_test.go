package oauth_test

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/exconn/exconn/custompages"
	"github.com/exconn/exconn/oauth"
)

// TestEveryCauseAndCureIsTranslated compares the words files with the tables of
// codes: none is missing, none is left over.
func TestEveryCauseAndCureIsTranslated(t *testing.T) {
	files, err := fs.Glob(custompages.OAuth(), "words.*.js")
	if err != nil || len(files) == 0 {
		t.Fatalf("the words files: %v %v", files, err)
	}
	source := sourceOf(t)
	for _, name := range files {
		text, err := fs.ReadFile(custompages.OAuth(), name)
		if err != nil {
			t.Fatal(err)
		}
		causes, cures, texts, err := oauth.Translations(text)
		if err != nil {
			t.Fatal(err)
		}
		wantCauses, wantCures := map[string]bool{"unreachable": true}, map[string]bool{"again": true, "access_denied": true}
		for code := range oauth.Codes() {
			wantCauses[code], wantCures[code] = true, true
		}
		for _, code := range oauth.ProtocolErrors() {
			wantCauses[code] = true
		}
		same(t, name+" causes", causes, wantCauses)
		same(t, name+" cures", cures, wantCures)
		for english, translated := range texts {
			if translated == "" || !strings.Contains(source, `"`+english+`"`) {
				t.Errorf("%s translates %q, which is said nowhere", name, english)
			}
		}
	}
}

func same(t *testing.T, what string, got map[string]string, want map[string]bool) {
	t.Helper()
	for key := range want {
		if got[key] == "" {
			t.Errorf("%s lack %s", what, key)
		}
	}
	for key, text := range got {
		if !want[key] {
			t.Errorf("%s have %s, which is in no table", what, key)
		}
		if strings.HasSuffix(text, ".") {
			t.Errorf("%s: %s is no clause: %q", what, key, text)
		}
	}
}

// sourceOf is the package's own text.
func sourceOf(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

func TestLanguageOfTheBrowser(t *testing.T) {
	has := func(name string) bool { return name == "de" || name == "pt-br" || name == "pt" }
	for header, want := range map[string]string{
		"":                                   "",
		"de":                                 "de",
		"de-DE,de;q=0.9,en;q=0.8":            "de",
		"DE-at":                              "de",
		"en-US,en;q=0.9,de;q=0.8":            "",
		"fr-FR,fr;q=0.9,de;q=0.8,en;q=0.7":   "de",
		"fr,en;q=0.5,de;q=0.1":               "",
		"en;q=0.1, de;q=0.9":                 "de",
		"de;q=0":                             "",
		"de;q=rubbish":                       "",
		"pt-BR":                              "pt-br",
		"pt-PT":                              "pt",
		"*":                                  "",
		"../de":                              "",
		strings.Repeat("fr,", 1000) + "de":   "",
		"de\x00,;;;q=,-,--,q=1,de-,\xff, fr": "",
	} {
		if got := oauth.Choose(header, has); got != want {
			t.Errorf("Accept-Language %.60q: %q, want %q", header, got, want)
		}
	}
}

// TestResultPageInGerman reads what the listener tells a browser that prefers
// German.
func TestResultPageInGerman(t *testing.T) {
	german := func(r *http.Request) { r.Header.Set("Accept-Language", "de-DE,de;q=0.9,en;q=0.8") }
	e := newFakeAuthority(t)
	c := newClient(t, personConfig(e), &memory{})
	for _, test := range []struct {
		name  string
		parts []string // of the answer; nil is the right one
		want  []string
	}{
		{"success", nil, []string{"<title>Sie sind angemeldet</title>", "Angemeldet als <strong>", "anna@example.com"}},
		{"refused", []string{"error", "access_denied", "error_description", "AADSTS65004: User declined to consent to access the app."},
			[]string{"Nicht angemeldet", "die Berechtigungen wurden auf der Zustimmungsseite abgelehnt", "stimmen Sie den Berechtigungen zu", `lang="en">User declined to consent`, "AADSTS65004"}},
		{"unknown code", []string{"error", "access_denied", "error_description", "AADSTS99999: Something <new>."},
			[]string{`<span lang="en">Something &lt;new&gt;.</span>`, "bitten Sie einen Administrator um die Zustimmung"}},
		{"no code", []string{"error", "temporarily_unavailable"}, []string{"<span>der Server ist überlastet</span>"}},
	} {
		a := attempt(t, c)
		parts := append([]string{"state", a.State()}, test.parts...)
		if test.parts == nil {
			parts = append(parts, "code", e.authorize(a.URL()))
		}
		_, page := visit(t, callback(a, parts...), german)
		for _, want := range append(test.want, `<html lang="de" dir="ltr">`) {
			if !strings.Contains(page, want) {
				t.Errorf("%s: the page lacks %q: %s", test.name, want, page)
			}
		}
		_, again := visit(t, callback(a, parts...), german)
		if !strings.Contains(again, "Diese Anmeldung ist abgeschlossen") {
			t.Errorf("%s: the second answer: %s", test.name, again)
		}
		_, foreign := visit(t, callback(a, "state", "x", "code", "y"), german)
		if !strings.Contains(foreign, "Diese Antwort gehört zu einer anderen Anmeldung") {
			t.Errorf("%s: a foreign answer: %s", test.name, foreign)
		}
		_, other := visit(t, callback(a, "state", "x", "code", "y"))
		if !strings.Contains(other, `<html lang="en" dir="ltr">`) || !strings.Contains(other, "This answer belongs to another sign-in") {
			t.Errorf("%s: in English: %s", test.name, other)
		}
	}
}

// TestFailurePages shows which page an error gets, and what of it is said in
// German.
func TestFailurePages(t *testing.T) {
	for _, test := range []struct {
		name, body string
		status     int
		want       []string
	}{
		{"expired", `{"error":"invalid_grant","error_description":"AADSTS70008: The code has expired."}`, 400,
			[]string{`data-outcome="expired"`, "Diese Anmeldung ist abgelaufen", "der Code oder die gespeicherte Anmeldung ist abgelaufen", "melden Sie sich noch einmal an"}},
		{"no server", "<html>proxy</html>", 503,
			[]string{`data-outcome="unreachable"`, "der Anmeldeserver ist zurzeit nicht verfügbar", "versuchen Sie es in einigen Minuten noch einmal"}},
	} {
		page, err := oauth.FailurePage(custompages.OAuth(), "de", test.status, test.body)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range test.want {
			if !strings.Contains(page, want) {
				t.Errorf("%s: the page lacks %q: %s", test.name, want, page)
			}
		}
	}
	page, err := oauth.UnreachablePage(custompages.OAuth(), "de")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Microsoft war nicht erreichbar", "der Anmeldeserver ist vom Programm aus nicht erreichbar", "Meldung des Programms", "cannot reach the sign-in server login.example", "prüfen Sie die Authority-URL, das Netzwerk und den Proxy"} {
		if !strings.Contains(page, want) {
			t.Errorf("unreachable: the page lacks %q: %s", want, page)
		}
	}
}

// TestOneMoreLanguage adds a language by adding a file, which may be
// incomplete.
func TestOneMoreLanguage(t *testing.T) {
	pages := fstest.MapFS{
		"words.ar.js": {Data: []byte("// Arabic\nglobalThis.words = {\"lang\": \"ar\", \"dir\": \"rtl\", \"words\": {\"foreign.title\": \"<إجابة أخرى>\"}};\n")},
	}
	for _, name := range []string{"result.html", "result.js", "callback.css"} {
		text, err := fs.ReadFile(custompages.OAuth(), name)
		if err != nil {
			t.Fatal(err)
		}
		pages[name] = &fstest.MapFile{Data: text}
	}
	c := newClient(t, personConfig(newFakeAuthority(t)), &memory{})
	a, err := c.BeginSignIn(t.Context(), oauth.SignInOptions{Pages: pages})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close() //nolint:errcheck // the page is what counts
	_, page := visit(t, callback(a, "state", "x", "code", "y"), func(r *http.Request) { r.Header.Set("Accept-Language", "ar-EG") })
	for _, want := range []string{`<html lang="ar" dir="rtl">`, "&lt;إجابة أخرى&gt;", "It was not used."} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q: %s", want, page)
		}
	}
	for name, text := range map[string]string{
		"no assignment": `{"lang": "ar"}`,
		"no JSON":       "globalThis.words = {lang: 'ar'};",
		"more than one": "globalThis.words = {\"lang\": \"ar\"}; alert(1);",
		"no language":   "globalThis.words = {\"words\": {}};",
	} {
		pages["words.ar.js"] = &fstest.MapFile{Data: []byte(text)}
		broken, err := c.BeginSignIn(t.Context(), oauth.SignInOptions{Pages: pages, PasteOnly: true})
		if err == nil {
			_ = broken.Close()
			t.Errorf("%s: the file is taken", name)
			continue
		}
		if !strings.Contains(err.Error(), "words.ar.js") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

package custompages_test

import (
	"bytes"
	"html/template"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/exconn/exconn/custompages"
)

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := fs.ReadFile(custompages.OAuth(), name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestFiles(t *testing.T) {
	entries, err := fs.ReadDir(custompages.OAuth(), ".")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	want := []string{"callback.css", "callback.html", "callback.js", "invite.html", "invite.js", "result.html", "result.js", "words.de.js"}
	if !slices.Equal(names, want) {
		t.Errorf("the files are %v, want %v", names, want)
	}
}

var (
	comment   = regexp.MustCompile(`(?s)<!--.*?-->|\{\{-? ?/\*.*?\*/-?\}\}|/\*.*?\*/|(?m)^\s*//.*$`)
	inline    = regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|javascript:|<script[^>]*>[^<]|<script(?:\s+type[^>]*)?>`)
	elsewhere = regexp.MustCompile(`(?i)(?:https?:)?//[a-z0-9]|url\(|@import|\bfetch\(|XMLHttpRequest|sendBeacon|WebSocket|\beval\(|innerHTML|insertAdjacentHTML|document\.write|localStorage|sessionStorage|document\.cookie|indexedDB`)
)

// TestPagesLoadAndKeepNothing holds the pages to what they promise: no inline
// script or style, nothing from elsewhere, nothing stored.
func TestPagesLoadAndKeepNothing(t *testing.T) {
	for _, name := range []string{"callback.html", "callback.js", "callback.css", "result.html", "result.js", "invite.html", "invite.js", "words.de.js"} {
		text := comment.ReplaceAllString(read(t, name), "")
		if strings.HasSuffix(name, ".html") {
			if found := inline.FindString(text); found != "" {
				t.Errorf("%s has inline script or style: %q", name, found)
			}
			for _, want := range []string{`<html lang="`, `name="viewport"`, `name="referrer" content="no-referrer"`, "<main", "<title", `tabindex="-1"`} {
				if !strings.Contains(text, want) {
					t.Errorf("%s lacks %s", name, want)
				}
			}
		}
		// The one address that a page opens, on a click.
		text = strings.Replace(text, "'http://localhost:' + port + '/?'", "", 1)
		if found := elsewhere.FindString(text); found != "" {
			t.Errorf("%s reaches elsewhere: %q", name, found)
		}
	}
	policy := `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'">`
	page := read(t, "callback.html")
	at := strings.Index(page, policy)
	if at < 0 || at > strings.Index(page, "<script") || at > strings.Index(page, "<link") {
		t.Error("callback.html has no strict policy ahead of its files")
	}
}

// TestScriptFitsThePage shows that the script finds each part of the page that
// it names.
func TestScriptFitsThePage(t *testing.T) {
	page, script := read(t, "callback.html"), read(t, "callback.js")
	for kind, calls := range map[string]string{
		"data-view":  `show\('([a-z]+)'\)|\? '(refused)'|\? '(ready)'|: '(paste)'`,
		"data-field": `fill\(section, '([a-z]+)'`,
		"data-said":  `say\(section, '([a-z]+)', '([a-z]+)'\)`,
	} {
		found := regexp.MustCompile(calls).FindAllStringSubmatch(script, -1)
		if len(found) == 0 {
			t.Errorf("the script names no %s", kind)
		}
		for _, match := range found {
			for _, name := range match[1:] {
				if name != "" && !strings.Contains(page, kind+`="`+name+`"`) {
					t.Errorf("the page has no %s %q", kind, name)
				}
			}
		}
	}
	if !strings.Contains(page, `data-why="*"`) {
		t.Error("the page has no words for an error that it does not know")
	}
}

func TestResultHasWordsForEveryOutcome(t *testing.T) {
	result := template.Must(template.New("result").Funcs(template.FuncMap{
		"word": func(_, text string) string { return text },
		"parts": func(_, text string) []string {
			before, rest, _ := strings.Cut(text, "{")
			_, after, _ := strings.Cut(rest, "}")
			return []string{before, after}
		},
	}).Parse(read(t, "result.html")))
	type data struct {
		Outcome, Username, Name, Cause, Hint, Detail, Reason, Code, CorrelationID, Time string
		Lang, Dir, CauseLang, HintLang                                                  string
	}
	titles := map[string]bool{}
	for outcome, d := range map[string]data{
		"success": {Username: "anna@example.com", Name: "Anna <Ahrens>"},
		"foreign": {}, "used": {},
		"refused":     {Cause: "the permissions were declined", Hint: "accept them", Code: "AADSTS65004", CorrelationID: "c0ffee", Time: "now", Detail: "User <declined>"},
		"failed":      {Cause: "the secret is wrong", Code: "AADSTS7000215"},
		"expired":     {Cause: "the code has expired", Code: "AADSTS70008"},
		"unreachable": {Cause: "no network", Hint: "try again"},
	} {
		d.Outcome = outcome
		var out bytes.Buffer
		if err := result.Execute(&out, d); err != nil {
			t.Errorf("%s: %v", outcome, err)
			continue
		}
		page := out.String()
		for _, want := range []string{`data-outcome="` + outcome + `"`, d.Username, d.Cause, d.Hint, d.Code, d.CorrelationID, d.Time} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: the page lacks %q", outcome, want)
			}
		}
		if !strings.HasPrefix(page, "<!DOCTYPE html>") || strings.Contains(page, "<Ahrens>") || strings.Contains(page, "<declined>") {
			t.Errorf("%s: %s", outcome, page)
		}
		title := regexp.MustCompile(`<h1 tabindex="-1">([^<]+)</h1>`).FindStringSubmatch(page)
		if title == nil || !strings.Contains(page, "<title>"+title[1]+"</title>") {
			t.Errorf("%s: heading and title differ: %s", outcome, page)
			continue
		}
		titles[title[1]] = true
	}
	if len(titles) != 6 {
		t.Errorf("the headings are %v; success, refusal, wrong state, second answer, expiry and no network must differ", titles)
	}
}

package oauth_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

const germanWords = `// Ein Kommentar.
globalThis.words = {"lang": "de", "dir": "ltr", "words": {"hello": "Guten Tag, {who}!"}, "cures": {"again": "noch einmal: exconn connection sign-in"}};`

func TestPageTemplate(t *testing.T) {
	files := fstest.MapFS{
		"page.html":   {Data: []byte(`<html lang="{{.Lang}}" dir="{{.Dir}}">{{with parts "hello" "Hello {who}."}}{{index . 0}}{{$.Who}}{{index . 1}}{{end}} {{word "end" "End"}}`)},
		"words.de.js": {Data: []byte(germanWords)},
	}
	page, err := oauth.LoadPageTemplate(files, "page.html")
	if err != nil {
		t.Fatal(err)
	}
	for accept, want := range map[string]string{
		"":                `<html lang="en" dir="ltr">Hello &lt;b&gt;. End`,
		"de-CH, en;q=0.5": `<html lang="de" dir="ltr">Guten Tag, &lt;b&gt;! End`,
		"fr, de;q=0.1":    `<html lang="de" dir="ltr">Guten Tag, &lt;b&gt;! End`,
	} {
		got, err := page.Render(accept, func(w oauth.Wording) any {
			return struct{ Lang, Dir, Who string }{w.Lang(), w.Dir(), "<b>"}
		})
		if err != nil || string(got) != want {
			t.Errorf("%q: %s, %v; want %s", accept, got, err, want)
		}
	}
	files["words.fr.js"] = &fstest.MapFile{Data: []byte("{}")}
	for name, says := range map[string]string{"page.html": "words.fr.js", "nothing.html": "nothing.html"} {
		if _, err := oauth.LoadPageTemplate(files, name); !errors.Is(err, mailbox.ErrInvalid) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// refusedBy is what a sign-in ends with where the sign-in page says this.
func refusedBy(t *testing.T, description string) error {
	t.Helper()
	a, err := newClient(t, personConfig(newFakeAuthority(t)), &memory{}).BeginSignIn(t.Context(), oauth.SignInOptions{PasteOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	u, err := url.Parse(a.URL())
	if err != nil {
		t.Fatal(err)
	}
	_, refused := a.Paste(t.Context(), "https://x/?"+url.Values{"error": {"access_denied"}, "error_description": {description}, "state": {u.Query().Get("state")}}.Encode())
	return refused
}

func TestExplain(t *testing.T) {
	declined := oauth.Wording{}.Explain(refusedBy(t, "AADSTS65004: Declined. Correlation ID: 0a1b2c3d-0000"))
	if declined.Outcome != "refused" || declined.Code != "AADSTS65004" || declined.CorrelationID != "0a1b2c3d-0000" || declined.Hint == "" || declined.Again || declined.Detail != "Declined." {
		t.Errorf("%+v", declined)
	}
	if got := (oauth.Wording{}).Explain(errors.New("secret path")); got.Outcome != "unreachable" || strings.Contains(got.Cause+got.Hint+got.Detail+got.Reason, "secret") {
		t.Errorf("an error of another kind: %+v", got)
	}

	// A cure that is a command only is marked, and is in the page's language.
	page, err := oauth.LoadPageTemplate(fstest.MapFS{"page.html": {Data: []byte(`{{.Hint}}|{{.HintLang}}|{{.Again}}|{{.CauseLang}}`)}, "words.de.js": {Data: []byte(germanWords)}}, "page.html")
	if err != nil {
		t.Fatal(err)
	}
	text, err := page.Render("de", func(w oauth.Wording) any { return w.Explain(refusedBy(t, "AADSTS50126: Wrong.")) })
	if want := "noch einmal: exconn connection sign-in||true|en"; err != nil || string(text) != want {
		t.Errorf("%s, %v; want %s", text, err, want)
	}
}

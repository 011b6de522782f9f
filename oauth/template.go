package oauth

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"

	"github.com/exconn/exconn/mailbox"
)

// PageTemplate is a page of package custompages, a html/template, in each
// language that there are words for. It is for whoever serves sign-in pages of
// their own. It is safe for concurrent use.
type PageTemplate struct {
	english    *template.Template
	translated map[string]translation // by the languages' names
}

type translation struct {
	words *words
	page  *template.Template
}

// LoadPageTemplate reads a template and the words files beside it. The
// template may use the functions word and parts, each of which takes the key
// of a word and the English for it; parts returns what stands before and after
// the word's {placeholder}. Errors are *FieldError of the field "Pages".
func LoadPageTemplate(files fs.FS, name string) (*PageTemplate, error) {
	bad := func(what string, err error) (*PageTemplate, error) {
		return nil, &FieldError{Field: "Pages", Problem: fmt.Sprintf("%s cannot be used: %v", what, err)}
	}
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return bad(name, err)
	}
	t := &PageTemplate{translated: map[string]translation{}}
	if t.english, err = speaking(name, string(text), english); err != nil {
		return bad(name, err)
	}
	all, err := loadWords(files)
	if err != nil {
		return bad("the words", err)
	}
	for language, w := range all {
		page, err := speaking(name, string(text), w)
		if err != nil {
			return bad(name, err)
		}
		t.translated[language] = translation{w, page}
	}
	return t, nil
}

// speaking makes a template speak one language.
func speaking(name, text string, w *words) (*template.Template, error) {
	return template.New(name).Option("missingkey=error").Funcs(template.FuncMap{"word": w.word, "parts": w.parts}).Parse(text)
}

// Render writes the page in the language that accept, a browser's
// Accept-Language header, asks for. fill returns what the template is given.
func (t *PageTemplate) Render(accept string, fill func(Wording) any) ([]byte, error) {
	page, w := t.english, english
	name := choose(accept, func(name string) bool { _, ok := t.translated[name]; return ok })
	if other, ok := t.translated[name]; ok {
		page, w = other.page, other.words
	}
	var b bytes.Buffer
	err := page.Execute(&b, fill(Wording{w}))
	return b.Bytes(), err
}

// Wording is the language that a page is written in. The zero value is English.
type Wording struct{ words *words }

// Lang is for the html element's lang attribute.
func (w Wording) Lang() string { return w.spoken().Lang }

// Dir is for its dir attribute: "ltr" or "rtl".
func (w Wording) Dir() string { return w.spoken().Dir }

func (w Wording) spoken() *words {
	if w.words == nil {
		return english
	}
	return w.words
}

// Explanation tells a person why a sign-in has not succeeded.
type Explanation struct {
	// Outcome is "refused" (the sign-in page said no), "failed", "expired" (the
	// answer came too late) or "unreachable" (the server could not be asked).
	Outcome string
	// Cause and Hint are what happened and what to do, as clauses. CauseLang
	// and HintLang are "en" where they are not in the page's language.
	Cause, Hint, CauseLang, HintLang string
	// Again tells that signing in again is all that there is to do; Hint then
	// names the command for it.
	Again bool
	// Detail is the server's own explanation where it says more, and Reason
	// ours where Cause is a translation that says less. Both are in English.
	Detail, Reason string
	// Code, CorrelationID and Time are for an admin or Microsoft's support.
	Code, CorrelationID, Time string
}

// Explain returns what the listener's page would tell of an error of a sign-in.
func (w Wording) Explain(err error) Explanation {
	e := asError(err)
	if e == nil {
		e = unfinished(err)
	}
	p := w.spoken().apply(failurePage(e))
	return Explanation{
		Outcome: p.Outcome, Cause: p.Cause, Hint: p.Hint, CauseLang: p.CauseLang, HintLang: p.HintLang,
		Again: p.hintKey == keyAgain, Detail: p.Detail, Reason: p.Reason, Code: p.Code, CorrelationID: p.CorrelationID, Time: p.Time,
	}
}

// unfinished is the Error for one that is none.
func unfinished(err error) *Error {
	return &Error{Op: "sign-in", reason: "the sign-in could not be finished", kind: mailbox.ErrUnavailable, cause: err}
}

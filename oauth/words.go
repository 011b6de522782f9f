package oauth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// words are what the pages say in one language, from a file of
// SignInOptions.Pages that is named after the language (words.de.js). The file
// is a script, which the CRM's web server gives to the callback page; all of it
// but the assignment in front is JSON, which the listener reads. Every part may
// be incomplete: what is missing is said in English.
type words struct {
	// Lang is the language for the html element, and Dir "ltr" or "rtl".
	Lang string `json:"lang"`
	Dir  string `json:"dir"`
	// Words are the pages' own, by their keys.
	Words map[string]string `json:"words"`
	// Causes and Cures are for Error.Cause and Error.Hint. A key is one or more
	// codes with spaces between them: of the server, of the protocol, or
	// "unreachable" and "again" for what has no code.
	Causes map[string]string `json:"causes"`
	Cures  map[string]string `json:"cures"`
	// Texts are for causes and cures that have no code, by the English ones.
	Texts map[string]string `json:"texts"`
}

const (
	// keyUnreachable is the cause where the server could not be asked.
	keyUnreachable = "unreachable"
	// keyAgain is the cure where signing in again is all that is left.
	keyAgain = "again"
)

var (
	wordsName = regexp.MustCompile(`^words\.([a-z]{2,3}(?:-[a-z0-9]{1,8})*)\.js$`)
	// assignment is all of a words file that is not JSON.
	assignment = regexp.MustCompile(`^(?:\s*//[^\n]*\n)*\s*globalThis\.words = `)
)

// english is what the pages say by themselves.
var english = &words{Lang: "en", Dir: "ltr"}

// loadWords reads all words files there are, by their languages. The error
// names the file.
func loadWords(files fs.FS) (map[string]*words, error) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, err
	}
	all := map[string]*words{}
	for _, entry := range entries {
		name := wordsName.FindStringSubmatch(entry.Name())
		if name == nil {
			continue
		}
		text, err := fs.ReadFile(files, entry.Name())
		if err != nil {
			return nil, err
		}
		w, err := parseWords(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", entry.Name(), err)
		}
		all[name[1]] = w
	}
	return all, nil
}

func parseWords(text []byte) (*words, error) {
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	at := assignment.FindIndex(text)
	if at == nil {
		return nil, errors.New(`it does not begin with "globalThis.words = "`)
	}
	w := &words{}
	if err := json.Unmarshal(bytes.TrimSuffix(bytes.TrimSpace(text[at[1]:]), []byte(";")), w); err != nil {
		return nil, err
	}
	if w.Lang == "" {
		return nil, errors.New("it does not name its lang")
	}
	if w.Dir != "rtl" {
		w.Dir = "ltr"
	}
	w.Causes, w.Cures = byCode(w.Causes), byCode(w.Cures)
	return w, nil
}

// byCode gives each code of a key an entry of its own.
func byCode(m map[string]string) map[string]string {
	out := make(map[string]string, len(m))
	for codes, text := range m {
		for _, code := range strings.Fields(codes) {
			out[code] = text
		}
	}
	return out
}

// word returns the word of a key, or the English one.
func (w *words) word(key, inEnglish string) string {
	if s := w.Words[key]; s != "" {
		return s
	}
	return inEnglish
}

// parts returns what stands before and after the placeholder of a sentence.
func (w *words) parts(key, inEnglish string) [2]string {
	before, rest, _ := strings.Cut(w.word(key, inEnglish), "{")
	_, after, _ := strings.Cut(rest, "}")
	return [2]string{before, after}
}

// apply returns the page in this language.
func (w *words) apply(p page) page {
	p.Lang, p.Dir = w.Lang, w.Dir
	if w == english {
		return p
	}
	p.Cause, p.CauseLang = w.of(w.Causes, p.causeKey, p.Cause)
	if p.causeKey == "" && p.CauseLang != "" && p.Outcome == outcomeUnreachable {
		if s := w.Causes[keyUnreachable]; s != "" {
			p.Reason, p.Cause, p.CauseLang = p.Cause, s, ""
		}
	}
	p.Hint, p.HintLang = w.of(w.Cures, p.hintKey, p.Hint)
	return p
}

// of returns a text in this language and "", or else the English text and "en".
func (w *words) of(list map[string]string, key, inEnglish string) (text, lang string) {
	if s := list[key]; s != "" {
		return s, ""
	}
	if s := w.Texts[inEnglish]; s != "" {
		return s, ""
	}
	return inEnglish, "en"
}

// causeKey returns the code that Cause speaks of, or "" where its words are not
// those of a table.
func (e *Error) causeKey() string {
	if _, ok := aadsts[e.AADSTS]; ok {
		return e.AADSTS
	}
	if _, ok := oauthErrors[e.OAuth]; ok && e.reason == "" && e.Description == "" {
		return e.OAuth
	}
	return ""
}

// hintKey returns the code that Hint speaks of, or "" where its words are not
// those of a table.
func (e *Error) hintKey() string {
	_, ok := aadsts[e.AADSTS]
	switch hint := e.Hint(); {
	case hint == cureSignIn:
		return keyAgain
	case e.hint != "", hint == "":
		return ""
	case ok:
		return e.AADSTS
	}
	return e.OAuth
}

// maxLanguages is how many of a browser's languages are looked at.
const maxLanguages = 16

// languages returns the languages of an Accept-Language header (RFC 9110
// section 12.5.4), the best first, in lower case. What is no language is left
// out.
func languages(header string) []string {
	type choice struct {
		tag    string
		weight float64
	}
	var choices []choice
	for _, part := range strings.SplitN(header, ",", maxLanguages+1) {
		tag, params, _ := strings.Cut(part, ";")
		c := choice{strings.ToLower(strings.TrimSpace(tag)), 1}
		if q, ok := strings.CutPrefix(strings.TrimSpace(params), "q="); ok {
			var err error
			if c.weight, err = strconv.ParseFloat(q, 64); err != nil {
				continue
			}
		}
		if len(choices) < maxLanguages && c.weight > 0 && languageTag.MatchString(c.tag) {
			choices = append(choices, c)
		}
	}
	slices.SortStableFunc(choices, func(a, b choice) int {
		switch {
		case a.weight > b.weight:
			return -1
		case a.weight < b.weight:
			return 1
		}
		return 0
	})
	tags := make([]string, len(choices))
	for i, c := range choices {
		tags[i] = c.tag
	}
	return tags
}

var languageTag = regexp.MustCompile(`^[a-z]{2,3}(?:-[a-z0-9]{1,8})*$`)

// choose returns the name of the first of a browser's languages that there are
// words for, the exact one or that without its region, as the callback page
// does. English, which the pages are written in, is "".
func choose(header string, has func(name string) bool) string {
	for _, tag := range languages(header) {
		base, _, _ := strings.Cut(tag, "-")
		switch {
		case base == "en":
			return ""
		case has(tag):
			return tag
		case has(base):
			return base
		}
	}
	return ""
}

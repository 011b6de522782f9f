package custompages_test

import (
	"encoding/json"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/exconn/exconn/custompages"
)

// wordsFile is a words file as the listener reads it.
type wordsFile struct {
	Lang, Dir                   string
	Words, Causes, Cures, Texts map[string]string
}

var (
	markedWord  = regexp.MustCompile(`<([a-z0-9]+)[^>]* data-words="([^"]*)"[^>]*>([^<]*)</([a-z0-9]+)>`)
	markedLabel = regexp.MustCompile(`aria-label="([^"]+)" data-words-label="([^"]+)"`)
	spokenWord  = regexp.MustCompile(`(?:word|parts) "([^"]+)" "([^"]+)"`)
	placeholder = regexp.MustCompile(`\{[a-z]+\}`)
)

// english collects the words of the pages by their keys, and asserts that no
// key stands for two texts.
func english(t *testing.T) map[string]string {
	t.Helper()
	words := map[string]string{}
	add := func(key, text string) {
		if other, ok := words[key]; ok && other != text {
			t.Errorf("the key %s stands for %q and for %q", key, other, text)
		}
		words[key] = text
	}
	page := read(t, "callback.html")
	marked := markedWord.FindAllStringSubmatch(page, -1)
	for _, m := range marked {
		if m[1] != m[4] {
			t.Errorf("%s holds markup, which its translation would lose", m[0])
		}
		add(m[2], m[3])
	}
	if want := strings.Count(page, `data-words="`); len(marked) != want || want == 0 {
		t.Errorf("%d of %d words of the callback page can be read", len(marked), want)
	}
	for _, m := range markedLabel.FindAllStringSubmatch(page, -1) {
		add(m[2], m[1])
	}
	for _, name := range []string{"result.html", "invite.html"} {
		for _, m := range spokenWord.FindAllStringSubmatch(read(t, name), -1) {
			add(m[1], m[2])
		}
	}
	return words
}

// TestEveryLanguageHasEveryWord compares the words files with the pages: every
// word is there, none is left over, none has lost its placeholder.
func TestEveryLanguageHasEveryWord(t *testing.T) {
	want := english(t)
	files, err := fs.Glob(custompages.OAuth(), "words.*.js")
	if err != nil || len(files) == 0 {
		t.Fatalf("the words files: %v %v", files, err)
	}
	for _, name := range files {
		_, text, ok := strings.Cut(read(t, name), "\nglobalThis.words = ")
		if !ok {
			t.Errorf("%s is not one assignment", name)
			continue
		}
		var file wordsFile
		if err := json.Unmarshal([]byte(strings.TrimSuffix(strings.TrimSpace(text), ";")), &file); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if name != "words."+strings.ToLower(file.Lang)+".js" || file.Dir != "ltr" && file.Dir != "rtl" {
			t.Errorf("%s is for lang %q, dir %q", name, file.Lang, file.Dir)
		}
		for key, text := range want {
			got := file.Words[key]
			if got == "" {
				t.Errorf("%s lacks %s (%q)", name, key, text)
			}
			if a, b := placeholder.FindAllString(text, -1), placeholder.FindAllString(got, -1); !slices.Equal(a, b) {
				t.Errorf("%s, %s: the placeholders are %v, want %v", name, key, b, a)
			}
		}
		for key := range file.Words {
			if _, ok := want[key]; !ok {
				t.Errorf("%s has %s, which no page says", name, key)
			}
		}
	}
}

// TestNothingIsLeftUntranslated finds words of the callback page that no key
// names. A page without scripts has no other language.
func TestNothingIsLeftUntranslated(t *testing.T) {
	page := comment.ReplaceAllString(read(t, "callback.html"), "")
	page = regexp.MustCompile(`(?s)<noscript>.*?</noscript>`).ReplaceAllString(page, "")
	for _, m := range regexp.MustCompile(`<([a-z0-9]+[^>]*)>\s*([^<\s][^<]*)<`).FindAllStringSubmatch(page, -1) {
		if !strings.Contains(m[1], "data-words=") {
			t.Errorf("%q has no key", m[2])
		}
	}
}

package alert

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/exconn/exconn/mailbox"
)

func TestParseCommand(t *testing.T) {
	for text, want := range map[string][]string{
		`/usr/local/bin/tell`:                        {"/usr/local/bin/tell"},
		`  tell   --to	it@example.com `:              {"tell", "--to", "it@example.com"},
		`tell "two words" 'it''s' a"b c"d ""`:        {"tell", "two words", "its", "ab cd", ""},
		`"C:\Program Files\tell.exe" C:\new $HOME *`: {`C:\Program Files\tell.exe`, `C:\new`, "$HOME", "*"},
		`["tell", "a \"quoted\" word", "", "é"]`:     {"tell", `a "quoted" word`, "", "é"},
	} {
		got, err := ParseCommand(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", text, diff)
		}
	}
}

func TestParseCommandRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  "names no program",
		"   ":                               "names no program",
		`[]`:                                "names no program",
		`["", "x"]`:                         "names no program",
		`["tell"`:                           "not a JSON list",
		`["tell", 7]`:                       "not a JSON list",
		`tell "x`:                           `opening "`,
		`tell 'x`:                           "opening '",
		`["tell", "a\u0000b"]`:              "NUL",
		"tell \xff":                         "UTF-8",
		"tell " + strings.Repeat("x", 9000): "longer than",
		"tell " + strings.Repeat("x ", 101): "arguments",
	} {
		_, err := ParseCommand(text)
		if err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, mailbox.ErrInvalid) || mailbox.Hint(err) == "" {
			t.Errorf("%.30s: %v, want %q", text, err, want)
		}
	}
}

func FuzzParseCommand(f *testing.F) {
	f.Add(`tell "two words"`)
	f.Add(`["tell", "x"]`)
	f.Fuzz(func(t *testing.T, text string) {
		argv, err := ParseCommand(text)
		if err != nil {
			return
		}
		if CheckCommand(argv) != nil {
			t.Errorf("%q is taken and then refused", argv)
		}
		// Nothing may appear that was not there.
		if !strings.HasPrefix(strings.TrimSpace(text), "[") && len(strings.Join(argv, "")) > len(text) {
			t.Errorf("%q became %q", text, argv)
		}
	})
}

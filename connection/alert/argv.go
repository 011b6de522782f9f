package alert

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/exconn/exconn/mailbox"
)

// CommandError says why a command cannot be used. It Is mailbox.ErrInvalid.
type CommandError struct{ Problem string }

func (e *CommandError) Error() string { return "the command " + e.Problem }

// Is reports true for mailbox.ErrInvalid.
func (e *CommandError) Is(target error) bool { return target == mailbox.ErrInvalid }

// Hint tells the two ways to write a command.
func (e *CommandError) Hint() string {
	return `write it as a JSON list, such as ["/usr/local/bin/tell-admin", "--to", "it@example.com"], or as words: tell-admin --to "it@example.com"`
}

// ParseCommand reads a program with its arguments. A text that begins with [ is
// a JSON list of strings. Any other is split at spaces, tabs and line ends,
// except between two " or two ', which are taken away; nothing else has a
// meaning, no backslash and no dollar, since no shell is involved. What cannot
// be written so is written as JSON. Errors are *CommandError.
func ParseCommand(text string) ([]string, error) {
	text = strings.TrimSpace(text)
	if !utf8.ValidString(text) {
		return nil, errNotUTF8
	}
	var argv []string
	if strings.HasPrefix(text, "[") {
		if err := json.Unmarshal([]byte(text), &argv); err != nil {
			return nil, &CommandError{Problem: "begins with [ but is not a JSON list of strings"}
		}
	} else {
		var err error
		if argv, err = words(text); err != nil {
			return nil, err
		}
	}
	return argv, CheckCommand(argv)
}

var errNotUTF8 = &CommandError{Problem: "is not UTF-8"}

// CheckCommand returns a *CommandError where argv is no program with its
// arguments. It does not look whether there is such a program.
func CheckCommand(argv []string) error {
	switch {
	case len(argv) == 0 || argv[0] == "":
		return &CommandError{Problem: "names no program"}
	case len(argv) > maxArgs:
		return &CommandError{Problem: fmt.Sprintf("has more than %d arguments", maxArgs)}
	}
	size := 0
	for _, arg := range argv {
		if !utf8.ValidString(arg) {
			return errNotUTF8
		}
		if strings.ContainsRune(arg, 0) {
			return &CommandError{Problem: "contains a NUL character"}
		}
		size += len(arg) + 1
	}
	if size > maxCommand {
		return &CommandError{Problem: fmt.Sprintf("is longer than %d bytes", maxCommand)}
	}
	return nil
}

// Windows takes command lines of 32,767 characters; this is ample.
const (
	maxArgs    = 100
	maxCommand = 8 << 10
)

func words(text string) ([]string, error) {
	var (
		argv   []string
		word   strings.Builder
		inWord bool
		quote  rune
	)
	for _, r := range text {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, inWord = r, true
		case r == ' ' || r == '\t' || r == '\r' || r == '\n':
			if inWord {
				argv = append(argv, word.String())
				word.Reset()
				inWord = false
			}
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if quote != 0 {
		return nil, &CommandError{Problem: fmt.Sprintf("has an opening %c without a closing one", quote)}
	}
	if inWord {
		argv = append(argv, word.String())
	}
	return argv, nil
}

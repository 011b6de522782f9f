package main

import (
	"bytes"
	"context"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// documented are the commands that users rely on, with the flags that they must
// have. There may be more of both.
var documented = map[string]string{
	"demo":     "json trace-dir browser",
	"simulate": "json",
	"connection new": "data-dir json name exchange-type protocol ews-url client-id account-type authority-url auth client-secret-file certificate-file " +
		"username password-file crm-url allow-mailbox ca-file key-source",
	"connection list":           "data-dir json",
	"connection show":           "data-dir json name",
	"connection edit":           "data-dir json name exchange-type protocol ews-url client-id account-type authority-url auth client-secret-file certificate-file username password-file crm-url allow-mailbox ca-file",
	"connection delete":         "data-dir json name",
	"connection test":           "data-dir json trace-dir name mailbox",
	"connection sign-in":        "data-dir json name paste listen-port",
	"connection sign-out":       "data-dir json name",
	"connection export":         "data-dir json name all out recipient passphrase-file with-sign-ins without-secrets",
	"connection import":         "data-dir json in identity-file passphrase-file rename replace ca-file key-source",
	"auth list":                 "data-dir json",
	"auth show":                 "data-dir json name account",
	"auth test":                 "data-dir json name account",
	"auth delete":               "data-dir json name",
	"auth invite":               "data-dir json name connection user users-file base-url valid out withdraw",
	"auth invitations":          "data-dir json name",
	"auth accept":               "data-dir json name listen base-url tls-cert tls-key",
	"key rotate":                "data-dir json new-key-file",
	"folder list":               "data-dir json trace-dir connection mailbox",
	"mail list":                 "data-dir json trace-dir connection mailbox folder limit unread since until query body",
	"mail get":                  "data-dir json trace-dir connection mailbox id mime",
	"mail send":                 "data-dir json trace-dir connection mailbox to cc bcc from subject text text-file html-file attach inline importance draft",
	"mail reply":                "data-dir json trace-dir connection mailbox id all to text text-file attach",
	"mail forward":              "data-dir json trace-dir connection mailbox id to text text-file attach",
	"mail move":                 "data-dir json trace-dir connection mailbox id to-folder",
	"mail delete":               "data-dir json trace-dir connection mailbox id permanent",
	"mail attachment":           "data-dir json trace-dir connection mailbox id attachment-id out",
	"calendar list":             "data-dir json trace-dir connection mailbox from to",
	"calendar get":              "data-dir json trace-dir connection mailbox id",
	"calendar create":           "data-dir json trace-dir connection mailbox subject start end time-zone all-day location text attendee optional-attendee reminder recurrence notify",
	"calendar update":           "data-dir json trace-dir connection mailbox id subject start end time-zone all-day location text attendee optional-attendee reminder recurrence notify",
	"calendar cancel":           "data-dir json trace-dir connection mailbox id message",
	"contact list":              "data-dir json trace-dir connection mailbox folder limit search email category since body",
	"contact get":               "data-dir json trace-dir connection mailbox id",
	"contact create":            "data-dir json trace-dir connection mailbox folder display-name given-name surname company job-title email phone address birthday category sensitivity text text-file",
	"contact update":            "data-dir json trace-dir connection mailbox id display-name given-name surname company job-title email phone address birthday category sensitivity text text-file",
	"contact delete":            "data-dir json trace-dir connection mailbox id permanent",
	"task list":                 "data-dir json trace-dir connection mailbox folder limit open due-from due-to category since body",
	"task get":                  "data-dir json trace-dir connection mailbox id",
	"task create":               "data-dir json trace-dir connection mailbox folder subject start due status percent recurrence regenerates importance category reminder text text-file",
	"task update":               "data-dir json trace-dir connection mailbox id subject start due status percent recurrence regenerates importance category reminder text text-file",
	"task delete":               "data-dir json trace-dir connection mailbox id next permanent",
	"mailbox out-of-office get": "data-dir json trace-dir connection mailbox",
	"mailbox out-of-office set": "data-dir json trace-dir connection mailbox state start end external internal-reply internal-reply-file external-reply external-reply-file",
	"mailbox delegates get":     "data-dir json trace-dir connection mailbox delegate",
	"mailbox delegates set":     "data-dir json trace-dir connection mailbox delegate calendar tasks inbox contacts notes journal copies private delivery",
	"mailbox delegates remove":  "data-dir json trace-dir connection mailbox delegate",
	"mailbox rules get":         "data-dir json trace-dir connection mailbox",
	"mailbox rules set": "data-dir json trace-dir connection mailbox id name priority enabled from sent-to subject body sender importance has-attachments sent-to-me " +
		"except-from except-subject move-to copy-to mark-as-read mark-importance category forward-to redirect-to delete stop file replace remove-outlook-rules",
	"mailbox rules delete": "data-dir json trace-dir connection mailbox id remove-outlook-rules",
	"custompages export":   "data-dir json out",
}

// eachCommand calls do with every command that does something, and its path.
func eachCommand(do func(path string, c *cli.Command)) {
	s := system{in: strings.NewReader(""), out: io.Discard, err: io.Discard}
	var walk func(prefix string, list []*cli.Command)
	walk = func(prefix string, list []*cli.Command) {
		for _, c := range list {
			if len(c.Subcommands) > 0 {
				walk(prefix+c.Name+" ", c.Subcommands)
				continue
			}
			do(prefix+c.Name, c)
		}
	}
	walk("", s.app().Commands)
}

func flagNames(c *cli.Command) []string {
	var names []string
	for _, f := range c.Flags {
		names = append(names, f.Names()...)
	}
	return names
}

func TestDocumentedCommands(t *testing.T) {
	there := map[string]bool{}
	eachCommand(func(path string, c *cli.Command) {
		there[path] = true
		if c.Action == nil || c.Usage == "" {
			t.Errorf("exconn %s has no action or no description", path)
		}
		names := flagNames(c)
		for i, name := range names {
			if slices.Contains(names[:i], name) {
				t.Errorf("exconn %s has the flag --%s twice", path, name)
			}
		}
		for flag := range strings.FieldsSeq(documented[path]) {
			if !slices.Contains(names, flag) {
				t.Errorf("exconn %s lacks the flag --%s", path, flag)
			}
		}
		for _, f := range c.Flags {
			d, ok := f.(cli.DocGenerationFlag)
			if !ok || d.GetUsage() == "" {
				t.Errorf("exconn %s: the flag --%s has no description", path, f.Names()[0])
			}
		}
	})
	for path := range documented {
		if !there[path] {
			t.Errorf("there is no command exconn %s", path)
		}
	}
}

// No flag takes a secret itself: it would stand in the shell's history and in
// the list of processes.
func TestNoFlagTakesASecret(t *testing.T) {
	eachCommand(func(path string, c *cli.Command) {
		for _, f := range c.Flags {
			if _, yesOrNo := f.(*cli.BoolFlag); yesOrNo {
				continue
			}
			for _, name := range f.Names() {
				if name == "secret-expires" { // a date
					continue
				}
				if regexp.MustCompile(`secret|password|certificate|passphrase|token`).MatchString(name) && !strings.HasSuffix(name, "-file") {
					t.Errorf("exconn %s has --%s, which is no file", path, name)
				}
			}
		}
	})
}

// codes are the exit codes by their constants. A new constant is missed here by
// TestExitCodesInHelp only if the help text does not know it either.
var codes = map[exitCode]string{
	exitDone:     "done",
	exitFailed:   "failed otherwise",
	exitUsage:    "usage",
	exitSignIn:   "sign-in needed or refused",
	exitRefused:  "refused by Exchange",
	exitNotFound: "not found",
	exitBusy:     "busy or unreachable",
	exitPartly:   "done in part, or outcome unknown",
}

func TestExitCodesInHelp(t *testing.T) {
	var out, talk bytes.Buffer
	if code := run(context.Background(), []string{"exconn", "--help"}, system{in: strings.NewReader(""), out: &out, err: &talk}); code != 0 {
		t.Fatalf("--help ends with %d: %s", code, talk.String())
	}
	told := regexp.MustCompile(`(?m)^   (\d)  (.*)$`).FindAllStringSubmatch(out.String(), -1)
	if len(told) != len(codes) {
		t.Errorf("the help tells %d exit codes, and there are %d", len(told), len(codes))
	}
	for _, line := range told {
		n, err := strconv.Atoi(line[1])
		if err != nil {
			t.Fatal(err)
		}
		words, ok := codes[exitCode(n)]
		if !ok {
			t.Errorf("the help tells the exit code %d, which there is not", n)
		} else if !strings.Contains(line[2], words) {
			t.Errorf("the help says of %d: %q, without %q", n, line[2], words)
		}
	}
}

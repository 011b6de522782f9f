package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
)

// rulesSet reads the rules first: what no flag names stays as it is, and what
// is the same in a file is not written.
func (s system) rulesSet(c *cli.Context) error {
	plan, err := s.rulesPlan(c)
	if err != nil {
		return err
	}
	box, err := s.open(c)
	if err != nil {
		return err
	}
	defer box.close()
	before, err := box.InboxRules(c.Context)
	if err != nil {
		return err
	}
	operations, err := plan(before.Rules)
	if err != nil {
		return err
	}
	if len(operations) == 0 {
		s.say("exconn: the rules are so already")
		return s.printRules(c, box, before)
	}
	for _, o := range operations {
		if err := checkRule(o); err != nil {
			return err
		}
	}
	changes := mailbox.RuleChanges{Operations: operations, RemoveOutlookBlob: c.Bool("remove-outlook-rules")}
	if err := box.UpdateInboxRules(c.Context, changes); err != nil {
		return err
	}
	after, err := box.InboxRules(c.Context)
	if err != nil {
		return err
	}
	if !c.IsSet("file") {
		// The one rule: that of the id, or the one that was not there before.
		after.Rules = slices.DeleteFunc(after.Rules, func(r mailbox.Rule) bool {
			if id := operations[0].Rule.ID; id != "" {
				return r.ID != id
			}
			return slices.ContainsFunc(before.Rules, func(old mailbox.Rule) bool { return old.ID == r.ID })
		})
	}
	return s.printRules(c, box, after)
}

// checkRule refuses, in the words of the flags, a rule that lacks what every rule
// has.
func checkRule(o mailbox.RuleOperation) error {
	switch r := o.Rule; {
	case o.Kind == mailbox.DeleteRule:
	case strings.TrimSpace(r.Name) == "":
		return usagef("give --name NAME", "a rule has no name")
	case r.Priority < 1:
		return usagef("it is 1 for the rule that is looked at first", "the priority of the rule %s is %d", r.Name, r.Priority)
	case reflect.ValueOf(r.Actions).IsZero():
		return usagef("give --move-to FOLDER, --mark-as-read or another action; see exconn mailbox rules set --help", "the rule %s has no action", r.Name)
	}
	return nil
}

// rulesPlan reads the flags before the mailbox is opened, and returns what they
// make of the rules that are there.
func (s system) rulesPlan(c *cli.Context) (func([]mailbox.Rule) ([]mailbox.RuleOperation, error), error) {
	if c.IsSet("file") {
		for _, flag := range ruleFlags {
			if c.IsSet(flag) {
				return nil, usagef("write it into the file", "--file and --%s exclude each other", flag)
			}
		}
		rules, err := s.rulesFile(c.String("file"))
		if err != nil {
			return nil, err
		}
		return func(there []mailbox.Rule) ([]mailbox.RuleOperation, error) {
			return rulesFromFile(there, rules, c.Bool("replace"))
		}, nil
	}
	if c.Bool("replace") {
		return nil, usagef("give the rules by --file", "--replace has a meaning with --file alone")
	}
	given := slices.ContainsFunc(ruleFlags, func(flag string) bool { return flag != "id" && c.IsSet(flag) })
	if !given {
		return nil, usagef("see "+c.Command.HelpName+" --help", "nothing is to be changed")
	}
	change, err := ruleChange(c)
	if err != nil {
		return nil, err
	}
	id := strings.TrimSpace(c.String("id"))
	if id == "" {
		if err := need(c, "name"); err != nil {
			return nil, err
		}
	}
	return func(there []mailbox.Rule) ([]mailbox.RuleOperation, error) {
		o := mailbox.RuleOperation{Kind: mailbox.CreateRule, Rule: mailbox.Rule{Enabled: true, Priority: len(there) + 1}}
		if id != "" {
			i := slices.IndexFunc(there, func(r mailbox.Rule) bool { return r.ID == id })
			if i < 0 {
				return nil, &ruleNotFoundError{id}
			}
			o = mailbox.RuleOperation{Kind: mailbox.SetRule, Rule: there[i]}
		}
		change(&o.Rule)
		return []mailbox.RuleOperation{o}, nil
	}, nil
}

// ruleFlags are those that --file excludes.
var ruleFlags = []string{"id", "name", "priority", "enabled", "from", "sent-to", "subject", "body", "sender", "importance", "has-attachments",
	"sent-to-me", "except-from", "except-subject", "move-to", "copy-to", "mark-as-read", "mark-importance", "category", "forward-to", "redirect-to", "delete", "stop"}

// ruleNotFoundError is a rule that is not in the mailbox.
type ruleNotFoundError struct{ id string }

func (e *ruleNotFoundError) Error() string { return "there is no inbox rule with the id " + e.id }

func (e *ruleNotFoundError) Hint() string {
	return "exconn mailbox rules get lists them; they have other ids after Outlook has written its rules"
}

func (e *ruleNotFoundError) Is(target error) bool { return target == mailbox.ErrNotFound }

// ruleChange reads the flags of one rule, and returns what they change.
func ruleChange(c *cli.Context) (func(*mailbox.Rule), error) {
	var sets []func(*mailbox.Rule)
	set := func(flag string, f func(*mailbox.Rule)) {
		if c.IsSet(flag) {
			sets = append(sets, f)
		}
	}
	levels := []mailbox.Importance{mailbox.Low, mailbox.Normal, mailbox.High}
	importance, err := oneOf(c, "importance", levels...)
	mark, err2 := oneOf(c, "mark-importance", levels...)
	if err = cmp.Or(err, err2); err != nil {
		return nil, err
	}
	for flag, place := range map[string]func(*mailbox.Rule) *[]mailbox.Person{
		"from":        func(r *mailbox.Rule) *[]mailbox.Person { return &r.Conditions.From },
		"sent-to":     func(r *mailbox.Rule) *[]mailbox.Person { return &r.Conditions.SentTo },
		"except-from": func(r *mailbox.Rule) *[]mailbox.Person { return &r.Exceptions.From },
		"forward-to":  func(r *mailbox.Rule) *[]mailbox.Person { return &r.Actions.ForwardTo },
		"redirect-to": func(r *mailbox.Rule) *[]mailbox.Person { return &r.Actions.RedirectTo },
	} {
		if !c.IsSet(flag) {
			continue
		}
		var list []mailbox.Person
		if given := *words(c, flag); len(given) > 0 { // "" takes the part away
			if list, err = people(c, flag); err != nil {
				return nil, err
			}
		}
		set(flag, func(r *mailbox.Rule) { *place(r) = list })
	}
	for flag, place := range map[string]func(*mailbox.Rule) *[]string{
		"subject":        func(r *mailbox.Rule) *[]string { return &r.Conditions.SubjectContains },
		"body":           func(r *mailbox.Rule) *[]string { return &r.Conditions.BodyContains },
		"sender":         func(r *mailbox.Rule) *[]string { return &r.Conditions.SenderContains },
		"except-subject": func(r *mailbox.Rule) *[]string { return &r.Exceptions.SubjectContains },
		"category":       func(r *mailbox.Rule) *[]string { return &r.Actions.Categories },
	} {
		set(flag, func(r *mailbox.Rule) { *place(r) = *words(c, flag) })
	}
	for flag, place := range map[string]func(*mailbox.Rule) *bool{
		"enabled":         func(r *mailbox.Rule) *bool { return &r.Enabled },
		"has-attachments": func(r *mailbox.Rule) *bool { return &r.Conditions.HasAttachments },
		"sent-to-me":      func(r *mailbox.Rule) *bool { return &r.Conditions.SentToMe },
		"mark-as-read":    func(r *mailbox.Rule) *bool { return &r.Actions.MarkAsRead },
		"delete":          func(r *mailbox.Rule) *bool { return &r.Actions.Delete },
		"stop":            func(r *mailbox.Rule) *bool { return &r.Actions.Stop },
	} {
		set(flag, func(r *mailbox.Rule) { *place(r) = c.Bool(flag) })
	}
	set("name", func(r *mailbox.Rule) { r.Name = c.String("name") })
	set("priority", func(r *mailbox.Rule) { r.Priority = c.Int("priority") })
	set("importance", func(r *mailbox.Rule) { r.Conditions.Importance = importance })
	set("mark-importance", func(r *mailbox.Rule) { r.Actions.Importance = mark })
	set("move-to", func(r *mailbox.Rule) { r.Actions.MoveTo = mailbox.FolderRef(c.String("move-to")) })
	set("copy-to", func(r *mailbox.Rule) { r.Actions.CopyTo = mailbox.FolderRef(c.String("copy-to")) })
	return func(r *mailbox.Rule) {
		for _, f := range sets {
			f(r)
		}
	}, nil
}

// rulesFile reads rules as rulesGet writes them. A word that is none is
// refused: a condition that is misspelt must not get lost.
func (s system) rulesFile(name string) ([]mailbox.Rule, error) {
	content, err := s.readFile(name, "--file")
	if err != nil {
		return nil, err
	}
	var rules []mailbox.Rule
	decoder := json.NewDecoder(strings.NewReader(string(content)))
	decoder.DisallowUnknownFields()
	for {
		var rule mailbox.Rule
		switch err := decoder.Decode(&rule); {
		case errors.Is(err, io.EOF):
			return rules, nil
		case err != nil:
			return nil, usagef("write one rule a line, as exconn mailbox rules get --json does", "--file: rule %d cannot be read: %v", len(rules)+1, err)
		}
		rules = append(rules, rule)
	}
}

// rulesFromFile makes the mailbox's rules those of the file. A rule that is the
// same already is left alone, so that one which can be changed in Outlook alone
// may stand in the file too.
func rulesFromFile(there, wanted []mailbox.Rule, replace bool) ([]mailbox.RuleOperation, error) {
	var deletions, writes []mailbox.RuleOperation
	named := map[string]bool{}
	for _, r := range wanted {
		if r.ID == "" {
			writes = append(writes, mailbox.RuleOperation{Kind: mailbox.CreateRule, Rule: r})
			continue
		}
		named[r.ID] = true
		i := slices.IndexFunc(there, func(old mailbox.Rule) bool { return old.ID == r.ID })
		switch {
		case i < 0:
			return nil, &ruleNotFoundError{r.ID}
		case !sameRule(there[i], r):
			writes = append(writes, mailbox.RuleOperation{Kind: mailbox.SetRule, Rule: r})
		}
	}
	for _, old := range there {
		if replace && !named[old.ID] {
			deletions = append(deletions, mailbox.RuleOperation{Kind: mailbox.DeleteRule, Rule: mailbox.Rule{ID: old.ID, Name: old.Name}})
		}
	}
	// Each goes to its place when those before it are in theirs.
	slices.SortStableFunc(writes, func(a, b mailbox.RuleOperation) int { return cmp.Compare(a.Rule.Priority, b.Rule.Priority) })
	return append(deletions, writes...), nil
}

// sameRule compares what a file can say.
func sameRule(a, b mailbox.Rule) bool {
	x, err := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err == nil && err2 == nil && string(x) == string(y)
}

package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
)

func (s system) mailboxRules() *cli.Command {
	outlook := &cli.BoolFlag{Name: "remove-outlook-rules", Usage: "let the server throw away the rules that Outlook keeps for itself in the mailbox: those that are turned off or run in Outlook alone; where there are any, nothing can be changed without this"}
	return &cli.Command{
		Name:  "rules",
		Usage: "inbox rules: what the server does with mail on its arrival",
		Subcommands: []*cli.Command{
			{Name: "get", Usage: "list the inbox rules in the order in which they are looked at", Action: s.rulesGet, Flags: remote()},
			{Name: "set", Usage: "make a rule, change the parts of one that are given, or set rules from a file", Action: s.rulesSet, Flags: remote(
				&cli.StringFlag{Name: "id", Usage: "`ID` of the rule to change; a new one is made where left out"},
				&cli.StringFlag{Name: "name", Usage: "`NAME` of the rule"},
				&cli.IntFlag{Name: "priority", Usage: "place `N` in the order, from 1; last where left out"},
				&cli.BoolFlag{Name: "enabled", Usage: "whether the rule is looked at", Value: true},
				&cli.StringSliceFlag{Name: "from", Usage: "if it is from `ADDRESS`, repeatable"},
				&cli.StringSliceFlag{Name: "sent-to", Usage: "if it is to `ADDRESS`, repeatable"},
				&cli.StringSliceFlag{Name: "subject", Usage: "if the subject has `TEXT` in it, repeatable"},
				&cli.StringSliceFlag{Name: "body", Usage: "if the body has `TEXT` in it, repeatable"},
				&cli.StringSliceFlag{Name: "sender", Usage: "if the sender's name or address has `TEXT` in it, repeatable"},
				&cli.StringFlag{Name: "importance", Usage: "if its importance is `low|normal|high`"},
				&cli.BoolFlag{Name: "has-attachments", Usage: "if it has attachments"},
				&cli.BoolFlag{Name: "sent-to-me", Usage: "if the mailbox is among those whom it is to"},
				&cli.StringSliceFlag{Name: "except-from", Usage: "but not from `ADDRESS`, repeatable"},
				&cli.StringSliceFlag{Name: "except-subject", Usage: "but not with `TEXT` in the subject, repeatable"},
				&cli.StringFlag{Name: "move-to", Usage: "move it to the folder `NAME|ID`"},
				&cli.StringFlag{Name: "copy-to", Usage: "copy it to the folder `NAME|ID`"},
				&cli.BoolFlag{Name: "mark-as-read", Usage: "mark it as read"},
				&cli.StringFlag{Name: "mark-importance", Usage: "give it the importance `low|normal|high`"},
				&cli.StringSliceFlag{Name: "category", Usage: "give it the category `NAME`, repeatable"},
				&cli.StringSliceFlag{Name: "forward-to", Usage: "forward it to `ADDRESS`, repeatable"},
				&cli.StringSliceFlag{Name: "redirect-to", Usage: "pass it on to `ADDRESS` as it came, repeatable"},
				&cli.BoolFlag{Name: "delete", Usage: "move it to Deleted Items"},
				&cli.BoolFlag{Name: "stop", Usage: "look at no further rule"},
				&cli.StringFlag{Name: "file", Usage: "rules as get --json prints them, from a `FILE` (- is standard input): those with an id are changed, the others made"},
				&cli.BoolFlag{Name: "replace", Usage: "with --file: delete the rules that are not in the file"},
				outlook,
			)},
			{Name: "delete", Usage: "delete inbox rules", Action: s.rulesDelete, Flags: remote(
				&cli.StringSliceFlag{Name: "id", Usage: "`ID` of the rule, repeatable"}, outlook,
			)},
		},
	}
}

func (s system) rulesGet(c *cli.Context) error {
	box, err := s.open(c)
	if err != nil {
		return err
	}
	defer box.close()
	rules, err := box.InboxRules(c.Context)
	if err != nil {
		return err
	}
	return s.printRules(c, box, rules)
}

func (s system) rulesDelete(c *cli.Context) error {
	if err := need(c, "id"); err != nil {
		return err
	}
	box, err := s.open(c)
	if err != nil {
		return err
	}
	defer box.close()
	changes := mailbox.RuleChanges{RemoveOutlookBlob: c.Bool("remove-outlook-rules")}
	for _, id := range c.StringSlice("id") {
		changes.Operations = append(changes.Operations, mailbox.RuleOperation{Kind: mailbox.DeleteRule, Rule: mailbox.Rule{ID: id}})
	}
	if err := box.UpdateInboxRules(c.Context, changes); err != nil {
		return err
	}
	for _, id := range c.StringSlice("id") {
		if err := s.printer(c).object(done{ID: id, Outcome: "deleted"}, func(w io.Writer) { fmt.Fprintln(w, "deleted") }); err != nil {
			return err
		}
	}
	return nil
}

// printRules writes rules; what Outlook keeps besides is no data, and said
// aside.
func (s system) printRules(c *cli.Context, box *openMailbox, rules mailbox.Rules) error {
	if rules.OutlookBlob {
		s.say("exconn: note: Outlook keeps rules of its own in this mailbox besides; changes need --remove-outlook-rules, and the owner loses them then")
	}
	names := map[mailbox.FolderRef]string{}
	if !c.Bool("json") && slices.ContainsFunc(rules.Rules, func(r mailbox.Rule) bool { return r.Actions.MoveTo != "" || r.Actions.CopyTo != "" }) {
		folders, err := box.Folders(c.Context)
		if err != nil {
			return err
		}
		for _, f := range folders {
			names[mailbox.FolderRef(f.ID)] = f.Path
		}
	}
	return rows(s.printer(c), rules.Rules, []string{"place", "state", "name", "if", "unless", "then", "id"}, func(r mailbox.Rule) []any {
		for _, ref := range []*mailbox.FolderRef{&r.Actions.MoveTo, &r.Actions.CopyTo} {
			if path, known := names[*ref]; known {
				*ref = mailbox.FolderRef(path)
			}
		}
		return []any{r.Priority, ruleState(r), short(r.Name, 30), short(describe(r.Conditions), 60), short(describe(r.Exceptions), 40), short(describe(r.Actions), 60), r.ID}
	})
}

func ruleState(r mailbox.Rule) string {
	switch {
	case r.NotSupported || len(r.Unknown) > 0:
		return "Outlook only"
	case r.InError:
		return "in error"
	case !r.Enabled:
		return "off"
	}
	return "on"
}

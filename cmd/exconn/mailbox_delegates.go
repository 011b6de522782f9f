package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
)

func (s system) mailboxDelegates() *cli.Command {
	delegates := &cli.StringSliceFlag{Name: "delegate", Usage: "`ADDRESS` of the delegate, repeatable"}
	level := func(folder string) cli.Flag {
		return &cli.StringFlag{Name: folder, Usage: "`none|reviewer|author|editor`: what the delegate may do in the folder " + folder}
	}
	return &cli.Command{
		Name:  "delegates",
		Usage: "who acts for the owner of a mailbox",
		Subcommands: []*cli.Command{
			{Name: "get", Usage: "list the delegates, their permissions, and where invitations go", Action: s.delegatesGet, Flags: remote(delegates)},
			{Name: "set", Usage: "make somebody a delegate, or change the parts that are given", Action: s.delegatesSet, Flags: remote(delegates,
				level("calendar"), level("tasks"), level("inbox"), level("contacts"), level("notes"), level("journal"),
				&cli.BoolFlag{Name: "copies", Usage: "the delegate receives copies of invitations; --copies=false ends it"},
				&cli.BoolFlag{Name: "private", Usage: "the delegate sees items that are marked as private; --private=false ends it"},
				&cli.StringFlag{Name: "delivery", Usage: "`delegates-only|delegates-and-me|delegates-and-information|no-forward`: where invitations go, for all delegates who receive copies"},
			)},
			{Name: "remove", Usage: "take a delegate all rights in the default folders, and that to send on the owner's behalf", Action: s.delegatesRemove, Flags: remote(delegates)},
		},
	}
}

// delegateLine is a delegate as --json prints it: what is known, or why nothing
// is.
type delegateLine struct {
	mailbox.Delegate
	Error string `json:"error,omitempty"`
	Code  string `json:"code,omitempty"`
}

// delegateLines is what each of the commands prints.
type delegateLines struct {
	Delegates []delegateLine          `json:"delegates"`
	Delivery  mailbox.MeetingDelivery `json:"delivery,omitempty"`
}

func (s system) delegatesGet(c *cli.Context) error {
	addresses, err := delegateAddresses(c)
	if err != nil {
		return err
	}
	box, err := s.open(c)
	if err != nil {
		return err
	}
	defer box.close()
	found, err := box.Delegates(c.Context, addresses...)
	if err != nil {
		return err
	}
	return s.printDelegates(c, found)
}

// delegatesSet adds who is no delegate yet, and changes the others.
func (s system) delegatesSet(c *cli.Context) error {
	addresses, err := delegateAddresses(c)
	if err != nil {
		return err
	}
	change, err := delegateFlags(c)
	if err != nil {
		return err
	}
	delivery, err := deliveryFlag(c)
	if err != nil {
		return err
	}
	switch {
	case len(addresses) == 0 && change != mailbox.DelegateUpdate{}:
		return usagef("give --delegate ADDRESS", "there is no delegate whose permissions are to be changed")
	case len(addresses) == 0 && delivery == "":
		return usagef("see "+c.Command.HelpName+" --help", "nothing is to be changed")
	}
	box, err := s.open(c)
	if err != nil {
		return err
	}
	defer box.close()
	if len(addresses) == 0 {
		if _, err := box.UpdateDelegates(c.Context, nil, delivery); err != nil {
			return err
		}
		found, err := box.Delegates(c.Context)
		if err != nil {
			return err
		}
		return s.printDelegates(c, found)
	}
	done, err := setDelegates(c, box, addresses, change, delivery)
	if err != nil {
		return err
	}
	return s.printDelegates(c, done)
}

// setDelegates returns the delegates as they are then, or why one is not.
func setDelegates(c *cli.Context, box mailbox.DelegateKeeper, addresses []string, change mailbox.DelegateUpdate, delivery mailbox.MeetingDelivery) (mailbox.Delegates, error) {
	before, err := box.Delegates(c.Context, addresses...)
	if err != nil {
		return mailbox.Delegates{}, err
	}
	var add []mailbox.Delegate
	var update []mailbox.DelegateUpdate
	refused := map[string]error{}
	for i, d := range before.Delegates {
		change.Address = addresses[i]
		switch code := mailbox.Code(d.Err); {
		case d.Err == nil:
			update = append(update, change)
		case code == "ErrorNotDelegate", code == "ErrorDelegateMissingConfiguration":
			// Who is a delegate by half is added anew.
			add = append(add, mailbox.Delegate{
				Address: change.Address, Permissions: change.Permissions,
				ReceivesCopies: change.ReceivesCopies != nil && *change.ReceivesCopies, ViewsPrivate: change.ViewsPrivate != nil && *change.ViewsPrivate,
			})
		default:
			refused[change.Address] = d.Err
		}
	}
	note := func(results []mailbox.Delegate, asked func(int) string) {
		for i, d := range results {
			if d.Err != nil {
				refused[asked(i)] = d.Err
			}
		}
	}
	if len(add) > 0 {
		results, err := box.AddDelegates(c.Context, add, delivery)
		if err != nil {
			return mailbox.Delegates{}, err
		}
		note(results, func(i int) string { return add[i].Address })
	}
	if len(update) > 0 {
		results, err := box.UpdateDelegates(c.Context, update, delivery)
		if err != nil {
			return mailbox.Delegates{}, err
		}
		note(results, func(i int) string { return update[i].Address })
	}
	after, err := box.Delegates(c.Context, addresses...)
	if err != nil {
		return mailbox.Delegates{}, err
	}
	for i := range after.Delegates {
		if err := refused[addresses[i]]; err != nil {
			after.Delegates[i].Err = err
		}
	}
	return after, nil
}

func (s system) delegatesRemove(c *cli.Context) error {
	if err := need(c, "delegate"); err != nil {
		return err
	}
	addresses, err := delegateAddresses(c)
	if err != nil {
		return err
	}
	box, err := s.open(c)
	if err != nil {
		return err
	}
	defer box.close()
	results, err := box.RemoveDelegates(c.Context, addresses...)
	if err != nil {
		return err
	}
	var failed error
	p, removed := s.printer(c), 0
	for _, d := range results {
		line := delegateLine{Delegate: mailbox.Delegate{Address: d.Address}}
		if d.Err != nil {
			failed, line.Error, line.Code = d.Err, d.Err.Error(), mailbox.Code(d.Err)
		} else {
			removed++
		}
		err := p.object(struct {
			Address string `json:"address"`
			Removed bool   `json:"removed"`
			Error   string `json:"error,omitempty"`
			Code    string `json:"code,omitempty"`
		}{line.Address, d.Err == nil, line.Error, line.Code}, func(w io.Writer) {
			if d.Err != nil {
				fmt.Fprintf(w, "%s: not removed: %s\n", plain(line.Address), plain(line.Error))
				return
			}
			fmt.Fprintf(w, "%s: removed\n", plain(line.Address))
		})
		if err != nil {
			return err
		}
	}
	return partly(failed, removed)
}

// partly is the error of a command that was asked for several things, done of
// which it has done: failed is the error of one that it has not.
func partly(failed error, done int) error {
	if failed != nil && done > 0 {
		return &partlyError{failed}
	}
	return failed
}

func delegateAddresses(c *cli.Context) ([]string, error) {
	list, err := people(c, "delegate")
	if err != nil {
		return nil, err
	}
	var addresses []string
	for _, p := range list {
		addresses = append(addresses, p.Address)
	}
	return addresses, nil
}

// delegateFlags is what the flags change in a delegate; zero for nothing.
func delegateFlags(c *cli.Context) (mailbox.DelegateUpdate, error) {
	var u mailbox.DelegateUpdate
	for flag, permission := range map[string]*mailbox.Permission{
		"calendar": &u.Permissions.Calendar, "tasks": &u.Permissions.Tasks, "inbox": &u.Permissions.Inbox,
		"contacts": &u.Permissions.Contacts, "notes": &u.Permissions.Notes, "journal": &u.Permissions.Journal,
	} {
		var err error
		*permission, err = oneOf(c, flag, mailbox.PermissionNone, mailbox.PermissionReviewer, mailbox.PermissionAuthor, mailbox.PermissionEditor)
		if err != nil {
			return u, err
		}
	}
	for flag, value := range map[string]**bool{"copies": &u.ReceivesCopies, "private": &u.ViewsPrivate} {
		if c.IsSet(flag) {
			on := c.Bool(flag)
			*value = &on
		}
	}
	return u, nil
}

// deliveryFlag takes the words of --json too, which have underscores.
func deliveryFlag(c *cli.Context) (mailbox.MeetingDelivery, error) {
	if !c.IsSet("delivery") {
		return "", nil
	}
	value := mailbox.MeetingDelivery(strings.ReplaceAll(strings.ToLower(strings.TrimSpace(c.String("delivery"))), "-", "_"))
	for _, known := range []mailbox.MeetingDelivery{mailbox.DeliverToDelegates, mailbox.DeliverToBoth, mailbox.DeliverInformation, mailbox.DeliverToOwner} {
		if value == known {
			return value, nil
		}
	}
	return "", usagef("use delegates-only, delegates-and-me, delegates-and-information or no-forward", "--delivery %q is none", c.String("delivery"))
}

// deliveryWords say where invitations go.
var deliveryWords = map[mailbox.MeetingDelivery]string{
	mailbox.DeliverToDelegates: "to the delegates; the owner's go to Deleted Items",
	mailbox.DeliverToBoth:      "to the delegates and the owner",
	mailbox.DeliverInformation: "to the delegates, and to the owner for information",
	mailbox.DeliverToOwner:     "to the owner alone",
}

// printDelegates prints what is known of everybody; the command ends in the
// error of one of whom nothing is.
func (s system) printDelegates(c *cli.Context, found mailbox.Delegates) error {
	out := delegateLines{Delegates: []delegateLine{}, Delivery: found.Delivery}
	var failed error
	known := 0
	for _, d := range found.Delegates {
		line := delegateLine{Delegate: d}
		if d.Err != nil {
			failed, line.Error, line.Code = d.Err, d.Err.Error(), mailbox.Code(d.Err)
		} else {
			known++
		}
		out.Delegates = append(out.Delegates, line)
	}
	err := s.printer(c).object(out, func(w io.Writer) {
		t := newTable([]string{"address", "calendar", "tasks", "inbox", "contacts", "notes", "journal", "copies", "private"})
		for _, d := range out.Delegates {
			if d.Err != nil {
				continue
			}
			p := d.Permissions
			t.AppendRow([]any{plain(d.Address), p.Calendar, p.Tasks, p.Inbox, p.Contacts, p.Notes, p.Journal, yes(d.ReceivesCopies), yes(d.ViewsPrivate)})
		}
		if len(out.Delegates) == 0 {
			fmt.Fprintln(w, "no delegates")
		}
		if known > 0 {
			fmt.Fprintln(w, t.Render())
		}
		for _, d := range out.Delegates {
			if d.Err != nil {
				fmt.Fprintf(w, "%s: %s\n", plain(d.Address), plain(d.Error))
			}
		}
		if words := deliveryWords[out.Delivery]; words != "" {
			fmt.Fprintln(w, "invitations go "+words)
		}
	})
	if err != nil {
		return err
	}
	return partly(failed, known)
}

func yes(on bool) string {
	if on {
		return "yes"
	}
	return ""
}

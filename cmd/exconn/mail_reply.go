package main

import (
	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
)

func (s system) mailReply(c *cli.Context) error {
	answer, box, err := s.answer(c)
	if err != nil {
		return err
	}
	defer box.close()
	var wiped func()
	answer.Attachments, wiped = s.shown(answer.Attachments)
	sent, err := box.Reply(c.Context, c.String("id"), answer)
	wiped()
	return s.sentOrUnknown(c, sent, err)
}

func (s system) mailForward(c *cli.Context) error {
	if err := need(c, "id", "to"); err != nil {
		return err
	}
	answer, box, err := s.answer(c)
	if err != nil {
		return err
	}
	defer box.close()
	var wiped func()
	answer.Attachments, wiped = s.shown(answer.Attachments)
	sent, err := box.Forward(c.Context, c.String("id"), answer)
	wiped()
	return s.sentOrUnknown(c, sent, err)
}

// answer reads the flags of a reply or a forward, and opens the mailbox.
func (s system) answer(c *cli.Context) (mailbox.Reply, *openMailbox, error) {
	var r mailbox.Reply
	err := need(c, "id")
	if err == nil {
		r.To, err = people(c, "to")
	}
	if err == nil {
		r.Text, err = s.textFlag(c, "text")
	}
	if err == nil {
		r.Attachments, err = uploads(c, "attach")
	}
	if err != nil {
		return r, nil, err
	}
	r.All = c.Bool("all")
	box, err := s.open(c)
	return r, box, err
}

package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
)

func (s system) mailSend(c *cli.Context) error {
	message, err := s.outgoing(c)
	if err != nil {
		return err
	}
	if !c.Bool("draft") && len(message.To)+len(message.Cc)+len(message.Bcc) == 0 {
		return usagef("give --to ADDRESS", "there is nobody to send to")
	}
	box, err := s.open(c)
	if err != nil {
		return err
	}
	defer box.close()
	var wiped func()
	message.Attachments, wiped = s.shown(message.Attachments)
	if c.Bool("draft") {
		sent, err := box.SaveDraft(c.Context, message)
		wiped()
		if err != nil {
			return err
		}
		return s.sent(c, sent, "saved in Drafts")
	}
	sent, err := box.Send(c.Context, message)
	wiped()
	return s.sentOrUnknown(c, sent, err)
}

// outgoing makes the message of mail send's flags.
func (s system) outgoing(c *cli.Context) (mailbox.Outgoing, error) {
	var m mailbox.Outgoing
	var err error
	for flag, list := range map[string]*[]mailbox.Person{"to": &m.To, "cc": &m.Cc, "bcc": &m.Bcc} {
		if *list, err = people(c, flag); err != nil {
			return m, err
		}
	}
	if from := c.String("from"); from != "" {
		address, err := person("from", from)
		if err != nil {
			return m, err
		}
		m.From = &address
	}
	m.Subject = c.String("subject")
	if m.Text, err = s.textFlag(c, "text"); err != nil {
		return m, err
	}
	if c.IsSet("html-file") {
		for _, other := range []string{"text", "text-file"} {
			if c.IsSet(other) {
				return m, usagef("give one of them: Exchange keeps one body, and makes plain text of an HTML one itself", "--%s and --html-file exclude each other", other)
			}
		}
		html, err := s.readFile(c.String("html-file"), "--html-file")
		if err != nil {
			return m, err
		}
		m.HTML = string(html)
	}
	m.Importance = mailbox.Importance(c.String("importance"))
	switch m.Importance {
	case mailbox.Low, mailbox.Normal, mailbox.High:
	default:
		return m, usagef("use low, normal or high", "--importance %q is none", m.Importance)
	}
	if m.Attachments, err = uploads(c, "attach"); err != nil {
		return m, err
	}
	inline, err := uploads(c, "inline")
	if err != nil {
		return m, err
	}
	if len(inline) > 0 && m.HTML == "" {
		return m, usagef("give --html-file with <img src=\"cid:NAME\">", "--inline needs an HTML body that shows the image")
	}
	for _, image := range inline {
		image.Inline, image.ContentID = true, image.Name
		m.Attachments = append(m.Attachments, image)
	}
	return m, nil
}

// uploads makes an upload of each file that a flag names.
func uploads(c *cli.Context, flag string) ([]mailbox.Upload, error) {
	var list []mailbox.Upload
	for _, name := range c.StringSlice(flag) {
		info, err := os.Stat(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, usagef("give the path of a file that exists", "--%s: there is no file %s", flag, name)
		case err != nil:
			return nil, usagef("give the path of a file that can be read", "--%s: %v", flag, err)
		case !info.Mode().IsRegular():
			return nil, usagef("attach its files one by one, or pack them into one", "--%s: %s is no file", flag, name)
		}
		list = append(list, mailbox.Upload{
			Name: filepath.Base(name), ContentType: contentType(name), Size: info.Size(),
			Open: func() (io.ReadCloser, error) { return os.Open(name) },
		})
	}
	return list, nil
}

// contentType follows from the file's name; "" leaves it to the server.
func contentType(name string) string {
	kind, _, _ := strings.Cut(mime.TypeByExtension(filepath.Ext(name)), ";")
	return kind
}

// sentOrUnknown prints what is known of a send, even where that is not all.
func (s system) sentOrUnknown(c *cli.Context, sent mailbox.Sent, err error) error {
	if err != nil && sent.Outcome != mailbox.Unknown {
		return err
	}
	if printed := s.sent(c, sent, "sent"); printed != nil {
		return printed
	}
	return err
}

func (s system) sent(c *cli.Context, sent mailbox.Sent, what string) error {
	return s.printer(c).object(sent, func(w io.Writer) {
		if sent.Outcome == mailbox.Unknown {
			what = "outcome unknown: it may have been sent; look in Sent Items before you repeat it"
		}
		fmt.Fprintln(w, what)
		fields(w, "Message-ID", sent.InternetMessageID, "Conversation", sent.ConversationID, "Id", sent.ID)
	})
}

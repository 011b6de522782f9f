package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
)

func (s system) mailGet(c *cli.Context) error {
	if err := need(c, "id"); err != nil {
		return err
	}
	box, err := s.open(c)
	if err != nil {
		return err
	}
	defer box.close()
	if c.Bool("mime") {
		return box.MIME(c.Context, c.String("id"), s.out)
	}
	message, err := box.Message(c.Context, c.String("id"))
	if err != nil {
		return err
	}
	return s.printer(c).object(message, func(w io.Writer) { printMessage(w, message) })
}

func printMessage(w io.Writer, m mailbox.Message) {
	from := ""
	if m.From != nil {
		from = m.From.String()
	}
	fields(w, "Subject", m.Subject, "From", from, "To", join(m.To), "Cc", join(m.Cc), "Bcc", join(m.Bcc),
		"Sent", moment(m.Sent), "Received", moment(m.Received), "Importance", string(m.Importance),
		"Message-ID", m.InternetMessageID, "Conversation", m.ConversationID, "Id", m.ID)
	for _, a := range m.Attachments {
		fmt.Fprintf(w, "Attachment: %s (%s, %d bytes)  %s\n", plain(a.Name), plain(a.ContentType), a.Size, a.ID)
	}
	if m.Body != nil {
		fmt.Fprintf(w, "\n%s\n", plainBody(m.Body.Content))
	}
}

func join(list []mailbox.Person) string {
	texts := make([]string, len(list))
	for i, p := range list {
		texts[i] = p.String()
	}
	return strings.Join(texts, ", ")
}

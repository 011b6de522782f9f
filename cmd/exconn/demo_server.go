package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/exconn/exconn/connection"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/mailbox/timezone"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/simulator"
	"github.com/exconn/exconn/simulator/entra"
)

// The accounts of the pretend Exchange Server.
const (
	serviceAccount = "svc-crm@contoso.example"
	anna           = "anna@contoso.example"
	ben            = "ben@contoso.example"
	carla          = "carla@contoso.example"
	director       = "director@contoso.example" // inside the fence, outside the role's scope
	stranger       = "stranger@elsewhere.example"
)

const demoZone = "Europe/Berlin"

// server is the Exchange Server: a service account that signs in once and
// impersonates.
func (d *demo) server(ctx context.Context) {
	var conn *connection.Connection
	ok := d.step("server: sign in by PKCE", func() (detail string, err error) {
		conn, detail, err = d.connect(ctx, connection.Draft{
			Profile: connection.Profile{
				Name: "contoso", ExchangeType: connection.Server, EWSURL: d.sim.EWSURL(simulator.Server),
				AllowMailboxes: []string{anna, ben, carla, director},
			},
			Auth: &connection.Auth{
				ClientID: d.sim.Applications().Server.ClientID, AuthorityURL: d.sim.AuthorityURL(simulator.Server), Method: oauth.PKCE,
			},
		}, serviceAccount)
		return detail, err
	})
	if !ok {
		return
	}
	defer conn.Close() //nolint:errcheck // nothing is left to write
	boxes := map[string]connection.Mailbox{}
	for _, address := range []string{anna, ben, carla} {
		d.step("server: folders of "+address, func() (string, error) {
			box, err := conn.Mailbox(ctx, address)
			if err != nil {
				return "", err
			}
			boxes[address] = box
			return folders(ctx, box)
		})
	}
	if len(boxes) < 3 {
		return
	}
	d.read(ctx, boxes[anna])
	d.meeting(ctx, boxes[anna], boxes[ben])
	d.mail(ctx, boxes[anna], boxes[carla])
	d.refusals(ctx, conn)
	d.basic(ctx)
}

func folders(ctx context.Context, box connection.Mailbox) (string, error) {
	list, err := box.Folders(ctx)
	if err != nil {
		return "", err
	}
	var paths []string
	for _, f := range list {
		paths = append(paths, f.Path)
	}
	for _, wanted := range []string{"Inbox", "Sent Items", "Calendar"} {
		if !strings.Contains("\n"+strings.Join(paths, "\n")+"\n", "\n"+wanted+"\n") {
			return "", fmt.Errorf("no folder %q among %q", wanted, paths)
		}
	}
	return fmt.Sprintf("%d folders, %s: %s", len(list), box.Access(), short(strings.Join(paths, ", "), 60)), nil
}

// read reads what is there: the inbox, a message with its attachment, and the
// week's calendar.
func (d *demo) read(ctx context.Context, box connection.Mailbox) {
	var list []mailbox.Message
	d.step("server: inbox of "+box.Address(), func() (string, error) {
		var err error
		if list, err = collect(ctx, box, mailbox.Query{Folder: mailbox.Inbox, Limit: 50}); err != nil {
			return "", err
		}
		if len(list) == 0 {
			return "", errors.New("the inbox is empty")
		}
		return fmt.Sprintf("%d messages, the newest %q", len(list), list[0].Subject), nil
	})
	d.step("server: unread messages by restriction", func() (string, error) {
		unread, err := collect(ctx, box, mailbox.Query{Folder: mailbox.Inbox, Unread: true, Limit: 50})
		if err != nil {
			return "", err
		}
		want := 0
		for _, m := range list {
			if !m.IsRead {
				want++
			}
		}
		for _, m := range unread {
			if m.IsRead {
				return "", fmt.Errorf("%q is read", m.Subject)
			}
		}
		if len(list) < 50 && len(unread) != want {
			return "", fmt.Errorf("%d unread by restriction, %d in the whole list", len(unread), want)
		}
		return fmt.Sprintf("%d unread", len(unread)), nil
	})
	d.step("server: a message with its attachment", func() (string, error) {
		for _, m := range list {
			if m.HasAttachments {
				return attachment(ctx, box, m.ID)
			}
		}
		return "", errors.New("no message has an attachment")
	})
	d.step("server: the week's calendar", func() (string, error) {
		now := time.Now()
		events, err := box.Events(ctx, mailbox.Calendar, now.AddDate(0, 0, -3), now.AddDate(0, 0, 7))
		if err != nil {
			return "", err
		}
		recurring := 0
		for i, e := range events {
			if e.Type == mailbox.Occurrence || e.Type == mailbox.Exception {
				recurring++
			}
			if i > 0 && e.Start.Before(events[i-1].Start) {
				return "", fmt.Errorf("%q is out of order", e.Subject)
			}
		}
		if recurring == 0 {
			return "", fmt.Errorf("no occurrence of a recurring event among %d events", len(events))
		}
		return fmt.Sprintf("%d events, %d of them occurrences of recurring ones", len(events), recurring), nil
	})
}

func attachment(ctx context.Context, box connection.Mailbox, id string) (string, error) {
	m, err := box.Message(ctx, id)
	if err != nil {
		return "", err
	}
	if m.Body == nil || m.Body.Content == "" || len(m.To) == 0 || m.From == nil {
		return "", fmt.Errorf("%q lacks its body, sender or recipients", m.Subject)
	}
	if len(m.Attachments) == 0 {
		return "", fmt.Errorf("%q says that it has attachments, and lists none", m.Subject)
	}
	detail := fmt.Sprintf("%q from %s with", m.Subject, m.From)
	for _, a := range m.Attachments {
		var content bytes.Buffer
		if _, err := box.Attachment(ctx, a.ID, &content); err != nil {
			return "", err
		}
		if content.Len() == 0 {
			return "", fmt.Errorf("the attachment %s is empty", a.Name)
		}
		detail += fmt.Sprintf(" %s (%d bytes)", a.Name, content.Len())
	}
	return detail, nil
}

// meeting makes a recurring meeting, and looks at it from the other side.
func (d *demo) meeting(ctx context.Context, organizer, guest connection.Mailbox) {
	zone, err := timezone.Location(demoZone)
	if err != nil {
		d.step("server: the time zone "+demoZone, func() (string, error) { return "", err })
		return
	}
	now := time.Now().In(zone)
	day := now.AddDate(0, 0, (8-int(now.Weekday()))%7+7) // a Monday, in one to two weeks
	start := time.Date(day.Year(), day.Month(), day.Day(), 10, 0, 0, 0, zone)
	subject := "Quarterly review " + now.Format("150405.000")
	// The four Mondays, whatever summer time does in between.
	window := func(box connection.Mailbox) ([]mailbox.Event, error) {
		all, err := box.Events(ctx, mailbox.Calendar, start.AddDate(0, 0, -1), start.AddDate(0, 0, 35))
		var mine []mailbox.Event
		for _, e := range all {
			if strings.Contains(e.Subject, subject) {
				mine = append(mine, e)
			}
		}
		return mine, err
	}
	var event mailbox.Event
	ok := d.step("server: create a recurring meeting", func() (string, error) {
		reminder := 15
		var err error
		event, err = organizer.CreateEvent(ctx, mailbox.NewEvent{
			Subject: subject, Start: start, End: start.Add(time.Hour), TimeZone: demoZone, Location: "Room 1",
			Text: "Figures of the quarter.", ReminderMinutes: &reminder, Recurrence: "FREQ=WEEKLY;BYDAY=MO;COUNT=4",
			Attendees: []mailbox.Attendee{{Address: guest.Address(), Required: true}}, Notify: mailbox.NotifyAll,
		})
		if err != nil {
			return "", err
		}
		back, err := organizer.Event(ctx, event.ID)
		if err != nil {
			return "", err
		}
		if !back.Start.Equal(start) || back.Recurrence == "" || back.TimeZone != demoZone || len(back.Attendees) != 1 ||
			back.ReminderMinutes == nil || *back.ReminderMinutes != reminder || back.Location != "Room 1" {
			return "", fmt.Errorf("it came back as %+v", back)
		}
		return fmt.Sprintf("%s at %s, %s", subject, back.Start.Format(time.RFC3339), back.Recurrence), nil
	})
	if !ok {
		return
	}
	d.step("server: the server expands it for the attendee", func() (string, error) {
		seen, err := window(guest)
		if err != nil {
			return "", err
		}
		if len(seen) != 4 {
			return "", fmt.Errorf("%d occurrences instead of 4", len(seen))
		}
		for i, e := range seen {
			if want := start.AddDate(0, 0, 7*i); !e.Start.Equal(want) {
				return "", fmt.Errorf("occurrence %d is at %s instead of %s", i+1, e.Start, want)
			}
		}
		return "4 occurrences on Mondays at 10:00 " + demoZone + " in " + guest.Address(), nil
	})
	d.step("server: the attendee has the invitation", func() (string, error) {
		list, err := collect(ctx, guest, mailbox.Query{Folder: mailbox.Inbox, Limit: 10})
		if err != nil {
			return "", err
		}
		for _, m := range list {
			if strings.Contains(m.Subject, subject) && strings.HasPrefix(m.Class, "IPM.Schedule.Meeting.Request") {
				return m.Subject + " from " + m.From.String(), nil
			}
		}
		return "", errors.New("no meeting request in the inbox")
	})
	d.step("server: change the meeting", func() (string, error) {
		location, later, end := "Room 2", start.Add(30*time.Minute), start.Add(90*time.Minute)
		_, err := organizer.UpdateEvent(ctx, event.ID, mailbox.EventUpdate{
			Location: &location, Start: &later, End: &end, TimeZone: demoZone, Notify: mailbox.NotifyAll,
		})
		if err != nil {
			return "", err
		}
		seen, err := window(guest)
		if err != nil {
			return "", err
		}
		if len(seen) != 4 || seen[0].Location != location || !seen[0].Start.Equal(later) {
			return "", fmt.Errorf("the attendee sees %+v", seen)
		}
		return "the attendee sees " + location + " at 10:30", nil
	})
	d.step("server: cancel the meeting with a message", func() (string, error) {
		if err := organizer.CancelEvent(ctx, event.ID, "The figures are not ready."); err != nil {
			return "", err
		}
		left, err := window(organizer)
		if err != nil {
			return "", err
		}
		if len(left) != 0 {
			return "", fmt.Errorf("%d occurrences are left in the organizer's calendar", len(left))
		}
		seen, err := window(guest)
		if err != nil {
			return "", err
		}
		for _, e := range seen {
			if !e.IsCancelled {
				return "", fmt.Errorf("the attendee still sees %q as valid", e.Subject)
			}
		}
		return fmt.Sprintf("gone from the organizer's calendar; the attendee sees %d cancelled", len(seen)), nil
	})
}

// mail sends a message with an attachment, finds it at both ends, and answers.
func (d *demo) mail(ctx context.Context, sender, recipient connection.Mailbox) {
	content := bytes.Repeat([]byte("offer;price\r\nA;100\r\n"), 500)
	var sent mailbox.Sent
	var arrived mailbox.Message
	subject := "Offer " + time.Now().Format("150405.000")
	ok := d.step("server: send a mail with an attachment", func() (string, error) {
		var err error
		sent, err = sender.Send(ctx, mailbox.Outgoing{
			To: []mailbox.Person{{Address: recipient.Address()}}, Subject: subject, Importance: mailbox.High,
			HTML: "<p>Dear Carla,</p><p>our <b>offer</b> is attached.</p>",
			Attachments: []mailbox.Upload{{
				Name: "offer.csv", ContentType: "text/csv", Size: int64(len(content)),
				Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
			}},
		})
		if err != nil {
			return "", err
		}
		if sent.Outcome != mailbox.Confirmed || sent.InternetMessageID == "" || sent.ConversationID == "" {
			return "", fmt.Errorf("the answer lacks something: %+v", sent)
		}
		return sent.InternetMessageID, nil
	})
	if !ok {
		return
	}
	ok = d.step("server: found in the recipient's inbox", func() (string, error) {
		var err error
		if arrived, err = find(ctx, recipient, mailbox.Inbox, sent.InternetMessageID); err != nil {
			return "", err
		}
		if arrived.Subject != subject || arrived.Importance != mailbox.High || len(arrived.Attachments) != 1 {
			return "", fmt.Errorf("it arrived as %q, importance %s, with %d attachments", arrived.Subject, arrived.Importance, len(arrived.Attachments))
		}
		var back bytes.Buffer
		if _, err := recipient.Attachment(ctx, arrived.Attachments[0].ID, &back); err != nil {
			return "", err
		}
		if !bytes.Equal(back.Bytes(), content) {
			return "", fmt.Errorf("the attachment came back with %d bytes instead of %d, or others", back.Len(), len(content))
		}
		return fmt.Sprintf("%q, its attachment of %d bytes unchanged", arrived.Subject, back.Len()), nil
	})
	d.step("server: found in Sent Items", func() (string, error) {
		kept, err := find(ctx, sender, mailbox.SentItems, sent.InternetMessageID)
		if err != nil {
			return "", err
		}
		if kept.IsDraft || kept.ConversationID != sent.ConversationID {
			return "", fmt.Errorf("it is a draft (%v) or in conversation %s instead of %s", kept.IsDraft, kept.ConversationID, sent.ConversationID)
		}
		return kept.Subject, nil
	})
	if !ok {
		return
	}
	d.step("server: reply", func() (string, error) {
		answer, err := recipient.Reply(ctx, arrived.ID, mailbox.Reply{Text: "Thank you, accepted."})
		if err != nil {
			return "", err
		}
		back, err := find(ctx, sender, mailbox.Inbox, answer.InternetMessageID)
		if err != nil {
			return "", err
		}
		if back.ConversationID != sent.ConversationID || !strings.Contains(back.Body.Content, "accepted") {
			return "", fmt.Errorf("the reply is in conversation %s instead of %s, or lacks its text", back.ConversationID, sent.ConversationID)
		}
		return fmt.Sprintf("%q in the same conversation", back.Subject), nil
	})
	d.tidy(ctx, recipient, arrived.ID)
}

// tidy marks, moves and deletes a message, and looks where it is.
func (d *demo) tidy(ctx context.Context, box connection.Mailbox, id string) {
	d.step("server: mark as read, move and delete", func() (string, error) {
		if err := box.MarkRead(ctx, id, true); err != nil {
			return "", err
		}
		m, err := box.Message(ctx, id)
		if err != nil || !m.IsRead {
			return "", errors.Join(errors.New("it is not marked as read"), err)
		}
		moved, err := box.Move(ctx, id, mailbox.JunkEmail)
		if err != nil {
			return "", err
		}
		if _, err := box.Message(ctx, moved); err != nil {
			return "", fmt.Errorf("after the move: %w", err)
		}
		if err := box.Delete(ctx, moved, true); err != nil {
			return "", err
		}
		if _, err := box.Message(ctx, moved); !errors.Is(err, mailbox.ErrNotFound) {
			return "", fmt.Errorf("after it was deleted: %v", err)
		}
		return "read, moved to Junk Email under a new id, removed", nil
	})
}

// refusals are those of Exchange and of the connection itself.
func (d *demo) refusals(ctx context.Context, conn *connection.Connection) {
	d.step("server: refused outside the role's scope", func() (string, error) {
		box, err := conn.Mailbox(ctx, director)
		if err == nil {
			_, err = collect(ctx, box, mailbox.Query{Limit: 1})
		}
		return refused(err, mailbox.ErrAccessDenied, "ErrorImpersonateUserDenied")
	})
	d.step("server: refused outside the fence", func() (string, error) {
		before := d.requests.Load()
		_, err := conn.Mailbox(ctx, stranger)
		detail, err := refused(err, mailbox.ErrFenced, "")
		if after := d.requests.Load(); after != before {
			return "", fmt.Errorf("%d requests were sent all the same", after-before)
		}
		return detail, err
	})
}

// basic is the same server with a user name and a password.
func (d *demo) basic(ctx context.Context) {
	d.step("server: Basic authentication", func() (string, error) {
		conn, _, err := d.connect(ctx, connection.Draft{
			Profile: connection.Profile{
				Name: "contoso-basic", ExchangeType: connection.Server, EWSURL: d.sim.EWSURL(simulator.Server),
				AllowMailboxes: []string{"contoso.example"}, Login: &connection.Login{Kind: connection.Basic, Username: serviceAccount},
			},
			Secrets: connection.Secrets{Password: secretOf(d.sim.Password(serviceAccount))},
		}, "")
		if err != nil {
			return "", err
		}
		defer conn.Close() //nolint:errcheck // nothing is left to write
		return inbox(ctx, conn, ben)
	})
}

func secretOf(s entra.Secret) oauth.Secret { return oauth.Secret(string(s)) }

// inbox reads the newest messages of a mailbox.
func inbox(ctx context.Context, conn *connection.Connection, address string) (string, error) {
	box, err := conn.Mailbox(ctx, address)
	if err != nil {
		return "", err
	}
	list, err := collect(ctx, box, mailbox.Query{Folder: mailbox.Inbox, Limit: 5, Body: true})
	if err != nil {
		return "", err
	}
	if len(list) == 0 || list[0].Body == nil {
		return "", fmt.Errorf("no message with a body in the inbox of %s", address)
	}
	return fmt.Sprintf("%s, %s: the newest is %q", address, box.Access(), list[0].Subject), nil
}

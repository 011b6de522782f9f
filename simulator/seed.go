package simulator

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/mailbox/timezone"
	"github.com/exconn/exconn/wsdl"
)

// seeder fills the mailboxes with a past: mail of the last weeks and a calendar
// around the present week. Everything happens through the same doors as later,
// in order of time, with the clock set back.
type seeder struct {
	st     *state
	now    time.Time
	loc    *time.Location
	monday time.Time // midnight of this week's Monday, on the wall
	events []happening
	logo   []byte
}

// happening is something that happened at a time.
type happening struct {
	at time.Time
	do func() error
}

func (st *state) seed() error {
	clock := st.now
	defer func() { st.now = clock }()
	s := &seeder{st: st, now: clock(), logo: logo()}
	for _, mb := range st.mailboxes {
		if mb.room || mb.crowded {
			continue
		}
		loc, err := timezone.Location(mb.zone)
		if err != nil {
			return err
		}
		today := dayOf(wallOf(s.now, loc))
		s.loc, s.monday = loc, today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
		s.folders(mb)
		s.mail(mb)
		s.calendar(mb)
		s.contacts(mb)
		s.tasks(mb)
	}
	slices.SortStableFunc(s.events, func(a, b happening) int { return a.at.Compare(b.at) })
	for _, e := range s.events {
		st.now = func() time.Time { return e.at }
		if err := e.do(); err != nil {
			return fmt.Errorf("making the mailboxes' past: %w", err)
		}
	}
	return nil
}

func (s *seeder) plan(at time.Time, do func() error) {
	if !at.After(s.now) {
		s.events = append(s.events, happening{at, do})
	}
}

// pick chooses one of a list by the seed.
func pick[T any](s *seeder, list []T) T { return list[s.st.rand.IntN(len(list))] }

// folders adds the folders that the owner has made.
func (s *seeder) folders(mb *mbox) {
	inbox := mb.known("inbox")
	projects := s.st.newFolder(mb, inbox, "Projects", "IPF.Note", "")
	s.st.newFolder(mb, projects, "Northwind rollout", "IPF.Note", "")
	s.st.newFolder(mb, inbox, "Invoices", "IPF.Note", "")
	s.st.newFolder(mb, mb.known("msgfolderroot"), "Archive", "IPF.Note", "")
}

// colleagues are the other people of the tenant.
func (s *seeder) colleagues(mb *mbox) []*mbox {
	var list []*mbox
	for _, other := range s.st.mailboxes {
		if other.tenant == mb.tenant && other != mb && !other.room && !other.crowded && !strings.HasPrefix(other.address, "svc-") && other.address != shared {
			list = append(list, other)
		}
	}
	return list
}

// mail plans about thirty messages over the last four weeks.
func (s *seeder) mail(mb *mbox) {
	n := 26 + s.st.rand.IntN(16)
	if strings.HasPrefix(mb.address, "svc-") {
		n = 3
	}
	for i := range n {
		at := s.now.Add(-time.Duration(i)*17*time.Hour - time.Duration(s.st.rand.IntN(600))*time.Minute - 10*time.Minute)
		topic, who := pick(s, topics), pick(s, customers)
		note := s.compose(topic, who)
		switch {
		case i%5 == 4 && len(s.colleagues(mb)) > 0:
			from := pick(s, s.colleagues(mb))
			s.plan(at, func() error { return s.sendInside(from, mb, note) })
		default:
			s.plan(at, func() error { s.arrive(mb, who, note, i); return nil })
		}
		if i%6 == 2 {
			s.plan(at.Add(50*time.Minute), func() error { return s.answer(mb, note, who) })
		}
	}
	s.plan(s.now.Add(-26*time.Hour), func() error {
		_, err := s.session(mb).Create(s.context(), ewsserver.NewItem{Disposition: wsdl.DispositionSaveOnly, Item: &wsdl.MessageType{
			Subject:      text("Notes for the quarterly review"),
			Body:         page("<p>Figures to follow. Ask finance for the totals of last month first.</p>"),
			ToRecipients: recipients(mb.person()),
		}})
		return err
	})
}

// note is a message's content.
type note struct {
	subject, body string
	documents     []documentFile
	files         []*attachment
}

// documentFile is a PDF with a line of text.
type documentFile struct{ name, line string }

func (s *seeder) compose(t topic, who contact) note {
	n := composeNote(s.st.rand, t, who)
	for _, d := range n.documents {
		n.files = append(n.files, s.st.newFile(d.name, "application/pdf", document(d.name, d.line)))
	}
	return n
}

func composeNote(r *rand.Rand, t topic, who contact) note {
	number := 1000 + r.IntN(9000)
	fill := strings.NewReplacer("{company}", who.company, "{first}", strings.Fields(who.name)[0], "{number}", fmt.Sprint(number),
		"{amount}", fmt.Sprintf("%d,%03d.00 EUR", 1+r.IntN(40), r.IntN(1000)))
	n := note{subject: fill.Replace(t.subject), body: fill.Replace(t.body)}
	if t.file != "" {
		n.documents = append(n.documents, documentFile{fill.Replace(t.file), n.subject})
	}
	return n
}

// arrive delivers a message from outside.
func (s *seeder) arrive(mb *mbox, who contact, n note, i int) {
	sender := person(who.name, who.address())
	body, files := n.body, n.files
	if i%4 == 0 {
		cid := fmt.Sprintf("logo%d@%s", i, who.domain)
		body += `<p><img src="cid:` + cid + `" alt="` + who.company + `" width="120" height="40"></p>`
		files = append(slices.Clone(files), s.st.newInline("logo.png", "image/png", cid, s.logo))
	}
	v := &wsdl.MessageType{
		Subject: text(n.subject), Body: page(body), From: recipient(sender), Sender: recipient(sender),
		ToRecipients: recipients(mb.person()),
	}
	if i%7 == 3 {
		v.Importance = wsdl.Ptr(wsdl.ImportanceNameHigh)
	}
	s.st.stamp(v, mb)
	v.InternetMessageId = text(fmt.Sprintf("<%x@mail.%s>", s.st.random(12), who.domain))
	it := s.st.receive(letter{value: v, files: files}, mb, nil)
	if i > 7 {
		s.st.change(it, withRead(it.value), wsdl.ReadFlagChange)
	}
	if i > 12 && i%3 == 0 {
		to := pick(s, []string{"Projects", "Invoices"})
		s.st.move(it, mb.known("inbox").child(to))
	}
}

func withRead(value any) any {
	v := shallow(value)
	set(v, "IsRead", wsdl.Bool(true))
	return v
}

// sendInside sends a message from one colleague to another.
func (s *seeder) sendInside(from, to *mbox, n note) error {
	_, err := s.session(from).Create(s.context(), ewsserver.NewItem{Disposition: wsdl.DispositionSendAndSaveCopy, Item: &wsdl.MessageType{
		Subject: text("Fw: " + n.subject), Body: page("<p>Can you take this one? I am out tomorrow.</p><hr>" + n.body),
		ToRecipients: recipients(to.person()),
	}})
	return err
}

// answer replies to the customer, if the message is still where it arrived.
func (s *seeder) answer(mb *mbox, n note, who contact) error {
	for _, it := range mb.known("inbox").items {
		if str(it.value, "Subject") != n.subject || address(mailboxOf(get[wsdl.RecipientType](it.value, "From"))) != who.address() {
			continue
		}
		_, err := s.session(mb).Create(s.context(), ewsserver.NewItem{
			Disposition: wsdl.DispositionSendAndSaveCopy, ReplyTo: &ewsserver.ItemRef{ID: encodeID(it.raw)},
			Item: &wsdl.MessageType{
				Subject: text("RE: " + n.subject), Body: page("<p>Thank you, I will look into it and come back to you this week.</p><hr>" + n.body),
				ToRecipients: recipients(person(who.name, who.address())),
			},
		})
		return err
	}
	return nil
}

// calendar plans the meetings and appointments around this week.
func (s *seeder) calendar(mb *mbox) {
	monday, loc := s.monday, s.loc
	at := func(day, hour, minute int) time.Time {
		return wallTime(monday.AddDate(0, 0, day).Add(time.Duration(hour)*time.Hour+time.Duration(minute)*time.Minute), loc)
	}
	zone, _ := zoneByID(mb.zone, s.now.Year())
	add := func(created time.Time, c *wsdl.CalendarItemType, with ...*mbox) {
		c.StartTimeZone = zone.def
		send := wsdl.SendInvitationsSendToNone
		if len(with) > 0 {
			send = wsdl.SendInvitationsSendToAllAndSaveCopy
			c.RequiredAttendees = &wsdl.AttendeesType{}
			for _, other := range with {
				c.RequiredAttendees.Attendee = append(c.RequiredAttendees.Attendee, &wsdl.AttendeeType{Mailbox: other.person()})
			}
		}
		s.plan(created, func() error {
			_, err := s.session(mb).Create(s.context(), ewsserver.NewItem{Item: c, Invitations: send})
			return err
		})
	}
	event := func(subject, place string, from, to time.Time) *wsdl.CalendarItemType {
		return &wsdl.CalendarItemType{
			Subject: text(subject), Location: wsdl.NewText(place), Body: page("<p>" + subject + "</p>"),
			Start: wsdl.FormatTime(from), End: wsdl.FormatTime(to),
		}
	}
	ago := s.now.AddDate(0, 0, -21)
	weekly := func(c *wsdl.CalendarItemType, days string, from int) *wsdl.CalendarItemType {
		c.Recurrence = &wsdl.RecurrenceType{
			WeeklyRecurrence: &wsdl.WeeklyPattern{Interval: wsdl.Ptr(wsdl.Int32(1)), DaysOfWeek: text(days), FirstDayOfWeek: wsdl.Ptr(wsdl.DayNameMonday)},
			NoEndRecurrence:  &wsdl.NoEndRange{StartDate: wsdl.FormatDate(monday.AddDate(0, 0, from))},
		}
		return c
	}
	if strings.HasPrefix(mb.address, "svc-") {
		return
	}
	others := s.colleagues(mb)
	if mb.address == "anna@contoso.example" || mb.address == "erik@fabrikam.example" {
		var team []*mbox
		for _, o := range others {
			if o.address != "director@contoso.example" {
				team = append(team, o)
			}
		}
		add(ago, weekly(event("Stand-up", "Meeting room 2", at(-14, 9, 15), at(-14, 9, 30)), "Monday Tuesday Wednesday Thursday Friday", -14), team...)
		add(ago.Add(time.Hour), weekly(event("Pipeline review", "Board room", at(-12, 14, 0), at(-12, 15, 0)), "Wednesday", -12), team...)
		add(s.now.Add(-30*time.Hour), event("Northwind kick-off", "Online", at(3, 10, 0), at(3, 11, 30)), team...)
	}
	add(ago, event("Dentist", "Main Street 4", at(1, 17, 0), at(1, 18, 0)))
	add(ago, event("Visit to Adatum", "Adatum, Harbour Road 12", at(2, 10, 30), at(2, 12, 0)))
	add(ago, event("Draft the offer for Woodgrove", "", at(4, 13, 0), at(4, 15, 30)))
	fair := event("Trade fair", "Exhibition centre, hall 7", at(7, 0, 0), at(9, 0, 0))
	fair.IsAllDayEvent = wsdl.Ptr(wsdl.Bool(true))
	add(ago, fair)
	report := event("Monthly report due", "", at(-28, 16, 0), at(-28, 16, 30))
	report.Recurrence = &wsdl.RecurrenceType{
		RelativeMonthlyRecurrence: &wsdl.RelativeMonthlyPattern{Interval: wsdl.Ptr(wsdl.Int32(1)),
			DaysOfWeek: text("Friday"), DayOfWeekIndex: wsdl.Ptr(wsdl.DayIndexNameLast)},
		NumberedRecurrence: &wsdl.NumberedRange{StartDate: wsdl.FormatDate(monday.AddDate(0, 0, -28)), NumberOfOccurrences: wsdl.Ptr(wsdl.Int32(24))},
	}
	add(ago, report)
}

// page wraps a body in a page as mail programs do.
func page(body string) *wsdl.BodyContent {
	return html(`<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body style="font-family:Calibri,Arial,sans-serif">` + body + `</body></html>`)
}

// logo draws a small picture.
func logo() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 120, 40))
	for y := range 40 {
		for x := range 120 {
			img.Set(x, y, color.RGBA{R: uint8(30 + x), G: uint8(90 + 2*y), B: 160, A: 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil // a Buffer takes everything, and the picture is a valid one
	}
	return b.Bytes()
}

// document makes a one-page PDF with a line of text.
func document(name, line string) []byte {
	escape := strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`)
	stream := "BT /F1 16 Tf 72 760 Td (" + escape.Replace(line) + ") Tj ET"
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(stream), stream),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
		"<< /Title (" + escape.Replace(name) + ") >>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	var offsets []int
	for i, o := range objects {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R /Info 6 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, xref)
	return b.Bytes()
}

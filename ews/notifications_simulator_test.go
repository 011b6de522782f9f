package ews_test

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/simulator"
	"github.com/exconn/exconn/wsdl"
)

// watching is a stream that a test takes notices from one by one.
type watching struct {
	t    *testing.T
	next func() (mailbox.Notice, error, bool)
}

func watch(t *testing.T, seq iter.Seq2[mailbox.Notice, error]) *watching {
	next, stop := iter.Pull2(seq)
	t.Cleanup(stop)
	return &watching{t, next}
}

// expect takes notices until one is of that kind; others may come before it.
func (w *watching) expect(kind mailbox.NoticeKind) mailbox.Notice {
	w.t.Helper()
	for {
		n, err, ok := w.next()
		if err != nil || !ok {
			w.t.Fatalf("waiting for %s: %v", kind, err)
		}
		if n.Kind == kind {
			return n
		}
	}
}

// exactly takes the next notice, which is to be of that kind.
func (w *watching) exactly(kind mailbox.NoticeKind) mailbox.Notice {
	w.t.Helper()
	n, err, ok := w.next()
	if err != nil || !ok || n.Kind != kind {
		w.t.Fatalf("got %+v, %v, want %s", n, err, kind)
	}
	return n
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func post(t *testing.T, m *ews.Mailbox, to, subject string) {
	t.Helper()
	_, err := m.Send(t.Context(), mailbox.Outgoing{To: []mailbox.Person{{Address: to}}, Subject: subject, Text: "hello"})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPullTellsWhatHappened(t *testing.T) {
	x := newExchange(t)
	anna := x.of("anna@contoso.example")
	sub, err := anna.SubscribePull(t.Context(), ews.Subscribe{Folders: []mailbox.FolderRef{mailbox.Inbox}, Minutes: 5})
	if err != nil {
		t.Fatal(err)
	}
	take := func() []mailbox.NoticeKind {
		t.Helper()
		events, err := anna.GetEvents(t.Context(), sub)
		if err != nil {
			t.Fatal(err)
		}
		sub.Watermark = events.Watermark
		var kinds []mailbox.NoticeKind
		for _, n := range events.Notices {
			if n.ItemID == "" || n.ParentID == "" || n.At.IsZero() || n.Mailbox != "anna@contoso.example" {
				t.Errorf("incomplete: %+v", n)
			}
			kinds = append(kinds, n.Kind)
		}
		return kinds
	}
	if got := take(); len(got) != 0 {
		t.Fatalf("before anything happened: %v", got)
	}
	post(t, x.of("ben@contoso.example"), "anna@contoso.example", "pull me")
	if got := take(); !slices.Equal(got, []mailbox.NoticeKind{mailbox.Created, mailbox.NewMail}) {
		t.Fatalf("after a delivery: %v", got)
	}
	msg := x.find(anna, mailbox.Inbox, "pull me")
	if err := anna.MarkRead(t.Context(), msg.ID, true); err != nil {
		t.Fatal(err)
	}
	if _, err := anna.Move(t.Context(), msg.ID, mailbox.DeletedItems); err != nil {
		t.Fatal(err)
	}
	if got := take(); !slices.Equal(got, []mailbox.NoticeKind{mailbox.Modified, mailbox.Moved}) {
		t.Fatalf("after reading and moving: %v", got)
	}
	if got := take(); len(got) != 0 {
		t.Fatalf("the same again: %v", got)
	}

	if err := anna.Unsubscribe(t.Context(), sub.ID); err != nil {
		t.Fatal(err)
	}
	_, err = anna.GetEvents(t.Context(), sub)
	if !errors.Is(err, mailbox.ErrCursorExpired) || mailbox.Code(err) != "ErrorSubscriptionNotFound" {
		t.Errorf("of an ended subscription: %v", err)
	}
	if err := anna.Unsubscribe(t.Context(), "bm9uZQ=="); !errors.Is(err, mailbox.ErrCursorExpired) {
		t.Errorf("ending what never was: %v", err)
	}
}

func TestPullGoesOnFromAWatermark(t *testing.T) {
	x := newExchange(t)
	anna := x.of("anna@contoso.example")
	first, err := anna.SubscribePull(t.Context(), ews.Subscribe{})
	if err != nil {
		t.Fatal(err)
	}
	post(t, x.of("ben@contoso.example"), "anna@contoso.example", "between")
	if n := x.DropSubscriptions("anna@contoso.example"); n != 1 {
		t.Fatalf("%d subscriptions were dropped", n)
	}
	second, err := anna.SubscribePull(t.Context(), ews.Subscribe{Watermark: first.Watermark})
	if err != nil {
		t.Fatal(err)
	}
	events, err := anna.GetEvents(t.Context(), second)
	if err != nil || len(events.Notices) < 2 {
		t.Fatalf("%+v, %v", events, err)
	}
	_, err = anna.SubscribePull(t.Context(), ews.Subscribe{Watermark: "AAAA"})
	if !errors.Is(err, mailbox.ErrCursorExpired) {
		t.Errorf("a watermark that is none: %v", err)
	}
}

func TestPullPages(t *testing.T) {
	x := newExchange(t)
	anna := x.of("anna@contoso.example")
	sub, err := anna.SubscribePull(t.Context(), ews.Subscribe{Folders: []mailbox.FolderRef{mailbox.Drafts}})
	if err != nil {
		t.Fatal(err)
	}
	const drafts = 60
	for range drafts {
		if _, err := anna.SaveDraft(t.Context(), mailbox.Outgoing{Subject: "one of many"}); err != nil {
			t.Fatal(err)
		}
	}
	total, pages := 0, 0
	for more := true; more; pages++ {
		events, err := anna.GetEvents(t.Context(), sub)
		if err != nil {
			t.Fatal(err)
		}
		total += len(events.Notices)
		sub.Watermark, more = events.Watermark, events.More
	}
	if total < drafts || pages < 2 {
		t.Errorf("%d events on %d pages", total, pages)
	}
}

func TestSubscriptionsThatCannotBe(t *testing.T) {
	x := newExchange(t)
	anna := x.of("anna@contoso.example")
	shared := anna.Client().Mailbox("ben@contoso.example", ews.Shared)
	for name, each := range map[string]struct {
		do   func() error
		want error
	}{
		"minutes": {func() error { _, err := anna.SubscribePull(t.Context(), ews.Subscribe{Minutes: 1441}); return err }, mailbox.ErrInvalid},
		"watermark": {func() error {
			_, err := anna.SubscribeStreaming(t.Context(), ews.Subscribe{Watermark: "x"})
			return err
		}, mailbox.ErrInvalid},
		"shared": {func() error { _, err := shared.SubscribeStreaming(t.Context(), ews.Subscribe{}); return err }, mailbox.ErrInvalid},
		"folder": {func() error {
			_, err := anna.SubscribePull(t.Context(), ews.Subscribe{Folders: []mailbox.FolderRef{"Nowhere"}})
			return err
		}, mailbox.ErrNotFound},
		"rights": {func() error {
			_, err := shared.SubscribePull(t.Context(), ews.Subscribe{Folders: []mailbox.FolderRef{mailbox.Inbox}})
			return err
		}, mailbox.ErrAccessDenied},
	} {
		if err := each.do(); !errors.Is(err, each.want) {
			t.Errorf("%s: %v, want %v", name, err, each.want)
		}
	}
	for _, err := range anna.Client().Stream(t.Context(), nil, nil) {
		if !errors.Is(err, mailbox.ErrInvalid) {
			t.Errorf("a stream of nothing: %v", err)
		}
	}
	for _, err := range anna.Client().Stream(t.Context(), []*ews.Mailbox{anna}, &ews.StreamOptions{Minutes: 31}) {
		if !errors.Is(err, mailbox.ErrInvalid) {
			t.Errorf("a stream that lasts too long: %v", err)
		}
	}
}

func TestTooManySubscriptions(t *testing.T) {
	x := newExchange(t)
	m := x.online(x.signIn(x.Applications().Online, "fiona@fabrikam.example")).Mailbox("fiona@fabrikam.example", ews.Own)
	for range 20 {
		if _, err := m.SubscribeStreaming(t.Context(), ews.Subscribe{}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := m.SubscribeStreaming(t.Context(), ews.Subscribe{})
	if !errors.Is(err, mailbox.ErrBusy) || mailbox.Code(err) != "ErrorExceededSubscriptionCount" {
		t.Errorf("the 21st: %v", err)
	}
	if n := x.Subscriptions("fiona@fabrikam.example"); n != 20 {
		t.Errorf("%d subscriptions", n)
	}
}

// quickly is an Exchange whose streams beat often.
func quickly(t *testing.T) exchange {
	return newExchangeWith(t, func(o *simulator.Options) {
		o.Heartbeat, o.StreamMinute = 50*time.Millisecond, time.Minute
	})
}

func TestStreamTellsOfManyMailboxes(t *testing.T) {
	x := quickly(t)
	anna, ben := x.of("anna@contoso.example"), x.of("ben@contoso.example")
	c := anna.Client()
	ctx, stop := context.WithCancel(within(t))
	defer stop()
	w := watch(t, c.Stream(ctx, []*ews.Mailbox{anna, c.Mailbox("ben@contoso.example", ews.Impersonate)}, nil))
	for _, want := range []string{"anna@contoso.example", "ben@contoso.example"} {
		if n := w.exactly(mailbox.CatchUp); n.Mailbox != want {
			t.Fatalf("catch up of %s, want %s", n.Mailbox, want)
		}
	}
	post(t, ben, "anna@contoso.example", "to anna")
	news := w.expect(mailbox.NewMail)
	if news.Mailbox != "anna@contoso.example" || news.ItemID != x.find(anna, mailbox.Inbox, "to anna").ID {
		t.Errorf("of the mail: %+v", news)
	}
	post(t, anna, "ben@contoso.example", "to ben")
	if n := w.expect(mailbox.NewMail); n.Mailbox != "ben@contoso.example" {
		t.Errorf("of the answer: %+v", n)
	}
	stop()
	for {
		_, err, ok := w.next()
		if !ok {
			t.Fatal("it ended without saying why")
		}
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("it ended with %v", err)
			}
			break
		}
	}
	if _, _, ok := w.next(); ok {
		t.Error("it goes on after its end")
	}
	for _, each := range []string{"anna@contoso.example", "ben@contoso.example"} {
		if n := x.Subscriptions(each); n != 0 {
			t.Errorf("%d subscriptions to %s are left", n, each)
		}
	}
}

func TestStreamOutlivesGaps(t *testing.T) {
	for name, disturb := range map[string]func(exchange){
		"lost subscriptions":  func(x exchange) { x.DropSubscriptions("") },
		"broken connection":   func(x exchange) { x.BreakStreams() },
		"one lost of several": func(x exchange) { x.DropSubscriptions("ben@contoso.example") },
	} {
		t.Run(name, func(t *testing.T) {
			x := quickly(t)
			anna := x.of("anna@contoso.example")
			c := anna.Client()
			retried := 0
			w := watch(t, c.Stream(within(t), []*ews.Mailbox{anna, c.Mailbox("ben@contoso.example", ews.Impersonate)}, &ews.StreamOptions{
				Retry: func(context.Context, int, error) error { retried++; return nil },
			}))
			w.exactly(mailbox.CatchUp)
			w.exactly(mailbox.CatchUp)
			disturb(x)
			w.exactly(mailbox.CatchUp)
			w.exactly(mailbox.CatchUp)
			post(t, anna, "ben@contoso.example", "after the gap")
			for {
				if n := w.expect(mailbox.NewMail); n.Mailbox == "ben@contoso.example" {
					break
				}
			}
			if strings.Contains(name, "lost") && retried > 0 {
				t.Errorf("a lost subscription is no failure, and was taken for %d", retried)
			}
		})
	}
}

func TestStreamOfWhatTheServerCloses(t *testing.T) {
	x := newExchangeWith(t, func(o *simulator.Options) { o.StreamMinute = 20 * time.Millisecond })
	anna := x.of("anna@contoso.example")
	failed := errors.New("enough")
	var reason error
	connections := 0
	for n, err := range anna.Client().Stream(within(t), []*ews.Mailbox{anna}, &ews.StreamOptions{Minutes: 1,
		Retry: func(_ context.Context, _ int, err error) error { reason = err; return failed }}) {
		if err != nil {
			if err != failed {
				t.Fatal(err)
			}
			break
		}
		if n.Kind == mailbox.CatchUp {
			connections++
		}
	}
	if connections != 4 || !errors.Is(reason, mailbox.ErrUnavailable) {
		t.Errorf("%d connections, then %v", connections, reason)
	}
}

func TestStreamGoesOnWithoutOne(t *testing.T) {
	x := quickly(t)
	anna := x.of("anna@contoso.example")
	c := anna.Client()
	w := watch(t, c.Stream(within(t), []*ews.Mailbox{anna, c.Mailbox("director@contoso.example", ews.Impersonate)}, nil))
	n := w.exactly(mailbox.Lost)
	if n.Mailbox != "director@contoso.example" || !errors.Is(n.Err, mailbox.ErrAccessDenied) {
		t.Errorf("lost: %+v", n)
	}
	if n := w.exactly(mailbox.CatchUp); n.Mailbox != "anna@contoso.example" {
		t.Errorf("watched: %+v", n)
	}
	x.DropSubscriptions("")
	if n := w.exactly(mailbox.CatchUp); n.Mailbox != "anna@contoso.example" {
		t.Errorf("watched again: %+v", n)
	}
}

func TestStreamEndsWhereNobodyMayBeWatched(t *testing.T) {
	x := quickly(t)
	c := x.of("anna@contoso.example").Client()
	w := watch(t, c.Stream(within(t), []*ews.Mailbox{c.Mailbox("director@contoso.example", ews.Impersonate)}, nil))
	w.exactly(mailbox.Lost)
	if _, err, _ := w.next(); !errors.Is(err, mailbox.ErrAccessDenied) {
		t.Errorf("it ended with %v", err)
	}
}

func TestStreamWaitsByTheBudget(t *testing.T) {
	x := quickly(t)
	x.Fail(simulator.Fault{Operation: "GetStreamingEvents", Times: 2, Status: http.StatusServiceUnavailable})
	x.Fail(simulator.Fault{Operation: "Subscribe", Times: 1, Reset: true})
	account := "svc-crm@contoso.example"
	hc := basic{x.http(), account, string(x.Password(account))}
	c := ews.NewClient(hc, x.EWSURL(simulator.Server), &ews.Options{Account: account,
		Budget: mailbox.NewBudget(&mailbox.BudgetOptions{MinWait: time.Millisecond, MaxWait: time.Millisecond})})
	w := watch(t, c.Mailbox("anna@contoso.example", ews.Impersonate).Watch(within(t), mailbox.Watch{}))
	w.exactly(mailbox.CatchUp)
}

func TestStreamStallsAndRecovers(t *testing.T) {
	x := newExchange(t) // which beats every 45 s
	anna := x.of("anna@contoso.example")
	var reasons []error
	w := watch(t, anna.Client().Stream(within(t), []*ews.Mailbox{anna}, &ews.StreamOptions{Heartbeat: 100 * time.Millisecond,
		Retry: func(_ context.Context, _ int, err error) error { reasons = append(reasons, err); return nil }}))
	w.exactly(mailbox.CatchUp)
	w.exactly(mailbox.CatchUp)
	if len(reasons) != 1 || !errors.Is(reasons[0], mailbox.ErrUnavailable) || !strings.Contains(reasons[0].Error(), "200ms") {
		t.Errorf("the reasons were %v", reasons)
	}
}

func TestWatchAShared(t *testing.T) {
	x := quickly(t)
	erik := x.online(x.signIn(x.Applications().Online, "erik@fabrikam.example"))
	sales := erik.Mailbox("sales@fabrikam.example", ews.Shared)
	w := watch(t, sales.Watch(within(t), mailbox.Watch{}))
	w.exactly(mailbox.CatchUp)
	post(t, erik.Mailbox("erik@fabrikam.example", ews.Own), "sales@fabrikam.example", "a lead")
	if n := w.expect(mailbox.NewMail); n.Mailbox != "sales@fabrikam.example" {
		t.Errorf("%+v", n)
	}
}

func TestEventsOfOneKind(t *testing.T) {
	x := newExchange(t)
	anna := x.of("anna@contoso.example")
	sub, err := anna.SubscribePull(t.Context(), ews.Subscribe{Events: []wsdl.EventKind{wsdl.DeletedEvent}})
	if err != nil {
		t.Fatal(err)
	}
	draft, err := anna.SaveDraft(t.Context(), mailbox.Outgoing{Subject: "short-lived"})
	if err != nil {
		t.Fatal(err)
	}
	if err := anna.Delete(t.Context(), draft.ID, true); err != nil {
		t.Fatal(err)
	}
	events, err := anna.GetEvents(t.Context(), sub)
	if err != nil || len(events.Notices) != 1 || events.Notices[0].Kind != mailbox.Deleted || events.Notices[0].ItemID != draft.ID {
		t.Errorf("%+v, %v", events.Notices, err)
	}
}

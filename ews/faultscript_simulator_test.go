package ews_test

import (
	"errors"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/simulator"
)

// troubled is an exchange with a fault script in force.
type troubled struct {
	exchange
	script string
}

// play starts an exchange with the script of a kind. What is sent is not held
// against the schema: what faults spoil need not be valid.
func play(t *testing.T, kind string, change func(*simulator.Options)) troubled {
	t.Helper()
	x := newExchangeWith(t, func(o *simulator.Options) {
		o.Record = nil
		if change != nil {
			change(o)
		}
	})
	script, err := simulator.ReadFaults(filepath.Join("testdata", "faults", kind+".json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range script.Faults {
		if f.Kind != kind {
			t.Fatalf("the script of %s has a fault %s", kind, f.Kind)
		}
	}
	x.Play(script)
	return troubled{x, kind}
}

// over returns a mailbox of the Exchange Server over a client of its own, that
// follows no redirects. It gives up a call that stands still only where that is
// what goes wrong: elsewhere a busy machine is no reason to fail.
func (x troubled) over(address string, budget *mailbox.Budget) *ews.Mailbox {
	const account = "svc-crm@contoso.example"
	hc := x.http()
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	opts := &ews.Options{Account: account, Budget: budget}
	if x.script == "stall" {
		opts.Stall = 2 * time.Second
	}
	return ews.NewClient(basic{hc, account, string(x.Password(account))}, x.EWSURL(simulator.Server), opts).Mailbox(address, ews.Impersonate)
}

// subjects lists an inbox, as far as it goes.
func subjects(t *testing.T, m *ews.Mailbox) ([]string, error) {
	t.Helper()
	var list []string
	for msg, err := range m.Messages(within(t), mailbox.Query{}) {
		if err != nil {
			return list, err
		}
		list = append(list, msg.Subject)
	}
	return list, nil
}

// verdict is how a call is to end.
type verdict struct {
	// is is the sentinel; nil means that the call succeeds.
	is    error
	code  string
	retry time.Duration
	hint  string // a part of it
	// unheard: there was no answer, and so no id of the server's.
	unheard bool
}

func (e verdict) check(t *testing.T, what string, err error) {
	t.Helper()
	if e.is == nil {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		return
	}
	var own *ews.Error
	if !errors.As(err, &own) || !errors.Is(err, e.is) {
		t.Errorf("%s: got %v, want %v", what, err, e.is)
		return
	}
	if got := mailbox.Code(err); got != e.code {
		t.Errorf("%s: the code is %q, want %q", what, got, e.code)
	}
	if got, _ := mailbox.RetryAfter(err); got != e.retry {
		t.Errorf("%s: come again after %s, want %s", what, got, e.retry)
	}
	if e.hint == "" || !strings.Contains(mailbox.Hint(err), e.hint) {
		t.Errorf("%s: the hint %q lacks %q", what, mailbox.Hint(err), e.hint)
	}
	if mailbox.RequestID(err) == "" {
		t.Errorf("%s: no request id", what)
	}
	if !e.unheard && own.Server == "" {
		t.Errorf("%s: no server", what)
	}
}

// answersGoneWrong are the scripts that spoil the answer to the first FindItem
// and to the first SendItem.
var answersGoneWrong = map[string]struct {
	// read and send are how the two end in a client without a budget.
	read, send verdict
	// sent is whether the message goes out although the send has failed.
	sent bool
	// readAgain and sendAgain are whether a client with a budget makes the call
	// again, and so ends in a result.
	readAgain, sendAgain bool
}{
	"http-503": {
		read:      verdict{is: mailbox.ErrBusy, retry: time.Second, hint: "try again later"},
		send:      verdict{is: mailbox.ErrBusy, retry: time.Second, hint: "try again later"},
		readAgain: true, sendAgain: true,
	},
	"server-busy": {
		read:      verdict{is: mailbox.ErrBusy, code: "ErrorServerBusy", retry: 20 * time.Millisecond, hint: "Get-ThrottlingPolicy"},
		send:      verdict{is: mailbox.ErrBusy, code: "ErrorServerBusy", retry: 20 * time.Millisecond, hint: "Get-ThrottlingPolicy"},
		readAgain: true, sendAgain: true,
	},
	"server-busy-in-message": {
		read:      verdict{is: mailbox.ErrBusy, code: "ErrorServerBusy", retry: 20 * time.Millisecond, hint: "Get-ThrottlingPolicy"},
		send:      verdict{is: mailbox.ErrBusy, code: "ErrorServerBusy", retry: 20 * time.Millisecond, hint: "Get-ThrottlingPolicy"},
		readAgain: true, sendAgain: true,
	},
	"server-busy-within": {
		read:      verdict{is: mailbox.ErrBusy, code: "ErrorServerBusy", hint: "Get-ThrottlingPolicy"},
		send:      verdict{is: mailbox.ErrBusy, code: "ErrorServerBusy", hint: "Get-ThrottlingPolicy"},
		readAgain: true, sendAgain: true,
	},
	"error-code": {
		read:      verdict{is: mailbox.ErrBusy, code: "ErrorMailboxMoveInProgress", hint: "Get-MoveRequest"},
		send:      verdict{is: mailbox.ErrBusy, code: "ErrorMailboxMoveInProgress", hint: "Get-MoveRequest"},
		readAgain: true,
	},
	"http-401": {
		read: verdict{is: mailbox.ErrSignInNeeded, hint: "under load"},
		send: verdict{is: mailbox.ErrSignInNeeded, hint: "under load"},
	},
	"http-403": {
		read: verdict{is: mailbox.ErrPolicyBlocked, hint: "EwsAllowedAppIDs"},
		send: verdict{is: mailbox.ErrPolicyBlocked, hint: "EwsAllowedAppIDs"},
	},
	"error-page": {
		read:      verdict{is: mailbox.ErrBusy, hint: "overloaded"},
		send:      verdict{is: mailbox.ErrBusy, hint: "overloaded"},
		readAgain: true,
	},
	"application-error": {
		read:      verdict{is: mailbox.ErrBusy, hint: "try again in a few minutes"},
		send:      verdict{is: mailbox.ErrOutcomeUnknown, hint: lookFirst},
		readAgain: true,
	},
	"delay": {},
	"reset": {
		read:      verdict{is: mailbox.ErrUnavailable, unheard: true, hint: "try again"},
		send:      verdict{is: mailbox.ErrOutcomeUnknown, unheard: true, hint: lookFirst},
		readAgain: true,
	},
	"crash": {
		read: verdict{is: mailbox.ErrUnavailable, unheard: true, hint: "try again"},
		send: verdict{is: mailbox.ErrOutcomeUnknown, unheard: true, hint: lookFirst},
		sent: true, readAgain: true,
	},
	"truncate": {
		read: verdict{is: mailbox.ErrUnavailable, hint: "cut short"},
		send: verdict{is: mailbox.ErrOutcomeUnknown, hint: lookFirst},
		sent: true, readAgain: true,
	},
	"stall": {
		read: verdict{is: mailbox.ErrUnavailable, unheard: true, hint: "try again"},
		send: verdict{is: mailbox.ErrOutcomeUnknown, unheard: true, hint: lookFirst},
		sent: true, readAgain: true,
	},
	"drip": {},
	"content-type": {
		read: verdict{is: mailbox.ErrUnavailable, hint: "EWS URL"},
		send: verdict{is: mailbox.ErrOutcomeUnknown, hint: lookFirst},
		sent: true,
	},
}

// lookFirst is the advice about a write of which nobody knows.
const lookFirst = "look in Sent Items"

// What was struck ends in the error that says so, or in a result; a message
// goes out once at most, and by what the client is told it knows which.
func TestAnswersGoneWrong(t *testing.T) {
	t.Parallel()
	for kind, c := range answersGoneWrong {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			x := play(t, kind, nil)
			anna := x.over("anna@contoso.example", nil)
			_, err := subjects(t, anna)
			c.read.check(t, "reading", err)
			list, err := subjects(t, anna)
			if err != nil || len(list) == 0 {
				t.Errorf("reading again: %d messages, %v", len(list), err)
			}

			sent, err := anna.Send(within(t), mailbox.Outgoing{To: to("ben@contoso.example"), Subject: "once", Text: "x", OperationID: "op"})
			c.send.check(t, "sending", err)
			if unknown := sent.Outcome == mailbox.Unknown; unknown != errors.Is(err, mailbox.ErrOutcomeUnknown) {
				t.Errorf("the outcome is %v with the error %v", sent.Outcome, err)
			}
			want := 0
			if err == nil || c.sent {
				want = 1
			}
			if n := x.count(x.of("ben@contoso.example"), mailbox.Inbox, "once"); n != want {
				t.Errorf("the message arrived %d times, want %d", n, want)
			}
			x.struck(kind, 2)
		})
		t.Run(kind+" with a budget", func(t *testing.T) {
			t.Parallel()
			x := play(t, kind, nil)
			anna := x.over("anna@contoso.example", mailbox.NewBudget(&mailbox.BudgetOptions{MinWait: time.Millisecond, MaxWait: time.Millisecond}))
			read, send := c.read, c.send
			if c.readAgain {
				read = verdict{}
			}
			if c.sendAgain {
				send = verdict{}
			}
			_, err := subjects(t, anna)
			read.check(t, "reading", err)
			_, err = anna.Send(within(t), mailbox.Outgoing{To: to("ben@contoso.example"), Subject: "once", Text: "x", OperationID: "op"})
			send.check(t, "sending", err)
			want := 0
			if err == nil || c.sent {
				want = 1
			}
			if n := x.count(x.of("ben@contoso.example"), mailbox.Inbox, "once"); n != want {
				t.Errorf("the message arrived %d times, want %d", n, want)
			}
			x.struck(kind, 2)
		})
	}
}

// struck checks how often the script has struck.
func (x troubled) struck(kind string, want int) {
	x.t.Helper()
	n := 0
	for _, k := range x.Strikes() {
		if k.Kind == kind {
			n++
		}
	}
	if n != want {
		x.t.Errorf("%s struck %d times, want %d", kind, n, want)
	}
}

// worldsChanged are the scripts that change the world while a client works.
var worldsChanged = map[string]func(*testing.T, troubled){
	"invalid-characters": func(t *testing.T, x troubled) {
		clean := newExchange(t)
		want := clean.list(clean.of("anna@contoso.example"), mailbox.Query{})
		got := x.list(x.of("anna@contoso.example"), mailbox.Query{})
		if len(got) == 0 || len(got) != len(want) {
			t.Fatalf("%d messages, want %d", len(got), len(want))
		}
		for i := range got {
			if !strings.ContainsRune(got[i].Subject, '�') || strings.ReplaceAll(got[i].Subject, "�", "") != want[i].Subject {
				t.Errorf("the subject %q came as %q", want[i].Subject, got[i].Subject)
			}
		}
		whole, err := x.of("anna@contoso.example").Message(t.Context(), got[0].ID)
		if err != nil || !strings.ContainsRune(whole.Body.Content, '�') {
			t.Errorf("the body %q, %v", whole.Body.Content, err)
		}
	},
	"lose-sync-states": func(t *testing.T, x troubled) {
		anna, ben := x.of("anna@contoso.example"), x.of("ben@contoso.example")
		page, err := anna.SyncFolderItems(t.Context(), ews.SyncItems{})
		if err != nil {
			t.Fatal(err)
		}
		other, err := ben.SyncFolderItems(t.Context(), ews.SyncItems{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = anna.SyncFolderItems(t.Context(), ews.SyncItems{State: page.State})
		verdict{is: mailbox.ErrCursorExpired, code: "ErrorInvalidSyncStateData", hint: "afresh"}.check(t, "synchronising", err)
		again, err := anna.SyncFolderItems(t.Context(), ews.SyncItems{})
		if err != nil || len(again.Changes) != len(page.Changes) {
			t.Errorf("afresh: %d changes, want %d, %v", len(again.Changes), len(page.Changes), err)
		}
		if more, err := anna.SyncFolderItems(t.Context(), ews.SyncItems{State: again.State}); err != nil || len(more.Changes) != 0 {
			t.Errorf("with the new state: %d changes, %v", len(more.Changes), err)
		}
		if more, err := ben.SyncFolderItems(t.Context(), ews.SyncItems{State: other.State}); err != nil || len(more.Changes) != 0 {
			t.Errorf("another mailbox: %d changes, %v", len(more.Changes), err)
		}
	},
	"lose-subscriptions": func(t *testing.T, x troubled) {
		anna := x.of("anna@contoso.example")
		sub, err := anna.SubscribePull(t.Context(), ews.Subscribe{Minutes: 5})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := anna.GetEvents(t.Context(), sub); err != nil {
			t.Fatal(err)
		}
		_, err = anna.GetEvents(t.Context(), sub)
		verdict{is: mailbox.ErrCursorExpired, code: "ErrorSubscriptionNotFound", hint: "subscribe"}.check(t, "asking", err)
		if sub, err = anna.SubscribePull(t.Context(), ews.Subscribe{Minutes: 5}); err != nil {
			t.Fatal(err)
		}
		if _, err := anna.GetEvents(t.Context(), sub); err != nil {
			t.Errorf("asking again: %v", err)
		}
	},
	"break-streams": func(t *testing.T, x troubled) {
		anna := x.over("anna@contoso.example", mailbox.NewBudget(&mailbox.BudgetOptions{MinWait: time.Millisecond, MaxWait: time.Millisecond}))
		w := watch(t, anna.Watch(within(t), mailbox.Watch{}))
		w.exactly(mailbox.CatchUp)
		if _, err := subjects(t, anna); err != nil {
			t.Fatal(err)
		}
		w.expect(mailbox.CatchUp)
		post(t, x.of("ben@contoso.example"), "anna@contoso.example", "after it")
		w.expect(mailbox.NewMail)
	},
	"expire-tokens": func(t *testing.T, x troubled) {
		app := x.Applications().AppOnly
		erik := x.online(x.appOnly(app)).Mailbox("erik@fabrikam.example", ews.Impersonate)
		x.refusedFromTheSecondOn(erik, verdict{is: mailbox.ErrSignInNeeded, hint: "sign in again"}, "expired")
		x.list(x.online(x.appOnly(app)).Mailbox("erik@fabrikam.example", ews.Impersonate), mailbox.Query{})
	},
	"revoke-tokens": func(t *testing.T, x troubled) {
		app := x.Applications().Online
		erik := x.online(x.signIn(app, "erik@fabrikam.example")).Mailbox("erik@fabrikam.example", ews.Own)
		x.refusedFromTheSecondOn(erik, verdict{is: mailbox.ErrSignInNeeded, hint: "sign in again"}, "revoked")
		x.list(x.online(x.signIn(app, "erik@fabrikam.example")).Mailbox("erik@fabrikam.example", ews.Own), mailbox.Query{})
	},
	"skew-clock": func(t *testing.T, x troubled) {
		app := x.Applications().AppOnly
		erik := x.online(x.appOnly(app)).Mailbox("erik@fabrikam.example", ews.Impersonate)
		x.refusedFromTheSecondOn(erik, verdict{is: mailbox.ErrSignInNeeded, hint: "sign in again"}, "expired")
		fresh := x.online(x.appOnly(app)).Mailbox("erik@fabrikam.example", ews.Impersonate)
		if _, err := subjects(t, fresh); !errors.Is(err, mailbox.ErrSignInNeeded) {
			t.Errorf("a new token, as long as the clock is wrong: %v", err)
		}
		if err := x.SkewClock(simulator.Online, 0); err != nil {
			t.Fatal(err)
		}
		x.list(fresh, mailbox.Query{})
	},
	"advance-clock": func(t *testing.T, x troubled) {
		app := x.Applications().AppOnly
		erik := x.online(x.appOnly(app)).Mailbox("erik@fabrikam.example", ews.Impersonate)
		x.refusedFromTheSecondOn(erik, verdict{is: mailbox.ErrSignInNeeded, hint: "sign in again"}, "expired")
		x.list(x.online(x.appOnly(app)).Mailbox("erik@fabrikam.example", ews.Impersonate), mailbox.Query{})
	},
	"take-impersonation": func(t *testing.T, x troubled) {
		anna := x.of("anna@contoso.example")
		x.refusedFromTheSecondOn(anna, verdict{is: mailbox.ErrAccessDenied, code: "ErrorImpersonateUserDenied", hint: "New-ManagementRoleAssignment"}, "")
		x.list(x.of("ben@contoso.example"), mailbox.Query{})
	},
	"take-folder-rights": func(t *testing.T, x troubled) {
		fiona := x.online(x.signIn(x.Applications().Online, "fiona@fabrikam.example"))
		x.refusedFromTheSecondOn(fiona.Mailbox("sales@fabrikam.example", ews.Shared),
			verdict{is: mailbox.ErrAccessDenied, code: "ErrorAccessDenied", hint: "Add-MailboxFolderPermission"}, "")
		x.list(fiona.Mailbox("fiona@fabrikam.example", ews.Own), mailbox.Query{})
	},
	"disable-ews": func(t *testing.T, x troubled) {
		anna := x.of("anna@contoso.example")
		x.refusedFromTheSecondOn(anna, verdict{is: mailbox.ErrPolicyBlocked, hint: "Get-CASMailbox anna@contoso.example"}, "")
		x.list(x.of("ben@contoso.example"), mailbox.Query{})
	},
	"deliver": func(t *testing.T, x troubled) {
		anna := x.of("anna@contoso.example")
		var state string
		created := map[string]int{}
		for range 50 {
			page, err := anna.SyncFolderItems(t.Context(), ews.SyncItems{State: state, MaxChanges: 5})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range page.Changes {
				created[c.ID]++
			}
			if state = page.State; !page.More {
				break
			}
		}
		arrived := x.find(anna, mailbox.Inbox, "Between two pages")
		if created[arrived.ID] != 1 || len(created) != len(x.list(anna, mailbox.Query{})) {
			t.Errorf("what arrived between two pages was told %d times, and %d messages in all", created[arrived.ID], len(created))
		}
	},
}

// refusedFromTheSecondOn lists the inbox three times.
func (x troubled) refusedFromTheSecondOn(m *ews.Mailbox, want verdict, why string) {
	x.t.Helper()
	x.list(m, mailbox.Query{})
	for range 2 {
		_, err := subjects(x.t, m)
		want.check(x.t, "after "+x.script, err)
		if err != nil && !strings.Contains(err.Error(), why) {
			x.t.Errorf("%v does not say %q", err, why)
		}
	}
}

func TestWorldsChanged(t *testing.T) {
	t.Parallel()
	for kind, does := range worldsChanged {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			x := play(t, kind, func(o *simulator.Options) { o.Heartbeat = 50 * time.Millisecond })
			does(t, x)
			if kind != "invalid-characters" {
				x.struck(kind, 1)
			}
		})
	}
}

// signInKinds change what the identity server says to a sign-in and to a
// renewal. No answer of EWS tells of them; package simulator and the scripts of
// the command meet them.
var signInKinds = []string{"account-state", "application-state", "conditional-access", "user-consent"}

// Every kind of fault that EWS can tell of has its script and its test here.
func TestEveryKindOfFaultIsMet(t *testing.T) {
	met := slices.Sorted(maps.Keys(worldsChanged))
	met = append(met, slices.Collect(maps.Keys(answersGoneWrong))...)
	slices.Sort(met)
	var kinds, scripts []string
	for _, k := range simulator.FaultKinds() {
		kinds = append(kinds, k.Name)
	}
	for _, k := range signInKinds {
		if !slices.Contains(kinds, k) {
			t.Errorf("there is no kind %s any more", k)
		}
	}
	kinds = slices.DeleteFunc(kinds, func(k string) bool { return slices.Contains(signInKinds, k) })
	slices.Sort(kinds)
	if diff := cmp.Diff(kinds, met); diff != "" {
		t.Errorf("the kinds and those that are met: %s", diff)
	}
	files, err := os.ReadDir(filepath.Join("testdata", "faults"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		scripts = append(scripts, strings.TrimSuffix(f.Name(), ".json"))
	}
	slices.Sort(scripts)
	if diff := cmp.Diff(kinds, scripts); diff != "" {
		t.Errorf("the kinds and the scripts: %s", diff)
	}
}

// The same script, seed and requests give the same strikes; the client comes to
// the same end.
func TestFaultsAreDeterministic(t *testing.T) {
	t.Parallel()
	script, err := simulator.ParseFaults([]byte(`{"faults": [
		{"kind": "http-503", "share": 0.2, "match": {"operation": "FindItem"}},
		{"kind": "server-busy-in-message", "share": 0.3, "match": {"operation": "GetItem"}},
		{"kind": "crash", "share": 0.4, "match": {"operation": "SendItem"}}
	]}`))
	if err != nil {
		t.Fatal(err)
	}
	type run struct {
		Strikes []simulator.Strike
		Endings []string
		// Sent is how many messages went out by what the client was told, all
		// whose outcome is unknown among them, and Received how many arrived.
		Sent, Received int
	}
	work := func(seed uint64) run {
		x := newExchangeWith(t, func(o *simulator.Options) { o.Seed, o.Record = seed, nil })
		x.Play(script)
		m := troubled{x, ""}.over("anna@contoso.example", nil)
		var r run
		note := func(err error) {
			how := mailbox.Code(err)
			if errors.Is(err, mailbox.ErrOutcomeUnknown) {
				how = "unknown"
			}
			r.Endings = append(r.Endings, how)
		}
		for range 12 {
			for _, err := range m.Messages(t.Context(), mailbox.Query{Limit: 1}) {
				note(err)
			}
			_, err = m.GetMessages(t.Context(), []string{"AAMk"})
			note(err)
			_, err = m.Send(t.Context(), mailbox.Outgoing{To: to("ben@contoso.example"), Subject: "each once", Text: "x"})
			note(err)
			if err == nil || errors.Is(err, mailbox.ErrOutcomeUnknown) {
				r.Sent++
			}
		}
		r.Strikes = x.Strikes()
		for _, f := range x.Faults() {
			x.RemoveFault(f.ID)
		}
		r.Received = x.count(x.of("ben@contoso.example"), mailbox.Inbox, "each once")
		return r
	}
	first := work(3)
	if diff := cmp.Diff(first, work(3)); diff != "" {
		t.Error(diff)
	}
	if len(first.Strikes) < 5 || !slices.Contains(first.Endings, "unknown") || first.Received != first.Sent {
		t.Errorf("%d strikes; %d messages went out, and %d arrived", len(first.Strikes), first.Sent, first.Received)
	}
	if cmp.Equal(first.Strikes, work(4).Strikes) {
		t.Error("another seed strikes alike")
	}
}

package simulator

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// TestTheCrowdDoesNotDependOnTheOrder opens mailboxes in different orders, and
// some of them twice.
func TestTheCrowdDoesNotDependOnTheOrder(t *testing.T) {
	contents := func(order ...int) map[int]string {
		s, err := New(&Options{Seed: 5, Now: newClock(noon).Now, Mailboxes: 60, Messages: 25, Empty: true})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close() //nolint:errcheck // nothing was served
		out := map[int]string{}
		for _, n := range order {
			mb := s.state.byAddress[s.CrowdAddress(Server, n)]
			mb.open()
			text := ""
			for _, name := range []string{"inbox", "sentitems", "calendar", "contacts", "tasks"} {
				for _, it := range mb.known(name).items {
					b, err := encode(it.record())
					if err != nil {
						t.Fatal(err)
					}
					text += fmt.Sprintf("%x %s\n", it.raw, b)
				}
			}
			if before, ok := out[n]; ok && before != text {
				t.Errorf("mailbox %d changes when it is opened again", n)
			}
			out[n] = text
			mb.close()
		}
		return out
	}
	forth, back := contents(1, 2, 3, 2), contents(3, 2, 1)
	for n := range forth {
		if forth[n] != back[n] {
			t.Errorf("mailbox %d depends on what was opened before", n)
		}
	}
	if forth[1] == forth[2] || len(forth[1]) < 25*500 {
		t.Error("the mailboxes are all the same, or empty")
	}
}

// TestTheCrowdIsLikeAnybody reads, changes and searches mailboxes of the crowd
// by requests, more of them than are kept open.
func TestTheCrowdIsLikeAnybody(t *testing.T) {
	opts := Options{Seed: 5, Now: newClock(noon).Now, Mailboxes: 81, Messages: 40, State: filepath.Join(t.TempDir(), "state")}
	s := started(t, opts)
	s.state.crowd.limit = 8
	if s.CrowdSize(Server) != 41 || s.CrowdSize(Online) != 40 {
		t.Errorf("%d and %d mailboxes", s.CrowdSize(Server), s.CrowdSize(Online))
	}
	mirrors := map[int]*mirror{}
	visit := func(s *Simulator, n int) as {
		address := s.CrowdAddress(Server, n)
		return as{t: t, s: s, tenant: Server, user: crmService, onBehalf: address}
	}
	for n := 1; n <= 40; n++ {
		a := visit(s, n)
		all := 0
		for _, folder := range []string{"inbox", "sentitems"} {
			all += len(a.ids(named(folder)))
		}
		if all < 30 || all > 40 {
			t.Errorf("mailbox %d has %d messages in the inbox and sent", n, all)
		}
		mirrors[n] = newMirror()
		mirrors[n].sync(a, named("inbox"), 512)
		if n%3 == 0 {
			a.status(a.send(message("Hello from the crowd", s.CrowdAddress(Server, n-1))), "NoError")
			status, _ := a.update(a.ids(named("inbox"))[2], &wsdl.MessageType{Subject: text("Renamed")}, "", "item:Subject")
			a.status(status, "NoError")
			a.status(a.remove(a.ids(named("inbox"))[4], wsdl.DisposalHardDelete, ""), "NoError")
		}
	}
	if open := len(s.state.crowd.open); open > 9 {
		t.Errorf("%d mailboxes are open", open)
	}
	// Oneself signs in, too.
	owner := as{t: t, s: s, tenant: Server, user: s.CrowdAddress(Server, 7)}
	if len(owner.ids(named("calendar"))) != 3 {
		t.Error("no appointments")
	}
	resolved := owner.resolve(crowdName(7))
	if len(resolved) == 0 {
		t.Errorf("nobody is called %s", crowdName(7))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	again := started(t, opts)
	for n := 1; n <= 40; n++ {
		a := visit(again, n)
		changes := mirrors[n].sync(a, named("inbox"), 512)
		var kinds []string
		for _, c := range changes {
			kinds = append(kinds, string(c.Kind))
		}
		slices.Sort(kinds)
		want := [][]string{{"Delete", "Update"}, nil, {"Create"}}[n%3]
		if !slices.Equal(kinds, want) {
			t.Errorf("mailbox %d after the restart: %q, want %q", n, kinds, want)
		}
	}
}

func (a as) resolve(name string) []*wsdl.Resolution {
	a.t.Helper()
	answer := call[wsdl.ResolveNamesResponse](a, &wsdl.ResolveNames{UnresolvedEntry: text(name), ReturnFullContactData: wsdl.Ptr(wsdl.Bool(true))})
	m := answer.ResponseMessages.ResolveNamesResponseMessage[0]
	if m.ResolutionSet == nil {
		return nil
	}
	return m.ResolutionSet.Resolution
}

// BenchmarkStart starts ten thousand mailboxes with two hundred messages each.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		s, err := New(&Options{Seed: 1, Mailboxes: 10_000, Messages: 200})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Start(); err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpen opens mailboxes of two hundred messages.
func BenchmarkOpen(b *testing.B) {
	s, err := New(&Options{Seed: 1, Now: func() time.Time { return noon }, Mailboxes: 1000, Messages: 200, Empty: true})
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		n = n%500 + 1
		mb := s.state.byAddress[s.CrowdAddress(Server, n)]
		mb.open()
		mb.close()
	}
}

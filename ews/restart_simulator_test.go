package ews_test

import (
	"path/filepath"
	"testing"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/simulator"
	"github.com/exconn/exconn/wsdl"
)

// TestSyncAcrossARestart restarts the server between two pages of a sync: the
// client goes on with the state that it has, and is told of everything once.
func TestSyncAcrossARestart(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	run := func(work func(*ews.Mailbox)) {
		opts := &simulator.Options{Seed: 7, Mailboxes: 2, Messages: 40, Record: keepEnvelopes(t), State: state}
		sim, err := simulator.New(opts)
		if err != nil {
			t.Fatal(err)
		}
		if err := sim.Start(); err != nil {
			t.Fatal(err)
		}
		x := exchange{sim, t}
		work(x.of(sim.CrowdAddress(simulator.Server, 1)))
		if err := sim.Close(); err != nil {
			t.Fatal(err)
		}
	}
	next := ""
	known := map[string]int{}
	page := func(m *ews.Mailbox) bool {
		p, err := m.SyncFolderItems(t.Context(), ews.SyncItems{State: next, MaxChanges: 7})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range p.Changes {
			if c.Kind == wsdl.Created {
				known[c.ID]++
			}
		}
		next = p.State
		return p.More
	}
	pages := 0
	for more := true; more && pages < 20; pages++ {
		run(func(m *ews.Mailbox) { more = page(m) })
	}
	if pages < 3 {
		t.Errorf("%d pages", pages)
	}
	for id, n := range known {
		if n != 1 {
			t.Errorf("%s was told of %d times", id, n)
		}
	}
	run(func(m *ews.Mailbox) {
		p, err := m.SyncFolderItems(t.Context(), ews.SyncItems{})
		if err != nil || len(p.Changes) != len(known) {
			t.Errorf("a newcomer is told of %d items, the other of %d: %v", len(p.Changes), len(known), err)
		}
	})
}

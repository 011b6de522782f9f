package ews_test

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
)

// follower is a caller who knows what is in a folder by what a stream tells
// him: he synchronises when he is told to catch up, and otherwise believes the
// notices.
type follower struct {
	t     *testing.T
	own   *ews.Mailbox // reached without a proxy
	state string
	known map[string]bool
	next  func() (mailbox.Notice, error, bool)
}

func (f *follower) sync(ctx context.Context) error {
	for {
		changes, err := f.own.SyncFolderItems(ctx, ews.SyncItems{State: f.state})
		if err != nil {
			return err
		}
		for _, c := range changes.Changes {
			f.known[c.ID] = true
		}
		if f.state = changes.State; !changes.More {
			return nil
		}
	}
}

// learn takes notices until the item is known.
func (f *follower) learn(ctx context.Context, id string) error {
	for !f.known[id] {
		n, err, ok := f.next()
		switch {
		case err != nil:
			return err
		case !ok:
			return io.ErrUnexpectedEOF
		case n.Kind == mailbox.CatchUp:
			err = f.sync(ctx)
		case n.ItemID != "":
			f.known[n.ItemID] = true
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// arrive puts a message into the inbox and returns its id.
func (f *follower) arrive(ctx context.Context, subject string) (string, error) {
	sent, err := f.own.ImportMIME(ctx, ews.Import{Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("Subject: " + subject + "\r\n\r\nhello\r\n")), nil
	}})
	return sent.ID, err
}

// follow follows a stream whose connection is spoilt after n bytes: nothing
// that happens may remain unknown.
func (s *spoilt) follow(f *follower, m *ews.Mailbox, n int, how breakage, opts ews.StreamOptions) (fired bool, passed []int) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), limit)
	defer cancel()
	what := fmt.Sprintf("cut by %v at %d", how, n)
	failures := 0
	opts.Retry = func(_ context.Context, _ int, err error) error {
		if failures++; failures > 50 {
			return err
		}
		typed(s.t, what, err)
		return nil
	}
	s.spoil("GetStreamingEvents", n, how)
	next, stop := iter.Pull2(m.Client().Stream(ctx, []*ews.Mailbox{m}, &opts))
	defer stop()
	f.next = next
	// The first is there before the stream, the others come while it stands.
	for i := range 3 {
		id, err := f.arrive(ctx, fmt.Sprintf("%s, message %d", what, i))
		if err == nil {
			err = f.learn(ctx, id)
		}
		if err != nil {
			s.t.Errorf("%s: message %d did not become known: %v", what, i, err)
			break
		}
	}
	passed = s.pieces()
	return s.relent(), passed
}

// A stream of notifications that is cut at each of its frames' boundaries and
// anywhere within them makes up for what it missed.
func TestStreamCutAnywhere(t *testing.T) {
	const anna = "anna@contoso.example"
	for _, how := range []breakage{byReset, byEnd} {
		t.Run(how.String(), func(t *testing.T) {
			t.Parallel()
			s := newSpoilt(t)
			m := s.through(anna, nil)
			f := &follower{t: t, own: s.of(anna), known: map[string]bool{}}
			if err := f.sync(t.Context()); err != nil {
				t.Fatal(err)
			}
			fired, frames := s.follow(f, m, 1<<30, how, ews.StreamOptions{})
			if fired || len(frames) < 3 {
				t.Fatalf("an undisturbed stream came in pieces that end at %d", frames)
			}
			var points []int
			for _, end := range frames {
				points = append(points, end-1, end, end+1)
			}
			last := frames[len(frames)-1]
			for n := 0; n < last; n += 41 {
				points = append(points, n)
			}
			slices.Sort(points)
			cuts := 0
			for _, n := range slices.Compact(points) {
				if fired, _ := s.follow(f, m, n, how, ews.StreamOptions{}); fired {
					cuts++
				}
				if t.Failed() {
					return
				}
			}
			if cuts < last/41 {
				t.Errorf("%d cuts in %d bytes", cuts, last)
			}
		})
	}
}

// One that falls silent is taken for lost after twice its heartbeat.
func TestStreamStalledAnywhere(t *testing.T) {
	const anna = "anna@contoso.example"
	s := newSpoilt(t)
	m := s.through(anna, nil)
	f := &follower{t: t, own: s.of(anna), known: map[string]bool{}}
	if err := f.sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	stalls := 0
	for n := 0; n < 2500; n += 311 {
		if fired, _ := s.follow(f, m, n, byStall, ews.StreamOptions{Heartbeat: 100 * time.Millisecond}); fired {
			stalls++
		}
	}
	if stalls < 5 {
		t.Errorf("%d stalls alone", stalls)
	}
}

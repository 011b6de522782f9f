package alert

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// fake is a target that a test directs.
type fake struct {
	id string
	// answer says how an attempt ends; nil means well.
	answer func(ctx context.Context, attempt int) error

	mu       sync.Mutex
	attempts []attempt
}

type attempt struct {
	event string
	after time.Duration
}

func (f *fake) Deliver(ctx context.Context, e Event) error {
	f.mu.Lock()
	f.attempts = append(f.attempts, attempt{e.ID, time.Since(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))})
	n := len(f.attempts)
	f.mu.Unlock()
	if f.answer == nil {
		return nil
	}
	return f.answer(ctx, n)
}

func (f *fake) ID() string     { return f.id }
func (f *fake) String() string { return "the target " + f.id }

func (f *fake) events() (ids []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.attempts {
		ids = append(ids, a.event)
	}
	return ids
}

func (f *fake) times() (at []time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.attempts {
		at = append(at, a.after)
	}
	return at
}

func event(id string) Event { return Event{ID: id, Kind: Failure, Connections: []string{"crm"}} }

// A bubble of synctest begins at midnight of 2000-01-01 UTC, and its time
// passes only while everybody waits.

func TestADeliveryIsTriedAgainWithBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fake{id: "t", answer: func(_ context.Context, n int) error {
			if n < 4 {
				return errors.New("not yet")
			}
			return nil
		}}
		var log bytes.Buffer
		s := NewSender(slog.New(slog.NewTextHandler(&log, nil)))
		s.Send(event("1"), nil, target)
		if err := s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, want := target.times(), []time.Duration{0, time.Second, 5 * time.Second, 20 * time.Second}; !slices.Equal(got, want) {
			t.Errorf("attempts at %v, want %v", got, want)
		}
		if log.Len() > 0 {
			t.Errorf("logged: %s", log.String())
		}
	})
}

func TestWhatCannotBeDeliveredIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fake{id: "t", answer: func(context.Context, int) error { return errors.New("no route") }}
		var log bytes.Buffer
		s := NewSender(slog.New(slog.NewTextHandler(&log, nil)))
		s.Send(event("1"), nil, target)
		s.Send(event("2"), nil, target)
		if err := s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		// The second is tried once: the target has just proved to be gone.
		if got := target.events(); !slices.Equal(got, []string{"1", "1", "1", "1", "2"}) {
			t.Errorf("%v", got)
		}
		for _, want := range []string{"level=ERROR", "no route", "the target t", "connection crm"} {
			if strings.Count(log.String(), want) != 2 {
				t.Errorf("not twice %q in\n%s", want, log.String())
			}
		}
	})
}

func TestAPermanentFailureIsNotTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fake{id: "t", answer: func(context.Context, int) error { return permanent{errors.New("gone")} }}
		s := NewSender(nil)
		s.Send(event("1"), nil, target)
		if err := s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := target.events(); len(got) != 1 {
			t.Errorf("%v", got)
		}
	})
}

func TestSendDoesNotWaitAndKeepsTheOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &fake{id: "slow", answer: func(context.Context, int) error {
			time.Sleep(time.Minute)
			return nil
		}}
		quick := &fake{id: "quick"}
		s := NewSender(nil)
		before := time.Now()
		var want []string
		for i := range 5 {
			id := fmt.Sprint(i)
			want = append(want, id)
			s.Send(event(id), nil, slow, quick, &fake{id: "quick"})
		}
		if took := time.Since(before); took != 0 {
			t.Errorf("Send took %v", took)
		}
		synctest.Wait()
		if got := quick.events(); !slices.Equal(got, want) {
			t.Errorf("quick got %v, held up by the slow one", got)
		}
		if err := s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := slow.events(); !slices.Equal(got, want) {
			t.Errorf("slow got %v", got)
		}
	})
}

func TestThenTellsWhetherAllGotIt(t *testing.T) {
	good := &fake{id: "good"}
	gone := &fake{id: "gone", answer: func(context.Context, int) error { return permanent{errors.New("gone")} }}
	down := &fake{id: "down", answer: func(context.Context, int) error { return errors.New("down") }}
	for name, c := range map[string]struct {
		targets []Target
		want    bool
	}{
		"all":           {[]Target{good, &fake{id: "good"}, &fake{id: "other"}}, true},
		"one never can": {[]Target{good, gone}, true},
		"one is down":   {[]Target{good, down, gone}, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := NewSender(nil)
			var told []bool
			s.Send(event("1"), func(delivered bool) { told = append(told, delivered) }, c.targets...)
			if err := s.Flush(t.Context()); err != nil || len(told) != 1 || told[0] != c.want {
				t.Errorf("%s: %v, %v", name, told, err)
			}
		})
	}
}

func TestFlushEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fake{id: "t", answer: func(ctx context.Context, _ int) error {
			<-ctx.Done()
			return context.Cause(ctx)
		}}
		var log bytes.Buffer
		s := NewSender(slog.New(slog.NewTextHandler(&log, nil)))
		s.Send(event("1"), nil, target)
		s.Send(event("2"), nil, target)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := s.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		if strings.Count(log.String(), "the program ended before") != 2 {
			t.Errorf("%s", log.String())
		}
		// It can be used again.
		other := &fake{id: "other"}
		s.Send(event("3"), nil, other)
		if err := s.Flush(t.Context()); err != nil || len(other.events()) != 1 {
			t.Errorf("%v, %v", err, other.events())
		}
	})
}

func TestFlushInTheMiddleOfABackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fake{id: "t", answer: func(context.Context, int) error { return errors.New("not yet") }}
		s := NewSender(nil)
		s.Send(event("1"), nil, target)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if err := s.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) || len(target.events()) != 2 {
			t.Errorf("%v after %v", err, target.events())
		}
	})
}

func TestWhatWaitsIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		target := &fake{id: "t", answer: func(context.Context, int) error {
			<-release
			return nil
		}}
		var log bytes.Buffer
		s := NewSender(slog.New(slog.NewTextHandler(&log, nil)))
		s.Send(event("first"), nil, target)
		synctest.Wait() // it is under way
		for i := range maxWaiting + 3 {
			s.Send(event(fmt.Sprint(i)), nil, target)
		}
		close(release)
		if err := s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := len(target.events()); got != maxWaiting+1 {
			t.Errorf("%d delivered", got)
		}
		if strings.Count(log.String(), "too many alerts") != 3 {
			t.Errorf("%s", log.String())
		}
	})
}

func TestTheLogGetsTheEvent(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	warning := event("1")
	warning.Kind, warning.Auth = Warning, "crm"
	warning.Expires = &Expiry{What: "client_secret", At: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)}
	recovery := event("2")
	recovery.Kind = Recovery
	for _, e := range []Event{warning, recovery} {
		Write(t.Context(), logger, e)
	}
	first, second, _ := strings.Cut(log.String(), "\n")
	for _, want := range []string{"level=WARN", "connection crm will end soon", "what=client_secret", "expires=2026-12-01"} {
		if !strings.Contains(first, want) {
			t.Errorf("no %q in %s", want, first)
		}
	}
	if !strings.Contains(second, "level=INFO") || !strings.Contains(second, "works again") {
		t.Errorf("%s", second)
	}
}

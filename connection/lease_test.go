package connection

import (
	"context"
	"testing"
	"time"

	"github.com/exconn/exconn/mailbox"
)

// later returns a second book whose clock is ahead.
func (f *fixture) later(t *testing.T, by time.Duration) *Book {
	t.Helper()
	b, err := NewBook(f.store, &BookOptions{Now: func() time.Time { return time.Now().Add(by) }})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestLease(t *testing.T) {
	f := newFixture(t)
	held, err := f.takeLease(t.Context(), "crm/")
	if err != nil {
		t.Fatal(err)
	}
	// Another process waits, another account's holder does not.
	ctx, cancel := context.WithTimeout(t.Context(), 3*leasePoll)
	defer cancel()
	_, err = f.reopen(t).takeLease(ctx, "crm/")
	wantErr(t, err, mailbox.ErrBusy, "another process is renewing", "")
	other, err := f.reopen(t).takeLease(t.Context(), "crm/anna@example.com")
	if err != nil {
		t.Fatal(err)
	}
	other.release()

	waiting := make(chan *heldLease, 1)
	book := f.reopen(t)
	go func() {
		next, err := book.takeLease(context.Background(), "crm/")
		if err != nil {
			t.Error(err)
		}
		waiting <- next
	}()
	held.release()
	next := <-waiting
	// What another has taken is not given back by who had it before.
	(&heldLease{book: f.Book, key: "crm/", owner: held.owner, over: make(chan struct{})}).release()
	if free, err := f.leaseIsFree(t.Context(), "crm/"); err != nil || free {
		t.Errorf("a stranger gave the lease back (%v)", err)
	}
	next.release()
	if left := f.raw(t, leasesBucket); len(left) != 0 {
		t.Errorf("leases are left: %v", left)
	}
}

// The lease of a process that was killed ends by itself; that of one that works
// does not.
func TestLeaseLapses(t *testing.T) {
	f := newFixture(t)
	dead := &heldLease{book: f.Book, key: "crm/", owner: "dead"}
	if taken, err := dead.take(t.Context()); err != nil || !taken {
		t.Fatalf("%v, %v", taken, err)
	}
	if free, err := f.later(t, leaseTime-2*time.Second).leaseIsFree(t.Context(), "crm/"); err != nil || free {
		t.Errorf("within its time the lease is free (%v)", err)
	}
	next, err := f.later(t, leaseTime+time.Second).takeLease(t.Context(), "crm/")
	if err != nil {
		t.Fatal(err)
	}
	defer next.release()
	dead.book = f.later(t, leaseTime+time.Second)
	// One that was suspended and goes on finds that it has lost the lease.
	if taken, err := dead.take(t.Context()); err != nil || taken {
		t.Errorf("a lease that was lost is extended: %v, %v", taken, err)
	}
}

// A clock that was set back must not hold a sign-in up for as long.
func TestLeaseFromTheFuture(t *testing.T) {
	f := newFixture(t)
	ahead := &heldLease{book: f.later(t, 24*time.Hour), key: "crm/", owner: "ahead"}
	if taken, err := ahead.take(t.Context()); err != nil || !taken {
		t.Fatalf("%v, %v", taken, err)
	}
	held, err := f.takeLease(t.Context(), "crm/")
	if err != nil {
		t.Fatal(err)
	}
	held.release()
	f.putRaw(t, leasesBucket, "crm/", "{not JSON")
	if free, err := f.leaseIsFree(t.Context(), "crm/"); err != nil || !free {
		t.Errorf("a damaged lease holds a sign-in up (%v)", err)
	}
}

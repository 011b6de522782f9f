package connection

import (
	"testing"
	"time"
)

// A process that closes its connection keeps what the identity server is about
// to give, although nobody waits for it any more.
func TestCloseWaitsForARenewal(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	f.create(t, w.pkce("crm", "contoso.example"))
	if _, err := w.signIn(t, f.Book, "crm", annaUPN, true); err != nil {
		t.Fatal(err)
	}
	c := f.open(t, "crm")
	if err := list(t, c, annaUPN); err != nil {
		t.Fatal(err)
	}
	before := f.raw(t, tokensBucket)
	asked, answer := make(chan struct{}), make(chan struct{})
	wait := func() {
		close(asked)
		<-answer
	}
	w.slow.Store(&wait)
	account, err := f.account(c.entry, c.link, "")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- account.client.Refresh(t.Context()) }()
	<-asked
	closed := make(chan error, 1)
	go func() { closed <- c.Close() }()
	select {
	case <-closed:
		t.Error("it did not wait")
	case <-time.After(100 * time.Millisecond):
	}
	close(answer)
	if err := <-closed; err != nil {
		t.Error(err)
	}
	after := f.raw(t, tokensBucket)
	for key := range before {
		if before[key] == after[key] {
			t.Error("the renewal has not been kept")
		}
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

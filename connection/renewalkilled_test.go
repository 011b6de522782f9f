package connection

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/simulator/entra"
	"github.com/exconn/exconn/store"
	"github.com/exconn/exconn/store/bolt"
)

const killedStoreEnv = "EXCONN_KILLED_STORE"

// TestProcessKilledWhileItRenews kills a process while the identity server
// answers it, which takes each refresh token once. Another process can read
// everything, waits until the lease has lapsed, and has a token, or says that a
// sign-in is needed where the answer was lost. (The steps of a renewal one by one
// are walked in package oauth.)
func TestProcessKilledWhileItRenews(t *testing.T) {
	if path := os.Getenv(killedStoreEnv); path != "" {
		listInChild(path)
	}
	const may, must, mustNot = "may", "must", "must not"
	var group sync.WaitGroup
	defer group.Wait()
	for name, c := range map[string]struct {
		// refused: the server does not act on the request any more.
		refused bool
		// after is how long the process lives once its request has come.
		after time.Duration
		lost  string // whether the sign-in is lost
	}{
		"before the server acts":    {refused: true, lost: mustNot},
		"before the server answers": {lost: must},
		"when it has answered":      {after: time.Millisecond, lost: may},
		"a little later":            {after: 4 * time.Millisecond, lost: may},
		"when it has been kept":     {after: 5 * time.Second, lost: mustNot},
	} {
		group.Go(func() {
			t.Run(name, func(t *testing.T) {
				w, f := newWorld(t), newFixture(t)
				// A fresh process renews a token of which less than five
				// minutes are left.
				w.entra = entra.New(w.dir, &entra.Options{OneTimeRefreshTokens: true, TokenLifetime: 4 * time.Minute})
				f.create(t, w.pkce("crm", "contoso.example"))
				if _, err := w.signIn(t, f.Book, "crm", annaUPN, true); err != nil {
					t.Fatal(err)
				}
				child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProcessKilledWhileItRenews$", "-test.count=1")
				child.Env = append(os.Environ(), killedStoreEnv+"="+f.inner.Path())
				var said bytes.Buffer
				child.Stdout, child.Stderr = &said, &said
				var struck atomic.Bool
				started := make(chan struct{})
				kill := func() {
					if !struck.CompareAndSwap(false, true) {
						return
					}
					<-started
					if c.after > 0 {
						time.AfterFunc(c.after, func() { _ = child.Process.Kill() })
						return
					}
					if err := child.Process.Kill(); err != nil {
						t.Error(err)
					}
					if c.refused {
						panic(http.ErrAbortHandler)
					}
				}
				w.slow.Store(&kill)
				if err := child.Start(); err != nil {
					t.Fatal(err)
				}
				close(started)
				var exit *exec.ExitError
				if err := child.Wait(); !errors.As(err, &exit) || exit.Exited() || !struck.Load() {
					t.Fatalf("it was not killed: %v\n%s", err, said.String())
				}

				book := f.reopen(t)
				if e, err := book.Get(t.Context(), "crm"); err != nil || e.Status.State != SignedIn {
					t.Fatalf("what is left: %+v, %v", e.Status, err)
				}
				err := list(t, openIn(t, book, "crm"), annaUPN)
				if err != nil && !errors.Is(err, mailbox.ErrSignInNeeded) || err == nil && c.lost == must || err != nil && c.lost == mustNot {
					t.Fatalf("%v, and the sign-in %s be lost", err, c.lost)
				}
				want := SignedIn
				if err != nil {
					want = NeedsSignIn
				}
				if s, err := f.reopen(t).Status(t.Context(), "crm"); err != nil || s.State != want {
					t.Errorf("the status is %+v, %v, want %s", s, err, want)
				}
				if _, err := w.signIn(t, book, "crm", annaUPN, true); err != nil {
					t.Fatal(err)
				}
				if err := list(t, openIn(t, f.reopen(t), "crm"), annaUPN); err != nil {
					t.Errorf("after a new sign-in: %v", err)
				}
			})
		})
	}
}

// listInChild uses the connection, and waits to be killed.
func listInChild(path string) {
	err := func() error {
		keys, err := store.NewKeys(bytes.Repeat([]byte{7}, store.MasterKeySize), store.Origin{Name: "a test"})
		if err != nil {
			return err
		}
		book, err := NewBook(store.Sealed(bolt.At(path, nil), keys, SealedBuckets()...), nil)
		if err != nil {
			return err
		}
		c, err := book.Open(context.Background(), "crm", OpenOptions{})
		if err != nil {
			return err
		}
		if _, err = c.own.signer.tokens.Token(context.Background()); err != nil {
			return err
		}
		time.Sleep(time.Minute)
		return errors.New("nobody came")
	}()
	fmt.Println("not killed:", err)
	os.Exit(1)
}

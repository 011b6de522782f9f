package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/connection"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/store"
	"github.com/exconn/exconn/store/bolt"
)

// inviting returns a book with invitations for anna and ben.
func inviting(t *testing.T, valid time.Duration) *connection.Book {
	t.Helper()
	keys, err := store.NewKeys(bytes.Repeat([]byte{7}, store.MasterKeySize), store.Origin{Name: "a test"})
	if err != nil {
		t.Fatal(err)
	}
	book, err := connection.NewBook(store.Sealed(bolt.At(filepath.Join(t.TempDir(), "exconn.db"), nil), keys, connection.SealedBuckets()...), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = book.Create(t.Context(), connection.Draft{
		Profile: connection.Profile{Name: "contoso", ExchangeType: connection.Online},
		Auth:    &connection.Auth{ClientID: "c0117050-0000-4000-8000-0000000000a1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = book.Invite(t.Context(), connection.InviteOptions{Auth: "contoso", Valid: valid, Users: []connection.Invitee{{Address: anna}, {Address: ben}}})
	if err != nil {
		t.Fatal(err)
	}
	return book
}

// follow answers invitations to their end, without a web server.
func follow(ctx context.Context, t *testing.T, book *connection.Book) (said string, err error) {
	t.Helper()
	list, err := book.Invitations(ctx, "contoso")
	if err != nil {
		t.Fatal(err)
	}
	var talk bytes.Buffer
	c := cli.NewContext(cli.NewApp(), flag.NewFlagSet("", flag.ContinueOnError), nil)
	c.Context = ctx
	err = system{err: &talk}.followInvitations(c, book, "contoso", openInvitations(list), nil, nil)
	return talk.String(), err
}

// Invitations that nobody uses end by themselves, and the command with them.
func TestAcceptEndsWithTheLastInvitation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		said, err := follow(t.Context(), t, inviting(t, time.Hour))
		if !errors.Is(err, mailbox.ErrSignInNeeded) || codeFor(err) != exitSignIn || !strings.Contains(err.Error(), anna+", "+ben) || mailbox.Hint(err) == "" {
			t.Errorf("it ends with %v", err)
		}
		if !strings.Contains(said, anna+": the invitation has expired unused\n") || time.Since(start) > time.Hour+lookTime {
			t.Errorf("after %v it has said %s", time.Since(start), said)
		}
	})
}

// Those that were withdrawn by another process are not waited for.
func TestAcceptForgetsWithdrawnInvitations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		book := inviting(t, time.Hour)
		go func() {
			time.Sleep(time.Minute)
			for _, user := range []string{anna, ben} {
				if _, err := book.Withdraw(t.Context(), "contoso", user); err != nil {
					t.Error(err)
				}
			}
		}()
		start := time.Now()
		said, err := follow(t.Context(), t, book)
		if err != nil || !strings.Contains(said, "No invitation is open any more") || time.Since(start) > time.Minute+lookTime {
			t.Errorf("after %v: %v: %s", time.Since(start), err, said)
		}
	})
}

// Being told to end is no failure.
func TestAcceptInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		said, err := follow(ctx, t, inviting(t, time.Hour))
		if err != nil || said != "Interrupted; still open: 2 invitations.\n" {
			t.Errorf("%v: %s", err, said)
		}
	})
}

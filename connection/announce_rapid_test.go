package connection

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/store"
)

// toldLog keeps the states that the log was told.
type toldLog struct {
	mu   sync.Mutex
	list []toldChange
}

type toldChange struct{ kind, old, now string }

func (l *toldLog) Enabled(context.Context, slog.Level) bool { return true }
func (l *toldLog) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *toldLog) WithGroup(string) slog.Handler            { return l }
func (l *toldLog) Handle(_ context.Context, r slog.Record) error {
	var c toldChange
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "event":
			c.kind = a.Value.String()
		case "old_state":
			c.old = a.Value.String()
		case "new_state":
			c.now = a.Value.String()
		}
		return true
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, c)
	return nil
}

// take returns what was told since it was last asked.
func (l *toldLog) take() []toldChange {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.list
	l.list = nil
	return list
}

// putTokens keeps other tokens than there are, as a renewal does.
func putTokens(t *rapid.T, f *fixture, key string) {
	blob, err := json.Marshal(map[string]any{"version": 1, "account": map[string]string{"username": annaUPN}, "tokens": map[string]string{"x": rand.Text()}})
	if err == nil {
		err = f.store.Update(context.Background(), func(tx store.Tx) error { return tx.Put(tokensBucket, key, blob) })
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Whatever happens to an account, in whatever order: changes are told once, and
// each follows from the one before; only new tokens make it good again; and the
// book never says that all is well after a refusal.
func TestWhateverHappensIsToldConsistently(t *testing.T) {
	f := newFixture(t)
	entry := f.create(t, pkceDraft("crm"))
	smtp := Draft{Profile: Profile{Name: "smtp", ExchangeType: Online, Protocol: SMTP, AuthName: "crm"}}
	smtpEntry := f.create(t, smtp)
	scopes := []string{scopesKey(entry.Scopes()), scopesKey(smtpEntry.Scopes())}
	auth := *entry.Auth
	key := accountKey(auth.Name, "")

	rapid.Check(t, func(rt *rapid.T) {
		ctx := context.Background()
		log := &toldLog{}
		b, err := NewBook(f.store, &BookOptions{Logger: slog.New(log)})
		if err != nil {
			rt.Fatal(err)
		}
		if err := f.store.Update(ctx, func(tx store.Tx) error { return forgetAccount(tx, auth.Name, "") }); err != nil {
			rt.Fatal(err)
		}
		signIn := func() {
			putTokens(rt, f, key)
			if _, err := b.keepAccount(ctx, auth, "", oauth.Account{Username: annaUPN}); err != nil {
				rt.Fatal(err)
			}
		}
		signIn()
		last := SignedIn
		state := func() Status {
			status, err := b.accountStatus(ctx, auth, "")
			if err != nil {
				rt.Fatal(err)
			}
			return status
		}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			before := state()
			mayRecover := false
			var refused State
			switch op := rapid.SampledFrom([]string{"refused", "needed", "resource", "old token", "new token", "sign-in", "look"}).Draw(rt, "op"); op {
			case "refused", "needed", "resource":
				code := map[string]string{"refused": "AADSTS50057", "needed": "AADSTS700082", "resource": "AADSTS65001"}[op]
				refusal := fmt.Errorf("%w: %w", mailbox.ErrSignInNeeded, &oauth.Error{AADSTS: code, OAuth: "invalid_grant"})
				refused = refusalState(refusal)
				if _, err := b.noteOutcome(ctx, auth, "", rapid.SampledFrom(scopes).Draw(rt, "scopes"), refusal); err != nil {
					rt.Fatal(err)
				}
			case "old token", "new token":
				if op == "new token" {
					putTokens(rt, f, key)
					mayRecover = true
				}
				if _, err := b.noteOutcome(ctx, auth, "", rapid.SampledFrom(scopes).Draw(rt, "scopes"), nil); err != nil {
					rt.Fatal(err)
				}
			case "sign-in":
				signIn()
				if after := state(); after.State != SignedIn || after.Reason != "" {
					rt.Fatalf("after a sign-in: %+v", after)
				}
				mayRecover = true
			case "look":
				b.look(ctx, auth, "")
			}
			after := state()
			if refused != "" && after.State.good() {
				rt.Fatalf("after a refusal: %+v", after)
			}
			if !mayRecover && !before.State.good() && after.State.good() {
				rt.Fatalf("without new tokens %s became %s", before.State, after.State)
			}
			told := log.take()
			if len(told) > 1 {
				rt.Fatalf("told %v at once", told)
			}
			for _, c := range told {
				if c.old != string(last) || c.now == c.old || c.now != string(after.State) {
					rt.Fatalf("told %+v after %s, when it was %s", c, last, after.State)
				}
				if good := State(c.now).good(); good != (c.kind == "recovery") {
					rt.Fatalf("told %+v", c)
				}
				last = State(c.now)
			}
			if last != after.State {
				rt.Fatalf("it is %s (%s), and what was told last is %s", after.State, after.Code, last)
			}
		}
	})
}

package connection

import (
	"context"
	"slices"
	"time"

	"github.com/exconn/exconn/connection/alert"
	"github.com/exconn/exconn/store"
)

// A change of an account's state is told once, by whoever finds it: what was
// told last is in the account's record, which is compared and changed in one
// transaction, and only who has changed it tells. Where that fails, because the
// process ends or nobody answers, whoever looks at the account some minutes
// later tries again.

// announcement is an event with those whom it is for.
type announcement struct {
	auth    Auth
	user    string
	event   alert.Event
	targets []alert.Target
	// again is set where it was tried before.
	again bool
}

// newEvent returns an event of now.
func (b *Book) newEvent(kind alert.Kind) alert.Event {
	return alert.Event{ID: alert.NewID(), Time: b.now().UTC().Truncate(time.Second), Kind: kind, DataDir: b.dataDir}
}

// tell sends an announcement; nil means that there is none. It does not wait.
func (b *Book) tell(a *announcement) {
	if a == nil {
		return
	}
	if !a.again {
		alert.Write(context.Background(), b.log, a.event)
	}
	if len(a.targets) > 0 {
		b.alerts.Send(a.event, func(delivered bool) {
			if delivered {
				b.told(*a)
			}
		}, a.targets...)
	}
}

// Flush waits until the alerts that are on their way have arrived or been given
// up, or until ctx ends. A program that ends soon after it has used a Book calls
// it last.
func (b *Book) Flush(ctx context.Context) error { return b.alerts.Flush(ctx) }

// good reports that a connection in this state can prove itself.
func (s State) good() bool { return s == Ready || s == SignedIn || s == Expiring }

// change says what it means that a state has become another. before is empty
// where the last one told was a good one, or none. proven tells that a token was
// just got: only that proves that something works again.
func change(before, after State, proven bool) (kind alert.Kind, changed bool) {
	if after == Ready || after == SignedIn {
		after = ""
	}
	switch {
	case before == after:
		return "", false
	case after == NeedsSignIn, after == Refused:
		return alert.Failure, true
	case !proven && !before.good() && before != "":
		return "", false
	case after == Expiring:
		return alert.Warning, true
	}
	return alert.Recovery, true
}

// neverSignedIn reports that nobody has ever signed in, which is no failure.
func (a account) neverSignedIn(s Status) bool {
	return s.State == NeedsSignIn && s.Reason == errNobody.Error() && a.SignedIn.IsZero() && a.Username == ""
}

// announce compares an account's state with the last one told, and keeps it
// where they differ. The announcement that it returns is for tell, after the
// transaction.
func (b *Book) announce(tx store.Tx, auth Auth, user string, proven bool) (*announcement, error) {
	a, err := getAccount(tx, auth.Name, user)
	if err != nil {
		return nil, err
	}
	status, err := b.accountStatusIn(tx, auth, user)
	if err != nil {
		return nil, err
	}
	kind, changed := change(a.Announced, status.State, proven)
	if !changed || a.neverSignedIn(status) {
		return b.announceAgain(tx, auth, user, a)
	}
	e := b.newEvent(kind)
	e.Auth, e.User = auth.Name, user
	if e.OldState = string(a.Announced); e.OldState == "" {
		e.OldState = string(goodState(auth))
	}
	if e.Connections, err = concerned(tx, auth, a.RefusedScopes); err != nil {
		return nil, err
	}
	return b.compose(tx, auth, user, a, status, e)
}

// compose completes the event of a change and keeps that the state was told.
func (b *Book) compose(tx store.Tx, auth Auth, user string, a account, status Status, e alert.Event) (*announcement, error) {
	e.NewState = string(status.State)
	e.Since, e.Reason, e.Code, e.Hint = status.Since, status.Reason, status.Code, status.Hint
	if e.Kind == alert.Warning && status.Expires != nil {
		e.Expires = &alert.Expiry{What: status.Expires.What, At: status.Expires.At}
	}
	targets, err := alertTargets(tx, e.Connections)
	if err != nil {
		return nil, err
	}
	a.Announced = status.State
	if status.State == Ready || status.State == SignedIn {
		a.Announced = ""
	}
	a.Untold = nil
	if len(targets) > 0 {
		a.Untold = &untold{Event: e, Tries: 1, Tried: e.Time}
	}
	if err := putRecord(tx, accountsBucket, accountKey(auth.Name, user), a); err != nil {
		return nil, err
	}
	return &announcement{auth: auth, user: user, event: e, targets: targets}, nil
}

// concerned returns the names of the connections that use an object, for these
// scopes alone unless they are empty.
func concerned(tx store.Tx, auth Auth, scopes string) ([]string, error) {
	names, err := sharers(tx, auth.Name)
	if err != nil || scopes == "" {
		return names, err
	}
	return slices.DeleteFunc(names, func(name string) bool {
		p, err := getProfile(tx, name)
		if err != nil {
			return false
		}
		own, err := p.Scopes(auth)
		return err == nil && scopesKey(own) != scopes
	}), nil
}

// look announces what has become of an account with time alone, such as that
// something ends soon. It writes only where there is something to tell, and
// fails nobody: whoever uses the account has other cares.
func (b *Book) look(ctx context.Context, auth Auth, user string) {
	var due bool
	err := b.store.View(ctx, func(tx store.Tx) error {
		a, err := getAccount(tx, auth.Name, user)
		if err != nil {
			return err
		}
		status, err := b.accountStatusIn(tx, auth, user)
		if err != nil {
			return err
		}
		_, changed := change(a.Announced, status.State, false)
		due = changed && !a.neverSignedIn(status) || a.Untold.due(b.now())
		return nil
	})
	var told *announcement
	if err == nil && due {
		err = b.store.Update(ctx, func(tx store.Tx) error {
			if err := unchanged(tx, auth); err != nil {
				return err
			}
			told, err = b.announce(tx, auth, user, false)
			return err
		})
	}
	if err != nil {
		b.log.WarnContext(ctx, "cannot note the state of the sign-in", "auth", auth.Name, "user", user, "error", err)
		return
	}
	b.tell(told)
}

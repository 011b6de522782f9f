package connection

import (
	"context"
	"time"

	"github.com/exconn/exconn/connection/alert"
	"github.com/exconn/exconn/store"
)

const (
	// untoldWait is how long after an attempt to tell of a change the next one
	// is due: longer than any process tries by itself.
	untoldWait = 5 * time.Minute
	// untoldTries is how often it is tried, by one process after the other.
	untoldTries = 5
	// toldWrite bounds the write that says that a change has been told.
	toldWrite = 5 * time.Second
)

// untold is a change of state that has not reached everybody yet, as far as is
// known.
type untold struct {
	Event alert.Event `json:"event"`
	// Tries is how often it was tried, the last time at Tried.
	Tries int       `json:"tries"`
	Tried time.Time `json:"tried"`
}

// due reports that it should be tried again. A nil one never is.
func (u *untold) due(now time.Time) bool {
	return u != nil && u.Tries < untoldTries && now.Sub(u.Tried) >= untoldWait
}

// announceAgain returns the announcement that is due once more, under the ID
// that it had, or nil.
func (b *Book) announceAgain(tx store.Tx, auth Auth, user string, a account) (*announcement, error) {
	if !a.Untold.due(b.now()) {
		return nil, nil
	}
	u := *a.Untold
	u.Tries, u.Tried = u.Tries+1, b.now().UTC().Truncate(time.Second)
	targets, err := alertTargets(tx, u.Event.Connections)
	if err != nil {
		return nil, err
	}
	if a.Untold = &u; len(targets) == 0 {
		a.Untold = nil // there is nobody left to tell
	}
	if err := putRecord(tx, accountsBucket, accountKey(auth.Name, user), a); err != nil {
		return nil, err
	}
	return &announcement{auth: auth, user: user, event: u.Event, targets: targets, again: true}, nil
}

// told notes that an announcement has reached everybody.
func (b *Book) told(done announcement) {
	// Nobody waits for it who could break it off.
	ctx, cancel := context.WithTimeout(context.Background(), toldWrite)
	defer cancel()
	err := b.store.Update(ctx, func(tx store.Tx) error {
		a, err := getAccount(tx, done.auth.Name, done.user)
		if err != nil || a.Untold == nil || a.Untold.Event.ID != done.event.ID {
			return err
		}
		a.Untold = nil
		return putRecord(tx, accountsBucket, accountKey(done.auth.Name, done.user), a)
	})
	if err != nil {
		b.log.WarnContext(ctx, "cannot note that an alert was delivered, so it may be delivered again", "auth", done.auth.Name, "user", done.user, "error", err)
	}
}

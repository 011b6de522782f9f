package connection

import (
	"context"
	"errors"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/store"
)

// What the server says of a connection's Login is kept like what an authority
// says of an account, under a name that no authentication object can have.

// loginWrite bounds the write that says what the server says of a login.
const loginWrite = 5 * time.Second

// loginAuth stands for a connection's Login where accounts are kept.
func loginAuth(connection string) Auth { return Auth{Name: "login:" + recordKey(connection)} }

// noteLogin keeps that the server refuses a connection's login, or with nil that
// it takes it again, and tells of it where that is new.
//
// Exchange answers 401 under load too, now and then, which looks the same. It
// is told all the same, since a password that has expired is far more frequent,
// and the next call that succeeds takes it back.
func (b *Book) noteLogin(p Profile, refused error) {
	// Nobody waits for it who could break it off.
	ctx, cancel := context.WithTimeout(context.Background(), loginWrite)
	defer cancel()
	var due bool
	err := b.store.View(ctx, func(tx store.Tx) (err error) {
		_, due, err = b.loginOutcome(tx, p.Name, refused)
		return err
	})
	var told *announcement
	if err == nil && due {
		err = b.store.Update(ctx, func(tx store.Tx) error {
			told, err = b.writeLoginOutcome(tx, p, refused)
			return err
		})
	}
	if err != nil {
		// The note is for the next one who asks; that it fails must not hide
		// what it is about.
		b.log.WarnContext(ctx, "cannot note the state of the sign-in", "connection", p.Name, "error", err)
		return
	}
	b.tell(told)
}

// loginOutcome returns the record as it should be, and whether that is new or
// something is to be told once more.
func (b *Book) loginOutcome(tx store.Tx, connection string, refused error) (a account, due bool, err error) {
	a, err = getAccount(tx, loginAuth(connection).Name, "")
	if err != nil {
		return a, false, err
	}
	due = a.Untold.due(b.now())
	switch {
	case refused == nil && a.State == "":
		return a, due || a.doubted(), nil
	case refused != nil && a.State != "" && a.Code == mailbox.Code(refused):
		return a, due, nil
	case refused == nil:
		a.forgive(b.now())
	default:
		if a.State == "" {
			a.Since = b.now().UTC().Truncate(time.Second)
		}
		a.State, a.Reason, a.Code, a.Hint = NeedsSignIn, withoutConnection(refused).Error(), mailbox.Code(refused), mailbox.Hint(refused)
	}
	return a, true, nil
}

// doubted reports that the last that was told, or is known, of a login is that
// the server refuses it; so the next call that succeeds is news.
func (a account) doubted() bool { return a.State != "" || a.Announced != "" && !a.Announced.good() }

// settleLogin forgets what the server has said of a login that has been changed.
// Whether it takes the new one shows at the first call.
func (b *Book) settleLogin(tx store.Tx, old Entry, d Draft) error {
	key := accountKey(loginAuth(d.Profile.Name).Name, "")
	if d.Profile.Login == nil {
		return tx.Delete(accountsBucket, key)
	}
	a, err := getAccount(tx, loginAuth(d.Profile.Name).Name, "")
	same := old.Profile.Login != nil && *old.Profile.Login == *d.Profile.Login && len(d.Secrets.Password) == 0
	if err != nil || a.State == "" || same {
		return err
	}
	a.forgive(b.now())
	return putRecord(tx, accountsBucket, key, a)
}

// withoutConnection returns an error without the name of the connection, which
// stands beside it.
func withoutConnection(err error) error {
	var e *SignInError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

func (b *Book) writeLoginOutcome(tx store.Tx, p Profile, refused error) (*announcement, error) {
	now, err := getProfile(tx, p.Name)
	if err != nil || now.Login == nil || p.Login == nil || *now.Login != *p.Login {
		return nil, err // it is another login by now
	}
	a, due, err := b.loginOutcome(tx, p.Name, refused)
	if err != nil || !due {
		return nil, err
	}
	auth := loginAuth(p.Name)
	if err := putRecord(tx, accountsBucket, accountKey(auth.Name, ""), a); err != nil {
		return nil, err
	}
	status, _, err := loginStatus(tx, now)
	if err != nil {
		return nil, err
	}
	kind, changed := change(a.Announced, status.State, true)
	if !changed {
		return b.announceAgain(tx, auth, "", a)
	}
	e := b.newEvent(kind)
	if e.OldState = string(a.Announced); e.OldState == "" {
		e.OldState = string(Ready)
	}
	e.Connections = []string{now.Name}
	return b.compose(tx, auth, "", a, status, e)
}

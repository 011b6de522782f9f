package connection

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/exconn/exconn/store"
)

// Where each user of a CRM has to sign in for himself, he is invited to: by a
// link of his own, which is good for one sign-in, by his account alone. The
// link's secret is known to nobody but who has the link: what is kept is its
// SHA-256.

const (
	// DefaultInvitationTime is how long an invitation is good for.
	DefaultInvitationTime = 7 * 24 * time.Hour
	// MaxInvitationTime is the longest that one can be good for.
	MaxInvitationTime = 90 * 24 * time.Hour
	// keepInvitations is how long after its end an invitation is kept, so that
	// its link can say what became of it.
	keepInvitations = 30 * 24 * time.Hour
)

// InvitationState is what has become of an invitation.
type InvitationState string

// The states of an invitation.
const (
	// InvitationOpen: it can be used.
	InvitationOpen InvitationState = "open"
	// InvitationUsed: the user has signed in with it.
	InvitationUsed InvitationState = "used"
	// InvitationLapsed: its time is over, and nobody has used it.
	InvitationLapsed InvitationState = "lapsed"
	// InvitationWithdrawn: it was withdrawn, or a newer one took its place.
	InvitationWithdrawn InvitationState = "withdrawn"
)

// Invitation is what is known of a user's invitation to sign in. Its link is
// not.
type Invitation struct {
	// Auth is the authentication object, of which Connection makes use.
	Auth       string `json:"auth"`
	Connection string `json:"connection"`
	// User is the user's address, in lower case.
	User string `json:"user"`
	// SignInName is the user's user principal name, where that was said to
	// differ from the address.
	SignInName string          `json:"sign_in_name,omitempty"`
	State      InvitationState `json:"state"`
	Created    time.Time       `json:"created,omitzero"`
	// Expires is when it is, or was, good until.
	Expires time.Time `json:"expires,omitzero"`
	// Used and Withdrawn are when it was.
	Used      time.Time `json:"used,omitzero"`
	Withdrawn time.Time `json:"withdrawn,omitzero"`
}

// state returns what has become of the invitation by now.
func (i Invitation) state(now time.Time) InvitationState {
	switch {
	case !i.Used.IsZero():
		return InvitationUsed
	case !i.Withdrawn.IsZero():
		return InvitationWithdrawn
	case !now.Before(i.Expires):
		return InvitationLapsed
	}
	return InvitationOpen
}

// NewInvitation is an invitation that has just been made, with the one copy of
// its secret.
type NewInvitation struct {
	Invitation
	secret string
}

// Link returns the link for the user, beneath an address that ParseInvitationURL
// has returned. Whoever has it can begin the user's sign-in, but not sign in as
// somebody else.
func (n NewInvitation) Link(base string) string { return base + invitePath + n.secret }

// String names the invitation without its secret.
func (n NewInvitation) String() string { return "invitation for " + n.User }

// Format writes String whatever the verb.
func (n NewInvitation) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(n.String())) }

// MarshalJSON leaves the secret out.
func (n NewInvitation) MarshalJSON() ([]byte, error) { return json.Marshal(n.Invitation) }

// newInvitationSecret returns 256 random bits in base64url, 43 characters.
func newInvitationSecret() string {
	var b [32]byte
	// crypto/rand.Read does not fail: it ends the program if the system has
	// no randomness.
	_, _ = rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// invitationKey is the key of an invitation in invitationsBucket. A look-up by
// it tells by its time nothing of use: it depends on the hash.
func invitationKey(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Invitee is a user who is to be invited.
type Invitee struct {
	// Address is the address of the user's mailbox.
	Address string
	// SignInName is the user principal name, where it is not the address.
	SignInName string
}

// InviteOptions say who is invited to what.
type InviteOptions struct {
	// Auth is the authentication object.
	Auth string
	// Connection is the one whose rights are asked for. It may be empty where
	// one connection alone uses Auth.
	Connection string
	Users      []Invitee
	// Valid is how long the invitations are good for, up to MaxInvitationTime.
	// Zero means DefaultInvitationTime.
	Valid time.Duration
}

// Invite makes an invitation for each of the users, in their order, or for
// none of them. An open invitation that a user has for the same authentication
// object is withdrawn. Problems of the users are FieldErrors, of the fence a
// *FencedError.
func (b *Book) Invite(ctx context.Context, opts InviteOptions) (made []NewInvitation, err error) {
	if opts.Valid == 0 {
		opts.Valid = DefaultInvitationTime
	}
	users, err := opts.tidy()
	if err != nil {
		return nil, err
	}
	now := b.now().UTC().Truncate(time.Second)
	err = b.store.Update(ctx, func(tx store.Tx) error {
		made = nil // a store may call again
		auth, connection, err := inviting(tx, opts, users)
		if err != nil {
			return err
		}
		invited := map[string]bool{}
		for _, u := range users {
			invited[u.Address] = true
		}
		if _, err := withdraw(tx, auth, now, func(user string) bool { return invited[user] }); err != nil {
			return err
		}
		for _, u := range users {
			n := NewInvitation{secret: newInvitationSecret(), Invitation: Invitation{
				Auth: auth, Connection: connection, User: u.Address, SignInName: u.SignInName,
				State: InvitationOpen, Created: now, Expires: now.Add(opts.Valid),
			}}
			if err := putRecord(tx, invitationsBucket, invitationKey(n.secret), n.Invitation); err != nil {
				return err
			}
			made = append(made, n)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

// tidy returns the users with their addresses in one form.
func (o InviteOptions) tidy() ([]Invitee, error) {
	var found problems
	if o.Valid < time.Minute || o.Valid > MaxInvitationTime {
		found.add("valid", o.Valid.String(), "an invitation is good for a minute to %d hours", int(MaxInvitationTime.Hours()))
	}
	if len(o.Users) == 0 {
		found.add("user", "", "nobody is to be invited; give the user's address, such as anna@example.com")
	}
	seen := map[string]bool{}
	var users []Invitee
	for _, u := range o.Users {
		u.Address, u.SignInName = lower(strings.TrimSpace(u.Address)), strings.TrimSpace(u.SignInName)
		switch problem := addressProblem(u.Address); {
		case problem != "":
			found.add("user", u.Address, "%s; give the user's address, such as anna@example.com", problem)
		case seen[u.Address]:
			found.add("user", u.Address, "is there twice")
		}
		if problem := addressProblem(u.SignInName); u.SignInName != "" && problem != "" {
			found.add("sign_in_name", u.SignInName, "%s; give the user principal name, such as anna@example.com", problem)
		}
		if lower(u.SignInName) == u.Address {
			u.SignInName = ""
		}
		seen[u.Address] = true
		users = append(users, u)
	}
	return users, found.err()
}

// inviting finds the authentication object and the connection by which the
// users are to sign in, and refuses where they cannot.
func inviting(tx store.Tx, opts InviteOptions, users []Invitee) (auth, connection string, err error) {
	a, err := getAuth(tx, opts.Auth)
	if err != nil {
		return "", "", err
	}
	if !a.Method.ByBrowser() {
		return "", "", FieldErrors{{Field: "name", Given: a.Name, Problem: fmt.Sprintf("nobody signs in by browser with the method %s, so that nobody can be invited to", a.Method)}}
	}
	names, err := sharers(tx, a.Name)
	if err != nil {
		return "", "", err
	}
	switch i := slices.IndexFunc(names, func(n string) bool { return recordKey(n) == recordKey(opts.Connection) }); {
	case i >= 0:
		connection = names[i]
	case opts.Connection != "":
		return "", "", FieldErrors{{Field: "connection", Given: opts.Connection, Problem: fmt.Sprintf("does not use the authentication object %s", a.Name)}}
	case len(names) == 0:
		return "", "", FieldErrors{{Field: "name", Given: a.Name, Problem: "no connection uses it, so that there is nothing to sign in to"}}
	case len(names) > 1:
		return "", "", FieldErrors{{Field: "connection", Problem: "is missing, and several use the authentication object: " + strings.Join(names, ", ")}}
	default:
		connection = names[0]
	}
	p, err := getProfile(tx, connection)
	if err != nil {
		return "", "", err
	}
	f := fence{connection: p.Name, entries: p.AllowMailboxes}
	for _, u := range users {
		if len(f.entries) == 0 {
			break // each user's own account then is the fence
		}
		if err := f.check(u.Address); err != nil {
			return "", "", err
		}
	}
	return a.Name, connection, nil
}

// withdraw withdraws the open invitations of users of an object, and forgets
// all that are long over.
func withdraw(tx store.Tx, auth string, now time.Time, whose func(user string) bool) (withdrawn int, err error) {
	err = eachInvitation(tx, func(key string, i Invitation) error {
		switch {
		case now.After(i.Expires.Add(keepInvitations)):
			return tx.Delete(invitationsBucket, key)
		case recordKey(i.Auth) != recordKey(auth), i.state(now) != InvitationOpen, !whose(i.User):
			return nil
		}
		withdrawn++
		i.Withdrawn, i.State = now, InvitationWithdrawn
		return putRecord(tx, invitationsBucket, key, i)
	})
	return withdrawn, err
}

// eachInvitation calls do with each invitation that can be read. A damaged one
// is worth no more than none: its link does not work.
func eachInvitation(tx store.Tx, do func(key string, i Invitation) error) error {
	err := tx.ForEach(invitationsBucket, "", func(key string, value []byte) error {
		var i Invitation
		if json.Unmarshal(value, &i) != nil {
			return nil
		}
		return do(key, i)
	})
	var damaged *store.DamagedError
	if errors.As(err, &damaged) {
		return nil
	}
	return err
}

// Withdraw withdraws the open invitation of a user, and reports whether there
// was one. A sign-in that has begun with it is refused at its end.
func (b *Book) Withdraw(ctx context.Context, auth, user string) (was bool, err error) {
	user = lower(strings.TrimSpace(user))
	now := b.now().UTC().Truncate(time.Second)
	err = b.store.Update(ctx, func(tx store.Tx) error {
		a, err := getAuth(tx, auth)
		if err != nil {
			return err
		}
		n, err := withdraw(tx, a.Name, now, func(u string) bool { return u == user })
		was = n > 0
		return err
	})
	return was, err
}

// Invitations returns the last invitation of each user of an authentication
// object, or of all where auth is empty, in the order of objects and users.
func (b *Book) Invitations(ctx context.Context, auth string) (list []Invitation, err error) {
	now := b.now()
	last := map[string]Invitation{}
	err = b.store.View(ctx, func(tx store.Tx) error {
		if auth != "" {
			if _, err := getAuth(tx, auth); err != nil {
				return err
			}
		}
		clear(last)
		return eachInvitation(tx, func(_ string, i Invitation) error {
			if auth != "" && recordKey(i.Auth) != recordKey(auth) {
				return nil
			}
			i.State = i.state(now)
			key := accountKey(i.Auth, i.User)
			if before, ok := last[key]; !ok || i.later(before) {
				last[key] = i
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	for _, i := range last {
		list = append(list, i)
	}
	slices.SortFunc(list, func(a, b Invitation) int {
		return strings.Compare(accountKey(a.Auth, a.User), accountKey(b.Auth, b.User))
	})
	return list, nil
}

// later reports whether an invitation took the place of another. Of two that
// were made in the same second, the one that is not withdrawn did.
func (i Invitation) later(than Invitation) bool {
	if i.Created.Equal(than.Created) {
		return i.Withdrawn.IsZero() && !than.Withdrawn.IsZero()
	}
	return i.Created.After(than.Created)
}

// forgetInvitations removes all invitations to an authentication object.
func forgetInvitations(tx store.Tx, auth string) error {
	return eachInvitation(tx, func(key string, i Invitation) error {
		if recordKey(i.Auth) != recordKey(auth) {
			return nil
		}
		return tx.Delete(invitationsBucket, key)
	})
}

// invitation returns the invitation of a key; false where there is none.
func (b *Book) invitation(ctx context.Context, key string) (i Invitation, found bool, err error) {
	err = b.store.View(ctx, func(tx store.Tx) error {
		i, found, err = getInvitation(tx, key, b.now())
		return err
	})
	return i, found, err
}

func getInvitation(tx store.Tx, key string, now time.Time) (i Invitation, found bool, err error) {
	i, err = getRecord[Invitation](tx, invitationsBucket, "invitation", key)
	var unreadable *RecordError
	var damaged *store.DamagedError
	switch {
	case errors.Is(err, store.ErrNoRecord), errors.As(err, &unreadable), errors.As(err, &damaged):
		return Invitation{}, false, nil
	case err != nil:
		return Invitation{}, false, err
	}
	i.State = i.state(now)
	if i.State != InvitationOpen {
		return i, true, nil
	}
	// What it invites to may be gone.
	p, err := getProfile(tx, i.Connection)
	var none *UnknownError
	switch {
	case errors.As(err, &none), err == nil && recordKey(p.AuthName) != recordKey(i.Auth):
		i.State = InvitationWithdrawn
	case err != nil:
		return i, true, err
	}
	return i, true, nil
}

// useInvitation notes that the user has signed in with it.
func (b *Book) useInvitation(ctx context.Context, key string) error {
	now := b.now().UTC().Truncate(time.Second)
	return b.store.Update(ctx, func(tx store.Tx) error {
		i, found, err := getInvitation(tx, key, now)
		if err != nil || !found || !i.Used.IsZero() {
			return err
		}
		i.Used, i.State = now, InvitationUsed
		return putRecord(tx, invitationsBucket, key, i)
	})
}

package connection

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/exconn/exconn/store"
)

// Update lets change alter a connection and keeps the result, in one
// transaction; change must do nothing else. Its Draft holds the profile, its
// authentication object and no secrets; those that change sets replace the
// kept ones. A change of the authentication object holds for all connections
// that share it, and must fit them all. Where what a sign-in was made with has
// changed, the kept sign-in is forgotten.
//
// Errors are those of Create and change's own; then nothing is changed.
func (b *Book) Update(ctx context.Context, name string, change func(*Draft) error) (entry Entry, err error) {
	err = b.store.Update(ctx, func(tx store.Tx) error {
		old, err := b.getEntry(tx, name)
		if err != nil {
			return err
		}
		d, certificateProblem, err := changed(old, change)
		if err != nil {
			return err
		}
		d, attached, err := attach(tx, d)
		if err != nil {
			return err
		}
		if d.Auth != nil && !attached && (old.Auth == nil || recordKey(d.Auth.Name) != recordKey(old.Auth.Name)) {
			// A new one must not overwrite what others use.
			if err := absent(tx, authsBucket, kindAuth, d.Auth.Name); err != nil {
				return err
			}
		}
		g, err := kept(tx, d)
		if err != nil {
			return err
		}
		if err := validate(d, g, certificateProblem); err != nil {
			return err
		}
		d.Profile.Created, d.Profile.Updated = old.Profile.Created, b.now().UTC().Truncate(time.Second)
		if err := b.settleAuth(tx, old, d); err != nil {
			return err
		}
		if err := write(tx, d); err != nil {
			return err
		}
		if err := errors.Join(b.settleLogin(tx, old, d), dropUnused(tx, old, d)); err != nil {
			return err
		}
		entry, err = b.getEntry(tx, name)
		return err
	})
	if err != nil {
		return Entry{}, err
	}
	return entry, nil
}

// changed runs change over a copy of what is kept.
func changed(old Entry, change func(*Draft) error) (Draft, error, error) {
	d := Draft{Profile: old.Profile}
	if old.Auth != nil {
		auth := *old.Auth
		d.Auth = &auth
	}
	if old.Profile.Login != nil {
		login := *old.Profile.Login
		d.Profile.Login = &login
	}
	d.Profile.AllowMailboxes = append([]string(nil), old.Profile.AllowMailboxes...)
	if err := change(&d); err != nil {
		return d, nil, err
	}
	// One of the two names of the authentication object was changed, or the
	// object was taken away: the name then says which one is meant.
	if old.Auth != nil && d.Auth != nil && recordKey(d.Profile.AuthName) != recordKey(old.Auth.Name) && recordKey(d.Auth.Name) == recordKey(old.Auth.Name) {
		d.Auth = nil
	}
	d, certificateProblem, err := prepare(d)
	if err != nil {
		return d, nil, err
	}
	if recordKey(d.Profile.Name) != recordKey(old.Profile.Name) {
		var found problems
		found.add("name", d.Profile.Name, "a connection cannot be renamed; make a new one")
		return d, nil, found.err()
	}
	return d, certificateProblem, nil
}

// settleAuth checks what a change of the authentication object means for
// others, and forgets sign-ins that were made with the old one.
func (b *Book) settleAuth(tx store.Tx, old Entry, d Draft) error {
	if d.Auth == nil {
		return nil
	}
	if len(d.Secrets.ClientSecret) > 0 || len(d.Secrets.Certificate) > 0 {
		if err := b.newProof(tx, *d.Auth); err != nil {
			return err
		}
	}
	before, err := getRecord[Auth](tx, authsBucket, kindAuth, d.Auth.Name)
	switch {
	case errors.Is(err, store.ErrNoRecord):
		d.Auth.Created = d.Profile.Updated
	case err != nil:
		return err
	default:
		d.Auth.Created = before.Created
	}
	if err == nil && before == *d.Auth {
		return nil
	}
	d.Auth.Updated = d.Profile.Updated
	return b.settleSharers(tx, before, d)
}

func (b *Book) settleSharers(tx store.Tx, before Auth, d Draft) error {
	names, err := sharers(tx, d.Auth.Name)
	if err != nil {
		return err
	}
	for _, name := range names {
		if recordKey(name) == recordKey(d.Profile.Name) {
			continue
		}
		p, err := getProfile(tx, name)
		if err != nil {
			return err
		}
		if err := p.Validate(d.Auth); err != nil {
			return fmt.Errorf("the authentication object %q is shared with the connection %q, which the change does not fit: %w", d.Auth.Name, name, err)
		}
	}
	if before.Name != "" && !sameRegistration(before, *d.Auth) {
		return forgetAccounts(tx, d.Auth.Name)
	}
	return nil
}

// newProof forgets what was got by an application's former secret or
// certificate, and that it was refused. A person's sign-in is not bound to it.
// Whether the new one is accepted shows at its first use, so what was last told
// stays.
func (b *Book) newProof(tx store.Tx, auth Auth) error {
	if auth.Method.AppOnly() {
		if err := tx.Delete(tokensBucket, accountKey(auth.Name, "")); err != nil {
			return err
		}
	}
	accounts, err := b.accountsOf(tx, auth)
	if err != nil {
		return err
	}
	for _, entry := range accounts {
		a, err := getAccount(tx, auth.Name, entry.User)
		if err != nil || a.Reason == "" {
			continue
		}
		a.forgive(b.now())
		if err := putRecord(tx, accountsBucket, accountKey(auth.Name, entry.User), a); err != nil {
			return err
		}
	}
	return nil
}

func sameRegistration(a, b Auth) bool {
	return recordKey(a.Name) == recordKey(b.Name) && a.ClientID == b.ClientID && a.Method == b.Method && a.Authority() == b.Authority()
}

// dropUnused removes the secrets and the authentication object that nothing
// uses after the change.
func dropUnused(tx store.Tx, old Entry, d Draft) error {
	if !d.Profile.Login.usesPassword() {
		if err := tx.Delete(secretsBucket, passwordKey(d.Profile.Name)); err != nil {
			return err
		}
	}
	if d.Auth != nil && !d.Auth.Method.TakesSecret() {
		if err := tx.Delete(secretsBucket, clientSecretKey(d.Auth.Name)); err != nil {
			return err
		}
	}
	if d.Auth != nil && !d.Auth.Method.TakesCertificate() {
		if err := tx.Delete(secretsBucket, certificateKey(d.Auth.Name)); err != nil {
			return err
		}
	}
	if old.Auth == nil || d.Auth != nil && recordKey(d.Auth.Name) == recordKey(old.Auth.Name) {
		return nil
	}
	_, err := dropAuth(tx, old.Auth.Name)
	return err
}

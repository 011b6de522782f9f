package connection

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/exconn/exconn/oauth"
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
		old, err := getEntry(tx, name)
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
		if err := dropUnused(tx, old, d); err != nil {
			return err
		}
		entry, err = getEntry(tx, name)
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
	if !sameProof(old, d) {
		if err := forgetAccount(tx, old.Profile.Name); err != nil {
			return err
		}
	}
	if d.Auth == nil {
		return nil
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
		if !sameRegistration(before, *d.Auth) {
			if err := forgetAccount(tx, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// sameProof reports whether a kept sign-in is still good after the change.
func sameProof(old Entry, d Draft) bool {
	if old.Auth == nil || d.Auth == nil {
		return old.Auth == nil && d.Auth == nil && *old.Profile.Login == *d.Profile.Login && len(d.Secrets.Password) == 0
	}
	before, _ := old.Profile.resource()
	after, _ := d.Profile.resource()
	return before == after && sameRegistration(*old.Auth, *d.Auth) &&
		len(d.Secrets.ClientSecret) == 0 && len(d.Secrets.Certificate) == 0
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
	if d.Auth != nil && d.Auth.Method != oauth.ClientSecret {
		if err := tx.Delete(secretsBucket, clientSecretKey(d.Auth.Name)); err != nil {
			return err
		}
	}
	if d.Auth != nil && d.Auth.Method != oauth.ClientCertificate {
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

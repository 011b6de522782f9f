package keysource

import (
	"encoding/base64"
	"errors"

	"github.com/google/uuid"
	"github.com/zalando/go-keyring"

	"github.com/exconn/exconn/store"
)

// keyringName is the service under which a keyring lists the key.
const keyringName = "exconn"

// KeyringService is the part of a keyring that is used. An absent entry is
// keyring.ErrNotFound of github.com/zalando/go-keyring.
type KeyringService interface {
	Get(service, user string) (string, error)
	Set(service, user, secret string) error
	Delete(service, user string) error
}

type systemKeyring struct{}

func (systemKeyring) Get(service, user string) (string, error) { return keyring.Get(service, user) }
func (systemKeyring) Set(service, user, secret string) error {
	return keyring.Set(service, user, secret)
}

func (systemKeyring) Delete(service, user string) error { return keyring.Delete(service, user) }

func (o *Options) keyring() KeyringService {
	if o != nil && o.Keyring != nil {
		return o.Keyring
	}
	return systemKeyring{}
}

const noKeyringCure = "a keyring needs a session of a desktop user (Secret Service over D-Bus on Linux); on a server choose another key source"

func createKeyringEntry(rec *record, opts *Options) error {
	// One entry for each data directory, found by a name that moves with it.
	rec.KeyringUser = "data-directory-" + uuid.NewString()
	err := opts.keyring().Set(keyringName, rec.KeyringUser, base64.StdEncoding.EncodeToString(randomKey()))
	if err != nil {
		return &Error{Problem: "the master key cannot be put into the keyring", Err: err, Cure: noKeyringCure}
	}
	return nil
}

func (rec *record) keyFromKeyring(opts *Options) (Key, error) {
	entry := "the keyring entry " + keyringName + "/" + rec.KeyringUser
	text, err := opts.keyring().Get(keyringName, rec.KeyringUser)
	switch {
	case errors.Is(err, keyring.ErrNotFound):
		return Key{}, &Error{Problem: entry + " is missing", Err: err,
			Cure: "run exconn as the user who made this data directory, or put the entry back from a backup of the keyring"}
	case err != nil:
		return Key{}, &Error{Problem: entry + " cannot be read", Err: err, Cure: noKeyringCure}
	}
	master, err := decodeKey([]byte(text))
	if err != nil {
		return Key{}, &Error{Problem: entry + " is no master key", Err: err, Cure: "put the entry back from a backup of the keyring"}
	}
	key := newKey(Keyring, master, store.Origin{Name: entry, Cure: "put the entry back from a backup of the keyring"})
	if rec.NextKeyringUser == "" {
		return key, nil
	}
	// Named before it is made: where it is missing, nothing is sealed with it.
	text, err = opts.keyring().Get(keyringName, rec.NextKeyringUser)
	if errors.Is(err, keyring.ErrNotFound) {
		return key, nil
	}
	var next []byte
	if err == nil {
		next, err = decodeKey([]byte(text))
	}
	if err != nil {
		return Key{}, &Error{Problem: "the keyring entry " + keyringName + "/" + rec.NextKeyringUser + " cannot be read", Err: err, Cure: noKeyringCure}
	}
	return key.withNext(next), nil
}

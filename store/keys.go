package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
)

// MasterKeySize is the length of a master key in bytes.
const MasterKeySize = 32

// Origin says where a master key came from, in words for people.
type Origin struct {
	// Name finishes "the master key from …", such as
	// "file /var/lib/exconn/master.key".
	Name string
	// Cure tells what to do where the key is the wrong one.
	Cure string
}

// Keys are what Sealed seals and opens records with. The zero value cannot be
// used. Keys print as their ids alone.
type Keys struct {
	// Pointers keep the key schedules out of a %v of whatever holds Keys.
	current *recordKey
	others  []*recordKey
	origin  Origin
}

type keyID [8]byte

func (id keyID) String() string { return hex.EncodeToString(id[:]) }

type recordKey struct {
	id   keyID
	aead cipher.AEAD
}

// NewKeys derives the record key and its id from a master key of
// MasterKeySize random bytes by HKDF-SHA256 (RFC 5869). While the master key is
// being rotated there are others besides: a store is opened, and its records are
// sealed, with the one that its check record names, and with master where there
// is none. The master keys are not kept.
func NewKeys(master []byte, origin Origin, others ...[]byte) (Keys, error) {
	current, err := newRecordKey(master)
	if err != nil {
		return Keys{}, fmt.Errorf("the master key from %s cannot be used: %w", origin.Name, err)
	}
	keys := Keys{current: current, origin: origin}
	for i, m := range others {
		k, err := newRecordKey(m)
		if err != nil {
			return Keys{}, fmt.Errorf("further master key %d cannot be used: %w", i+1, err)
		}
		keys.others = append(keys.others, k)
	}
	return keys, nil
}

func newRecordKey(master []byte) (*recordKey, error) {
	if len(master) != MasterKeySize {
		return nil, fmt.Errorf("it has %d bytes, not %d", len(master), MasterKeySize)
	}
	key, err := hkdf.Key(sha256.New, master, nil, "exconn record key 1", 32)
	if err != nil {
		return nil, err
	}
	id, err := hkdf.Key(sha256.New, master, nil, "exconn record key id 1", len(keyID{}))
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &recordKey{id: keyID(id), aead: aead}, nil
}

// find returns the key of this id, or nil.
func (k Keys) find(id keyID) *recordKey {
	if k.current.id == id {
		return k.current
	}
	for _, o := range k.others {
		if o.id == id {
			return o
		}
	}
	return nil
}

// String returns the id of the current key.
func (k Keys) String() string {
	if k.current == nil {
		return "no keys"
	}
	return "key " + k.current.id.String()
}

// Format prints what String returns, whatever the verb.
func (k Keys) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(k.String())) }

// LogValue returns what String returns.
func (k Keys) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalJSON refuses: keys are not to be written anywhere.
func (k Keys) MarshalJSON() ([]byte, error) {
	return nil, errors.New("store: keys cannot be marshaled")
}

package simulator

import (
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base32"
	"encoding/pem"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"strconv"
	"strings"
	"time"
	"weak"

	"github.com/google/uuid"

	"github.com/exconn/exconn/simulator/entra"
	"github.com/exconn/exconn/simulator/journal"
)

// stateKind is the kind and the format of a state file. The format changes with
// the records, as far as names of fields are not enough, and with what follows
// from a seed, because a file keeps only what differs from that.
const stateKind = "exconn simulator state 1"

// beginning is what a state begins with, and what its file must remember of it.
type beginning struct {
	Seed, Epoch uint64
	// Runs counts how often the state was taken out of its file.
	Runs                uint64
	Since               time.Time
	Mailboxes, Messages int
	Empty               bool
	// Secret is what passwords and the secrets of applications are made from.
	Secret []byte
	// CA and CAKey are the certificate authority's in PEM, where no folder
	// keeps them.
	CA, CAKey []byte
}

const beginningKey = "beginning"

// begin decides what the state begins with: what the file says, if there is
// one, else the options.
func (s *Simulator) begin() error {
	o := s.opts
	b := beginning{Seed: o.Seed, Since: o.Now().UTC(), Mailboxes: o.Mailboxes, Messages: o.Messages, Empty: o.Empty, Secret: make([]byte, 32)}
	b.Epoch = uint64(b.Since.UnixNano())
	if b.Seed == 0 {
		b.Seed = mathrand.Uint64()
	}
	_, _ = rand.Read(b.Secret) // never fails: it ends the program instead
	s.beginning = b
	if o.State == "" {
		return nil
	}
	j, err := journal.Open(o.State, stateKind)
	switch {
	case errors.Is(err, journal.ErrInUse):
		return fmt.Errorf("the state file: %w", err)
	case errors.Is(err, journal.ErrForeign), errors.Is(err, journal.ErrDamaged):
		return fmt.Errorf("the state file: %w (give another file, or remove this one to begin anew)", err)
	case err != nil:
		return fmt.Errorf("the state file: %w", err)
	}
	s.keeper = &keeper{journal: j, dirty: map[*mbox]*alterations{}, files: map[uint64]weak.Pointer[attachment]{}}
	if j.Empty() {
		return nil
	}
	if err := s.keeper.get(stateShelf, beginningKey, &s.beginning); err != nil {
		return fmt.Errorf("the state file %s: %w (remove it to begin anew)", o.State, err)
	}
	s.beginning.Runs++
	return s.agree(b)
}

// agree refuses options that differ from what the file began with.
func (s *Simulator) agree(b beginning) error {
	kept := s.beginning
	for _, o := range []struct {
		name       string
		told, kept uint64
		given      bool
	}{
		{"seed", b.Seed, kept.Seed, s.opts.Seed != 0},
		{"number of mailboxes", uint64(b.Mailboxes), uint64(kept.Mailboxes), b.Mailboxes != 0},
		{"number of messages", uint64(b.Messages), uint64(kept.Messages), b.Messages != 0},
	} {
		if o.given && o.told != o.kept {
			return fmt.Errorf("the state file %s began with the %s %d, not %d (leave it out, or begin anew with another file)", s.opts.State, o.name, o.kept, o.told)
		}
	}
	if s.opts.Empty && !kept.Empty {
		return fmt.Errorf("the state file %s did not begin empty (leave that out, or begin anew with another file)", s.opts.State)
	}
	return nil
}

// load takes up what the file keeps of a world that has been made as it was the
// first time. It is true where that was nothing.
func (s *Simulator) load() (fresh bool, err error) {
	k := s.keeper
	if k == nil {
		return true, nil
	}
	k.st, s.state.keeper = s.state, k
	fresh = s.beginning.Runs == 0
	for _, mb := range s.state.mailboxes {
		value, ok, err := k.journal.Get(mb.guid, mailboxKey)
		if err != nil {
			return fresh, err
		}
		if !ok {
			continue
		}
		var r mailboxRecord
		if err := decode(value, &r); err != nil {
			return fresh, fmt.Errorf("the state file %s: mailbox %s: %w", s.opts.State, mb.address, err)
		}
		r.apply(mb)
	}
	for _, key := range k.journal.Keys(filesShelf) {
		if n, err := strconv.ParseUint(strings.TrimSuffix(key, holdersSuffix), 16, 64); err == nil {
			k.lastFile = max(k.lastFile, n)
		}
	}
	if err := k.restoreTransit(); err != nil {
		return fresh, fmt.Errorf("the state file %s: what is under way: %w", s.opts.State, err)
	}
	return fresh, nil
}

// keepOn writes what there is so far, and from now on every change.
func (s *Simulator) keepOn() error {
	k := s.keeper
	if k == nil {
		return nil
	}
	record, err := encode(&s.beginning)
	if err != nil {
		return err
	}
	k.extra = append(k.extra, journal.Change{Shelf: stateShelf, Key: beginningKey, Value: record})
	k.flush()
	s.state.mu.leave = k.flush
	return k.failure()
}

// authority returns the CA: a folder's, the file's, or a new one.
func (s *Simulator) authority() (*authority, error) {
	b := &s.beginning
	if s.keeper == nil || s.opts.CADir != "" {
		return loadAuthority(s.opts.CADir, time.Now())
	}
	if b.CA != nil {
		pair, err := tls.X509KeyPair(b.CA, b.CAKey)
		if err != nil {
			return nil, fmt.Errorf("the CA in the state file: %w", err)
		}
		if key, ok := pair.PrivateKey.(*ecdsa.PrivateKey); ok && time.Now().Add(leafLifetime).Before(pair.Leaf.NotAfter) {
			return &authority{cert: pair.Leaf, key: key, pem: b.CA}, nil
		}
	}
	a, err := newAuthority(time.Now())
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return nil, fmt.Errorf("keeping the simulator's CA: %w", err)
	}
	b.CA, b.CAKey = a.pem, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	return a, nil
}

// derived is a secret that nobody guesses, and that is the same in every run
// with one state file.
func (s *Simulator) derived(name string) []byte {
	mac := hmac.New(sha256.New, s.beginning.Secret)
	mac.Write([]byte(name))
	return mac.Sum(nil)
}

// secret is the password of an account or the secret of an application.
func (s *Simulator) secret(name string) entra.Secret {
	if s.opts.Password != "" {
		return s.opts.Password
	}
	return entra.Secret("Sim-" + base32.StdEncoding.EncodeToString(s.derived("password of " + lower(name)))[:26])
}

// Keep implements entra.Keeper.
func (k *keeper) Keep(key string, value []byte) {
	if err := k.journal.Commit([]journal.Change{{Shelf: entraShelf, Key: key, Value: value}}); err != nil {
		k.fail(err)
	}
}

// Kept implements entra.Keeper.
func (k *keeper) Kept(prefix string, each func(key string, value []byte) error) error {
	return k.journal.Shelf(entraShelf, prefix, each)
}

// Seed is what decides the content of the mailboxes.
func (s *Simulator) Seed() uint64 { return s.beginning.Seed }

// objectID is a user's id in the directory. It is the same in every run with
// one state file, since clients know accounts by it.
func (s *Simulator) objectID(address string) string {
	id, err := uuid.FromBytes(s.derived("id of " + lower(address))[:16])
	if err != nil {
		return "" // there are sixteen bytes; the directory would make an id of its own
	}
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80 // a version and a variant that exist
	return id.String()
}

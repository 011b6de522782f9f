package store_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/store"
	"github.com/exconn/exconn/store/bolt"
	"github.com/exconn/exconn/store/storetest"
)

var origin = store.Origin{Name: "file /data/master.key", Cure: "put back master.key"}

func master(b byte) []byte { return bytes.Repeat([]byte{b}, store.MasterKeySize) }

func keys(t *testing.T, current []byte, older ...[]byte) store.Keys {
	t.Helper()
	k, err := store.NewKeys(current, origin, older...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// sealed returns a new sealed store and the store beneath it.
func sealed(t *testing.T) (*store.SealedStore, *bolt.Store) {
	t.Helper()
	inner := bolt.At(filepath.Join(t.TempDir(), "exconn.db"), nil)
	return store.Sealed(inner, keys(t, master(1)), "secrets", "tokens"), inner
}

func put(t *testing.T, s store.Store, bucket, key string, value []byte) {
	t.Helper()
	if err := s.Update(t.Context(), func(tx store.Tx) error { return tx.Put(bucket, key, value) }); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, s store.Store, bucket, key string) (value []byte, err error) {
	t.Helper()
	err = s.View(t.Context(), func(tx store.Tx) error {
		value, err = tx.Get(bucket, key)
		return err
	})
	return value, err
}

func TestSealedStore(t *testing.T) {
	// The suite's buckets are "b", "c" and "other".
	for name, buckets := range map[string][]string{"nothing sealed": nil, "all sealed": {"b", "c", "other"}} {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) store.Store {
				_, inner := sealed(t)
				return store.Sealed(inner, keys(t, master(1)), buckets...)
			})
		})
	}
}

func TestSealedKill(t *testing.T) {
	storetest.RunKill(t, func(dir string) (store.Store, error) {
		k, err := store.NewKeys(master(1), origin)
		return store.Sealed(bolt.At(filepath.Join(dir, "exconn.db"), nil), k, "rows"), err
	})
}

func TestSecretsAreNotInTheFile(t *testing.T) {
	s, inner := sealed(t)
	canary := []byte("canary-äß/?=+&-value")
	put(t, s, "secrets", "k", canary)
	put(t, s, "tokens", "k", canary)
	put(t, s, "plain", "k", []byte("in the clear"))
	data, err := os.ReadFile(inner.Path())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(data, []byte("in the clear")) {
		t.Error("the plain record is not found, so the search proves nothing")
	}
	for _, form := range []string{string(canary), base64.StdEncoding.EncodeToString(canary), "canary-"} {
		if bytes.Contains(data, []byte(form)) {
			t.Errorf("the file contains the secret as %q", form)
		}
	}
	a, _ := get(t, inner, "secrets", "k")
	put(t, s, "secrets", "k", canary)
	b, _ := get(t, inner, "secrets", "k")
	if bytes.Equal(a, b) {
		t.Error("the same value sealed twice looks the same")
	}
}

func TestWrongKey(t *testing.T) {
	s, inner := sealed(t)
	put(t, s, "secrets", "k", []byte("v"))
	put(t, s, "plain", "k", []byte("p"))
	wrong := store.Sealed(inner, keys(t, master(2)), "secrets", "tokens")
	_, getErr := get(t, wrong, "secrets", "k")
	for what, err := range map[string]error{
		"Get": getErr,
		"Put": wrong.Update(t.Context(), func(tx store.Tx) error { return tx.Put("tokens", "k", nil) }),
		"ForEach": wrong.View(t.Context(), func(tx store.Tx) error {
			return tx.ForEach("secrets", "", func(string, []byte) error { return nil })
		}),
		"Init":  wrong.Init(t.Context()),
		"Check": wrong.Check(t.Context()),
	} {
		var e *store.KeyError
		if !errors.As(err, &e) {
			t.Fatalf("%s with the wrong key: %v, want a *KeyError", what, err)
		}
		if !strings.Contains(err.Error(), origin.Name) || mailbox.Hint(err) != origin.Cure || e.Have == e.Want || e.Want == "" {
			t.Errorf("%s: %q, hint %q, ids %q and %q: want the source, its cure and two ids", what, err, mailbox.Hint(err), e.Have, e.Want)
		}
	}
	if v, err := get(t, wrong, "plain", "k"); err != nil || string(v) != "p" {
		t.Errorf("a plain record with the wrong key: %q, %v", v, err)
	}
	if v, err := get(t, s, "secrets", "k"); err != nil || string(v) != "v" {
		t.Errorf("the right key afterwards: %q, %v", v, err)
	}
}

func TestInitRemembersTheKey(t *testing.T) {
	s, inner := sealed(t)
	other := store.Sealed(inner, keys(t, master(2)), "secrets")
	if err := other.Check(t.Context()); err != nil {
		t.Errorf("Check of a store that has no key yet: %v", err)
	}
	if err := s.Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Init(t.Context()); err != nil {
		t.Errorf("Init again: %v", err)
	}
	var e *store.KeyError
	if err := other.Check(t.Context()); !errors.As(err, &e) {
		t.Errorf("Check of another key after Init: %v, want a *KeyError", err)
	}
}

// A failed update must not leave the store convinced of its key.
func TestRolledBackCheckRecord(t *testing.T) {
	s, inner := sealed(t)
	boom := errors.New("boom")
	err := s.Update(t.Context(), func(tx store.Tx) error { return errors.Join(tx.Put("secrets", "k", nil), boom) })
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	put(t, store.Sealed(inner, keys(t, master(2)), "secrets"), "secrets", "k", []byte("v"))
	var e *store.KeyError
	err = s.Update(t.Context(), func(tx store.Tx) error { return tx.Put("secrets", "k2", nil) })
	if !errors.As(err, &e) {
		t.Errorf("Put after another key has come first: %v, want a *KeyError", err)
	}
}

func TestDamagedRecordIsTheOnlyOneLost(t *testing.T) {
	for name, damage := range map[string]func(t *testing.T, tx store.Tx) error{
		"cut": func(_ *testing.T, tx store.Tx) error { return tx.Put("secrets", "b", []byte{1, 2, 3}) },
		"text": func(_ *testing.T, tx store.Tx) error {
			return tx.Put("secrets", "b", []byte("a long text that never was a sealed record"))
		},
		"moved from another key":    move("secrets", "a"),
		"moved from another bucket": move("tokens", "b"),
		"format":                    flip(0),
		"key id":                    flip(3),
		"nonce":                     flip(10),
		"ciphertext":                flip(22),
		"tag":                       flip(-1),
	} {
		t.Run(name, func(t *testing.T) {
			s, inner := sealed(t)
			for _, k := range []string{"a", "b", "c"} {
				put(t, s, "secrets", k, []byte("secret "+k))
				put(t, s, "tokens", k, []byte("secret "+k))
			}
			if err := inner.Update(t.Context(), func(tx store.Tx) error { return damage(t, tx) }); err != nil {
				t.Fatal(err)
			}
			s = store.Sealed(inner, keys(t, master(1)), "secrets", "tokens")
			_, err := get(t, s, "secrets", "b")
			var e *store.DamagedError
			if !errors.As(err, &e) || e.Bucket != "secrets" || e.Key != "b" {
				t.Fatalf("%v, want a *DamagedError that names the record", err)
			}
			if strings.Contains(err.Error(), "secret b") || e.Hint() == "" {
				t.Errorf("%q, hint %q: want no content, and a cure", err, e.Hint())
			}
			var met []string
			err = s.View(t.Context(), func(tx store.Tx) error {
				return tx.ForEach("secrets", "", func(key string, value []byte) error {
					met = append(met, key+" = "+string(value))
					return nil
				})
			})
			if diff := cmp.Diff([]string{"a = secret a", "c = secret c"}, met); diff != "" {
				t.Errorf("ForEach (-want +got):\n%s", diff)
			}
			if !errors.As(err, &e) || e.Key != "b" {
				t.Errorf("ForEach: %v, want the damaged record named at the end", err)
			}
			put(t, s, "secrets", "b", []byte("anew"))
			if v, err := get(t, s, "secrets", "b"); err != nil || string(v) != "anew" {
				t.Errorf("after putting it anew: %q, %v", v, err)
			}
		})
	}
}

// move copies a sealed record over secrets/b.
func move(bucket, key string) func(*testing.T, store.Tx) error {
	return func(_ *testing.T, tx store.Tx) error {
		v, err := tx.Get(bucket, key)
		return errors.Join(err, tx.Put("secrets", "b", v))
	}
}

// flip changes one byte of the sealed secrets/b, counted from the end where
// at is negative.
func flip(at int) func(*testing.T, store.Tx) error {
	return func(_ *testing.T, tx store.Tx) error {
		v, err := tx.Get("secrets", "b")
		if at < 0 {
			at += len(v)
		}
		v[at] ^= 0x40
		return errors.Join(err, tx.Put("secrets", "b", v))
	}
}

func TestDamagedCheckRecord(t *testing.T) {
	s, inner := sealed(t)
	put(t, s, "secrets", "k", []byte("v"))
	put(t, inner, "sealing", "check", []byte("no check record any more"))
	s = store.Sealed(inner, keys(t, master(1)), "secrets")
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("Check: %v, want the key proved by the other records", err)
	}
	put(t, s, "secrets", "k2", []byte("v"))
	var e *store.KeyError
	if err := store.Sealed(inner, keys(t, master(2)), "secrets").Check(t.Context()); !errors.As(err, &e) {
		t.Errorf("Check with the wrong key: %v, want a *KeyError", err)
	}
}

func TestMasterKeySize(t *testing.T) {
	for _, n := range []int{0, 16, 31, 33, 64} {
		if _, err := store.NewKeys(make([]byte, n), origin); err == nil || !strings.Contains(err.Error(), origin.Name) {
			t.Errorf("a master key of %d bytes: %v, want an error that names the source", n, err)
		}
		if _, err := store.NewKeys(master(1), origin, make([]byte, n)); err == nil {
			t.Errorf("a further master key of %d bytes was accepted", n)
		}
	}
}

func TestKeysDoNotPrint(t *testing.T) {
	s, _ := sealed(t)
	k := keys(t, master(7), master(8))
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "keys", k, "store", s)
	text := fmt.Sprintf("%v %+v %#v %s %x %d %v %+v %#v", k, k, k, k, k, k, &k, struct{ K store.Keys }{k}, s) + log.String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
		hidden := struct{ k store.Keys }{k}
		text += fmt.Sprintf(verb, hidden) + fmt.Sprintf(verb, &hidden) + fmt.Sprintf(verb, s)
	}
	if strings.Count(text, k.String()) < 8 {
		t.Errorf("the key id is missing: %s", text)
	}
	for _, bad := range []string{"7 7 7", "0x7, 0x7", "070707", "aes.", "gcm.", "aead"} {
		if strings.Contains(text, bad) {
			t.Errorf("%q is in %s", bad, text)
		}
	}
	if out, err := json.Marshal(struct{ K store.Keys }{k}); err == nil {
		t.Errorf("keys were marshaled: %s", out)
	}
}

func TestSealedRoundTrip(t *testing.T) {
	s, _ := sealed(t)
	rapid.Check(t, func(r *rapid.T) {
		bucket := rapid.SampledFrom([]string{"secrets", "tokens"}).Draw(r, "bucket")
		key := rapid.StringN(1, 20, 80).Draw(r, "key")
		value := rapid.SliceOfN(rapid.Byte(), 0, 5000).Draw(r, "value")
		err := s.Update(t.Context(), func(tx store.Tx) error {
			if err := tx.Put(bucket, key, value); err != nil {
				return err
			}
			got, err := tx.Get(bucket, key)
			if !bytes.Equal(got, value) {
				r.Errorf("Get after Put: %x, want %x", got, value)
			}
			return err
		})
		if err != nil {
			r.Fatal(err)
		}
	})
}

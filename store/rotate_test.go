package store_test

import (
	"errors"
	"testing"

	"github.com/exconn/exconn/store"
)

func toKeys(k store.Keys) func() (store.Keys, error) {
	return func() (store.Keys, error) { return k, nil }
}

// A damaged record is lost already: it must not keep the others from their new
// key, and it must be told of.
func TestRotateAroundDamage(t *testing.T) {
	s, inner := sealed(t)
	for _, key := range []string{"a", "b", "c"} {
		put(t, s, "secrets", key, []byte("secret "+key))
	}
	put(t, inner, "secrets", "b", []byte("a long text that never was a sealed record"))
	finished := 0
	done, err := s.Rotate(t.Context(), toKeys(keys(t, master(2))), func() error { finished++; return nil })
	if err != nil || done.Records != 2 || len(done.Damaged) != 1 || done.Damaged[0].Key != "b" || finished != 1 {
		t.Fatalf("%+v, %v, finished %d times; want two sealed anew and b named", done, err, finished)
	}
	next := store.Sealed(inner, keys(t, master(2)), "secrets", "tokens")
	for _, reader := range []*store.SealedStore{s, next} {
		if v, err := get(t, reader, "secrets", "c"); err != nil || string(v) != "secret c" {
			t.Errorf("after the rotation: %q, %v", v, err)
		}
	}
	var wrong *store.KeyError
	if _, err := get(t, store.Sealed(inner, keys(t, master(1)), "secrets"), "secrets", "a"); !errors.As(err, &wrong) {
		t.Errorf("with the former key: %v, want a *KeyError", err)
	}
}

// Until it is rotated, a store is sealed with the key that its check record
// names, whichever comes first among those at hand.
func TestKeysOfAnUnfinishedRotation(t *testing.T) {
	s, inner := sealed(t)
	put(t, s, "secrets", "k", []byte("v"))
	both := store.Sealed(inner, keys(t, master(9), master(1)), "secrets")
	put(t, both, "secrets", "k2", []byte("w"))
	for _, key := range []string{"k", "k2"} {
		if _, err := get(t, s, "secrets", key); err != nil {
			t.Errorf("the present key alone reads %s: %v", key, err)
		}
	}
}

func TestRotateFails(t *testing.T) {
	s, inner := sealed(t)
	put(t, s, "secrets", "k", []byte("v"))
	boom := errors.New("boom")
	never := func() error { t.Error("finish was called"); return nil }
	if _, err := s.Rotate(t.Context(), func() (store.Keys, error) { return store.Keys{}, boom }, never); !errors.Is(err, boom) {
		t.Errorf("begin fails: %v", err)
	}
	var wrong *store.KeyError
	other := store.Sealed(inner, keys(t, master(5)), "secrets")
	if _, err := other.Rotate(t.Context(), toKeys(keys(t, master(2))), never); !errors.As(err, &wrong) {
		t.Errorf("the present key is wrong: %v, want a *KeyError", err)
	}
	if v, err := get(t, s, "secrets", "k"); err != nil || string(v) != "v" {
		t.Errorf("after the failures: %q, %v", v, err)
	}
	if _, err := s.Rotate(t.Context(), toKeys(keys(t, master(2))), func() error { return boom }); !errors.Is(err, boom) {
		t.Errorf("finish fails: %v", err)
	}
	if v, err := get(t, s, "secrets", "k"); err != nil || string(v) != "v" {
		t.Errorf("the store that has rotated: %q, %v", v, err)
	}
}

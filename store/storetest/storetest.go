// Package storetest judges stores: Run tries every promise that package store
// makes, and RunKill tries those about crashes, by killing a process amid its
// updates.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/exconn/exconn/store"
)

// Run judges the stores that open returns, each of which must be empty.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for _, c := range []struct {
		name string
		test func(*testing.T, store.Store)
	}{
		{"EmptyStore", emptyStore},
		{"PutGetDelete", putGetDelete},
		{"EmptyValue", emptyValue},
		{"BinaryKeysAndValues", binaryKeys},
		{"BadNames", badNames},
		{"OwnWritesAreSeen", ownWrites},
		{"ErrorRollsBack", errorRollsBack},
		{"PanicRollsBack", panicRollsBack},
		{"ViewRefusesWrites", viewRefusesWrites},
		{"EndedTransaction", endedTransaction},
		{"CopiesAreIndependent", copies},
		{"ForEachOrderAndPrefix", forEachOrder},
		{"ForEachStops", forEachStops},
		{"ForEachWhileWriting", forEachWhileWriting},
		{"ConcurrentUpdates", concurrentUpdates},
		{"ViewsAreIsolated", viewsAreIsolated},
		{"CancelledContext", cancelledContext},
		{"CancelledBeforeCommit", cancelledBeforeCommit},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

func update(t *testing.T, s store.Store, fn func(store.Tx) error) {
	t.Helper()
	if err := s.Update(t.Context(), fn); err != nil {
		t.Fatalf("Update: %v", err)
	}
}

func view(t *testing.T, s store.Store, fn func(store.Tx) error) {
	t.Helper()
	if err := s.View(t.Context(), fn); err != nil {
		t.Fatalf("View: %v", err)
	}
}

func put(t *testing.T, s store.Store, bucket, key, value string) {
	t.Helper()
	update(t, s, func(tx store.Tx) error { return tx.Put(bucket, key, []byte(value)) })
}

// wantValue checks one record in a transaction of its own; want "" means that
// there is none.
func wantValue(t *testing.T, s store.Store, bucket, key, want string) {
	t.Helper()
	view(t, s, func(tx store.Tx) error {
		got, err := tx.Get(bucket, key)
		switch {
		case want == "" && !errors.Is(err, store.ErrNoRecord):
			t.Errorf("Get(%q, %q) = %q, %v, want ErrNoRecord", bucket, key, got, err)
		case want != "" && (err != nil || string(got) != want):
			t.Errorf("Get(%q, %q) = %q, %v, want %q", bucket, key, got, err, want)
		}
		return nil
	})
}

func keys(tx store.Tx, bucket, prefix string) (list []string, err error) {
	err = tx.ForEach(bucket, prefix, func(key string, _ []byte) error {
		list = append(list, key)
		return nil
	})
	return list, err
}

func emptyStore(t *testing.T, s store.Store) {
	view(t, s, func(tx store.Tx) error {
		_, err := tx.Get("b", "k")
		if !errors.Is(err, store.ErrNoRecord) {
			t.Errorf("Get in an empty store: %v, want ErrNoRecord", err)
		}
		if err != nil && (!strings.Contains(err.Error(), `"b"`) || !strings.Contains(err.Error(), `"k"`)) {
			t.Errorf("the error %q does not name the record", err)
		}
		list, err := keys(tx, "b", "")
		if len(list) != 0 || err != nil {
			t.Errorf("ForEach in an empty store: %q, %v", list, err)
		}
		return nil
	})
	update(t, s, func(tx store.Tx) error { return tx.Delete("b", "k") })
}

func putGetDelete(t *testing.T, s store.Store) {
	put(t, s, "b", "k", "one")
	wantValue(t, s, "b", "k", "one")
	wantValue(t, s, "other", "k", "")
	put(t, s, "b", "k", "two")
	wantValue(t, s, "b", "k", "two")
	put(t, s, "other", "k", "three")
	update(t, s, func(tx store.Tx) error { return tx.Delete("b", "k") })
	wantValue(t, s, "b", "k", "")
	wantValue(t, s, "other", "k", "three")
}

func emptyValue(t *testing.T, s store.Store) {
	check := func(tx store.Tx) error {
		v, err := tx.Get("b", "k")
		if err != nil || len(v) != 0 {
			t.Errorf("Get of an empty value: %q, %v", v, err)
		}
		return nil
	}
	update(t, s, func(tx store.Tx) error {
		if err := tx.Put("b", "k", nil); err != nil {
			return err
		}
		return check(tx)
	})
	view(t, s, check)
}

func binaryKeys(t *testing.T, s store.Store) {
	key, value := "\x00\xff\nä", strings.Repeat("\x00\x01\xfe", 100_000)
	put(t, s, "b", key, value)
	wantValue(t, s, "b", key, value)
	long := strings.Repeat("k", store.MaxName)
	put(t, s, "b", long, "long")
	wantValue(t, s, "b", long, "long")
}

func badNames(t *testing.T, s store.Store) {
	long := strings.Repeat("k", store.MaxName+1)
	err := s.Update(t.Context(), func(tx store.Tx) error {
		for _, c := range [][2]string{{"", "k"}, {"b", ""}, {long, "k"}, {"b", long}} {
			if err := tx.Put(c[0], c[1], []byte("v")); !errors.Is(err, store.ErrBadName) {
				t.Errorf("Put(%.10q, %.10q): %v, want ErrBadName", c[0], c[1], err)
			}
			if _, err := tx.Get(c[0], c[1]); !errors.Is(err, store.ErrBadName) {
				t.Errorf("Get(%.10q, %.10q): %v, want ErrBadName", c[0], c[1], err)
			}
			if err := tx.Delete(c[0], c[1]); !errors.Is(err, store.ErrBadName) {
				t.Errorf("Delete(%.10q, %.10q): %v, want ErrBadName", c[0], c[1], err)
			}
		}
		return nil
	})
	if err != nil {
		t.Errorf("Update after refused names: %v", err)
	}
}

func ownWrites(t *testing.T, s store.Store) {
	put(t, s, "b", "old", "1")
	update(t, s, func(tx store.Tx) error {
		if err := errors.Join(tx.Put("b", "new", []byte("2")), tx.Delete("b", "old")); err != nil {
			return err
		}
		if v, err := tx.Get("b", "new"); err != nil || string(v) != "2" {
			t.Errorf("Get of a record just put: %q, %v", v, err)
		}
		if _, err := tx.Get("b", "old"); !errors.Is(err, store.ErrNoRecord) {
			t.Errorf("Get of a record just deleted: %v", err)
		}
		list, err := keys(tx, "b", "")
		if diff := cmp.Diff([]string{"new"}, list); diff != "" {
			t.Errorf("ForEach after own writes (-want +got):\n%s", diff)
		}
		return err
	})
}

func errorRollsBack(t *testing.T, s store.Store) {
	put(t, s, "b", "k", "before")
	boom := errors.New("boom")
	err := s.Update(t.Context(), func(tx store.Tx) error {
		return errors.Join(tx.Put("b", "k", []byte("after")), tx.Put("b", "k2", []byte("after")), boom)
	})
	if !errors.Is(err, boom) {
		t.Errorf("Update: %v, want the function's error", err)
	}
	wantValue(t, s, "b", "k", "before")
	wantValue(t, s, "b", "k2", "")
}

func panicRollsBack(t *testing.T, s store.Store) {
	put(t, s, "b", "k", "before")
	const mistake = "a mistake in the function"
	func() {
		defer func() {
			if recover() != mistake {
				t.Error("the function's panic did not come through")
			}
		}()
		_ = s.Update(t.Context(), func(tx store.Tx) error {
			if err := tx.Put("b", "k", []byte("after")); err != nil {
				t.Error(err)
			}
			panic(mistake)
		})
	}()
	wantValue(t, s, "b", "k", "before")
	put(t, s, "b", "k", "later")
	wantValue(t, s, "b", "k", "later")
}

func viewRefusesWrites(t *testing.T, s store.Store) {
	// Before and after the store exists in its place.
	for range 2 {
		view(t, s, func(tx store.Tx) error {
			if err := tx.Put("b", "k", []byte("v")); !errors.Is(err, store.ErrReadOnly) {
				t.Errorf("Put in a View: %v, want ErrReadOnly", err)
			}
			if err := tx.Delete("b", "k"); !errors.Is(err, store.ErrReadOnly) {
				t.Errorf("Delete in a View: %v, want ErrReadOnly", err)
			}
			return nil
		})
		put(t, s, "b", "other", "v")
	}
	wantValue(t, s, "b", "k", "")
}

func endedTransaction(t *testing.T, s store.Store) {
	var kept store.Tx
	update(t, s, func(tx store.Tx) error {
		kept = tx
		return tx.Put("b", "k", []byte("v"))
	})
	if _, err := kept.Get("b", "k"); !errors.Is(err, store.ErrTxDone) {
		t.Errorf("Get after the end: %v, want ErrTxDone", err)
	}
	if err := kept.Put("b", "k", []byte("v")); !errors.Is(err, store.ErrTxDone) {
		t.Errorf("Put after the end: %v, want ErrTxDone", err)
	}
	if err := kept.Delete("b", "k"); !errors.Is(err, store.ErrTxDone) {
		t.Errorf("Delete after the end: %v, want ErrTxDone", err)
	}
	if _, err := keys(kept, "b", ""); !errors.Is(err, store.ErrTxDone) {
		t.Errorf("ForEach after the end: %v, want ErrTxDone", err)
	}
}

func copies(t *testing.T, s store.Store) {
	var got, walked []byte
	update(t, s, func(tx store.Tx) error {
		value := []byte("value")
		err := tx.Put("b", "k", value)
		value[0] = 'X'
		return err
	})
	view(t, s, func(tx store.Tx) (err error) {
		if got, err = tx.Get("b", "k"); err != nil {
			return err
		}
		return tx.ForEach("b", "", func(_ string, value []byte) error {
			walked = value
			return nil
		})
	})
	put(t, s, "b", "k", "other")
	if string(got) != "value" || string(walked) != "value" {
		t.Errorf("kept values are %q and %q, want them unchanged", got, walked)
	}
	got[0], walked[0] = 'X', 'Y'
	wantValue(t, s, "b", "k", "other")
}

func forEachOrder(t *testing.T, s store.Store) {
	all := []string{"a", "a\x00", "a/1", "a/10", "a/2", "b", "z", "ä", "\xff"}
	update(t, s, func(tx store.Tx) error {
		for _, k := range slices.Backward(all) {
			if err := tx.Put("b", k, []byte("v"+k)); err != nil {
				return err
			}
		}
		return tx.Put("c", "a/3", []byte("elsewhere"))
	})
	for _, c := range []struct {
		prefix string
		want   []string
	}{
		{"", all},
		{"a/", []string{"a/1", "a/10", "a/2"}},
		{"a/1", []string{"a/1", "a/10"}},
		{"c", nil},
		{"\xff", []string{"\xff"}},
	} {
		view(t, s, func(tx store.Tx) error {
			var got []string
			err := tx.ForEach("b", c.prefix, func(key string, value []byte) error {
				if string(value) != "v"+key {
					t.Errorf("the value of %q is %q", key, value)
				}
				got = append(got, key)
				return nil
			})
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("ForEach with prefix %q (-want +got):\n%s", c.prefix, diff)
			}
			return err
		})
	}
}

func forEachStops(t *testing.T, s store.Store) {
	for _, k := range []string{"1", "2", "3"} {
		put(t, s, "b", k, k)
	}
	stop := errors.New("stop")
	n := 0
	err := s.View(t.Context(), func(tx store.Tx) error {
		return tx.ForEach("b", "", func(string, []byte) error {
			n++
			if n == 2 {
				return stop
			}
			return nil
		})
	})
	if !errors.Is(err, stop) || n != 2 {
		t.Errorf("ForEach: %v after %d records, want the function's error after 2", err, n)
	}
}

func forEachWhileWriting(t *testing.T, s store.Store) {
	for i := range 50 {
		put(t, s, "b", fmt.Sprintf("k%02d", i), "v")
	}
	var met []string
	update(t, s, func(tx store.Tx) error {
		return tx.ForEach("b", "k", func(key string, value []byte) error {
			met = append(met, key)
			if string(value) == "ahead" {
				return nil
			}
			return errors.Join(
				tx.Delete("b", key),
				tx.Put("b", "a"+key, value),
				tx.Put("b", key+"x", []byte("ahead")),
			)
		})
	})
	if len(met) != 100 || !slices.IsSorted(met) {
		t.Errorf("ForEach met %d records, want the 50 old and the 50 put ahead, in order: %q", len(met), met)
	}
	view(t, s, func(tx store.Tx) error {
		list, err := keys(tx, "b", "")
		if len(list) != 100 {
			t.Errorf("%d records are left, want 100", len(list))
		}
		return err
	})
}

func concurrentUpdates(t *testing.T, s store.Store) {
	const workers, rounds = 8, 12
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for range rounds {
				err := s.Update(context.Background(), func(tx store.Tx) error {
					v, err := tx.Get("b", "sum")
					if err != nil && !errors.Is(err, store.ErrNoRecord) {
						return err
					}
					return errors.Join(
						tx.Put("b", "sum", append(v, '+')),
						tx.Put("b", fmt.Sprintf("last %d", w), fmt.Append(nil, len(v))))
				})
				if err != nil {
					t.Errorf("Update: %v", err)
					return
				}
			}
		})
	}
	group.Wait()
	wantValue(t, s, "b", "sum", strings.Repeat("+", workers*rounds))
}

func viewsAreIsolated(t *testing.T, s store.Store) {
	// The writer keeps two records equal; no reader may ever see them differ.
	stop := make(chan struct{})
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				err := s.View(context.Background(), func(tx store.Tx) error {
					a, errA := tx.Get("b", "a")
					b, errB := tx.Get("b", "b")
					if (errA == nil) != (errB == nil) || string(a) != string(b) {
						t.Errorf("a view saw half of an update: %q, %v and %q, %v", a, errA, b, errB)
					}
					return nil
				})
				if err != nil {
					t.Errorf("View: %v", err)
					return
				}
			}
		})
	}
	for i := range 40 {
		update(t, s, func(tx store.Tx) error {
			v := fmt.Append(nil, i)
			return errors.Join(tx.Put("b", "a", v), tx.Put("b", "b", v))
		})
	}
	close(stop)
	group.Wait()
}

func cancelledContext(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	fn := func(store.Tx) error {
		t.Error("the function was called although ctx was done")
		return nil
	}
	if err := s.View(ctx, fn); !errors.Is(err, context.Canceled) {
		t.Errorf("View: %v, want context.Canceled", err)
	}
	if err := s.Update(ctx, fn); !errors.Is(err, context.Canceled) {
		t.Errorf("Update: %v, want context.Canceled", err)
	}
}

func cancelledBeforeCommit(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Update(ctx, func(tx store.Tx) error {
		cancel()
		return tx.Put("b", "k", []byte("v"))
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Update: %v, want context.Canceled", err)
	}
	wantValue(t, s, "b", "k", "")
}

package oauth_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/store"
	"github.com/exconn/exconn/store/bolt"
)

// fileCache is a Cache in a file, with a lease that its holder extends as long
// as it lives.
type fileCache struct {
	store   *bolt.Store
	reached func(step string)
}

const (
	fileLease     = 1500 * time.Millisecond
	fileLeaseBeat = fileLease / 5
	fileBucket    = "account"
	fileTokens    = "tokens"
	fileLeaseKey  = "lease"
)

func newFileCache(dir string, reached func(step string)) *fileCache {
	return &fileCache{store: bolt.At(filepath.Join(dir, "store.db"), nil), reached: reached}
}

func (f *fileCache) Load(ctx context.Context) (blob []byte, err error) {
	err = f.store.View(ctx, func(tx store.Tx) error {
		blob, err = tx.Get(fileBucket, fileTokens)
		return err
	})
	if errors.Is(err, store.ErrNoRecord) {
		return nil, nil
	}
	return blob, err
}

func (f *fileCache) Save(ctx context.Context, blob []byte) error {
	return f.store.Update(ctx, func(tx store.Tx) error { return tx.Put(fileBucket, fileTokens, blob) })
}

func (f *fileCache) Swap(ctx context.Context, old, blob []byte) error {
	f.reached(stepKeeping)
	err := f.store.Update(ctx, func(tx store.Tx) error {
		now, err := tx.Get(fileBucket, fileTokens)
		if err != nil && !errors.Is(err, store.ErrNoRecord) {
			return err
		}
		if !bytes.Equal(now, old) {
			return oauth.ErrCacheChanged
		}
		err = tx.Put(fileBucket, fileTokens, blob)
		f.reached(stepWriting)
		return err
	})
	f.reached(stepWritten)
	return err
}

// Lock implements oauth.Locker.
func (f *fileCache) Lock(ctx context.Context) (unlock func(), err error) {
	f.reached(stepBeforeLock)
	owner := rand.Text()
	for {
		taken, err := f.takeLease(ctx, owner)
		if err != nil {
			return nil, err
		}
		if taken {
			break
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	over := make(chan struct{})
	var beat sync.WaitGroup
	beat.Go(func() {
		tick := time.NewTicker(fileLeaseBeat)
		defer tick.Stop()
		for {
			select {
			case <-over:
				return
			case <-tick.C:
				_, _ = f.takeLease(context.Background(), owner)
			}
		}
	})
	f.reached(stepLocked)
	return func() {
		f.reached(stepUnlocking)
		close(over)
		beat.Wait()
		_ = f.store.Update(context.Background(), func(tx store.Tx) error { return tx.Delete(fileBucket, fileLeaseKey) })
		f.reached(stepUnlocked)
	}, nil
}

func (f *fileCache) takeLease(ctx context.Context, owner string) (taken bool, err error) {
	err = f.store.Update(ctx, func(tx store.Tx) error {
		text, err := tx.Get(fileBucket, fileLeaseKey)
		if err != nil && !errors.Is(err, store.ErrNoRecord) {
			return err
		}
		holder, until, _ := strings.Cut(string(text), " ")
		end, err := time.Parse(time.RFC3339Nano, until)
		if err == nil && holder != owner && time.Now().Before(end) {
			return nil
		}
		taken = true
		return tx.Put(fileBucket, fileLeaseKey, []byte(owner+" "+time.Now().Add(fileLease).Format(time.RFC3339Nano)))
	})
	return taken && err == nil, err
}

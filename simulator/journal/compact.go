package journal

import (
	"errors"
	"fmt"
	"os"
)

// compactFrame is about how many bytes of records go into one frame.
const compactFrame = 4 << 20

// compact writes the records that are there into a new file, which then takes
// the place of the old one.
func (j *Journal) compact() error {
	fresh := &Journal{path: j.path + ".new", kind: j.kind}
	if err := os.Remove(fresh.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := fresh.load(); err != nil {
		return err
	}
	err := j.copyTo(fresh)
	if err = errors.Join(err, fresh.file.Sync(), fresh.file.Close(), j.file.Close()); err != nil {
		return fmt.Errorf("writing it anew: %w", err)
	}
	if err := os.Rename(fresh.path, j.path); err != nil {
		return fmt.Errorf("writing it anew: %w", err)
	}
	return j.load()
}

func (j *Journal) copyTo(fresh *Journal) error {
	var batch []Change
	size := 0
	flush := func() error {
		err := fresh.Commit(batch)
		batch, size = nil, 0
		return err
	}
	for _, shelf := range j.Shelves() {
		err := j.Shelf(shelf, "", func(key string, value []byte) error {
			batch = append(batch, Change{shelf, key, value})
			if size += len(value); size > compactFrame {
				return flush()
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return flush()
}

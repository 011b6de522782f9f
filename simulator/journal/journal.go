// Package journal keeps records in one file, to which it only adds, so that a
// process may be killed at any instant: what was committed is there when the
// file is opened again, and what was half committed is not.
//
// The usual steps:
//
//  1. Open reads a file, or makes it, and locks it against other processes.
//  2. Commit adds changes to records, all of them or none.
//  3. Shelf and Get read records. They lie on shelves, under keys.
//  4. Close.
//
// The file begins with a name and a format. Each commit is one frame: a head
// with the length and the checksum of what follows, and a checksum of the head
// itself. So a frame that ends with the file was interrupted, and is dropped;
// anything else that is not as it was written is damage, and is refused. When
// a file that is opened holds more of the past than of the present, it is
// written anew.
//
// What a commit has written survives the end of the process, however it ends.
// It survives a failure of the power only from Close on, because waiting for
// the disk each time costs more than a pretend server's data is worth.
//
// Records are found by an index in memory, of about 200 bytes each, and are
// themselves read from the file.
package journal

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
)

// The reasons for which Open refuses a file.
var (
	// ErrForeign: the file is no journal, or one of another kind or format.
	ErrForeign = errors.New("the file is not one of ours")
	// ErrDamaged: the file is not as it was written.
	ErrDamaged = errors.New("the file is damaged")
	// ErrInUse: another process has the file open.
	ErrInUse = errors.New("another process uses the file")
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

const (
	headLength = 12
	// compactFrom is the size in bytes from which on a file is worth writing
	// anew.
	compactFrom = 1 << 20
)

// Journal is an open file. It is safe for concurrent use.
type Journal struct {
	path, kind string
	unlock     func() error

	mu    sync.RWMutex
	file  *os.File
	end   int64
	live  int64 // bytes of the records that are still there
	index map[string]map[string]place
	// broken is why nothing can be written any more, or nil.
	broken error
}

// place is where a record's value is in the file.
type place struct {
	at     int64
	length uint32
	whole  uint32 // with its keys
}

// Change is one change to a record.
type Change struct {
	Shelf, Key string
	// Value replaces the record; nil removes it.
	Value []byte
}

// Open opens a journal of a kind, which is at most 60 characters that name the
// program and its format, such as "calculator 3". A file that does not exist is
// made, readable by its owner alone. The error Is ErrForeign, ErrDamaged or
// ErrInUse where it is one of these.
func Open(path, kind string) (*Journal, error) {
	unlock, err := lockFile(path + ".lock")
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	j := &Journal{path: path, kind: kind, unlock: unlock}
	if err = j.load(); err == nil && j.end > compactFrom && j.live < j.end/2 {
		err = j.compact()
	}
	if err != nil {
		if j.file != nil {
			j.file.Close() //nolint:errcheck // it was only read
		}
		return nil, errors.Join(fmt.Errorf("opening %s: %w", path, err), unlock())
	}
	return j, nil
}

// preamble is how a file begins.
func (j *Journal) preamble() []byte {
	b := fmt.Appendf(nil, "journal 1 %-60s\n", j.kind)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// load reads the file from its beginning.
func (j *Journal) load() error {
	file, err := os.OpenFile(j.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	j.file, j.index, j.live = file, map[string]map[string]place{}, 0
	r := bufio.NewReaderSize(file, 1<<20)
	want := j.preamble()
	got := make([]byte, len(want))
	n, err := io.ReadFull(r, got)
	switch {
	case err == nil && string(got) == string(want):
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF) && string(got[:n]) == string(want[:n]):
		// New, or killed while it was made.
		if err := file.Truncate(0); err != nil {
			return err
		}
		j.end = int64(len(want))
		_, err := file.WriteAt(want, 0)
		return err
	case errors.Is(err, io.ErrUnexpectedEOF), err == nil && string(got[:10]) != string(want[:10]):
		return fmt.Errorf("%w: it does not begin as one", ErrForeign)
	case err != nil:
		return err
	case crc32.Checksum(got[:len(got)-4], castagnoli) != binary.BigEndian.Uint32(got[len(got)-4:]):
		return fmt.Errorf("%w at its beginning", ErrDamaged)
	default:
		return fmt.Errorf("%w: it is of the kind %q, not %q", ErrForeign, string(trimRight(got[10:70])), j.kind)
	}
	j.end = int64(len(want))
	for {
		done, err := j.readFrame(r)
		if err != nil {
			return err
		}
		if done {
			return nil
		}
	}
}

func trimRight(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return b
}

// readFrame reads the next frame. It is true at the end of the file.
func (j *Journal) readFrame(r io.Reader) (bool, error) {
	var head [headLength]byte
	switch _, err := io.ReadFull(r, head[:]); {
	case errors.Is(err, io.EOF):
		return true, nil
	case errors.Is(err, io.ErrUnexpectedEOF):
		return true, j.file.Truncate(j.end) // it was interrupted
	case err != nil:
		return false, err
	}
	length, sum := binary.BigEndian.Uint32(head[0:]), binary.BigEndian.Uint32(head[4:])
	if binary.BigEndian.Uint32(head[8:]) != j.headSum(head[:8]) {
		return false, fmt.Errorf("%w at byte %d", ErrDamaged, j.end)
	}
	body := make([]byte, 0, min(length, 1<<20))
	for len(body) < int(length) { // no more memory than the file has bytes
		body = slices.Grow(body, min(int(length)-len(body), max(1<<20, len(body))))
		n, err := io.ReadFull(r, body[len(body):min(cap(body), int(length))])
		body = body[:len(body)+n]
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return true, j.file.Truncate(j.end) // it was interrupted
		case err != nil:
			return false, err
		}
	}
	if crc32.Checksum(body, castagnoli) != sum {
		return false, fmt.Errorf("%w at byte %d", ErrDamaged, j.end)
	}
	if err := j.learn(body, j.end+headLength); err != nil {
		return false, err
	}
	j.end += headLength + int64(length)
	return false, nil
}

// headSum binds a frame to its place.
func (j *Journal) headSum(head []byte) uint32 {
	return crc32.Update(crc32.Checksum(binary.BigEndian.AppendUint64(nil, uint64(j.end)), castagnoli), castagnoli, head)
}

// learn takes the changes of a frame, whose body lies at an offset of the file,
// into the index.
func (j *Journal) learn(body []byte, at int64) error {
	rest := body
	text := func() (string, bool) {
		n, used := binary.Uvarint(rest)
		if used <= 0 || n > uint64(len(rest)-used) {
			return "", false
		}
		s := string(rest[used : used+int(n)])
		rest = rest[used+int(n):]
		return s, true
	}
	for len(rest) > 0 {
		before := len(rest)
		shelf, ok1 := text()
		key, ok2 := text()
		n, used := binary.Uvarint(rest)
		if !ok1 || !ok2 || used <= 0 || n > uint64(len(rest)-used)+1 {
			return fmt.Errorf("%w: the frame at byte %d cannot be read", ErrDamaged, at)
		}
		rest = rest[used:]
		j.drop(shelf, key)
		if n == 0 {
			continue
		}
		offset := at + int64(len(body)-len(rest))
		rest = rest[n-1:]
		if j.index[shelf] == nil {
			j.index[shelf] = map[string]place{}
		}
		p := place{offset, uint32(n - 1), uint32(before - len(rest))}
		j.index[shelf][key] = p
		j.live += int64(p.whole)
	}
	return nil
}

func (j *Journal) drop(shelf, key string) {
	if old, ok := j.index[shelf][key]; ok {
		j.live -= int64(old.whole)
		delete(j.index[shelf], key)
		if len(j.index[shelf]) == 0 {
			delete(j.index, shelf)
		}
	}
}

// frame writes changes as they are in the file. A length is one more than the
// value's; zero removes.
func (j *Journal) frame(changes []Change) ([]byte, error) {
	b := make([]byte, headLength)
	text := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	for _, c := range changes {
		text(c.Shelf)
		text(c.Key)
		if c.Value == nil {
			b = binary.AppendUvarint(b, 0)
			continue
		}
		b = binary.AppendUvarint(b, uint64(len(c.Value))+1)
		b = append(b, c.Value...)
	}
	if len(b)-headLength > 1<<32-1 {
		return nil, fmt.Errorf("a commit of %d bytes is too large", len(b))
	}
	binary.BigEndian.PutUint32(b[0:], uint32(len(b)-headLength))
	binary.BigEndian.PutUint32(b[4:], crc32.Checksum(b[headLength:], castagnoli))
	binary.BigEndian.PutUint32(b[8:], j.headSum(b[:8]))
	return b, nil
}

// Commit makes changes, all of them or none. When it returns without an error
// they outlive the process. Once it has failed, it goes on failing until the
// file is opened again, except where the failed changes could be taken back.
func (j *Journal) Commit(changes []Change) error {
	if len(changes) == 0 {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.broken != nil {
		return j.broken
	}
	b, err := j.frame(changes)
	if err != nil {
		return fmt.Errorf("writing %s: %w", j.path, err)
	}
	if _, err := j.file.WriteAt(b, j.end); err != nil {
		err = fmt.Errorf("writing %s: %w", j.path, err)
		if back := j.file.Truncate(j.end); back != nil {
			j.broken = errors.Join(err, back)
			return j.broken
		}
		return err
	}
	at := j.end + headLength
	j.end += int64(len(b))
	return j.learn(b[headLength:], at)
}

// Empty tells whether there is no record.
func (j *Journal) Empty() bool {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return len(j.index) == 0
}

// Shelves lists the shelves that have records.
func (j *Journal) Shelves() []string {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return slices.Sorted(maps.Keys(j.index))
}

// Keys lists the keys on a shelf in order.
func (j *Journal) Keys(shelf string) []string {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return slices.Sorted(maps.Keys(j.index[shelf]))
}

// Shelf goes through the records of a shelf whose keys begin with a prefix, in
// order of their keys.
func (j *Journal) Shelf(shelf, prefix string, each func(key string, value []byte) error) error {
	j.mu.RLock()
	defer j.mu.RUnlock()
	for _, key := range slices.Sorted(maps.Keys(j.index[shelf])) {
		if !strings.HasPrefix(key, prefix) {
			continue
		}
		value, err := j.read(j.index[shelf][key])
		if err != nil {
			return err
		}
		if err := each(key, value); err != nil {
			return err
		}
	}
	return nil
}

// Get reads a record; false where there is none.
func (j *Journal) Get(shelf, key string) ([]byte, bool, error) {
	j.mu.RLock()
	defer j.mu.RUnlock()
	p, ok := j.index[shelf][key]
	if !ok {
		return nil, false, nil
	}
	value, err := j.read(p)
	return value, err == nil, err
}

func (j *Journal) read(p place) ([]byte, error) {
	b := make([]byte, p.length)
	if _, err := j.file.ReadAt(b, p.at); err != nil {
		return nil, fmt.Errorf("reading %s: %w", j.path, err)
	}
	return b, nil
}

// Size is how many bytes the file has, and how many of them are of records that
// are still there.
func (j *Journal) Size() (file, live int64) {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return j.end, j.live
}

// Close puts everything onto the disk and gives the file free.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.broken == nil {
		j.broken = fmt.Errorf("writing %s: %w", j.path, fs.ErrClosed)
	}
	return errors.Join(j.file.Sync(), j.file.Close(), j.unlock())
}

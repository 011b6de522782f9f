package keysource

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/exconn/exconn/store"
)

// KeyFileName is the file of the source File.
const KeyFileName = "master.key"

func createKeyFile(dir string) error {
	text := newKeyText()
	defer clear(text)
	// A key file that is there already is kept: an earlier attempt may have
	// got no further, and a key must never be overwritten.
	if _, err := createExclusively(filepath.Join(dir, KeyFileName), text); err != nil {
		return &Error{Problem: "the master key cannot be written", Err: err,
			Cure: "give this user the right to write to " + dir + ", or name another directory with --data-dir"}
	}
	return nil
}

// newKeyText is a new key as a file holds it.
func newKeyText() []byte {
	key := randomKey()
	defer clear(key)
	return append(base64.StdEncoding.AppendEncode(nil, key), '\n')
}

// keyFromFile reads the key, and that of an unfinished rotation. The end of a
// rotation wipes the former key and then puts the next one in its place; one
// who reads meanwhile looks again.
func keyFromFile(dir string) (Key, error) {
	path := filepath.Join(dir, KeyFileName)
	origin := store.Origin{Name: "file " + path, Cure: restoreCure(path)}
	var master []byte
	var err error
	for range 3 {
		next, nextErr := readKeyFile(filepath.Join(dir, nextKeyFileName))
		if nextErr != nil && !errors.Is(nextErr, fs.ErrNotExist) {
			return Key{}, nextErr
		}
		master, err = readKeyFile(path)
		switch {
		case next == nil && err == nil:
			return newKey(File, master, origin), nil
		case err == nil:
			return newKey(File, master, origin).withNext(next), nil
		case next != nil && errors.Is(err, errDamagedKey):
			return newKey(File, next, origin).withNext(next), nil
		}
		if !errors.Is(err, errDamagedKey) && !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return Key{}, err
}

func restoreCure(path string) string {
	return "put back " + path + " from the backup that was made with this data directory; without it the secrets cannot be read and the connections must be made anew"
}

// errDamagedKey says that a key file holds no key.
var errDamagedKey = errors.New("damaged key")

type damagedKeyError struct{ err error }

func (e *damagedKeyError) Error() string        { return e.err.Error() }
func (e *damagedKeyError) Is(target error) bool { return target == errDamagedKey }

// readKeyFile reads one key. Its errors tell a person what to do, and Is
// errDamagedKey where the file holds something else.
func readKeyFile(path string) ([]byte, error) {
	text, err := readPrivate(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &Error{Problem: "the master key file " + path + " is missing", Err: fs.ErrNotExist, Cure: restoreCure(path)}
	}
	if err != nil {
		return nil, err
	}
	defer clear(text)
	master, err := decodeKey(text)
	if err != nil {
		return nil, &Error{Problem: "the master key file " + path + " is damaged", Err: &damagedKeyError{err}, Cure: restoreCure(path)}
	}
	return master, nil
}

// readPrivate reads a small file and refuses one that others can read.
func readPrivate(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, &Error{Problem: "the file with the key cannot be read", Err: err}
	}
	// On Windows the mode bits say nothing; the directory's access list rules.
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o077 != 0 {
		return nil, &Error{
			Problem: fmt.Sprintf("%s can be read by others (mode %04o), so it is not used", path, mode),
			Cure:    fmt.Sprintf("run: chmod 600 %s", shellQuote(path)),
		}
	}
	if !info.Mode().IsRegular() || info.Size() > 64<<10 {
		return nil, &Error{Problem: path + " is no file with a key or passphrase", Cure: "put the right file in its place"}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &Error{Problem: "the file with the key cannot be read", Err: err,
			Cure: "run exconn as the owner of " + path}
	}
	return text, nil
}

// decodeKey reads the base64 form of a master key. Its errors do not quote it.
func decodeKey(text []byte) ([]byte, error) {
	text = bytes.TrimSpace(text)
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		key, err := enc.AppendDecode(nil, text)
		if err == nil && len(key) == store.MasterKeySize {
			return key, nil
		}
		clear(key)
		if err == nil {
			return nil, fmt.Errorf("it holds %d bytes in base64, not %d", len(key), store.MasterKeySize)
		}
	}
	return nil, fmt.Errorf("it is not %d bytes in base64", store.MasterKeySize)
}

func shellQuote(s string) string {
	if strings.ContainsAny(s, " \t\n'\"\\$`&|;<>()*?[]#~") {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

package keysource

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/uuid"
	"github.com/zalando/go-keyring"

	"github.com/exconn/exconn/store"
)

// nextKeyFileName is the key of an unfinished rotation of the source File.
const nextKeyFileName = "master.key.next"

// Rotation is the change from one master key to the next. Until Finish, the
// source holds both, so that a process that is killed between loses nothing.
type Rotation struct {
	// Key is the next key.
	Key Key
	// Resumed is true where an earlier rotation had been begun, which this one
	// goes on with.
	Resumed bool
	// Advice says what a person must change outside of exconn; empty where
	// nothing.
	Advice string
	finish func() error
}

// Finish makes the next key the only one, and wipes the former as far as the
// source allows. It is called when nothing is sealed with the former key any
// more. Finishing twice does no harm.
func (r *Rotation) Finish() error { return r.finish() }

// BeginRotation makes the next key, or finds that of a rotation that was not
// finished, and keeps it durably beside the present one. For the sources that
// exconn cannot write, given is the new key in the form that the source takes,
// and for Passphrase the new passphrase; for the others it must be empty. One
// rotation may be begun or finished at a time: see store.SealedStore.Rotate.
func BeginRotation(_ context.Context, dir string, given []byte, opts *Options) (*Rotation, error) {
	rec, err := readRecord(dir)
	if err != nil {
		return nil, err
	}
	switch rec.Source {
	case File, Keyring:
		if len(given) > 0 {
			return nil, &Error{Problem: fmt.Sprintf("the key source %s makes its keys itself", rec.Source), Cure: "leave the new key out", invalid: true}
		}
	default:
		if len(given) == 0 {
			return nil, needNewKey(rec.Source)
		}
	}
	switch rec.Source {
	case File:
		return rotateFile(dir)
	case Keyring:
		return rec.rotateKeyring(dir, opts)
	case Passphrase:
		return rec.rotatePassphrase(dir, given)
	case Env, Credential:
		return rotateGiven(rec.Source, given)
	}
	return nil, fmt.Errorf("unknown key source %q", rec.Source)
}

// TakesNewKey reports whether a rotation of this source must be given the next
// key, or passphrase.
func (s Source) TakesNewKey() bool { return s != File && s != Keyring }

func needNewKey(source Source) error {
	e := &Error{
		Problem: fmt.Sprintf("the key source is %s, which exconn cannot write: the new key must be given", source),
		Cure:    fmt.Sprintf("make one (%s) in a file of mode 0600, and name it with --new-key-file", newKeyCommand),
		invalid: true,
	}
	if source == Passphrase {
		e.Problem = "the key source is passphrase, and there is no new passphrase"
		e.Cure = "write the new passphrase into a file of mode 0600, and name it with --new-key-file"
	}
	return e
}

// ReadNewKey reads the file that holds what BeginRotation is given. It must be
// readable by its owner alone.
func ReadNewKey(path string) ([]byte, error) {
	text, err := readPrivate(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &Error{Problem: "there is no file " + path, invalid: true, Cure: "name the file that holds the new key or passphrase"}
	}
	return text, err
}

func rotateFile(dir string) (*Rotation, error) {
	path, nextPath := filepath.Join(dir, KeyFileName), filepath.Join(dir, nextKeyFileName)
	text := newKeyText()
	defer clear(text)
	created, err := createExclusively(nextPath, text)
	if err != nil {
		return nil, writeError("the next master key", dir, err)
	}
	syncDir(dir)
	next, err := readKeyFile(nextPath)
	if err != nil {
		return nil, err
	}
	finish := func() error {
		found, err := readKeyFile(nextPath)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // another process has finished it
		case err != nil:
			return err
		case !bytes.Equal(found, next):
			return nil // a later rotation
		}
		// From here to the rename the next key is alone; keyFromFile knows.
		if err := wipeFile(path); err != nil {
			return writeError("the former master key", dir, err)
		}
		if err := os.Rename(nextPath, path); err != nil {
			return writeError("the next master key", dir, err)
		}
		syncDir(dir)
		return nil
	}
	return &Rotation{
		Key:     newKey(File, next, store.Origin{Name: "file " + path, Cure: restoreCure(path)}),
		Resumed: !created,
		Advice:  "back up " + path + " together with the database: the backups made so far open with the former key alone",
		finish:  finish,
	}, nil
}

// wipeFile overwrites a key file in its place, as far as the file system writes
// in place, by what cannot be taken for part of a key.
func wipeFile(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		_, err = f.Write(bytes.Repeat([]byte{'#'}, int(min(info.Size(), 64<<10))))
	}
	return errors.Join(err, f.Sync(), f.Close())
}

func (rec *record) rotateKeyring(dir string, opts *Options) (*Rotation, error) {
	if err := rec.deleteRetired(dir, opts); err != nil {
		return nil, err
	}
	resumed := rec.NextKeyringUser != ""
	if !resumed {
		rec.NextKeyringUser = "data-directory-" + uuid.NewString()
		if err := rec.write(dir); err != nil {
			return nil, err
		}
	}
	user := rec.NextKeyringUser
	text, err := opts.keyring().Get(keyringName, user)
	if errors.Is(err, keyring.ErrNotFound) {
		text = base64.StdEncoding.EncodeToString(randomKey())
		err = opts.keyring().Set(keyringName, user, text)
	}
	if err != nil {
		return nil, &Error{Problem: "the next master key cannot be put into the keyring", Err: err, Cure: noKeyringCure}
	}
	next, err := decodeKey([]byte(text))
	if err != nil {
		return nil, &Error{Problem: "the keyring entry " + keyringName + "/" + user + " is no master key", Err: err, Cure: "put the entry back from a backup of the keyring"}
	}
	finish := func() error {
		rec, err := readRecord(dir)
		if err != nil {
			return err
		}
		if rec.NextKeyringUser == user {
			rec.RetiredKeyringUser, rec.KeyringUser, rec.NextKeyringUser = rec.KeyringUser, user, ""
			if err := rec.write(dir); err != nil {
				return err
			}
		}
		return rec.deleteRetired(dir, opts)
	}
	origin := store.Origin{Name: "the keyring entry " + keyringName + "/" + user, Cure: "put the entry back from a backup of the keyring"}
	return &Rotation{Key: newKey(Keyring, next, origin), Resumed: resumed, finish: finish}, nil
}

func (rec *record) deleteRetired(dir string, opts *Options) error {
	if rec.RetiredKeyringUser == "" {
		return nil
	}
	err := opts.keyring().Delete(keyringName, rec.RetiredKeyringUser)
	if err != nil && !errors.Is(err, keyring.ErrNotFound) {
		return &Error{Problem: "the former entry " + keyringName + "/" + rec.RetiredKeyringUser + " cannot be deleted from the keyring", Err: err,
			Cure: "nothing is sealed with it any more: delete it by hand"}
	}
	rec.RetiredKeyringUser = ""
	return rec.write(dir)
}

func (rec *record) rotatePassphrase(dir string, given []byte) (*Rotation, error) {
	phrase, err := checkPassphrase(bytes.Clone(bytes.TrimRight(given, "\r\n")), "the new one", true)
	if err != nil {
		return nil, err
	}
	defer clear(phrase)
	resumed := rec.NextKDF != nil
	if !resumed {
		if rec.NextKDF, err = newKDF(); err != nil {
			return nil, err
		}
		if err := rec.write(dir); err != nil {
			return nil, err
		}
	}
	if err := rec.NextKDF.check(); err != nil {
		return nil, &Error{Problem: FileName + " is damaged", Err: err, Cure: "put back a backup of " + FileName}
	}
	salt := rec.NextKDF.Salt
	finish := func() error {
		rec, err := readRecord(dir)
		if err != nil || rec.NextKDF == nil || !bytes.Equal(rec.NextKDF.Salt, salt) {
			return err
		}
		rec.KDF, rec.NextKDF = rec.NextKDF, nil
		return rec.write(dir)
	}
	origin := store.Origin{Name: "the new passphrase", Cure: "give the passphrase that the data directory was last rotated to"}
	return &Rotation{
		Key:     newKey(Passphrase, rec.NextKDF.derive(phrase), origin),
		Resumed: resumed,
		Advice:  fmt.Sprintf("give the new passphrase from now on: put it into the file that %s names, wherever exconn runs", PassphraseFileEnv),
		finish:  finish,
	}, nil
}

// rotateGiven has nothing to keep: what is given is kept by who gave it.
func rotateGiven(source Source, given []byte) (*Rotation, error) {
	next := bytes.Clone(given)
	if source == Env || len(given) != store.MasterKeySize {
		var err error
		if next, err = decodeKey(given); err != nil {
			return nil, &Error{Problem: "the new master key is none", Err: err, Cure: "make one with: " + newKeyCommand, invalid: true}
		}
	}
	r := &Rotation{finish: func() error { return nil }}
	origin := store.Origin{Name: "the new master key", Cure: "give the same new key again"}
	r.Key = newKey(source, next, origin)
	r.Advice = fmt.Sprintf("set %s to the new key wherever exconn runs; with the former one nothing opens any more", EnvName)
	if source == Credential {
		r.Advice = fmt.Sprintf("make the new credential (systemd-creds encrypt --name=%s FILE …), put it in place of the former and restart the service; "+
			"with the former one nothing opens any more", CredentialName)
	}
	return r, nil
}

// write puts the record in the place of the one before, whole or not at all.
func (rec *record) write(dir string) error {
	text, err := json.MarshalIndent(rec, "", "  ")
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, "."+FileName+"-*")
	if err != nil {
		return writeError(FileName, dir, err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = tmp.Write(append(text, '\n'))
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), filepath.Join(dir, FileName))
	}
	if err != nil {
		return writeError(FileName, dir, err)
	}
	syncDir(dir)
	return nil
}

func writeError(what, dir string, err error) error {
	return &Error{Problem: what + " cannot be written", Err: err, Cure: "give this user the right to write to " + dir + ", and run it again"}
}

// syncDir makes new names in dir durable where the system can do so; Windows
// journals names instead.
func syncDir(dir string) {
	d, err := os.Open(dir)
	if err != nil {
		return
	}
	_ = d.Sync()
	_ = d.Close()
}

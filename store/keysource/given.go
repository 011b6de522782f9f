package keysource

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/exconn/exconn/store"
)

// The names under which a key is given from outside.
const (
	// EnvName is the variable of the source Env: 32 bytes in base64.
	EnvName = "EXCONN_MASTER_KEY"
	// CredentialName is the credential of the source Credential: 32 bytes,
	// as they are or in base64.
	CredentialName = "exconn-master-key"
	// PassphraseFileEnv is the variable that names the passphrase file.
	PassphraseFileEnv = "EXCONN_PASSPHRASE_FILE"

	credentialsDirEnv = "CREDENTIALS_DIRECTORY"
)

// newKeyCommand makes a key that Env and Credential accept.
const newKeyCommand = "openssl rand -base64 32"

func keyFromEnv(opts *Options) (Key, error) {
	text := opts.getenv(EnvName)
	if text == "" {
		return Key{}, &Error{
			Problem: fmt.Sprintf("the key source is env, but %s is not set", EnvName),
			Cure:    fmt.Sprintf("set %s to the master key of this data directory (a new one: %s)", EnvName, newKeyCommand),
			invalid: true,
		}
	}
	master, err := decodeKey([]byte(text))
	if err != nil {
		return Key{}, &Error{Problem: EnvName + " is no master key", Err: err, Cure: "make one with: " + newKeyCommand, invalid: true}
	}
	return newKey(Env, master, store.Origin{
		Name: "the variable " + EnvName,
		Cure: fmt.Sprintf("set %s to the value that it had when this data directory was made", EnvName),
	}), nil
}

func keyFromCredential(opts *Options) (Key, error) {
	unit := fmt.Sprintf("add LoadCredentialEncrypted=%s to the service's unit (a new key: %s | systemd-creds encrypt --name=%s - FILE)",
		CredentialName, newKeyCommand, CredentialName)
	dir := opts.getenv(credentialsDirEnv)
	if dir == "" {
		return Key{}, &Error{
			Problem: fmt.Sprintf("the key source is systemd-credential, but %s is not set: systemd has handed over no credentials", credentialsDirEnv),
			Cure:    unit,
			invalid: true,
		}
	}
	path := filepath.Join(dir, CredentialName)
	// systemd sets the rights of credentials itself.
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Key{}, &Error{Problem: "systemd has handed over no credential " + CredentialName, Err: fs.ErrNotExist, Cure: unit, invalid: true}
	}
	if err != nil {
		return Key{}, &Error{Problem: "the credential cannot be read", Err: err}
	}
	master := text
	if len(text) != store.MasterKeySize {
		defer clear(text)
		if master, err = decodeKey(text); err != nil {
			return Key{}, &Error{Problem: "the credential " + CredentialName + " is no master key", Err: err, Cure: unit, invalid: true}
		}
	}
	return newKey(Credential, master, store.Origin{
		Name: "the systemd credential " + CredentialName,
		Cure: "hand over the credential " + CredentialName + " that the service had when this data directory was made",
	}), nil
}

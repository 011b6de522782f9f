package connection

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/store"
)

// The buckets of the store.
const (
	connectionsBucket = "connections" // Profile, by name
	authsBucket       = "auths"       // Auth, by name
	accountsBucket    = "accounts"    // account, by accountKey
	secretsBucket     = "secrets"     // sealed: see the keys below
	tokensBucket      = "tokens"      // sealed: package oauth's blob, by accountKey
	leasesBucket      = "leases"      // lease, by accountKey
	invitationsBucket = "invitations" // sealed: Invitation, by invitationKey
)

// SealedBuckets names the buckets that the store of a Book must seal.
func SealedBuckets() []string { return []string{secretsBucket, tokensBucket, invitationsBucket} }

// recordKey makes names that differ in case alone the same.
func recordKey(name string) string { return lower(name) }

// The keys in secretsBucket.
func clientSecretKey(auth string) string { return "auth/" + recordKey(auth) + "/client-secret" }
func certificateKey(auth string) string  { return "auth/" + recordKey(auth) + "/certificate" }
func passwordKey(connection string) string {
	return "connection/" + recordKey(connection) + "/password"
}

func getRecord[T any](tx store.Tx, bucket, kind, name string) (v T, err error) {
	text, err := tx.Get(bucket, recordKey(name))
	if err != nil {
		return v, err
	}
	if err := json.Unmarshal(text, &v); err != nil {
		return v, &RecordError{Kind: kind, Name: name, Err: err}
	}
	return v, nil
}

func putRecord(tx store.Tx, bucket, name string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("cannot encode the record %q: %w", name, err)
	}
	return tx.Put(bucket, recordKey(name), text)
}

// getProfile returns an *UnknownError where there is none of this name.
func getProfile(tx store.Tx, name string) (Profile, error) {
	if name == "" || len(name) > store.MaxName {
		return Profile{}, unknown(tx, connectionsBucket, kindConnection, name)
	}
	p, err := getRecord[Profile](tx, connectionsBucket, kindConnection, name)
	if errors.Is(err, store.ErrNoRecord) {
		return p, unknown(tx, connectionsBucket, kindConnection, name)
	}
	return p, err
}

// getAuth returns an *UnknownError where there is none of this name.
func getAuth(tx store.Tx, name string) (Auth, error) {
	if nameProblem(name) != "" {
		return Auth{}, unknown(tx, authsBucket, kindAuth, name)
	}
	a, err := getRecord[Auth](tx, authsBucket, kindAuth, name)
	if errors.Is(err, store.ErrNoRecord) {
		return a, unknown(tx, authsBucket, kindAuth, name)
	}
	return a, err
}

// profileAuth returns the authentication object of a profile; nil where it has
// a Login.
func profileAuth(tx store.Tx, p Profile) (*Auth, error) {
	if p.AuthName == "" {
		return nil, nil
	}
	a, err := getAuth(tx, p.AuthName)
	if err != nil {
		return nil, fmt.Errorf("connection %q: %w", p.Name, err)
	}
	return &a, nil
}

// getSecret returns nil where there is none.
func getSecret(tx store.Tx, key string) (oauth.Secret, error) {
	v, err := tx.Get(secretsBucket, key)
	if errors.Is(err, store.ErrNoRecord) {
		return nil, nil
	}
	return v, err
}

func has(tx store.Tx, bucket, key string) (bool, error) {
	_, err := tx.Get(bucket, key)
	var damaged *store.DamagedError
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, store.ErrNoRecord), errors.As(err, &damaged):
		// A damaged secret is no secret: it has to be entered again.
		return false, nil
	}
	return false, err
}

func unknown(tx store.Tx, bucket, kind, name string) error {
	var names []string
	err := tx.ForEach(bucket, "", func(key string, value []byte) error {
		// The name as it was written, where the record can be read.
		var record struct {
			Name string `json:"name"`
		}
		if json.Unmarshal(value, &record) == nil && record.Name != "" {
			key = record.Name
		}
		names = append(names, key)
		return nil
	})
	if err != nil {
		return err
	}
	return &UnknownError{Kind: kind, Name: name, Near: near(name, names)}
}

// sharers returns the names of the connections that use an authentication
// object.
func sharers(tx store.Tx, auth string) (names []string, err error) {
	err = tx.ForEach(connectionsBucket, "", func(_ string, value []byte) error {
		var p Profile
		// A record that cannot be understood is reported where it is asked for.
		if json.Unmarshal(value, &p) == nil && recordKey(p.AuthName) == recordKey(auth) {
			names = append(names, p.Name)
		}
		return nil
	})
	return names, err
}

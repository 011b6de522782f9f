package connection

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/exconn/exconn/oauth"
)

// openAccount is what one process has open of an account: the one client that
// renews its tokens for all connections that share it.
type openAccount struct {
	client *oauth.Client
	// link is the one whose network connections the client uses.
	link *link
}

// Format prints nothing of what an account holds.
func (a *openAccount) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("account")) }

// openKey is the key of an openAccount. Connections that reach the authority
// in different ways have a client each; the lease on the account's record
// keeps them out of each other's way, as it does processes.
func openKey(auth, user string, network [32]byte) string {
	return accountKey(auth, user) + " " + hex.EncodeToString(network[:])
}

// account returns the client of an account for a link of the connection.
func (b *Book) account(entry Entry, l *link, user string) (*openAccount, error) {
	key := openKey(entry.Auth.Name, user, l.network)
	b.mu.Lock()
	defer b.mu.Unlock()
	if a := b.accounts[key]; a != nil {
		return a, nil
	}
	// What was opened before the object or its secret was changed is of no use.
	for other, a := range b.accounts {
		stale := a.link.profile.Name == entry.Profile.Name && a.link.network != l.network
		if stale && strings.HasPrefix(other, accountKey(entry.Auth.Name, user)+" ") {
			delete(b.accounts, other)
		}
	}
	cfg := l.oauth()
	cfg.Logger = b.log.With("auth", entry.Auth.Name)
	if user != "" {
		cfg.Logger = cfg.Logger.With("user", user)
	}
	client, err := oauth.New(cfg, &tokenCache{book: b, auth: *entry.Auth, user: user})
	if err != nil {
		return nil, fmt.Errorf("connection %q: %w", entry.Profile.Name, err)
	}
	a := &openAccount{client: client, link: l}
	b.accounts[key] = a
	return a, nil
}

// openAccounts returns all clients that are open of an account.
func (b *Book) openAccounts(auth, user string) (list []*openAccount) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for key, a := range b.accounts {
		if strings.HasPrefix(key, accountKey(auth, user)+" ") {
			list = append(list, a)
		}
	}
	return list
}

// closeAccounts forgets the clients of an authentication object.
func (b *Book) closeAccounts(auth string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for key, a := range b.accounts {
		if strings.HasPrefix(key, accountKey(auth, "")) {
			a.link.closeIdle()
			delete(b.accounts, key)
		}
	}
}

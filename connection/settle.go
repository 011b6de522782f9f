package connection

import (
	"context"
	"strings"
	"time"
)

// settleTimeout is how long Close waits for the identity server.
const settleTimeout = 20 * time.Second

// settle waits for the renewals of an entry's accounts whose answers are
// outstanding. They go on without whoever asked for them, and what a process
// takes with it when it ends may be the next refresh token.
func (b *Book) settle(e Entry) {
	if e.Auth == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), settleTimeout)
	defer cancel()
	for _, a := range b.accountsOfAuth(e.Auth.Name) {
		if err := a.client.Settle(ctx); err != nil {
			b.log.Warn("a renewal is still under way", "auth", e.Auth.Name, "error", err)
		}
	}
}

// accountsOfAuth returns all clients that are open of an authentication object.
func (b *Book) accountsOfAuth(auth string) (list []*openAccount) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for key, a := range b.accounts {
		if strings.HasPrefix(key, accountKey(auth, "")) {
			list = append(list, a)
		}
	}
	return list
}

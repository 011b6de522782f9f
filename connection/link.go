package connection

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/exconn/exconn/connection/kerberos"
	"github.com/exconn/exconn/connection/ntlm"
	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/store"
)

// link is what one process has open of a connection, however often it opens
// it: the network connections, and how to sign in. The accounts are apart, in
// openAccount, because connections share them.
type link struct {
	fingerprint [32]byte
	base        *http.Transport
	profile     Profile
	// oauth is what accounts are opened with; nil with a Login. It is a function
	// because the Config holds secrets; see basicLogin.
	oauth func() oauth.Config
	// network tells from each other what reaches the authority in different
	// ways.
	network [32]byte
	login   *basicLogin
	// windows signs in by NTLM or Kerberos, in place of client and login;
	// tickets are the latter's.
	windows windowsTransport
	tickets *kerberos.Login
	// budget and versions are shared by all who use the connection.
	budget   *mailbox.Budget
	versions *ews.Versions
}

// windowsTransport is an *ntlm.Transport or a *kerberos.Transport.
type windowsTransport interface {
	http.RoundTripper
	CloseIdleConnections()
}

// transport is what requests go through, TLS errors explained.
func (l *link) transport() http.RoundTripper {
	return &explainTLS{base: l.base, profile: l.profile}
}

// signing is what signed requests go through: transport, or where NTLM or
// Kerberos do the signing, theirs.
func (l *link) signing() http.RoundTripper {
	if l.windows == nil {
		return l.transport()
	}
	return &explainTLS{base: l.windows, profile: l.profile}
}

// closeIdle closes the network connections that no request uses.
func (l *link) closeIdle() {
	l.base.CloseIdleConnections()
	if l.windows != nil {
		l.windows.CloseIdleConnections()
	}
}

// Format prints nothing of what a link holds.
func (l *link) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("link")) }

// linkTo returns the link of a connection: the one that is open, as long as
// nothing that it was made from has changed. The Entry is that of linkEntry.
func (b *Book) linkTo(ctx context.Context, name string) (Entry, *link, error) {
	var entry Entry
	var secrets Secrets
	var old bool
	look := func(tx store.Tx) (err error) {
		if entry, err = b.linkEntry(tx, name); err != nil {
			return err
		}
		if old, err = hasOldSignIn(tx, entry); err != nil {
			return err
		}
		secrets, err = getSecrets(tx, entry)
		return err
	}
	err := b.store.View(ctx, look)
	if err == nil && old {
		err = errors.Join(b.takeOver(ctx, entry), b.store.View(ctx, look))
	}
	if err != nil {
		return entry, nil, err
	}
	if err := entry.Profile.Validate(entry.Auth); err != nil {
		return entry, nil, fmt.Errorf("connection %q: %w", entry.Profile.Name, err)
	}
	fingerprint := fingerprintOf(entry, secrets)
	b.mu.Lock()
	defer b.mu.Unlock()
	if l := b.links[recordKey(name)]; l != nil && l.fingerprint == fingerprint {
		return entry, l, nil
	}
	l, err := b.newLink(entry, secrets)
	if err != nil {
		return entry, nil, err
	}
	l.fingerprint = fingerprint
	b.links[recordKey(name)] = l
	return entry, l, nil
}

func (b *Book) unlink(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l := b.links[recordKey(name)]; l != nil {
		l.closeIdle()
		delete(b.links, recordKey(name))
	}
}

func (b *Book) newLink(entry Entry, secrets Secrets) (*link, error) {
	base, err := newTransport(entry.Profile)
	if err != nil {
		return nil, fmt.Errorf("connection %q: %w", entry.Profile.Name, err)
	}
	l := &link{base: base, profile: entry.Profile, budget: newBudget(), versions: ews.NewVersions()}
	if entry.Auth == nil {
		l.signInBy(*entry.Profile.Login, secrets.Password)
		return l, nil
	}
	cfg, err := oauthConfig(entry, secrets)
	if err != nil {
		return nil, fmt.Errorf("connection %q: %w", entry.Profile.Name, err)
	}
	cfg.HTTPClient = &http.Client{Transport: l.transport(), Timeout: signInTimeout}
	l.oauth, l.network = func() oauth.Config { return cfg }, networkOf(entry, secrets)
	return l, nil
}

// signInBy makes the link that of an Exchange Server account.
func (l *link) signInBy(login Login, password oauth.Secret) {
	switch login.Kind {
	case NTLM:
		l.windows = ntlm.NewTransport(l.base, ntlm.NewCredentials(login.Username, string(password)))
	case Kerberos:
		l.tickets = newTickets(login, password)
		l.windows = kerberos.NewTransport(l.base, l.tickets, login.SPN)
	default:
		l.login = newBasicLogin(login.Username, password)
	}
}

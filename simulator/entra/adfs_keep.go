package entra

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// The keys of an ADFS's records, beside those of the Server.
const (
	keepADFSKey     = "adfs-key"
	keepADFSRefresh = "adfs-refresh "
	keepADFSClient  = "adfs-client "
)

// keptADFSRefresh is a refresh token as it is kept.
type keptADFSRefresh struct {
	ClientID, UPN      string
	Passwords, Revoked int
	Resource           string
	Scopes             []string
	KMSI               bool
	Started, Expires   time.Time
}

// keptADFSClient is what can change of a client.
type keptADFSClient struct {
	Redirects    []string
	Secrets      []string
	Certificates [][]byte
}

// Restore is as Server.Restore, after which it is called: signing key, refresh
// tokens, and what was changed of the clients. Sign-ins under way and browser
// sessions are not kept, nor what was permitted.
func (a *ADFS) Restore(k Keeper) error {
	var err error
	if a.key, err = restoredKey(k, keepADFSKey, a.key); err != nil {
		return fmt.Errorf("AD FS: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.opts.Now()
	err = k.Kept(keepADFSRefresh, func(key string, value []byte) error {
		var r keptADFSRefresh
		if err := json.Unmarshal(value, &r); err != nil {
			return errors.New("a refresh token's record of AD FS cannot be read")
		}
		if forgets := r.Expires.Add(afterlife); now.Before(forgets) {
			a.refresh.put(strings.TrimPrefix(key, keepADFSRefresh), adfsRefresh{
				clientID: r.ClientID, upn: r.UPN, epoch: epoch{r.Passwords, r.Revoked}, resource: r.Resource,
				scopes: r.Scopes, kmsi: r.KMSI, started: r.Started, expires: r.Expires,
			}, now, forgets)
		} else {
			k.Keep(key, nil)
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = k.Kept(keepADFSClient, func(key string, value []byte) error {
		if a.restoreClient(strings.TrimPrefix(key, keepADFSClient), value) != nil {
			return fmt.Errorf("the record %q cannot be read", key)
		}
		return nil
	})
	a.keeper = k
	return err
}

func (a *ADFS) restoreClient(id string, value []byte) error {
	var r keptADFSClient
	if err := json.Unmarshal(value, &r); err != nil {
		return err
	}
	cl := a.clients[id]
	if cl == nil {
		return nil
	}
	cl.Redirects, cl.Secrets, cl.Certificates = r.Redirects, nil, nil
	for _, s := range r.Secrets {
		cl.Secrets = append(cl.Secrets, Secret(s))
	}
	for _, der := range r.Certificates {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return err
		}
		cl.Certificates = append(cl.Certificates, cert)
	}
	return nil
}

// keepRefresh keeps a refresh token. The caller holds the mutex.
func (a *ADFS) keepRefresh(value string, t adfsRefresh) {
	if a.keeper == nil {
		return
	}
	keepJSON(a.keeper, keepADFSRefresh+value, keptADFSRefresh{
		ClientID: t.clientID, UPN: t.upn, Passwords: t.epoch.passwords, Revoked: t.epoch.revoked, Resource: t.resource,
		Scopes: t.scopes, KMSI: t.kmsi, Started: t.started, Expires: t.expires,
	})
}

// keepClient keeps what was changed of a client. The caller holds the mutex.
func (a *ADFS) keepClient(cl *ADFSClient) {
	if a.keeper == nil {
		return
	}
	r := keptADFSClient{Redirects: cl.Redirects}
	for _, s := range cl.Secrets {
		r.Secrets = append(r.Secrets, string(s))
	}
	for _, cert := range cl.Certificates {
		r.Certificates = append(r.Certificates, cert.Raw)
	}
	keepJSON(a.keeper, keepADFSClient+strings.ToLower(cl.ClientID), r)
}

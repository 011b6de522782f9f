package entra

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Keeper keeps what a Server and its Directory have to remember beyond the end
// of the process: the signing key, refresh tokens, and what was changed in the
// Directory since it was filled. It holds secrets. Sign-ins that are under way,
// browser sessions and codes are not kept: their owners begin anew.
type Keeper interface {
	// Keep writes a record under a key; nil removes it. The record is to be
	// kept when it returns. What becomes of a failure is the keeper's affair:
	// it should let no answer through from then on.
	Keep(key string, value []byte)
	// Kept goes through the records whose keys begin with a prefix.
	Kept(prefix string, each func(key string, value []byte) error) error
}

// The keys of records, most with a name behind them.
const (
	keepKey         = "key"
	keepRefresh     = "refresh "
	keepUser        = "user "
	keepApp         = "app "
	keepAdmin       = "admin "
	keepConsent     = "consent "
	keepVoid        = "void "
	keepPolicy      = "policy "
	keepUserConsent = "user-consent "
)

// Restore takes up what a Keeper holds, and hands it what changes from now on.
// It is called once, when the Directory has been filled as it was the first
// time and before the Server serves. What is kept of users and applications
// that are no longer there is left alone.
func (s *Server) Restore(k Keeper) error {
	if err := s.restoreKey(k); err != nil {
		return err
	}
	if err := s.dir.restore(k); err != nil {
		return fmt.Errorf("restoring the directory: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opts.Now()
	err := k.Kept(keepRefresh, func(key string, value []byte) error {
		var r keptRefreshToken
		if err := json.Unmarshal(value, &r); err != nil {
			return errors.New("a refresh token's record cannot be read")
		}
		if forgets := r.Expires.Add(afterlife); now.Before(forgets) {
			s.refresh.put(strings.TrimPrefix(key, keepRefresh), r.token(), now, forgets)
		} else {
			k.Keep(key, nil)
		}
		return nil
	})
	s.keeper = k
	return err
}

func (s *Server) restoreKey(k Keeper) error {
	key, err := restoredKey(k, keepKey, s.key)
	if err == nil {
		s.key = key
	}
	return err
}

// restoredKey returns what makes the signing key: the one that is kept under a
// name, or a first one, which is kept when it is made.
func restoredKey(k Keeper, name string, first func() (*signingKey, error)) (func() (*signingKey, error), error) {
	var key *rsa.PrivateKey
	err := k.Kept(name, func(_ string, value []byte) error {
		parsed, err := x509.ParsePKCS8PrivateKey(value)
		if err != nil {
			return errors.New("the signing key cannot be read")
		}
		var ok bool
		if key, ok = parsed.(*rsa.PrivateKey); !ok {
			return errors.New("the signing key is of another kind")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if key != nil {
		made, err := newSigningKey(key)
		if err != nil {
			return nil, err
		}
		return func() (*signingKey, error) { return made, nil }, nil
	}
	// Making a key takes long: it is made, and kept, when it is needed.
	return sync.OnceValues(func() (*signingKey, error) {
		made, err := first()
		if err != nil {
			return nil, err
		}
		der, err := x509.MarshalPKCS8PrivateKey(made.private)
		if err != nil {
			return nil, fmt.Errorf("keep the signing key: %w", err)
		}
		k.Keep(name, der)
		return made, nil
	}), nil
}

// keptRefreshToken is a refresh token as it is kept.
type keptRefreshToken struct {
	ClientID, UPN            string
	Passwords, Revoked       int
	Platform                 Platform
	OIDC                     []string
	Asked                    []keptScope
	Started, Issued, Expires time.Time
	Used                     bool
	Device, Strong           bool
	Contexts                 []string
}

type keptScope struct {
	Resource, Name string
	Short          bool
}

func (r keptRefreshToken) token() refreshToken {
	t := refreshToken{
		clientID: r.ClientID, upn: r.UPN, epoch: epoch{r.Passwords, r.Revoked}, platform: r.Platform, oidc: r.OIDC,
		started: r.Started, issued: r.Issued, expires: r.Expires, used: r.Used, device: r.Device, strong: r.Strong, contexts: r.Contexts,
	}
	for _, a := range r.Asked {
		t.asked = append(t.asked, wantedScope{a.Resource, a.Name, a.Short})
	}
	return t
}

// keepToken keeps a refresh token. The caller holds the mutex.
func (s *Server) keepToken(value string, t refreshToken) {
	if s.keeper == nil {
		return
	}
	r := keptRefreshToken{
		ClientID: t.clientID, UPN: t.upn, Passwords: t.epoch.passwords, Revoked: t.epoch.revoked, Platform: t.platform, OIDC: t.oidc,
		Started: t.started, Issued: t.issued, Expires: t.expires, Used: t.used, Device: t.device, Strong: t.strong, Contexts: t.contexts,
	}
	for _, a := range t.asked {
		r.Asked = append(r.Asked, keptScope{a.resource, a.name, a.short})
	}
	keepJSON(s.keeper, keepRefresh+value, r)
}

// keepJSON writes a record of plain fields, which cannot fail to be written as
// JSON.
func keepJSON(k Keeper, key string, record any) {
	if b, err := json.Marshal(record); err == nil {
		k.Keep(key, b)
	}
}

// keptUser is what can change of a user, in plain: a Secret shows itself to
// nobody.
type keptUser struct {
	Password           string
	Disabled           bool
	Passwords, Revoked int
	NoSecondFactor     bool
	Locked             bool
	PasswordExpired    bool
}

// keptApp is what can change of an application.
type keptApp struct {
	Redirects      []Redirect
	Secrets        []keptSecret
	Certificates   [][]byte
	AdminConsented bool
	Disabled       bool
	Assigned       []string
}

type keptSecret struct {
	Value   string
	Expires time.Time
}

type keptVoid struct {
	UpTo    int64
	Expired bool
}

// keep writes a record, where somebody keeps them. The caller holds the mutex.
func (d *Directory) keep(key string, record any) {
	if d.keeper != nil {
		keepJSON(d.keeper, key, record)
	}
}

func (d *Directory) keepUser(a *account) {
	d.keep(keepUser+strings.ToLower(a.UPN), keptUser{string(a.Password), a.Disabled, a.passwords, a.revoked, a.NoSecondFactor, a.Locked, a.PasswordExpired})
}

func (d *Directory) keepApp(a *Application) {
	r := keptApp{Redirects: a.Redirects, AdminConsented: a.AdminConsented, Disabled: a.Disabled, Assigned: a.Assigned}
	for _, s := range a.Secrets {
		r.Secrets = append(r.Secrets, keptSecret{string(s.Value), s.Expires})
	}
	for _, c := range a.Certificates {
		r.Certificates = append(r.Certificates, c.Raw)
	}
	d.keep(keepApp+strings.ToLower(a.ClientID), r)
}

// restore takes up what was changed in the directory.
func (d *Directory) restore(k Keeper) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, kind := range []struct {
		prefix  string
		restore func(name string, value []byte) error
	}{
		{keepUser, d.restoreUser}, {keepApp, d.restoreApp},
		{keepAdmin, d.restoreAdmin}, {keepConsent, d.restoreConsent}, {keepVoid, d.restoreVoid},
		{keepPolicy, d.restorePolicy}, {keepUserConsent, d.restoreUserConsent},
	} {
		err := k.Kept(kind.prefix, func(key string, value []byte) error {
			// The cause is left out: it could quote a secret.
			if kind.restore(strings.TrimPrefix(key, kind.prefix), value) != nil {
				return fmt.Errorf("the record %q cannot be read", key)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	d.keeper = k
	return nil
}

func (d *Directory) restoreUser(upn string, value []byte) error {
	var r keptUser
	if err := json.Unmarshal(value, &r); err != nil {
		return err
	}
	if a := d.users[upn]; a != nil {
		a.Password, a.Disabled, a.passwords, a.revoked = Secret(r.Password), r.Disabled, r.Passwords, r.Revoked
		a.NoSecondFactor, a.Locked, a.PasswordExpired = r.NoSecondFactor, r.Locked, r.PasswordExpired
	}
	return nil
}

func (d *Directory) restoreApp(id string, value []byte) error {
	var r keptApp
	if err := json.Unmarshal(value, &r); err != nil {
		return err
	}
	a := d.apps[id]
	if a == nil {
		return nil
	}
	a.Redirects, a.AdminConsented, a.Secrets, a.Certificates = r.Redirects, r.AdminConsented, nil, nil
	a.Disabled, a.Assigned = r.Disabled, r.Assigned
	for _, s := range r.Secrets {
		a.Secrets = append(a.Secrets, ClientSecret{Secret(s.Value), s.Expires})
	}
	for _, der := range r.Certificates {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return err
		}
		a.Certificates = append(a.Certificates, c)
	}
	return nil
}

// A pair of names is written with a space between them; both are UUIDs.
func pairKey(pair [2]string) string { return pair[0] + " " + pair[1] }

func pairOf(key string) [2]string {
	a, b, _ := strings.Cut(key, " ")
	return [2]string{a, b}
}

func (d *Directory) restoreAdmin(name string, value []byte) error {
	var granted bool
	err := json.Unmarshal(value, &granted)
	d.admin[pairOf(name)] = granted
	return err
}

func (d *Directory) restoreConsent(name string, value []byte) error {
	var keys []string
	err := json.Unmarshal(value, &keys)
	given := map[string]bool{}
	for _, k := range keys {
		given[k] = true
	}
	d.consents[pairOf(name)] = given
	return err
}

func (d *Directory) restoreVoid(name string, value []byte) error {
	var r keptVoid
	if err := json.Unmarshal(value, &r); err != nil {
		return err
	}
	why := ErrTokenRevoked
	if r.Expired {
		why = ErrTokenExpired
	}
	if d.voided == nil {
		d.voided = map[string]voided{}
	}
	d.voided[name] = voided{r.UpTo, why}
	d.serial = max(d.serial, r.UpTo)
	return nil
}

// restorePolicy takes up a policy, or the removal of one that was there at first.
func (d *Directory) restorePolicy(name string, value []byte) error {
	var p *Policy
	if err := json.Unmarshal(value, &p); err != nil {
		return err
	}
	d.dropPolicy(name)
	if p != nil {
		d.policies = append(d.policies, *p)
	}
	return nil
}

func (d *Directory) restoreUserConsent(tenantID string, value []byte) error {
	var allowed bool
	err := json.Unmarshal(value, &allowed)
	d.adminsAlone[tenantID] = !allowed
	return err
}

// keepConsents keeps what a user has agreed to. The caller holds the mutex.
func (d *Directory) keepConsents(pair [2]string) {
	keys := []string{}
	for k := range d.consents[pair] {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	d.keep(keepConsent+pairKey(pair), keys)
}

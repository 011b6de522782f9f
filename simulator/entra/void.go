package entra

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrTokenRevoked: issued here and not expired, but revoked since. Resources
// that evaluate tokens continuously, as Exchange Online does, refuse it at once
// and tell the client with a claims challenge to get a new one.
var ErrTokenRevoked = errors.New("the token was revoked")

// voided says of somebody that the access tokens up to a certain one are void,
// and why.
type voided struct {
	upTo int64
	err  error
}

// RevokeTokens voids all tokens that were issued to a user or an application so
// far. Verify refuses access tokens with ErrTokenRevoked; a user's refresh
// tokens are void too, and the sessions over, as with RevokeSessions. The name
// is a user principal name or a client id.
func (d *Directory) RevokeTokens(name string) error {
	if err := d.void(name, ErrTokenRevoked); err != nil {
		return err
	}
	if _, ok := d.User(name); ok {
		return d.RevokeSessions(name)
	}
	return nil
}

// ExpireTokens lets all access tokens that were issued to a user or an
// application so far expire ahead of their time: Verify refuses them with
// ErrTokenExpired. Refresh tokens live on. The name is as in RevokeTokens.
func (d *Directory) ExpireTokens(name string) error { return d.void(name, ErrTokenExpired) }

func (d *Directory) void(name string, why error) error {
	_, user := d.User(name)
	if _, app := d.Application(name); !user && !app {
		return fmt.Errorf("there is no user and no application %q", name)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.voided == nil {
		d.voided = map[string]voided{}
	}
	d.voided[strings.ToLower(name)] = voided{d.serial, why}
	d.keep(keepVoid+strings.ToLower(name), keptVoid{d.serial, errors.Is(why, ErrTokenExpired)})
	return nil
}

// nextSerial numbers access tokens. The numbers rise from run to run too, so
// that a token of an earlier run is older than all of this one.
func (d *Directory) nextSerial() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.serial = max(d.serial+1, time.Now().UnixNano())
	return d.serial
}

// numberedID makes a token's id, which tells its number to nobody but us.
func numberedID(serial int64) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(serial))
	return base64.RawURLEncoding.EncodeToString(append(b, newToken()[:8]...))
}

// notVoid returns an error for a token that was voided.
func (d *Directory) notVoid(t accessToken) error {
	var serial int64 // the oldest of all, for an id that has none
	if b, err := base64.RawURLEncoding.DecodeString(t.ID); err == nil && len(b) >= 8 {
		serial = int64(binary.BigEndian.Uint64(b))
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, name := range []string{t.UPN, t.AppID} {
		if v, ok := d.voided[strings.ToLower(name)]; ok && name != "" && serial <= v.upTo {
			return v.err
		}
	}
	return nil
}

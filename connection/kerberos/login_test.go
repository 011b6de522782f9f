package kerberos

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-krb5/krb5/messages"
	"github.com/go-krb5/krb5/types"

	"github.com/exconn/exconn/internal/gsstest"
	"github.com/exconn/exconn/mailbox"
)

// wantError asks for a token, and holds the error against what a person needs.
func wantError(t *testing.T, l *Login, sentinel error, code, problem, hint string) {
	t.Helper()
	_, err := l.Token(t.Context(), Target{SPN: service})
	var e *Error
	if !errors.As(err, &e) || !errors.Is(err, sentinel) {
		t.Errorf("%v, want an *Error that is %v", err, sentinel)
		return
	}
	if e.Code() != code || !strings.Contains(err.Error(), problem) || !strings.Contains(e.Hint(), hint) {
		t.Errorf("%q (%s, hint %q), want %s with %q and in the hint %q", err, e.Code(), e.Hint(), code, problem, hint)
	}
	if len(err.Error()) > 600 || strings.Contains(fmt.Sprint(err), password) {
		t.Errorf("%q is too long, or holds the password", err)
	}
}

func TestRefusals(t *testing.T) {
	k := startKDC(t)
	login := func(username, password string) *Login {
		return NewLogin(Options{Username: username, ConfigFile: k.Config}, password)
	}
	wantError(t, login(user, "wrong"), mailbox.ErrSignInNeeded, "KDC_ERR_PREAUTH_FAILED", "password or keytab of "+user+" is wrong", "new password")
	wantError(t, login("nobody@"+realm, "x"), mailbox.ErrSignInNeeded, "KDC_ERR_C_PRINCIPAL_UNKNOWN", "does not know the user nobody@"+realm, "sAMAccountName")
	wantError(t, login("locked@"+realm, "locked"), mailbox.ErrSignInNeeded, "KDC_ERR_CLIENT_REVOKED", "locked, disabled or expired", "Unlock-ADAccount")
	wantError(t, login("expired@"+realm, "old"), mailbox.ErrSignInNeeded, "KDC_ERR_KEY_EXPIRED", "password of expired@"+realm+" has expired", "new password")
	wantError(t, login(`EXCONN\anna`, password), mailbox.ErrInvalid, "", "user@REALM", "svc@EXAMPLE.COM")

	l := login(user, password)
	if _, err := l.Token(t.Context(), Target{SPN: "HTTP/unknown.example.com"}); mailbox.Code(err) != "KDC_ERR_S_PRINCIPAL_UNKNOWN" || !strings.Contains(mailbox.Hint(err), `setspn -S HTTP/unknown.example.com DOMAIN\ACCOUNT$`) {
		t.Errorf("%v (%s)", err, mailbox.Hint(err))
	}
	// One failure does not stand in the way of the next.
	if _, err := l.Token(t.Context(), Target{SPN: service}); err != nil {
		t.Error(err)
	}
}

func TestKDCOutOfReach(t *testing.T) {
	config := filepath.Join(t.TempDir(), "krb5.conf")
	write := func(text string) {
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(fmt.Sprintf("[libdefaults]\ndns_lookup_kdc = false\n[realms]\nEXCONN.TEST = {\nkdc = 127.0.0.1:%d\n}\n", gsstest.FreePort(t)))
	l := NewLogin(Options{Username: user, ConfigFile: config}, "CANARY")
	wantError(t, l, mailbox.ErrUnavailable, "", "no Kerberos server (KDC) of "+user+"'s realm answers", "port 88")
	write("[libdefaults]\ndns_lookup_kdc = false\n")
	wantError(t, l, mailbox.ErrUnavailable, "", "no KDC", "krb5.conf names it")
}

func TestFiles(t *testing.T) {
	k := startKDC(t)
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	missing := filepath.Join(dir, "missing")
	keytab := func(path string) *Login {
		return NewLogin(Options{Username: user, KeytabFile: path, ConfigFile: k.Config}, "")
	}
	cache := func(path string) *Login {
		return NewLogin(Options{Username: user, CacheFile: path, ConfigFile: k.Config}, "")
	}
	wantError(t, keytab(missing), mailbox.ErrInvalid, "", "the keytab "+missing+" cannot be used: no such file", "can read")
	wantError(t, keytab(file("text", "no keytab at all")), mailbox.ErrInvalid, "", "the keytab", "ktpass")
	wantError(t, keytab(k.ServiceKeys), mailbox.ErrInvalid, "", "has no key for "+user, "klist -ke")
	wantError(t, cache(missing), mailbox.ErrSignInNeeded, "", "the credential cache "+missing, "kinit")
	wantError(t, cache("KEYRING:persistent:0"), mailbox.ErrInvalid, "", "is not a file", "KRB5CCNAME=FILE:")
	other := NewLogin(Options{Username: "otto@" + realm, CacheFile: k.Kinit(t), ConfigFile: k.Config}, "")
	wantError(t, other, mailbox.ErrSignInNeeded, "", "is of "+user+", not of otto@"+realm, "kinit otto@"+realm)
	wantError(t, NewLogin(Options{Username: user, ConfigFile: missing}, "x"), mailbox.ErrInvalid, "", "the Kerberos configuration "+missing, "krb5.conf")
	wantError(t, NewLogin(Options{Username: user, ConfigFile: file("bad.conf", "[libdefaults]\nno equals sign\n")}, "x"), mailbox.ErrInvalid, "", "cannot be used: ", "krb5.conf(5)")
	wantError(t, NewLogin(Options{Username: "anna", ConfigFile: file("empty.conf", "")}, "x"), mailbox.ErrInvalid, "", "names no realm", "svc@EXAMPLE.COM")

	// Files that are cut short before their first key do no harm.
	for _, c := range []struct {
		path  string
		login func(string) *Login
	}{{k.UserKeys, keytab}, {k.Kinit(t), cache}} {
		whole, err := os.ReadFile(c.path)
		if err != nil {
			t.Fatal(err)
		}
		for n := 0; n < 60; n += 3 {
			if _, err := c.login(file("cut", string(whole[:n]))).Token(t.Context(), Target{SPN: service}); !errors.As(err, new(*Error)) {
				t.Errorf("%s, cut after %d bytes: %v", c.path, n, err)
			}
		}
	}
}

// A ticket that is no longer good asks for kinit.
func TestExpiredCache(t *testing.T) {
	k := startKDC(t)
	path := k.Kinit(t, "-l", "1s")
	for {
		_, err := NewLogin(Options{CacheFile: path, ConfigFile: k.Config}, "").Token(t.Context(), Target{SPN: service})
		if err == nil {
			time.Sleep(50 * time.Millisecond)
			continue
		}
		if !errors.Is(err, mailbox.ErrSignInNeeded) || !strings.Contains(err.Error(), "still good") && mailbox.Code(err) != "KRB_AP_ERR_TKT_EXPIRED" {
			t.Errorf("%v, want a ticket that is no longer good", err)
		}
		return
	}
}

// fakeKDC answers every request over TCP with one error.
func fakeKDC(t *testing.T, code int32) *Login {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			answer(conn, code)
		}
	}()
	t.Cleanup(func() { _ = listener.Close(); <-done })
	return NewLogin(Options{Username: user, ConfigFile: configFor(t, listener.Addr().String())}, "CANARY")
}

func answer(conn net.Conn, code int32) {
	defer conn.Close()
	var length [4]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return
	}
	if _, err := io.CopyN(io.Discard, conn, int64(binary.BigEndian.Uint32(length[:]))); err != nil {
		return
	}
	e := messages.NewKRBError(types.NewPrincipalName(2, "krbtgt/"+realm), realm, code, "said by the KDC")
	raw, err := e.Marshal()
	if err != nil {
		return
	}
	_, _ = conn.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(raw))), raw...))
}

// configFor writes a krb5.conf with one KDC, asked over TCP.
func configFor(t *testing.T, addr string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "krb5.conf")
	text := fmt.Sprintf("[libdefaults]\ndns_lookup_kdc = false\nudp_preference_limit = 1\n[realms]\n%s = {\nkdc = %s\n}\n", realm, addr)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCodes(t *testing.T) {
	for _, c := range []struct {
		code          int32
		name          string
		sentinel      error
		problem, hint string
	}{
		{clockSkew, "KRB_AP_ERR_SKEW", mailbox.ErrSignInNeeded, "clock", "chrony"},
		{noCommonEtype, "KDC_ERR_ETYPE_NOSUPP", mailbox.ErrSignInNeeded, "encryption", "msDS-SupportedEncryptionTypes"},
		{policy, "KDC_ERR_POLICY", mailbox.ErrSignInNeeded, "may not sign in", "Get-ADUser"},
		{serviceNotReady, "KDC_ERR_SVC_UNAVAILABLE", mailbox.ErrUnavailable, "not ready", "later"},
		{60, "KRB_ERR_GENERIC", mailbox.ErrUnavailable, "said by the KDC", "kvno " + service},
	} {
		wantError(t, fakeKDC(t, c.code), c.sentinel, c.name, c.problem, c.hint)
	}
}

// A KDC that does not answer holds nobody up longer than he wants to wait.
func TestContextEndsTheWait(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	l := NewLogin(Options{Username: user, ConfigFile: configFor(t, listener.Addr().String())}, "x")
	ctx, cancel := context.WithCancel(t.Context())
	results := make(chan error, 2)
	for range 2 { // one asks, the other waits for its turn
		go func() {
			_, err := l.Token(ctx, Target{SPN: service})
			results <- err
		}()
	}
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	cancel()
	for range 2 {
		if err := <-results; !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want context.Canceled", err)
		}
	}
}

func TestWhenATicketIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLogin(Options{}, "")
		target := Target{SPN: service}
		l.tickets[service] = &ticket{fetched: time.Now(), end: time.Now().Add(10 * time.Hour)}
		good := func(target Target) bool { return l.inHand(target) != nil }
		again := Target{SPN: service, Refused: true}
		if !good(target) || !good(again) {
			t.Error("a new ticket is not used, or is blamed for a refusal")
		}
		time.Sleep(fresh + time.Second)
		if !good(target) || good(again) {
			t.Error("a ticket that the server has refused is used again")
		}
		time.Sleep(10*time.Hour - earliest - 2*fresh)
		if !good(target) {
			t.Error("a ticket is replaced too early")
		}
		time.Sleep(2 * fresh)
		if good(target) || good(Target{SPN: "HTTP/b"}) {
			t.Error("a ticket near its end is used")
		}
		// One that lives shorter than the margin is used nevertheless.
		l.tickets[service] = &ticket{fetched: time.Now(), end: time.Now().Add(4 * time.Minute)}
		if time.Sleep(time.Minute); !good(target) {
			t.Error("a short-lived ticket is never used")
		}
	})
}

package entra

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestVerifyRefuses(t *testing.T) {
	f := newFixture(t, Options{})
	a := f.tokens(contosoID, redeem(f.code(request())))
	parts := strings.Split(a.AccessToken, ".")
	stranger := New(f.dir, nil)
	if _, err := stranger.Verify(a.AccessToken); !errors.Is(err, ErrTokenInvalid) {
		t.Errorf("another server's token: %v", err)
	}
	for name, token := range map[string]string{
		"nothing":       "",
		"garbage":       "garbage",
		"an id token":   a.IDToken,
		"a refresh":     a.RefreshToken,
		"no signature":  parts[0] + "." + parts[1] + ".",
		"alg none":      "eyJhbGciOiJub25lIn0." + parts[1] + ".",
		"other payload": parts[0] + "." + strings.Split(a.IDToken, ".")[1] + "." + parts[2],
	} {
		_, err := f.server.Verify(token)
		if !errors.Is(err, ErrTokenInvalid) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && token != "" && strings.Contains(err.Error(), token) {
			t.Errorf("%s: the error repeats the token", name)
		}
	}
	f.clock.advance(time.Hour - time.Second)
	f.verify(a.AccessToken)
	f.clock.advance(time.Second)
	if _, err := f.server.Verify(a.AccessToken); !errors.Is(err, ErrTokenExpired) {
		t.Errorf("an expired token: %v", err)
	}
	f.clock.advance(-2 * time.Hour)
	if _, err := f.server.Verify(a.AccessToken); !errors.Is(err, ErrTokenInvalid) {
		t.Errorf("a token of the future: %v", err)
	}
}

// A Server without a key of its own makes one.
func TestOwnKey(t *testing.T) {
	s := New(NewDirectory(), nil)
	token, e := s.sign(accessToken{AppID: daemonApp, IDType: AppToken, TenantID: contosoID, Issuer: "https://x/" + contosoID + "/", Expires: time.Now().Add(time.Hour).Unix()})
	if e != nil {
		t.Fatal(e)
	}
	if _, err := s.Verify(token); err != nil {
		t.Error(err)
	}
}

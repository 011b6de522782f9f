package oauth_test

import (
	"testing"
	"testing/synctest"

	"github.com/exconn/exconn/oauth"
)

// Whoever has the blob alone learns from it what the Client would tell.
func TestReadSignedIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, cache := newFakeAuthority(t), &memory{}
		c := newClient(t, personConfig(e), cache)
		for _, blob := range [][]byte{nil, []byte("noise"), []byte("{}"), []byte(`{"version":1,"tokens":{}}`)} {
			if in, ok := oauth.ReadSignedIn(blob, personConfig(e).Authority); ok {
				t.Errorf("%q tells of %+v", blob, in)
			}
		}
		signIn(t, c, e)
		want, ok, err := c.SignedIn(t.Context())
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		if got, ok := oauth.ReadSignedIn(cache.blob, personConfig(e).Authority); !ok || got != want {
			t.Errorf("%+v, %v; want %+v", got, ok, want)
		}
		// How long AD FS keeps it, nobody tells.
		if got, ok := oauth.ReadSignedIn(cache.blob, "https://fs.example.com/adfs"); !ok || !got.Lapses.IsZero() || got.Renewed != want.Renewed {
			t.Errorf("%+v, %v", got, ok)
		}
	})
}

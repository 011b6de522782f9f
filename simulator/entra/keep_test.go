package entra

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// memory is a Keeper that outlives servers.
type memory struct {
	mu      sync.Mutex
	records map[string][]byte
}

func (m *memory) Keep(key string, value []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if value == nil {
		delete(m.records, key)
		return
	}
	m.records[key] = slices.Clone(value)
}

func (m *memory) Kept(prefix string, each func(string, []byte) error) error {
	m.mu.Lock()
	records := maps.Clone(m.records)
	m.mu.Unlock()
	for _, key := range slices.Sorted(maps.Keys(records)) {
		if strings.HasPrefix(key, prefix) {
			if err := each(key, records[key]); err != nil {
				return err
			}
		}
	}
	return nil
}

// again is a new server over a directory that was filled like that of f.
func (f *fixture) again(m *memory, opts Options) *fixture {
	f.t.Helper()
	opts.Now = f.clock.Now
	next := newFixture(f.t, opts)
	for upn, a := range f.dir.users {
		next.dir.users[upn].ID = a.ID
	}
	if err := next.server.Restore(m); err != nil {
		f.t.Fatal(err)
	}
	return next
}

func TestRestore(t *testing.T) {
	m := &memory{records: map[string][]byte{}}
	f := newFixture(t, Options{})
	if err := f.server.Restore(m); err != nil {
		t.Fatal(err)
	}
	a := f.tokens(contosoID, redeem(f.code(request())))
	cert := newCertificate(t, f.key, f.clock.Now(), f.clock.Now().Add(time.Hour))
	for _, err := range []error{
		f.dir.ResetPassword(boris, otherPassword), f.dir.AddRedirect(publicApp, Redirect{URI: "https://new.example/back", Platform: Public}),
		f.dir.AddSecret(webApp, ClientSecret{Value: "Canary-New"}), f.dir.AddCertificate(daemonApp, cert), f.dir.GrantAdminConsent(multiApp, fabrikamID),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}

	g := f.again(m, Options{})
	if c := g.verify(a.AccessToken); c.UPN != anna {
		t.Errorf("the access token of before is for %q", c.UPN)
	}
	b := g.tokens(contosoID, refreshForm(a.RefreshToken))
	if u, _ := g.dir.User(boris); !u.Password.is(string(otherPassword)) {
		t.Error("the new password is forgotten")
	}
	if app, _ := g.dir.Application(publicApp); !slices.Contains(app.Redirects, Redirect{URI: "https://new.example/back", Platform: Public}) {
		t.Error("the new redirect is forgotten")
	}
	if app, _ := g.dir.Application(webApp); !app.Secrets[len(app.Secrets)-1].Value.is("Canary-New") {
		t.Error("the new secret is forgotten")
	}
	if app, _ := g.dir.Application(daemonApp); !slices.ContainsFunc(app.Certificates, cert.Equal) {
		t.Error("the new certificate is forgotten")
	}
	if !g.dir.adminConsented(multiApp, fabrikamID) {
		t.Error("the admin's consent is forgotten")
	}
	if err := g.dir.RevokeTokens(anna); err != nil {
		t.Fatal(err)
	}

	h := g.again(m, Options{})
	h.token(contosoID, refreshForm(b.RefreshToken)).wantError(t, 50173, "invalid_grant")
	if _, err := h.server.Verify(b.AccessToken); err == nil {
		t.Error("an access token that was revoked is good after a restart")
	}
}

func TestRestoreOneTimeTokens(t *testing.T) {
	m := &memory{records: map[string][]byte{}}
	f := newFixture(t, Options{OneTimeRefreshTokens: true})
	if err := f.server.Restore(m); err != nil {
		t.Fatal(err)
	}
	a := f.tokens(contosoID, redeem(f.code(request())))
	b := f.tokens(contosoID, refreshForm(a.RefreshToken))
	g := f.again(m, Options{OneTimeRefreshTokens: true})
	g.token(contosoID, refreshForm(a.RefreshToken)).wantError(t, 54005, "invalid_grant")
	g.tokens(contosoID, refreshForm(b.RefreshToken))
}

// TestRestoreWhatIsDamaged: the error names the record and quotes no secret.
func TestRestoreWhatIsDamaged(t *testing.T) {
	for _, key := range []string{keepKey, keepRefresh + "Canary-Token", keepUser + anna, keepApp + webApp, keepConsent + "a b", keepVoid + anna} {
		f := newFixture(t, Options{})
		err := f.server.Restore(&memory{records: map[string][]byte{key: []byte(`"Canary-Value`)}})
		if err == nil || strings.Contains(err.Error(), "Canary") {
			t.Errorf("%s: %v", strings.Fields(key)[0], err)
		}
	}
}

package entra

import "testing"

// Policies, their removal, and what a refresh token knows of its sign-in
// outlive the process.
func TestRestorePolicies(t *testing.T) {
	m := &memory{records: map[string][]byte{}}
	f := newFixture(t, Options{})
	if err := f.server.Restore(m); err != nil {
		t.Fatal(err)
	}
	const c1 = `{"access_token":{"acrs":{"essential":true,"value":"c1"}}}`
	a := f.tokens(contosoID, redeem(f.code(request("claims", c1))))
	f.setPolicy(Policy{Name: "block", Control: Block})
	f.setPolicy(Policy{Name: "no device code", Control: BlockDeviceCode, Users: []string{anna}})
	if err := f.dir.SetUserConsent(contosoID, false); err != nil {
		t.Fatal(err)
	}

	g := f.again(m, Options{})
	g.token(contosoID, refreshForm(a.RefreshToken)).wantError(t, 53003, "invalid_grant")
	if u, _ := g.dir.User(anna); g.dir.mayConsent(u) {
		t.Error("users may consent again")
	}
	if err := g.dir.RemovePolicy("block"); err != nil {
		t.Fatal(err)
	}

	h := g.again(m, Options{})
	h.tokens(contosoID, refreshForm(a.RefreshToken, "claims", c1))
	if err := h.dir.RemovePolicy("no device code"); err != nil {
		t.Error(err)
	}
}

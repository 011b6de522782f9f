package entra

import (
	"context"
	"errors"
	"testing"
)

// What an admin, or time, puts in the way of an account or an application, and
// how it is cleared away.
func TestObstacles(t *testing.T) {
	for name, tc := range map[string]struct {
		code       string // on the page
		renewal    int    // 0 where renewals go on
		oauth      string
		put, clear func(*Directory) error
	}{
		"locked": {"AADSTS50053", 0, "", func(d *Directory) error { return d.LockUser(anna, true) }, func(d *Directory) error { return d.LockUser(anna, false) }},
		"password expired": {"AADSTS50055", 0, "", func(d *Directory) error { return d.ExpirePassword(anna) },
			func(d *Directory) error { return d.ResetPassword(anna, annaPassword) }},
		"application disabled": {"AADSTS7000112", 7000112, "unauthorized_client", func(d *Directory) error { return d.EnableApplication(publicApp, false) },
			func(d *Directory) error { return d.EnableApplication(publicApp, true) }},
		"not assigned": {"AADSTS50105", 50105, "invalid_grant", func(d *Directory) error { return d.Assign(publicApp, []string{boris}) },
			func(d *Directory) error { return d.Assign(publicApp, []string{boris, anna}) }},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, Options{})
			a := f.annasTokens()
			if err := tc.put(f.dir); err != nil {
				t.Fatal(err)
			}
			_, err := SignIn(context.Background(), f.client, f.authorizeURL(contosoID, request()), anna, annaPassword, true)
			var pe *PageError
			if !errors.As(err, &pe) || pe.Code() != tc.code {
				t.Errorf("the page: %v, want %s", err, tc.code)
			}
			if renewed := f.token(contosoID, refreshForm(a.RefreshToken)); tc.renewal != 0 {
				renewed.wantError(t, tc.renewal, tc.oauth)
			} else if renewed.AccessToken == "" {
				t.Errorf("the renewal: %s", renewed.Description)
			}
			if err := tc.clear(f.dir); err != nil {
				t.Fatal(err)
			}
			f.annasTokens()
		})
	}
	f := newFixture(t, Options{})
	if f.dir.LockUser("nobody@contoso.example", true) == nil || f.dir.Assign("nothing", nil) == nil {
		t.Error("obstacles for nobody")
	}
	if err := f.dir.EnableApplication(daemonApp, false); err != nil {
		t.Fatal(err)
	}
	f.token(contosoID, appForm("client_secret", string(webSecret))).wantError(t, 7000112, "unauthorized_client")
	bare, err := f.dir.AddApplication(Application{Name: "bare", Tenant: contosoID})
	if err != nil {
		t.Fatal(err)
	}
	_, err = SignIn(context.Background(), f.client, f.authorizeURL(contosoID, request("client_id", bare.ClientID)), anna, annaPassword, true)
	var pe *PageError
	if !errors.As(err, &pe) || pe.Code() != "AADSTS500113" {
		t.Errorf("without a redirect URI: %v", err)
	}
	f.token("nonsense", appForm("client_secret", string(webSecret))).wantError(t, 900023, "invalid_request")
}

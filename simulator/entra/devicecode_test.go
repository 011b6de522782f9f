package entra

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"
)

const deviceApp = "aaaaaaaa-0000-4000-8000-0000000000d1"

// deviceFixture has one more application, which may use device codes.
func deviceFixture(t *testing.T, opts Options) *fixture {
	t.Helper()
	f := newFixture(t, opts)
	_, err := f.dir.AddApplication(Application{
		ClientID: deviceApp, Name: "CRM on a server", Tenant: contosoID, MultiTenant: true, AllowPublicClient: true,
		Delegated: []Permission{{exchange, "EWS.AccessAsUser.All"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// postJSON posts a form and decodes the answer, whichever it is.
func (f *fixture) postJSON(address string, form url.Values, into any) int {
	f.t.Helper()
	resp, err := f.client.PostForm(address, form)
	if err != nil {
		f.t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		f.t.Fatalf("HTTP %d without JSON: %v", resp.StatusCode, err)
	}
	return resp.StatusCode
}

func (f *fixture) deviceCode(tenant, clientID string) deviceAnswer {
	f.t.Helper()
	var a deviceAnswer
	if status := f.postJSON(f.url(tenant, "/oauth2/v2.0/devicecode"), url.Values{"client_id": {clientID}, "scope": {allScope}}, &a); status != http.StatusOK {
		f.t.Fatalf("HTTP %d", status)
	}
	return a
}

func (f *fixture) poll(tenant, clientID string, a deviceAnswer, pairs ...string) answer {
	f.t.Helper()
	return f.token(tenant, with(url.Values{"grant_type": {deviceGrantType}, "client_id": {clientID}, "device_code": {a.DeviceCode}}, pairs...))
}

func (f *fixture) signInDevice(a deviceAnswer, account string, password Secret, consent bool) error {
	return SignInDevice(context.Background(), f.client, a.VerificationURI, a.UserCode, account, password, consent)
}

func TestDeviceCode(t *testing.T) {
	for _, tenant := range []string{contosoID, "contoso.example", "organizations"} {
		t.Run(tenant, func(t *testing.T) {
			f := deviceFixture(t, Options{})
			a := f.deviceCode(tenant, deviceApp)
			if !regexp.MustCompile(`^[B-Z]{9}$`).MatchString(a.UserCode) || a.ExpiresIn != 900 || a.Interval != 5 || !strings.Contains(a.Message, a.UserCode) {
				t.Errorf("answer %+v", a)
			}
			f.poll(tenant, deviceApp, a).wantError(t, 70016, "authorization_pending")
			// As people type it.
			typed := a
			typed.UserCode = strings.ToLower(a.UserCode[:4] + "-" + a.UserCode[4:])
			if err := f.signInDevice(typed, anna, annaPassword, true); err != nil {
				t.Fatal(err)
			}
			got := f.poll(tenant, deviceApp, a)
			if got.status != http.StatusOK {
				t.Fatalf("HTTP %d: %s", got.status, got.Description)
			}
			if c := f.verify(got.AccessToken); c.UPN != anna || c.Audience != exchange || !c.HasScope("EWS.AccessAsUser.All") || c.AppID != deviceApp {
				t.Errorf("claims %+v", c)
			}
			if got.RefreshToken == "" || got.IDToken == "" {
				t.Error("no refresh token or no id token")
			}
			f.poll(tenant, deviceApp, a).wantError(t, 54005, "invalid_grant")
			f.tokens(tenant, url.Values{"grant_type": {"refresh_token"}, "client_id": {deviceApp}, "refresh_token": {got.RefreshToken}, "scope": {ews}})

			// Consent has been given, but the user is asked whose program it is.
			b := f.deviceCode(tenant, deviceApp)
			if err := f.signInDevice(b, anna, annaPassword, false); err != nil {
				t.Fatal(err)
			}
			f.poll(tenant, deviceApp, b).wantError(t, 65004, "authorization_declined")
		})
	}
}

func TestDeviceCodeRefusals(t *testing.T) {
	f := deviceFixture(t, Options{})
	a := f.deviceCode(contosoID, deviceApp)

	f.poll(contosoID, deviceApp, a, "device_code", "").wantError(t, 900144, "invalid_request")
	f.poll(contosoID, deviceApp, a, "device_code", "nonsense").wantError(t, 70018, "bad_verification_code")
	f.poll(fabrikamID, deviceApp, a).wantError(t, 70018, "bad_verification_code")
	f.poll(contosoID, deviceApp, a, "client_secret", "guessed").wantError(t, 7000215, "invalid_client")

	for _, c := range []struct {
		pairs  []string
		aadsts int
	}{
		{[]string{"client_id", ""}, 900144},
		{[]string{"scope", ""}, 900144},
		{[]string{"client_id", newUUID()}, 700016},
		{[]string{"scope", "https://nowhere.example/x"}, 500011},
		{[]string{"scope", exchange + "/SMTP.Send"}, 70011},
	} {
		var got answer
		f.postJSON(f.url(contosoID, "/oauth2/v2.0/devicecode"), with(url.Values{"client_id": {deviceApp}, "scope": {allScope}}, c.pairs...), &got)
		if len(got.Codes) != 1 || got.Codes[0] != c.aadsts || got.TraceID == "" || got.CorrelationID == "" || got.Timestamp == "" {
			t.Errorf("%v: %+v, want AADSTS%d", c.pairs, got, c.aadsts)
		}
	}

	// An application that is not registered as a public client may have a code,
	// but not redeem it without its secret.
	notPublic := f.deviceCode(contosoID, publicApp)
	f.poll(contosoID, publicApp, notPublic).wantError(t, 7000218, "invalid_client")
	withSecret := f.deviceCode(contosoID, webApp)
	f.poll(contosoID, webApp, withSecret, "client_secret", string(webSecret)).wantError(t, 70016, "authorization_pending")

	var pe *PageError
	wrong := a
	wrong.UserCode = "BBBBBBBBB"
	if err := f.signInDevice(wrong, anna, annaPassword, true); !errors.As(err, &pe) || pe.Code() != "AADSTS70018" {
		t.Errorf("a wrong code: %v", err)
	}
	if err := f.signInDevice(a, anna, "wrong", true); !errors.As(err, &pe) || pe.Code() != "AADSTS50126" {
		t.Errorf("a wrong password: %v", err)
	}

	f.clock.advance(deviceLifetime)
	f.poll(contosoID, deviceApp, a).wantError(t, 70020, "expired_token")
	if err := f.signInDevice(a, anna, annaPassword, true); !errors.As(err, &pe) || pe.Code() != "AADSTS70018" {
		t.Errorf("an expired code: %v", err)
	}
}

func TestDeviceCodeSlowDown(t *testing.T) {
	f := deviceFixture(t, Options{SlowDown: true})
	a := f.deviceCode(contosoID, deviceApp)
	f.poll(contosoID, deviceApp, a).wantError(t, 70016, "authorization_pending")
	f.clock.advance(4 * time.Second)
	f.poll(contosoID, deviceApp, a).wantError(t, 70016, "slow_down")
	f.clock.advance(9 * time.Second)
	f.poll(contosoID, deviceApp, a).wantError(t, 70016, "slow_down")
	f.clock.advance(15 * time.Second)
	f.poll(contosoID, deviceApp, a).wantError(t, 70016, "authorization_pending")
}

// A user who was disabled, or signed out everywhere, between saying yes and the
// next poll.
func TestDeviceCodeRevokedInBetween(t *testing.T) {
	f := deviceFixture(t, Options{})
	a := f.deviceCode(contosoID, deviceApp)
	if err := f.signInDevice(a, anna, annaPassword, true); err != nil {
		t.Fatal(err)
	}
	if err := f.dir.RevokeSessions(anna); err != nil {
		t.Fatal(err)
	}
	f.poll(contosoID, deviceApp, a).wantError(t, 50173, "invalid_grant")
}

func TestMSALDeviceCode(t *testing.T) {
	ctx := context.Background()
	f := deviceFixture(t, Options{Now: time.Now})
	client, err := public.New(deviceApp, public.WithAuthority(f.url(contosoID, "")), public.WithInstanceDiscovery(false), public.WithHTTPClient(f.client))
	if err != nil {
		t.Fatal(err)
	}
	dc, err := client.AcquireTokenByDeviceCode(ctx, []string{ews})
	if err != nil {
		t.Fatal(err)
	}
	if err := SignInDevice(ctx, f.client, dc.Result.VerificationURL, dc.Result.UserCode, anna, annaPassword, true); err != nil {
		t.Fatal(err)
	}
	res, err := dc.AuthenticationResult(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if c := f.verify(res.AccessToken); c.UPN != anna || c.Audience != exchange {
		t.Errorf("claims %+v", c)
	}
}

package entra

import (
	"context"
	"encoding/base64"
	"io"
	"net/url"
	"strings"
	"testing"
)

// Nothing secret comes out in the log, in an error or on a page, whatever goes
// wrong.
func TestNoSecretComesOut(t *testing.T) {
	f := newFixture(t, Options{})
	var seen strings.Builder
	note := func(err error) {
		if err != nil {
			seen.WriteString(err.Error() + "\n")
		}
	}
	code := f.code(request())
	a := f.tokens(contosoID, redeem(code))
	app := f.tokens(contosoID, appForm("client_secret", string(webSecret)))
	for _, form := range []url.Values{
		redeem(code), redeem(code, "code_verifier", "x"), refreshForm(a.RefreshToken, "scope", "x"), refreshForm(a.RefreshToken, "client_id", multiApp),
		appForm("client_secret", string(expiredSecret)), appForm("client_secret", string(webSecret), "scope", "x"),
		redeem(code, "client_secret", string(webSecret)),
	} {
		note(&Error{Message: f.token(contosoID, form).Description})
	}
	for _, pw := range []Secret{annaPassword + "x", annaPassword} {
		_, err := SignIn(context.Background(), f.client, f.authorizeURL(contosoID, request("client_id", newUUID())), anna, pw, true)
		note(err)
		_, err = SignIn(context.Background(), f.client, f.authorizeURL(contosoID, request()), anna, pw+"y", true)
		note(err)
	}
	b := f.browse()
	pg, _ := get(t, b, f.authorizeURL(contosoID, request()))
	resp, err := b.PostForm(f.http.URL+pg.form("account").action, with(pg.form("account").values("sign-in"), "account", anna, "password", string(annaPassword)+"z"))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	seen.Write(body)
	f.http.Close() // so that nobody writes to the log any more
	seen.WriteString(f.log.String())

	text := seen.String()
	if !strings.Contains(text, "AADSTS50126") || !strings.Contains(text, "token issued") {
		t.Fatal("the test looks at the wrong text")
	}
	for name, secret := range map[string]string{
		"password": string(annaPassword), "secret": string(webSecret), "old secret": string(expiredSecret), "code": code,
		"refresh token": a.RefreshToken, "access token": a.AccessToken, "id token": a.IDToken, "app token": app.AccessToken, "verifier": verifier,
	} {
		for _, form := range []string{secret, url.QueryEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret))} {
			if strings.Contains(text, form) {
				t.Errorf("the %s came out", name)
			}
		}
	}
}

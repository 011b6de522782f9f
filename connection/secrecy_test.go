package connection

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/exconn/exconn/mailbox"
)

// forms are the ways in which a secret could show up.
func forms(secret string) []string {
	return []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret)),
		base64.RawURLEncoding.EncodeToString([]byte(secret)), fmt.Sprintf("%x", secret), strings.Trim(fmt.Sprint([]byte(secret)), "[]"),
		strings.Trim(fmt.Sprintf("%#v", []byte(secret)), "[]byte{}"),
	}
}

// No secret is in the database file, in a log, an error, or a printed value.
func TestSecretsStaySecret(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	ntlm, kerberos := w.basic("ntlm"), w.basic("kerberos")
	ntlm.Profile.Login = &Login{Kind: NTLM, Username: annaUPN}
	kerberos.Profile.Login = &Login{Kind: Kerberos, Username: annaUPN, Krb5Conf: filepath.Join(t.TempDir(), "missing")}
	drafts := []Draft{w.basic("basic"), ntlm, kerberos, w.app("app"), w.pkce("person", "contoso.example")}
	var printed strings.Builder
	say := func(values ...any) {
		for _, v := range values {
			fmt.Fprintf(&printed, "%v\n%+v\n%#v\n%s\n", v, v, v, v)
			out, err := json.Marshal(v)
			fmt.Fprintf(&printed, "%s %v\n", out, err)
			slog.New(slog.NewJSONHandler(&printed, nil)).Info("x", "v", v)
		}
	}
	for _, d := range drafts {
		say(d, &d, d.Secrets)
		say(f.create(t, d))
	}
	s, err := f.BeginSignIn(t.Context(), "person", SignInOptions{})
	if err != nil {
		t.Fatal(err)
	}
	say(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.signIn(t, f.Book, "person", annaUPN, true); err != nil {
		t.Fatal(err)
	}
	for _, refusing := range []bool{false, true} {
		w.refuse(refusing)
		for _, d := range drafts {
			c := f.open(t, d.Profile.Name)
			checks, err := c.Test(t.Context(), annaUPN)
			say(checks, err, c, c.own, c.own.signer, c.link, c.link.login, c.link.windows, c.link.tickets, list(t, c, annaUPN))
			if err != nil {
				say(mailbox.Hint(err))
			}
			m, err := c.Mailbox(t.Context(), annaUPN)
			say(m, err)
		}
	}
	say(f.Book)
	list, err := f.List(t.Context())
	say(list, err)

	secrets := []string{basicPass, appSecret, annaPassword}
	w.mu.Lock()
	secrets = append(secrets, w.tokens...)
	w.mu.Unlock()
	if len(secrets) < 6 {
		t.Errorf("only %d secrets were in play, so the search proves little", len(secrets))
	}
	file, err := os.ReadFile(f.inner.Path())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(file), "contoso.example") {
		t.Error("the database does not hold the profiles in the clear, so the search proves little")
	}
	for where, text := range map[string]string{"the database": string(file), "the log": f.log.String(), "what was printed": printed.String()} {
		for _, secret := range secrets {
			for _, form := range forms(secret) {
				if strings.Contains(text, form) {
					t.Errorf("%s holds %q", where, form)
				}
			}
		}
		for _, part := range []string{"CANARY", "refresh_token", "RefreshToken", "PRIVATE KEY"} {
			if strings.Contains(text, part) {
				t.Errorf("%s holds %q", where, part)
			}
		}
	}
}

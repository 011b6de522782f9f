package httpauth

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/exconn/exconn/internal/gsstest"
)

const curl = "/usr/bin/curl"

// curl lets curl make a request twice, and returns what it says of each: status,
// connections made, user, mechanism, body.
func (s *site) curl(t *testing.T, env []string, args ...string) []string {
	t.Helper()
	if _, err := os.Stat(curl); err != nil {
		gsstest.Need(t, "curl is missing")
	}
	const format = ` %{http_code} %{num_connects} %header{x-user} %header{x-mechanism}\n`
	each := append([]string{"-s", "-k", "-w", format}, args...)
	cmd := exec.Command(curl, append(append(slices.Clone(each), "--next"), each...)...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("curl: %v %s", err, out)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// curl's own NTLM, which speaks OEM and knows no channel binding, begins with a
// request without its body. The second request goes over the connection of the
// first.
func TestCurlNTLM(t *testing.T) {
	s := serve(t, true, nil)
	long := strings.Repeat("body", 100_000)
	file := filepath.Join(t.TempDir(), "long")
	if err := os.WriteFile(file, []byte(long), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, user := range []string{`CONTOSO\ben`, `contoso.example\Ben`, "ben@contoso.example", "ben"} {
		for _, c := range []struct {
			sent string
			args []string
		}{{"", nil}, {"body", []string{"-d", "body"}}, {long, []string{"-d", "@" + file}}} {
			got := s.curl(t, nil, append(c.args, "--ntlm", "-u", user+":"+passwords["ben"], s.URL)...)
			want := []string{c.sent + " 200 1 ben@contoso.example NTLM", c.sent + " 200 0 ben@contoso.example NTLM"}
			if !slices.Equal(trim(got), trim(want)) || s.seen() != "" {
				t.Errorf("%s, %d bytes: %q, refused with %q", user, len(c.sent), []string{tail(got[0]), tail(got[1])}, s.seen())
			}
		}
	}
	for user, reason := range map[string]string{
		"ben:wrong": "password of ben@contoso.example is wrong", "nobody:x": `nobody is called "nobody"`,
		`OTHER\ben:` + passwords["ben"]: `nobody is called "ben" of domain "OTHER"`,
	} {
		got := s.curl(t, nil, "--ntlm", "-u", user, s.URL)
		if !strings.HasPrefix(strings.TrimSpace(got[0]), "401 ") || !strings.Contains(s.seen(), reason) {
			t.Errorf("%s: %q", user, got)
		}
	}
}

func trim(lines []string) []string {
	out := slices.Clone(lines)
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	return out
}

// Extended Protection keeps out a client that knows no channel binding.
func TestCurlNTLMAndExtendedProtection(t *testing.T) {
	for protection, status := range map[Protection]string{ProtectionNone: "200", ProtectionAllow: "200", ProtectionRequire: "401"} {
		s := serve(t, true, func(o *Options) { o.Protection = protection })
		got := s.curl(t, nil, "--ntlm", "-u", "ben:"+passwords["ben"], s.URL)
		if !strings.HasPrefix(strings.TrimSpace(got[0]), status) {
			t.Errorf("%s: %q", protection, got)
		}
		if told := s.seen(); (status == "401") != strings.Contains(told, "bound its sign-in to no TLS connection") {
			t.Errorf("%s: refused with %q", protection, told)
		}
	}
}

func TestCurlBasic(t *testing.T) {
	s := serve(t, true, nil)
	for _, user := range []string{`CONTOSO\anna`, "anna@contoso.example", "anna"} {
		got := s.curl(t, nil, "--basic", "-u", user+":"+passwords["anna"], s.URL)
		if !slices.Equal(trim(got), []string{"200 1 anna@contoso.example Basic", "200 0 anna@contoso.example Basic"}) {
			t.Errorf("%s: %q", user, got)
		}
	}
	if got := s.curl(t, nil, "--basic", "-u", "anna:wrong", s.URL); !strings.HasPrefix(strings.TrimSpace(got[0]), "401") {
		t.Errorf("a wrong password: %q", got)
	}
}

// curl's Negotiate is MIT's GSSAPI: SPNEGO with Kerberos, and with mutual
// authentication.
func TestCurlKerberos(t *testing.T) {
	k := startKDC(t)
	keytab, err := ReadKeytab(k.ServiceKeys)
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, true, func(o *Options) { o.Keytab = keytab })
	env := append(k.Env(), "KRB5CCNAME="+k.Kinit(t))
	url := "https://example.com:" + s.port(t)
	got := s.curl(t, env, "--resolve", "example.com:"+s.port(t)+":127.0.0.1", "--negotiate", "-u", ":", "-d", "body", url)
	if len(got) != 2 || !strings.Contains(got[0], "200 1 anna@contoso.example Kerberos") || !strings.Contains(got[1], "200 0 anna@contoso.example Kerberos") {
		t.Errorf("%q; refused with %q", got, s.seen())
	}
}

func tail(s string) string { return s[max(0, len(s)-60):] }

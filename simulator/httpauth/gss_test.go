package httpauth

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/exconn/exconn/internal/gsstest"
)

// initiator is what testdata/initiator.py is told.
type initiator struct {
	Port        int      `json:"port"`
	Scheme      Scheme   `json:"scheme"`
	Mechs       []string `json:"mechs"`
	User        string   `json:"user"`
	Password    string   `json:"password"`
	Service     string   `json:"service"`
	Application []byte   `json:"application"`
	Methods     []string `json:"methods"`
	Mutual      bool     `json:"mutual"`
}

// answer is what it tells of each answer.
type answer struct {
	Status    int    `json:"status"`
	Challenge string `json:"challenge"`
	User      string `json:"user"`
	Mechanism string `json:"mechanism"`
	Body      string `json:"body"`
	Complete  bool   `json:"complete"`
}

// initiate signs in by the system's GSSAPI. The last answer tells whether the
// client is content.
func (s *site) initiate(t *testing.T, i initiator, env ...string) []answer {
	t.Helper()
	if out, err := exec.Command("/usr/bin/python3", "-c", "import gssapi").CombinedOutput(); err != nil {
		gsstest.Need(t, "python3-gssapi is missing: "+string(out))
	}
	if plugins, _ := filepath.Glob("/usr/lib/*/gssntlmssp/gssntlmssp.so"); len(plugins) == 0 {
		gsstest.Need(t, "gss-ntlmssp is missing")
	}
	var err error
	if i.Port, err = strconv.Atoi(s.port(t)); err != nil {
		t.Fatal(err)
	}
	if i.Service == "" {
		i.Service = "HTTP@example.com"
	}
	if i.Methods == nil {
		i.Methods = []string{"POST", "POST", "POST", "POST"}
	}
	argument, err := json.Marshal(i)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/usr/bin/python3", "testdata/initiator.py", string(argument))
	cmd.Env = append(os.Environ(), env...)
	var told strings.Builder
	cmd.Stderr = &told
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the initiator: %v\n%s%s\nrefused with %q", err, out, told.String(), s.seen())
	}
	var answers []answer
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var a answer
		if err := d.Decode(&a); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, a)
	}
	return answers
}

func statuses(answers []answer) string {
	var list []string
	for _, a := range answers {
		if a.Status != 0 {
			list = append(list, strconv.Itoa(a.Status))
		}
	}
	return strings.Join(list, " ")
}

// gss-ntlmssp is the NTLM of FreeIPA's and Samba's people: Unicode, a MIC,
// exchanged keys, channel bindings, and SPNEGO by MIT around it.
func TestGSSNTLM(t *testing.T) {
	s := serve(t, true, func(o *Options) { o.Protection = ProtectionRequire })
	good := initiator{Scheme: NTLM, Mechs: []string{"ntlm"}, User: `CONTOSO\anna`, Password: passwords["anna"], Application: s.endPoint()}
	for _, c := range []struct {
		name   string
		change func(*initiator)
		want   string
		reason string
	}{
		{"NTLM", func(*initiator) {}, "401 200 200 200", ""},
		{"a GET first", func(i *initiator) { i.Methods = []string{"GET", "POST", "GET", "POST"} }, "401 200 200 200", ""},
		{"raw in Negotiate", func(i *initiator) { i.Scheme = Negotiate }, "401 200 200 200", ""},
		{"SPNEGO", func(i *initiator) { i.Scheme, i.Mechs = Negotiate, []string{"spnego", "ntlm"} }, "401 200 200 200", ""},
		{"SPNEGO, two methods", func(i *initiator) {
			i.Scheme, i.Mechs, i.Methods = Negotiate, []string{"spnego", "ntlm"}, []string{"GET", "POST"}
		}, "401 200", ""},
		{"wrong password", func(i *initiator) { i.Password = "wrong" }, "401 401", "password of anna@contoso.example is wrong"},
		{"no binding", func(i *initiator) { i.Application = nil }, "401 401", "to no TLS connection"},
		{"another binding", func(i *initiator) { i.Application = append([]byte("x"), i.Application...) }, "401 401", "another TLS connection"},
	} {
		i := good
		c.change(&i)
		got := s.initiate(t, i)
		reason := s.seen()
		if statuses(got) != c.want || (c.reason == "") != (reason == "") || !strings.Contains(reason, c.reason) {
			t.Errorf("%s: %s, refused with %q; %+v", c.name, statuses(got), reason, got)
			continue
		}
		last := got[len(got)-2]
		if last.Status == 200 && (last.User != "anna@contoso.example" || last.Mechanism != "NTLM" || !got[len(got)-1].Complete) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func TestGSSKerberos(t *testing.T) {
	k := startKDC(t)
	keytab, err := ReadKeytab(k.ServiceKeys)
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, true, func(o *Options) { o.Protection, o.Keytab = ProtectionRequire, keytab })
	env := append(k.Env(), "KRB5CCNAME="+k.Kinit(t))
	good := initiator{Scheme: Negotiate, Mechs: []string{"spnego", "krb5"}, Application: s.endPoint(), Methods: []string{"POST"}}
	for _, c := range []struct {
		name   string
		change func(*initiator)
		want   string
		reason string
	}{
		{"SPNEGO", func(*initiator) {}, "200", ""},
		{"mutual", func(i *initiator) { i.Mutual = true }, "200", ""},
		{"without SPNEGO", func(i *initiator) { i.Mechs, i.Mutual = []string{"krb5"}, true }, "200", ""},
		{"each request anew", func(i *initiator) { i.Methods = []string{"POST", "POST"} }, "200 401", ""},
		{"no binding", func(i *initiator) { i.Application = nil }, "401", "to no TLS connection"},
		{"another binding", func(i *initiator) { i.Application = append([]byte("x"), i.Application...) }, "401", "another TLS connection"},
	} {
		i := good
		c.change(&i)
		got := s.initiate(t, i, env...)
		reason := s.seen()
		if statuses(got) != c.want || (c.reason == "") != (reason == "") || !strings.Contains(reason, c.reason) {
			t.Errorf("%s: %s, refused with %q; %+v", c.name, statuses(got), reason, got)
			continue
		}
		if first := got[0]; first.Status == 200 && (first.User != "anna@contoso.example" || first.Mechanism != "Kerberos" || !got[len(got)-1].Complete) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// A client that prefers Kerberos, where there is none, has to prove that nobody
// has taken it off its list.
func TestGSSNTLMAsSecondChoice(t *testing.T) {
	k := startKDC(t)
	s := serve(t, true, func(o *Options) {
		o.Accounts = func(user, _ string) (Account, bool) {
			return Account{Name: user, Password: gsstest.Password}, strings.HasPrefix(user, "anna")
		}
	})
	i := initiator{Scheme: Negotiate, Mechs: []string{"spnego"}, User: gsstest.User, Password: gsstest.Password, Application: s.endPoint()}
	got := s.initiate(t, i, k.Env()...)
	// Kerberos, NTLM's first leg, its second with the signed list.
	if statuses(got) != "401 401 200 200" || got[2].Mechanism != "NTLM" || !got[len(got)-1].Complete {
		t.Errorf("%s, refused with %q; %+v", statuses(got), s.seen(), got)
	}
}

// What a ticket needs beside being good.
func TestKerberosRefused(t *testing.T) {
	k := startKDC(t)
	env := append(k.Env(), "KRB5CCNAME="+k.Kinit(t))
	i := initiator{Scheme: Negotiate, Mechs: []string{"spnego", "krb5"}, Methods: []string{"POST"}}
	for _, c := range []struct {
		name   string
		keytab string
		change func(*Options)
		reason string
	}{
		{"keys of somebody else", k.UserKeys, func(*Options) {}, "matching key not found"},
		{"nobody's account", k.ServiceKeys, func(o *Options) {
			o.Accounts = func(string, string) (Account, bool) { return Account{}, false }
		}, "anna@EXCONN.TEST has no account here"},
	} {
		keytab, err := ReadKeytab(c.keytab)
		if err != nil {
			t.Fatal(err)
		}
		s := serve(t, true, func(o *Options) {
			o.Keytab = keytab
			c.change(o)
		})
		got := s.initiate(t, i, env...)
		if reason := s.seen(); statuses(got) != "401" || !strings.Contains(reason, c.reason) {
			t.Errorf("%s: %s, refused with %q", c.name, statuses(got), reason)
		}
	}
}

package connection

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

func TestValidDrafts(t *testing.T) {
	f := newFixture(t)
	for _, d := range []Draft{basicDraft("basic"), pkceDraft("pkce"), secretDraft("secret"), certificateDraft(t, "certificate")} {
		if err := d.Validate(); err != nil {
			t.Errorf("Validate: %v", err)
		}
		f.create(t, d)
	}
}

// Each case breaks one thing in a valid draft; the message must name the
// field, what was given, and what is allowed.
func TestValidation(t *testing.T) {
	type breaking func(*Draft)
	emptyFile := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(emptyFile, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	url := func(u string) breaking { return func(d *Draft) { d.Profile.EWSURL = u } }
	profile := func(f func(*Profile)) breaking { return func(d *Draft) { f(&d.Profile) } }
	auth := func(f func(*Auth)) breaking { return func(d *Draft) { f(d.Auth) } }
	for _, c := range []struct {
		name  string
		draft Draft
		how   breaking
		field string
		parts []string
	}{
		{"no name", basicDraft(""), nil, "name", []string{"is missing", "1 to 64"}},
		{"bad name", basicDraft("a/b"), nil, "name", []string{`"a/b"`, "letters a to z"}},
		{"long name", basicDraft(strings.Repeat("x", 65)), nil, "name", []string{"1 to 64"}},
		{"name with dash first", basicDraft("-x"), nil, "name", []string{"beginning with a letter or digit"}},
		{"no type", basicDraft("x"), profile(func(p *Profile) { p.ExchangeType = "" }), "exchange_type", []string{"is missing", "online, server"}},
		{"unknown type", basicDraft("x"), profile(func(p *Profile) { p.ExchangeType = "hybrid" }), "exchange_type", []string{`"hybrid"`, "online, server"}},
		{"unknown impersonation", basicDraft("x"), profile(func(p *Profile) { p.Impersonation = "perhaps" }), "impersonation", []string{`"perhaps"`, "auto, always, never"}},
		{"no URL", basicDraft("x"), url(""), "ews_url", []string{"is missing", "https://mail.example.com/EWS/Exchange.asmx"}},
		{"no scheme", basicDraft("x"), url("mail.example.com"), "ews_url", []string{`"mail.example.com"`, "https://mail.example.com/EWS"}},
		{"bad URL", basicDraft("x"), url("https://[::1/EWS"), "ews_url", []string{"is not a URL"}},
		{"plain http", basicDraft("x"), url("http://mail.example.com/EWS/Exchange.asmx"), "ews_url", []string{`"http://mail.example.com`, "must begin with https://", "in the clear"}},
		{"http to a name like loopback", basicDraft("x"), url("http://localhost.example.com/EWS"), "ews_url", []string{"must begin with https://"}},
		{"ftp", basicDraft("x"), url("ftp://mail.example.com/EWS"), "ews_url", []string{"must begin with https://"}},
		{"no host", basicDraft("x"), url("https:///EWS/Exchange.asmx"), "ews_url", []string{"has no host"}},
		{"bad port", basicDraft("x"), url("https://mail.example.com:99999/EWS"), "ews_url", []string{"has no proper port"}},
		{"no path", basicDraft("x"), url("https://mail.example.com:444"), "ews_url", []string{"https://mail.example.com:444/EWS/Exchange.asmx"}},
		{"query", basicDraft("x"), url("https://mail.example.com/EWS?wsdl"), "ews_url", []string{"query"}},
		{"password in URL", basicDraft("x"), url("https://anna:CANARY@mail.example.com/EWS"), "ews_url", []string{"https://…@mail.example.com/EWS", "user name or password"}},
		{"no proof", basicDraft("x"), profile(func(p *Profile) { p.Login = nil }), "client_id", []string{"is missing", "username"}},
		{"no proof online", pkceDraft("x"), func(d *Draft) { d.Auth = nil }, "client_id", []string{"Application (client) ID"}},
		{"both proofs", basicDraft("x"), func(d *Draft) { d.Auth = &Auth{ClientID: "app"} }, "username", []string{"not both"}},
		{"basic online", basicDraft("x"), profile(func(p *Profile) { p.ExchangeType, p.EWSURL = Online, "" }), "username", []string{"Exchange Online does not accept"}},
		{"unknown login", basicDraft("x"), profile(func(p *Profile) { p.Login.Kind = "digest" }), "login", []string{`"digest"`, "allowed are basic, ntlm, kerberos"}},
		{"keytab for ntlm", loginDraft(NTLM), profile(func(p *Profile) { p.Login.KeytabFile = "/k" }), "keytab_file", []string{`"/k"`, "Kerberos alone"}},
		{"service for basic", loginDraft(Basic), profile(func(p *Profile) { p.Login.SPN = "HTTP/a" }), "spn", []string{`"HTTP/a"`, "Kerberos alone"}},
		{"DOMAIN\\user for kerberos", loginDraft(Kerberos), profile(func(p *Profile) { p.Login.Username = `CORP\svc` }), "username", []string{`CORP\\svc`, "user@REALM"}},
		{"no user for kerberos", loginDraft(Kerberos), profile(func(p *Profile) { p.Login.Username = "" }), "username", []string{"is missing", "user@REALM"}},
		{"bad service", loginDraft(Kerberos), profile(func(p *Profile) { p.Login.SPN = "mail.example.com" }), "spn", []string{`"mail.example.com"`, "HTTP/mail.example.com"}},
		{"no proof for kerberos", loginDraft(Kerberos), func(d *Draft) { d.Secrets = Secrets{} }, "password", []string{"is missing", "without keytab_file and credential_cache needs it"}},
		{"password beside keytab", loginDraft(Kerberos), profile(func(p *Profile) { p.Login.KeytabFile = "/k" }), "password", []string{"no use for it"}},
		{"cache beside keytab", loginDraft(Kerberos), func(d *Draft) {
			d.Profile.Login.KeytabFile, d.Profile.Login.CredentialCache, d.Secrets = "/k", DefaultCache, Secrets{}
		}, "credential_cache", []string{"one of the two"}},
		{"no user", basicDraft("x"), profile(func(p *Profile) { p.Login.Username = ""; p.AllowMailboxes = []string{"*"} }), "username", []string{"is missing", `DOMAIN\anna`}},
		{"colon in user", basicDraft("x"), profile(func(p *Profile) { p.Login.Username = "a:b"; p.AllowMailboxes = []string{"*"} }), "username", []string{"colon"}},
		{"no password", basicDraft("x"), func(d *Draft) { d.Secrets = Secrets{} }, "password", []string{"is missing"}},
		{"secret beside login", basicDraft("x"), func(d *Draft) { d.Secrets.ClientSecret = oauth.Secret("CANARY") }, "client_secret", []string{"no use for it"}},
		{"fence needed by DOMAIN\\user", basicDraft("x"), profile(func(p *Profile) { p.Login.Username = `CORP\svc` }), "allow_mailboxes", []string{"is missing", "no mail address"}},
		{"fence needed by application", secretDraft("x"), profile(func(p *Profile) { p.AllowMailboxes = nil }), "allow_mailboxes", []string{"is missing", "no mailbox of its own"}},
		{"bad fence entry", basicDraft("x"), profile(func(p *Profile) { p.AllowMailboxes = []string{"exa mple.com"} }), "allow_mailboxes", []string{`"@exa mple.com"`, "allowed are addresses"}},
		{"wildcard in fence", basicDraft("x"), profile(func(p *Profile) { p.AllowMailboxes = []string{"*.example.com"} }), "allow_mailboxes", []string{"allowed are addresses"}},
		{"no client id", pkceDraft("x"), auth(func(a *Auth) { a.ClientID = "" }), "client_id", []string{"is missing", "Application (client) ID"}},
		{"bad client id", pkceDraft("x"), auth(func(a *Auth) { a.ClientID = "a b" }), "client_id", []string{"white space"}},
		{"unknown method", pkceDraft("x"), auth(func(a *Auth) { a.Method = "password" }), "method", []string{`"password"`, "pkce, web, device-code, client-secret, client-certificate"}},
		{"consumers", pkceDraft("x"), auth(func(a *Auth) { a.AccountType = "consumers" }), "account_type", []string{"no Exchange mailbox"}},
		{"bad account type", pkceDraft("x"), auth(func(a *Auth) { a.AccountType = "example.com/v2.0" }), "account_type", []string{"a tenant id or a domain"}},
		{"application in organizations", secretDraft("x"), auth(func(a *Auth) { a.AccountType = "organizations" }), "account_type", []string{"client-secret needs the tenant id"}},
		{"application in common", secretDraft("x"), auth(func(a *Auth) { a.AccountType = "Common" }), "account_type", []string{"client-secret needs the tenant id"}},
		{"application without tenant", secretDraft("x"), auth(func(a *Auth) { a.AccountType = "" }), "account_type", []string{"is missing", "client-secret needs the tenant id"}},
		{"authority of all tenants", secretDraft("x"), auth(func(a *Auth) { a.AuthorityURL = "https://login.microsoftonline.com/common" }), "authority_url", []string{"names no tenant"}},
		{"http authority", pkceDraft("x"), auth(func(a *Auth) { a.AuthorityURL = "http://login.example.com/t" }), "authority_url", []string{"must begin with https://"}},
		{"authority with v2.0", pkceDraft("x"), auth(func(a *Auth) { a.AuthorityURL = "https://login.example.com/t/v2.0" }), "authority_url", []string{"without /v2.0"}},
		{"authority without tenant", pkceDraft("x"), auth(func(a *Auth) { a.AuthorityURL = "https://login.example.com" }), "authority_url", []string{"lacks the tenant"}},
		{"authority with password", pkceDraft("x"), auth(func(a *Auth) { a.AuthorityURL = "https://u:CANARY@login.example.com/t" }), "authority_url", []string{"user name or password"}},
		{"no client secret", secretDraft("x"), func(d *Draft) { d.Secrets = Secrets{} }, "client_secret", []string{"is missing", "client-secret needs it"}},
		{"client secret of a line feed", secretDraft("x"), func(d *Draft) { d.Secrets.ClientSecret = oauth.Secret("\n") }, "client_secret", []string{"is missing"}},
		{"secret for pkce", pkceDraft("x"), func(d *Draft) { d.Secrets.ClientSecret = oauth.Secret("CANARY") }, "client_secret", []string{"method pkce has no use"}},
		{"no certificate", certificateDraft(t, "x"), func(d *Draft) { d.Secrets = Secrets{} }, "certificate", []string{"is missing"}},
		{"bad certificate", certificateDraft(t, "x"), func(d *Draft) { d.Secrets.Certificate = oauth.Secret("CANARY") }, "certificate", []string{"no certificate in PEM or PKCS #12", "export the certificate"}},
		{"bad CRM URL", pkceDraft("x"), profile(func(p *Profile) { p.CRMURL = "http://crm.example.com/crm" }), "crm_url", []string{"must be https"}},
		{"CRM URL for an application", secretDraft("x"), profile(func(p *Profile) { p.CRMURL = "https://crm.example.com/crm" }), "crm_url", []string{"nobody signs in by a browser"}},
		{"no CA file", basicDraft("x"), profile(func(p *Profile) { p.CAFile = "/no/such.pem" }), "ca_file", []string{`"/no/such.pem"`, "no such file"}},
		{"CA file without certificates", basicDraft("x"), profile(func(p *Profile) { p.CAFile = emptyFile }), "ca_file", []string{emptyFile, "PEM form"}},
		{"no request at all", basicDraft("x"), profile(func(p *Profile) { p.MaxRequestMB = -1 }), "max_request_mb", []string{"1 to 2047"}},
		{"request beyond IIS", basicDraft("x"), profile(func(p *Profile) { p.MaxRequestMB = 2048 }), "max_request_mb", []string{"1 to 2047"}},
		{"bad proxy", basicDraft("x"), profile(func(p *Profile) { p.Proxy = "proxy:3128" }), "proxy", []string{"http://host:port"}},
		{"proxy with password", basicDraft("x"), profile(func(p *Profile) { p.Proxy = "http://u:CANARY@proxy:3128" }), "proxy", []string{"user name or password"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			if c.how != nil {
				c.how(&c.draft)
			}
			_, err := f.Create(t.Context(), c.draft)
			var list FieldErrors
			if !errors.As(err, &list) || !errors.Is(err, mailbox.ErrInvalid) {
				t.Fatalf("%v, want FieldErrors that are ErrInvalid", err)
			}
			if len(list) != 1 || list[0].Field != c.field {
				t.Fatalf("%v, want one problem, of %s", err, c.field)
			}
			for _, part := range append(c.parts, c.field) {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%v: does not say %q", err, part)
				}
			}
			// The same, before there is a book.
			if early := c.draft.Validate(); early == nil || early.Error() != err.Error() {
				t.Errorf("Validate says %v, and Create %v", early, err)
			}
			out, jsonErr := json.Marshal(list)
			if jsonErr != nil || strings.Contains(err.Error()+string(out), "CANARY") {
				t.Errorf("%v, %s: holds a secret", err, out)
			}
			if got := f.raw(t, connectionsBucket); len(got) != 0 {
				t.Errorf("the refused connection was kept: %v", got)
			}
		})
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	err := Profile{Name: "a b", ExchangeType: "x", EWSURL: "http://h/p", Proxy: "p"}.Validate(&Auth{Method: "m", AccountType: "consumers"})
	var list FieldErrors
	if !errors.As(err, &list) {
		t.Fatal(err)
	}
	var fields []string
	for _, f := range list {
		fields = append(fields, f.Field)
		if !errors.Is(err, error(f)) {
			t.Errorf("the list does not unwrap to %v", f)
		}
	}
	if got := strings.Join(fields, " "); got != "name exchange_type ews_url proxy auth method client_id account_type" {
		t.Errorf("problems of %s", got)
	}
}

func TestPlainHTTPWhereAllowed(t *testing.T) {
	for url, insecure := range map[string]bool{
		"http://localhost:8080/EWS/Exchange.asmx": false,
		"http://127.0.0.1:8080/EWS/Exchange.asmx": false,
		"http://127.8.9.1/EWS/Exchange.asmx":      false,
		"http://[::1]:8080/EWS/Exchange.asmx":     false,
		"http://mail.corp.example/EWS":            true,
	} {
		d := basicDraft("x")
		d.Profile.EWSURL, d.Profile.InsecureHTTP = url, insecure
		if err := d.Profile.Validate(nil); err != nil {
			t.Errorf("%s: %v", url, err)
		}
		d.Profile.ExchangeType = Server
		if notices := strings.Join(d.Profile.Notices(), " "); strings.Contains(notices, "plain http") != insecure {
			t.Errorf("%s: the notices are %q", url, notices)
		}
	}
}

func TestDefaultsAndComputedValues(t *testing.T) {
	f := newFixture(t)
	online := f.create(t, pkceDraft("online"))
	if online.Profile.EWSURL != DefaultEWSURL || online.Profile.Protocol != EWS || online.Profile.Impersonation != Auto ||
		online.Profile.AuthName != "online" || online.Auth.AccountType != "organizations" || online.Auth.Method != oauth.PKCE {
		t.Errorf("the defaults of an online connection are %+v %+v", online.Profile, online.Auth)
	}
	crm := pkceDraft("crm")
	crm.Profile.CRMURL = "https://CRM.example.com/Sage"
	hybrid := pkceDraft("hybrid")
	hybrid.Profile.ExchangeType, hybrid.Profile.EWSURL = Server, "https://Mail.example.com/EWS/Exchange.asmx"
	hybrid.Auth.AuthorityURL = "https://fs.example.com/adfs/"
	us := pkceDraft("us")
	us.Profile.EWSURL = "https://outlook.office365.us/EWS/Exchange.asmx"
	us.Auth.AuthorityURL = "https://login.microsoftonline.us/contoso.us"
	simulated := secretDraft("simulated")
	simulated.Profile.EWSURL = "https://127.0.0.1:8443/EWS/Exchange.asmx"
	for _, c := range []struct {
		entry                       Entry
		authority, scopes, redirect string
	}{
		{online, "https://login.microsoftonline.com/organizations", "https://outlook.office365.com/EWS.AccessAsUser.All offline_access", "http://localhost"},
		{f.create(t, crm), "https://login.microsoftonline.com/organizations", "https://outlook.office365.com/EWS.AccessAsUser.All offline_access", "https://crm.example.com/sage/custompages/oauth/callback.html"},
		{f.create(t, hybrid), "https://fs.example.com/adfs", "https://mail.example.com//user_impersonation offline_access", "http://localhost:8400/"},
		{f.create(t, us), "https://login.microsoftonline.us/contoso.us", "https://outlook.office365.us/EWS.AccessAsUser.All offline_access", "http://localhost"},
		{f.create(t, simulated), "https://login.microsoftonline.com/example.com", "https://outlook.office365.com/.default", ""},
		{f.create(t, basicDraft("basic")), "", "", ""},
	} {
		got := []string{c.entry.Authority(), strings.Join(c.entry.Scopes(), " "), strings.Join(c.entry.RedirectURIs(), " ")}
		want := []string{c.authority, c.scopes, c.redirect}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s: authority, scopes and redirect URIs are\n%q, want\n%q", c.entry.Profile.Name, got, want)
		}
	}
}

func TestNotices(t *testing.T) {
	online := pkceDraft("x").Profile.withDefaults(pkceDraft("x").Auth)
	if n := strings.Join(online.Notices(), " "); !strings.Contains(n, "1 April 2027") || !strings.Contains(n, "EwsAllowedAppIDs") {
		t.Errorf("the notices of an online connection are %q", n)
	}
	smtp := protocolDraft("x", SMTP).Profile
	if n := strings.Join(smtp.Notices(), " "); !strings.Contains(n, "SmtpClientAuthenticationDisabled") || strings.Contains(n, "EwsEnabled") {
		t.Errorf("the notices of a connection by SMTP are %q", n)
	}
	if n := basicDraft("x").Profile.withDefaults(nil).Notices(); len(n) != 0 {
		t.Errorf("the notices of a server connection are %q", n)
	}
	online.ExchangeType, online.Proxy = Server, "http://proxy:3128"
	if n := strings.Join(online.Notices(), " "); !strings.Contains(n, "http://proxy:3128") {
		t.Errorf("the notices of a connection by proxy are %q", n)
	}
}

func TestWithoutUser(t *testing.T) {
	for in, want := range map[string]string{
		"https://host/path":                 "https://host/path",
		"https://user:secret@host/path":     "https://…@host/path",
		"https://user:se/cret@host":         "https://…@host",
		"user:secret@host":                  "…@host",
		"https://a:secret@b:secret@host/x":  "https://…@host/x",
		"":                                  "",
		"https://host/?q=secret@example.de": "https://…@example.de",
	} {
		if got := withoutUser(in); got != want {
			t.Errorf("withoutUser(%q) = %q, want %q", in, got, want)
		}
	}
}

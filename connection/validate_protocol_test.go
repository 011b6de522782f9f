package connection

import (
	"errors"
	"strings"
	"testing"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/store"
)

// protocolDraft is an online connection by another protocol than EWS, in which
// an application acts in its own right.
func protocolDraft(name string, protocol Protocol) Draft {
	d := secretDraft(name)
	d.Profile.ExchangeType, d.Profile.EWSURL, d.Profile.Protocol = Online, "", protocol
	if protocol == SMTP {
		d.Profile.Sender = "crm@example.com"
		d.Profile.AllowMailboxes = nil
	}
	return d
}

// The resources and scopes of each protocol, in each cloud, by each way in.
func TestScopesFollowTheProtocol(t *testing.T) {
	exchange := map[Cloud]string{Global: "https://outlook.office365.com", GCCHigh: "https://outlook.office365.us", DoD: "https://outlook-dod.office365.us", China: "https://partner.outlook.cn"}
	sending := map[Cloud]string{Global: "https://outlook.office.com", GCCHigh: "https://outlook.office365.us", DoD: "https://outlook-dod.office365.us", China: "https://partner.outlook.cn"}
	graph := map[Cloud]string{Global: "https://graph.microsoft.com", GCCHigh: "https://graph.microsoft.us", DoD: "https://dod-graph.microsoft.us", China: "https://microsoftgraph.chinacloudapi.cn"}
	login := map[Cloud]string{Global: "login.microsoftonline.com", GCCHigh: "login.microsoftonline.us", DoD: "login.microsoftonline.us", China: "login.partner.microsoftonline.cn"}
	f := newFixture(t)
	for _, cloud := range Clouds() {
		for protocol, want := range map[Protocol]struct{ person, app string }{
			EWS:  {exchange[cloud] + "/EWS.AccessAsUser.All offline_access", exchange[cloud] + "/.default"},
			SMTP: {sending[cloud] + "/SMTP.Send offline_access", exchange[cloud] + "/.default"},
			Graph: {graph[cloud] + "/" + strings.Join(oauth.GraphPermissions(), " "+graph[cloud]+"/") + " offline_access",
				graph[cloud] + "/.default"},
		} {
			name := string(protocol) + "-" + string(cloud)
			app := protocolDraft("app-"+name, protocol)
			app.Auth.Cloud = cloud
			person := pkceDraft("person-" + name)
			person.Profile.Protocol, person.Auth.Cloud = protocol, cloud
			for d, scopes := range map[*Draft]string{&app: want.app, &person: want.person} {
				e := f.create(t, *d)
				if got := strings.Join(e.Scopes(), " "); got != scopes {
					t.Errorf("%s: the scopes are %s, want %s", e.Profile.Name, got, scopes)
				}
				if !strings.HasPrefix(e.Authority(), "https://"+login[cloud]+"/") {
					t.Errorf("%s: the authority is %s", e.Profile.Name, e.Authority())
				}
				if protocol == EWS && e.Profile.EWSURL != exchange[cloud]+"/EWS/Exchange.asmx" {
					t.Errorf("%s: the EWS URL is %s", e.Profile.Name, e.Profile.EWSURL)
				}
			}
		}
	}
}

// What guides say of SMTP is taken as it is, and what they leave out is filled
// in.
func TestSMTPDefaults(t *testing.T) {
	f := newFixture(t)
	e := f.create(t, protocolDraft("x", SMTP))
	if p := e.Profile; p.SMTPHost != "smtp.office365.com" || p.SMTPPort != 587 || p.SMTPSecurity != SecurityAuto || p.EWSURL != "" {
		t.Errorf("%+v", p)
	}
	d := protocolDraft("y", SMTP)
	d.Auth.Cloud = GCCHigh
	if e := f.create(t, d); e.Profile.SMTPHost != "smtp.office365.us" {
		t.Errorf("%+v", e.Profile)
	}
	// The cloud of a shared registration counts, too.
	shared := protocolDraft("z", SMTP)
	shared.Auth, shared.Secrets = nil, Secrets{}
	shared.Profile.AuthName = "y"
	if e := f.create(t, shared); e.Profile.SMTPHost != "smtp.office365.us" || e.Scopes()[0] != "https://outlook.office365.us/.default" {
		t.Errorf("%+v", e.Profile)
	}
}

func TestProtocolValidation(t *testing.T) {
	smtp := func() Draft { return protocolDraft("x", SMTP) }
	graph := func() Draft { return protocolDraft("x", Graph) }
	web := func() Draft {
		d := pkceDraft("x")
		d.Auth.Method, d.Secrets.ClientSecret = oauth.Web, oauth.Secret("CANARY")
		return d
	}
	device := func() Draft {
		d := pkceDraft("x")
		d.Auth.Method = oauth.DeviceCode
		return d
	}
	adfs := func() Draft {
		d := pkceDraft("x")
		d.Profile.ExchangeType, d.Profile.EWSURL = Server, "https://mail.example.com/EWS/Exchange.asmx"
		d.Auth.AuthorityURL, d.Auth.AccountType = "https://fs.example.com/adfs", ""
		return d
	}
	for _, c := range []struct {
		name   string
		draft  Draft
		change func(*Draft)
		field  string
		says   string
	}{
		{"unknown protocol", pkceDraft("x"), func(d *Draft) { d.Profile.Protocol = "imap" }, "protocol", "ews, graph, smtp"},
		{"graph and a server", graph(), func(d *Draft) { d.Profile.ExchangeType = Server }, "protocol", "does not reach Exchange Server"},
		{"graph with an EWS URL", graph(), func(d *Draft) { d.Profile.EWSURL = DefaultEWSURL }, "ews_url", "no meaning"},
		{"graph with a sender", graph(), func(d *Draft) { d.Profile.Sender = "a@example.com" }, "sender", "smtp alone"},
		{"ews with a port", pkceDraft("x"), func(d *Draft) { d.Profile.SMTPPort = 587 }, "smtp_port", "smtp alone"},
		{"an application without a sender", smtp(), func(d *Draft) { d.Profile.Sender, d.Profile.AllowMailboxes = "", []string{"example.com"} }, "sender", "which mailbox it sends from"},
		{"no address", smtp(), func(d *Draft) { d.Profile.Sender, d.Profile.AllowMailboxes = "crm", []string{"*"} }, "sender", "such as crm@example.com"},
		{"a sender beyond the fence", smtp(), func(d *Draft) { d.Profile.AllowMailboxes = []string{"other.example"} }, "sender", "allow_mailboxes"},
		{"a URL for a host", smtp(), func(d *Draft) { d.Profile.SMTPHost = "smtp://smtp.office365.com" }, "smtp_host", "name alone"},
		{"a host with its port", smtp(), func(d *Draft) { d.Profile.SMTPHost = "smtp.office365.com:587" }, "smtp_host", "smtp_port"},
		{"a host with a blank", smtp(), func(d *Draft) { d.Profile.SMTPHost = "smtp office365.com" }, "smtp_host", "no host name"},
		{"no host of a server", smtp(), func(d *Draft) { d.Profile.ExchangeType = Server }, "smtp_host", "is missing"},
		{"no such port", smtp(), func(d *Draft) { d.Profile.SMTPPort = 70000 }, "smtp_port", "1 to 65535"},
		{"no security", smtp(), func(d *Draft) { d.Profile.SMTPSecurity = "none" }, "smtp_security", "auto, starttls, tls"},
		{"smtp by password", smtp(), func(d *Draft) {
			d.Auth, d.Profile.ExchangeType, d.Profile.SMTPHost = nil, Server, "mail.example.com"
			d.Profile.Login, d.Secrets = &Login{Username: "a@example.com"}, Secrets{Password: oauth.Secret("CANARY")}
		}, "username", "OAuth alone"},
		{"the URL of another cloud", pkceDraft("x"), func(d *Draft) { d.Profile.EWSURL = "https://partner.outlook.cn/EWS/Exchange.asmx" }, "ews_url", "give cloud china"},
		{"two clouds", pkceDraft("x"), func(d *Draft) {
			d.Auth.Cloud, d.Profile.EWSURL = GCCHigh, "https://outlook-dod.office365.us/EWS/Exchange.asmx"
		}, "ews_url", "give cloud dod"},
		{"unknown cloud", pkceDraft("x"), func(d *Draft) { d.Auth.Cloud = "germany" }, "cloud", "global, gcc-high, dod, china"},
		{"AD FS and Exchange Online", adfs(), func(d *Draft) { d.Profile.ExchangeType, d.Profile.EWSURL = Online, "" }, "authority_url", "want Microsoft Entra"},
		{"AD FS with an account type", adfs(), func(d *Draft) { d.Auth.AccountType = "organizations" }, "account_type", "no account types"},
		{"AD FS in a cloud", adfs(), func(d *Draft) { d.Auth.Cloud = China }, "cloud", "no cloud"},
		{"a resource that is a scope", adfs(), func(d *Draft) { d.Profile.Resource = "https://mail.example.com/.default" }, "resource", "before its last slash"},
		{"a resource that is none", adfs(), func(d *Draft) { d.Profile.Resource = "mail.example.com" }, "resource", "no identifier"},
		{"a resource for a password", basicDraft("x"), func(d *Draft) { d.Profile.Resource = "https://mail.example.com" }, "resource", "uses none"},
		{"web without a proof", web(), func(d *Draft) { d.Secrets = Secrets{} }, "client_secret", "one of the two"},
		{"a redirect that Entra refuses", web(), func(d *Draft) { d.Profile.RedirectURI = "http://crm.example.com/admin" }, "redirect_uri", "must be https"},
		{"two redirects", web(), func(d *Draft) {
			d.Profile.RedirectURI, d.Profile.CRMURL = "https://crm.example.com/admin", "https://crm.example.com/crm"
		}, "crm_url", "leave one of them out"},
		{"a redirect for a code", device(), func(d *Draft) { d.Profile.RedirectURI = "https://crm.example.com/admin" }, "redirect_uri", "nobody signs in by a browser"},
		{"a redirect for an application", graph(), func(d *Draft) { d.Profile.RedirectURI = "https://crm.example.com/admin" }, "redirect_uri", "nobody signs in by a browser"},
		{"a secret for a code", device(), func(d *Draft) { d.Secrets.ClientSecret = oauth.Secret("CANARY") }, "client_secret", "no use for it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.change(&c.draft)
			_, err := newFixture(t).Create(t.Context(), c.draft)
			var list FieldErrors
			if !errors.As(err, &list) || len(list) != 1 || list[0].Field != c.field || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want one problem of %s that says %q", err, c.field, c.says)
			}
			if err != nil && strings.Contains(err.Error(), "CANARY") {
				t.Error("the secret is in the error")
			}
		})
	}
}

// A connection by a protocol of a later version can be opened, and gives tokens;
// its mailboxes cannot.
func TestMailboxOfOtherProtocols(t *testing.T) {
	for _, protocol := range []Protocol{SMTP, Graph} {
		f := newFixture(t)
		f.create(t, protocolDraft("x", protocol))
		_, err := f.open(t, "x").Mailbox(t.Context(), "anna@example.com")
		wantErr(t, err, mailbox.ErrUnsupported, "this version signs in for "+protocolNames[protocol]+" and checks the token; sending and reading by it come later", "--protocol ews")
	}
}

// Another protocol or cloud brings its own addresses.
func TestDraftChanges(t *testing.T) {
	f := newFixture(t)
	f.create(t, pkceDraft("x"))
	update := func(change func(*Draft)) Profile {
		t.Helper()
		e, err := f.Update(t.Context(), "x", func(d *Draft) error { change(d); return nil })
		if err != nil {
			t.Fatal(err)
		}
		return e.Profile
	}
	if p := update(func(d *Draft) { d.SetCloud(China) }); p.EWSURL != "https://partner.outlook.cn/EWS/Exchange.asmx" {
		t.Errorf("%+v", p)
	}
	if p := update(func(d *Draft) { d.SetProtocol(SMTP) }); p.EWSURL != "" || p.SMTPHost != "smtp.partner.outlook.cn" {
		t.Errorf("%+v", p)
	}
	if p := update(func(d *Draft) { d.SetCloud(Global) }); p.SMTPHost != "smtp.office365.com" {
		t.Errorf("%+v", p)
	}
	if p := update(func(d *Draft) { d.Profile.SMTPHost = "gateway.example.com"; d.SetCloud(DoD) }); p.SMTPHost != "gateway.example.com" {
		t.Errorf("%+v", p)
	}
	if p := update(func(d *Draft) { d.SetProtocol(Graph) }); p.SMTPHost != "" || p.SMTPPort != 0 || p.SMTPSecurity != "" {
		t.Errorf("%+v", p)
	}
}

// A web application has a secret or a certificate; a new one takes the place of
// the other.
func TestWebProof(t *testing.T) {
	f := newFixture(t)
	d := pkceDraft("x")
	d.Auth.Method, d.Secrets.ClientSecret = oauth.Web, oauth.Secret("first")
	d.Profile.RedirectURI = "https://crm.example.com/Admin/smtp_oauth_microsoft/token"
	if e := f.create(t, d); strings.Join(e.RedirectURIs(), " ") != "https://crm.example.com/Admin/smtp_oauth_microsoft/token" {
		t.Errorf("the redirect URI is %v", e.RedirectURIs())
	}
	for _, s := range []Secrets{certificateDraft(t, "y").Secrets, {ClientSecret: oauth.Secret("second")}} {
		if _, err := f.Update(t.Context(), "x", func(d *Draft) error { d.Secrets = s; return nil }); err != nil {
			t.Fatal(err)
		}
		if kept := f.raw(t, secretsBucket); len(kept) != 1 {
			t.Errorf("%d secrets are kept", len(kept))
		}
		f.open(t, "x")
	}
	// Without it there is nothing to renew by, whoever has signed in.
	if err := f.store.Update(t.Context(), func(tx store.Tx) error { return tx.Delete(secretsBucket, clientSecretKey("x")) }); err != nil {
		t.Fatal(err)
	}
	e, err := f.Get(t.Context(), "x")
	if err != nil || e.Status.State != NeedsSignIn || !strings.Contains(e.Status.String(), "client secret is missing") || !strings.Contains(e.Status.Hint, "--client-secret-file FILE") {
		t.Errorf("%+v, %v", e.Status, err)
	}
	_, err = f.Open(t.Context(), "x", OpenOptions{})
	wantErr(t, err, mailbox.ErrSignInNeeded, "the client secret is missing or damaged", "--client-secret-file FILE")
}

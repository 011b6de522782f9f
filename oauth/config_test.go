package oauth_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

func TestConfigValidation(t *testing.T) {
	good := func() oauth.Config {
		return oauth.Config{Authority: authority, ClientID: clientID, Method: oauth.PKCE, Scopes: oauth.EWSScopes(oauth.PKCE, "")}
	}
	if _, err := oauth.New(good(), &memory{}); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		change func(*oauth.Config)
		field  string
		says   string
	}{
		"no authority":        {func(c *oauth.Config) { c.Authority = "" }, "Authority", "missing"},
		"plain http":          {func(c *oauth.Config) { c.Authority = "http://login.test/x" }, "Authority", "https"},
		"no tenant":           {func(c *oauth.Config) { c.Authority = "https://login.test/" }, "Authority", "tenant"},
		"endpoint":            {func(c *oauth.Config) { c.Authority = "https://login.test/x/v2.0" }, "Authority", "/v2.0"},
		"not a URL":           {func(c *oauth.Config) { c.Authority = "login" }, "Authority", "not a URL"},
		"with a password":     {func(c *oauth.Config) { c.Authority = "https://u:canary@login.test/x" }, "Authority", "password"},
		"query":               {func(c *oauth.Config) { c.Authority += "?a=b" }, "Authority", "query"},
		"no client":           {func(c *oauth.Config) { c.ClientID = "" }, "ClientID", "missing"},
		"client with a space": {func(c *oauth.Config) { c.ClientID = "a b" }, "ClientID", "white space"},
		"unknown method":      {func(c *oauth.Config) { c.Method = "password" }, "Method", "pkce"},
		"no scopes":           {func(c *oauth.Config) { c.Scopes = []string{"offline_access"} }, "Scopes", "no permission"},
		"secret too many":     {func(c *oauth.Config) { c.Secret = oauth.Secret("canary") }, "Secret", "pkce"},
		"secret missing":      {func(c *oauth.Config) { c.Method = oauth.ClientSecret }, "Secret", "missing"},
		"secret with its line's end": {func(c *oauth.Config) {
			c.Method, c.Secret, c.Scopes = oauth.ClientSecret, oauth.Secret("canary\n"), oauth.EWSScopes(oauth.ClientSecret, "")
		}, "Secret", "white space"},
		"certificate missing":  {func(c *oauth.Config) { c.Method = oauth.ClientCertificate }, "Certificate", "missing"},
		"certificate too many": {func(c *oauth.Config) { c.Certificate = &oauth.Certificate{} }, "Certificate", "pkce"},
		"redirect on http":     {func(c *oauth.Config) { c.RedirectURI = "http://crm.example.com/x" }, "RedirectURI", "https"},
		"app-only at common": {func(c *oauth.Config) {
			c.Method, c.Secret, c.Authority = oauth.ClientSecret, oauth.Secret("canary"), "https://login.test/Common"
		}, "Authority", "tenant id"},
		"app-only for a scope": {func(c *oauth.Config) { c.Method, c.Secret = oauth.ClientSecret, oauth.Secret("canary") }, "Scopes", ".default"},
	} {
		cfg := good()
		test.change(&cfg)
		_, err := oauth.New(cfg, &memory{})
		var field *oauth.FieldError
		if !errors.Is(err, mailbox.ErrInvalid) || !errors.As(err, &field) || field.Field != test.field || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got %v, want %s and %q", name, err, test.field, test.says)
		}
		if err != nil && strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: the error holds a secret", name)
		}
	}
	if _, err := oauth.New(good(), nil); !errors.Is(err, mailbox.ErrInvalid) {
		t.Errorf("no cache: %v", err)
	}
	// All problems come at once.
	_, err := oauth.New(oauth.Config{}, &memory{})
	for _, field := range []string{"Method", "Authority", "ClientID", "Scopes"} {
		if !strings.Contains(fmt.Sprint(err), field) {
			t.Errorf("%s is not in %v", field, err)
		}
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	const canary = "canary-secret-value"
	secret := oauth.Secret(canary)
	token := oauth.NewToken(canary, time.Now())
	cfg := oauth.Config{ClientID: "x", Secret: secret}
	holder := struct {
		hidden oauth.Token
		Config oauth.Config
		Token  oauth.Token
		Secret oauth.Secret
	}{token, cfg, token, secret}
	var logged logBuffer
	log := slog.New(slog.NewJSONHandler(&logged, nil))
	log.Info("x", "secret", secret, "token", token, "config", cfg, "holder", holder)
	out := logged.String()
	for _, v := range []any{secret, &secret, token, &token, cfg, &cfg, holder, &holder} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			out += fmt.Sprintf(verb, v)
		}
		b, err := json.Marshal(v)
		if err != nil {
			t.Error(err)
		}
		out += string(b)
	}
	for form, s := range map[string]string{"as it is": canary, "in hex": fmt.Sprintf("%x", canary), "in HEX": fmt.Sprintf("%X", canary), "in bytes": "99 97 110 97 114 121", "in base64": "Y2FuYXJ5"} {
		if strings.Contains(out, s) {
			t.Errorf("a secret is printed %s", form)
		}
	}
	if token.Value() != canary || string(secret) != canary {
		t.Error("the values themselves are lost")
	}
	if (oauth.Token{}).Value() != "" || !(oauth.Token{}).IsZero() || (oauth.Token{}).String() != "no token" {
		t.Error("the zero Token is not none")
	}
}

func TestScopesAndResources(t *testing.T) {
	if got := strings.Join(oauth.EWSScopes(oauth.PKCE, ""), " "); got != ewsScope+" offline_access" {
		t.Errorf("delegated: %s", got)
	}
	if got := strings.Join(oauth.EWSScopes(oauth.ClientCertificate, ""), " "); got != appScope {
		t.Errorf("app-only: %s", got)
	}
	if got := oauth.EWSScopes(oauth.PKCE, "https://mail.example.com/")[0]; got != "https://mail.example.com/EWS.AccessAsUser.All" {
		t.Errorf("hybrid: %s", got)
	}
	if got := oauth.AuthorityURL("organizations"); got != "https://login.microsoftonline.com/organizations" {
		t.Errorf("authority: %s", got)
	}
	for in, want := range map[string]string{
		"https://outlook.office365.com/EWS/Exchange.asmx":    oauth.ExchangeOnline,
		"https://Mail.Example.com:443/EWS/Exchange.asmx":     "https://mail.example.com",
		"https://mail.example.com:8443/EWS/Exchange.asmx":    "https://mail.example.com:8443",
		"https://outlook.office365.us/EWS/Exchange.asmx?x=1": "https://outlook.office365.us",
	} {
		if got, err := oauth.EWSResource(in); err != nil || got != want {
			t.Errorf("EWSResource(%s) = %s, %v; want %s", in, got, err, want)
		}
	}
	if _, err := oauth.EWSResource("mail"); !errors.Is(err, mailbox.ErrInvalid) {
		t.Errorf("EWSResource of no URL: %v", err)
	}
}

func TestRedirectURIForCRM(t *testing.T) {
	for in, want := range map[string]string{
		"https://CRM.Example.com/CRM":       crmPage,
		"https://crm.example.com/crm/":      crmPage,
		" HTTPS://crm.example.com/crm ":     crmPage,
		crmPage:                             crmPage,
		"https://crm.example.com":           "https://crm.example.com/custompages/oauth/callback.html",
		"https://crm.example.com:8443/a/b":  "https://crm.example.com:8443/a/b/custompages/oauth/callback.html",
		"http://localhost:8080/crm":         "http://localhost:8080/crm/custompages/oauth/callback.html",
		"https://crm.example.com/My%20Crm/": "https://crm.example.com/my%20crm/custompages/oauth/callback.html",
	} {
		if got, err := oauth.RedirectURIForCRM(in); err != nil || got != want {
			t.Errorf("%q: %s, %v; want %s", in, got, err, want)
		}
	}
	for in, says := range map[string]string{
		"":                                                    "not an address",
		"crm.example.com/crm":                                 "not an address",
		"http://crm.example.com/crm":                          "must be https",
		"http://127.0.0.1/crm":                                "localhost",
		"ftp://crm.example.com/crm":                           "https",
		"https://crm.example.com/eware.dll?":                  "one page",
		"https://crm.example.com/do?SID=1":                    "one page",
		"https://crm.example.com/crm#x":                       "one page",
		"https://u:canary@crm.example.com/x":                  "password",
		"https://*.example.com/crm":                           "one host",
		"https://crm.exämple.com/crm":                         "xn--",
		"https://crm.example.com/" + strings.Repeat("a", 250): "at most 256",
	} {
		_, err := oauth.RedirectURIForCRM(in)
		if !errors.Is(err, mailbox.ErrInvalid) || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: %v, want it to say %q", in, err, says)
		}
	}
}

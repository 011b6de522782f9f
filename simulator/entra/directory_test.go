package entra

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestDirectoryRefuses(t *testing.T) {
	f := newFixture(t, Options{})
	d := f.dir
	err2 := func(_ any, err error) error { return err }
	for name, tc := range map[string]struct {
		err  error
		want string
	}{
		"tenant id":             {err2(d.AddTenant(Tenant{ID: "x", Name: "T"})), "not a UUID"},
		"doubled domain":        {err2(d.AddTenant(Tenant{Name: "T", Domains: []string{"CONTOSO.example"}})), "CONTOSO.example"},
		"user without tenant":   {err2(d.AddUser(User{UPN: "x@y", Tenant: "nobody.example"})), "nobody.example"},
		"doubled user":          {err2(d.AddUser(User{UPN: "ANNA@contoso.example", Tenant: contosoID})), "already"},
		"user without domain":   {err2(d.AddUser(User{UPN: "anna", Tenant: contosoID})), "name@domain"},
		"user id":               {err2(d.AddUser(User{ID: "7", UPN: "x@y", Tenant: contosoID})), "not a UUID"},
		"app without tenant":    {err2(d.AddApplication(Application{Name: "A"})), "no tenant"},
		"doubled app":           {err2(d.AddApplication(Application{ClientID: strings.ToUpper(publicApp), Tenant: contosoID})), "already"},
		"app id":                {err2(d.AddApplication(Application{ClientID: "7", Tenant: contosoID})), "not a UUID"},
		"app, unknown resource": {err2(d.AddApplication(Application{Tenant: contosoID, Delegated: []Permission{{"https://unknown.example", "X"}}})), "unknown.example"},
		"role, unknown":         {err2(d.AddApplication(Application{Tenant: contosoID, AppRoles: []AppRole{{"https://unknown.example", "X"}}})), "unknown.example"},
		"resource, no name":     {err2(d.AddResource(Resource{Name: "R"})), "identifier"},
		"resource, tenant":      {err2(d.AddResource(Resource{Name: "R", Tenant: "nobody.example", Identifiers: []string{"https://r"}})), "nobody.example"},
		"resource, taken":       {err2(d.AddResource(Resource{Name: "R", Identifiers: []string{exchange + "/"}})), "Office 365 Exchange Online"},
		"reset":                 {d.ResetPassword("x@y", "p"), "x@y"},
		"disable":               {d.DisableUser("x@y"), "x@y"},
		"secret of no app":      {d.AddSecret("7", ClientSecret{}), `"7"`},
		"consent of no app":     {d.GrantAdminConsent("7", contosoID), `"7"`},
		"consent of no tenant":  {d.GrantAdminConsent(publicApp, "nobody.example"), "nobody.example"},
		"consent of no user":    {d.RevokeConsent(publicApp, "x@y"), "x@y"},
	} {
		if tc.err == nil || !strings.Contains(tc.err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q in it", name, tc.err, tc.want)
		}
	}
}

func TestRedirectsThatCannotBeRegistered(t *testing.T) {
	f := newFixture(t, Options{})
	for uri, platform := range map[string]Platform{
		"http://crm.example/callback":                     Web,
		"http://[::1]/callback":                           Public,
		"/callback":                                       Web,
		"https:///callback":                               Web,
		"https://crm.example/callback#x":                  Web,
		"myapp://callback":                                Web,
		"https://crm.example/":                            "desktop",
		"https://crm.example/" + strings.Repeat("x", 256): Web,
		"https://crm.example/%zz":                         Web,
	} {
		if err := f.dir.AddRedirect(publicApp, Redirect{uri, platform}); err == nil {
			t.Errorf("%s was registered as %s", uri, platform)
		}
	}
	for uri, platform := range map[string]Platform{
		"http://localhost": Web, "http://127.0.0.1:7000/cb": Public, "myapp://callback": Public, "https://crm.example/cb": SPA,
	} {
		if err := f.dir.AddRedirect(publicApp, Redirect{uri, platform}); err != nil {
			t.Error(err)
		}
	}
}

func TestRedirectMatches(t *testing.T) {
	for _, tc := range []struct {
		registered, sent string
		want             bool
	}{
		{"http://localhost", "http://localhost:51234", true},
		{"http://localhost", "http://localhost:51234/", true},
		{"http://localhost/", "http://localhost", true},
		{"http://localhost/cb", "http://localhost:9/cb", true},
		{"http://localhost:80/cb", "http://localhost:9/cb", true},
		{"http://localhost/cb", "http://localhost:9/CB", false},
		{"http://localhost/cb", "http://localhost:9/cb/", false},
		{"http://localhost/cb", "http://localhost:9/cb?x=1", false},
		{"http://localhost/cb", "http://localhost:9/cb#x", false},
		{"http://localhost/cb", "http://user@localhost:9/cb", false},
		{"http://localhost/cb", "http://127.0.0.1:9/cb", false},
		{"http://127.0.0.1/cb", "http://127.0.0.1:9/cb", false},
		{"http://127.0.0.1/cb", "http://127.0.0.1/cb", true},
		{"http://localhost/cb", "https://localhost/cb", false},
		{"https://crm.example/cb", "https://crm.example/cb", true},
		{"https://crm.example/cb", "https://crm.example:443/cb", false},
		{"https://crm.example/cb", "https://CRM.example/cb", false},
		{"https://crm.example/cb", "https://crm.example/cb/", false},
	} {
		if got := (Redirect{tc.registered, Public}).matches(tc.sent); got != tc.want {
			t.Errorf("%s for %s: %t", tc.sent, tc.registered, got)
		}
	}
}

func TestPlatformWhereNoneIsSaid(t *testing.T) {
	f := newFixture(t, Options{})
	for public, want := range map[bool]Platform{true: Public, false: Web} {
		a, err := f.dir.AddApplication(Application{Tenant: contosoID, AllowPublicClient: public, Redirects: []Redirect{{URI: loopback}}})
		if err != nil {
			t.Fatal(err)
		}
		if a.Redirects[0].Platform != want {
			t.Errorf("AllowPublicClient %t: %s", public, a.Redirects[0].Platform)
		}
	}
}

func TestWhatIsReturnedIsACopy(t *testing.T) {
	f := newFixture(t, Options{})
	a, _ := f.dir.Application(publicApp)
	a.Redirects[0].URI = "https://evil.example/"
	a.Delegated = nil
	if b, _ := f.dir.Application(publicApp); b.Redirects[0].URI != loopback || len(b.Delegated) == 0 {
		t.Error("a caller changed the directory")
	}
	if us := f.dir.Users(); len(us) != 4 || us[0].UPN != anna || !isUUID(us[0].ID) {
		t.Errorf("%d users, first %s", len(us), us[0].UPN)
	}
	if ts := f.dir.Tenants(); len(ts) != 2 || ts[0].ID != contosoID || ts[1].ID != fabrikamID {
		t.Errorf("tenants %+v", ts)
	}
	if as := f.dir.Applications(); len(as) != 5 || as[0].ClientID != publicApp {
		t.Errorf("%d applications, first %s", len(as), as[0].Name)
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	u := User{UPN: anna, Password: annaPassword}
	app := Application{Name: "A", Secrets: []ClientSecret{{Value: webSecret, Expires: time.Now()}}}
	var texts []string
	for _, v := range []any{annaPassword, u, &u, app, []User{u}, map[string]Secret{"x": webSecret}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			texts = append(texts, fmt.Sprintf(verb, v))
		}
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(b))
		var sb strings.Builder
		slog.New(slog.NewTextHandler(&sb, nil)).Info("x", "v", v)
		texts = append(texts, sb.String())
	}
	for _, text := range texts {
		if strings.Contains(text, "Canary") || strings.Contains(text, fmt.Sprintf("%x", "Canary")) {
			t.Errorf("a secret came out: %s", text)
		}
	}
}

func TestEntriesAreForgotten(t *testing.T) {
	var m expiring[int]
	now := time.Now()
	for i := range 2 * sweepEvery {
		m.put(fmt.Sprint(i), i, now, now.Add(time.Minute))
	}
	later := now.Add(time.Hour)
	if _, ok := m.get("1", later); ok {
		t.Error("an entry outlived its time")
	}
	for i := range sweepEvery {
		m.put("later"+fmt.Sprint(i), i, later, later.Add(time.Minute))
	}
	if len(m.entries) != sweepEvery {
		t.Errorf("%d entries are kept, want %d", len(m.entries), sweepEvery)
	}
}

package entra

import (
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
)

func FuzzReadPage(f *testing.F) {
	names, err := os.ReadDir("pages")
	if err != nil {
		f.Fatal(err)
	}
	for _, n := range names {
		b, err := os.ReadFile("pages/" + n.Name())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	f.Add(`<form action="/x"><input id=account name="a"><button id="b"></form></form>`)
	f.Fuzz(func(t *testing.T, text string) {
		pg, err := readPage(strings.NewReader(text))
		if (pg == nil) == (err == nil) {
			t.Errorf("page %v with error %v", pg, err)
		}
	})
}

func FuzzParseScopes(f *testing.F) {
	for _, s := range []string{allScope, exchange + "/.default", exchange + "//.default", "User.Read", "/", "a/ b", "api://" + daemonApp + "/X"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, e := NewDirectory().parseScopes(text)
		if e != nil {
			return
		}
		// Written out and read again, a scope is the same.
		words := slices.Clone(s.oidc)
		for _, w := range s.wanted {
			words = append(words, w.String())
		}
		again, e := NewDirectory().parseScopes(strings.Join(words, " "))
		if e != nil || !slices.Equal(again.oidc, s.oidc) || !slices.Equal(again.wanted, s.wanted) {
			t.Errorf("%q became %+v, then %+v (%v)", text, s, again, e)
		}
	})
}

// No redirect that a stranger makes up leads to another host than the one that
// was registered.
func FuzzRedirect(f *testing.F) {
	for _, s := range []string{"http://localhost:1/cb", "http://localhost@evil/cb", "http://localhost:1@evil/cb", "http://localhost\\@evil/cb", "https://crm.example/cb"} {
		f.Add(s)
	}
	app := Application{Redirects: []Redirect{{"http://localhost/cb", Public}, {"https://crm.example/cb", Web}}}
	f.Fuzz(func(t *testing.T, sent string) {
		if _, e := app.redirect(sent); e != nil {
			return
		}
		u, err := url.Parse(sent)
		if err != nil {
			t.Fatalf("%q: %v", sent, err)
		}
		if sent != "https://crm.example/cb" && (u.Hostname() != "localhost" || u.Path != "/cb" || u.User != nil) {
			t.Errorf("%q was accepted", sent)
		}
	})
}

// Whatever a client writes, AD FS gives it a registered resource and none but
// the permissions that it was permitted.
func FuzzADFSWish(f *testing.F) {
	for _, s := range []string{openADFSScope, mailServerSlash + "/x", mailServer + "/.default", "openid", "/", "//", mailServer, "urn:microsoft:userinfo/openid"} {
		f.Add("", s)
		f.Add(mailServer, s)
	}
	a := NewADFS(NewDirectory(), ADFSOptions{})
	cl, err := a.AddClient(ADFSClient{ClientID: nativeClient})
	if err != nil {
		f.Fatal(err)
	}
	if err := a.AddWebAPI(WebAPI{Identifiers: []string{mailServer, mailServerSlash}}); err != nil {
		f.Fatal(err)
	}
	permitted := []string{"openid", "EWS.AccessAsUser.All"}
	if err := a.Permit(nativeClient, mailServer, permitted...); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, resource, scope string) {
		w, e := a.wish(cl, resource, scope)
		if e != nil {
			if e.oauth == "" || e.message == "" {
				t.Errorf("%+v", e)
			}
			return
		}
		if !slices.Contains([]string{mailServer, mailServerSlash, userinfoResource}, w.resource) {
			t.Errorf("the resource %q", w.resource)
		}
		for _, s := range w.scopes {
			if w.resource != userinfoResource && !containsFold(permitted, s) {
				t.Errorf("the permission %q", s)
			}
		}
	})
}

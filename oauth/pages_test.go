package oauth_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/exconn/exconn/custompages"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

// TestBrokenPages shows that pages which cannot be used are found before the
// browser is sent away.
func TestBrokenPages(t *testing.T) {
	good := fstest.MapFS{}
	for _, name := range []string{"result.html", "result.js", "callback.css"} {
		text, err := fs.ReadFile(custompages.OAuth(), name)
		if err != nil {
			t.Fatal(err)
		}
		good[name] = &fstest.MapFile{Data: text}
	}
	c := newClient(t, personConfig(newFakeAuthority(t)), &memory{})
	for name, change := range map[string]func(fstest.MapFS){
		"result.html missing":       func(f fstest.MapFS) { delete(f, "result.html") },
		"result.js missing":         func(f fstest.MapFS) { delete(f, "result.js") },
		"callback.css missing":      func(f fstest.MapFS) { delete(f, "callback.css") },
		"result.html broken":        func(f fstest.MapFS) { f["result.html"] = &fstest.MapFile{Data: []byte("{{if}}")} },
		"result.html unknown field": func(f fstest.MapFS) { f["result.html"] = &fstest.MapFile{Data: []byte("{{.Nothing}}")} },
	} {
		pages := fstest.MapFS{}
		for file, data := range good {
			pages[file] = data
		}
		change(pages)
		a, err := c.BeginSignIn(t.Context(), oauth.SignInOptions{Pages: pages, PasteOnly: true})
		if err == nil {
			a.Close()
		}
		if !errors.Is(err, mailbox.ErrInvalid) || !strings.Contains(err.Error(), strings.Fields(name)[0]) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRestyledPage shows that a stylesheet of the CRM's own is what the
// listener serves.
func TestRestyledPage(t *testing.T) {
	pages := fstest.MapFS{}
	for _, name := range []string{"result.html", "result.js"} {
		text, err := fs.ReadFile(custompages.OAuth(), name)
		if err != nil {
			t.Fatal(err)
		}
		pages[name] = &fstest.MapFile{Data: text}
	}
	pages["callback.css"] = &fstest.MapFile{Data: []byte("body{color:teal}")}
	a, err := newClient(t, personConfig(newFakeAuthority(t)), &memory{}).BeginSignIn(t.Context(), oauth.SignInOptions{Pages: pages})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if status, css := visit(t, a.ListenAddress()+"callback.css"); status != 200 || css != "body{color:teal}" {
		t.Errorf("%d %q", status, css)
	}
	if status, _ := visit(t, a.ListenAddress()+"result.html"); status != 404 {
		t.Errorf("the template itself is served: %d", status)
	}
}

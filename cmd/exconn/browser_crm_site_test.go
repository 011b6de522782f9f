package main

import (
	"bytes"
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
)

const (
	// crmName is the CRM's host; the browser finds it on this machine.
	crmName = "crm.contoso.test"
	// crmInstall is the folder of the CRM on its web server.
	crmInstall = "/crm"
)

// crmSite is the CRM's own web server: plain files over https, with a
// certificate of its own, on another origin than everything else.
type crmSite struct {
	server *httptest.Server
	port   string

	mu   sync.Mutex
	seen []string // what was asked for, with its query
}

// newCRMSite serves what "custompages export" writes.
func newCRMSite(t *testing.T) *crmSite {
	t.Helper()
	root := t.TempDir()
	var out, talk bytes.Buffer
	code := run(context.Background(), []string{"exconn", "custompages", "export", "--out", filepath.Join(root, "custompages", "oauth")},
		system{in: bytes.NewReader(nil), out: &out, err: &talk})
	if code != 0 {
		t.Fatalf("custompages export ended with %d: %s", code, talk.String())
	}
	site := &crmSite{}
	files := http.StripPrefix(crmInstall, http.FileServer(http.Dir(root)))
	mux := http.NewServeMux()
	mux.Handle(crmInstall+"/", files)
	// Browsers ask for it by themselves, when it suits them.
	mux.HandleFunc("/favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	// A web server that does not answer for one language.
	mux.HandleFunc(crmInstall+"/custompages/oauth/words.es.js", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	for path, page := range map[string]string{
		// A web server that gives its own page for whatever is not there.
		crmInstall + "/custompages/oauth/words.it.js": `<!DOCTYPE html><html lang="en"><title>CRM</title><h1>Not found</h1></html>`,
		// A page of the CRM that shows the callback page in a frame.
		"/framing.html": `<!DOCTYPE html><html lang="en"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>CRM</title><main><h1>CRM</h1>` +
			`<iframe src="` + crmInstall + `/custompages/oauth/callback.html" width="100%" height="500"></iframe></main></html>`,
		// A page of the CRM that does what the callback page may not.
		"/careless.html": `<!DOCTYPE html><html lang="en"><meta http-equiv="Content-Security-Policy" content="script-src 'none'"><title>CRM</title><script>document.title = "ran"</script></html>`,
		"/plain.html":    `<!DOCTYPE html><html lang="en"><title>CRM</title><h1>CRM</h1></html>`,
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, page)
		})
	}
	site.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		site.mu.Lock()
		site.seen = append(site.seen, r.RequestURI+" "+r.Referer())
		site.mu.Unlock()
		mux.ServeHTTP(w, r)
	}))
	site.server.Config.ErrorLog = log.New(io.Discard, "", 0) // connections that a browser opens ahead and drops
	site.server.StartTLS()
	t.Cleanup(site.server.Close)
	u, err := url.Parse(site.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	site.port = u.Port()
	return site
}

// origin is where the browser finds the CRM.
func (c *crmSite) origin() string { return "https://" + crmName + ":" + c.port }

// callback is the redirect URI that an admin registers.
func (c *crmSite) callback() string {
	return c.origin() + crmInstall + "/custompages/oauth/callback.html"
}

// requests is what the web server could have written into its log.
func (c *crmSite) requests() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.seen...)
}

package entra

import (
	"bytes"
	"embed"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// The pages are well-formed XML as well as HTML, so that SignIn can read them
// with the standard library's decoder.
//
//go:embed pages/*.html
var pageFiles embed.FS

var pageTemplates = template.Must(template.ParseFS(pageFiles, "pages/*.html"))

// frame is what every page needs.
type frame struct {
	Title string
	// Nonce allows the page's own style and script, and no others.
	Nonce string
	Host  string
	// Brand is what the server is.
	Brand string
}

// show renders a page. form-action is not restricted: browsers apply it to the
// redirect that answers a form too, and that one goes to the client.
func (c *call) show(status int, page, title string, fill func(frame) any) {
	nonce := newToken()
	host := strings.TrimPrefix(strings.TrimPrefix(c.base, "https://"), "http://")
	var b bytes.Buffer
	if err := pageTemplates.ExecuteTemplate(&b, page, fill(frame{Title: title, Nonce: nonce, Host: host, Brand: c.brand})); err != nil {
		http.Error(c.w, "the page "+page+" cannot be shown", http.StatusInternalServerError)
		return
	}
	h := c.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'nonce-"+nonce+"'; script-src 'nonce-"+nonce+"'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	c.w.WriteHeader(status)
	// The browser has gone if this fails; there is nobody left to tell.
	_, _ = c.w.Write(b.Bytes())
}

// problem is an error as a page shows it.
type problem struct {
	Text          string // with its AADSTS code
	CorrelationID string
	Timestamp     string
	Trace         string
}

func (c *call) problem(e *Error) *problem {
	if e == nil {
		return nil
	}
	return &problem{Text: e.Error(), CorrelationID: c.correlation, Timestamp: c.timestamp(), Trace: c.trace}
}

// form is what every form of a flow carries.
type form struct{ Action, Flow, CSRF string }

func (c *call) form(path, id string, f flow) form {
	return form{Action: "/" + f.req.realm.name + path, Flow: id, CSRF: f.csrf}
}

// signInPage asks for account and password. A failed try is told on the page,
// which is an ordinary one (200) because the browser may try again.
func (s *Server) signInPage(c *call, id string, f flow, name string, e *Error) {
	c.show(http.StatusOK, "signin.html", "Sign in to your account", func(fr frame) any {
		return struct {
			frame
			Form           form
			App, Directory string
			Account        string
			Problem        *problem
		}{frame: fr, Form: c.form("/login", id, f), App: f.req.app.Name, Directory: directoryName(f.req.realm), Account: name, Problem: c.problem(e)}
	})
}

func directoryName(rm realm) string {
	if rm.tenant == nil {
		return "Work or school account"
	}
	return rm.tenant.Name
}

// permissionLine is one permission on the consent page.
type permissionLine struct{ Title, Detail string }

// consentPage lists what the application wants.
func (s *Server) consentPage(c *call, id string, f flow, u User) {
	c.show(http.StatusOK, "consent.html", "Permissions requested", func(fr frame) any {
		return struct {
			frame
			Form        form
			App, Home   string
			Account     string
			Permissions []permissionLine
		}{frame: fr, Form: c.form("/consent", id, f), App: f.req.app.Name, Home: s.homeOf(f.req.app), Account: u.UPN, Permissions: s.permissionLines(f.req)}
	})
}

func (s *Server) homeOf(a Application) string {
	t, ok := s.dir.Tenant(a.Tenant)
	if !ok {
		return a.Tenant
	}
	return t.Name
}

// permissionLines puts a request's permissions into words.
func (s *Server) permissionLines(req authRequest) []permissionLine {
	var lines []permissionLine
	for _, p := range req.app.Delegated {
		r, ok := s.dir.resource("", p.Resource)
		if ok && s.asksFor(req, p, r) {
			lines = append(lines, permissionLine{permissionTitle(p.Scope, r.Name), p.Resource + "/" + p.Scope})
		}
	}
	if req.scopes.has("openid") || req.scopes.has("profile") || req.scopes.has("email") {
		lines = append(lines, permissionLine{"Sign you in and read your profile", strings.Join(withoutOffline(req.scopes.oidc), " ")})
	}
	if req.scopes.has("offline_access") {
		lines = append(lines, permissionLine{"Maintain access to data you have given it access to", "offline_access"})
	}
	return lines
}

func permissionTitle(scope, resource string) string {
	if strings.EqualFold(scope, "EWS.AccessAsUser.All") {
		return "Access your mailboxes with Exchange Web Services"
	}
	return scope + " of " + resource
}

// errorPage shows an error that must not be sent anywhere.
func (s *Server) errorPage(c *call, e *Error) {
	s.logRefusal(c, e)
	c.show(e.status(), "error.html", "Sign in", func(fr frame) any {
		return struct {
			frame
			Problem *problem
		}{fr, c.problem(e)}
	})
}

func (s *Server) signedOutPage(c *call) {
	c.show(http.StatusOK, "signedout.html", "Sign out", func(fr frame) any { return fr })
}

// formPost shows a page that posts the answer to the client at once (OAuth 2.0
// Form Post Response Mode).
func (c *call) formPost(uri string, v url.Values) {
	type field struct{ Name, Value string }
	var fields []field
	for _, name := range slices.Sorted(maps.Keys(v)) {
		fields = append(fields, field{name, v.Get(name)})
	}
	c.show(http.StatusOK, "formpost.html", "Working…", func(fr frame) any {
		return struct {
			frame
			// Action was compared with the registration, so that it needs no
			// escaping as an unknown URL would.
			Action template.URL
			Fields []field
		}{fr, template.URL(uri), fields}
	})
}

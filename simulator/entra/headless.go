package entra

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
)

// PageError is what a page of the server said instead of going on.
type PageError struct {
	// Status is the HTTP status of the page; 200 for a sign-in page that lets
	// the user try again.
	Status int
	// Text is the message with its AADSTS or MSIS code, if it has one.
	Text          string
	CorrelationID string
}

// Error returns the page's text with its correlation id.
func (e *PageError) Error() string {
	return fmt.Sprintf("the sign-in page says %q (HTTP %d, correlation id %s)", e.Text, e.Status, e.CorrelationID)
}

var pageCode = regexp.MustCompile(`(AADSTS|MSIS)\d+`)

// Code returns the code in the text, such as "AADSTS50126" or "MSIS9224", or "".
func (e *PageError) Code() string { return pageCode.FindString(e.Text) }

// RequestID returns the correlation id.
func (e *PageError) RequestID() string { return e.CorrelationID }

// maxSteps bounds the pages and redirects of a sign-in.
const maxSteps = 12

// SignIn does what a person in a browser does: it opens an authorization URL,
// fills in account and password, approves the request for a second factor,
// accepts the permissions (or, where consent is false, cancels), and stops at the redirect to the application, which it
// returns without following it. A refusal that the application is told of, such
// as the cancelled consent, is a redirect too and no error; one that only the
// page tells is a *PageError.
//
// For response_mode=form_post the fields of the form are returned as the query
// of the form's address.
//
// The client's transport is used, with its trust in the server's certificate.
// Its cookie jar is used too, so that a second call finds the session of the
// first; without a jar each call is a browser of its own.
func SignIn(ctx context.Context, client *http.Client, authorizeURL, account string, password Secret, consent bool) (*url.URL, error) {
	return SignInAs(ctx, client, authorizeURL, Person{Account: account, Password: password, Cancels: !consent})
}

// Person is who sits at the pages, and what they do there.
type Person struct {
	Account  string
	Password Secret
	// Cancels: on the page that asks for consent, or for the confirmation of a
	// device code.
	Cancels bool
	// DeclinesFactor: where a second factor is asked for, or to be set up.
	DeclinesFactor bool
}

// SignInAs is SignIn for a person who does as described.
func SignInAs(ctx context.Context, client *http.Client, authorizeURL string, who Person) (*url.URL, error) {
	at, err := url.Parse(authorizeURL)
	if err != nil {
		// The URL holds no secret, but the parser's error repeats it whole.
		return nil, errors.New("sign in: the authorization URL cannot be parsed")
	}
	b := browser{client: *client, home: at, back: at.Query().Get("redirect_uri")}
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if b.client.Jar == nil {
		if b.client.Jar, err = cookiejar.New(nil); err != nil {
			return nil, fmt.Errorf("sign in: %w", err)
		}
	}
	target, err := b.signIn(ctx, who)
	if err != nil {
		return nil, fmt.Errorf("sign in as %s: %w", who.Account, err)
	}
	return target, nil
}

// browser is one sign-in under way.
type browser struct {
	client http.Client
	home   *url.URL // the server's own pages are there
	back   string   // the redirect URI; empty where a code is typed instead
	// userCode is what a program without a browser showed.
	userCode string
}

func (b *browser) signIn(ctx context.Context, who Person) (*url.URL, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.home.String(), nil)
	if err != nil {
		return nil, err
	}
	typed, coded := false, false
	for range maxSteps {
		pg, next, err := b.open(req)
		if err != nil {
			return nil, err
		}
		if next != nil {
			if !b.isHome(next) {
				return next, nil
			}
			if req, err = http.NewRequestWithContext(ctx, http.MethodGet, next.String(), nil); err != nil {
				return nil, err
			}
			continue
		}
		var form *pageForm
		var fields url.Values
		switch {
		case pg.text["device-done"] != "":
			return req.URL, nil
		case pg.form("user-code") != nil && !coded:
			coded, form = true, pg.form("user-code")
			fields = form.values("next")
			fields.Set(form.name("user-code"), b.userCode)
		case pg.form("account") != nil && !typed:
			typed, form = true, pg.form("account")
			fields = form.values("sign-in")
			fields.Set(form.name("account"), who.Account)
			fields.Set(form.name("password"), string(who.Password))
		case pg.form("approve-factor") != nil:
			form = pg.form("approve-factor")
			button := "approve-factor"
			if who.DeclinesFactor {
				button = "decline-factor"
			}
			fields = form.values(button)
		case pg.form("accept") != nil:
			form = pg.form("accept")
			button := "accept"
			if who.Cancels {
				button = "cancel"
			}
			fields = form.values(button)
		case pg.form("continue") != nil:
			target, err := url.Parse(pg.form("continue").action)
			if err != nil {
				return nil, fmt.Errorf("the form's address: %w", err)
			}
			target.RawQuery = pg.form("continue").values("").Encode()
			return target, nil
		default:
			return nil, &PageError{Status: pg.status, Text: pg.text["error"], CorrelationID: pg.text["correlation-id"]}
		}
		action, err := req.URL.Parse(form.action)
		if err != nil {
			return nil, fmt.Errorf("the form's address: %w", err)
		}
		if !b.isHome(action) {
			return nil, fmt.Errorf("the page would send the password to %s", action.Host)
		}
		if req, err = http.NewRequestWithContext(ctx, http.MethodPost, action.String(), strings.NewReader(fields.Encode())); err != nil {
			return nil, err
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return nil, fmt.Errorf("no end after %d pages", maxSteps)
}

// isHome tells the server's own pages from the application's. The application
// may live on the same host, so that its redirect URI goes first.
func (b *browser) isHome(u *url.URL) bool {
	if back, err := url.Parse(b.back); err == nil && b.back != "" &&
		u.Scheme == back.Scheme && u.Host == back.Host && rootPath(u) == rootPath(back) {
		return false
	}
	return u.Scheme == b.home.Scheme && u.Host == b.home.Host
}

// open fetches a page, or says where a redirect leads.
func (b *browser) open(req *http.Request) (*page, *url.URL, error) {
	resp, err := b.client.Do(req)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			// The URL holds the state; the host is enough.
			err = fmt.Errorf("%s: %w", req.URL.Host, ue.Err)
		}
		return nil, nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		next, err := resp.Location()
		if err != nil {
			return nil, nil, fmt.Errorf("a redirect without an address: %w", err)
		}
		return nil, next, nil
	}
	pg, err := readPage(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return nil, nil, fmt.Errorf("the page cannot be read (HTTP %d): %w", resp.StatusCode, err)
	}
	pg.status = resp.StatusCode
	return pg, nil, nil
}

// page is what matters of one: its forms, and the text of elements with an id.
type page struct {
	status int
	forms  []*pageForm
	text   map[string]string
}

type pageForm struct {
	action string
	fields []pageField
}

type pageField struct{ id, name, value, kind string }

// form finds the form that has a field or button of that id.
func (p *page) form(id string) *pageForm {
	for _, f := range p.forms {
		for _, fd := range f.fields {
			if fd.id == id {
				return f
			}
		}
	}
	return nil
}

// name returns the name under which the field of that id is sent.
func (f *pageForm) name(id string) string {
	for _, fd := range f.fields {
		if fd.id == id {
			return fd.name
		}
	}
	return id
}

// values returns what the browser sends when the button of that id is pressed.
func (f *pageForm) values(button string) url.Values {
	v := url.Values{}
	for _, fd := range f.fields {
		if fd.name != "" && (fd.kind != "submit" || fd.id == button) {
			v.Set(fd.name, fd.value)
		}
	}
	return v
}

// readPage reads the forms of a page.
func readPage(r io.Reader) (*page, error) {
	d := xml.NewDecoder(r)
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	p := &page{text: map[string]string{}}
	var form *pageForm
	var ids []string // of the elements that are open
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return p, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			a := map[string]string{}
			for _, attr := range t.Attr {
				a[attr.Name.Local] = attr.Value
			}
			ids = append(ids, a["id"])
			switch t.Name.Local {
			case "form":
				form = &pageForm{action: a["action"]}
				p.forms = append(p.forms, form)
			case "input", "button":
				if form != nil {
					form.fields = append(form.fields, pageField{a["id"], a["name"], a["value"], a["type"]})
				}
			}
		case xml.EndElement:
			if len(ids) > 0 {
				ids = ids[:len(ids)-1]
			}
			if t.Name.Local == "form" {
				form = nil
			}
		case xml.CharData:
			for _, id := range ids {
				if id != "" {
					p.text[id] += string(t)
				}
			}
		}
	}
}

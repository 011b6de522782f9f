package oauth

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strconv"

	"github.com/exconn/exconn/mailbox"
)

// The files of SignInOptions.Pages.
const (
	resultPage   = "result.html"
	resultScript = "result.js"
	resultStyle  = "callback.css"
)

// What a page tells; result.html has words for each.
const (
	outcomeSuccess     = "success"
	outcomeRefused     = "refused"     // the sign-in page said no
	outcomeFailed      = "failed"      // the code could not be redeemed or kept
	outcomeExpired     = "expired"     // the code came too late
	outcomeUnreachable = "unreachable" // the server could not be asked
	outcomeForeign     = "foreign"     // the state is another attempt's
	outcomeUsed        = "used"        // a second answer
)

// page is what result.html is given.
type page struct {
	Outcome string
	// Username and Name are who has signed in.
	Username, Name string
	// Cause and Hint are what happened and what to do, in plain words; Detail
	// is the server's own explanation where it says more, and Reason ours where
	// Cause is a translation that says less.
	Cause, Hint, Detail, Reason string
	// Code, CorrelationID and Time are for an admin or Microsoft's support.
	Code, CorrelationID, Time string
	// Lang and Dir are of the page, CauseLang and HintLang of the two where
	// they are not in the page's language.
	Lang, Dir, CauseLang, HintLang string

	causeKey, hintKey string // see Error
}

// failurePage tells of an error.
func failurePage(e *Error) page {
	p := page{Outcome: outcomeFailed, Cause: e.Cause(), Hint: e.Hint(), Code: e.Code(), CorrelationID: e.CorrelationID, Time: e.Timestamp,
		causeKey: e.causeKey(), hintKey: e.hintKey()}
	if e.Description != p.Cause {
		p.Detail = e.Description
	}
	switch {
	case e.Status != 0 && (e.AADSTS == "AADSTS70008" || e.AADSTS == "AADSTS50089"):
		p.Outcome = outcomeExpired
	case e.Status == 0 && e.OAuth != "":
		p.Outcome = outcomeRefused
	case e.Code() == "" && (errors.Is(e, mailbox.ErrUnavailable) || errors.Is(e, mailbox.ErrBusy)):
		p.Outcome = outcomeUnreachable
	}
	return p
}

// pages renders the outcome. The zero value writes plain text.
type pages struct {
	result *PageTemplate
	assets map[string]asset // by path
}

type asset struct {
	contentType string
	content     []byte
}

// loadPages reads the pages whole, so that a file which is missing or broken
// is found before the browser is sent away.
func loadPages(files fs.FS) (*pages, error) {
	if files == nil {
		return &pages{}, nil
	}
	bad := func(name string, err error) (*pages, error) {
		return nil, &FieldError{Field: "Pages", Problem: fmt.Sprintf("%s cannot be used: %v", name, err)}
	}
	p := &pages{assets: map[string]asset{}}
	var err error
	if p.result, err = LoadPageTemplate(files, resultPage); err != nil {
		return nil, err
	}
	if _, err := p.render("", page{Outcome: outcomeSuccess}); err != nil {
		return bad(resultPage, err)
	}
	for name, contentType := range map[string]string{resultScript: "text/javascript; charset=utf-8", resultStyle: "text/css; charset=utf-8"} {
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return bad(name, err)
		}
		p.assets["/"+name] = asset{contentType, content}
	}
	return p, nil
}

func (p *pages) assetNames() []string {
	names := make([]string, 0, len(p.assets))
	for name := range p.assets {
		names = append(names, name)
	}
	return names
}

func (p *pages) hasAsset(path string) bool {
	_, ok := p.assets[path]
	return ok
}

func (p *pages) writeAsset(w http.ResponseWriter, path string) {
	a := p.assets[path]
	writeBody(w, http.StatusOK, a.contentType, a.content)
}

// render writes the page in the language that accept, a browser's
// Accept-Language header, asks for.
func (p *pages) render(accept string, data page) ([]byte, error) {
	return p.result.Render(accept, func(w Wording) any { return w.words.apply(data) })
}

// write sends the page whole before it returns.
func (p *pages) write(w http.ResponseWriter, r *http.Request, status int, data page) {
	if p.result != nil {
		if body, err := p.render(r.Header.Get("Accept-Language"), data); err == nil {
			w.Header().Set("Vary", "Accept-Language")
			writeBody(w, status, "text/html; charset=utf-8", body)
			return
		}
	}
	writeBody(w, status, "text/plain; charset=utf-8", []byte(plainText(data)))
}

func writeBody(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	// A browser that has gone away is told nothing; the outcome stands.
	_, _ = w.Write(body)
	_ = http.NewResponseController(w).Flush()
}

// plainText is the page for callers without Pages.
func plainText(p page) string {
	switch p.Outcome {
	case outcomeSuccess:
		return "Signed in as " + p.Username + ". You can close this tab.\n"
	case outcomeForeign:
		return "This answer belongs to another sign-in, and was not used. The sign-in still waits for its own.\n"
	case outcomeUsed:
		return "This sign-in has already had its answer. Begin a new one if you need it.\n"
	}
	text := "Not signed in: " + p.Cause + ".\n"
	if p.Hint != "" {
		text += "What to do: " + p.Hint + ".\n"
	}
	if p.Code != "" {
		text += "Code: " + p.Code + "\n"
	}
	if p.CorrelationID != "" {
		text += "Correlation id: " + p.CorrelationID + "\n"
	}
	return text
}

// SetPageHeaders makes a sign-in page load nothing from elsewhere, tell nobody
// where it was, stay in no cache, and be framed by no one. forms is where its
// forms may lead, in the words of the Content-Security-Policy's form-action,
// such as "'none'".
func SetPageHeaders(h http.Header, forms string) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action "+forms+"; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// tab is one of the browser's tabs, which hears what its pages load and what
// the browser complains of.
type tab struct {
	m   *machine
	ctx context.Context

	mu       sync.Mutex
	loaded   []string // addresses, with their fragments
	grumbles []string
}

// browser opens a tab in a profile of its own, where nobody is signed in yet.
func (m *machine) browser() *tab {
	m.t.Helper()
	return m.newTab(m.suite.chrome, chromedp.WithNewBrowserContext())
}

// beside opens another tab of the same browser.
func (b *tab) beside() *tab {
	b.m.t.Helper()
	return b.m.newTab(b.ctx)
}

func (m *machine) newTab(parent context.Context, opts ...chromedp.ContextOption) *tab {
	m.t.Helper()
	ctx, cancel := chromedp.NewContext(parent, opts...)
	m.t.Cleanup(cancel)
	b := &tab{m: m, ctx: ctx}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		m.t.Fatal(err)
	}
	return b
}

// hear is called by the browser's events, in their order.
func (b *tab) hear(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch ev := ev.(type) {
	case *network.EventRequestWillBeSent:
		address := ev.Request.URL + ev.Request.URLFragment
		b.loaded = append(b.loaded, address)
		b.m.watch.codeIn(address)
	case *log.EventEntryAdded:
		// A page that loads slowly is told that a field which the test has
		// chosen already is not chosen again.
		if ev.Entry.Source == log.EntrySourceRendering && ev.Entry.Level == log.EntryLevelInfo {
			return
		}
		b.grumbles = append(b.grumbles, fmt.Sprintf("%s %s: %s %s", ev.Entry.Source, ev.Entry.Level, ev.Entry.Text, ev.Entry.URL))
	case *runtime.EventExceptionThrown:
		b.grumbles = append(b.grumbles, "exception: "+ev.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		b.grumbles = append(b.grumbles, fmt.Sprintf("console.%s", ev.Type))
	}
}

// quiet asserts that no page that was shown has offended against its policy,
// thrown an error, or written to the console, and that none of them asked
// another host than those of the sign-in.
func (b *tab) quiet() {
	b.m.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, grumble := range b.grumbles {
		b.m.t.Errorf("the browser complains: %s", grumble)
	}
	for _, address := range b.loaded {
		u, err := url.Parse(address)
		if err != nil || u.Hostname() != "localhost" && u.Hostname() != crmName {
			b.m.t.Errorf("a page asked for %s", address)
		}
	}
}

// do carries out actions, within the suite's patience.
func (b *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.m.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, browserPatience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.m.t.Fatalf("%s: %v\n%s", what, err, b.where())
	}
}

// ask carries out an action that has a value.
func ask[T any](b *tab, what string, action chromedp.Action[T]) T {
	b.m.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, browserPatience)
	defer cancel()
	value, err := chromedp.Run(ctx, action)
	if err != nil {
		b.m.t.Fatalf("%s: %v\n%s", what, err, b.where())
	}
	return value
}

// call is a command of the DevTools protocol as an action.
func call[P, R any](cmd cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, cmd, params)
		return err
	})
}

// where says what the tab shows, for the message of a failed test.
func (b *tab) where() string {
	ctx, cancel := context.WithTimeout(b.ctx, browserPatience)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.origin + location.pathname + "\n" + document.body.innerText`))
	if err != nil {
		return fmt.Sprintf("the tab cannot be read: %v", err)
	}
	return "the tab shows " + text
}

func (b *tab) open(address string) {
	b.m.t.Helper()
	b.do("opening a page", chromedp.Navigate(address))
}

// sees waits until something is shown.
func (b *tab) sees(selector string) {
	b.m.t.Helper()
	b.do("waiting for "+selector, chromedp.WaitVisible(chromedp.CSS(selector)))
}

func (b *tab) clicks(selector string) {
	b.m.t.Helper()
	b.do("clicking "+selector, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

func (b *tab) types(selector, text string) {
	b.m.t.Helper()
	b.do("filling in "+selector, chromedp.SendKeys(chromedp.CSS(selector), text, chromedp.NodeVisible))
}

// text is what a person reads.
func (b *tab) text() string {
	b.m.t.Helper()
	return ask(b, "reading the page", chromedp.Evaluate[string](`document.body.innerText`))
}

// reads asserts that words stand on the page.
func (b *tab) reads(words ...string) {
	b.m.t.Helper()
	text := b.text()
	for _, w := range words {
		if !strings.Contains(text, w) {
			b.m.t.Errorf("the page does not say %q: %s", w, text)
		}
	}
}

// value is what a field holds.
func (b *tab) value(selector string) string {
	b.m.t.Helper()
	return ask(b, "reading "+selector, chromedp.Value(chromedp.CSS(selector), chromedp.NodeVisible))
}

// focuses waits until an element has the focus without anybody's doing.
func (b *tab) focuses(selector string) {
	b.m.t.Helper()
	eventually(b.m.t, "the focus on "+selector, func() (bool, error) { return ask(b, "looking for the focus", focused(selector)), nil })
}

func focused(selector string) chromedp.Action[bool] {
	return chromedp.Evaluate[bool](fmt.Sprintf(`document.activeElement !== null && document.activeElement.matches(%q)`, selector))
}

// tabsTo presses Tab until an element has the focus, as people without a mouse
// do.
func (b *tab) tabsTo(selector string) {
	b.m.t.Helper()
	for range 20 {
		b.do("pressing Tab", chromedp.KeyEvent(kb.Tab))
		if ask(b, "looking for the focus", focused(selector)) {
			return
		}
	}
	b.m.t.Fatalf("%s is not reached by Tab\n%s", selector, b.where())
}

func (b *tab) presses(key string) {
	b.m.t.Helper()
	b.do("pressing a key", chromedp.KeyEvent(key))
}

// mayUse gives the tab's profile permissions that a person would be asked for.
// Names that this Chromium does not know are passed over; what needs them then
// fails.
func (b *tab) mayUse(permissions ...string) {
	b.m.t.Helper()
	var refusals []error
	for _, name := range permissions {
		_, err := chromedp.CallBrowser(b.ctx, browser.SetPermission, browser.SetPermissionParams{
			Permission: &browser.PermissionDescriptor{Name: name}, Setting: browser.PermissionSettingGranted,
			BrowserContextID: chromedp.FromContext(b.ctx).BrowserContextID,
		})
		if err != nil {
			refusals = append(refusals, err)
		}
	}
	if len(refusals) == len(permissions) {
		b.m.t.Fatalf("none of the permissions %v: %v", permissions, refusals)
	}
}

// opened waits for a tab that a page of this browser has opened, and looks into
// it.
func (b *tab) opened(prefix string) *tab {
	b.m.t.Helper()
	var found target.ID
	eventually(b.m.t, "a new tab at "+prefix, func() (bool, error) {
		list, err := chromedp.Targets(b.ctx)
		if err != nil {
			return false, err
		}
		for _, info := range list {
			if info.Type == "page" && !info.Attached && strings.HasPrefix(info.URL, prefix) {
				found = info.TargetID
				return true, nil
			}
		}
		return false, nil
	})
	return b.m.newTab(b.ctx, chromedp.WithTargetID(found))
}

// remembers returns the addresses of the tab's history.
func (b *tab) remembers() []string {
	b.m.t.Helper()
	var list []string
	for _, entry := range ask(b, "reading the history", chromedp.NavigationEntries()).Entries {
		list = append(list, entry.URL)
	}
	return list
}

// forgetsTheCode asserts that neither the address bar nor the history holds the
// answer of the sign-in.
func (b *tab) forgetsTheCode() {
	b.m.t.Helper()
	for _, address := range b.remembers() {
		u, err := url.Parse(address)
		if err != nil {
			b.m.t.Fatal(err)
		}
		for _, part := range []string{u.RawQuery, u.Fragment} {
			if q, err := url.ParseQuery(part); err != nil || q.Has("code") || q.Has("error") {
				b.m.t.Errorf("the history keeps an answer: %s", u.Redacted())
			}
		}
	}
}

// look is a window and a colour scheme.
type look struct {
	name          string
	width, height int64
	scheme        string
}

var looks = []look{
	{"wide-light", 1280, 800, "light"}, {"wide-dark", 1280, 800, "dark"},
	{"narrow-light", 390, 844, "light"}, {"narrow-dark", 390, 844, "dark"},
	// The narrowest window without a horizontal scroll bar, WCAG 2.2, 1.4.10.
	{"narrowest", 320, 568, "light"},
}

// inspect looks at a page in all looks: what it reads to a person and to a
// screen reader, what is cut off, what it has loaded. Where pictures are
// wanted, it takes them.
func (b *tab) inspect(name string) {
	b.m.t.Helper()
	script, err := os.ReadFile(filepath.Join("testdata", "browser", "inspect.js"))
	if err != nil {
		b.m.t.Fatal(err)
	}
	b.do("coming to the front", call(page.BringToFront, cdp.Empty{}))
	for _, l := range looks {
		b.do("changing the window", call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}},
		}), chromedp.EmulateViewport(l.width, l.height))
		for _, complaint := range ask(b, "inspecting the page", chromedp.Evaluate[[]string](string(script))) {
			b.m.t.Errorf("%s, %s: %s", name, l.name, complaint)
		}
		if b.m.suite.shots == "" {
			continue
		}
		picture := ask(b, "taking a picture", chromedp.FullScreenshot(100))
		if err := os.WriteFile(filepath.Join(b.m.suite.shots, name+"-"+l.name+".png"), picture, 0o644); err != nil {
			b.m.t.Fatal(err)
		}
	}
	b.do("changing the window back", chromedp.ResetViewport(), call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{}))
	b.shows(name)
}

// shows hands what the page says, and all its markup, to the watch for secrets.
func (b *tab) shows(name string) {
	b.m.t.Helper()
	b.m.watch.said("the text of the page "+name, b.text())
	b.m.watch.said("the markup of the page "+name, ask(b, "reading the markup", chromedp.Evaluate[string](`document.documentElement.outerHTML`)))
}

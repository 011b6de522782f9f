package ews

import (
	"net/http"
	"sync"
)

// affinity keeps the calls about a group of subscriptions on the server that
// holds them: one anchor mailbox for all, and the cookie by which the front end
// finds the server again (learn.microsoft.com: maintain affinity between a
// group of subscriptions and the Mailbox server).
type affinity struct {
	anchor string

	mu     sync.Mutex
	cookie string // "X-BackEndOverrideCookie=…", or ""
}

const overrideCookie = "X-BackEndOverrideCookie"

// header adds the group's headers to a request.
func (a *affinity) header(h http.Header) {
	h["X-Anchormailbox"] = []string{a.anchor}
	h.Set("X-PreferServerAffinity", "true")
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.cookie != "" {
		h.Set("Cookie", a.cookie)
	}
}

// learn keeps the cookie of an answer.
func (a *affinity) learn(cookies []*http.Cookie) {
	for _, c := range cookies {
		if c.Name == overrideCookie {
			a.mu.Lock()
			a.cookie = c.Name + "=" + c.Value
			a.mu.Unlock()
		}
	}
}

// forget drops the cookie: the server that it leads to is not to be had.
func (a *affinity) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.cookie = ""
}

// grouped returns the mailbox with calls that belong to a group.
func (m *Mailbox) grouped(a *affinity) *Mailbox {
	in := *m
	in.affinity = a
	return &in
}

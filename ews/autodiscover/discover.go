package autodiscover

import (
	"context"
	"errors"
	"maps"
	"net/url"

	"github.com/exconn/exconn/mailbox"
)

// Discover finds the Exchange Web Services of the mailbox with this address. A
// nil opts means the defaults. It returns after all its requests have ended.
// Errors are *Error. Safe for concurrent use.
func Discover(ctx context.Context, address string, opts *Options) (*Settings, error) {
	r := &search{asked: address}
	_, domain, err := split(address)
	if err != nil {
		return nil, &Error{Address: address, Err: err, kind: mailbox.ErrInvalid}
	}
	if r.opts, err = opts.withDefaults(); err != nil {
		return nil, &Error{Address: address, Err: err, kind: mailbox.ErrInvalid}
	}
	if r.allowed = r.opts.AllowRedirect; r.allowed == nil {
		r.allowed = AllowHosts(address)
	}
	limited, cancel := context.WithTimeout(ctx, r.opts.Timeout)
	defer cancel()
	found := r.run(limited, address, domain)
	if found == nil {
		return nil, r.fail(ctx)
	}
	found.Attempts = r.report.attempts()
	return found, nil
}

// search is one call of Discover.
type search struct {
	opts    Options
	asked   string
	allowed func(*url.URL) bool
	report  report
	// visited are the addresses that were searched for. It changes only while
	// nothing is being asked.
	visited map[string]bool
}

// trail is the way from the first question to the present one. Each of the
// questions that are asked side by side has its own.
type trail struct {
	redirects int
	// seen holds the URLs, with the way and the address, that were asked since
	// the beginning, or since the last return to a first URL.
	seen map[string]bool
}

func (t trail) clone() trail { return trail{t.redirects, maps.Clone(t.seen)} }

// outcome is what a question, or several, led to: settings, another address to
// go on with, or an error.
type outcome struct {
	settings *Settings
	address  string
	trail    trail
	err      error
	// silent: the host that was asked first gave no answer at all, so that
	// other ways to ask it are in vain.
	silent bool
}

func (o outcome) useful() bool { return o.settings != nil || o.address != "" }

// run goes through the stages, from one address to the next.
func (r *search) run(ctx context.Context, address, domain string) *Settings {
	r.visited = map[string]bool{}
	path := trail{}
	for {
		r.visited[addressKey(address)] = true
		o := r.stages(ctx, address, domain, path)
		if o.settings != nil || o.address == "" {
			return o.settings
		}
		_, next, err := split(o.address)
		if err != nil {
			return nil
		}
		address, domain, path = o.address, next, trail{redirects: o.trail.redirects}
	}
}

// stages looks for one address. It ends with the first stage that has an
// outcome.
func (r *search) stages(ctx context.Context, address, domain string, path trail) outcome {
	onlineCtx, stop := context.WithCancel(ctx)
	online := make(chan outcome, 1)
	go func() { online <- r.online(onlineCtx, address, path.clone()) }()
	// Its request has ended before this function has.
	defer func() { stop(); <-online }()

	if o := r.own(ctx, address, domain, path); o.useful() {
		return o
	}
	o := <-online
	online <- o
	if o.useful() {
		return o
	}
	if o := r.viaHTTP(ctx, address, domain, path.clone()); o.useful() {
		return o
	}
	return r.viaSRV(ctx, address, domain, path.clone())
}

// own asks the two usual hosts of a domain side by side. The first outcome
// that is of use counts, and the other is called off.
func (r *search) own(ctx context.Context, address, domain string, path trail) outcome {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	hosts := []string{domain, "autodiscover." + domain}
	outcomes := make(chan outcome, len(hosts))
	for _, h := range hosts {
		go func() {
			outcomes <- r.host(ctx, address, &url.URL{Scheme: "https", Host: h}, nil, path.clone())
		}()
	}
	var first outcome
	for range hosts {
		if o := <-outcomes; o.useful() && !first.useful() {
			first = o
			cancel()
		}
	}
	return first
}

// host asks one host in all ways, one after the other. Of base scheme and host
// count; pox, if not nil, is its URL for POX, where a redirect has named one.
func (r *search) host(ctx context.Context, address string, base, pox *url.URL, path trail) outcome {
	at := func(p string) *url.URL { return &url.URL{Scheme: base.Scheme, Host: base.Host, Path: p} }
	if pox == nil {
		pox = at(poxPath)
	}
	var last outcome
	refused := false
	for _, q := range []question{soapQuestion(at(soapPath)), poxQuestion(pox), jsonQuestion(at(jsonPath + address))} {
		if refused && q.signed {
			// A wrong password is not tried again by another way: accounts get
			// locked.
			continue
		}
		last = r.ask(ctx, q, address, path.clone())
		var server *ServerError
		switch {
		case last.useful(), last.silent, ctx.Err() != nil:
			return last
		case errors.As(last.err, &server) && server.unknownUser():
			return last
		case errors.Is(last.err, mailbox.ErrSignInNeeded):
			refused = true
		}
	}
	return last
}

// online asks Exchange Online's endpoint.
func (r *search) online(ctx context.Context, address string, path trail) outcome {
	if r.opts.NoOnline {
		return outcome{}
	}
	u, err := url.Parse(r.opts.Online)
	if err != nil {
		return outcome{err: err}
	}
	return r.ask(ctx, jsonQuestion(&url.URL{Scheme: "https", Host: u.Host, Path: jsonPath + address}), address, path)
}

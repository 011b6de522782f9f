package autodiscover

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// viaHTTP asks http://autodiscover.{domain} whither to go ([MS-OXDISCO]
// 3.1.5.4). The question goes over plain http and carries nothing but the host
// name; anybody in between can answer it, so that only a 302 to an https URL
// that passes the allow rule is taken from it.
func (r *search) viaHTTP(ctx context.Context, address, domain string, path trail) outcome {
	q := question{way: HTTPRedirect, method: http.MethodGet,
		url: &url.URL{Scheme: "http", Host: "autodiscover." + domain, Path: poxPath}}
	s := r.report.begin(q.way, shown(q.url), address)
	got, err := r.once(ctx, s, q, address)
	var target *url.URL
	if err == nil {
		target, err = r.judge(s, q, got, address, &path)
	}
	s.end(err)
	if err != nil {
		return outcome{err: err}
	}
	var pox *url.URL
	if strings.HasSuffix(strings.ToLower(target.Path), ".xml") {
		pox = target
	}
	return r.host(ctx, address, target, pox, path)
}

// maxRecords is how many hosts of an SRV record are asked.
const maxRecords = 3

// viaSRV asks the DNS, which is not to be trusted either, and then the hosts
// that pass the allow rule, by priority and weight.
func (r *search) viaSRV(ctx context.Context, address, domain string, path trail) outcome {
	s := r.report.begin(SRV, "_autodiscover._tcp."+domain, address)
	targets, err := r.lookup(ctx, s, domain, &path)
	s.end(err)
	if err != nil {
		return outcome{err: err}
	}
	var last outcome
	for _, target := range targets {
		if last = r.host(ctx, address, target, nil, path.clone()); last.useful() || ctx.Err() != nil {
			return last
		}
	}
	return last
}

// lookup returns the hosts that the record names and that may be asked.
func (r *search) lookup(ctx context.Context, s *step, domain string, path *trail) ([]*url.URL, error) {
	ctx, cancel := context.WithTimeout(ctx, r.opts.StepTimeout)
	defer cancel()
	_, records, err := r.opts.Resolver.LookupSRV(ctx, "autodiscover", "tcp", domain)
	if err != nil && len(records) == 0 {
		return nil, err
	}
	var targets []*url.URL
	var refused error
	for _, record := range records {
		host := canonicalHost(record.Target)
		if host == "" || record.Port == 0 {
			continue // "." says that there is no such service (RFC 2782)
		}
		if record.Port != 443 {
			host = net.JoinHostPort(host, strconv.Itoa(int(record.Port)))
		}
		u := &url.URL{Scheme: "https", Host: host}
		s.a.Redirect = shown(u)
		switch {
		case path.redirects >= MaxRedirects:
			refused = &RedirectError{Target: shown(u), Reason: TooMany}
		case !r.allowed(u):
			refused = &RedirectError{Target: shown(u), Reason: Strange}
		case len(targets) < maxRecords:
			targets = append(targets, u)
		}
	}
	switch {
	case len(targets) > 0:
		path.redirects++
		return targets, nil
	case refused != nil:
		return nil, refused
	}
	return nil, errors.New("the record names no host")
}

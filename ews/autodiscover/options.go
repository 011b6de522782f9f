package autodiscover

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/soap"
)

// The bounds of a search.
const (
	// DefaultTimeout is for the whole search.
	DefaultTimeout = time.Minute
	// DefaultStepTimeout is for one request. A host that says nothing for so
	// long is not asked in the other ways.
	DefaultStepTimeout = 20 * time.Second
	// DefaultMaxAnswer is the most that an answer may have, in bytes.
	DefaultMaxAnswer = 1 << 20
	// MaxRedirects is how many redirects are followed, to URLs and to addresses
	// together; it is the number that Microsoft's documentation gives.
	MaxRedirects = 10
)

// OnlineEndpoint is where Exchange Online answers by JSON in the worldwide
// cloud.
const OnlineEndpoint = "https://outlook.office365.com"

// HTTPClient is what Discover needs of an HTTP client; *http.Client is one. It
// adds no credentials of its own and does not follow redirects (a *http.Client
// is used by way of a copy that does not).
type HTTPClient interface {
	Do(*http.Request) (*http.Response, error)
}

// Resolver looks up SRV records; *net.Resolver is one.
type Resolver interface {
	LookupSRV(ctx context.Context, service, proto, name string) (cname string, records []*net.SRV, err error)
}

// Options direct a search. A nil *Options, like the zero value, means the
// defaults and no credentials, with which JSON alone can succeed.
type Options struct {
	// HTTPClient makes the requests; nil means http.DefaultClient.
	HTTPClient HTTPClient
	// Authorize adds credentials to a request. It is called for https requests
	// to hosts that pass the allow rule, after the host has asked for
	// credentials. Nil means that there are none, unless SignedClient is set.
	Authorize func(*http.Request) error
	// SignedClient, if set, makes the requests that Authorize is for, instead
	// of HTTPClient: for ways to sign in that are more than a header, such as
	// NTLM. It must not follow redirects.
	SignedClient HTTPClient
	// AllowRedirect is the allow rule: whether the host of a URL may be asked,
	// where a server or a DNS record points there, and may be given the
	// credentials. Nil means AllowHosts without hosts of its own: the domain
	// of the address and what is below it, and Microsoft's.
	AllowRedirect func(*url.URL) bool

	// NoOnline leaves Exchange Online's endpoint out, for an organisation that
	// has Exchange Servers alone: its addresses are then not told to Microsoft.
	NoOnline bool
	// Online is the https URL of Exchange Online's host; empty means
	// OnlineEndpoint. National clouds have others.
	Online string

	// Timeout bounds the whole search; zero means DefaultTimeout. A shorter
	// limit of the context holds too.
	Timeout time.Duration
	// StepTimeout bounds one request; zero means DefaultStepTimeout.
	StepTimeout time.Duration
	// MaxAnswer bounds an answer, in bytes; zero means DefaultMaxAnswer.
	MaxAnswer int64
	// Resolver looks up the SRV record; nil means net.DefaultResolver.
	Resolver Resolver
	// UserAgent is sent with each request; empty means soap.DefaultUserAgent.
	UserAgent string
}

func (o *Options) withDefaults() (Options, error) {
	var v Options
	if o != nil {
		v = *o
	}
	if v.HTTPClient == nil {
		v.HTTPClient = http.DefaultClient
	}
	v.HTTPClient = withoutRedirects(v.HTTPClient)
	if v.SignedClient != nil {
		v.SignedClient = withoutRedirects(v.SignedClient)
	}
	if v.Resolver == nil {
		v.Resolver = net.DefaultResolver
	}
	v.Online = strings.TrimSuffix(cmp.Or(v.Online, OnlineEndpoint), "/")
	if u, err := url.Parse(v.Online); err != nil || u.Scheme != "https" || u.Host == "" {
		return v, errors.New("the address of Exchange Online's endpoint is no https URL")
	}
	v.Timeout = cmp.Or(v.Timeout, DefaultTimeout)
	v.StepTimeout = cmp.Or(v.StepTimeout, DefaultStepTimeout)
	v.MaxAnswer = cmp.Or(v.MaxAnswer, DefaultMaxAnswer)
	v.UserAgent = cmp.Or(v.UserAgent, soap.DefaultUserAgent)
	if v.Timeout < 0 || v.StepTimeout < 0 || v.MaxAnswer < 0 {
		return v, errors.New("a limit of the search is negative")
	}
	return v, nil
}

// signs tells whether there are credentials.
func (o *Options) signs() bool { return o.Authorize != nil || o.SignedClient != nil }

// withoutRedirects keeps a *http.Client from following redirects: where a
// server points is for the allow rule to judge first.
func withoutRedirects(c HTTPClient) HTTPClient {
	hc, ok := c.(*http.Client)
	if !ok {
		return c
	}
	own := *hc
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}

// microsoftDomains are those whose hosts Exchange Online's Autodiscover and EWS
// are at, in the worldwide and the national clouds. Tenants get names below the
// onmicrosoft ones, but Microsoft serves their DNS.
var microsoftDomains = []string{
	"office365.com", "outlook.com", "office.com", "onmicrosoft.com",
	"office365.us", "onmicrosoft.us",
	"partner.outlook.cn", "partner.onmschina.cn",
}

// AllowHosts returns the allow rule for an address that takes its domain,
// Microsoft's domains and the given ones, with every host below them.
func AllowHosts(address string, domains ...string) func(*url.URL) bool {
	all := append([]string{}, microsoftDomains...)
	for _, d := range domains {
		if d = canonicalHost(d); d != "" {
			all = append(all, d)
		}
	}
	if _, domain, err := split(address); err == nil {
		all = append(all, domain)
	}
	return func(u *url.URL) bool {
		host := canonicalHost(u.Hostname())
		for _, d := range all {
			if host == d || strings.HasSuffix(host, "."+d) {
				return true
			}
		}
		return false
	}
}

func canonicalHost(h string) string { return strings.TrimSuffix(strings.ToLower(h), ".") }

// split takes an address apart. The domain is in lower case and fit to be a
// URL's host: servers send addresses too, and an address must not smuggle in a
// port, a path or another host.
func split(address string) (local, domain string, err error) {
	i := strings.LastIndexByte(address, '@')
	if i < 1 || i == len(address)-1 || len(address) > 320 {
		return "", "", errNotAnAddress
	}
	local, domain = address[:i], canonicalHost(address[i+1:])
	for _, r := range local {
		if r <= ' ' || r == 0x7f || strings.ContainsRune(`"(),:;<>@[\]`, r) {
			return "", "", errNotAnAddress
		}
	}
	letters := false
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return "", "", errNotAnAddress
		}
		for _, r := range label {
			switch {
			case r >= 'a' && r <= 'z' || r >= 0x80:
				letters = true
			case r == '-' || r == '_' || r >= '0' && r <= '9':
			default:
				return "", "", errNotAnAddress
			}
		}
	}
	if !letters {
		// An IP address; no certificate and no allow rule is for one.
		return "", "", errNotAnAddress
	}
	return local, domain, nil
}

// errNotAnAddress Is mailbox.ErrInvalid.
var errNotAnAddress error = invalidError("it is not an SMTP address such as anna@example.com")

type invalidError string

func (e invalidError) Error() string { return string(e) }

func (e invalidError) Is(target error) bool { return target == mailbox.ErrInvalid }

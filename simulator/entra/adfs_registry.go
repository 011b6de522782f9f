package entra

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// ADFSClient is a registration of a client: a native application or, with
// Server set, a server application.
type ADFSClient struct {
	// ClientID is what the admin makes of it, mostly a UUID; empty means a new
	// one.
	ClientID string
	Name     string
	// Server makes it a server application, which has to prove itself by one
	// of the Secrets (which do not expire) or Certificates.
	Server bool
	// Redirects are compared letter by letter.
	Redirects    []string
	Secrets      []Secret
	Certificates []*x509.Certificate
}

func (cl ADFSClient) clone() ADFSClient {
	cl.Redirects = slices.Clone(cl.Redirects)
	cl.Secrets = slices.Clone(cl.Secrets)
	cl.Certificates = slices.Clone(cl.Certificates)
	return cl
}

// WebAPI is a resource that tokens are for.
type WebAPI struct {
	Name string
	// Identifiers are compared letter by letter, a slash at the end included.
	// The one that was asked for is the token's audience.
	Identifiers []string
	// Issues are permissions that the token names whatever was asked for, by an
	// issuance rule such as Microsoft's guide for Exchange Server has it
	// (user_impersonation).
	Issues []string
	// Users are the user principal names of those whom its access control
	// policy permits; nil means everyone.
	Users []string
}

// userinfoResource is what a token is for where the request names no resource.
const userinfoResource = "urn:microsoft:userinfo"

func userinfoAPI() *WebAPI {
	return &WebAPI{Name: "UserInfo", Identifiers: []string{userinfoResource}}
}

// permit is the key of what Permit allows: a client and a Web API.
type permit struct {
	client string // the client id in lower case
	api    *WebAPI
}

// AddClient registers a client and returns it with its id.
func (a *ADFS) AddClient(cl ADFSClient) (ADFSClient, error) {
	cl = cl.clone()
	if cl.ClientID == "" {
		cl.ClientID = newUUID()
	}
	for _, uri := range cl.Redirects {
		if err := validADFSRedirect(uri); err != nil {
			return ADFSClient{}, fmt.Errorf("add client %s: %w", cl.Name, err)
		}
	}
	if !cl.Server && len(cl.Secrets)+len(cl.Certificates) > 0 {
		return ADFSClient{}, fmt.Errorf("add client %s: a native application has neither secret nor certificate", cl.Name)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.clients[strings.ToLower(cl.ClientID)] != nil {
		return ADFSClient{}, fmt.Errorf("add client %s: there is a client %s already", cl.Name, cl.ClientID)
	}
	a.clients[strings.ToLower(cl.ClientID)] = &cl
	return cl.clone(), nil
}

// validADFSRedirect: AD FS takes any absolute URI, that of a native application
// such as ms-app://… or urn:… included.
func validADFSRedirect(uri string) error {
	u, err := url.Parse(uri)
	switch {
	case err != nil:
		return fmt.Errorf("redirect URI: %w", err)
	case u.Scheme == "" || isHTTP(u) && u.Host == "":
		return fmt.Errorf("redirect URI %q: it must be absolute", uri)
	case u.Fragment != "":
		return fmt.Errorf("redirect URI %s: it must not have a fragment", uri)
	}
	return nil
}

// Client finds a registration.
func (a *ADFS) Client(clientID string) (ADFSClient, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	cl := a.clients[strings.ToLower(clientID)]
	if cl == nil {
		return ADFSClient{}, false
	}
	return cl.clone(), true
}

func (a *ADFS) changeClient(clientID string, change func(*ADFSClient) error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	cl := a.clients[strings.ToLower(clientID)]
	if cl == nil {
		return fmt.Errorf("there is no client %q", clientID)
	}
	if err := change(cl); err != nil {
		return fmt.Errorf("client %s: %w", cl.Name, err)
	}
	a.keepClient(cl)
	return nil
}

// AddRedirect registers one more redirect URI, if it is not registered yet.
func (a *ADFS) AddRedirect(clientID, uri string) error {
	return a.changeClient(clientID, func(cl *ADFSClient) error {
		if err := validADFSRedirect(uri); err != nil {
			return err
		}
		if !slices.Contains(cl.Redirects, uri) {
			cl.Redirects = append(slices.Clone(cl.Redirects), uri)
		}
		return nil
	})
}

// AddSecret gives a server application one more secret.
func (a *ADFS) AddSecret(clientID string, s Secret) error {
	return a.changeClient(clientID, func(cl *ADFSClient) error {
		if !cl.Server {
			return errors.New("a native application has no secret")
		}
		cl.Secrets = append(slices.Clone(cl.Secrets), s)
		return nil
	})
}

// RemoveSecret takes AddSecret back.
func (a *ADFS) RemoveSecret(clientID string, s Secret) error {
	return a.changeClient(clientID, func(cl *ADFSClient) error {
		before := len(cl.Secrets)
		cl.Secrets = slices.DeleteFunc(slices.Clone(cl.Secrets), func(each Secret) bool { return each.is(string(s)) })
		if len(cl.Secrets) == before {
			return errors.New("it has no such secret")
		}
		return nil
	})
}

// AddCertificate registers one more certificate of a server application.
func (a *ADFS) AddCertificate(clientID string, cert *x509.Certificate) error {
	return a.changeClient(clientID, func(cl *ADFSClient) error {
		if !cl.Server {
			return errors.New("a native application has no certificate")
		}
		if !slices.ContainsFunc(cl.Certificates, cert.Equal) {
			cl.Certificates = append(slices.Clone(cl.Certificates), cert)
		}
		return nil
	})
}

// AddWebAPI registers a resource.
func (a *ADFS) AddWebAPI(api WebAPI) error {
	if len(api.Identifiers) == 0 {
		return fmt.Errorf("add Web API %s: it needs an identifier", api.Name)
	}
	api.Identifiers, api.Issues, api.Users = slices.Clone(api.Identifiers), slices.Clone(api.Issues), slices.Clone(api.Users)
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, ident := range api.Identifiers {
		if other := a.findAPI(ident); other != nil {
			return fmt.Errorf("add Web API %s: %s is an identifier of %s already", api.Name, ident, other.Name)
		}
	}
	a.apis = append(a.apis, &api)
	return nil
}

// findAPI finds a resource by one of its identifiers. The caller holds the
// mutex.
func (a *ADFS) findAPI(identifier string) *WebAPI {
	for _, api := range a.apis {
		if slices.Contains(api.Identifiers, identifier) {
			return api
		}
	}
	return nil
}

// Permit lets a client ask for permissions of a Web API
// (Grant-AdfsApplicationPermission), in place of those that it was permitted
// before. None means the sign-in alone: openid.
func (a *ADFS) Permit(clientID, identifier string, scopes ...string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	api := a.findAPI(identifier)
	switch {
	case a.clients[strings.ToLower(clientID)] == nil:
		return fmt.Errorf("permit: there is no client %q", clientID)
	case api == nil:
		return fmt.Errorf("permit: there is no Web API %q", identifier)
	}
	if len(scopes) == 0 {
		scopes = []string{"openid"}
	}
	a.permits[permit{strings.ToLower(clientID), api}] = slices.Clone(scopes)
	return nil
}

// Forbid takes Permit back. It counts from the next request on.
func (a *ADFS) Forbid(clientID, identifier string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.permits, permit{strings.ToLower(clientID), a.findAPI(identifier)})
}

// adfsWish is what a request is for: a resource, and the permissions that the
// client gets of those that it asked for.
type adfsWish struct {
	resource string
	api      *WebAPI
	scopes   []string
	// answered is how the token answer names them.
	answered []string
}

func (w adfsWish) has(scope string) bool { return containsFold(w.scopes, scope) }

// wish reads the parameters resource and scope for a client. A permission that
// the client was not permitted is left out of the answer and of the token,
// without an error (observed with AD FS 2019; 2016 has MSIS9603 for a scope
// that it does not know).
func (a *ADFS) wish(cl ADFSClient, resource, scope string) (adfsWish, *msisError) {
	w := adfsWish{resource: resource}
	type asked struct{ name, written string }
	var names []asked
	for _, f := range strings.Fields(scope) {
		i := strings.LastIndex(f, "/")
		if i < 0 {
			names = append(names, asked{f, f})
			continue
		}
		of := f[:i]
		if w.resource != "" && of != w.resource {
			// Which number AD FS has for it is not known.
			return w, msis(9603, "invalid_scope", "The received 'scope' parameter names another resource (%s) than the request does (%s).", of, w.resource)
		}
		w.resource = of
		names = append(names, asked{f[i+1:], f})
	}
	if w.resource == "" {
		w.resource = userinfoResource
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	w.api = a.findAPI(w.resource)
	if w.api == nil {
		return w, msis(9602, "invalid_resource", "The received 'resource' parameter is not valid. No resource is registered with the identifier '%s'.", w.resource)
	}
	permitted, ok := a.permits[permit{strings.ToLower(cl.ClientID), w.api}]
	if w.resource == userinfoResource && !ok {
		permitted, ok = []string{"openid", "profile", "email"}, true
	}
	if !ok {
		return w, msis(9605, "access_denied", "The client is not allowed to access the requested resource.")
	}
	for _, n := range names {
		if n.name == defaultScope && !a.opts.BareScopes {
			// It means nothing to AD FS, but comes back.
			w.answered = append(w.answered, n.written)
		}
		if !containsFold(permitted, n.name) || w.has(n.name) {
			continue
		}
		w.scopes = append(w.scopes, n.name)
		if a.opts.BareScopes {
			n.written = n.name
		}
		w.answered = append(w.answered, n.written)
	}
	return w, nil
}

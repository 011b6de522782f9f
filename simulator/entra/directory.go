package entra

import (
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Tenant is an organisation.
type Tenant struct {
	// ID is a UUID; empty means a new one.
	ID   string
	Name string
	// Domains are the DNS names that belong to it, such as "contoso.example".
	// A path may name the tenant by any of them.
	Domains []string
}

// User is somebody who can sign in.
type User struct {
	// ID is the object id, a UUID; empty means a new one.
	ID string
	// Tenant is the id or a domain of the user's tenant.
	Tenant string
	// UPN is the user principal name, which the user types as the account.
	UPN      string
	Name     string
	Password Secret
	Disabled bool
	// Admin lets the user consent for the whole tenant.
	Admin bool
	// NoSecondFactor is for a user who has not set up a second factor yet, and
	// is asked to where a policy wants one.
	NoSecondFactor bool
	// Locked is for an account that had too many wrong passwords, and
	// PasswordExpired for one whose password is to be changed first, which
	// cannot be done at these pages.
	Locked, PasswordExpired bool
}

// Resource is an API that tokens are for.
type Resource struct {
	// AppID is the resource's own client id; empty means a new one.
	AppID string
	Name  string
	// Tenant limits the identifiers to one tenant (its id or a domain); empty
	// means that they hold in all of them.
	Tenant string
	// Identifiers are the URIs that may stand before a scope, such as
	// "https://outlook.office365.com". With hybrid modern authentication the
	// external host of the Exchange Server is one more of ExchangeOnlineAppID.
	Identifiers []string
	// Scopes and Roles are the permissions that there are, delegated and of
	// applications. Nil means any.
	Scopes, Roles []string
}

// The resources that every Directory knows.
const (
	ExchangeOnlineAppID = "00000002-0000-0ff1-ce00-000000000000"
	GraphAppID          = "00000003-0000-0000-c000-000000000000"
)

// Permission is a delegated permission: what an application may do for the user
// who signed in.
type Permission struct {
	// Resource is an identifier of the resource, such as
	// "https://outlook.office365.com".
	Resource string
	// Scope is a name such as "EWS.AccessAsUser.All".
	Scope string
}

// AppRole is an application permission: what an application may do as itself.
type AppRole struct {
	// Resource is an identifier of the resource.
	Resource string
	// Role is a name such as "full_access_as_app".
	Role string
}

// ClientSecret is a secret of a confidential application.
type ClientSecret struct {
	Value Secret
	// Expires is zero for a secret that does not.
	Expires time.Time
}

// Application is an app registration.
type Application struct {
	// ClientID is a UUID; empty means a new one.
	ClientID string
	Name     string
	// Tenant is the id or a domain of the tenant that it is registered in.
	Tenant string
	// MultiTenant lets users of other tenants sign in, and lets it be used by
	// way of "organizations" and "common".
	MultiTenant bool
	Redirects   []Redirect
	// AllowPublicClient decides for a redirect without a platform, which is a
	// public client's where this is set and a web server's otherwise. It also
	// lets a program without a secret sign in by device code.
	AllowPublicClient bool
	Secrets           []ClientSecret
	Certificates      []*x509.Certificate
	Delegated         []Permission
	AppRoles          []AppRole
	// AdminConsented means that an admin of its own tenant has consented to
	// Delegated for all users, and to AppRoles. See GrantAdminConsent for
	// other tenants.
	AdminConsented bool
	// Disabled is "Enabled for users to sign-in" set to No.
	Disabled bool
	// Assigned are the user principal names of those who may use it
	// ("Assignment required"); nil means everyone.
	Assigned []string
}

// graphURI is Graph's identifier in the worldwide cloud.
const graphURI = "https://graph.microsoft.com"

// Directory holds tenants, users, resources and applications, and who has
// consented to what. It is safe for concurrent use. What it returns are copies.
type Directory struct {
	cloud Cloud

	mu        sync.RWMutex
	tenants   map[string]*Tenant // by id and by domain, in lower case
	users     map[string]*account
	resources []Resource
	apps      map[string]*Application // by client id, in lower case
	// admin holds the client id and tenant id of each consent by an admin.
	admin map[[2]string]bool
	// consents holds, by client id and user id, what the user agreed to.
	consents map[[2]string]map[string]bool
	// serial is the number of the last access token, and voided holds, by user
	// principal name or client id in lower case, which of them are void.
	serial int64
	voided map[string]voided
	// policies are those of conditional access. adminsAlone holds the tenants,
	// by id, whose users may not consent for themselves.
	policies    []Policy
	adminsAlone map[string]bool
	// keeper is nil before Restore.
	keeper Keeper
}

// account is a user with what voids their sessions and tokens: each holds the
// numbers as they were when it was issued.
type account struct {
	User
	passwords int // counts password changes
	revoked   int // counts revocations
}

// NewDirectory returns a Directory that knows Exchange Online and Graph, as
// they are named in the worldwide cloud.
func NewDirectory() *Directory { return NewDirectoryIn(Global) }

// NewDirectoryIn is NewDirectory for a cloud; an unknown one counts as Global.
func NewDirectoryIn(cloud Cloud) *Directory {
	return &Directory{
		cloud:   cloud,
		tenants: map[string]*Tenant{},
		users:   map[string]*account{},
		apps:    map[string]*Application{},
		resources: []Resource{
			{AppID: ExchangeOnlineAppID, Name: "Office 365 Exchange Online", Identifiers: append([]string{ExchangeOnlineAppID}, cloud.Exchange()...), Scopes: exchangeScopes, Roles: exchangeRoles},
			{AppID: GraphAppID, Name: "Microsoft Graph", Identifiers: []string{cloud.Graph(), GraphAppID}, Scopes: graphScopes, Roles: graphRoles},
		},
		admin:       map[[2]string]bool{},
		adminsAlone: map[string]bool{},
		consents:    map[[2]string]map[string]bool{},
	}
}

// AddTenant adds a tenant and returns it with its id.
func (d *Directory) AddTenant(t Tenant) (Tenant, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	id, err := uuidOrNew(t.ID)
	if err != nil {
		return Tenant{}, fmt.Errorf("add tenant %s: %w", t.Name, err)
	}
	t.ID, t.Domains = id, slices.Clone(t.Domains)
	names := append([]string{id}, t.Domains...)
	for _, n := range names {
		if d.tenants[strings.ToLower(n)] != nil {
			return Tenant{}, fmt.Errorf("add tenant %s: another tenant has the id or domain %q already", t.Name, n)
		}
	}
	stored := t
	for _, n := range names {
		d.tenants[strings.ToLower(n)] = &stored
	}
	return stored.clone(), nil
}

func (t Tenant) clone() Tenant {
	t.Domains = slices.Clone(t.Domains)
	return t
}

// Tenant finds a tenant by its id or one of its domains.
func (d *Directory) Tenant(idOrDomain string) (Tenant, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	t := d.tenants[strings.ToLower(idOrDomain)]
	if t == nil {
		return Tenant{}, false
	}
	return t.clone(), true
}

// Tenants returns all tenants in order of their names.
func (d *Directory) Tenants() []Tenant {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var ts []Tenant
	for name, t := range d.tenants {
		if name == t.ID { // each is there by its domains too
			ts = append(ts, t.clone())
		}
	}
	slices.SortFunc(ts, func(a, b Tenant) int { return strings.Compare(a.Name, b.Name) })
	return ts
}

// AddUser adds a user to a tenant that exists and returns it with its ids.
func (d *Directory) AddUser(u User) (User, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := d.tenants[strings.ToLower(u.Tenant)]
	if t == nil {
		return User{}, fmt.Errorf("add user %s: there is no tenant %q; add it first", u.UPN, u.Tenant)
	}
	id, err := uuidOrNew(u.ID)
	if err != nil {
		return User{}, fmt.Errorf("add user %s: %w", u.UPN, err)
	}
	if !strings.Contains(u.UPN, "@") {
		return User{}, fmt.Errorf("add user %q: the user principal name must look like name@domain", u.UPN)
	}
	if d.users[strings.ToLower(u.UPN)] != nil {
		return User{}, fmt.Errorf("add user %s: there is a user of that name already", u.UPN)
	}
	u.ID, u.Tenant = id, t.ID
	d.users[strings.ToLower(u.UPN)] = &account{User: u}
	return u, nil
}

// User finds a user by user principal name.
func (d *Directory) User(upn string) (User, bool) {
	a, ok := d.account(upn)
	return a.User, ok
}

// Users returns all users in order of their names.
func (d *Directory) Users() []User {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var us []User
	for _, a := range d.users {
		us = append(us, a.User)
	}
	slices.SortFunc(us, func(a, b User) int { return strings.Compare(a.UPN, b.UPN) })
	return us
}

func (d *Directory) account(upn string) (account, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	a := d.users[strings.ToLower(upn)]
	if a == nil {
		return account{}, false
	}
	return *a, true
}

func (d *Directory) changeUser(upn string, change func(*account)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.users[strings.ToLower(upn)]
	if a == nil {
		return fmt.Errorf("there is no user %q", upn)
	}
	change(a)
	d.keepUser(a)
	return nil
}

// ResetPassword gives the user a new password. As in Entra, it ends the user's
// sessions and the refresh tokens of public clients; those of confidential
// clients live on.
func (d *Directory) ResetPassword(upn string, password Secret) error {
	return d.changeUser(upn, func(a *account) { a.Password = password; a.PasswordExpired = false; a.passwords++ })
}

// DisableUser stops the user from signing in and refreshing.
func (d *Directory) DisableUser(upn string) error {
	return d.changeUser(upn, func(a *account) { a.Disabled = true })
}

// EnableUser takes DisableUser back; tokens issued before work again.
func (d *Directory) EnableUser(upn string) error {
	return d.changeUser(upn, func(a *account) { a.Disabled = false })
}

// LockUser locks the account, as too many wrong passwords do, or unlocks it.
func (d *Directory) LockUser(upn string, locked bool) error {
	return d.changeUser(upn, func(a *account) { a.Locked = locked })
}

// ExpirePassword lets the user sign in only after ResetPassword. What was
// issued lives on.
func (d *Directory) ExpirePassword(upn string) error {
	return d.changeUser(upn, func(a *account) { a.PasswordExpired = true })
}

// SetSecondFactor says whether the user has a second factor set up.
func (d *Directory) SetSecondFactor(upn string, has bool) error {
	return d.changeUser(upn, func(a *account) { a.NoSecondFactor = !has })
}

// RevokeSessions ends all sessions of the user and voids all refresh tokens.
// Access tokens live on until they expire.
func (d *Directory) RevokeSessions(upn string) error {
	return d.changeUser(upn, func(a *account) { a.revoked++ })
}

// AddResource adds a resource, or more identifiers to one that is there.
func (d *Directory) AddResource(r Resource) (Resource, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(r.Identifiers) == 0 {
		return Resource{}, fmt.Errorf("add resource %s: it needs an identifier", r.Name)
	}
	if r.Tenant != "" {
		t := d.tenants[strings.ToLower(r.Tenant)]
		if t == nil {
			return Resource{}, fmt.Errorf("add resource %s: there is no tenant %q; add it first", r.Name, r.Tenant)
		}
		r.Tenant = t.ID
	}
	id, err := uuidOrNew(r.AppID)
	if err != nil {
		return Resource{}, fmt.Errorf("add resource %s: %w", r.Name, err)
	}
	r.AppID, r.Identifiers = id, slices.Clone(r.Identifiers)
	for _, ident := range r.Identifiers {
		if other, ok := d.findResource(r.Tenant, ident); ok && other.AppID != r.AppID {
			return Resource{}, fmt.Errorf("add resource %s: %s is an identifier of %s already", r.Name, ident, other.Name)
		}
	}
	for _, other := range d.resources {
		if other.AppID != r.AppID {
			continue
		}
		// More identifiers of a resource mean the same resource.
		if r.Name == "" {
			r.Name = other.Name
		}
		if r.Scopes == nil && r.Roles == nil {
			r.Scopes, r.Roles = other.Scopes, other.Roles
		}
		break
	}
	d.resources = append(d.resources, r)
	return r, nil
}

// resource finds the resource that an identifier names in a tenant. Empty
// means any tenant, for a request that does not name one yet.
func (d *Directory) resource(tenantID, identifier string) (Resource, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.findResource(tenantID, identifier)
}

func (d *Directory) findResource(tenantID, identifier string) (Resource, bool) {
	// "https://host/" and "https://host" are the same identifier; which of
	// the two was asked for still shows in the token's audience.
	want := strings.TrimSuffix(identifier, "/")
	for _, r := range d.resources {
		if r.Tenant != "" && tenantID != "" && r.Tenant != tenantID {
			continue
		}
		for _, ident := range r.Identifiers {
			if strings.EqualFold(strings.TrimSuffix(ident, "/"), want) {
				return r, true
			}
		}
	}
	return Resource{}, false
}

// AddApplication adds an app registration and returns it with its ids. It
// refuses what Entra's portal refuses, such as a redirect over plain http to
// another host than localhost.
func (d *Directory) AddApplication(a Application) (Application, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := d.tenants[strings.ToLower(a.Tenant)]
	if t == nil {
		return Application{}, fmt.Errorf("add application %s: there is no tenant %q; add it first", a.Name, a.Tenant)
	}
	id, err := uuidOrNew(a.ClientID)
	if err != nil {
		return Application{}, fmt.Errorf("add application %s: %w", a.Name, err)
	}
	a.ClientID, a.Tenant = id, t.ID
	a = a.clone()
	for i, r := range a.Redirects {
		if r.Platform == "" {
			a.Redirects[i].Platform = Web
			if a.AllowPublicClient {
				a.Redirects[i].Platform = Public
			}
		}
		if err := a.Redirects[i].validate(); err != nil {
			return Application{}, fmt.Errorf("add application %s: %w", a.Name, err)
		}
	}
	if err := d.checkPermissions(a); err != nil {
		return Application{}, fmt.Errorf("add application %s: %w", a.Name, err)
	}
	if d.apps[strings.ToLower(id)] != nil {
		return Application{}, fmt.Errorf("add application %s: there is an application with client id %s already", a.Name, id)
	}
	d.apps[strings.ToLower(id)] = &a
	if a.AdminConsented {
		d.admin[[2]string{a.ClientID, a.Tenant}] = true
	}
	return a.clone(), nil
}

func (a Application) clone() Application {
	a.Redirects = slices.Clone(a.Redirects)
	a.Secrets = slices.Clone(a.Secrets)
	a.Certificates = slices.Clone(a.Certificates)
	a.Delegated = slices.Clone(a.Delegated)
	a.AppRoles = slices.Clone(a.AppRoles)
	a.Assigned = slices.Clone(a.Assigned)
	return a
}

// Application finds an app registration by client id.
func (d *Directory) Application(clientID string) (Application, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	a := d.apps[strings.ToLower(clientID)]
	if a == nil {
		return Application{}, false
	}
	return a.clone(), true
}

// Applications returns all app registrations in order of their names.
func (d *Directory) Applications() []Application {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var as []Application
	for _, a := range d.apps {
		as = append(as, a.clone())
	}
	slices.SortFunc(as, func(a, b Application) int { return strings.Compare(a.Name, b.Name) })
	return as
}

func (d *Directory) changeApp(clientID string, change func(*Application) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.apps[strings.ToLower(clientID)]
	if a == nil {
		return fmt.Errorf("there is no application with client id %q", clientID)
	}
	if err := change(a); err != nil {
		return fmt.Errorf("application %s: %w", a.Name, err)
	}
	d.keepApp(a)
	return nil
}

// AddRedirect registers one more redirect URI, if it is not registered yet.
func (d *Directory) AddRedirect(clientID string, r Redirect) error {
	return d.changeApp(clientID, func(a *Application) error {
		if err := r.validate(); err != nil {
			return err
		}
		if slices.Contains(a.Redirects, r) {
			return nil
		}
		a.Redirects = append(slices.Clone(a.Redirects), r)
		return nil
	})
}

// EnableApplication lets the application be used, or nobody use it.
func (d *Directory) EnableApplication(clientID string, enabled bool) error {
	return d.changeApp(clientID, func(a *Application) error {
		a.Disabled = !enabled
		return nil
	})
}

// Assign lets only these users use the application; nil means everyone.
func (d *Directory) Assign(clientID string, upns []string) error {
	return d.changeApp(clientID, func(a *Application) error {
		a.Assigned = slices.Clone(upns)
		return nil
	})
}

// AddSecret gives the application one more secret.
func (d *Directory) AddSecret(clientID string, s ClientSecret) error {
	return d.changeApp(clientID, func(a *Application) error {
		a.Secrets = append(slices.Clone(a.Secrets), s)
		return nil
	})
}

// ExpireSecret lets the application's secret of that value expire at the time
// given.
func (d *Directory) ExpireSecret(clientID string, value Secret, at time.Time) error {
	return d.changeApp(clientID, func(a *Application) error {
		for i, s := range a.Secrets {
			if s.Value.is(string(value)) {
				a.Secrets[i].Expires = at
				return nil
			}
		}
		return errors.New("it has no such secret")
	})
}

// AddCertificate registers one more certificate, if it is not registered yet.
func (d *Directory) AddCertificate(clientID string, cert *x509.Certificate) error {
	return d.changeApp(clientID, func(a *Application) error {
		if slices.ContainsFunc(a.Certificates, cert.Equal) {
			return nil
		}
		a.Certificates = append(slices.Clone(a.Certificates), cert)
		return nil
	})
}

// RemoveCertificate takes AddCertificate back.
func (d *Directory) RemoveCertificate(clientID string, cert *x509.Certificate) error {
	return d.changeApp(clientID, func(a *Application) error {
		i := slices.IndexFunc(a.Certificates, cert.Equal)
		if i < 0 {
			return errors.New("it has no such certificate")
		}
		a.Certificates = slices.Delete(slices.Clone(a.Certificates), i, i+1)
		return nil
	})
}

// uuidOrNew returns the id in lower case, or a new one for an empty id.
func uuidOrNew(id string) (string, error) {
	if id == "" {
		return newUUID(), nil
	}
	if !isUUID(id) {
		return "", fmt.Errorf("the id %q is not a UUID", id)
	}
	return strings.ToLower(id), nil
}

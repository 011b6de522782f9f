package entra

import (
	"fmt"
	"slices"
	"strings"
)

// grantKey is how a consent to one permission is kept: by the resource's own
// id, because a resource goes by several identifiers.
func grantKey(resourceAppID, scope string) string {
	return resourceAppID + "/" + strings.ToLower(scope)
}

// GrantAdminConsent records that an admin of a tenant (its id or a domain) has
// consented to all permissions of the application.
func (d *Directory) GrantAdminConsent(clientID, tenant string) error {
	return d.setAdminConsent(clientID, tenant, true)
}

// RevokeAdminConsent takes GrantAdminConsent, or AdminConsented, back.
func (d *Directory) RevokeAdminConsent(clientID, tenant string) error {
	return d.setAdminConsent(clientID, tenant, false)
}

func (d *Directory) setAdminConsent(clientID, tenant string, granted bool) error {
	t, ok := d.Tenant(tenant)
	if !ok {
		return fmt.Errorf("there is no tenant %q", tenant)
	}
	return d.changeApp(clientID, func(a *Application) error {
		d.admin[[2]string{a.ClientID, t.ID}] = granted
		d.keep(keepAdmin+pairKey([2]string{a.ClientID, t.ID}), granted)
		if t.ID == a.Tenant {
			a.AdminConsented = granted
		}
		return nil
	})
}

// RevokeConsent forgets what the user agreed to for the application.
func (d *Directory) RevokeConsent(clientID, upn string) error {
	a, ok := d.account(upn)
	if !ok {
		return fmt.Errorf("there is no user %q", upn)
	}
	return d.changeApp(clientID, func(app *Application) error {
		delete(d.consents, [2]string{app.ClientID, a.ID})
		d.keepConsents([2]string{app.ClientID, a.ID})
		return nil
	})
}

func (d *Directory) adminConsented(clientID, tenantID string) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.admin[[2]string{clientID, tenantID}]
}

// addConsent remembers what the user agreed to.
func (d *Directory) addConsent(clientID, userID string, keys []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	k := [2]string{clientID, userID}
	if d.consents[k] == nil {
		d.consents[k] = map[string]bool{}
	}
	for _, key := range keys {
		d.consents[k][key] = true
	}
	d.keepConsents(k)
}

// consented reports whether the user, or an admin for the user, has agreed to
// each of the keys.
func (d *Directory) consented(app Application, u User, keys []string) bool {
	if d.adminConsented(app.ClientID, u.Tenant) {
		return true
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	given := d.consents[[2]string{app.ClientID, u.ID}]
	return !slices.ContainsFunc(keys, func(k string) bool { return !given[k] })
}

// granted returns the scopes of a resource that the application has for the
// user, in the order and spelling of its registration.
func (d *Directory) granted(app Application, u User, res Resource) []string {
	var scopes []string
	for _, p := range app.Delegated {
		r, ok := d.resource("", p.Resource)
		if ok && p.counts(r, res) && !containsFold(scopes, p.Scope) && d.consented(app, u, []string{grantKey(res.AppID, p.Scope)}) {
			scopes = append(scopes, p.Scope)
		}
	}
	return scopes
}

// roles returns the roles of a resource that the application has in a tenant.
func (d *Directory) roles(app Application, tenantID string, res Resource) []string {
	if !d.adminConsented(app.ClientID, tenantID) {
		return nil
	}
	var roles []string
	for _, p := range app.AppRoles {
		if r, ok := d.resource("", p.Resource); ok && r.AppID == res.AppID {
			roles = append(roles, p.Role)
		}
	}
	return roles
}

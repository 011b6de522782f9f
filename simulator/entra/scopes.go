package entra

import (
	"slices"
	"strings"
)

// scopes is a scope parameter, taken apart.
type scopes struct {
	// oidc holds those of openid, profile, email and offline_access that were
	// asked for, in that order.
	oidc []string
	// wanted holds the rest, in the order of asking.
	wanted []wantedScope
}

// wantedScope is a permission that was asked for.
type wantedScope struct {
	// resource is the identifier as it was written: it becomes the audience.
	resource string
	// name is the permission, or ".default" for whatever the registration
	// lists.
	name string
	// short is true for a name without a resource, which means Graph.
	short bool
}

const defaultScope = ".default"

var oidcScopes = []string{"openid", "profile", "email", "offline_access"}

func (s scopes) has(oidc string) bool { return slices.Contains(s.oidc, oidc) }

// String writes the scope as the token response does.
func (w wantedScope) String() string {
	if w.short {
		return w.name
	}
	return w.resource + "/" + w.name
}

// parseScopes splits a scope parameter. The resource is all before the last
// slash, so that "https://host//.default" asks for the audience "https://host/".
func (d *Directory) parseScopes(parameter string) (scopes, *Error) {
	var s scopes
	fields := strings.Fields(parameter)
	for _, o := range oidcScopes {
		if slices.ContainsFunc(fields, func(f string) bool { return strings.EqualFold(f, o) }) {
			s.oidc = append(s.oidc, o)
		}
	}
	for _, f := range fields {
		if slices.Contains(oidcScopes, strings.ToLower(f)) {
			continue
		}
		w := wantedScope{resource: d.cloud.Graph(), name: f, short: true}
		if i := strings.LastIndex(f, "/"); i >= 0 {
			w = wantedScope{resource: f[:i], name: f[i+1:]}
		}
		if w.resource == "" || w.name == "" {
			return scopes{}, badScope(f)
		}
		if !slices.Contains(s.wanted, w) {
			s.wanted = append(s.wanted, w)
		}
	}
	if len(s.wanted) > 1 && slices.ContainsFunc(s.wanted, func(w wantedScope) bool { return w.name == defaultScope }) {
		return scopes{}, fail(70011, "invalid_scope", "The scope %s/%s has to stand alone, without other permissions.", s.wanted[0].resource, defaultScope)
	}
	return s, nil
}

func badScope(scope string) *Error {
	return fail(70011, "invalid_scope", "The scope '%s' is not valid: the application is not registered for it, or it does not exist.", scope)
}

// check refuses permissions that the application is not registered for, and
// returns the keys that somebody has to consent to.
//
// Entra lets an application ask for any permission that a user may grant,
// registered or not. Here the registration decides, because a permission that
// was forgotten in it, or added to the wrong API, is the commonest mistake in
// setting up an application, and a pretend Entra that lets it pass hides it.
func (s scopes) check(d *Directory, app Application, tenantID string) ([]string, *Error) {
	var keys []string
	for _, o := range s.oidc {
		keys = append(keys, grantKey(GraphAppID, o))
	}
	for _, w := range s.wanted {
		res, ok := d.resource(tenantID, w.resource)
		if !ok {
			return nil, unknownResource(w.resource)
		}
		var listed, found bool
		for _, p := range app.Delegated {
			r, ok := d.resource("", p.Resource)
			if !ok {
				continue
			}
			if w.name == defaultScope {
				// Without an admin's consent, .default asks the user for all
				// that is registered, for every resource.
				keys = append(keys, grantKey(r.AppID, p.Scope))
			}
			if !p.counts(r, res) {
				continue
			}
			listed = true
			if strings.EqualFold(p.Scope, w.name) {
				found = true
				keys = append(keys, grantKey(res.AppID, p.Scope))
			}
		}
		switch {
		case w.name != defaultScope && !res.hasScope(w.name):
			return nil, fail(650053, "invalid_client", "The application '%s' asked for the scope '%s', which the resource %s (%s) does not have.", app.Name, w.name, w.resource, res.AppID)
		case !listed:
			var valid []string
			for _, p := range app.Delegated {
				if !slices.Contains(valid, p.Resource) {
					valid = append(valid, p.Resource)
				}
			}
			return nil, fail(650057, "invalid_resource", "The registration of the application %s (%s) has no permission of the resource %s (%s). It has permissions of: %s.",
				app.ClientID, app.Name, w.resource, res.AppID, strings.Join(valid, ", "))
		case !found && w.name != defaultScope:
			return nil, badScope(w.String())
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys), nil
}

func unknownResource(identifier string) *Error {
	return fail(500011, "invalid_resource", "The tenant has no resource named %s. Check its spelling, and the tenant.", identifier)
}

// oneResource returns the identifier that the scopes are for. A token has one
// audience, so that at the token endpoint two resources are an error.
func (s scopes) oneResource(in Cloud) (string, *Error) {
	if len(s.wanted) == 0 {
		return in.Graph(), nil
	}
	for _, w := range s.wanted[1:] {
		if w.resource != s.wanted[0].resource {
			return "", fail(28000, "invalid_scope", "A token is for one resource, but the scope names %s and %s.", s.wanted[0].resource, w.resource)
		}
	}
	return s.wanted[0].resource, nil
}

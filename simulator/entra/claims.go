package entra

import (
	"encoding/json"
	"slices"
)

// requestedClaims is what a client asks for with the parameter claims (OpenID
// Connect Core section 5.5), as far as it changes a token here. Exchange's
// nbf and a policy's capolids are met by any token that is made now.
type requestedClaims struct {
	// capabilities are the client's own, such as "cp1": it understands claims
	// challenges.
	capabilities []string
	// contexts are the authentication contexts (acrs) that a resource wants,
	// such as "c1".
	contexts []string
}

// parseClaims reads the parameter. Which number Entra has for one that is not
// JSON is not documented; this is its general one for a value that cannot be.
func parseClaims(parameter string) (requestedClaims, *Error) {
	if parameter == "" {
		return requestedClaims{}, nil
	}
	type request struct {
		Value  any      `json:"value"`
		Values []string `json:"values"`
	}
	var asked struct {
		AccessToken map[string]*request `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(parameter), &asked); err != nil {
		return requestedClaims{}, fail(90023, "invalid_request", "The parameter 'claims' is not the JSON of a claims request.")
	}
	values := func(name string) []string {
		r := asked.AccessToken[name]
		if r == nil {
			return nil
		}
		if v, ok := r.Value.(string); ok {
			return append(slices.Clone(r.Values), v)
		}
		return r.Values
	}
	return requestedClaims{capabilities: values("xms_cc"), contexts: values("acrs")}, nil
}

// stepUp sends the user to the pages for an authentication context that the
// sign-in did not have. The claims are the ones to repeat there.
func stepUp(context string) *Error {
	e := fail(50076, "invalid_grant", "The resource wants the authentication context '%s', which the sign-in did not have. Sign in again and repeat the claims.", context)
	e.SubError = "basic_action"
	claims, err := json.Marshal(map[string]any{"access_token": map[string]any{"acrs": map[string]any{"essential": true, "value": context}}})
	if err != nil {
		return broken(err)
	}
	e.Claims = string(claims)
	return e
}

// grantClaims puts what was asked for into a user's token.
func (t *accessToken) grantClaims(asked requestedClaims, contexts []string) *Error {
	for _, want := range asked.contexts {
		if !slices.Contains(contexts, want) {
			return stepUp(want)
		}
	}
	t.Capabilities, t.Contexts = asked.capabilities, contexts
	return nil
}

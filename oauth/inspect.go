package oauth

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/exconn/exconn/mailbox"
)

// Kind is whether a token speaks for a person or for the application itself.
type Kind string

// The kinds. Where the claims do not say, the kind is KindUnknown.
const (
	KindUnknown Kind = ""
	Delegated   Kind = "delegated"
	AppOnly     Kind = "app-only"
)

// Claims is what an access token says of itself: for a person to look at, and
// to choose how to address a mailbox. Nothing here has been verified.
type Claims struct {
	// Audience is the resource that the token is for. The wrong one is the
	// most common mistake of a set-up.
	Audience string `json:"audience,omitempty"`
	Issuer   string `json:"issuer,omitempty"`
	Tenant   string `json:"tenant,omitempty"`
	ClientID string `json:"client_id,omitempty"`
	// Scopes are the delegated permissions, Roles those of the application.
	// An application whose rights come from RBAC for Applications has no
	// roles, so that their absence proves nothing.
	Scopes   []string  `json:"scopes,omitempty"`
	Roles    []string  `json:"roles,omitempty"`
	Kind     Kind      `json:"kind,omitempty"`
	Username string    `json:"username,omitempty"`
	Expires  time.Time `json:"expires,omitzero"`
}

// Inspect reads the claims of an access token without verifying it. A token
// that is not a JWT (RFC 7519) gives an error that Is mailbox.ErrUnsupported;
// such tokens may be good all the same.
func Inspect(token string) (Claims, error) {
	payload, err := jwtPayload(token)
	if err != nil {
		return Claims{}, &Error{Op: "inspect", reason: err.Error(), kind: mailbox.ErrUnsupported}
	}
	var raw struct {
		Audience          audience   `json:"aud"`
		Issuer            string     `json:"iss"`
		Tenant            string     `json:"tid"`
		AppID             string     `json:"appid"`
		AuthorizedParty   string     `json:"azp"`
		Scopes            spaceList  `json:"scp"`
		Roles             spaceList  `json:"roles"`
		IDType            string     `json:"idtyp"`
		UPN               string     `json:"upn"`
		PreferredUsername string     `json:"preferred_username"`
		UniqueName        string     `json:"unique_name"`
		Subject           string     `json:"sub"`
		ObjectID          string     `json:"oid"`
		Expires           numberDate `json:"exp"`
	}
	if err := json.Unmarshal(payload, &raw); err != nil {
		return Claims{}, &Error{Op: "inspect", reason: "the token's claims are not what a token has", kind: mailbox.ErrUnsupported}
	}
	c := Claims{
		Audience: strings.Join(raw.Audience, " "),
		Issuer:   raw.Issuer,
		Tenant:   raw.Tenant,
		ClientID: first(raw.AppID, raw.AuthorizedParty),
		Scopes:   raw.Scopes,
		Roles:    raw.Roles,
		Username: first(raw.UPN, raw.PreferredUsername, raw.UniqueName),
		Expires:  time.Time(raw.Expires),
	}
	switch {
	case raw.IDType == "app":
		c.Kind = AppOnly
	case raw.IDType == "user", len(raw.Scopes) > 0, c.Username != "":
		c.Kind = Delegated
	case len(raw.Roles) > 0, raw.ObjectID != "" && raw.ObjectID == raw.Subject:
		// In an application's token the subject is the service principal
		// itself; in a person's it differs from application to application.
		c.Kind = AppOnly
	}
	return c, nil
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// jwtPayload returns the claims part of a signed JWT. Its errors quote no part
// of it.
func jwtPayload(token string) ([]byte, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, errors.New("the token is not a JWT, so it cannot be looked into")
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return nil, errors.New("the token's claims are not base64url")
	}
	return payload, nil
}

// audience is one string or several (RFC 7519 section 4.1.3).
type audience []string

func (a *audience) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*a = audience{one}
		return nil
	}
	var many []string
	if err := json.Unmarshal(b, &many); err != nil {
		return errors.New("aud is neither a string nor a list of them")
	}
	*a = many
	return nil
}

// spaceList is a string of words, as Entra writes scp, or a list, as AD FS may.
type spaceList []string

func (l *spaceList) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*l = strings.Fields(one)
		return nil
	}
	var many []string
	if err := json.Unmarshal(b, &many); err != nil {
		return errors.New("neither a string nor a list of them")
	}
	*l = many
	return nil
}

// numberDate is seconds since 1970 (RFC 7519 section 2, NumericDate).
type numberDate time.Time

func (d *numberDate) UnmarshalJSON(b []byte) error {
	var seconds float64
	if err := json.Unmarshal(b, &seconds); err != nil || seconds < 0 || seconds > 1e11 {
		return fmt.Errorf("exp is not a time")
	}
	*d = numberDate(time.Unix(int64(seconds), 0).UTC())
	return nil
}

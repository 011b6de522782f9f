package connection

import (
	"testing"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/oauth"
)

func TestAccess(t *testing.T) {
	const anna, ben = "anna@example.com", "ben@example.com"
	for _, c := range []struct {
		name          string
		exchange      ExchangeType
		impersonation Impersonation
		kind          oauth.Kind
		own, address  string
		want          ews.Access
	}{
		{"application", Online, Auto, oauth.AppOnly, "", ben, ews.Impersonate},
		{"application on premises", Server, Auto, oauth.AppOnly, "", ben, ews.Impersonate},
		{"person's own", Online, Auto, oauth.Delegated, anna, "ANNA@example.com", ews.Own},
		{"shared with a person", Online, Auto, oauth.Delegated, anna, ben, ews.Shared},
		{"service account for others", Server, Auto, oauth.Delegated, anna, ben, ews.Impersonate},
		{"service account's own", Server, Auto, oauth.Delegated, anna, anna, ews.Own},
		{"DOMAIN\\user", Server, Auto, oauth.Delegated, "", ben, ews.Impersonate},
		{"always, for others", Online, Always, oauth.Delegated, anna, ben, ews.Impersonate},
		{"always, own", Online, Always, oauth.Delegated, anna, anna, ews.Impersonate},
		{"never, for others", Server, Never, oauth.Delegated, anna, ben, ews.Shared},
		{"never, own", Server, Never, oauth.Delegated, anna, anna, ews.Own},
		{"never, application", Online, Never, oauth.AppOnly, "", ben, ews.Shared},
	} {
		if got := accessFor(Profile{ExchangeType: c.exchange, Impersonation: c.impersonation}, c.kind, c.own, c.address); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

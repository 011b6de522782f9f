package oauth_test

import (
	"strings"
	"testing"

	"github.com/exconn/exconn/oauth"
)

func TestGaps(t *testing.T) {
	person := oauth.Need{Use: "EWS", API: "Office 365 Exchange Online", Kind: oauth.Delegated, RBAC: true,
		Audiences: []string{oauth.ExchangeOnline, oauth.ExchangeSMTP, oauth.ExchangeOnlineAppID},
		Rights:    []oauth.Right{{AnyOf: []string{"EWS.AccessAsUser.All", "full_access_as_user"}}}}
	app := person
	app.Kind, app.Rights = oauth.AppOnly, []oauth.Right{{AnyOf: []string{"full_access_as_app"}}}
	sending := app
	sending.Use, sending.RBAC, sending.Rights = "SMTP", false, []oauth.Right{{AnyOf: []string{"SMTP.SendAsApp"}}}
	graph := oauth.Need{Use: "Graph", API: "Microsoft Graph", Kind: oauth.Delegated, Audiences: []string{oauth.MicrosoftGraph, oauth.GraphAppID},
		Rights: []oauth.Right{{For: "sending mail", AnyOf: []string{"Mail.Send"}}, {For: "calendars", AnyOf: []string{"Calendars.ReadWrite"}}}}
	claims := func(audience string, kind oauth.Kind, words ...string) oauth.Claims {
		c := oauth.Claims{Audience: audience, Kind: kind}
		if c.Scopes = words; kind == oauth.AppOnly {
			c.Scopes, c.Roles = nil, words
		}
		return c
	}
	for name, c := range map[string]struct {
		claims oauth.Claims
		need   oauth.Need
		// want are "proven: " or "doubt: " and what the problem says.
		want []string
	}{
		"right":                      {claims(oauth.ExchangeOnline, oauth.Delegated, "EWS.AccessAsUser.All"), person, nil},
		"with a slash":               {claims(oauth.ExchangeOnline+"/", oauth.Delegated, "EWS.AccessAsUser.All"), person, nil},
		"by its id":                  {claims(oauth.ExchangeOnlineAppID, oauth.Delegated, "ews.accessasuser.all"), person, nil},
		"the old permission":         {claims(oauth.ExchangeOnline, oauth.Delegated, "full_access_as_user"), person, nil},
		"for Graph":                  {claims(oauth.MicrosoftGraph, oauth.Delegated, "EWS.AccessAsUser.All"), person, []string{"proven: the token is for graph.microsoft.com; EWS needs Office 365 Exchange Online > EWS.AccessAsUser.All (for https://outlook.office365.com)"}},
		"for Graph by its id":        {claims(oauth.GraphAppID, oauth.Delegated), person, []string{"proven: the token is for Microsoft Graph; EWS needs"}},
		"another scope":              {claims(oauth.ExchangeOnline, oauth.Delegated, "SMTP.Send"), person, []string{"proven: the token has not the scope EWS.AccessAsUser.All"}},
		"no scopes":                  {claims(oauth.ExchangeOnline, oauth.Delegated), person, []string{"doubt: the token has not the scope"}},
		"nothing said":               {oauth.Claims{Scopes: []string{"EWS.AccessAsUser.All"}}, person, nil},
		"of an application":          {claims(oauth.ExchangeOnline, oauth.AppOnly, "full_access_as_app"), person, []string{"proven: the token is app-only, although the way in yields delegated ones", "doubt: the token has not the scope"}},
		"role":                       {claims(oauth.ExchangeOnline, oauth.AppOnly, "full_access_as_app"), app, nil},
		"no roles may be RBAC":       {claims(oauth.ExchangeOnline, oauth.AppOnly), app, []string{"doubt: the token has not the role full_access_as_app; right where the application's rights come from RBAC for Applications, of which no token tells"}},
		"other roles may be, too":    {claims(oauth.ExchangeOnline, oauth.AppOnly, "SMTP.SendAsApp"), app, []string{"doubt: the token has not the role full_access_as_app; right where"}},
		"no roles for SMTP":          {claims(oauth.ExchangeOnline, oauth.AppOnly), sending, []string{"proven: the token has not the role SMTP.SendAsApp"}},
		"some of several":            {claims(oauth.MicrosoftGraph, oauth.Delegated, "Mail.Send"), graph, []string{"doubt: the token has not the scope Calendars.ReadWrite, for calendars"}},
		"none of several":            {claims(oauth.MicrosoftGraph, oauth.Delegated, "User.Read"), graph, []string{"proven: the token has not the scope Mail.Send, for sending mail", "proven: the token has not the scope Calendars.ReadWrite, for calendars"}},
		"Exchange's token for Graph": {claims(oauth.ExchangeOnline, oauth.Delegated, "Mail.Send"), graph, []string{"proven: the token is for outlook.office365.com; Graph needs Microsoft Graph > Mail.Send, Calendars.ReadWrite (for https://graph.microsoft.com)"}},
	} {
		gaps := c.claims.Gaps(c.need)
		var got []string
		for _, gap := range gaps {
			said := "doubt: "
			if gap.Proven {
				said = "proven: "
			}
			got = append(got, said+gap.Problem)
			if gap.Kind != oauth.GapActor && gap.Hint == "" {
				t.Errorf("%s: %q does not say what to do", name, gap.Problem)
			}
		}
		same := len(got) == len(c.want)
		for i := range got {
			same = same && strings.HasPrefix(got[i], c.want[i])
		}
		if !same {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

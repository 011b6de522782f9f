package connection

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

func tokenOf(claims string) oauth.Token {
	return oauth.NewToken("e30."+base64URL(claims)+".c2ln", time.Now())
}

func TestRights(t *testing.T) {
	person, code := Auth{Method: oauth.PKCE}, Auth{Method: oauth.DeviceCode, Cloud: China}
	app := Auth{Method: oauth.ClientSecret}
	adfs := Auth{Method: oauth.PKCE, AuthorityURL: "https://fs.example.com/adfs"}
	online := Profile{ExchangeType: Online, Protocol: EWS, EWSURL: DefaultEWSURL}
	server := Profile{ExchangeType: Server, Protocol: EWS, EWSURL: "https://mail.example.com/EWS/Exchange.asmx"}
	smtp, graph := Profile{ExchangeType: Online, Protocol: SMTP}, Profile{ExchangeType: Online, Protocol: Graph}
	for _, c := range []struct {
		name    string
		profile Profile
		auth    Auth
		claims  string
		// says is part of the error, or of the line where there is none.
		says, hint string
		refused    bool
	}{
		{"EWS", online, person, `{"aud":"https://outlook.office365.com","scp":"EWS.AccessAsUser.All"}`, "for https://outlook.office365.com, delegated, scopes EWS.AccessAsUser.All, until ", "", false},
		{"Graph's for EWS", online, person, `{"aud":"https://graph.microsoft.com","scp":"EWS.AccessAsUser.All"}`, "the token is for graph.microsoft.com; EWS needs Office 365 Exchange Online > EWS.AccessAsUser.All", "under another API", true},
		{"another cloud's for EWS", online, person, `{"aud":"https://outlook.office365.us","scp":"EWS.AccessAsUser.All"}`, "the token is for outlook.office365.us; EWS needs", "", true},
		{"EWS in China", Profile{ExchangeType: Online, Protocol: EWS, EWSURL: "https://partner.outlook.cn/EWS/Exchange.asmx"}, code, `{"aud":"https://partner.outlook.cn","scp":"EWS.AccessAsUser.All"}`, "delegated", "", false},
		{"RBAC", online, app, `{"aud":"https://outlook.office365.com","idtyp":"app"}`, "no roles (right where they come from RBAC for Applications)", "", false},
		{"SMTP", smtp, person, `{"aud":"https://outlook.office.com","scp":"SMTP.Send"}`, "scopes SMTP.Send", "", false},
		{"SMTP by EWS's resource", smtp, person, `{"aud":"https://outlook.office365.com","scp":"SMTP.Send"}`, "scopes SMTP.Send", "", false},
		{"SMTP without its scope", smtp, person, `{"aud":"https://outlook.office.com","scp":"EWS.AccessAsUser.All"}`, "has not the scope SMTP.Send", "delegated permission Microsoft Graph > SMTP.Send", true},
		{"SMTP of an application", smtp, app, `{"aud":"https://outlook.office365.com","idtyp":"app","roles":["SMTP.SendAsApp"]}`, "roles SMTP.SendAsApp", "", false},
		{"SMTP without its role", smtp, app, `{"aud":"https://outlook.office365.com","idtyp":"app"}`, "has not the role SMTP.SendAsApp", "application permission Office 365 Exchange Online > SMTP.SendAsApp", true},
		{"Graph", graph, person, `{"aud":"00000003-0000-0000-c000-000000000000","scp":"Mail.ReadWrite Mail.Send Calendars.ReadWrite Contacts.ReadWrite Tasks.ReadWrite"}`, "delegated", "", false},
		{"Graph for sending alone", graph, app, `{"aud":"https://graph.microsoft.com","idtyp":"app","roles":["Mail.Send"]}`, "roles Mail.Send, until 1970-01-01T00:00:00Z; the token has not the role Mail.ReadWrite, for reading and filing mail", "", false},
		{"Graph for nothing", graph, person, `{"aud":"https://graph.microsoft.com","scp":"User.Read"}`, "has not the scope Mail.Send", "Microsoft Graph > Mail.Send", true},
		{"a server", server, person, `{"aud":"https://mail.example.com/","scp":"EWS.AccessAsUser.All"}`, "delegated", "", false},
		{"the cloud's for a server", server, person, `{"aud":"https://outlook.office365.com","scp":"EWS.AccessAsUser.All"}`, "the token is for outlook.office365.com; EWS at mail.example.com needs Office 365 Exchange Online > EWS.AccessAsUser.All (for https://mail.example.com)", "service principal name of Office 365 Exchange Online", true},
		{"AD FS", server, adfs, `{"aud":"https://mail.example.com/","scp":"user_impersonation openid"}`, "scopes user_impersonation openid", "", false},
		{"AD FS without the permission", server, adfs, `{"aud":"https://mail.example.com/","scp":"openid"}`, "has not the scope user_impersonation", "AD FS", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := c.profile.Rights(c.auth, tokenOf(strings.TrimSuffix(c.claims, "}")+`,"exp":1}`))
			if err != nil {
				t.Fatal(err)
			}
			err = r.Err()
			if !c.refused {
				if line := strings.ReplaceAll(r.String(), "00:00:01Z", "00:00:00Z"); err != nil || !strings.Contains(line, c.says) {
					t.Errorf("%q, %v", line, err)
				}
				return
			}
			var refused *RightsError
			if !errors.As(err, &refused) || !errors.Is(err, mailbox.ErrSignInNeeded) || !strings.Contains(err.Error(), c.says) || !strings.Contains(refused.Hint(), c.hint) {
				t.Errorf("%v (hint %q)", err, mailbox.Hint(err))
			}
		})
	}
}

// As JSON it is flat and stable, and holds no token.
func TestRightsAsJSON(t *testing.T) {
	token := tokenOf(`{"aud":"https://outlook.office365.com","scp":"SMTP.Send","tid":"t","appid":"a","upn":"anna@example.com","exp":1}`)
	r, err := Profile{ExchangeType: Online, Protocol: EWS, EWSURL: DefaultEWSURL}.Rights(Auth{Method: oauth.PKCE}, token)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"protocol":"ews","audience":"https://outlook.office365.com","tenant":"t","client_id":"a","scopes":["SMTP.Send"],"kind":"delegated","username":"anna@example.com","expires":"1970-01-01T00:00:01Z",` +
		`"needs":"Office 365 Exchange Online \u003e EWS.AccessAsUser.All","missing":[{"kind":"permission","problem":"the token has not the scope EWS.AccessAsUser.All",` +
		`"hint":"give the registration the delegated permission Office 365 Exchange Online \u003e EWS.AccessAsUser.All, with an admin's consent","proven":true}]}`
	if string(text) != want {
		t.Errorf("got %s\nwant %s", text, want)
	}
}

// A token that is no JWT may be good all the same.
func TestRightsOfAnOpaqueToken(t *testing.T) {
	r, err := Profile{ExchangeType: Online, Protocol: SMTP}.Rights(Auth{Method: oauth.PKCE}, oauth.NewToken("opaque", time.Now()))
	if !errors.Is(err, mailbox.ErrUnsupported) || r.Needs != "Office 365 Exchange Online > SMTP.Send" {
		t.Errorf("%+v, %v", r, err)
	}
}

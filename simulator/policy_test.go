package simulator

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/simulator/entra"
	"github.com/exconn/exconn/wsdl"
)

// ask posts to the pretend Entra for a token.
func ask(t *testing.T, s *Simulator, tenant Tenant, form url.Values) string {
	t.Helper()
	client := s.HTTPClient()
	defer client.CloseIdleConnections()
	answer, err := client.PostForm(s.AuthorityURL(tenant)+"/oauth2/v2.0/token", form)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var got struct {
		Token string `json:"access_token"`
		Error string `json:"error_description"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil || got.Token == "" {
		t.Fatalf("no token: %v %s", err, got.Error)
	}
	return got.Token
}

// appToken gets a token for an application in its own right.
func appToken(t *testing.T, s *Simulator, app Application) string {
	t.Helper()
	return ask(t, s, app.Tenant, url.Values{
		"grant_type": {"client_credentials"}, "client_id": {app.ClientID}, "client_secret": {string(app.Secret)},
		"scope": {"https://outlook.office365.com/.default"},
	})
}

// userToken signs somebody in by the pages, with PKCE.
func userToken(t *testing.T, s *Simulator, app Application, user, scope string) string {
	t.Helper()
	const verifier = "a-verifier-of-at-least-forty-three-characters-0123456789"
	sum := sha256.Sum256([]byte(verifier))
	query := url.Values{
		"client_id": {app.ClientID}, "response_type": {"code"}, "redirect_uri": {"http://localhost:4711/"}, "scope": {scope},
		"state": {"s"}, "code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	client := s.HTTPClient()
	defer client.CloseIdleConnections()
	back, err := entra.SignIn(context.Background(), client, s.AuthorityURL(app.Tenant)+"/oauth2/v2.0/authorize?"+query.Encode(), user, s.Password(user), true)
	if err != nil {
		t.Fatal(err)
	}
	if back.Query().Get("code") == "" {
		t.Fatalf("no code: %s", back.Query().Get("error_description"))
	}
	form := url.Values{
		"grant_type": {"authorization_code"}, "client_id": {app.ClientID}, "code": {back.Query().Get("code")},
		"redirect_uri": {"http://localhost:4711/"}, "code_verifier": {verifier}, "scope": {scope},
	}
	if app.Secret != "" {
		form.Set("client_secret", string(app.Secret))
	}
	return ask(t, s, app.Tenant, form)
}

func getInbox(mailbox ...string) *wsdl.GetFolder {
	base := wsdl.DefaultShapeNamesDefault
	return &wsdl.GetFolder{FolderShape: &wsdl.FolderResponseShape{BaseShape: &wsdl.BaseShape{Value: &base}},
		FolderIds: &wsdl.FolderIdList{Ids: []any{named("inbox", mailbox...)}}}
}

func (a as) folder(request *wsdl.GetFolder) wsdl.Status {
	a.t.Helper()
	return call[wsdl.GetFolderResponse](a, request).ResponseMessages.GetFolderResponseMessage[0].Status()
}

const onlineScope = "https://outlook.office365.com/EWS.AccessAsUser.All"

func TestWhoMayImpersonateOnTheServer(t *testing.T) {
	s := start(t, nil)
	for _, who := range []string{"anna", "ben", "carla"} {
		a := actor(t, s, who)
		a.status(a.folder(getInbox()), "NoError")
	}
	director := actor(t, s, "director")
	if f := director.fault(getInbox()); f.ResponseCode != "ErrorImpersonateUserDenied" {
		t.Errorf("outside the scope: %s", f.ResponseCode)
	}
	if f := actor(t, s, "nobody").fault(getInbox()); f.ResponseCode != "ErrorNonExistentMailbox" {
		t.Errorf("a mailbox that does not exist: %s", f.ResponseCode)
	}
	anna := user(t, s, "anna")
	anna.onBehalf = "ben@contoso.example"
	if f := anna.fault(getInbox()); f.ResponseCode != "ErrorImpersonateUserDenied" {
		t.Errorf("without the role: %s", f.ResponseCode)
	}
	anna.onBehalf = "anna@contoso.example"
	anna.status(anna.folder(getInbox()), "NoError")

	// Hybrid modern authentication: the token is for the server's own host.
	resource := strings.TrimSuffix(s.EWSURL(Server), "/EWS/Exchange.asmx")
	hybrid := as{t: t, s: s, tenant: Server, onBehalf: "anna@contoso.example",
		bearer: userToken(t, s, s.Applications().Server, "svc-crm@contoso.example", resource+"/EWS.AccessAsUser.All")}
	hybrid.status(hybrid.folder(getInbox()), "NoError")
	hybrid.onBehalf = "director@contoso.example"
	if f := hybrid.fault(getInbox()); f.ResponseCode != "ErrorImpersonateUserDenied" {
		t.Errorf("hybrid, outside the scope: %s", f.ResponseCode)
	}
}

func TestOnlineApplicationsMustImpersonate(t *testing.T) {
	s := start(t, nil)
	app := as{t: t, s: s, tenant: Online, bearer: appToken(t, s, s.Applications().AppOnly)}
	if f := app.fault(getInbox()); !strings.Contains(f.Message, "must be present") {
		t.Errorf("without the header: %s %s", f.ResponseCode, f.Message)
	}
	for _, who := range []string{"erik", "fiona", "sales"} {
		app.onBehalf = who + "@fabrikam.example"
		app.status(app.folder(getInbox()), "NoError")
	}
	scoped := as{t: t, s: s, tenant: Online, bearer: appToken(t, s, s.Applications().Scoped), onBehalf: "fiona@fabrikam.example"}
	scoped.status(scoped.folder(getInbox()), "NoError")
	scoped.onBehalf = "erik@fabrikam.example"
	if f := scoped.fault(getInbox()); f.ResponseCode != "ErrorImpersonateUserDenied" {
		t.Errorf("outside the scope: %s", f.ResponseCode)
	}
}

func TestOnlinePeopleMustNotImpersonate(t *testing.T) {
	s := start(t, nil)
	erik := as{t: t, s: s, tenant: Online, bearer: userToken(t, s, s.Applications().Online, "erik@fabrikam.example", onlineScope)}
	erik.status(erik.folder(getInbox()), "NoError")
	erik.status(erik.folder(getInbox("sales@fabrikam.example")), "NoError")
	erik.status(erik.folder(getInbox("fiona@fabrikam.example")), "ErrorAccessDenied")
	erik.status(erik.folder(getInbox("nobody@fabrikam.example")), "ErrorNonExistentMailbox")
	erik.status(erik.folder(getInbox("anna@contoso.example")), "ErrorNonExistentMailbox")
	erik.onBehalf = "fiona@fabrikam.example"
	if f := erik.fault(getInbox()); f.ResponseCode != "ErrorInvalidExchangeImpersonationHeaderData" || !strings.Contains(f.Message, "must not exist") {
		t.Errorf("with the header: %s %s", f.ResponseCode, f.Message)
	}
}

func TestSharedMailbox(t *testing.T) {
	s := start(t, nil)
	app := s.Applications().Online
	erik := as{t: t, s: s, tenant: Online, bearer: userToken(t, s, app, "erik@fabrikam.example", onlineScope)}
	m := message("From Sales", "fiona@fabrikam.example")
	answer := erik.create(&wsdl.CreateItem{MessageDisposition: wsdl.Ptr(wsdl.DispositionSendAndSaveCopy),
		SavedItemFolderId: &wsdl.TargetFolderId{DistinguishedFolderId: named("sentitems", "sales@fabrikam.example")},
		Items:             &wsdl.ItemList{Items: []any{m}}})
	erik.status(answer.Status(), "NoError")
	sent := erik.only(named("sentitems", "sales@fabrikam.example")).(*wsdl.MessageType)
	if address(mailboxOf(sent.From)) != "sales@fabrikam.example" {
		t.Errorf("sent from %s", address(mailboxOf(sent.From)))
	}
	// Fiona may work in the inbox of Sales, see Erik's calendar, and no more.
	fiona := as{t: t, s: s, tenant: Online, bearer: userToken(t, s, app, "fiona@fabrikam.example", onlineScope)}
	fiona.status(fiona.folder(getInbox("sales@fabrikam.example")), "NoError")
	_, status := fiona.get(sent.ItemId)
	fiona.status(status, "ErrorItemNotFound")
	id := erik.event(meetingAt("Private", noon, time.Hour), wsdl.SendInvitationsSendToNone)
	theirs := fiona.only(named("calendar", "erik@fabrikam.example")).(*wsdl.CalendarItemType)
	if r := theirs.EffectiveRights; !bool(wsdl.Val(r.Read)) || bool(wsdl.Val(r.Modify)) {
		t.Errorf("a reviewer's rights: %+v", r)
	}
	fiona.status(fiona.remove(id, wsdl.DisposalHardDelete, wsdl.SendInvitationsSendToNone), "ErrorAccessDenied")
	status, _ = fiona.update(theirs.ItemId, meetingAt("Mine", noon, time.Hour), wsdl.SendUpdatesSendToNone, "item:Subject")
	fiona.status(status, "ErrorAccessDenied")
}

func TestRefusedBeforeSOAP(t *testing.T) {
	clock := newClock(noon)
	s := start(t, func(o *Options) { o.Now = clock.Now })
	apps := s.Applications()
	expired := appToken(t, s, apps.AppOnly)
	clock.advance(2 * time.Hour)
	server := strings.TrimSuffix(s.EWSURL(Server), "/EWS/Exchange.asmx")
	for name, test := range map[string]struct {
		who    as
		status int
		header string
		says   string
	}{
		"nobody":                          {as{tenant: Online}, 401, "Www-Authenticate", "Bearer "},
		"Basic online":                    {as{tenant: Online, user: "erik@fabrikam.example"}, 401, "Www-Authenticate", "Bearer "},
		"a wrong password":                {as{tenant: Server, user: "nobody@contoso.example"}, 401, "Www-Authenticate", "Bearer "},
		"not a token":                     {as{tenant: Online, bearer: "abc"}, 401, "X-Ms-Diagnostics", "2000001;"},
		"an expired token":                {as{tenant: Online, bearer: expired}, 401, "X-Ms-Diagnostics", "2000002;"},
		"Graph's token":                   {as{tenant: Online, bearer: userToken(t, s, apps.Online, "erik@fabrikam.example", graphResource+"/Mail.ReadWrite")}, 401, "X-Ms-Diagnostics", "2000003;"},
		"the cloud's token on the server": {as{tenant: Server, bearer: appToken(t, s, apps.AppOnly)}, 401, "X-Ms-Diagnostics", "2000003;"},
		"the server's token in the cloud": {as{tenant: Online, bearer: userToken(t, s, apps.Server, "anna@contoso.example", server+"/EWS.AccessAsUser.All")}, 401, "X-Ms-Diagnostics", "2000003;"},
		"an unlisted application":         {as{tenant: Online, bearer: appToken(t, s, apps.Unlisted)}, 403, "X-Ews-Policy-Reason", reasonBlocked},
		"a mailbox without EWS":           {as{tenant: Online, bearer: userToken(t, s, apps.Online, "greta@fabrikam.example", onlineScope)}, 403, "X-Ews-Policy-Reason", reasonDisabled},
		"a mailbox without EWS, impersonated": {as{tenant: Online, bearer: appToken(t, s, apps.AppOnly), onBehalf: "greta@fabrikam.example"},
			403, "X-Ews-Policy-Reason", reasonDisabled},
	} {
		test.who.t, test.who.s = t, s
		w := test.who.post(getInbox())
		if w.Code != test.status || !strings.HasPrefix(w.Header().Get(test.header), test.says) {
			t.Errorf("%s: HTTP %d, %s: %q", name, w.Code, test.header, w.Header().Get(test.header))
		}
	}
	// An application without any permission gets a token, but not in.
	bare, err := s.Directory().AddApplication(entra.Application{Name: "bare", Tenant: onlineTenantID, AdminConsented: true,
		Secrets: []entra.ClientSecret{{Value: "secret"}}})
	if err != nil {
		t.Fatal(err)
	}
	a := as{t: t, s: s, tenant: Online, bearer: appToken(t, s, Application{ClientID: bare.ClientID, Tenant: Online, Secret: "secret"})}
	if w := a.post(getInbox()); w.Code != http.StatusUnauthorized || !strings.HasPrefix(w.Header().Get("X-Ms-Diagnostics"), "2000008;") {
		t.Errorf("no permissions: HTTP %d, %q", w.Code, w.Header().Get("X-Ms-Diagnostics"))
	}
}

func TestDomainAndUser(t *testing.T) {
	s := start(t, nil)
	a := as{t: t, s: s, tenant: Server, user: `CONTOSO\anna`}
	if w := a.post(getInbox()); w.Code != http.StatusUnauthorized {
		t.Errorf("without a password: HTTP %d", w.Code)
	}
	a.password = "secret"
	a.status(a.folder(getInbox()), "NoError")
	if err := s.Directory().DisableUser("anna@contoso.example"); err != nil {
		t.Fatal(err)
	}
	if w := a.post(getInbox()); w.Code != http.StatusUnauthorized {
		t.Errorf("a disabled user: HTTP %d", w.Code)
	}
}

func TestResolveNames(t *testing.T) {
	s := start(t, nil)
	anna := actor(t, s, "anna")
	for query, want := range map[string]string{
		"ben": "ben@contoso.example", "smtp:carla@contoso.example": "carla@contoso.example", "Duarte": "carla@contoso.example",
		"anna.albrecht@contoso.example": "anna@contoso.example", "erik": "", "smtp:car": "",
	} {
		answer := call[wsdl.ResolveNamesResponse](anna, &wsdl.ResolveNames{UnresolvedEntry: text(query), ReturnFullContactData: wsdl.Ptr(wsdl.Bool(false))}).
			ResponseMessages.ResolveNamesResponseMessage[0]
		got := ""
		if set := answer.ResolutionSet; set != nil && len(set.Resolution) > 0 {
			got = address(set.Resolution[0].Mailbox)
		}
		if got != want {
			t.Errorf("%s is %q, want %q", query, got, want)
		}
	}
}

package ewsserver_test

import (
	"context"
	"strings"
	"testing"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

// principal is a backend whose one mailbox has delegates, and whose ids are
// words.
type principal struct {
	*fake
	denied    bool
	delegates []ewsserver.Delegate
	changes   []ewsserver.DelegateChange
	delivery  wsdl.DeliverMeetingRequestsName
	converted []ewsserver.AlternateID
}

func newPrincipal(delegates ...string) *principal {
	p := &principal{fake: newFake(), delivery: wsdl.DeliverMeetingRequestsNameNoForward}
	for _, address := range delegates {
		p.delegates = append(p.delegates, ewsserver.Delegate{
			User:           ewsserver.UserID{SID: "S-1-" + address, PrimarySmtpAddress: address, DisplayName: "Ben"},
			Permissions:    wsdl.DelegatePermissionsType{CalendarFolderPermissionLevel: wsdl.Ptr(wsdl.DelegateLevelEditor)},
			ReceivesCopies: true,
		})
	}
	return p
}

func (p *principal) Open(context.Context, ewsserver.Caller) (ewsserver.Session, error) { return p, nil }

func (p *principal) refusal() error {
	if p.denied {
		return &ewsserver.Error{Code: ewsserver.ErrorAccessDenied}
	}
	return nil
}

func (p *principal) Delegates(context.Context, string) ([]ewsserver.Delegate, error) {
	return p.delegates, p.refusal()
}

func (p *principal) Delegate(_ context.Context, _ string, user ewsserver.UserID) (ewsserver.Delegate, error) {
	for _, d := range p.delegates {
		if d.User.PrimarySmtpAddress == user.PrimarySmtpAddress || d.User.SID == user.SID {
			return d, nil
		}
	}
	return ewsserver.Delegate{}, &ewsserver.Error{Code: ewsserver.ErrorNotDelegate}
}

func (p *principal) AddDelegate(_ context.Context, _ string, change ewsserver.DelegateChange) (ewsserver.Delegate, error) {
	p.changes = append(p.changes, change)
	if strings.HasPrefix(change.User.PrimarySmtpAddress, "anna@") {
		return ewsserver.Delegate{}, &ewsserver.Error{Code: ewsserver.ErrorDelegateCannotAddOwner}
	}
	return ewsserver.Delegate{User: change.User}, nil
}

func (p *principal) UpdateDelegate(ctx context.Context, mailbox string, change ewsserver.DelegateChange) (ewsserver.Delegate, error) {
	p.changes = append(p.changes, change)
	return p.Delegate(ctx, mailbox, change.User)
}

func (p *principal) RemoveDelegate(ctx context.Context, mailbox string, user ewsserver.UserID) error {
	_, err := p.Delegate(ctx, mailbox, user)
	return err
}

func (p *principal) MeetingDelivery(context.Context, string) (wsdl.DeliverMeetingRequestsName, error) {
	return p.delivery, p.refusal()
}

func (p *principal) SetMeetingDelivery(_ context.Context, _ string, to wsdl.DeliverMeetingRequestsName) error {
	if err := p.refusal(); err != nil {
		return err
	}
	p.delivery = to
	return nil
}

func (p *principal) ConvertID(_ context.Context, id ewsserver.AlternateID, to wsdl.IdFormat) (ewsserver.AlternateID, error) {
	p.converted = append(p.converted, id)
	if id.ID == "DUMMY" {
		return ewsserver.AlternateID{}, &ewsserver.Error{Code: ewsserver.ErrorInvalidIdMalformed}
	}
	return ewsserver.AlternateID{Format: to, ID: "as-" + string(to), Mailbox: "anna@contoso.example", Archive: id.Archive}, nil
}

const ofAnna = `<m:Mailbox><t:EmailAddress>anna@contoso.example</t:EmailAddress></m:Mailbox>`

func userID(address string) string {
	return `<t:UserId><t:PrimarySmtpAddress>` + address + `</t:PrimarySmtpAddress></t:UserId>`
}

func delegateUser(address, rest string) string {
	return `<t:DelegateUser>` + userID(address) + rest + `</t:DelegateUser>`
}

func TestGetDelegate(t *testing.T) {
	t.Parallel()
	all := `<m:GetDelegate IncludePermissions="true">` + ofAnna + `</m:GetDelegate>`
	call(t, newPrincipal("ben@contoso.example"), all).wantCodes(t, "NoError", "NoError").
		has(t, "<CalendarFolderPermissionLevel>Editor<", ">ben@contoso.example<", "ReceiveCopiesOfMeetingMessages", ">NoForward<")
	call(t, newPrincipal("ben@contoso.example"), strings.Replace(all, "true", "false", 1)).wantCodes(t, "NoError", "NoError").lacks(t, "DelegatePermissions")
	call(t, newPrincipal(), all).wantCodes(t, "NoError").has(t, ">NoForward<").lacks(t, "ResponseMessages")
	named := `<m:GetDelegate IncludePermissions="true">` + ofAnna + `<m:UserIds>` + userID("ben@contoso.example") + userID("carla@contoso.example") +
		userID("BEN@contoso.example") + `<t:UserId><t:DistinguishedUser>Default</t:DistinguishedUser></t:UserId><t:UserId/></m:UserIds></m:GetDelegate>`
	call(t, newPrincipal("ben@contoso.example"), named).
		wantCodes(t, "NoError", "NoError", "ErrorNotDelegate", "ErrorDuplicateUserIdsSpecified", "ErrorDistinguishedUserNotSupported", "ErrorInvalidDelegateUserId")

	denied := newPrincipal("ben@contoso.example")
	denied.denied = true
	call(t, denied, all).wantCodes(t, "ErrorAccessDenied").lacks(t, "ben@")
	call(t, newPrincipal(), `<m:GetDelegate>`+ofAnna+`</m:GetDelegate>`).wantFault(t, "ErrorSchemaValidation")
	call(t, newPrincipal(), `<m:GetDelegate IncludePermissions="true"/>`).wantFault(t, "ErrorSchemaValidation")
	call(t, newPrincipal(), `<m:GetDelegate IncludePermissions="true"><m:Mailbox/></m:GetDelegate>`).wantFault(t, "ErrorMissingInformationEmailAddress")
	call(t, newFake(), all).wantFault(t, "ErrorInvalidOperation")
}

func TestAddDelegate(t *testing.T) {
	t.Parallel()
	p := newPrincipal()
	call(t, p, `<m:AddDelegate>`+ofAnna+`<m:DelegateUsers>`+
		delegateUser("ben@contoso.example", `<t:DelegatePermissions><t:InboxFolderPermissionLevel>Author</t:InboxFolderPermissionLevel></t:DelegatePermissions><t:ViewPrivateItems>true</t:ViewPrivateItems>`)+
		delegateUser("anna@contoso.example", ``)+
		delegateUser("carla@contoso.example", `<t:DelegatePermissions><t:InboxFolderPermissionLevel>Custom</t:InboxFolderPermissionLevel></t:DelegatePermissions>`)+
		`</m:DelegateUsers><m:DeliverMeetingRequests>DelegatesAndMe</m:DeliverMeetingRequests></m:AddDelegate>`).
		wantCodes(t, "NoError", "NoError", "ErrorDelegateCannotAddOwner", "ErrorInvalidDelegatePermission").lacks(t, "DelegatePermissions")
	if p.delivery != wsdl.DeliverMeetingRequestsNameDelegatesAndMe {
		t.Errorf("invitations go to %s", p.delivery)
	}
	if len(p.changes) != 2 {
		t.Fatalf("the backend was asked for %+v", p.changes)
	}
	c := p.changes[0]
	if c.User.PrimarySmtpAddress != "ben@contoso.example" || wsdl.Val(c.Permissions.InboxFolderPermissionLevel) != wsdl.DelegateLevelAuthor ||
		c.Permissions.CalendarFolderPermissionLevel != nil || c.ReceivesCopies != nil || !wsdl.Val(c.ViewsPrivate) {
		t.Errorf("the backend was asked for %+v", c)
	}
	call(t, newPrincipal(), `<m:AddDelegate>`+ofAnna+`</m:AddDelegate>`).wantFault(t, "ErrorSchemaValidation")
	call(t, newPrincipal(), `<m:AddDelegate>`+ofAnna+`<m:DelegateUsers>`+delegateUser("ben@contoso.example", "")+
		`</m:DelegateUsers><m:DeliverMeetingRequests>Everybody</m:DeliverMeetingRequests></m:AddDelegate>`).wantFault(t, "ErrorSchemaValidation")
	denied := newPrincipal()
	denied.denied = true
	call(t, denied, `<m:AddDelegate>`+ofAnna+`<m:DelegateUsers>`+delegateUser("ben@contoso.example", "")+
		`</m:DelegateUsers><m:DeliverMeetingRequests>DelegatesAndMe</m:DeliverMeetingRequests></m:AddDelegate>`).wantCodes(t, "ErrorAccessDenied")
	if len(denied.changes) != 0 {
		t.Errorf("and yet: %+v", denied.changes)
	}
}

func TestUpdateAndRemoveDelegate(t *testing.T) {
	t.Parallel()
	p := newPrincipal("ben@contoso.example")
	call(t, p, `<m:UpdateDelegate>`+ofAnna+`<m:DeliverMeetingRequests>DelegatesOnly</m:DeliverMeetingRequests></m:UpdateDelegate>`).wantCodes(t, "NoError")
	if p.delivery != wsdl.DeliverMeetingRequestsNameDelegatesOnly || len(p.changes) != 0 {
		t.Errorf("invitations go to %s; changes %+v", p.delivery, p.changes)
	}
	call(t, p, `<m:UpdateDelegate>`+ofAnna+`<m:DelegateUsers>`+delegateUser("ben@contoso.example", `<t:ReceiveCopiesOfMeetingMessages>false</t:ReceiveCopiesOfMeetingMessages>`)+
		delegateUser("carla@contoso.example", "")+`</m:DelegateUsers></m:UpdateDelegate>`).wantCodes(t, "NoError", "NoError", "ErrorNotDelegate").has(t, ">Ben<")
	if c := p.changes[0]; c.ReceivesCopies == nil || *c.ReceivesCopies || c.ViewsPrivate != nil {
		t.Errorf("the backend was asked for %+v", c)
	}
	call(t, p, `<m:RemoveDelegate>`+ofAnna+`<m:UserIds>`+userID("carla@contoso.example")+`<t:UserId><t:SID>S-1-ben@contoso.example</t:SID></t:UserId></m:UserIds></m:RemoveDelegate>`).
		wantCodes(t, "NoError", "ErrorNotDelegate", "NoError").lacks(t, "DelegateUser>")
	call(t, p, `<m:RemoveDelegate>`+ofAnna+`</m:RemoveDelegate>`).wantFault(t, "ErrorSchemaValidation")
	p.denied = true
	call(t, p, `<m:RemoveDelegate>`+ofAnna+`<m:UserIds>`+userID("ben@contoso.example")+`</m:UserIds></m:RemoveDelegate>`).wantCodes(t, "ErrorAccessDenied")
}

func TestConvertId(t *testing.T) {
	t.Parallel()
	convert := func(to, ids string) string {
		return `<m:ConvertId DestinationFormat="` + to + `"><m:SourceIds>` + ids + `</m:SourceIds></m:ConvertId>`
	}
	p := newPrincipal()
	call(t, p, convert("HexEntryId", `<t:AlternateId Format="EwsId" Id="AAMk=" Mailbox="blah@blah.example"/>`+
		`<t:AlternatePublicFolderId Format="EwsId" FolderId="AAE="/>`+
		`<t:AlternateId Format="EwsId" Id="DUMMY" Mailbox="DUMMY"/>`+
		`<t:AlternateId Format="StoreId" Id="AAE=" Mailbox="no address"/>`+
		`<t:AlternateId Format="EwsLegacyId" Id="" Mailbox="a@b.example"/>`+
		`<t:AlternatePublicFolderItemId Format="EwsId" FolderId="AAE=" ItemId="AAM="/>`+
		`<t:AlternateId Format="OwaId" Id="x" Mailbox="a@b.example" IsArchive="true"/>`)).
		wantCodes(t, "NoError", "ErrorInvalidOperation", "ErrorInvalidIdMalformed", "ErrorInvalidSmtpAddress", "ErrorInvalidIdEmpty", "ErrorInvalidOperation", "NoError").
		has(t, `Id="as-HexEntryId"`, `Format="HexEntryId"`, `Mailbox="anna@contoso.example"`, `IsArchive="true"`, "public folder", `:type="t:AlternateIdType"`)
	if len(p.converted) != 4 || p.converted[0].Mailbox != "blah@blah.example" || !p.converted[3].Archive {
		t.Errorf("the backend was asked for %+v", p.converted)
	}
	for _, wrong := range []string{
		convert("Base32", `<t:AlternateId Format="EwsId" Id="AAMk=" Mailbox="a@b.example"/>`),
		convert("EwsId", `<t:AlternateId Format="Base32" Id="AAMk=" Mailbox="a@b.example"/>`),
		convert("EwsId", `<t:AlternateId Format="EwsId" Id="AAMk="/>`),
		convert("EwsId", ``),
		`<m:ConvertId DestinationFormat="EwsId"/>`,
	} {
		call(t, newPrincipal(), wrong).wantFault(t, "ErrorSchemaValidation")
	}
	call(t, newFake(), convert("EwsId", `<t:AlternateId Format="EwsId" Id="AAMk=" Mailbox="a@b.example"/>`)).wantFault(t, "ErrorInvalidOperation")
}

package ews_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
)

// delegateAnswer is the answer of one of the four operations about delegates.
func delegateAnswer(operation, inner string) string {
	return envelope(`<m:` + operation + `Response ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>` + inner + `</m:` + operation + `Response>`)
}

const (
	benAsDelegate = `<m:DelegateUserResponseMessageType ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:DelegateUser>` +
		`<t:UserId><t:SID>S-1-5-21-1</t:SID><t:PrimarySmtpAddress>ben@contoso.example</t:PrimarySmtpAddress><t:DisplayName>Ben Castillo</t:DisplayName></t:UserId>` +
		`<t:DelegatePermissions><t:CalendarFolderPermissionLevel>Editor</t:CalendarFolderPermissionLevel><t:TasksFolderPermissionLevel>Custom</t:TasksFolderPermissionLevel>` +
		`<t:InboxFolderPermissionLevel>None</t:InboxFolderPermissionLevel></t:DelegatePermissions>` +
		`<t:ReceiveCopiesOfMeetingMessages>true</t:ReceiveCopiesOfMeetingMessages><t:ViewPrivateItems>false</t:ViewPrivateItems></m:DelegateUser></m:DelegateUserResponseMessageType>`
	noDelegate = `<m:DelegateUserResponseMessageType ResponseClass="Error"><m:MessageText>The user is not a delegate for the mailbox.</m:MessageText>` +
		`<m:ResponseCode>ErrorNotDelegate</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey></m:DelegateUserResponseMessageType>`
)

// delegatesOf answers every operation about delegates with these messages.
func delegatesOf(messages string) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, _ *http.Request, operation string) {
		if messages != "" {
			messages = `<m:ResponseMessages>` + messages + `</m:ResponseMessages>`
		}
		respond(w, http.StatusOK, delegateAnswer(operation, messages))
	}
}

// converted answers ConvertId with these messages.
func converted(messages string) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, _ *http.Request, _ string) {
		respond(w, http.StatusOK, envelope(`<m:ConvertIdResponse><m:ResponseMessages>`+messages+`</m:ResponseMessages></m:ConvertIdResponse>`))
	}
}

const (
	convertedID = `<m:ConvertIdResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>` +
		`<m:AlternateId xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="t:AlternateIdType" Format="HexEntryId" Id="00AB" Mailbox="anna@contoso.example" IsArchive="true"/></m:ConvertIdResponseMessage>`
	malformedID = `<m:ConvertIdResponseMessage ResponseClass="Error"><m:MessageText>Id is malformed.</m:MessageText>` +
		`<m:ResponseCode>ErrorInvalidIdMalformed</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey></m:ConvertIdResponseMessage>`
)

func TestGoldenRightsRequests(t *testing.T) {
	own := func(do func(context.Context, *ews.Mailbox) error) func(context.Context, *ews.Client) error {
		return inMailbox(ews.Own, do)
	}
	runGolden(t, []goldenCase{
		{name: "delegates", answer: delegatesOf(""), do: own(func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.Delegates(ctx)
			return err
		})},
		{name: "delegates-named", answer: delegatesOf(benAsDelegate + noDelegate), do: inMailbox(ews.Impersonate, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.Delegates(ctx, "ben@contoso.example", " carla@contoso.example ")
			return err
		})},
		{name: "delegates-add", answer: delegatesOf(benAsDelegate + benAsDelegate), do: own(func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.AddDelegates(ctx, []mailbox.Delegate{
				{Name: "not sent", Address: "ben@contoso.example", ReceivesCopies: true, ViewsPrivate: true, Permissions: mailbox.DelegatePermissions{
					Calendar: mailbox.PermissionEditor, Tasks: mailbox.PermissionAuthor, Inbox: mailbox.PermissionReviewer,
					Contacts: mailbox.PermissionNone, Notes: mailbox.PermissionEditor, Journal: mailbox.PermissionNone}},
				{Address: "carla@contoso.example"},
			}, mailbox.DeliverInformation)
			return err
		})},
		{name: "delegates-update", answer: delegatesOf(benAsDelegate + benAsDelegate), do: own(func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.UpdateDelegates(ctx, []mailbox.DelegateUpdate{
				{Address: "ben@contoso.example", Permissions: mailbox.DelegatePermissions{Tasks: mailbox.PermissionNone}, ViewsPrivate: ptr(true)},
				{Address: "carla@contoso.example", ReceivesCopies: ptr(false)},
			}, "")
			return err
		})},
		{name: "delegates-delivery", answer: delegatesOf(""), do: own(func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.UpdateDelegates(ctx, nil, mailbox.DeliverToOwner)
			return err
		})},
		{name: "delegates-remove", answer: delegatesOf(noDelegate), do: own(func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.RemoveDelegates(ctx, "ben@contoso.example")
			return err
		})},
		{name: "convert-ids", answer: converted(convertedID + malformedID), do: own(func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.ConvertIDs(ctx, ews.EWSID, ews.HexEntryID, "AAMkOne=", "AAMkTwo=")
			return err
		})},
	})
}

// TestDelegateAnswers: what is told of delegates is read, each with its own
// error.
func TestDelegateAnswers(t *testing.T) {
	ben := mailbox.Delegate{Name: "Ben Castillo", Address: "ben@contoso.example", ReceivesCopies: true,
		Permissions: mailbox.DelegatePermissions{Calendar: mailbox.PermissionEditor, Tasks: mailbox.PermissionCustom, Inbox: mailbox.PermissionNone}}
	s := newStub(t, func(w http.ResponseWriter, _ *http.Request, operation string) {
		respond(w, http.StatusOK, delegateAnswer(operation, `<m:ResponseMessages>`+benAsDelegate+noDelegate+`</m:ResponseMessages><m:DeliverMeetingRequests>DelegatesAndMe</m:DeliverMeetingRequests>`))
	})
	got, err := s.own().Delegates(t.Context(), "ben@contoso.example", "carla@contoso.example")
	if err != nil {
		t.Fatal(err)
	}
	carla := mailbox.Delegate{Address: "carla@contoso.example"}
	if diff := cmp.Diff(mailbox.Delegates{Delegates: []mailbox.Delegate{ben, carla}, Delivery: mailbox.DeliverToBoth}, got, cmpopts.IgnoreFields(mailbox.Delegate{}, "Err")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := got.Delegates[1].Err; !errors.Is(err, mailbox.ErrNotFound) || mailbox.Code(err) != "ErrorNotDelegate" || mailbox.Hint(err) == "" || mailbox.RequestID(err) == "" {
		t.Errorf("who is no delegate: %v (%s)", err, mailbox.Hint(err))
	}
	if got.Delegates[0].Err != nil {
		t.Error(got.Delegates[0].Err)
	}
	// Newer builds answer nothing at all for a mailbox without delegates.
	none, err := newStub(t, delegatesOf("")).own().Delegates(t.Context())
	if err != nil || len(none.Delegates) != 0 || none.Delivery != "" {
		t.Errorf("no delegates: %+v, %v", none, err)
	}
	if _, err := newStub(t, delegatesOf(benAsDelegate)).own().RemoveDelegates(t.Context(), "a@x.example", "b@x.example"); !errors.Is(err, mailbox.ErrUnavailable) {
		t.Errorf("one answer to two questions: %v", err)
	}
}

// TestDelegateRefusals: what cannot be asked is not sent.
func TestDelegateRefusals(t *testing.T) {
	s := newStub(t, nil)
	m, ctx := s.own(), t.Context()
	custom := mailbox.DelegatePermissions{Inbox: mailbox.PermissionCustom}
	for name, do := range map[string]func() error{
		"no address": func() error { _, err := m.Delegates(ctx, "ben"); return err },
		"twice":      func() error { _, err := m.RemoveDelegates(ctx, "ben@x.example", "BEN@x.example"); return err },
		"nobody":     func() error { _, err := m.RemoveDelegates(ctx); return err },
		"none to add": func() error {
			_, err := m.AddDelegates(ctx, nil, mailbox.DeliverToBoth)
			return err
		},
		"custom": func() error {
			_, err := m.AddDelegates(ctx, []mailbox.Delegate{{Address: "ben@x.example", Permissions: custom}}, "")
			return err
		},
		"no such permission": func() error {
			_, err := m.UpdateDelegates(ctx, []mailbox.DelegateUpdate{{Address: "ben@x.example", Permissions: mailbox.DelegatePermissions{Notes: "all"}}}, "")
			return err
		},
		"no such delivery": func() error { _, err := m.UpdateDelegates(ctx, nil, "everybody"); return err },
		"nothing":          func() error { _, err := m.UpdateDelegates(ctx, nil, ""); return err },
		"no such form":     func() error { _, err := m.ConvertIDs(ctx, ews.EWSID, "Base32", "AAMk"); return err },
		"an empty id":      func() error { _, err := m.ConvertIDs(ctx, ews.EWSID, ews.EntryID, "AAMk", ""); return err },
	} {
		if err := do(); !errors.Is(err, mailbox.ErrInvalid) {
			t.Errorf("%s: %v, want mailbox.ErrInvalid", name, err)
		}
	}
	if sent := s.operations(); sent != "" {
		t.Errorf("sent: %s", sent)
	}
}

// TestDelegateErrors: every refusal has its sentinel and its advice.
func TestDelegateErrors(t *testing.T) {
	for code, want := range map[string]error{
		"ErrorDelegateAlreadyExists": mailbox.ErrExists, "ErrorDelegateNoUser": mailbox.ErrNotFound, "ErrorNotDelegate": mailbox.ErrNotFound,
		"ErrorDelegateCannotAddOwner": mailbox.ErrInvalid, "ErrorDelegateValidationFailed": mailbox.ErrInvalid, "ErrorInvalidDelegatePermission": mailbox.ErrInvalid,
		"ErrorDelegateMissingConfiguration": nil,
	} {
		s := newStub(t, delegatesOf(`<m:DelegateUserResponseMessageType ResponseClass="Error"><m:ResponseCode>`+code+`</m:ResponseCode></m:DelegateUserResponseMessageType>`))
		got, err := s.own().AddDelegates(t.Context(), []mailbox.Delegate{{Address: "ben@contoso.example"}}, "")
		if err != nil || len(got) != 1 || mailbox.Code(got[0].Err) != code || got[0].Address != "ben@contoso.example" {
			t.Errorf("%s: %+v, %v", code, got, err)
			continue
		}
		if want != nil && !errors.Is(got[0].Err, want) {
			t.Errorf("%s is not %v: %v", code, want, got[0].Err)
		}
		if code != "ErrorInvalidDelegatePermission" && mailbox.Hint(got[0].Err) == "" {
			t.Errorf("%s has no hint", code)
		}
	}
}

// TestConvertedIDs: each id has its own result.
func TestConvertedIDs(t *testing.T) {
	s := newStub(t, converted(convertedID+malformedID+`<m:ConvertIdResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode></m:ConvertIdResponseMessage>`))
	got, err := s.own().ConvertIDs(t.Context(), ews.EWSID, ews.HexEntryID, "AAMkOne=", "AAMkTwo=", "AAMkThree=")
	if err != nil || len(got) != 3 {
		t.Fatal(got, err)
	}
	if got[0] != (ews.ConvertedID{Format: ews.HexEntryID, ID: "00AB", Mailbox: "anna@contoso.example", Archive: true}) {
		t.Errorf("got %+v", got[0])
	}
	if !errors.Is(got[1].Err, mailbox.ErrInvalid) || !errors.Is(got[2].Err, mailbox.ErrUnavailable) {
		t.Errorf("got %v and %v", got[1].Err, got[2].Err)
	}
}

package ews_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
)

const (
	annaAddress  = "anna@contoso.example"
	benAddress   = "ben@contoso.example"
	carlaAddress = "carla@contoso.example"
)

// delegation makes one mailbox's delegate of somebody.
func delegation(t *testing.T, m *ews.Mailbox, d mailbox.Delegate, delivery mailbox.MeetingDelivery) {
	t.Helper()
	got, err := m.AddDelegates(t.Context(), []mailbox.Delegate{d}, delivery)
	if err != nil || len(got) != 1 || got[0].Err != nil {
		t.Fatalf("adding %s: %+v, %v", d.Address, got, err)
	}
}

// TestDelegates: delegates are added, changed and removed, and each refusal is
// that delegate's alone.
func TestDelegates(t *testing.T) {
	c, ctx := newCalendars(t), t.Context()
	anna := c.of(annaAddress)
	before, err := anna.Delegates(ctx)
	if err != nil || len(before.Delegates) != 0 {
		t.Fatalf("before: %+v, %v", before, err)
	}
	none, editor := mailbox.PermissionNone, mailbox.PermissionEditor
	added, err := anna.AddDelegates(ctx, []mailbox.Delegate{
		{Address: benAddress, Permissions: mailbox.DelegatePermissions{Calendar: editor, Tasks: mailbox.PermissionAuthor, Notes: mailbox.PermissionReviewer}, ReceivesCopies: true},
		{Address: annaAddress}, {Address: "nobody@contoso.example"}, {Address: "team@contoso.example"},
	}, mailbox.DeliverToBoth)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, d := range added {
		codes = append(codes, mailbox.Code(d.Err))
	}
	if diff := cmp.Diff([]string{"", "ErrorDelegateCannotAddOwner", "ErrorDelegateNoUser", "ErrorDelegateValidationFailed"}, codes); diff != "" {
		t.Errorf("adding (-want +got):\n%s", diff)
	}
	again, err := anna.AddDelegates(ctx, []mailbox.Delegate{{Address: "Ben@Contoso.example"}}, "")
	if err != nil || !errors.Is(again[0].Err, mailbox.ErrExists) {
		t.Errorf("adding Ben again: %+v, %v", again, err)
	}
	ben := mailbox.Delegate{Name: "Ben Castillo", Address: benAddress, ReceivesCopies: true, Permissions: mailbox.DelegatePermissions{
		Calendar: editor, Tasks: mailbox.PermissionAuthor, Inbox: none, Contacts: none, Notes: mailbox.PermissionReviewer, Journal: none}}
	check := func(delivery mailbox.MeetingDelivery, want ...mailbox.Delegate) {
		t.Helper()
		got, err := anna.Delegates(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(mailbox.Delegates{Delegates: want, Delivery: delivery}, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	check(mailbox.DeliverToBoth, ben)

	updated, err := anna.UpdateDelegates(ctx, []mailbox.DelegateUpdate{
		{Address: benAddress, Permissions: mailbox.DelegatePermissions{Inbox: mailbox.PermissionReviewer, Tasks: none}, ViewsPrivate: ptr(true)},
		{Address: carlaAddress, ReceivesCopies: ptr(true)},
	}, "")
	if err != nil || updated[0].Err != nil || !errors.Is(updated[1].Err, mailbox.ErrNotFound) {
		t.Errorf("updating: %+v, %v", updated, err)
	}
	ben.Permissions.Inbox, ben.Permissions.Tasks, ben.ViewsPrivate = mailbox.PermissionReviewer, none, true
	check(mailbox.DeliverToBoth, ben)
	if _, err := anna.UpdateDelegates(ctx, nil, mailbox.DeliverToOwner); err != nil {
		t.Error(err)
	}
	check(mailbox.DeliverToOwner, ben)

	named, err := anna.Delegates(ctx, carlaAddress, benAddress)
	if err != nil || len(named.Delegates) != 2 || mailbox.Code(named.Delegates[0].Err) != "ErrorNotDelegate" || named.Delegates[1].Err != nil {
		t.Errorf("by name: %+v, %v", named, err)
	}
	removed, err := anna.RemoveDelegates(ctx, benAddress, carlaAddress)
	if err != nil || removed[0].Err != nil || mailbox.Code(removed[1].Err) != "ErrorNotDelegate" {
		t.Errorf("removing: %+v, %v", removed, err)
	}
	check(mailbox.DeliverToOwner)
	// Nobody else may.
	if _, err := c.as(carlaAddress, annaAddress, ews.Shared).Delegates(ctx); !errors.Is(err, mailbox.ErrAccessDenied) {
		t.Errorf("Carla about Anna's delegates: %v", err)
	}
	if _, err := c.as(carlaAddress, annaAddress, ews.Shared).RemoveDelegates(ctx, benAddress); !errors.Is(err, mailbox.ErrAccessDenied) {
		t.Errorf("Carla about Anna's delegates: %v", err)
	}
}

// TestHalfADelegate: whom an admin lets send on the owner's behalf is one by
// half, and can be added.
func TestHalfADelegate(t *testing.T) {
	c, ctx := newCalendars(t), t.Context()
	anna := c.of(annaAddress)
	half, err := anna.Delegates(ctx, benAddress)
	if err != nil || mailbox.Code(half.Delegates[0].Err) != "ErrorDelegateMissingConfiguration" {
		t.Fatalf("Ben: %+v, %v", half, err)
	}
	delegation(t, anna, mailbox.Delegate{Address: benAddress}, "")
	if whole, err := anna.Delegates(ctx, benAddress); err != nil || whole.Delegates[0].Err != nil {
		t.Errorf("Ben: %+v, %v", whole, err)
	}
}

// TestDelegatesRights: the permissions are those that the delegate has in the
// folders, and with them comes the right to send on the owner's behalf.
func TestDelegatesRights(t *testing.T) {
	c, ctx := newCalendars(t), t.Context()
	carla := c.of(carlaAddress)
	c.put(carla, "Dentist", in(17, 9, 0), in(17, 10, 0))
	asBen := c.as(benAddress, carlaAddress, ews.Shared)
	event := func(subject string) mailbox.NewEvent {
		return mailbox.NewEvent{Subject: subject, Start: in(18, 9, 0), End: in(18, 10, 0), TimeZone: "Europe/Berlin"}
	}
	level := func(p mailbox.Permission) {
		t.Helper()
		got, err := carla.UpdateDelegates(ctx, []mailbox.DelegateUpdate{{Address: benAddress, Permissions: mailbox.DelegatePermissions{Calendar: p}}}, "")
		if err != nil || got[0].Err != nil {
			t.Fatal(got, err)
		}
	}
	see := func() ([]mailbox.Event, error) {
		return asBen.Events(ctx, mailbox.Calendar, in(17, 0, 0), in(19, 0, 0))
	}

	if _, err := see(); !errors.Is(err, mailbox.ErrAccessDenied) {
		t.Fatalf("before: %v", err)
	}
	delegation(t, carla, mailbox.Delegate{Address: benAddress, Permissions: mailbox.DelegatePermissions{Calendar: mailbox.PermissionReviewer}}, "")
	events, err := see()
	if err != nil || len(events) != 1 {
		t.Fatalf("a reviewer sees %+v, %v", events, err)
	}
	dentist := events[0]
	if _, err := asBen.CreateEvent(ctx, event("Review")); !errors.Is(err, mailbox.ErrAccessDenied) {
		t.Errorf("a reviewer creates: %v", err)
	}

	level(mailbox.PermissionAuthor)
	own, err := asBen.CreateEvent(ctx, event("Review"))
	if err != nil {
		t.Fatalf("an author creates: %v", err)
	}
	if _, err := asBen.UpdateEvent(ctx, own.ID, mailbox.EventUpdate{Location: ptr("Here"), Notify: mailbox.NotifyNone}); err != nil {
		t.Errorf("an author changes his own: %v", err)
	}
	if _, err := asBen.UpdateEvent(ctx, dentist.ID, mailbox.EventUpdate{Location: ptr("Here"), Notify: mailbox.NotifyNone}); !errors.Is(err, mailbox.ErrAccessDenied) {
		t.Errorf("an author changes what is another's: %v", err)
	}

	level(mailbox.PermissionEditor)
	if _, err := asBen.UpdateEvent(ctx, dentist.ID, mailbox.EventUpdate{Location: ptr("Here"), Notify: mailbox.NotifyNone}); err != nil {
		t.Errorf("an editor changes: %v", err)
	}
	message := mailbox.Outgoing{From: &mailbox.Person{Address: carlaAddress}, To: []mailbox.Person{{Address: annaAddress}}, Subject: "On behalf", OperationID: "op-b1"}
	asBenHimself := c.of(benAddress)
	if _, err := asBenHimself.Send(ctx, message); err != nil {
		t.Errorf("a delegate sends on the owner's behalf: %v", err)
	}
	if _, err := carla.RemoveDelegates(ctx, benAddress); err != nil {
		t.Fatal(err)
	}
	if _, err := see(); !errors.Is(err, mailbox.ErrAccessDenied) {
		t.Errorf("after: %v", err)
	}
	message.OperationID = "op-b2"
	if _, err := asBenHimself.Send(ctx, message); !errors.Is(err, mailbox.ErrAccessDenied) {
		t.Errorf("who is no delegate any more sends on the owner's behalf: %v", err)
	}
}

// TestDelegateSeesPrivateItems: what is private is hidden from a delegate
// unless he may see it.
func TestDelegateSeesPrivateItems(t *testing.T) {
	c, ctx := newCalendars(t), t.Context()
	carla := c.of(carlaAddress)
	e, err := carla.CreateEvent(ctx, mailbox.NewEvent{Subject: "Hospital", Start: in(17, 9, 0), End: in(17, 10, 0), TimeZone: "Europe/Berlin"})
	if err != nil {
		t.Fatal(err)
	}
	private := mailbox.Private
	if _, err := carla.UpdateItem(ctx, ews.ItemUpdate{ID: e.ID, Sensitivity: &private}); err != nil {
		t.Fatal(err)
	}
	delegation(t, carla, mailbox.Delegate{Address: benAddress, Permissions: mailbox.DelegatePermissions{Calendar: mailbox.PermissionEditor}}, "")
	asBen := c.as(benAddress, carlaAddress, ews.Shared)
	for _, sees := range []bool{false, true, false} {
		if got, err := carla.UpdateDelegates(ctx, []mailbox.DelegateUpdate{{Address: benAddress, ViewsPrivate: &sees}}, ""); err != nil || got[0].Err != nil {
			t.Fatal(got, err)
		}
		events, err := asBen.Events(ctx, mailbox.Calendar, in(17, 0, 0), in(18, 0, 0))
		if err != nil || len(events) == 1 != sees {
			t.Errorf("sees private %v: %d events, %v", sees, len(events), err)
		}
		if _, err := asBen.Event(ctx, e.ID); (err == nil) != sees || err != nil && !errors.Is(err, mailbox.ErrNotFound) {
			t.Errorf("sees private %v: %v", sees, err)
		}
		times, err := c.of(benAddress).FreeBusy(ctx, mailbox.AvailabilityQuery{Attendees: invited(carlaAddress), From: in(17, 0, 0), To: in(18, 0, 0), Detail: mailbox.DetailAll})
		if err != nil || len(times.Attendees[0].Busy) != 1 || (times.Attendees[0].Busy[0].Subject == "Hospital") != sees {
			t.Errorf("sees private %v: %+v, %v", sees, times, err)
		}
	}
}

// TestMeetingDelivery: invitations go where the delivery says, and a delegate
// answers for the owner.
func TestMeetingDelivery(t *testing.T) {
	for _, c := range []struct {
		delivery            mailbox.MeetingDelivery
		inbox, gone, copies int // how many are in the owner's inbox and Deleted Items, and in the delegate's inbox
	}{
		{mailbox.DeliverToDelegates, 0, 1, 1},
		{mailbox.DeliverToBoth, 1, 0, 1},
		{mailbox.DeliverInformation, 1, 0, 1},
		{mailbox.DeliverToOwner, 1, 0, 0},
	} {
		t.Run(string(c.delivery), func(t *testing.T) {
			x, ctx := exchange{newCalendars(t).Simulator, t}, t.Context()
			anna, ben, carla := x.of(annaAddress), x.of(benAddress), x.of(carlaAddress)
			delegation(t, carla, mailbox.Delegate{Address: benAddress, ReceivesCopies: true, Permissions: mailbox.DelegatePermissions{Calendar: mailbox.PermissionEditor}}, c.delivery)
			meeting := func(subject string) mailbox.NewEvent {
				return mailbox.NewEvent{Subject: subject, Start: in(17, 9, 0), End: in(17, 10, 0), TimeZone: "Europe/Berlin",
					Attendees: []mailbox.Attendee{{Address: carlaAddress, Required: true}}, Notify: mailbox.NotifyAll}
			}
			created, err := anna.CreateEvent(ctx, meeting("Kickoff"))
			if err != nil {
				t.Fatal(err)
			}
			for _, where := range []struct {
				m      *ews.Mailbox
				folder mailbox.FolderRef
				want   int
			}{{carla, mailbox.Inbox, c.inbox}, {carla, mailbox.DeletedItems, c.gone}, {ben, mailbox.Inbox, c.copies}} {
				if n := x.count(where.m, where.folder, "Kickoff"); n != where.want {
					t.Errorf("%d invitations in the %s of %s, want %d", n, where.folder, where.m.Address(), where.want)
				}
			}
			if events, err := carla.Events(ctx, "", in(17, 0, 0), in(18, 0, 0)); err != nil || len(events) != 1 {
				t.Errorf("the owner's calendar: %+v, %v", events, err)
			}
			if events, err := ben.Events(ctx, "", in(17, 0, 0), in(18, 0, 0)); err != nil || len(events) != 0 {
				t.Errorf("the delegate's calendar: %+v, %v", events, err)
			}
			if c.copies == 0 {
				return
			}
			request := x.find(ben, mailbox.Inbox, "Kickoff")
			if _, err := ben.Respond(ctx, request.ID, mailbox.MeetingReply{Response: mailbox.Accept}); err != nil {
				t.Fatalf("the delegate answers: %v", err)
			}
			after, err := anna.Event(ctx, created.ID)
			if err != nil || len(after.Attendees) != 1 || after.Attendees[0].Address != carlaAddress || after.Attendees[0].Response != mailbox.Accept {
				t.Errorf("the organizer knows of %+v, %v", after.Attendees, err)
			}
			answer := x.find(anna, mailbox.Inbox, "Kickoff")
			if answer.From == nil || answer.From.Address != carlaAddress {
				t.Errorf("the answer is from %v", answer.From)
			}
		})
	}
}

// TestPrivateMeetingsAreTheOwners: no delegate hears of a private meeting.
func TestPrivateMeetingsAreTheOwners(t *testing.T) {
	x, ctx := exchange{newCalendars(t).Simulator, t}, t.Context()
	anna, ben, carla := x.of(annaAddress), x.of(benAddress), x.of(carlaAddress)
	delegation(t, carla, mailbox.Delegate{Address: benAddress, ReceivesCopies: true, Permissions: mailbox.DelegatePermissions{Calendar: mailbox.PermissionEditor}}, mailbox.DeliverToDelegates)
	notice, err := anna.CreateEvent(ctx, mailbox.NewEvent{Subject: "Notice", Start: in(17, 9, 0), End: in(17, 10, 0), TimeZone: "Europe/Berlin"})
	if err != nil {
		t.Fatal(err)
	}
	private := mailbox.Private
	if _, err := anna.UpdateItem(ctx, ews.ItemUpdate{ID: notice.ID, Sensitivity: &private}); err != nil {
		t.Fatal(err)
	}
	invitees := []mailbox.Attendee{{Address: carlaAddress, Required: true}}
	if _, err := anna.UpdateEvent(ctx, notice.ID, mailbox.EventUpdate{Attendees: &invitees, Notify: mailbox.NotifyAll}); err != nil {
		t.Fatal(err)
	}
	if mine, theirs := x.count(carla, mailbox.Inbox, "Notice"), x.count(ben, mailbox.Inbox, "Notice"); mine != 1 || theirs != 0 {
		t.Errorf("%d invitations for the owner, %d for the delegate", mine, theirs)
	}
}

// TestConvertIDs: an id survives every form, and tells its mailbox.
func TestConvertIDs(t *testing.T) {
	x, ctx := newExchange(t), t.Context()
	anna := x.of(annaAddress)
	inbox, _, err := anna.GetFolder(ctx, mailbox.Inbox)
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{inbox.ID, x.list(anna, mailbox.Query{Limit: 1})[0].ID}
	events, err := anna.Events(ctx, "", time.Now().AddDate(0, 0, -14), time.Now().AddDate(0, 0, 14))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.Type == mailbox.Occurrence {
			ids = append(ids, e.ID)
			break
		}
	}
	if len(ids) != 3 {
		t.Fatal("there is no occurrence in the calendar")
	}
	for _, form := range []ews.IDFormat{ews.EWSID, ews.EWSLegacyID, ews.EntryID, ews.HexEntryID, ews.StoreID, ews.OWAID} {
		there, err := anna.ConvertIDs(ctx, ews.EWSID, form, ids...)
		if err != nil {
			t.Fatal(err)
		}
		for i, got := range there {
			if i == 2 && (form == ews.EntryID || form == ews.HexEntryID) {
				if !errors.Is(got.Err, mailbox.ErrUnsupported) {
					t.Errorf("an occurrence as %s: %+v", form, got)
				}
				continue
			}
			if got.Err != nil || got.Format != form || got.Mailbox != annaAddress || got.Archive {
				t.Errorf("%s: %+v", form, got)
				continue
			}
			if (got.ID == ids[i]) != (form == ews.EWSID) {
				t.Errorf("%s of %s is %s", form, ids[i], got.ID)
			}
			back, err := anna.ConvertIDs(ctx, form, ews.EWSID, got.ID)
			if err != nil || back[0].Err != nil || back[0].ID != ids[i] {
				t.Errorf("%s back: %+v, %v", form, back, err)
			}
		}
		if form == ews.HexEntryID && strings.ToUpper(there[0].ID) != there[0].ID {
			t.Errorf("the hexadecimal form is %s", there[0].ID)
		}
	}
	bad, err := anna.ConvertIDs(ctx, ews.EWSID, ews.EntryID, "DUMMY", ids[0])
	if err != nil || mailbox.Code(bad[0].Err) != "ErrorInvalidIdMalformed" || bad[1].Err != nil {
		t.Errorf("one bad id of two: %+v, %v", bad, err)
	}
	// An EwsId tells its mailbox, whoever asks.
	other, err := x.of("anna.albrecht@contoso.example").ConvertIDs(ctx, ews.EWSID, ews.StoreID, ids[0])
	if err != nil || other[0].Mailbox != annaAddress {
		t.Errorf("by an alias: %+v, %v", other, err)
	}
	archive, err := anna.ArchiveFolders(ctx)
	if err != nil || len(archive) == 0 {
		t.Fatal(archive, err)
	}
	if got, err := anna.ConvertIDs(ctx, ews.EWSID, ews.HexEntryID, archive[0].ID); err != nil || got[0].Err != nil || !got[0].Archive {
		t.Errorf("a folder of the archive: %+v, %v", got, err)
	}
}

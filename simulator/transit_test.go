package simulator

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// sendDraft sends a saved draft and keeps a copy in Sent Items.
func (a as) sendDraft(id *wsdl.ItemIdType) wsdl.Status {
	a.t.Helper()
	return call[wsdl.SendItemResponse](a, &wsdl.SendItem{
		SaveItemToFolder: wsdl.Ptr(wsdl.Bool(true)), ItemIds: &wsdl.ItemIdList{Ids: []any{id}},
		SavedItemFolderId: &wsdl.TargetFolderId{DistinguishedFolderId: named("sentitems")},
	}).ResponseMessages.SendItemResponseMessage[0].Status()
}

// TestASendTakesItsTime follows a draft from its submission to its two copies,
// with a restart on the way.
func TestASendTakesItsTime(t *testing.T) {
	now := newClock(noon)
	opts := Options{Seed: 7, Now: now.Now, Empty: true, Password: "secret", State: filepath.Join(t.TempDir(), "state"),
		Delays: Delays{Delivery: time.Hour, SentItems: time.Hour}}
	s := started(t, opts)
	anna, ben := user(t, s, "anna"), user(t, s, "ben")
	draft := anna.draft(message("In due course", "ben@contoso.example"))
	anna.status(anna.sendDraft(draft), "NoError")
	anna.status(anna.send(message("Of its own", "ben@contoso.example")), "NoError")
	where := func(anna, ben as) [3][]string {
		return [3][]string{subjects(anna.list(named("drafts"))), subjects(anna.list(named("sentitems"))), subjects(ben.list(named("inbox")))}
	}
	if got := where(anna, ben); len(got[0]) != 1 || len(got[1]) != 0 || len(got[2]) != 0 {
		t.Errorf("drafts, sent and received at once: %q", got)
	}
	submitted := anna.list(named("drafts"))[0]
	if !flag(submitted, "IsSubmitted") || !flag(submitted, "IsDraft") {
		t.Error("the draft does not tell that it was submitted")
	}
	anna.status(anna.sendDraft(get[wsdl.ItemIdType](submitted, "ItemId")), "ErrorInvalidItemForOperationSendItem")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = started(t, opts)
	anna, ben = user(t, s, "anna"), user(t, s, "ben")
	if got := where(anna, ben); len(got[0]) != 1 || len(got[1]) != 0 || len(got[2]) != 0 {
		t.Errorf("drafts, sent and received after the restart: %q", got)
	}
	now.advance(time.Hour)
	got := where(anna, ben)
	both := []string{"In due course", "Of its own"}
	for i := range got {
		slices.Sort(got[i])
	}
	if len(got[0]) != 0 || !slices.Equal(got[1], both) || !slices.Equal(got[2], both) {
		t.Errorf("drafts, sent and received after the longest delay: %q", got)
	}
	now.advance(24 * time.Hour)
	if again := where(anna, ben); len(again[1]) != 2 || len(again[2]) != 2 {
		t.Errorf("something has arrived twice: %q", again)
	}
}

func TestASubmittedDraftIsSentTwice(t *testing.T) {
	now := newClock(noon)
	s := start(t, func(o *Options) {
		o.Now, o.Delays = now.Now, Delays{Delivery: time.Minute, SentItems: time.Minute, Resend: true}
	})
	anna, ben := user(t, s, "anna"), user(t, s, "ben")
	draft := anna.draft(message("Twice", "ben@contoso.example"))
	anna.status(anna.sendDraft(draft), "NoError")
	anna.status(anna.sendDraft(anna.ids(named("drafts"))[0]), "NoError")
	now.advance(time.Minute)
	if got := subjects(ben.list(named("inbox"))); len(got) != 2 {
		t.Errorf("Ben has got %q", got)
	}
	if left := anna.ids(named("drafts")); len(left) != 0 {
		t.Errorf("%d drafts are left", len(left))
	}
}

// TestDelaysFollowTheSeed: the same seed, the same delays.
func TestDelaysFollowTheSeed(t *testing.T) {
	due := func(seed uint64) (all []time.Duration) {
		s := start(t, func(o *Options) { o.Seed, o.Delays = seed, Delays{Delivery: time.Hour} })
		anna := user(t, s, "anna")
		for range 5 {
			anna.status(anna.send(message("Hello", "ben@contoso.example")), "NoError")
		}
		s.state.mu.RLock()
		defer s.state.mu.RUnlock()
		for _, c := range s.state.transit.queue {
			all = append(all, c.due.Sub(noon))
		}
		return all
	}
	first, same, other := due(11), due(11), due(12)
	if len(first) != 5 || first[0] < 0 || first[4] > time.Hour || first[0] == first[4] {
		t.Errorf("the delays are %v", first)
	}
	if !slices.Equal(first, same) || slices.Equal(first, other) {
		t.Errorf("seed 11: %v and %v; seed 12: %v", first, same, other)
	}
}

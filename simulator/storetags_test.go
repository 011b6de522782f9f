package simulator

import (
	"strconv"
	"testing"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// byTag asks for one property by its tag.
func byTag(tag string, kind wsdl.MapiType) *wsdl.AdditionalProperties {
	return &wsdl.AdditionalProperties{ExtendedFieldURI: []*wsdl.ExtendedFieldURI{{PropertyTag: text(tag), PropertyType: &kind}}}
}

func onlyID() *wsdl.BaseShape {
	return &wsdl.BaseShape{Value: wsdl.Ptr(wsdl.DefaultShapeNamesIdOnly)}
}

// valueOf is that of the one property that was asked for; empty where there is
// none.
func valueOf(t *testing.T, list []*wsdl.ExtendedPropertyType) string {
	t.Helper()
	switch len(list) {
	case 0:
		return ""
	case 1:
		return wsdl.Str(list[0].Value)
	}
	t.Fatalf("%d extended properties", len(list))
	return ""
}

// Gateways to IMAP take the article number as UID: it has to grow within a
// folder, and to stay what it is.
func TestArticleNumbersGrow(t *testing.T) {
	s := start(t, nil)
	anna := user(t, s, "anna")
	article := func(id *wsdl.ItemIdType) int {
		answer := call[wsdl.GetItemResponse](anna, &wsdl.GetItem{
			ItemShape: &wsdl.ItemResponseShape{BaseShape: onlyID(), AdditionalProperties: byTag("0x0e23", wsdl.MapiTypeInteger)},
			ItemIds:   &wsdl.ItemIdList{Ids: []any{id}},
		})
		got := valueOf(t, answer.ResponseMessages.GetItemResponseMessage[0].Items.Items[0].(*wsdl.MessageType).ExtendedProperty)
		n, err := strconv.Atoi(got)
		if err != nil || n <= 0 {
			t.Fatalf("the article number is %q", got)
		}
		return n
	}
	first := anna.draft(message("first"))
	before := article(first)
	second := anna.draft(message("second"))
	if after := article(second); after <= before {
		t.Errorf("the second has %d after %d", after, before)
	}
	if again := article(first); again != before {
		t.Errorf("%d has become %d", before, again)
	}
}

// Gateways to CalDAV take the time of the last change for a folder's tag.
func TestFolderTellsItsLastChange(t *testing.T) {
	now := newClock(noon)
	s := start(t, func(o *Options) { o.Now = now.Now })
	anna := user(t, s, "anna")
	changed := func() string {
		answer := call[wsdl.GetFolderResponse](anna, &wsdl.GetFolder{
			FolderShape: &wsdl.FolderResponseShape{BaseShape: onlyID(), AdditionalProperties: byTag("0x670a", wsdl.MapiTypeSystemTime)},
			FolderIds:   &wsdl.FolderIdList{Ids: []any{named("drafts")}},
		})
		return valueOf(t, answer.ResponseMessages.GetFolderResponseMessage[0].Folders.Folders[0].(*wsdl.FolderType).ExtendedProperty)
	}
	id := anna.draft(message("first"))
	created := changed()
	now.advance(time.Minute)
	if changed() != created {
		t.Error("the time has changed though nothing else has")
	}
	call[wsdl.DeleteItemResponse](anna, &wsdl.DeleteItem{DeleteType: wsdl.Ptr(wsdl.DisposalHardDelete), ItemIds: &wsdl.ItemIdList{Ids: []any{id}}})
	if deleted := changed(); deleted == created || created == "" {
		t.Errorf("%q after the creation, %q after the deletion", created, deleted)
	}
}

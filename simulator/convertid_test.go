package simulator

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

// idFormats are all forms of an id.
var idFormats = []wsdl.IdFormat{
	wsdl.IdFormatEwsId, wsdl.IdFormatEwsLegacyId, wsdl.IdFormatEntryId, wsdl.IdFormatHexEntryId, wsdl.IdFormatStoreId, wsdl.IdFormatOwaId,
}

// converter is Anna's session in an empty world, and ids of a folder, an item
// and an occurrence of hers.
func converter(t testing.TB) (*session, []string) {
	t.Helper()
	s, err := New(&Options{Seed: 1, Empty: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	anna := s.state.byAddress["anna@contoso.example"]
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	inbox := anna.known("inbox")
	it := s.state.add(inbox, &item{value: &wsdl.MessageType{Subject: text("One")}})
	return &session{st: s.state, who: anna}, []string{
		encodeID(inbox.raw), encodeID(it.raw), encodeID(occurrenceOfID(it.raw, time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC))),
	}
}

// TestConvertIDBetweenAllForms: from each form to each other and back is what
// it was.
func TestConvertIDBetweenAllForms(t *testing.T) {
	s, ids := converter(t)
	for i, id := range ids {
		for _, first := range idFormats {
			for _, second := range idFormats {
				at := ewsserver.AlternateID{Format: wsdl.IdFormatEwsId, ID: id, Mailbox: "anna@contoso.example"}
				var err error
				for _, to := range []wsdl.IdFormat{first, second, wsdl.IdFormatEwsId} {
					if at, err = s.ConvertID(t.Context(), at, to); err != nil {
						break
					}
				}
				entry := func(f wsdl.IdFormat) bool { return f == wsdl.IdFormatEntryId || f == wsdl.IdFormatHexEntryId }
				if i == 2 && (entry(first) || entry(second)) {
					if code(err) != ewsserver.ErrorUnsupportedTypeForConversion {
						t.Errorf("an occurrence by %s and %s: %v", first, second, err)
					}
					continue
				}
				if err != nil || at.ID != id || at.Mailbox != "anna@contoso.example" {
					t.Errorf("%s by %s and %s is %+v, %v", id, first, second, at, err)
				}
			}
		}
	}
	// What MAPI has: 46 bytes for a folder, 70 for a message, four zeros first.
	for i, length := range []int{46, 70} {
		out, err := s.ConvertID(t.Context(), ewsserver.AlternateID{Format: wsdl.IdFormatEwsId, ID: ids[i], Mailbox: "a@b.example"}, wsdl.IdFormatEntryId)
		b, decoded := base64.StdEncoding.DecodeString(out.ID)
		if err != nil || decoded != nil || len(b) != length || !strings.HasPrefix(string(b), "\x00\x00\x00\x00") {
			t.Errorf("the entry id is %x, %v", b, err)
		}
	}
}

func code(err error) ewsserver.Code {
	var e *ewsserver.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func TestConvertBadIDs(t *testing.T) {
	s, ids := converter(t)
	ctx := t.Context()
	convert := func(format wsdl.IdFormat, id, mailbox string) ewsserver.Code {
		_, err := s.ConvertID(ctx, ewsserver.AlternateID{Format: format, ID: id, Mailbox: mailbox}, wsdl.IdFormatStoreId)
		return code(err)
	}
	const anna = "anna@contoso.example"
	for _, f := range idFormats {
		for _, id := range []string{"DUMMY", "AAE=", "AAMkAA==", "00", encodeID(strings.Repeat("\x00", 200))} {
			if got := convert(f, id, anna); got != ewsserver.ErrorInvalidIdMalformed && got != ewsserver.ErrorInvalidIdMalformedEwsLegacyIdFormat {
				t.Errorf("%s %q: %q", f, id, got)
			}
		}
	}
	raw, _ := decodeID(ids[1])
	if got := convert(wsdl.IdFormatEwsId, encodeID(attachmentIDOf(raw, strings.Repeat("x", fileTail))), anna); got != ewsserver.ErrorInvalidIdMalformed {
		t.Errorf("an attachment: %q", got)
	}
	legacy, err := s.ConvertID(ctx, ewsserver.AlternateID{Format: wsdl.IdFormatEwsId, ID: ids[1], Mailbox: anna}, wsdl.IdFormatEwsLegacyId)
	if err != nil {
		t.Fatal(err)
	}
	if got := convert(wsdl.IdFormatEwsId, legacy.ID, anna); got != ewsserver.ErrorInvalidIdMalformedEwsLegacyIdFormat {
		t.Errorf("a legacy id: %q", got)
	}
	entry, err := s.ConvertID(ctx, ewsserver.AlternateID{Format: wsdl.IdFormatEwsId, ID: ids[1], Mailbox: anna}, wsdl.IdFormatEntryId)
	if err != nil {
		t.Fatal(err)
	}
	if got := convert(wsdl.IdFormatEntryId, entry.ID, "nobody@contoso.example"); got != ewsserver.ErrorNonExistentMailbox {
		t.Errorf("an entry id of nobody's: %q", got)
	}
	// One of another organisation is converted, and its mailbox is not told.
	s.who = s.st.byAddress["erik@fabrikam.example"]
	out, err := s.ConvertID(ctx, ewsserver.AlternateID{Format: wsdl.IdFormatEwsId, ID: ids[0], Mailbox: "x@y.example"}, wsdl.IdFormatHexEntryId)
	if err != nil || out.Mailbox != "x@y.example" {
		t.Errorf("a stranger's id: %+v, %v", out, err)
	}
}

// FuzzConvertID: whatever is an id in a form is the same id again after a visit
// to each other form.
func FuzzConvertID(f *testing.F) {
	s, ids := converter(f)
	for i, format := range idFormats {
		for _, id := range ids {
			out, err := s.ConvertID(f.Context(), ewsserver.AlternateID{Format: wsdl.IdFormatEwsId, ID: id, Mailbox: "anna@contoso.example"}, format)
			if err == nil {
				f.Add(out.ID, uint8(i))
			}
		}
		f.Add("AAA+AA==", uint8(i))
	}
	f.Fuzz(func(t *testing.T, id string, format uint8) {
		from := ewsserver.AlternateID{Format: idFormats[int(format)%len(idFormats)], ID: id, Mailbox: "anna@contoso.example"}
		canonical, err := s.ConvertID(t.Context(), from, wsdl.IdFormatEwsId)
		if err != nil {
			return
		}
		for _, to := range idFormats {
			there, err := s.ConvertID(t.Context(), canonical, to)
			if err != nil {
				continue
			}
			back, err := s.ConvertID(t.Context(), there, wsdl.IdFormatEwsId)
			if err != nil || back.ID != canonical.ID {
				t.Errorf("%q is %q; by %s it is %+v, %v", id, canonical.ID, to, back, err)
			}
		}
	})
}

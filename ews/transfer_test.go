package ews_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
)

// Each item goes to its own writer although others are refused, and over the
// bounds of the calls.
func TestExportItemsToTheirWriters(t *testing.T) {
	t.Parallel()
	var ids []string
	for i := range 45 {
		ids = append(ids, fmt.Sprintf("AAMk%d=", i))
	}
	var s *stub
	s = newStub(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
		requests := s.taken()
		var b strings.Builder
		for _, id := range ids {
			if !strings.Contains(requests[len(requests)-1].body, `Id="`+id+`"`) {
				continue
			}
			if strings.HasSuffix(id, "7=") {
				b.WriteString(`<m:ExportItemsResponseMessage ResponseClass="Error"><m:MessageText>No.</m:MessageText><m:ResponseCode>ErrorItemNotFound</m:ResponseCode></m:ExportItemsResponseMessage>`)
				continue
			}
			b.WriteString(`<m:ExportItemsResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:ItemId Id="` + id + `" ChangeKey="CQ"/><m:Data>` +
				base64.StdEncoding.EncodeToString([]byte(id)) + `</m:Data></m:ExportItemsResponseMessage>`)
		}
		respond(w, http.StatusOK, envelope(`<m:ExportItemsResponse><m:ResponseMessages>`+b.String()+`</m:ResponseMessages></m:ExportItemsResponse>`))
	})
	got := make([]bytes.Buffer, len(ids))
	results, err := s.own().ExportItems(t.Context(), ids, func(place int) io.Writer { return &got[place] })
	if err != nil || len(results) != len(ids) {
		t.Fatal(len(results), err)
	}
	for i, id := range ids {
		if strings.HasSuffix(id, "7=") {
			if !errors.Is(results[i].Err, mailbox.ErrNotFound) || got[i].Len() > 0 {
				t.Errorf("%s: %v, %q", id, results[i].Err, got[i].String())
			}
		} else if results[i].Err != nil || results[i].ID != id || got[i].String() != id {
			t.Errorf("%s: %+v, %q", id, results[i], got[i].String())
		}
	}
	if n := len(s.taken()); n != 3 {
		t.Errorf("%d calls", n)
	}
}

// full is a writer whose disk is full.
type full struct{}

var errFull = errors.New("the disk is full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestTransferErrors(t *testing.T) {
	t.Parallel()
	one := func(message string) *stub {
		return newStub(t, func(w http.ResponseWriter, _ *http.Request, operation string) {
			respond(w, http.StatusOK, envelope(`<m:`+operation+`Response><m:ResponseMessages><m:`+operation+`ResponseMessage `+message+`</m:`+operation+`ResponseMessage></m:ResponseMessages></m:`+operation+`Response>`))
		})
	}
	const ok = `ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>`
	export := func(s *stub, w io.Writer) error { return s.own().Export(t.Context(), "AAMk=", w) }
	if err := export(one(ok+`<m:Data>b25l</m:Data>`), full{}); !errors.Is(err, errFull) {
		t.Errorf("a full disk: %v", err)
	}
	if err := export(one(ok), io.Discard); !errors.Is(err, mailbox.ErrUnavailable) {
		t.Errorf("a success without data: %v", err)
	}
	if err := export(one(ok+`<m:Data>b25l</m:Data>`), nil); err != nil {
		t.Errorf("without a writer: %v", err)
	}
	if err := export(newStub(t, transfers), io.Discard); !errors.Is(err, mailbox.ErrUnavailable) {
		t.Errorf("two items for one: %v", err)
	}
	if _, err := one(ok).own().ExportItems(t.Context(), []string{"AAMk=", ""}, func(int) io.Writer { return nil }); !errors.Is(err, mailbox.ErrInvalid) {
		t.Errorf("an empty id: %v", err)
	}

	open := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("one")), nil }
	upload := func(s *stub, u ews.UploadItem) error {
		results, err := s.own().UploadItems(t.Context(), []ews.UploadItem{u})
		if err == nil {
			err = results[0].Err
		}
		return err
	}
	folder := mailbox.FolderRef(strings.Repeat("A", 100))
	refused := one(`ResponseClass="Error"><m:MessageText>No.</m:MessageText><m:ResponseCode>ErrorCorruptData</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>`)
	if err := upload(refused, ews.UploadItem{Folder: folder, Open: open}); !errors.Is(err, mailbox.ErrInvalid) || mailbox.Code(err) != "ErrorCorruptData" {
		t.Errorf("damaged data: %v", err)
	}
	s := one(ok)
	for want, u := range map[string]ews.UploadItem{
		"has no content":        {Folder: folder},
		"unknown action":        {Folder: folder, Open: open, Action: "wash"},
		"is new and has an id":  {Folder: folder, Open: open, ItemID: "AAMk="},
		"update and has no id":  {Folder: folder, Open: open, Action: ews.UploadUpdate},
		"longer than the 2":     {Folder: folder, Open: open, Size: 2},
		"there is no folder \"": {Folder: "None", Open: open},
	} {
		if err := upload(s, u); err == nil || want != "there is no folder \"" && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// Memory does not grow with what is carried.
func TestTransfersAreStreams(t *testing.T) {
	const size = 48 << 20
	block := bytes.Repeat([]byte("exported"), 6<<10) // 48 KiB, a multiple of three
	encoded := []byte(base64.StdEncoding.EncodeToString(block))
	taken := int64(0)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		operation := strings.TrimSuffix(r.Header.Get("SOAPAction")[strings.LastIndexByte(r.Header.Get("SOAPAction"), '/')+1:], `"`)
		before, after, _ := strings.Cut(success(operation, `<m:ItemId Id="AAMk1=" ChangeKey="CQ1"/>`+"|"), "|")
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		io.WriteString(w, before)
		if operation == "ExportItems" {
			io.WriteString(w, "<m:Data>")
			for range size / len(block) {
				w.Write(encoded)
			}
			io.WriteString(w, "</m:Data>")
		} else {
			taken = n
		}
		io.WriteString(w, after)
	}))
	t.Cleanup(server.Close)
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	m := ews.NewClient(client, server.URL+"/EWS/Exchange.asmx", &ews.Options{MaxRequest: 2 * size}).Mailbox("anna@contoso.example", ews.Own)

	allocated := func(do func()) int64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		do()
		runtime.ReadMemStats(&after)
		return int64(after.TotalAlloc - before.TotalAlloc)
	}
	const most = 8 << 20
	var got tally
	n := allocated(func() {
		if err := m.Export(t.Context(), "AAMk1=", &got); err != nil {
			t.Error(err)
		}
	})
	if got != size || n > most {
		t.Errorf("exported %d bytes of %d, and allocated %d", got, size, n)
	}
	n = allocated(func() {
		results, err := m.UploadItems(t.Context(), []ews.UploadItem{{Folder: mailbox.FolderRef(strings.Repeat("A", 100)), Size: size, Open: func() (io.ReadCloser, error) {
			return io.NopCloser(io.LimitReader(endless{}, size)), nil
		}}})
		if err != nil || results[0].ID != "AAMk1=" {
			t.Error(results, err)
		}
	})
	if taken < size/3*4 || n > most {
		t.Errorf("uploaded %d bytes of base64 for %d, and allocated %d", taken, size, n)
	}
}

// tally counts what is written to it.
type tally int64

func (t *tally) Write(p []byte) (int, error) {
	*t += tally(len(p))
	return len(p), nil
}

// endless is a source without end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

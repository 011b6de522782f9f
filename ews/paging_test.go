package ews_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/exconn/exconn/mailbox"
)

// page is a FindItem answer with the messages of those numbers.
func page(last bool, next int, numbers ...int) string {
	var b strings.Builder
	for _, n := range numbers {
		fmt.Fprintf(&b, `<t:Message><t:ItemId Id="id-%d" ChangeKey="k"/></t:Message>`, n)
	}
	offset := ""
	if next > 0 {
		offset = fmt.Sprintf(` IndexedPagingOffset="%d"`, next)
	}
	return success("FindItem", fmt.Sprintf(`<m:RootFolder%s TotalItemsInView="9" IncludesLastItemInRange="%t"><t:Items>%s</t:Items></m:RootFolder>`, offset, last, b.String()))
}

func TestPaging(t *testing.T) {
	tests := []struct {
		name     string
		pages    []string
		limit    int
		take     int // then stop; 0 means all
		want     string
		requests int
	}{
		{name: "three pages", pages: []string{page(false, 2, 1, 2), page(false, 4, 3, 4), page(true, 0, 5)}, want: "1 2 3 4 5", requests: 3},
		{name: "a message arrives in between", pages: []string{page(false, 2, 1, 2), page(true, 0, 2, 3)}, want: "1 2 3", requests: 2},
		{name: "no offset told", pages: []string{page(false, 0, 1, 2), page(true, 0, 3)}, want: "1 2 3", requests: 2},
		{name: "an empty page that promises more", pages: []string{page(false, 2, 1, 2), page(false, 2)}, want: "1 2", requests: 2},
		{name: "an offset that leads nowhere", pages: []string{page(false, 1, 1), page(false, 1, 2), page(true, 0, 3)}, want: "1 2 3", requests: 3},
		{name: "a limit", pages: []string{page(false, 2, 1, 2), page(false, 4, 3, 4)}, limit: 4, want: "1 2 3 4", requests: 2},
		{name: "the caller stops", pages: []string{page(false, 2, 1, 2), page(true, 0, 3)}, take: 1, want: "1", requests: 1},
		{name: "nothing", pages: []string{page(true, 0)}, want: "", requests: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := 0
			s := newStub(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
				respond(w, 200, tt.pages[min(n, len(tt.pages)-1)])
				n++
			})
			var got []string
			for msg, err := range s.own().Messages(t.Context(), mailbox.Query{Limit: tt.limit}) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, strings.TrimPrefix(msg.ID, "id-"))
				if len(got) == tt.take {
					break
				}
			}
			if strings.Join(got, " ") != tt.want || n != tt.requests {
				t.Errorf("got %v in %d requests, want %s in %d", got, n, tt.want, tt.requests)
			}
		})
	}
}

// Bodies are fetched in batches of ten. An item that has gone is left out, one
// that the server cannot render stays as the list had it, and a busy server
// ends the list.
func TestBodiesInBatches(t *testing.T) {
	message := func(n int, inner string) string {
		return fmt.Sprintf(`<m:GetItemResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:Items><t:Message><t:ItemId Id="id-%d" ChangeKey="k"/><t:Body BodyType="Text">%s</t:Body></t:Message></m:Items></m:GetItemResponseMessage>`, n, inner)
	}
	refused := func(code string) string {
		return `<m:GetItemResponseMessage ResponseClass="Error"><m:ResponseCode>` + code + `</m:ResponseCode><m:Items/></m:GetItemResponseMessage>`
	}
	for _, third := range []string{"ErrorItemNotFound", "ErrorCorruptData", "ErrorServerBusy"} {
		t.Run(third, func(t *testing.T) {
			batch := 0
			s := newStub(t, func(w http.ResponseWriter, _ *http.Request, operation string) {
				if operation == "FindItem" {
					respond(w, 200, page(true, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11))
					return
				}
				var b strings.Builder
				for n := batch * 10; n < min(batch*10+10, 12); n++ {
					if n == 3 {
						b.WriteString(refused(third))
					} else {
						b.WriteString(message(n, "body"))
					}
				}
				batch++
				respond(w, 200, envelope("<m:GetItemResponse><m:ResponseMessages>"+b.String()+"</m:ResponseMessages></m:GetItemResponse>"))
			})
			var failed error
			bodies, bare := 0, 0
			for msg, err := range s.own().Messages(t.Context(), mailbox.Query{Body: true}) {
				switch {
				case err != nil:
					failed = err
				case msg.Body == nil:
					bare++
				default:
					bodies++
				}
			}
			got := fmt.Sprintf("%s: %d whole, %d bare, error %q", s.operations(), bodies, bare, mailbox.Code(failed))
			want := map[string]string{
				"ErrorItemNotFound": `FindItem GetItem GetItem: 11 whole, 0 bare, error ""`,
				"ErrorCorruptData":  `FindItem GetItem GetItem: 11 whole, 1 bare, error ""`,
				"ErrorServerBusy":   `FindItem GetItem: 0 whole, 0 bare, error "ErrorServerBusy"`,
			}[third]
			if got != want {
				t.Errorf("got %s\nwant %s", got, want)
			}
		})
	}
}

// Folders come in pages too, in any order, and even in a circle.
func TestFolderTree(t *testing.T) {
	answer := func(last bool, next int, folders ...string) string {
		return success("FindFolder", fmt.Sprintf(`<m:RootFolder IndexedPagingOffset="%d" IncludesLastItemInRange="%t"><t:Folders>%s</t:Folders></m:RootFolder>`, next, last, strings.Join(folders, "")))
	}
	pages := []string{
		answer(false, 3, folder("Folder", "c", "b", "C", "IPF.Note"), folder("Folder", "b", "a", "B/x", "IPF.Note"), folder("TasksFolder", "t", "root", "Tasks", "IPF.Task")),
		answer(false, 5, folder("Folder", "b", "a", "B/x", "IPF.Note"), folder("Folder", "a", "root", "A", "IPF.Note")),
		answer(true, 0, folder("Folder", "x", "y", "X", ""), folder("Folder", "y", "x", "Y", ""), folder("Folder", "z", "z", "Z", "")),
	}
	n := 0
	s := newStub(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
		respond(w, 200, pages[n])
		n++
	})
	folders, err := s.own().Folders(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, f := range folders {
		paths = append(paths, f.Path)
	}
	if got := strings.Join(paths, " "); got != "Tasks A A/B/x A/B/x/C Z" {
		t.Errorf("got %s", got)
	}
}

package ewsserver_test

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/exconn/exconn/ewsserver"
)

// FuzzRequest: whatever is sent, the answer is well-formed XML (or plain HTTP
// for what is too large), and nothing panics.
func FuzzRequest(f *testing.F) {
	for _, body := range []string{
		getInbox,
		getItem(`<t:BaseShape>AllProperties</t:BaseShape><t:IncludeMimeContent>true</t:IncludeMimeContent>`, `<t:ItemId Id="m3"/><t:ItemId Id="event"/>`),
		findItem(`<m:IndexedPageItemView MaxEntriesReturned="2" Offset="0" BasePoint="End"/><m:SortOrder><t:FieldOrder Order="Ascending"><t:FieldURI FieldURI="item:Subject"/></t:FieldOrder></m:SortOrder>` + inInbox + `<m:QueryString>subject:(a OR "b") -c</m:QueryString>`),
		findItem(`<m:CalendarView StartDate="2026-11-01T00:00:00" EndDate="2026-11-30T00:00:00Z"/>` + inInbox),
		`<m:CreateItem MessageDisposition="SaveOnly" SendMeetingInvitations="SendToNone"><m:Items><t:CalendarItem><t:Start>2026-11-01T00:00:00</t:Start></t:CalendarItem><t:ReplyAllToItem><t:ReferenceItemId Id="m3"/></t:ReplyAllToItem><t:ForwardItem><t:ReferenceItemId Id="event"/></t:ForwardItem></m:Items></m:CreateItem>`,
		update(resolve, theFirst, isRead+`<t:AppendToItemField><t:FieldURI FieldURI="item:Body"/><t:Message><t:Body BodyType="Text">x</t:Body></t:Message></t:AppendToItemField>`),
		`<m:CreateAttachment><m:ParentItemId Id="draft"/><m:Attachments><t:FileAttachment><t:Content>aGk=</t:Content></t:FileAttachment></m:Attachments></m:CreateAttachment>`,
		`<m:GetAttachment><m:AttachmentIds><t:AttachmentId Id="mail"/></m:AttachmentIds></m:GetAttachment>`,
		`<m:SendItem SaveItemToFolder="true"><m:ItemIds><t:ItemId Id="draft" ChangeKey="c1"/></m:ItemIds></m:SendItem>`,
	} {
		f.Add(open + `<soap:Header><t:TimeZoneContext><t:TimeZoneDefinition Id="UTC"/></t:TimeZoneContext></soap:Header><soap:Body>` + body + `</soap:Body>` + shut)
	}
	f.Fuzz(func(t *testing.T, envelope string) {
		w := httptest.NewRecorder()
		ewsserver.NewHandler(newFake(), nil).ServeHTTP(w, post(envelope))
		if w.Code != 200 && w.Code != 500 {
			t.Fatalf("HTTP %d", w.Code)
		}
		for d := xml.NewDecoder(strings.NewReader(w.Body.String())); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				return
			} else if err != nil {
				t.Fatalf("the answer is not XML: %v\n%s", err, w.Body)
			}
		}
	})
}

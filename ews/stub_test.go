package ews_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/exconn/exconn/ews"
)

// recorded is a request as the stub received it.
type recorded struct {
	operation string
	header    http.Header
	body      string
}

// stub is an EWS endpoint that answers what it is told to.
type stub struct {
	*httptest.Server
	client *http.Client

	mu       sync.Mutex
	requests []recorded
}

// newStub starts a stub. answer writes the answer to one request; it is nil
// for canned successes.
func newStub(t testing.TB, answer func(w http.ResponseWriter, r *http.Request, operation string)) *stub {
	t.Helper()
	s := new(stub)
	if answer == nil {
		answer = func(w http.ResponseWriter, _ *http.Request, operation string) {
			respond(w, http.StatusOK, canned(operation))
		}
	}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		action := strings.Trim(r.Header.Get("SOAPAction"), `"`)
		operation := action[strings.LastIndexByte(action, '/')+1:]
		s.mu.Lock()
		s.requests = append(s.requests, recorded{operation, r.Header.Clone(), string(body)})
		s.mu.Unlock()
		answer(w, r, operation)
	}))
	s.client = &http.Client{Transport: &http.Transport{}}
	t.Cleanup(func() {
		s.client.CloseIdleConnections()
		s.Server.Close()
	})
	return s
}

// ews returns a client of the stub.
func (s *stub) ews(opts *ews.Options) *ews.Client {
	return ews.NewClient(s.client, s.URL+"/EWS/Exchange.asmx", opts)
}

// own returns a mailbox of the stub.
func (s *stub) own() *ews.Mailbox { return s.ews(nil).Mailbox("anna@contoso.example", ews.Own) }

// taken returns the requests so far.
func (s *stub) taken() []recorded {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]recorded(nil), s.requests...)
}

// operations returns the names of the operations so far.
func (s *stub) operations() string {
	var names []string
	for _, r := range s.taken() {
		names = append(names, r.operation)
	}
	return strings.Join(names, " ")
}

// respond writes a SOAP answer.
func respond(w http.ResponseWriter, status int, envelope string) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.Header().Set("request-id", "11111111-2222-3333-4444-555555555555")
	w.Header().Set("X-FEServer", "EX01")
	w.WriteHeader(status)
	fmt.Fprint(w, envelope)
}

// envelope wraps a body.
func envelope(body string) string {
	return `<?xml version="1.0" encoding="utf-8"?>` +
		`<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>` +
		`<h:ServerVersionInfo MajorVersion="15" MinorVersion="2" MajorBuildNumber="1544" MinorBuildNumber="4" Version="V2017_07_11" xmlns:h="http://schemas.microsoft.com/exchange/services/2006/types"/>` +
		`</s:Header><s:Body xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types">` +
		body + `</s:Body></s:Envelope>`
}

// success is the answer of an operation with one message, which holds inner.
func success(operation, inner string) string {
	return envelope(fmt.Sprintf(`<m:%[1]sResponse><m:ResponseMessages><m:%[1]sResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>%[2]s</m:%[1]sResponseMessage></m:ResponseMessages></m:%[1]sResponse>`, operation, inner))
}

// failure is the answer of an operation whose one message is an error.
func failure(operation, code, text, messageXML string) string {
	return envelope(fmt.Sprintf(`<m:%[1]sResponse><m:ResponseMessages><m:%[1]sResponseMessage ResponseClass="Error"><m:MessageText>%[3]s</m:MessageText><m:ResponseCode>%[2]s</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>%[4]s</m:%[1]sResponseMessage></m:ResponseMessages></m:%[1]sResponse>`, operation, code, text, messageXML))
}

// fault is a SOAP fault as Exchange writes it.
func fault(code, text, messageXML string) string {
	return `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>` +
		`<faultcode xmlns:a="http://schemas.microsoft.com/exchange/services/2006/types">a:` + code + `</faultcode><faultstring xml:lang="en-US">` + text + `</faultstring>` +
		`<detail><e:ResponseCode xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">` + code + `</e:ResponseCode>` +
		`<e:Message xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">` + text + `</e:Message>` + messageXML + `</detail></s:Fault></s:Body></s:Envelope>`
}

// backOff is the part of an error that asks to wait.
func backOff(ms string) string {
	return `<t:MessageXml xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"><t:Value Name="BackOffMilliseconds">` + ms + `</t:Value></t:MessageXml>`
}

const (
	oneItem = `<m:Items><t:Message><t:MimeContent CharacterSet="UTF-8">U3ViamVjdDogaGkNCg0K</t:MimeContent><t:ItemId Id="AAMkDraft+/==" ChangeKey="CK2"/>` +
		`<t:ConversationId Id="AAQkConv="/><t:ToRecipients><t:Mailbox><t:Name>Ben</t:Name><t:EmailAddress>ben@contoso.example</t:EmailAddress></t:Mailbox></t:ToRecipients>` +
		`<t:InternetMessageId>&lt;one@contoso.example&gt;</t:InternetMessageId></t:Message></m:Items>`
	projectsID = "AAMkProjects="
)

// canned is a success for every operation.
func canned(operation string) string {
	switch operation {
	case "GetFolder":
		return success(operation, `<m:Folders><t:Folder><t:FolderId Id="AAMkInbox=" ChangeKey="A"/></t:Folder></m:Folders>`)
	case "FindFolder":
		return success(operation, `<m:RootFolder TotalItemsInView="3" IncludesLastItemInRange="true"><t:Folders>`+
			folder("Folder", "AAMkInbox=", "AAMkRoot=", "Posteingang", "IPF.Note")+
			folder("Folder", projectsID, "AAMkInbox=", "Projects", "IPF.Note")+
			folder("CalendarFolder", "AAMkCalendar=", "AAMkRoot=", "Kalender", "IPF.Appointment")+
			`</t:Folders></m:RootFolder>`)
	case "FindItem":
		return success(operation, `<m:RootFolder TotalItemsInView="1" IncludesLastItemInRange="true"><t:Items>`+
			`<t:Message><t:ItemId Id="AAMkOne=" ChangeKey="CK"/><t:Subject>One</t:Subject></t:Message></t:Items></m:RootFolder>`)
	case "SendItem", "DeleteItem":
		return success(operation, "")
	case "CreateAttachment":
		return success(operation, `<m:Attachments><t:FileAttachment><t:AttachmentId Id="AAMkAtt=" RootItemId="AAMkDraft+/==" RootItemChangeKey="CK3"/></t:FileAttachment></m:Attachments>`)
	case "GetAttachment":
		return success(operation, `<m:Attachments><t:FileAttachment><t:AttachmentId Id="AAMkAtt="/><t:Name>a.txt</t:Name><t:Size>5</t:Size><t:Content>aGVsbG8=</t:Content></t:FileAttachment></m:Attachments>`)
	case "SyncFolderItems":
		return success(operation, `<m:SyncState>H4sI</m:SyncState><m:IncludesLastItemInRange>true</m:IncludesLastItemInRange><m:Changes/>`)
	case "SyncFolderHierarchy":
		return success(operation, `<m:SyncState>H4sI</m:SyncState><m:IncludesLastFolderInRange>true</m:IncludesLastFolderInRange><m:Changes/>`)
	}
	return success(operation, oneItem)
}

func folder(kind, id, parent, name, class string) string {
	return fmt.Sprintf(`<t:%[1]s><t:FolderId Id="%[2]s" ChangeKey="A"/><t:ParentFolderId Id="%[3]s"/><t:FolderClass>%[5]s</t:FolderClass><t:DisplayName>%[4]s</t:DisplayName><t:TotalCount>3</t:TotalCount></t:%[1]s>`, kind, id, parent, name, class)
}

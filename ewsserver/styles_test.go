package ewsserver_test

import "testing"

// Clients write the same request with other prefixes: Evolution makes the types'
// namespace the default one, Thunderbird that of the messages, others neither,
// or a new one for each element.
func TestNamespacesHoweverWritten(t *testing.T) {
	t.Parallel()
	const (
		soap     = `http://schemas.xmlsoap.org/soap/envelope/`
		types    = `http://schemas.microsoft.com/exchange/services/2006/types`
		messages = `http://schemas.microsoft.com/exchange/services/2006/messages`
	)
	for name, envelope := range map[string]string{
		"types by default": `<SOAP-ENV:Envelope xmlns:SOAP-ENV="` + soap + `" xmlns="` + types + `"><SOAP-ENV:Header><RequestServerVersion Version="Exchange2013"/></SOAP-ENV:Header><SOAP-ENV:Body>` +
			`<messages:GetFolder xmlns:messages="` + messages + `"><messages:FolderShape><BaseShape>Default</BaseShape></messages:FolderShape><messages:FolderIds><DistinguishedFolderId Id="inbox"/></messages:FolderIds></messages:GetFolder></SOAP-ENV:Body></SOAP-ENV:Envelope>`,
		"messages by default": `<soap:Envelope xmlns:soap="` + soap + `" xmlns:t="` + types + `"><soap:Header/><soap:Body>` +
			`<GetFolder xmlns="` + messages + `"><FolderShape><t:BaseShape>Default</t:BaseShape></FolderShape><FolderIds><t:DistinguishedFolderId Id="inbox"/></FolderIds></GetFolder></soap:Body></soap:Envelope>`,
		"envelope by default": `<Envelope xmlns="` + soap + `"><Body>` +
			`<GetFolder xmlns="` + messages + `"><FolderShape><BaseShape xmlns="` + types + `">Default</BaseShape></FolderShape><FolderIds><DistinguishedFolderId xmlns="` + types + `" Id="inbox"/></FolderIds></GetFolder></Body></Envelope>`,
		"prefixes changed about": `<m:Envelope xmlns:m="` + soap + `"><m:Body><t:GetFolder xmlns:t="` + messages + `" xmlns:s="` + types + `">` +
			`<t:FolderShape><s:BaseShape>Default</s:BaseShape></t:FolderShape><t:FolderIds><s:DistinguishedFolderId Id='inbox'></s:DistinguishedFolderId></t:FolderIds></t:GetFolder></m:Body></m:Envelope>`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			do(t, newFake(), nil, post(envelope)).wantCodes(t, "NoError").has(t, "<DisplayName>Inbox")
		})
	}
}

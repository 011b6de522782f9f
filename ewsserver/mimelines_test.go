package ewsserver_test

import (
	"encoding/base64"
	"testing"

	"github.com/exconn/exconn/wsdl"
)

// A body is the same whichever line ends a program gave its MIME content.
func TestBodyOfMIMEHasTheLineEndsOfMail(t *testing.T) {
	t.Parallel()
	for _, ends := range []string{"\n", "\r\n"} {
		raw := "From: a@fabrikam.example" + ends + "Subject: x" + ends + ends + "one" + ends + "two" + ends
		f := newFake()
		call(t, f, `<m:CreateItem MessageDisposition="SaveOnly"><m:Items><t:Message><t:MimeContent>`+
			base64.StdEncoding.EncodeToString([]byte(raw))+`</t:MimeContent></t:Message></m:Items></m:CreateItem>`).wantCodes(t, "NoError")
		if body := wsdl.Str(f.created[0].Item.(*wsdl.MessageType).Body.Value); body != "one\r\ntwo\r\n" {
			t.Errorf("lines that end in %q: the body is %q", ends, body)
		}
	}
}

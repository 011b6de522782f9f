package simulator

import (
	"testing"

	"github.com/exconn/exconn/wsdl"
)

// exchangelib leaves MailTipsRequested out, and means all of them.
func TestMailTipsWithoutAChoiceAreAll(t *testing.T) {
	s := start(t, nil)
	anna := user(t, s, "anna")
	answer := call[wsdl.GetMailTipsResponse](anna, &wsdl.GetMailTips{
		SendingAs:  &wsdl.MailboxAddress{EmailAddress: &wsdl.EmailAddress{Value: text("anna@contoso.example")}},
		Recipients: &wsdl.RecipientAddresses{Mailbox: []*wsdl.Mailbox{{EmailAddress: text("ben@contoso.example")}}},
	})
	list := answer.ResponseMessages.MailTipsResponseMessageType
	if len(list) != 1 || list[0].MailTips == nil || list[0].MailTips.MaxMessageSize == nil || list[0].MailTips.MailboxFull == nil {
		t.Errorf("the tips: %+v", list)
	}
}

package simulator

import (
	"testing"

	"github.com/exconn/exconn/wsdl"
)

// Gateways read the user's time zone out of what Outlook on the web keeps.
func TestUserConfigurationTellsTheTimeZone(t *testing.T) {
	s := start(t, nil)
	ask := func(name string) *wsdl.GetUserConfigurationResponseMessageType {
		answer := call[wsdl.GetUserConfigurationResponse](user(t, s, "anna"), &wsdl.GetUserConfiguration{
			UserConfigurationName:       &wsdl.UserConfigurationName{Name: text(name), DistinguishedFolderId: named("root")},
			UserConfigurationProperties: text("All"),
		})
		return answer.ResponseMessages.GetUserConfigurationResponseMessage[0]
	}
	got := ask("OWA.UserOptions")
	if got.UserConfiguration == nil || got.UserConfiguration.Dictionary == nil {
		t.Fatalf("the answer is %+v", got)
	}
	entry := got.UserConfiguration.Dictionary.DictionaryEntry[0]
	if wsdl.Str(entry.DictionaryKey.Value[0]) != "timezone" || wsdl.Str(entry.DictionaryValue.Value[0]) != "W. Europe Standard Time" {
		t.Errorf("%s is %s", wsdl.Str(entry.DictionaryKey.Value[0]), wsdl.Str(entry.DictionaryValue.Value[0]))
	}
	if code := wsdl.Str(ask("Something.Else").ResponseCode); code != "ErrorItemNotFound" {
		t.Errorf("another configuration: %s", code)
	}
}

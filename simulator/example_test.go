package simulator_test

import (
	"fmt"
	"log"
	"net/http"
	"strings"

	"github.com/exconn/exconn/simulator"
)

// The second request for a folder is turned away for a while, and at the fourth
// EWS has been switched off for the mailbox.
func ExampleSimulator_Play() {
	sim, err := simulator.New(&simulator.Options{Seed: 7})
	if err != nil {
		log.Fatal(err)
	}
	if err := sim.Start(); err != nil {
		log.Fatal(err)
	}
	defer sim.Close()

	script, err := simulator.ParseFaults([]byte(`{"faults": [
		{"kind": "http-503", "retry_after": "30s", "nth": 2, "match": {"operation": "GetFolder"}},
		{"kind": "disable-ews", "nth": 3, "match": {"operation": "GetFolder", "mailbox": "anna@contoso.example"}}
	]}`))
	if err != nil {
		log.Fatal(err)
	}
	sim.Play(script)

	client := sim.HTTPClient()
	defer client.CloseIdleConnections()
	for range 5 {
		answer, err := getInbox(client, sim, "anna@contoso.example")
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(answer.Status, answer.Header.Values("X-EWS-Policy-Reason"))
	}
	for _, k := range sim.Strikes() {
		fmt.Println(k.Number, k.Kind, k.Operation, k.Account)
	}
	// Output:
	// 200 OK []
	// 503 Service Unavailable []
	// 200 OK []
	// 403 Forbidden [EWS is disabled for this user or tenant]
	// 403 Forbidden [EWS is disabled for this user or tenant]
	// 1 http-503 GetFolder anna@contoso.example
	// 2 disable-ews GetFolder anna@contoso.example
}

func getInbox(client *http.Client, sim *simulator.Simulator, account string) (*http.Response, error) {
	const envelope = `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"
	xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"
	xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types">
<soap:Body><m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape>
<m:FolderIds><t:DistinguishedFolderId Id="inbox"/></m:FolderIds></m:GetFolder></soap:Body></soap:Envelope>`
	r, err := http.NewRequest(http.MethodPost, sim.EWSURL(simulator.Server), strings.NewReader(envelope))
	if err != nil {
		return nil, err
	}
	r.SetBasicAuth(account, string(sim.Password(account)))
	r.Header.Set("Content-Type", "text/xml; charset=utf-8")
	answer, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	return answer, answer.Body.Close()
}

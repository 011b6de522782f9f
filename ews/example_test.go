package ews_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
)

// The newest unread mail of a user, by an account that may impersonate.
func ExampleClient_Mailbox() {
	// basic adds a user name and password to each request; an *http.Client
	// whose transport adds a bearer token does as well.
	client := ews.NewClient(basic{client: http.DefaultClient, user: "svc-crm"}, "https://mail.contoso.example/EWS/Exchange.asmx", nil)
	anna := client.Mailbox("anna@contoso.example", ews.Impersonate)
	for msg, err := range anna.Messages(context.Background(), mailbox.Query{Unread: true, Limit: 10}) {
		if err != nil {
			log.Fatalf("%v\n%s", err, mailbox.Hint(err))
		}
		fmt.Println(msg.Received, msg.From, msg.Subject)
	}
}

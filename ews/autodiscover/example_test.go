package autodiscover_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/exconn/exconn/ews/autodiscover"
	"github.com/exconn/exconn/mailbox"
)

func ExampleDiscover() {
	found, err := autodiscover.Discover(context.Background(), "anna@contoso.example", &autodiscover.Options{
		Authorize: func(r *http.Request) error {
			r.SetBasicAuth(`CONTOSO\svc-crm`, os.Getenv("CRM_PASSWORD"))
			return nil
		},
	})
	if err != nil {
		var failed *autodiscover.Error
		if errors.As(err, &failed) {
			for _, attempt := range failed.Attempts {
				fmt.Fprintln(os.Stderr, attempt)
			}
		}
		fmt.Fprintln(os.Stderr, err, mailbox.Hint(err))
		return
	}
	fmt.Println(found.EWSURL, found.Version)
}

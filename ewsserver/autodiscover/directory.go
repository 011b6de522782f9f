package autodiscover

import (
	"context"
	"errors"
	"net/http"

	"github.com/exconn/exconn/ewsserver"
)

// Directory knows the users. It must be safe for concurrent use.
type Directory interface {
	// Authenticate tells who asks. To refuse it returns an
	// *ewsserver.AuthError.
	Authenticate(r *http.Request) (ewsserver.Caller, error)
	// User returns what is known of the user with an address. The caller is
	// the zero value for JSON, which nobody signs in for. Where nobody has the
	// address, the error Is ErrUnknownUser.
	User(ctx context.Context, c ewsserver.Caller, address string) (User, error)
}

// ErrUnknownUser: nobody has the address.
var ErrUnknownUser = errors.New("unknown user")

// User is a user and where the mailbox is. A field that is empty is not
// available. With a redirect the other fields do not matter.
type User struct {
	// RedirectAddress is another address to ask about, RedirectURL another
	// server to ask: the base of its https URL, without a path.
	RedirectAddress, RedirectURL string

	DisplayName string
	// SMTPAddress is the primary address.
	SMTPAddress string
	// UserDN and MailboxDN are the legacy distinguished names of the user and
	// of the mailbox's database, DeploymentID is a GUID.
	UserDN, MailboxDN, DeploymentID string
	// ExternalEWSURL and InternalEWSURL are for clients outside and inside.
	ExternalEWSURL, InternalEWSURL string
	// Server is the host of the client access server.
	Server string
}

package kerberos

import (
	"context"

	"github.com/exconn/exconn/connection/channelbinding"
)

// Tickets makes tokens from service tickets. *Login is one. Implementations
// are safe for concurrent use.
type Tickets interface {
	// Token returns the SPNEGO token for one request: a NegTokenInit (RFC
	// 4178) with an AP-REQ, which serves once.
	Token(ctx context.Context, target Target) ([]byte, error)
}

// Target says what a token is for.
type Target struct {
	// SPN is the service's principal name, such as HTTP/mail.example.com.
	SPN string
	// Binding ties the token to the TLS connection; zero without TLS.
	Binding channelbinding.Token
	// Refused says that the server has just refused a token, so that the
	// ticket in hand may be of no more use.
	Refused bool
}

package ntlm

import (
	"fmt"
	"strings"

	"github.com/exconn/exconn/mailbox"
)

// ChallengeError is a CHALLENGE that cannot be answered. It Is
// mailbox.ErrUnavailable: what answers there does not speak NTLM as Exchange
// does.
type ChallengeError struct {
	// Problem says what is wrong, as the end of "the server's NTLM challenge …".
	Problem string
}

func (e *ChallengeError) Error() string { return "the server's NTLM challenge " + e.Problem }

// Is reports true for mailbox.ErrUnavailable.
func (e *ChallengeError) Is(target error) bool { return target == mailbox.ErrUnavailable }

// Hint says what to do.
func (e *ChallengeError) Hint() string {
	return "check that the URL is Exchange's own, and that no proxy on the way takes part in the sign-in"
}

// NotOfferedError is a server that asks for a sign-in, but not by NTLM. It Is
// mailbox.ErrSignInNeeded. No credentials were sent.
type NotOfferedError struct {
	// Offered are the schemes that it offers.
	Offered []string
}

func (e *NotOfferedError) Error() string {
	if len(e.Offered) == 0 {
		return "the server does not offer NTLM (HTTP 401 without a scheme)"
	}
	return fmt.Sprintf("the server does not offer NTLM, but %s", strings.Join(e.Offered, ", "))
}

// Is reports true for mailbox.ErrSignInNeeded.
func (e *NotOfferedError) Is(target error) bool { return target == mailbox.ErrSignInNeeded }

// Hint says what to do.
func (e *NotOfferedError) Hint() string {
	return "the Exchange admin can switch it on (Set-WebServicesVirtualDirectory -WindowsAuthentication $true, and NTLM among the providers of Windows Authentication in IIS); or use another way in"
}

// LostConnectionError is a network connection that did not last through the
// handshake, again and again. It Is mailbox.ErrUnavailable. The request was not
// executed.
type LostConnectionError struct{}

func (*LostConnectionError) Error() string {
	return "the network connection is closed in the middle of the NTLM handshake"
}

// Is reports true for mailbox.ErrUnavailable.
func (*LostConnectionError) Is(target error) bool { return target == mailbox.ErrUnavailable }

// Hint says what to do.
func (*LostConnectionError) Hint() string {
	return "NTLM needs one connection from end to end: a load balancer or reverse proxy before Exchange must keep connections alive and not share them among clients"
}

package ntlm

import (
	"fmt"
	"strings"
)

// Credentials are a user's name and password. They print as the name alone.
type Credentials struct {
	user, domain string
	// The password is inside a function, because package fmt prints what lies
	// in unexported fields without asking their methods.
	password func() string
}

// NewCredentials returns the credentials of DOMAIN\user, of user@domain, or of
// a user without a domain, whom the server looks for where it sees fit. A
// user@domain is sent whole as the user name, with no domain, as Windows does.
func NewCredentials(username, password string) Credentials {
	c := Credentials{user: username, password: func() string { return password }}
	if domain, user, found := strings.Cut(username, `\`); found {
		c.user, c.domain = user, domain
	}
	return c
}

// String returns the user's name, as DOMAIN\user where there is a domain.
func (c Credentials) String() string {
	if c.domain == "" {
		return c.user
	}
	return c.domain + `\` + c.user
}

// GoString returns what String does.
func (c Credentials) GoString() string { return c.String() }

// Format prints what String returns, whatever the verb.
func (c Credentials) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(c.String())) }

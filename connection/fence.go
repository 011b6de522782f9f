package connection

import (
	"fmt"
	"slices"
	"strings"

	"github.com/exconn/exconn/mailbox"
)

// fence decides for which mailboxes a connection may act.
type fence struct {
	connection string
	entries    []string
	// own is the signed-in account's address; it counts only where there are
	// no entries.
	own string
}

// tidyFence returns the entries in one form, without repetitions: lower case,
// domains with their "@".
func tidyFence(entries []string) []string {
	var out []string
	for _, e := range entries {
		e = lower(strings.TrimSpace(e))
		if e != "" && e != "*" && !strings.Contains(e, "@") {
			e = "@" + e
		}
		if e != "" && !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	return out
}

// check returns a *FencedError where the connection may not act for address.
func (f fence) check(address string) error {
	if f.admits(address) {
		return nil
	}
	allowed := f.entries
	if len(allowed) == 0 && f.own != "" {
		allowed = []string{lower(f.own)}
	}
	return &FencedError{Connection: f.connection, Address: address, Allowed: allowed}
}

func (f fence) admits(address string) bool {
	address = lower(address)
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return false
	}
	if len(f.entries) == 0 {
		return f.own != "" && address == lower(f.own)
	}
	for _, e := range f.entries {
		if e == "*" || e == address || e == address[at:] {
			return true
		}
	}
	return false
}

// lower maps ASCII letters alone. Unicode knows letters, such as the Kelvin
// sign, whose lower case is an ASCII letter: with them a stranger's address
// would look like one that is admitted.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// addressProblem returns what is wrong with a mail address, or "". It wants
// what Exchange takes as a primary SMTP address, without a display name.
func addressProblem(address string) string {
	local, domain, found := strings.Cut(address, "@")
	switch {
	case address == "":
		return "is empty"
	case !found:
		return "has no @"
	case strings.Contains(domain, "@"):
		return "has more than one @"
	case local == "":
		return "has nothing before the @"
	case len(address) > 254:
		return "is longer than 254 bytes"
	case strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`<>()[],;:"\`, r) }):
		return "contains a character that no mail address has"
	}
	return domainProblem(domain)
}

func domainProblem(domain string) string {
	if domain == "" || len(domain) > 253 {
		return "has no proper domain"
	}
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || label[0] == '-' || strings.ContainsFunc(label, func(r rune) bool {
			return r < 0x80 && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_'
		}) {
			return "has no proper domain"
		}
	}
	return ""
}

// FencedError says that a connection may not act for a mailbox, by its own
// profile. Nothing was sent to a server. It Is mailbox.ErrFenced.
type FencedError struct {
	Connection string
	Address    string
	// Allowed are the entries of the fence, or the signed-in account's own
	// address where it has none.
	Allowed []string
}

func (e *FencedError) Error() string {
	return fmt.Sprintf("the connection %q may not act for %s", e.Connection, e.Address)
}

// Is reports true for mailbox.ErrFenced.
func (e *FencedError) Is(target error) bool { return target == mailbox.ErrFenced }

// Hint names what is allowed, and how it is changed.
func (e *FencedError) Hint() string {
	const few = 6
	if len(e.Allowed) > few {
		return fmt.Sprintf("it may act for %s and %d more; to allow others, give the whole list anew: %s", strings.Join(e.Allowed[:few], ", "), len(e.Allowed)-few,
			command("edit", e.Connection, "--allow-mailbox …"))
	}
	// The list is replaced, so the command names all of it.
	var flags []string
	for _, a := range append(slices.Clone(e.Allowed), e.Address) {
		flags = append(flags, "--allow-mailbox "+a)
	}
	return fmt.Sprintf("it may act for %s; to allow this one too: %s", strings.Join(e.Allowed, ", "), command("edit", e.Connection, strings.Join(flags, " ")))
}

package autodiscover

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/exconn/exconn/ews"
)

// Settings is what was found out about a mailbox.
type Settings struct {
	// Address is the one that the answer is for. It differs from the one that
	// was asked for where a server redirected to another.
	Address string
	// SMTPAddress is the mailbox's primary address, or "".
	SMTPAddress string
	// DisplayName, UserDN and MailboxDN name the user and the mailbox's
	// database in Exchange's directory; each may be "".
	DisplayName, UserDN, MailboxDN string

	// EWSURL is the URL to use: ExternalEWSURL, or InternalEWSURL where there
	// is no other. It is an https URL, and never "".
	EWSURL string
	// ExternalEWSURL and InternalEWSURL are for clients outside and inside the
	// organisation's network; each may be "".
	ExternalEWSURL, InternalEWSURL string
	// Stranger: the allow rule does not know EWSURL's host. An admin may well
	// have put it there, but nobody but that server has said so: ask before
	// credentials go to it.
	Stranger bool

	// Version is that of the client access server, or nil.
	Version *ews.ServerVersion
	// SupportedSchemas are the EWS schema versions that the server names, oldest
	// first, such as "Exchange2013_SP1".
	SupportedSchemas []string
	// All holds every setting that SOAP answered with a text, by its name.
	All map[string]string

	// Way and Source tell which answer this is: how it was asked for, and of
	// which URL.
	Way    Way
	Source string
	// Attempts are all steps of the search, in the order in which they began.
	Attempts []Attempt
}

// choose sets EWSURL and drops the URLs that cannot be used. It is false where
// none is left.
func (s *Settings) choose(allowed func(*url.URL) bool) bool {
	s.ExternalEWSURL, s.InternalEWSURL = usable(s.ExternalEWSURL), usable(s.InternalEWSURL)
	if s.EWSURL = s.ExternalEWSURL; s.EWSURL == "" {
		s.EWSURL = s.InternalEWSURL
	}
	if s.EWSURL == "" {
		return false
	}
	u, err := url.Parse(s.EWSURL)
	s.Stranger = err != nil || !allowed(u)
	return true
}

// usable returns raw where it is an https URL that credentials may be sent to,
// and "" where it is not.
func usable(raw string) string {
	raw = strings.TrimSpace(raw)
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return ""
	}
	return raw
}

// parseVersion reads a build number such as "15.02.2562.037" (the CasVersion
// setting, [MS-OXWSADISC]), or returns nil.
func parseVersion(s string) *ews.ServerVersion {
	parts := strings.Split(strings.TrimSpace(s), ".")
	if len(parts) != 4 {
		return nil
	}
	var n [4]int
	for i, p := range parts {
		v, err := strconv.ParseUint(p, 10, 16)
		if err != nil {
			return nil
		}
		n[i] = int(v)
	}
	if n[0] == 0 {
		return nil
	}
	return &ews.ServerVersion{Major: n[0], Minor: n[1], MajorBuild: n[2], MinorBuild: n[3]}
}

// packedVersion reads the ServerVersion of POX: 32 bits in hexadecimal, of
// which the lowest 15 are the build, six from bit 16 the minor and six from bit
// 22 the major version ([MS-OXDSCLI], 2.2.4.1.1.2.2.54). "738180DA" is 14.1.218.
func packedVersion(s string) *ews.ServerVersion {
	v, err := strconv.ParseUint(strings.TrimSpace(s), 16, 32)
	if err != nil || v>>22&0x3f == 0 {
		return nil
	}
	return &ews.ServerVersion{Major: int(v >> 22 & 0x3f), Minor: int(v >> 16 & 0x3f), MajorBuild: int(v & 0x7fff)}
}

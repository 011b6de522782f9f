package ntlm

import (
	"slices"
	"time"

	"github.com/exconn/exconn/connection/channelbinding"
)

// answer is what goes into an AUTHENTICATE message besides the credentials and
// the two messages before it.
type answer struct {
	// binding ties the sign-in to the TLS connection; zero without TLS.
	binding channelbinding.Token
	// service is the name of the service, such as HTTP/mail.example.com.
	service string
	// nonce is the client's challenge.
	nonce [8]byte
	now   time.Time
}

// authenticateMessage returns the AUTHENTICATE message ([MS-NLMP] 2.2.1.3,
// 3.1.5.1.2). Its errors are *ChallengeErrors.
func authenticateMessage(creds Credentials, negotiate []byte, c *challenge, a answer) ([]byte, error) {
	const (
		lmAt          = 12
		ntAt          = 20
		domainAt      = 28
		userAt        = 36
		workstationAt = 44
		sessionKeyAt  = 52
		flagsAt       = 60
		micAt         = 72 // behind the version, which is left zero
		size          = 88
	)
	key := ntowfv2(creds.user, creds.domain, creds.password())
	timestamp, targetInfo, mic := targetInfoFor(c, a)
	nt, sessionKey := ntlmv2Response(key, c.server, a.nonce, timestamp, targetInfo)
	lm := make([]byte, 24)
	if !mic {
		lm = lmv2Response(key, c.server, a.nonce)
	}
	user, domain := utf16le(creds.user), utf16le(creds.domain)
	const most = 1<<16 - 1
	if len(nt) > most || len(user) > most || len(domain) > most {
		return nil, &ChallengeError{Problem: "leaves no room for an answer: its target info, or the user name, is too long"}
	}
	p := newPayload(typeAuthenticate, size)
	p.field(domainAt, domain)
	p.field(userAt, user)
	p.field(workstationAt, nil)
	p.field(lmAt, lm)
	p.field(ntAt, nt)
	p.field(sessionKeyAt, nil)
	little.PutUint32(p.header[flagsAt:], uint32(c.flags&offered))
	m := p.message()
	if mic {
		copy(m[micAt:size], hmacMD5(sessionKey, negotiate, c.raw, m))
	}
	return m, nil
}

// targetInfoFor returns the target info that the client answers with: the
// server's, with the channel binding, the service's name and, where the server
// gave its time, the promise of a MIC.
func targetInfoFor(c *challenge, a answer) (timestamp, targetInfo []byte, mic bool) {
	timestamp = c.timestamp()
	mic = timestamp != nil
	if !mic {
		timestamp = little.AppendUint64(nil, fileTime(a.now))
	}
	if c.target == nil {
		return timestamp, appendAVPairs(nil, nil), mic
	}
	var bits uint32
	if old := find(c.target, avFlags); len(old) == 4 {
		bits = little.Uint32(old)
	}
	// What a server, or somebody in between, says of the client's own
	// attributes is not repeated.
	pairs := slices.DeleteFunc(slices.Clone(c.target), func(p avPair) bool {
		return p.id == avFlags || p.id == avChannelBindings || p.id == avTargetName
	})
	if mic {
		bits |= avFlagMIC
	}
	if bits != 0 {
		pairs = append(pairs, avPair{avFlags, little.AppendUint32(nil, bits)})
	}
	pairs = append(pairs, avPair{avChannelBindings, a.binding[:]}, avPair{avTargetName, utf16le(a.service)})
	return timestamp, appendAVPairs(nil, pairs), mic
}

// fileTime returns t in units of 100 ns since 1601 ([MS-DTYP] 2.3.3).
func fileTime(t time.Time) uint64 {
	const secondsTo1970 = 11644473600
	return uint64(t.Unix()+secondsTo1970)*1e7 + uint64(t.Nanosecond())/100
}

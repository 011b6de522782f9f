package ntlm

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/exconn/exconn/connection/channelbinding"
	"github.com/exconn/exconn/mailbox"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The common values of the published examples ([MS-NLMP] 4.2.1).
var (
	exampleServer = [8]byte{0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef}
	exampleClient = [8]byte{0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa}
)

// The CHALLENGE of the NTLMv2 example ([MS-NLMP] 4.2.4.3).
const exampleChallenge = `
	4e544c4d53535000 02000000 0c000c0038000000 33828ae2 0123456789abcdef
	0000000000000000 2400240044000000 060070170000000f
	530065007200760065007200
	02000c0044006f006d00610069006e00 01000c00530065007200760065007200 00000000`

func TestPublishedVectors(t *testing.T) {
	key := ntowfv2("User", "Domain", "Password")
	c, err := parseChallenge(unhex(t, exampleChallenge))
	if err != nil {
		t.Fatal(err)
	}
	response, session := ntlmv2Response(key, c.server, exampleClient, make([]byte, 8), appendAVPairs(nil, c.target))
	for _, v := range []struct {
		section, want string
		got           []byte
	}{
		{"4.2.4.1.1 NTOWFv2", "0c868a403bfd7a93a3001ef22ef02e3f", key},
		{"4.2.4.1.2 session base key", "8de40ccadbc14a82f15cb0ad0de95ca3", session},
		{"4.2.4.2.1 LMv2 response", "86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa", lmv2Response(key, c.server, exampleClient)},
		{"4.2.4.2.2 NTLMv2 response", `68cd0ab851e51c96aabc927bebef6a1c
			0101000000000000 0000000000000000 aaaaaaaaaaaaaaaa 00000000
			02000c0044006f006d00610069006e00 01000c00530065007200760065007200 00000000 00000000`, response},
	} {
		if !bytes.Equal(v.got, unhex(t, v.want)) {
			t.Errorf("%s: %x, want %s", v.section, v.got, v.want)
		}
	}
	if c.server != exampleServer {
		t.Errorf("the server's challenge is %x", c.server)
	}
}

// TestAuthenticateMessage compares the message, up to the two responses, with
// one laid out by hand after [MS-NLMP] 2.2.1.3 from the published example's
// values.
func TestAuthenticateMessage(t *testing.T) {
	c, err := parseChallenge(unhex(t, exampleChallenge))
	if err != nil {
		t.Fatal(err)
	}
	// The example's target info has no time, so there is no MIC.
	a := answer{service: "HTTP/a", nonce: exampleClient, now: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)}
	got, err := authenticateMessage(NewCredentials(`Domain\User`, "Password"), negotiateMessage(), c, a)
	if err != nil {
		t.Fatal(err)
	}
	want := unhex(t, `4e544c4d53535000 03000000
		1800 1800 6c000000
		7800 7800 84000000
		0c00 0c00 58000000
		0800 0800 64000000
		0000 0000 6c000000
		0000 0000 fc000000
		018288a0
		0000000000000000
		00000000000000000000000000000000
		44006f006d00610069006e00 5500730065007200
		86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa`)
	if len(got) != 0xfc || !bytes.Equal(got[:len(want)], want) {
		t.Errorf("the message is\n%s\nwant at its beginning\n%s", hex.Dump(got), hex.Dump(want))
	}
}

// A server that sends its time gets a MIC, the time back, and no LM response.
func TestMIC(t *testing.T) {
	stamp := []byte{1, 2, 3, 4, 5, 6, 7, 8}
	c := &challenge{raw: []byte("challenge"), flags: offered, server: exampleServer, target: []avPair{
		{1, utf16le("SERVER")}, {avTimestamp, stamp}, {avFlags, []byte{1, 0, 0, 0}},
		// Not the server's to say.
		{avChannelBindings, bytes.Repeat([]byte{9}, 16)}, {avTargetName, utf16le("evil")},
	}}
	a := answer{binding: channelbinding.Token{7}, service: "HTTP/mail.example.com", nonce: exampleClient}
	negotiate := negotiateMessage()
	m, err := authenticateMessage(NewCredentials("anna@example.com", "Password"), negotiate, c, a)
	if err != nil {
		t.Fatal(err)
	}
	nt := securityBuffer(t, m, 20)
	pairs, err := parseAVPairs(nt[44:])
	if err != nil {
		t.Fatal(err)
	}
	want := []avPair{
		{1, utf16le("SERVER")}, {avTimestamp, stamp}, {avFlags, []byte{3, 0, 0, 0}},
		{avChannelBindings, a.binding[:]}, {avTargetName, utf16le("HTTP/mail.example.com")},
	}
	if diff := cmp.Diff(want, pairs, cmp.AllowUnexported(avPair{})); diff != "" {
		t.Errorf("target info (-want +got):\n%s", diff)
	}
	if lm := securityBuffer(t, m, 12); !bytes.Equal(lm, make([]byte, 24)) {
		t.Errorf("LM response %x, want zeros", lm)
	}
	if !bytes.Equal(nt[24:32], stamp) {
		t.Errorf("time %x, want the server's", nt[24:32])
	}
	if user, domain := securityBuffer(t, m, 36), securityBuffer(t, m, 28); string(user) != string(utf16le("anna@example.com")) || len(domain) != 0 {
		t.Errorf("user %q, domain %q", user, domain)
	}
	key := ntowfv2("anna@example.com", "", "Password")
	session := hmacMD5(key, nt[:16])
	without := append(append(bytes.Clone(m[:72]), make([]byte, 16)...), m[88:]...)
	if mic := hmacMD5(session, negotiate, c.raw, without); !bytes.Equal(m[72:88], mic) {
		t.Errorf("MIC %x, want %x", m[72:88], mic)
	}
}

// securityBuffer returns what a field of a message points to.
func securityBuffer(t testing.TB, m []byte, at int) []byte {
	t.Helper()
	if len(m) < at+8 {
		t.Fatalf("a message of %d bytes has no field at %d", len(m), at)
	}
	length, offset := int(m[at])|int(m[at+1])<<8, int(m[at+4])|int(m[at+5])<<8|int(m[at+6])<<16
	if offset+length > len(m) {
		t.Fatalf("the field at %d points beyond the message", at)
	}
	return m[offset : offset+length]
}

func TestUserNames(t *testing.T) {
	for name, want := range map[string][2]string{
		`CONTOSO\anna`:       {"anna", "CONTOSO"},
		`contoso.local\anna`: {"anna", "contoso.local"},
		"anna@contoso.com":   {"anna@contoso.com", ""},
		"anna":               {"anna", ""},
		`.\anna`:             {"anna", "."},
	} {
		if c := NewCredentials(name, "x"); c.user != want[0] || c.domain != want[1] {
			t.Errorf("%s: user %q, domain %q; want %q", name, c.user, c.domain, want)
		}
	}
	// The name is made upper case, the domain is not.
	if !bytes.Equal(ntowfv2("änna", "d", "p"), ntowfv2("ÄNNA", "d", "p")) || bytes.Equal(ntowfv2("a", "d", "p"), ntowfv2("a", "D", "p")) {
		t.Error("the case of user and domain is not treated as [MS-NLMP] 3.3.2 says")
	}
}

func TestFileTime(t *testing.T) {
	for at, want := range map[time.Time]uint64{
		time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC):   0,
		time.Date(1970, 1, 1, 0, 0, 0, 100, time.UTC): 116444736000000001,
		time.Date(2001, 9, 9, 1, 46, 40, 0, time.UTC): 126444736000000000,
	} {
		if got := fileTime(at); got != want {
			t.Errorf("%v: %d, want %d", at, got, want)
		}
	}
}

func TestBadChallenges(t *testing.T) {
	good := unhex(t, exampleChallenge)
	edit := func(at int, b ...byte) []byte {
		m := bytes.Clone(good)
		copy(m[at:], b)
		return m
	}
	for name, m := range map[string][]byte{
		"empty":                      {},
		"no signature":               []byte("NTLMSSX\x00\x02\x00\x00\x00........................"),
		"another type":               edit(8, 1),
		"cut short":                  good[:31],
		"cut in the target info":     good[:47],
		"target info beyond its end": edit(44, 0xff, 0xff, 0xff, 0xff),
		"attribute beyond its end":   edit(70, 0xff),
		"no end mark":                edit(40, 0x20, 0),
		"no Unicode":                 edit(20, 0x32),
	} {
		_, err := parseChallenge(m)
		var ce *ChallengeError
		if !errors.As(err, &ce) || !errors.Is(err, mailbox.ErrUnavailable) || mailbox.Hint(err) == "" {
			t.Errorf("%s: %v, want a *ChallengeError", name, err)
		}
	}
	// The longest target info that a challenge can carry leaves no room.
	c := &challenge{flags: offered, target: []avPair{{2, make([]byte, 1<<16-9)}}}
	if _, err := authenticateMessage(NewCredentials("u", "p"), nil, c, answer{}); !errors.As(err, new(*ChallengeError)) {
		t.Errorf("a target info too long: %v", err)
	}
}

// A server from before target info is answered without any.
func TestOldServer(t *testing.T) {
	m := bytes.Clone(unhex(t, exampleChallenge)[:32])
	m[22] &^= 0x80
	c, err := parseChallenge(m)
	if err != nil {
		t.Fatal(err)
	}
	got, err := authenticateMessage(NewCredentials("u", "p"), negotiateMessage(), c, answer{now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if nt := securityBuffer(t, got, 20); !bytes.Equal(nt[44:], make([]byte, 8)) {
		t.Errorf("target info %x, want none", nt[44:])
	}
}

// FuzzChallenge: no bytes from a server do harm, and what is understood can be
// answered or is refused.
func FuzzChallenge(f *testing.F) {
	f.Add(unhex(f, exampleChallenge))
	f.Add(unhex(f, exampleChallenge)[:32])
	f.Add([]byte(signature + "\x02\x00\x00\x00"))
	creds := NewCredentials(`Domain\User`, "Password")
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := parseChallenge(raw)
		if err != nil {
			if !errors.As(err, new(*ChallengeError)) {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		m, err := authenticateMessage(creds, negotiateMessage(), c, answer{service: "HTTP/x", now: time.Unix(0, 0)})
		if err != nil {
			return
		}
		nt := securityBuffer(t, m, 20)
		pairs, err := parseAVPairs(nt[44:])
		if err != nil {
			t.Fatalf("our own target info: %v", err)
		}
		if c.target != nil && find(pairs, avChannelBindings) == nil {
			t.Error("the channel binding is missing")
		}
	})
}

package httpauth

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/rc4"
	"net/http"
	"strings"
	"time"

	//lint:ignore SA1019 NTLM is built on MD4
	"golang.org/x/crypto/md4"
)

const mechanismNTLM = "NTLM"

// ntlmHandshake is one whose challenge has been sent.
type ntlmHandshake struct {
	negotiate, challenge []byte
	server               [8]byte
}

// rawNTLM takes a message that comes as it is.
func (a *Authenticator) rawNTLM(r *http.Request, message []byte, waiting handshake) step {
	switch messageType(message) {
	case typeNegotiate:
		h, err := a.challenge(message)
		if err != nil {
			return step{refusal: refused("NTLM: NEGOTIATE: %v", err)}
		}
		return step{reply: h.challenge, more: h}
	case typeAuthenticate:
		if waiting == nil {
			return step{refusal: refused("NTLM: no handshake is under way on this connection; the connection of the challenge was not kept")}
		}
		return waiting.next(a, r, message)
	}
	return step{refusal: refused("NTLM: a message of type %d", messageType(message))}
}

// next takes the AUTHENTICATE message.
func (h *ntlmHandshake) next(a *Authenticator, r *http.Request, message []byte) step {
	if !isNTLM(message) || messageType(message) != typeAuthenticate {
		return step{refusal: refused("NTLM: AUTHENTICATE is due, something else came")}
	}
	user, _, refusal := h.judge(a, r, message)
	return step{user: user, refusal: refusal}
}

// challenge answers a NEGOTIATE message.
func (a *Authenticator) challenge(negotiate []byte) (*ntlmHandshake, error) {
	asked, err := parseNegotiate(negotiate)
	if err != nil {
		return nil, err
	}
	h := &ntlmHandshake{negotiate: negotiate}
	_, _ = rand.Read(h.server[:]) // never fails
	h.challenge = challengeMessage(answerFlags(asked), h.server, a.opts.Names, toFiletime(a.opts.Now()))
	return h, nil
}

// maxAge is how far the clocks of client and server may be apart: the lifetime
// of a challenge in Windows ([MS-NLMP] 3.1.1.1, MaxLifetime).
const maxAge = 36 * time.Hour

// judge holds an AUTHENTICATE message against the account that it names
// ([MS-NLMP] 3.2.5.1.2, 3.3.2).
func (h *ntlmHandshake) judge(a *Authenticator, r *http.Request, message []byte) (*Identity, *ntlmSession, *Refusal) {
	m, err := parseAuthenticate(message)
	if err != nil {
		return nil, nil, refused("NTLM: AUTHENTICATE: %v", err)
	}
	switch {
	case m.user == "":
		return nil, nil, refused("NTLM: an anonymous sign-in")
	case len(m.nt) == 24:
		return nil, nil, refused("NTLM: the client answers with NTLMv1, which is refused; it has to send NTLMv2 (LmCompatibilityLevel 3 or more)")
	case len(m.nt) == 0:
		return nil, nil, refused("NTLM: the client answers with LM alone, which is refused; it has to send NTLMv2 (LmCompatibilityLevel 3 or more)")
	}
	answer, err := parseResponse(m.nt)
	if err != nil {
		return nil, nil, refused("NTLM: the response: %v", err)
	}
	account, known := a.opts.Accounts(m.user, m.domain)
	if !known || account.Password == "" {
		return nil, nil, refused(`NTLM: nobody is called %q of domain %q`, m.user, m.domain)
	}
	key := ownerKey(string(account.Password), m.user, m.domain)
	if !hmac.Equal(answer.proof, mac(key, h.server[:], answer.temp)) {
		return nil, nil, refused("NTLM: the password of %s is wrong", account.Name)
	}
	if age := a.opts.Now().Sub(fromFiletime(answer.filetime)).Abs(); age > maxAge {
		return nil, nil, refused("NTLM: the client's clock is %v off", age.Round(time.Second))
	}
	exported, err := m.exportedKey(mac(key, answer.proof))
	if err != nil {
		return nil, nil, refused("NTLM: the session key: %v", err)
	}
	if answer.promisesMIC() && !h.intact(m, exported) {
		return nil, nil, refused("NTLM: the MIC is wrong: the three messages are not those that were exchanged")
	}
	if refusal := a.checkBinding(r, answer.binding()); refusal != nil {
		return nil, nil, refusal
	}
	return &Identity{Name: account.Name, Mechanism: mechanismNTLM}, newSession(exported, m.flags), nil
}

// ownerKey is NTOWFv2 ([MS-NLMP] 3.3.2), with the names as the client has
// written them.
func ownerKey(password, user, domain string) []byte {
	hash := md4.New()
	hash.Write(toUTF16(password))
	return mac(hash.Sum(nil), toUTF16(strings.ToUpper(user)+domain))
}

func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(md5.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// exportedKey is the key that a MIC and signatures are made with: the
// session's, or where keys are exchanged one of the client's choice, which it
// sends encrypted with that.
func (m *authenticate) exportedKey(session []byte) ([]byte, error) {
	if m.flags&flagKeyExchange == 0 || m.flags&(flagSign|flagSeal) == 0 && len(m.sessionKey) == 0 {
		return session, nil
	}
	if len(m.sessionKey) != 16 {
		return nil, errShort
	}
	cipher, err := rc4.NewCipher(session)
	if err != nil {
		return nil, err
	}
	key := make([]byte, 16)
	cipher.XORKeyStream(key, m.sessionKey)
	return key, nil
}

// intact checks the MIC over the three messages, the last without it.
func (h *ntlmHandshake) intact(m *authenticate, key []byte) bool {
	if len(m.raw) < micAt+micSize {
		return false
	}
	blank := append([]byte(nil), m.raw...)
	clear(blank[micAt : micAt+micSize])
	return hmac.Equal(m.raw[micAt:micAt+micSize], mac(key, h.negotiate, h.challenge, blank))
}

// A file time counts 100 nanoseconds from the year 1601.
var filetimeZero = time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC).Unix()

func toFiletime(t time.Time) uint64 {
	return uint64(t.Unix()-filetimeZero)*1e7 + uint64(t.Nanosecond()/100)
}

func fromFiletime(f uint64) time.Time {
	return time.Unix(int64(f/1e7)+filetimeZero, int64(f%1e7)*100)
}

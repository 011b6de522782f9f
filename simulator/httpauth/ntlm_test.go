package httpauth

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-krb5/krb5/keytab"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The example of [MS-NLMP] 4.2.4.
func TestSpecificationExample(t *testing.T) {
	key := ownerKey("Password", "User", "Domain")
	if want := unhex(t, "0c868a403bfd7a93a3001ef22ef02e3f"); !bytes.Equal(key, want) {
		t.Fatalf("NTOWFv2 is %x", key)
	}
	temp := unhex(t, "01010000000000000000000000000000aaaaaaaaaaaaaaaa00000000"+
		"02000c0044006f006d00610069006e00"+"01000c00530065007200760065007200"+"00000000"+"00000000")
	proof := mac(key, unhex(t, "0123456789abcdef"), temp)
	if want := unhex(t, "68cd0ab851e51c96aabc927bebef6a1c"); !bytes.Equal(proof, want) {
		t.Fatalf("NTProofStr is %x", proof)
	}
	session := mac(key, proof)
	if want := unhex(t, "8de40ccadbc14a82f15cb0ad0de95ca3"); !bytes.Equal(session, want) {
		t.Fatalf("the session key is %x", session)
	}
	m := &authenticate{flags: flagKeyExchange | flagSign | flagSeal | flagSession | flag128, sessionKey: unhex(t, "c5dad2544fc9799094ce1ce90bc9d03e")}
	exported, err := m.exportedKey(session)
	if want := bytes.Repeat([]byte{0x55}, 16); err != nil || !bytes.Equal(exported, want) {
		t.Fatalf("the exchanged key is %x, %v", exported, err)
	}
	// The example seals "Plaintext" first, which moves the cipher on.
	s := newSession(exported, m.flags)
	text := toUTF16("Plaintext")
	s.client.sealing.XORKeyStream(make([]byte, len(text)), text)
	if got, want := s.client.sign(text), unhex(t, "010000007fb38ec5c55d497600000000"); !bytes.Equal(got, want) {
		t.Errorf("the signature is %x", got)
	}
	r, err := parseResponse(append(bytes.Clone(proof), temp...))
	if err != nil || fromUTF16(r.attributes[avComputer]) != "Server" || fromUTF16(r.attributes[avDomain]) != "Domain" {
		t.Errorf("%+v, %v", r, err)
	}
}

// client makes the messages of a client, good or bad ones.
type client struct {
	user, domain, password string
	at                     time.Time
	binding                *binding
	mic                    bool
	// spoil changes the AUTHENTICATE message when all is done.
	spoil func([]byte)
	// nt and lm, if not nil, are answered in place of NTLMv2.
	nt, lm []byte
}

func negotiateOf(flags uint32) []byte {
	m := append([]byte(ntlmSignature), typeNegotiate, 0, 0, 0)
	m = binary.LittleEndian.AppendUint32(m, flags)
	return append(m, make([]byte, 16)...)
}

func (c *client) authenticate(negotiate, challenge []byte) []byte {
	var attributes []byte
	add := func(id uint16, value []byte) {
		attributes = binary.LittleEndian.AppendUint16(attributes, id)
		attributes = binary.LittleEndian.AppendUint16(attributes, uint16(len(value)))
		attributes = append(attributes, value...)
	}
	if c.mic {
		add(avFlags, []byte{avFlagMIC, 0, 0, 0})
	}
	if c.binding != nil {
		add(avChannelBindings, c.binding[:])
	}
	add(avEnd, nil)
	temp := append([]byte{1, 1, 0, 0, 0, 0, 0, 0}, binary.LittleEndian.AppendUint64(nil, toFiletime(c.at))...)
	temp = append(append(append(temp, "nonceXYZ"...), 0, 0, 0, 0), attributes...)
	key := ownerKey(c.password, c.user, c.domain)
	proof := mac(key, challenge[24:32], temp)
	nt, lm := append(bytes.Clone(proof), temp...), make([]byte, 24)
	if c.lm != nil {
		nt, lm = c.nt, c.lm
	}
	user, domain := toUTF16(c.user), toUTF16(c.domain)
	m := append([]byte(ntlmSignature), typeAuthenticate, 0, 0, 0)
	offset := micAt + micSize
	var payload []byte
	for _, part := range [][]byte{lm, nt, domain, user, nil, nil} {
		m = appendField(m, len(part), offset+len(payload))
		payload = append(payload, part...)
	}
	m = binary.LittleEndian.AppendUint32(m, flagUnicode|flagNTLM|flagSession)
	m = append(m, make([]byte, 8+micSize)...)
	m = append(m, payload...)
	if c.mic {
		copy(m[micAt:], mac(mac(key, proof), negotiate, challenge, m))
	}
	if c.spoil != nil {
		c.spoil(m)
	}
	return m
}

// ask sends one request with an Authorization header, or without.
func ask(t *testing.T, hc *http.Client, url, authorization string) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	resp, err := hc.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(resp.Header.Get("WWW-Authenticate"), " ")
	token, err := decode(text)
	if err != nil {
		token = nil
	}
	return resp, token
}

func TestNTLMIsJudged(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	s := serve(t, true, func(o *Options) { o.Now = func() time.Time { return now } })
	right := *bindingOf(s.Certificate())
	wrong := right
	wrong[0]++
	for _, c := range []struct {
		name   string
		change func(*client)
		reason string
	}{
		{"plain", func(*client) {}, ""},
		{"MIC and binding", func(c *client) { c.mic, c.binding = true, &right }, ""},
		{"no domain", func(c *client) { c.domain = "" }, ""},
		{"the domain in DNS", func(c *client) { c.domain = "Contoso.Example" }, ""},
		{"principal name", func(c *client) { c.user, c.domain = "Anna@Contoso.example", "" }, ""},
		{"zero binding", func(c *client) { c.binding = &binding{} }, ""},
		{"a day off", func(c *client) { c.at = now.Add(-24 * time.Hour) }, ""},
		{"two days off", func(c *client) { c.at = now.Add(48 * time.Hour) }, "clock is 48h0m0s off"},
		{"wrong binding", func(c *client) { c.binding = &wrong }, "another TLS connection"},
		{"wrong MIC", func(c *client) { c.mic, c.spoil = true, func(m []byte) { m[micAt]++ } }, "the MIC is wrong"},
		{"changed flags", func(c *client) { c.mic, c.spoil = true, func(m []byte) { m[60] ^= flagSign } }, "the MIC is wrong"},
		{"MIC promised, none sent", func(c *client) { c.mic, c.spoil = true, func(m []byte) { clear(m[micAt : micAt+micSize]) } }, "the MIC is wrong"},
		{"wrong password", func(c *client) { c.password = "Passwort" }, "the password of anna@contoso.example is wrong"},
		{"nobody", func(c *client) { c.user = "eve" }, `nobody is called "eve"`},
		{"a strange domain", func(c *client) { c.domain = "FABRIKAM" }, `of domain "FABRIKAM"`},
		{"anonymous", func(c *client) { c.user, c.domain, c.nt, c.lm = "", "", nil, []byte{0} }, "anonymous"},
		{"NTLMv1", func(c *client) { c.nt, c.lm = make([]byte, 24), make([]byte, 24) }, "NTLMv1, which is refused"},
		{"LM alone", func(c *client) { c.lm = make([]byte, 24) }, "LM alone, which is refused"},
		{"short response", func(c *client) { c.nt, c.lm = make([]byte, 30), make([]byte, 24) }, "cut off"},
		{"a version to come", func(c *client) { c.nt, c.lm = bytes.Repeat([]byte{2}, 64), make([]byte, 24) }, "not of NTLMv2"},
		{"a field outside", func(c *client) { c.spoil = func(m []byte) { m[40] = 0xff; m[41] = 0xff } }, "cut off"},
	} {
		a := &client{user: "anna", domain: "CONTOSO", password: passwords["anna"], at: now}
		c.change(a)
		hc := s.client()
		negotiate := negotiateOf(flagUnicode | flagNTLM | flagSession)
		resp, challenge := ask(t, hc, s.URL, "NTLM "+encode(negotiate))
		if resp.StatusCode != 401 || !isNTLM(challenge) || len(resp.Header.Values("WWW-Authenticate")) != 1 {
			t.Fatalf("%s: HTTP %d, %q", c.name, resp.StatusCode, resp.Header.Values("WWW-Authenticate"))
		}
		resp, _ = ask(t, hc, s.URL, "NTLM "+encode(a.authenticate(negotiate, challenge)))
		reason := s.seen()
		if (resp.StatusCode == 200) != (c.reason == "") || !strings.Contains(reason, c.reason) || c.reason == "" && reason != "" {
			t.Errorf("%s: HTTP %d, refused with %q", c.name, resp.StatusCode, reason)
		}
		if offered := resp.Header.Values("WWW-Authenticate"); resp.StatusCode == 401 && strings.Join(offered, "; ") != `Negotiate; NTLM; Basic realm="contoso.example"` {
			t.Errorf("%s: it offers %q", c.name, offered)
		}
		hc.CloseIdleConnections()
	}
}

// A connection is its user's, and nobody else's.
func TestNTLMSignsAConnectionIn(t *testing.T) {
	s := serve(t, false, nil)
	hc := s.client()
	defer hc.CloseIdleConnections()
	a := &client{user: "anna", domain: "CONTOSO", password: passwords["anna"], at: time.Now()}
	negotiate := negotiateOf(flagUnicode | flagNTLM)
	signIn := func() *http.Response {
		_, challenge := ask(t, hc, s.URL, "NTLM "+encode(negotiate))
		resp, _ := ask(t, hc, s.URL, "NTLM "+encode(a.authenticate(negotiate, challenge)))
		return resp
	}
	if resp := signIn(); resp.StatusCode != 200 || resp.Header.Get("Persistent-Auth") != "true" {
		t.Fatalf("HTTP %d %v", resp.StatusCode, resp.Header)
	}
	for range 3 {
		if resp, _ := ask(t, hc, s.URL, ""); resp.StatusCode != 200 || resp.Header.Get("X-User") != "anna@contoso.example" {
			t.Fatalf("the connection is nobody's: HTTP %d", resp.StatusCode)
		}
	}
	other := s.client()
	defer other.CloseIdleConnections()
	if resp, _ := ask(t, other, s.URL, ""); resp.StatusCode != 401 {
		t.Errorf("another connection: HTTP %d", resp.StatusCode)
	}
	// Another header, even one that is refused, ends it.
	for _, header := range []string{"Basic " + encode([]byte("anna:wrong")), "Bearer x", "NTLM !", "NTLM", "Digest x", "NTLM " + encode(negotiate)} {
		if resp := signIn(); resp.StatusCode != 200 {
			t.Fatalf("HTTP %d, refused with %q", resp.StatusCode, s.seen())
		}
		if resp, _ := ask(t, hc, s.URL, header); resp.StatusCode != 401 {
			t.Errorf("%s: HTTP %d", header, resp.StatusCode)
		}
		if resp, _ := ask(t, hc, s.URL, ""); resp.StatusCode != 401 {
			t.Errorf("after %s the connection is still somebody's", header)
		}
	}

	// A challenge is for one answer, over the connection that it came by.
	_, challenge := ask(t, hc, s.URL, "NTLM "+encode(negotiate))
	answer := "NTLM " + encode(a.authenticate(negotiate, challenge))
	s.seen()
	if resp, _ := ask(t, other, s.URL, answer); resp.StatusCode != 401 || !strings.Contains(s.seen(), "the connection of the challenge was not kept") {
		t.Errorf("an answer over another connection: HTTP %d", resp.StatusCode)
	}
	if resp, _ := ask(t, hc, s.URL, answer); resp.StatusCode != 200 {
		t.Errorf("an answer over its connection: HTTP %d", resp.StatusCode)
	}
	if resp, _ := ask(t, hc, s.URL, answer); resp.StatusCode != 401 {
		t.Errorf("an answer that was used: HTTP %d", resp.StatusCode)
	}
}

// Without TLS there is nothing to bind to.
func TestExtendedProtectionWithoutTLS(t *testing.T) {
	s := serve(t, false, func(o *Options) { o.Protection = ProtectionRequire })
	hc := s.client()
	defer hc.CloseIdleConnections()
	a := &client{user: "anna", domain: "CONTOSO", password: passwords["anna"], at: time.Now(), binding: &binding{1}}
	negotiate := negotiateOf(flagUnicode | flagNTLM)
	_, challenge := ask(t, hc, s.URL, "NTLM "+encode(negotiate))
	resp, _ := ask(t, hc, s.URL, "NTLM "+encode(a.authenticate(negotiate, challenge)))
	if reason := s.seen(); resp.StatusCode != 401 || !strings.Contains(reason, "knows no certificate") {
		t.Errorf("HTTP %d, refused with %q", resp.StatusCode, reason)
	}
}

// What is not offered is not taken.
func TestSchemesThatAreNotOffered(t *testing.T) {
	s := serve(t, true, func(o *Options) { o.Schemes = []Scheme{Basic} })
	hc := s.client()
	defer hc.CloseIdleConnections()
	for _, scheme := range []string{"NTLM ", "Negotiate ", "negotiate "} {
		resp, _ := ask(t, hc, s.URL, scheme+encode(negotiateOf(flagUnicode)))
		if offered := resp.Header.Values("WWW-Authenticate"); resp.StatusCode != 401 || len(offered) != 1 || !strings.HasPrefix(offered[0], "Basic") || !strings.Contains(s.seen(), "is not offered") {
			t.Errorf("%s: HTTP %d, %q", scheme, resp.StatusCode, offered)
		}
	}
}

// IIS does not offer NTLM over HTTP/2, which has one connection for all.
func TestHTTP2IsNoPlaceForNTLM(t *testing.T) {
	s := serve(t, true, nil)
	over2 := &http.Request{ProtoMajor: 2, Header: http.Header{"Authorization": {"NTLM " + encode(negotiateOf(flagUnicode))}}}
	over2 = over2.WithContext(ConnContext(t.Context(), nil))
	if got := s.auth.authenticate(http.Header{}, over2); got.refusal == nil || got.refusal.Continues || !strings.Contains(got.refusal.Reason, "HTTP/2") {
		t.Errorf("%+v", got.refusal)
	}
}

func FuzzToken(f *testing.F) {
	a := New(Options{Schemes: Schemes(), Accounts: accounts, Keytab: &Keytab{keys: keytab.New(), used: map[usedToken]time.Time{}}})
	negotiate := negotiateOf(flagUnicode | flagNTLM | flagSession)
	h, err := a.challenge(negotiate)
	if err != nil {
		f.Fatal(err)
	}
	c := &client{user: "anna", domain: "CONTOSO", password: passwords["anna"], at: time.Now(), mic: true, binding: &binding{1}}
	third := c.authenticate(negotiate, h.challenge)
	f.Add(negotiate)
	f.Add(third)
	f.Add(framed(oidSPNEGO, []byte("\xa0\x10\x30\x0e\xa0\x0c\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x02\x02\x0a")))
	f.Add((&tokenResponse{state: acceptIncomplete, token: third, mic: make([]byte, 16)}).marshal())
	f.Add(framed(oidKRB5, []byte(kindAPReq+"\x6e\x03\x30\x01\x00")))
	f.Fuzz(func(t *testing.T, token []byte) {
		r := &http.Request{ProtoMajor: 1}
		for _, waiting := range []handshake{nil, h, &negotiation{mech: oidNTLM, ntlm: h, list: []byte("list")}, &negotiation{mech: oidNTLM, first: true}} {
			for _, scheme := range []Scheme{NTLM, Negotiate} {
				s := a.token(r, scheme, encode(token), waiting)
				if s.user != nil && !bytes.Contains(token, third[:len(ntlmSignature)+4]) {
					t.Errorf("%x signs %s in", token, s.user.Name)
				}
				if s.user == nil && s.refusal == nil && (s.reply == nil || s.more == nil) {
					t.Errorf("%x leads nowhere", token)
				}
			}
		}
	})
}

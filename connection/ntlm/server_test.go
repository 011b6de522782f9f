package ntlm

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	//lint:ignore SA1019 NTLM is built on MD4
	"golang.org/x/crypto/md4"
)

// server is a web server that signs network connections in as IIS does,
// written from [MS-NLMP] without the client's code. It insists on the MIC and,
// over TLS, on the channel binding.
type server struct {
	*httptest.Server
	// passwords are by the name as it is in the messages: domain, backslash,
	// user.
	passwords map[string]string
	scheme    string
	// lax asks for the password alone, neither MIC nor binding.
	lax bool
	// hook, if not nil, answers a request in place of the server; it reports
	// whether it has.
	hook func(s *server, c *serverConn, w http.ResponseWriter, r *http.Request) bool

	mu      sync.Mutex
	log     []string // what came, one word a request
	bodies  []string // of the requests that were let in
	conns   int
	unasked int // requests without credentials on a connection that is nobody's
	refusal string
}

// serverConn is what the server knows of a network connection.
type serverConn struct {
	net.Conn
	negotiate, challenge []byte
	user                 string
	requests             int
}

type connKey struct{}

// serve starts a server, with TLS or without.
func serve(t *testing.T, secure bool, setup ...func(*server)) *server {
	t.Helper()
	s := &server{scheme: "NTLM", passwords: map[string]string{
		`CONTOSO\anna`:      "Pässword",
		`\anna@contoso.com`: "Pässword",
		`\anna`:             "Pässword",
	}}
	for _, set := range setup {
		set(s)
	}
	s.Server = httptest.NewUnstartedServer(s)
	s.Config.ConnContext = func(ctx context.Context, nc net.Conn) context.Context {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.conns++
		return context.WithValue(ctx, connKey{}, &serverConn{Conn: nc})
	}
	if secure {
		s.EnableHTTP2 = true // which the client must not take up
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

func (s *server) note(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, what)
}

// seen returns what came since the last call.
func (s *server) seen() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	log := strings.Join(s.log, " ")
	s.log = nil
	return log
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, _ := r.Context().Value(connKey{}).(*serverConn)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	c.requests++
	if s.hook != nil && s.hook(s, c, w, r) {
		return
	}
	if r.ProtoMajor != 1 {
		s.note("HTTP/2")
		w.WriteHeader(http.StatusHTTPVersionNotSupported)
		return
	}
	scheme, text, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if text == "" && c.user == "" {
		s.mu.Lock()
		s.unasked++
		s.mu.Unlock()
	}
	if text != "" {
		if !s.handshake(c, w, r, scheme, text, len(body)) {
			return
		}
	}
	if c.user == "" {
		s.note("stranger")
		s.refuse(w, "nobody has signed in")
		return
	}
	s.note("request")
	s.mu.Lock()
	s.bodies = append(s.bodies, string(body))
	s.mu.Unlock()
	w.Header().Set("X-User", c.user)
	_, _ = fmt.Fprintf(w, "echo %s", body)
}

func (s *server) refuse(w http.ResponseWriter, why string) {
	s.mu.Lock()
	s.refusal = why
	s.mu.Unlock()
	w.Header().Set("WWW-Authenticate", s.scheme)
	w.Header().Add("WWW-Authenticate", `Basic realm="a, b"`)
	w.WriteHeader(http.StatusUnauthorized)
	_, _ = io.WriteString(w, strings.Repeat("not authorized ", 100))
}

// handshake handles an Authorization header. It reports whether the request is
// let in, and answers it where not.
func (s *server) handshake(c *serverConn, w http.ResponseWriter, r *http.Request, scheme, text string, body int) bool {
	message, err := base64.StdEncoding.DecodeString(text)
	if err != nil || scheme != s.scheme || len(message) < 32 {
		s.note("other")
		s.refuse(w, "no NTLM message")
		return false
	}
	switch message[8] {
	case 1:
		s.note("negotiate")
		if body != 0 {
			s.note("BODY")
		}
		c.user, c.negotiate = "", message
		c.challenge = serverChallenge()
		w.Header().Set("WWW-Authenticate", s.scheme+" "+base64.StdEncoding.EncodeToString(c.challenge))
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, strings.Repeat("not yet authorized ", 100))
		return false
	case 3:
		s.note("authenticate")
		challenge := c.challenge
		c.challenge = nil
		user, why := s.verify(c.negotiate, challenge, message, binding(s.Server, r))
		if why != "" {
			s.refuse(w, why)
			return false
		}
		c.user = user
		return true
	}
	s.refuse(w, "an odd message")
	return false
}

// binding is what the server expects as the channel binding.
func binding(s *httptest.Server, r *http.Request) []byte {
	if r.TLS == nil {
		return make([]byte, 16)
	}
	application := endPoint(s)
	b := append(make([]byte, 16), byte(len(application)), 0, 0, 0)
	sum := md5.Sum(append(b, application...))
	return sum[:]
}

// endPoint is the application data of the channel binding, for a certificate
// signed with SHA-256, as httptest's is.
func endPoint(s *httptest.Server) []byte {
	sum := sha256.Sum256(s.Certificate().Raw)
	return append([]byte("tls-server-end-point:"), sum[:]...)
}

// serverChallenge is a CHALLENGE as Exchange Server 2019 sends it.
func serverChallenge() []byte {
	name := wide("CONTOSO")
	var info []byte
	for _, av := range []struct {
		id    byte
		value []byte
	}{{2, name}, {1, wide("EX1")}, {4, wide("contoso.com")}, {3, wide("ex1.contoso.com")}, {7, []byte{0, 1, 2, 3, 4, 5, 0xdc, 1}}, {0, nil}} {
		info = append(info, av.id, 0, byte(len(av.value)), 0)
		info = append(info, av.value...)
	}
	m := make([]byte, 56)
	copy(m, "NTLMSSP\x00\x02")
	binary.LittleEndian.PutUint16(m[12:], uint16(len(name)))
	binary.LittleEndian.PutUint16(m[14:], uint16(len(name)))
	binary.LittleEndian.PutUint32(m[16:], 56)
	binary.LittleEndian.PutUint32(m[20:], 0xa2898205)
	copy(m[24:], "challeng")
	binary.LittleEndian.PutUint16(m[40:], uint16(len(info)))
	binary.LittleEndian.PutUint16(m[42:], uint16(len(info)))
	binary.LittleEndian.PutUint32(m[44:], uint32(56+len(name)))
	copy(m[48:], []byte{10, 0, 0x63, 0x45, 0, 0, 0, 15})
	return append(append(m, name...), info...)
}

func wide(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}

func narrow(b []byte) string {
	var units []uint16
	for i := 0; i+1 < len(b); i += 2 {
		units = append(units, uint16(b[i])|uint16(b[i+1])<<8)
	}
	return string(utf16.Decode(units))
}

// verify judges an AUTHENTICATE message; why is "" where it is good.
func (s *server) verify(negotiate, challenge, m, binding []byte) (user, why string) {
	if challenge == nil {
		return "", "no handshake on this connection"
	}
	if len(m) < 64 {
		return "", "too short"
	}
	field := func(at int) []byte {
		length, offset := int(binary.LittleEndian.Uint16(m[at:])), int(binary.LittleEndian.Uint32(m[at+4:]))
		if offset+length > len(m) {
			return nil
		}
		return m[offset : offset+length]
	}
	name, domain, nt := narrow(field(36)), narrow(field(28)), field(20)
	password, known := s.passwords[domain+`\`+name]
	if !known || len(nt) < 44 {
		return "", "no such user: " + domain + `\` + name
	}
	mac := func(key []byte, parts ...[]byte) []byte {
		h := hmac.New(md5.New, key)
		for _, p := range parts {
			h.Write(p)
		}
		return h.Sum(nil)
	}
	hash := md4.New()
	hash.Write(wide(password))
	key := mac(hash.Sum(nil), wide(strings.ToUpper(name)+domain))
	if !hmac.Equal(nt[:16], mac(key, challenge[24:32], nt[16:])) {
		return "", "wrong password"
	}
	if s.lax {
		return domain + `\` + name, ""
	}
	if len(m) < 88 {
		return "", "no MIC"
	}
	session := mac(key, nt[:16])
	unsealed := bytes.Clone(m)
	clear(unsealed[72:88])
	if !hmac.Equal(m[72:88], mac(session, negotiate, challenge, unsealed)) {
		return "", "wrong MIC"
	}
	var promised, bound bool
	for info := nt[44:]; len(info) >= 4 && info[0] != 0; {
		length := int(binary.LittleEndian.Uint16(info[2:]))
		value := info[4 : 4+length]
		switch info[0] {
		case 6:
			promised = value[0]&2 != 0
		case 10:
			bound = bytes.Equal(value, binding)
		}
		info = info[4+length:]
	}
	switch {
	case !promised:
		return "", "no MIC is promised"
	case !bound:
		return "", "wrong channel binding"
	}
	return domain + `\` + name, ""
}

// transport returns a transport to the server.
func (s *server) transport(t *testing.T, user, password string) *Transport {
	t.Helper()
	tr := NewTransport(s.base(), NewCredentials(user, password))
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}

func (s *server) base() *http.Transport {
	base := &http.Transport{TLSClientConfig: new(tls.Config), ForceAttemptHTTP2: true}
	if client, ok := s.Client().Transport.(*http.Transport); ok && client.TLSClientConfig != nil {
		base.TLSClientConfig.RootCAs = client.TLSClientConfig.RootCAs
	}
	return base
}

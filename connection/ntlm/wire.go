package ntlm

import (
	"encoding/binary"
	"unicode/utf16"
)

// signature begins every message, and the type of the message follows it.
const signature = "NTLMSSP\x00"

// The types of message ([MS-NLMP] 2.2.1).
const (
	typeNegotiate    = 1
	typeChallenge    = 2
	typeAuthenticate = 3
)

// flags are the NEGOTIATE flags ([MS-NLMP] 2.2.2.5).
type flags uint32

const (
	flagUnicode                 flags = 1 << 0
	flagRequestTarget           flags = 1 << 2
	flagNTLM                    flags = 1 << 9
	flagAlwaysSign              flags = 1 << 15
	flagExtendedSessionSecurity flags = 1 << 19
	flagTargetInfo              flags = 1 << 23
	flag128                     flags = 1 << 29
	flag56                      flags = 1 << 31
)

// offered is what the client asks for. Without signing and sealing no key is
// exchanged, so that the session key is the user's own.
const offered = flagUnicode | flagRequestTarget | flagNTLM | flagAlwaysSign | flagExtendedSessionSecurity | flagTargetInfo | flag128 | flag56

var little = binary.LittleEndian

// utf16le returns s as the messages write text.
func utf16le(s string) []byte {
	units := utf16.Encode([]rune(s))
	b := make([]byte, 0, 2*len(units))
	for _, u := range units {
		b = little.AppendUint16(b, u)
	}
	return b
}

// payload gathers the variable part of a message behind its fixed header.
type payload struct {
	header []byte
	data   []byte
}

// field appends data to the payload, and its length, allocated length and
// offset to the header at position at.
func (p *payload) field(at int, data []byte) {
	little.PutUint16(p.header[at:], uint16(len(data)))
	little.PutUint16(p.header[at+2:], uint16(len(data)))
	little.PutUint32(p.header[at+4:], uint32(len(p.header)+len(p.data)))
	p.data = append(p.data, data...)
}

func (p *payload) message() []byte { return append(p.header, p.data...) }

// newPayload begins a message with a fixed header of so many bytes.
func newPayload(kind uint32, size int) *payload {
	p := &payload{header: make([]byte, size)}
	copy(p.header, signature)
	little.PutUint32(p.header[len(signature):], kind)
	return p
}

package httpauth

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf16"
)

// The flags of a negotiation that matter here ([MS-NLMP] 2.2.2.5).
const (
	flagUnicode       = 1 << 0
	flagOEM           = 1 << 1
	flagRequestTarget = 1 << 2
	flagSign          = 1 << 4
	flagSeal          = 1 << 5
	flagNTLM          = 1 << 9
	flagAlwaysSign    = 1 << 15
	flagTargetDomain  = 1 << 16
	flagSession       = 1 << 19 // extended session security
	flagTargetInfo    = 1 << 23
	flagVersion       = 1 << 25
	flag128           = 1 << 29
	flagKeyExchange   = 1 << 30
	flag56            = 1 << 31
)

// The attributes of a target information ([MS-NLMP] 2.2.2.1).
const (
	avEnd             = 0
	avComputer        = 1
	avDomain          = 2
	avDNSComputer     = 3
	avDNSDomain       = 4
	avFlags           = 6
	avTimestamp       = 7
	avChannelBindings = 10

	avFlagMIC = 2
)

const (
	ntlmSignature = "NTLMSSP\x00"

	typeNegotiate    = 1
	typeChallenge    = 2
	typeAuthenticate = 3

	// maxMessage bounds a message of a client, in bytes. Those of today's
	// clients have less than one kilobyte.
	maxMessage = 16 << 10
)

// errShort: a message ends too early, or a field of it points outside.
var errShort = errors.New("the message is cut off")

func isNTLM(token []byte) bool { return bytes.HasPrefix(token, []byte(ntlmSignature)) }

// messageType is the type of what isNTLM, or 0.
func messageType(m []byte) uint32 {
	if len(m) < 12 {
		return 0
	}
	return binary.LittleEndian.Uint32(m[8:])
}

// negotiation is what a NEGOTIATE message says: its flags. The names that it may
// have are of a client that is a member of a domain, and mean nothing here.
func parseNegotiate(m []byte) (flags uint32, err error) {
	if len(m) < 16 || len(m) > maxMessage {
		return 0, errShort
	}
	flags = binary.LittleEndian.Uint32(m[12:])
	if flags&(flagUnicode|flagOEM) == 0 {
		return 0, errors.New("the message offers neither Unicode nor OEM texts")
	}
	return flags, nil
}

// answerFlags are the flags of a CHALLENGE to a NEGOTIATE message's.
func answerFlags(asked uint32) uint32 {
	flags := uint32(flagNTLM | flagRequestTarget | flagTargetDomain | flagTargetInfo | flagAlwaysSign)
	flags |= asked & (flagSign | flagSeal | flagSession | flagVersion | flag128 | flagKeyExchange | flag56)
	if asked&flagUnicode != 0 {
		return flags | flagUnicode
	}
	return flags | flagOEM
}

// challengeMessage writes a CHALLENGE ([MS-NLMP] 2.2.1.2).
func challengeMessage(flags uint32, challenge [8]byte, names Names, filetime uint64) []byte {
	target := []byte(names.Domain)
	if flags&flagUnicode != 0 {
		target = toUTF16(names.Domain)
	}
	var info []byte
	attribute := func(id uint16, value []byte) {
		info = binary.LittleEndian.AppendUint16(info, id)
		info = binary.LittleEndian.AppendUint16(info, uint16(len(value)))
		info = append(info, value...)
	}
	for _, n := range []struct {
		id   uint16
		name string
	}{{avDomain, names.Domain}, {avComputer, names.Computer}, {avDNSDomain, names.DNSDomain}, {avDNSComputer, names.DNSComputer}} {
		if n.name != "" {
			attribute(n.id, toUTF16(n.name)) // Unicode whatever was negotiated
		}
	}
	attribute(avTimestamp, binary.LittleEndian.AppendUint64(nil, filetime))
	attribute(avEnd, nil)

	const header = 56
	m := append([]byte(ntlmSignature), typeChallenge, 0, 0, 0)
	m = appendField(m, len(target), header)
	m = binary.LittleEndian.AppendUint32(m, flags)
	m = append(m, challenge[:]...)
	m = append(m, make([]byte, 8)...)
	m = appendField(m, len(info), header+len(target))
	version := make([]byte, 8)
	if flags&flagVersion != 0 {
		// Windows Server 2022, and the revision of NTLM.
		copy(version, []byte{10, 0, 0x7c, 0x4f, 0, 0, 0, 15})
	}
	return append(append(append(m, version...), target...), info...)
}

func appendField(m []byte, length, offset int) []byte {
	m = binary.LittleEndian.AppendUint16(m, uint16(length))
	m = binary.LittleEndian.AppendUint16(m, uint16(length))
	return binary.LittleEndian.AppendUint32(m, uint32(offset))
}

// authenticate is what an AUTHENTICATE message says ([MS-NLMP] 2.2.1.3).
type authenticate struct {
	raw          []byte
	lm, nt       []byte
	domain, user string
	sessionKey   []byte // encrypted
	flags        uint32
}

// micAt is where the MIC is, in messages that have one.
const micAt, micSize = 72, 16

func parseAuthenticate(m []byte) (*authenticate, error) {
	if len(m) < 64 || len(m) > maxMessage {
		return nil, errShort
	}
	a := &authenticate{raw: m, flags: binary.LittleEndian.Uint32(m[60:])}
	var err error
	field := func(at int) []byte {
		length, offset := int(binary.LittleEndian.Uint16(m[at:])), int(binary.LittleEndian.Uint32(m[at+4:]))
		if length == 0 {
			return nil
		}
		if offset < 0 || offset > len(m) || length > len(m)-offset {
			err = errShort
			return nil
		}
		return m[offset : offset+length]
	}
	a.lm, a.nt, a.sessionKey = field(12), field(20), field(52)
	domain, user := field(28), field(36)
	if err != nil {
		return nil, err
	}
	a.domain, a.user = a.text(domain), a.text(user)
	return a, nil
}

// text reads a name. One of the OEM charset is taken for Latin-1: which one the
// client has the message does not tell, and they agree in ASCII.
func (a *authenticate) text(b []byte) string {
	if a.flags&flagUnicode != 0 {
		return fromUTF16(b)
	}
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return string(runes)
}

// response is an NTLMv2_RESPONSE ([MS-NLMP] 2.2.2.8): a proof, and what it
// proves beside the password.
type response struct {
	proof, temp []byte
	filetime    uint64
	attributes  map[uint16][]byte
}

// temp begins with its version, the time, and the client's challenge.
const tempHeader = 28

func parseResponse(nt []byte) (*response, error) {
	if len(nt) < 16+tempHeader {
		return nil, errShort
	}
	r := &response{proof: nt[:16], temp: nt[16:], attributes: map[uint16][]byte{}}
	if r.temp[0] != 1 || r.temp[1] != 1 {
		return nil, fmt.Errorf("the response is of version %d, not of NTLMv2", r.temp[0])
	}
	r.filetime = binary.LittleEndian.Uint64(r.temp[8:])
	for rest := r.temp[tempHeader:]; len(rest) >= 4; {
		id, length := binary.LittleEndian.Uint16(rest), int(binary.LittleEndian.Uint16(rest[2:]))
		if id == avEnd {
			break
		}
		if length > len(rest)-4 {
			return nil, errShort
		}
		r.attributes[id] = rest[4 : 4+length]
		rest = rest[4+length:]
	}
	return r, nil
}

// promisesMIC reports whether the response says that the message has a MIC.
func (r *response) promisesMIC() bool {
	v := r.attributes[avFlags]
	return len(v) == 4 && binary.LittleEndian.Uint32(v)&avFlagMIC != 0
}

// binding is the channel binding that the response holds.
func (r *response) binding() (b binding) {
	copy(b[:], r.attributes[avChannelBindings])
	return b
}

func toUTF16(s string) []byte {
	var b []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return b
}

func fromUTF16(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}

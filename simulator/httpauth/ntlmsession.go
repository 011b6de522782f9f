package httpauth

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/rc4"
	"encoding/binary"
)

// ntlmSession signs what follows a handshake ([MS-NLMP] 3.4.4.2). SPNEGO has its
// list of mechanisms signed by it, once in each direction.
type ntlmSession struct {
	client, server direction
}

// direction signs what one side sends.
type direction struct {
	signing []byte
	// sealing is nil where keys are not exchanged: the checksum then goes as it
	// is.
	sealing *rc4.Cipher
	number  uint32
}

// newSession returns nil where the client did not ask for extended session
// security, without which nothing is signed here.
func newSession(exported []byte, flags uint32) *ntlmSession {
	if flags&flagSession == 0 {
		return nil
	}
	of := func(way string) direction {
		d := direction{signing: derived(exported, "session key to "+way+" signing key magic constant\x00")}
		if flags&flagKeyExchange == 0 {
			return d
		}
		weak := exported
		switch {
		case flags&flag128 != 0:
		case flags&flag56 != 0:
			weak = exported[:7]
		default:
			weak = exported[:5]
		}
		// A key of 16 bytes is always good.
		d.sealing, _ = rc4.NewCipher(derived(weak, "session key to "+way+" sealing key magic constant\x00"))
		return d
	}
	return &ntlmSession{client: of("client-to-server"), server: of("server-to-client")}
}

func derived(key []byte, text string) []byte {
	sum := md5.Sum(append(append([]byte(nil), key...), text...))
	return sum[:]
}

// sign returns the signature of a direction's next message ([MS-NLMP] 2.2.2.9.1).
func (d *direction) sign(message []byte) []byte {
	number := binary.LittleEndian.AppendUint32(nil, d.number)
	d.number++
	checksum := mac(d.signing, number, message)[:8]
	if d.sealing != nil {
		d.sealing.XORKeyStream(checksum, checksum)
	}
	return append(append([]byte{1, 0, 0, 0}, checksum...), number...)
}

// signed checks a signature of the client's.
func (s *ntlmSession) signed(message, signature []byte) bool {
	return hmac.Equal(s.client.sign(message), signature)
}

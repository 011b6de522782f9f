package httpauth

import (
	"encoding/asn1"
	"errors"

	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// The mechanisms and the frame that they come in.
var (
	oidSPNEGO = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 2}
	oidNTLM   = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 2, 2, 10}
	oidKRB5   = asn1.ObjectIdentifier{1, 2, 840, 113554, 1, 2, 2}
	// oidMSKRB5 is Kerberos with a number that lacks a bit, which Windows sends
	// too ([MS-SPNG] 3.1.5.2).
	oidMSKRB5 = asn1.ObjectIdentifier{1, 2, 840, 48018, 1, 2, 2}
)

// The states of a negotiation (RFC 4178 section 4.2.2).
const (
	acceptCompleted  = 0
	acceptIncomplete = 1
	requestMIC       = 3
)

var errDER = errors.New("the token is not what its tags say")

// tagged is a context-specific, constructed tag.
func tagged(n uint8) der.Tag { return der.Tag(n).ContextSpecific().Constructed() }

// tagFrame is that of a GSSAPI token (RFC 2743 section 3.1).
const tagFrame = der.Tag(0x60)

// unframe takes the frame of a token away and returns its mechanism.
func unframe(token []byte) (mech asn1.ObjectIdentifier, inner []byte, err error) {
	s := cryptobyte.String(token)
	var content cryptobyte.String
	if !s.ReadASN1(&content, tagFrame) || !content.ReadASN1ObjectIdentifier(&mech) {
		return nil, nil, errDER
	}
	return mech, content, nil
}

// framed puts a frame around a token.
func framed(mech asn1.ObjectIdentifier, inner []byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(tagFrame, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(mech)
		b.AddBytes(inner)
	})
	return b.BytesOrPanic() // which only lengths beyond 2^32 do
}

// tokenInit is a client's first token of SPNEGO, a NegTokenInit.
type tokenInit struct {
	// list is the encoded list of mechanisms, which gets signed.
	list  []byte
	mechs []asn1.ObjectIdentifier
	token []byte
}

// maxMechs bounds the list of mechanisms.
const maxMechs = 32

func parseInit(inner []byte) (*tokenInit, error) {
	s := cryptobyte.String(inner)
	var choice, sequence, list, token cryptobyte.String
	var has bool
	t := &tokenInit{}
	if !s.ReadASN1(&choice, tagged(0)) || !choice.ReadASN1(&sequence, der.SEQUENCE) ||
		!sequence.ReadASN1(&list, tagged(0)) {
		return nil, errDER
	}
	t.list = list
	var oids cryptobyte.String
	if !list.ReadASN1(&oids, der.SEQUENCE) {
		return nil, errDER
	}
	for !oids.Empty() && len(t.mechs) < maxMechs {
		var oid asn1.ObjectIdentifier
		if !oids.ReadASN1ObjectIdentifier(&oid) {
			return nil, errDER
		}
		t.mechs = append(t.mechs, oid)
	}
	if !sequence.SkipOptionalASN1(tagged(1)) || !sequence.ReadOptionalASN1(&token, &has, tagged(2)) ||
		has && !token.ReadASN1Bytes(&t.token, der.OCTET_STRING) {
		return nil, errDER
	}
	return t, nil
}

// tokenResponse is every later token, a NegTokenResp.
type tokenResponse struct {
	state      int64
	hasState   bool
	mech       asn1.ObjectIdentifier // nil for none
	token, mic []byte
}

func parseTokenResponse(token []byte) (*tokenResponse, error) {
	s := cryptobyte.String(token)
	var choice, sequence cryptobyte.String
	if !s.ReadASN1(&choice, tagged(1)) || !choice.ReadASN1(&sequence, der.SEQUENCE) {
		return nil, errDER
	}
	t := &tokenResponse{}
	for _, part := range []struct {
		tag  uint8
		read func(cryptobyte.String) bool
	}{
		{0, func(s cryptobyte.String) bool {
			t.hasState = true
			return s.ReadASN1Int64WithTag(&t.state, der.ENUM)
		}},
		{1, func(s cryptobyte.String) bool { return s.ReadASN1ObjectIdentifier(&t.mech) }},
		{2, func(s cryptobyte.String) bool { return s.ReadASN1Bytes(&t.token, der.OCTET_STRING) }},
		{3, func(s cryptobyte.String) bool { return s.ReadASN1Bytes(&t.mic, der.OCTET_STRING) }},
	} {
		var content cryptobyte.String
		var has bool
		if !sequence.ReadOptionalASN1(&content, &has, tagged(part.tag)) || has && !part.read(content) {
			return nil, errDER
		}
	}
	return t, nil
}

// marshal writes the token.
func (t *tokenResponse) marshal() []byte {
	var b cryptobyte.Builder
	b.AddASN1(tagged(1), func(b *cryptobyte.Builder) {
		b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(tagged(0), func(b *cryptobyte.Builder) { b.AddASN1Int64WithTag(t.state, der.ENUM) })
			if t.mech != nil {
				b.AddASN1(tagged(1), func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(t.mech) })
			}
			if t.token != nil {
				b.AddASN1(tagged(2), func(b *cryptobyte.Builder) { b.AddASN1OctetString(t.token) })
			}
			if t.mic != nil {
				b.AddASN1(tagged(3), func(b *cryptobyte.Builder) { b.AddASN1OctetString(t.mic) })
			}
		})
	})
	return b.BytesOrPanic() // which only lengths beyond 2^32 do
}

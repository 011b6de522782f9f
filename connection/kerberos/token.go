package kerberos

import (
	"encoding/asn1"
	"encoding/binary"
	"fmt"

	"github.com/go-krb5/krb5/messages"
	"github.com/go-krb5/krb5/types"

	"github.com/exconn/exconn/connection/channelbinding"
)

var (
	oidSPNEGO   = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 2}
	oidKerberos = asn1.ObjectIdentifier{1, 2, 840, 113554, 1, 2, 2}
)

// newToken returns an SPNEGO token with a new AP-REQ made from a ticket.
func newToken(t *ticket, binding channelbinding.Token) ([]byte, error) {
	authenticator, err := types.NewAuthenticator(t.realm, t.client)
	if err != nil {
		return nil, err
	}
	authenticator.Cksum = types.Checksum{CksumType: checksumType, Checksum: checksum(binding)}
	request, err := messages.NewAPReq(t.ticket, t.key, authenticator)
	if err != nil {
		return nil, err
	}
	raw, err := request.Marshal()
	if err != nil {
		return nil, err
	}
	const apReq = "\x01\x00" // RFC 4121 section 4.1
	mechToken, err := framed(oidKerberos, append([]byte(apReq), raw...))
	if err != nil {
		return nil, err
	}
	return negTokenInit(mechToken)
}

// checksumType is that of the checksum in place of which the GSSAPI carries
// its flags and bindings (RFC 4121 section 4.1.1).
const checksumType = 0x8003

// checksum returns the authenticator's checksum field: the bindings, and the
// services asked for, which for HTTP are confidentiality and integrity alone.
// Mutual authentication would need a second leg that IIS does not insist on;
// TLS has proved the server already.
func checksum(binding channelbinding.Token) []byte {
	const (
		confidentiality = 0x10
		integrity       = 0x20
	)
	b := binary.LittleEndian.AppendUint32(nil, channelbinding.Size)
	b = append(b, binding[:]...)
	return binary.LittleEndian.AppendUint32(b, confidentiality|integrity)
}

// negTokenInit wraps a Kerberos token for SPNEGO (RFC 4178 section 4.2.1).
func negTokenInit(mechToken []byte) ([]byte, error) {
	init, err := asn1.Marshal(struct {
		MechTypes []asn1.ObjectIdentifier `asn1:"explicit,tag:0"`
		MechToken []byte                  `asn1:"explicit,tag:2"`
	}{[]asn1.ObjectIdentifier{oidKerberos}, mechToken})
	if err != nil {
		return nil, fmt.Errorf("the SPNEGO token cannot be written: %w", err)
	}
	choice, err := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: init})
	if err != nil {
		return nil, fmt.Errorf("the SPNEGO token cannot be written: %w", err)
	}
	return framed(oidSPNEGO, choice)
}

// framed puts the frame of a GSSAPI mechanism around a token (RFC 2743 section
// 3.1).
func framed(mech asn1.ObjectIdentifier, inner []byte) ([]byte, error) {
	oid, err := asn1.Marshal(mech)
	if err != nil {
		return nil, fmt.Errorf("the GSSAPI token cannot be written: %w", err)
	}
	return asn1.Marshal(asn1.RawValue{Class: asn1.ClassApplication, Tag: 0, IsCompound: true, Bytes: append(oid, inner...)})
}

package httpauth

import (
	"crypto/rand"
	"encoding/binary"
	"net/http"
	"strings"

	"github.com/go-krb5/krb5/crypto"
	"github.com/go-krb5/krb5/iana/keyusage"
	"github.com/go-krb5/krb5/types"
	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

const mechanismKerberos = "Kerberos"

// The kinds of Kerberos tokens (RFC 4121 section 4.1).
const (
	kindAPReq = "\x01\x00"
	kindAPRep = "\x02\x00"
)

// kerberos takes a Kerberos token in its frame (RFC 4121). The reply is not nil
// where the client wants proof of the server.
func (a *Authenticator) kerberos(r *http.Request, token []byte) (user *Identity, reply []byte, refusal *Refusal) {
	if a.opts.Keytab == nil {
		return nil, nil, refused("Kerberos: there is no keytab here")
	}
	mech, inner, err := unframe(token)
	raw, request := strings.CutPrefix(string(inner), kindAPReq)
	if err != nil || !isKerberos(mech) || !request {
		return nil, nil, refused("Kerberos: an AP-REQ is due, something else came")
	}
	p, err := a.opts.Keytab.open([]byte(raw))
	if err != nil {
		return nil, nil, refused("Kerberos: %v", err)
	}
	if refusal := a.checkBinding(r, p.binding); refusal != nil {
		return nil, nil, refusal
	}
	client, realm := p.request.Authenticator.CName.PrincipalNameString(), p.request.Authenticator.CRealm
	if realm != p.request.Ticket.Realm {
		return nil, nil, refused("Kerberos: %s@%s is of another realm than the service", client, realm)
	}
	// The realm is the one whose keys are here: its domain, whatever its name.
	account, known := a.opts.Accounts(client, "")
	if !known {
		return nil, nil, refused("Kerberos: %s@%s has no account here", client, realm)
	}
	if p.mutual {
		if reply, err = p.proof(); err != nil {
			return nil, nil, refused("Kerberos: the proof of the server: %v", err)
		}
	}
	return &Identity{Name: account.Name, Mechanism: mechanismKerberos}, reply, nil
}

// The tags and numbers of an AP-REP (RFC 4120 section 5.5.2).
const (
	tagAPRep        = der.Tag(0x60 | 15)
	tagEncAPRepPart = der.Tag(0x60 | 27)
	version5        = 5
	typeAPRep       = 15
)

// proof returns an AP-REP in its frame: the time of the client's token,
// encrypted with the key that only the service can have found in the ticket.
func (p *presented) proof() ([]byte, error) {
	var number [4]byte
	_, _ = rand.Read(number[:]) // never fails
	element := func(b *cryptobyte.Builder, tag uint8, content func(*cryptobyte.Builder)) {
		b.AddASN1(tagged(tag), content)
	}
	var part cryptobyte.Builder
	part.AddASN1(tagEncAPRepPart, func(b *cryptobyte.Builder) {
		b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
			element(b, 0, func(b *cryptobyte.Builder) { b.AddASN1GeneralizedTime(p.request.Authenticator.CTime.UTC()) })
			element(b, 1, func(b *cryptobyte.Builder) { b.AddASN1Int64(int64(p.request.Authenticator.Cusec)) })
			element(b, 3, func(b *cryptobyte.Builder) {
				b.AddASN1Int64(int64(binary.LittleEndian.Uint32(number[:]) &^ (3 << 30)))
			})
		})
	})
	plain, err := part.Bytes()
	if err != nil {
		return nil, err
	}
	sealed, err := encrypt(plain, p.request.Ticket.DecryptedEncPart.Key)
	if err != nil {
		return nil, err
	}
	var b cryptobyte.Builder
	b.AddBytes([]byte(kindAPRep))
	b.AddASN1(tagAPRep, func(b *cryptobyte.Builder) {
		b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
			element(b, 0, func(b *cryptobyte.Builder) { b.AddASN1Int64(version5) })
			element(b, 1, func(b *cryptobyte.Builder) { b.AddASN1Int64(typeAPRep) })
			element(b, 2, func(b *cryptobyte.Builder) {
				b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
					element(b, 0, func(b *cryptobyte.Builder) { b.AddASN1Int64(int64(sealed.EType)) })
					element(b, 2, func(b *cryptobyte.Builder) { b.AddASN1OctetString(sealed.Cipher) })
				})
			})
		})
	})
	message, err := b.Bytes()
	if err != nil {
		return nil, err
	}
	return framed(oidKRB5, message), nil
}

func encrypt(plain []byte, key types.EncryptionKey) (types.EncryptedData, error) {
	return crypto.GetEncryptedData(plain, key, keyusage.AP_REP_ENCPART, 0)
}

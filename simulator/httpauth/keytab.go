package httpauth

import (
	"encoding/binary"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/go-krb5/krb5/keytab"
	"github.com/go-krb5/krb5/messages"
	"github.com/go-krb5/krb5/types"
)

// Keytab has the keys of a service, and knows the tokens that were used. It is
// safe for concurrent use.
type Keytab struct {
	keys *keytab.Keytab

	mu   sync.Mutex
	used map[usedToken]time.Time
}

// usedToken tells the tokens of a client apart: no two have one time.
type usedToken struct {
	client string
	at     time.Time
}

// maxKeytab bounds the file, in bytes.
const maxKeytab = 1 << 20

// ReadKeytab reads a keytab file, as ktpass and ktadd write it. Its errors name
// the file.
func ReadKeytab(path string) (*Keytab, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the keytab cannot be read: %w", err)
	}
	keys := keytab.New()
	if len(content) > maxKeytab {
		return nil, fmt.Errorf("the keytab %s is larger than %d KiB", path, maxKeytab>>10)
	}
	if err := keys.Unmarshal(content); err != nil {
		return nil, fmt.Errorf("%s is no keytab: %w", path, err)
	}
	if len(keys.Entries) == 0 {
		return nil, fmt.Errorf("the keytab %s holds no keys", path)
	}
	return &Keytab{keys: keys, used: map[usedToken]time.Time{}}, nil
}

// String tells no keys.
func (k *Keytab) String() string { return "keytab" }

// Format prints what String returns, whatever the verb.
func (k *Keytab) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(k.String())) }

// maxSkew is how far the clocks of client and server may be apart, and how long
// a token is remembered: five minutes, as everywhere.
const maxSkew = 5 * time.Minute

// presented is a token that was found good.
type presented struct {
	request *messages.APReq
	binding binding
	// mutual: the client wants proof of the server.
	mutual bool
}

// The flags of a GSSAPI checksum and of an AP-REQ that ask for proof of the
// server (RFC 4121 section 4.1.1.1, RFC 4120 section 5.5.1).
const (
	checksumType   = 0x8003
	flagMutual     = 2
	optionMutual   = 2
	checksumHeader = 24
)

// open decrypts an AP-REQ and judges ticket, authenticator and time.
func (k *Keytab) open(raw []byte) (*presented, error) {
	request := &messages.APReq{}
	if err := request.Unmarshal(raw); err != nil {
		return nil, err
	}
	if len(request.Ticket.SName.NameString) == 0 {
		return nil, fmt.Errorf("the ticket is for no service")
	}
	if ok, err := request.Verify(k.keys, maxSkew, types.HostAddress{}, nil); err != nil {
		return nil, err
	} else if !ok {
		return nil, fmt.Errorf("the ticket or the authenticator is not valid")
	}
	authenticator := request.Authenticator
	if authenticator.CRealm != request.Ticket.DecryptedEncPart.CRealm {
		return nil, fmt.Errorf("ticket and authenticator are of two realms")
	}
	if len(authenticator.CName.NameString) == 0 {
		return nil, fmt.Errorf("the ticket is nobody's")
	}
	p := &presented{request: request, mutual: request.APOptions.At(optionMutual) == 1}
	if sum := authenticator.Cksum; sum.CksumType == checksumType {
		if len(sum.Checksum) < checksumHeader || binary.LittleEndian.Uint32(sum.Checksum) != uint32(len(p.binding)) {
			return nil, fmt.Errorf("the authenticator's checksum is cut off")
		}
		copy(p.binding[:], sum.Checksum[4:])
		p.mutual = p.mutual || binary.LittleEndian.Uint32(sum.Checksum[20:])&flagMutual != 0
	}
	at := authenticator.CTime.Add(time.Duration(authenticator.Cusec) * time.Microsecond)
	if !k.fresh(usedToken{authenticator.CName.PrincipalNameString() + "@" + authenticator.CRealm, at}) {
		return nil, fmt.Errorf("the token was used before (KRB_AP_ERR_REPEAT)")
	}
	return p, nil
}

// fresh notes a token as used, and reports whether it was not.
func (k *Keytab) fresh(t usedToken) bool {
	now := time.Now()
	k.mu.Lock()
	defer k.mu.Unlock()
	for old, when := range k.used {
		if now.Sub(when) > 2*maxSkew {
			delete(k.used, old)
		}
	}
	if _, known := k.used[t]; known {
		return false
	}
	k.used[t] = now
	return true
}

package connection

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"filippo.io/age"
	"filippo.io/age/armor"
	"golang.org/x/text/unicode/norm"

	"github.com/exconn/exconn/oauth"
)

// Exports are encrypted in age's format (https://age-encryption.org/v1), in its
// text form, so that they survive mail and terminals. The age command opens
// them too.

const (
	// minBundlePassphrase is the least number of characters of a passphrase:
	// an export can be attacked for ever by whoever has a copy of it.
	minBundlePassphrase = 12
	// bundleWorkFactor is the cost of one guess at a passphrase, as the power
	// of two that scrypt takes: about a second and 256 MiB.
	bundleWorkFactor = 18
	// maxBundleWorkFactor bounds what a stranger's file can cost: 1 GiB.
	maxBundleWorkFactor = 20
)

// bundleSealer is to whom, or by what passphrase, an export is encrypted.
type bundleSealer []age.Recipient

// newBundleSealer returns a *BundleError where the recipients or the passphrase
// are not fit. A workFactor of 0 means bundleWorkFactor.
func newBundleSealer(recipients []string, passphrase oauth.Secret, workFactor int) (bundleSealer, error) {
	switch {
	case len(recipients) > 0 && len(passphrase) > 0:
		return nil, &BundleError{Problem: "an export is encrypted either to recipients or by a passphrase", Cure: "give one of the two"}
	case len(passphrase) > 0:
		return passphraseSealer(passphrase, workFactor)
	case len(recipients) == 0:
		return nil, &BundleError{
			Problem: "an export with secrets is always encrypted, and there is neither a recipient nor a passphrase",
			Cure:    "name a recipient (age1…, as age-keygen writes it), or give a passphrase; or export without secrets",
		}
	}
	var sealer bundleSealer
	for _, text := range recipients {
		r, err := parseRecipient(strings.TrimSpace(text))
		if err != nil {
			return nil, err
		}
		sealer = append(sealer, r)
	}
	return sealer, nil
}

func parseRecipient(text string) (age.Recipient, error) {
	if strings.HasPrefix(strings.ToUpper(text), "AGE-SECRET-KEY-") {
		return nil, &BundleError{
			Problem: "what is given as a recipient is a private key",
			Cure:    "regard that key as known to others, for it was on a command line; make a new one with age-keygen, and name its public part, age1…",
		}
	}
	var r age.Recipient
	var err error
	if strings.HasPrefix(text, "age1pq1") {
		r, err = age.ParseHybridRecipient(text)
	} else {
		r, err = age.ParseX25519Recipient(text)
	}
	if err != nil {
		return nil, &BundleError{
			Problem: fmt.Sprintf("the recipient %.80q is no public key of age", text),
			Cure:    "write it whole, as age-keygen writes it: age1…",
		}
	}
	return r, nil
}

func passphraseSealer(passphrase oauth.Secret, workFactor int) (bundleSealer, error) {
	if utf8.RuneCount(passphrase) < minBundlePassphrase {
		return nil, &BundleError{
			Problem: fmt.Sprintf("the passphrase is shorter than %d characters", minBundlePassphrase),
			Cure:    "choose a longer one, such as six random words",
		}
	}
	// The same phrase typed on two systems can differ in how accents are
	// composed. The library takes a string, which cannot be wiped.
	r, err := age.NewScryptRecipient(norm.NFC.String(string(passphrase)))
	if err != nil {
		return nil, err
	}
	if workFactor == 0 {
		workFactor = bundleWorkFactor
	}
	r.SetWorkFactor(workFactor)
	return bundleSealer{r}, nil
}

// seal writes text encrypted.
func (s bundleSealer) seal(w io.Writer, text []byte) error {
	armored := armor.NewWriter(w)
	encrypted, err := age.Encrypt(armored, s...)
	if err != nil {
		// Such as recipients of the usual and of the post-quantum kind, which
		// do not mix.
		return &BundleError{Problem: "the export cannot be encrypted", Err: err, Cure: "name other recipients"}
	}
	_, err = encrypted.Write(text)
	return errors.Join(err, encrypted.Close(), armored.Close())
}

// BundleKeys open an export.
type BundleKeys struct {
	// Identities is the content of a file of age identities (AGE-SECRET-KEY-1…,
	// one a line), for exports that are encrypted to recipients.
	Identities oauth.Secret
	// Passphrase returns the passphrase. It is asked only where the export is
	// encrypted by one. Nil means that there is none.
	Passphrase func() (oauth.Secret, error)
}

// OpenBundle reads an export and decrypts it. Errors are *BundleError, that of
// the reader, and that of keys.Passphrase.
func OpenBundle(r io.Reader, keys BundleKeys) (*Bundle, error) {
	content, err := io.ReadAll(io.LimitReader(r, maxBundle+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("cannot read the export: %w", err)
	case len(content) > maxBundle:
		return nil, foreignBundle(fmt.Sprintf("it is larger than %d MiB", maxBundle>>20))
	}
	// Some editors begin a file with a byte order mark.
	start := bytes.TrimLeft(bytes.TrimPrefix(content, []byte("\ufeff")), " \t\r\n")
	switch {
	case bytes.HasPrefix(start, []byte(armor.Header)):
		content, err = io.ReadAll(armor.NewReader(bytes.NewReader(start)))
		if err != nil {
			return nil, damagedBundle("its text form is broken or incomplete")
		}
	case bytes.HasPrefix(start, []byte("age-encryption.org/")):
	case bytes.HasPrefix(start, []byte("{")):
		return openPlain(start)
	default:
		return nil, foreignBundle("it is neither encrypted by age nor JSON")
	}
	text, err := unsealBundle(content, keys)
	if err != nil {
		return nil, err
	}
	defer clear(text)
	data, err := parseBundle(text)
	if err != nil {
		return nil, err
	}
	return &Bundle{data: data, sealed: true}, nil
}

// openPlain reads an export without secrets.
func openPlain(text []byte) (*Bundle, error) {
	data, err := parseBundle(text)
	if err != nil {
		return nil, err
	}
	if len(data.Secrets) > 0 || len(data.SignIns) > 0 {
		data.wipe()
		return nil, &BundleError{
			Problem: "the export holds secrets and is not encrypted",
			Cure:    "regard them as known to others; encrypt the file with age before it goes anywhere, and import that",
		}
	}
	return &Bundle{data: data}, nil
}

// unsealBundle decrypts an age file.
func unsealBundle(content []byte, keys BundleKeys) ([]byte, error) {
	_, err := age.Decrypt(bytes.NewReader(content), nobody{})
	var sealed *age.NoIdentityMatchError
	if !errors.As(err, &sealed) {
		return nil, damagedBundle("its head cannot be understood")
	}
	byPassphrase := len(sealed.StanzaTypes) == 1 && sealed.StanzaTypes[0] == "scrypt"
	var identities []age.Identity
	if byPassphrase {
		identities, err = passphraseIdentities(keys.Passphrase)
	} else {
		identities, err = keyIdentities(keys.Identities)
	}
	if err != nil {
		return nil, err
	}
	plain, err := age.Decrypt(bytes.NewReader(content), identities...)
	switch {
	case errors.As(err, &sealed) && byPassphrase:
		return nil, &BundleError{Problem: "the passphrase is not that of the export", Cure: "give the passphrase that it was exported with"}
	case errors.As(err, &sealed):
		return nil, &BundleError{Problem: "the export is encrypted to other keys than this one", Cure: "give the identity whose public part was named as recipient (age-keygen -y FILE shows it), or export again"}
	case err != nil:
		return nil, damagedBundle("its head does not open")
	}
	text, err := io.ReadAll(plain)
	if err != nil {
		clear(text)
		return nil, damagedBundle("it is cut off or was changed")
	}
	return text, nil
}

// nobody is an age.Identity that opens nothing; by the error it is learnt how a
// file is encrypted.
type nobody struct{}

func (nobody) Unwrap([]*age.Stanza) ([]byte, error) { return nil, age.ErrIncorrectIdentity }

func passphraseIdentities(ask func() (oauth.Secret, error)) ([]age.Identity, error) {
	if ask == nil {
		return nil, &BundleError{Problem: "the export is encrypted by a passphrase, and none is given", Cure: "name the file that holds it: --passphrase-file FILE"}
	}
	given, err := ask()
	if err != nil {
		return nil, err
	}
	defer clear(given)
	if len(given) == 0 {
		return nil, &BundleError{Problem: "the passphrase is empty", Cure: "give the passphrase that the export was made with"}
	}
	// First as this program writes it, then as it is, for files that age itself
	// has made.
	phrases := []string{norm.NFC.String(string(given))}
	if phrases[0] != string(given) {
		phrases = append(phrases, string(given))
	}
	var identities []age.Identity
	for _, phrase := range phrases {
		identity, err := age.NewScryptIdentity(phrase)
		if err != nil {
			return nil, err
		}
		identity.SetMaxWorkFactor(maxBundleWorkFactor)
		identities = append(identities, identity)
	}
	return identities, nil
}

func keyIdentities(text oauth.Secret) ([]age.Identity, error) {
	if len(text) == 0 {
		return nil, &BundleError{Problem: "the export is encrypted to a key, and none is given", Cure: "name the file that age-keygen made: --identity-file FILE"}
	}
	identities, err := age.ParseIdentities(bytes.NewReader(text))
	if err != nil {
		// The library's error may quote a line of the file.
		return nil, &BundleError{Problem: "the identity file holds no private key of age, or something else besides", Cure: "give the file that age-keygen made, with a line AGE-SECRET-KEY-1…"}
	}
	return identities, nil
}

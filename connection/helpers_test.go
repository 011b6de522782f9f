package connection

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/store"
	"github.com/exconn/exconn/store/bolt"
)

// fixture is a book over a store of its own.
type fixture struct {
	*Book
	store *store.SealedStore
	inner *bolt.Store
	log   *logText
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{
		inner: bolt.At(filepath.Join(t.TempDir(), "exconn.db"), nil),
		log:   new(logText),
	}
	keys, err := store.NewKeys(bytes.Repeat([]byte{7}, store.MasterKeySize), store.Origin{Name: "a test"})
	if err != nil {
		t.Fatal(err)
	}
	f.store = store.Sealed(f.inner, keys, SealedBuckets()...)
	f.Book = f.reopen(t)
	t.Cleanup(func() { watchFixture(t, f) })
	return f
}

// reopen returns a second book over the same store, as a second process has it.
func (f *fixture) reopen(t *testing.T) *Book {
	t.Helper()
	b, err := NewBook(f.store, &BookOptions{Logger: testLogger(f.log)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// Alerts that a test does not wait for end with it.
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = b.Flush(ctx)
	})
	return b
}

func (f *fixture) create(t *testing.T, d Draft) Entry {
	t.Helper()
	e, err := f.Create(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// raw reads the inner store: what a thief of the file would see.
func (f *fixture) raw(t *testing.T, bucket string) map[string]string {
	t.Helper()
	records := map[string]string{}
	err := f.inner.View(t.Context(), func(tx store.Tx) error {
		return tx.ForEach(bucket, "", func(key string, value []byte) error {
			records[key] = string(value)
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func (f *fixture) putRaw(t *testing.T, bucket, key, value string) {
	t.Helper()
	err := f.inner.Update(t.Context(), func(tx store.Tx) error { return tx.Put(bucket, key, []byte(value)) })
	if err != nil {
		t.Fatal(err)
	}
}

// A draft of each kind, valid as it is.

func basicDraft(name string) Draft {
	return Draft{
		Profile: Profile{
			Name: name, ExchangeType: Server, EWSURL: "https://mail.example.com/EWS/Exchange.asmx",
			Login: &Login{Username: "svc@example.com"},
		},
		Secrets: Secrets{Password: oauth.Secret("pass word")},
	}
}

// loginDraft is of a service account that may act for all.
func loginDraft(kind LoginKind) Draft {
	d := basicDraft("x")
	d.Profile.Login.Kind, d.Profile.AllowMailboxes = kind, []string{"*"}
	return d
}

func pkceDraft(name string) Draft {
	return Draft{
		Profile: Profile{Name: name, ExchangeType: Online},
		Auth:    &Auth{ClientID: "11111111-2222-3333-4444-555555555555"},
	}
}

func secretDraft(name string) Draft {
	return Draft{
		Profile: Profile{Name: name, ExchangeType: Online, AllowMailboxes: []string{"*"}},
		Auth:    &Auth{ClientID: "app", AccountType: "example.com", Method: oauth.ClientSecret},
		Secrets: Secrets{ClientSecret: oauth.Secret("client secret")},
	}
}

func certificateDraft(t *testing.T, name string) Draft {
	d := secretDraft(name)
	d.Auth.Method = oauth.ClientCertificate
	d.Secrets = Secrets{Certificate: certificatePEM(t)}
	return d
}

var makeRSA = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// certificatePEM is an application's certificate with its key.
func certificatePEM(t *testing.T) oauth.Secret {
	t.Helper()
	key, err := makeRSA()
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "app"}, NotAfter: time.Now().AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	out := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return append(out, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})...)
}

// authority is a certificate authority of a test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test Authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{cert: cert, key: key}
}

// file writes the authority's certificate into a PEM file.
func (a *authority) file(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// leaf returns a server certificate for these hosts, valid until then.
func (a *authority) leaf(t *testing.T, until time.Time, hosts ...string) (cert [][]byte, key *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "server"}, NotBefore: until.Add(-48 * time.Hour), NotAfter: until}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, h)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return [][]byte{der}, key
}

// wantErr checks that err Is sentinel and that text and hint hold the parts.
func wantErr(t *testing.T, err, sentinel error, text, hint string) {
	t.Helper()
	watch.Print("an error", err)
	switch {
	case err == nil:
		t.Fatalf("no error, want %v", sentinel)
	case !errors.Is(err, sentinel):
		t.Errorf("%v: is not %v", err, sentinel)
	case !strings.Contains(err.Error(), text):
		t.Errorf("%v: does not say %q", err, text)
	case !strings.Contains(mailbox.Hint(err), hint):
		t.Errorf("%v: its hint %q does not say %q", err, mailbox.Hint(err), hint)
	}
}

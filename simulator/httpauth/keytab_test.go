package httpauth

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-krb5/krb5/keytab"
)

func TestReadKeytab(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	keys := keytab.New()
	if err := keys.AddEntry("HTTP/example.com", "EXCONN.TEST", "top-secret", time.Unix(1, 0), 1, 18); err != nil {
		t.Fatal(err)
	}
	content, err := keys.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	k, err := ReadKeytab(write("good", content))
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if told := fmt.Sprintf(verb, k); told != "keytab" {
			t.Errorf("%s tells %q", verb, told)
		}
	}
	for path, problem := range map[string]string{
		filepath.Join(dir, "missing"): "no such file", write("text", []byte("no keytab")): "is no keytab",
		write("empty", []byte{5, 2, 0, 0, 0, 0}): "holds no keys", write("long", make([]byte, maxKeytab+1)): "larger than",
		write("cut", content[:len(content)-3]): "is no keytab",
	} {
		if _, err := ReadKeytab(path); err == nil || !strings.Contains(err.Error(), problem) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// A token is good once, as long as it is good at all; after that it is
// forgotten.
func TestTokensAreGoodOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &Keytab{used: map[usedToken]time.Time{}}
		one, other := usedToken{"anna@EXCONN.TEST", time.Now()}, usedToken{"anna@EXCONN.TEST", time.Now().Add(time.Microsecond)}
		if !k.fresh(one) || k.fresh(one) || !k.fresh(other) || !k.fresh(usedToken{"ben@EXCONN.TEST", one.at}) {
			t.Error("tokens are taken for each other")
		}
		time.Sleep(2 * maxSkew)
		if k.fresh(one) {
			t.Error("a token that could still be in time is forgotten")
		}
		time.Sleep(time.Nanosecond)
		if !k.fresh(usedToken{}) || len(k.used) != 1 {
			t.Errorf("%d tokens are remembered, want one", len(k.used))
		}
	})
}

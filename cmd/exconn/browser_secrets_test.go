package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"sync"
	"testing"

	"github.com/exconn/exconn/connection"
	"github.com/exconn/exconn/internal/canary"
	"github.com/exconn/exconn/store"
	"github.com/exconn/exconn/store/datadir"
)

// secretWatch holds secrets against what was said and shown.
type secretWatch struct {
	mu      sync.Mutex
	secrets map[string]string // by value: what it is
	texts   [][2]string       // where, and what
}

func newSecretWatch() *secretWatch { return &secretWatch{secrets: map[string]string{}} }

func (w *secretWatch) secret(what, value string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(value) >= 8 { // shorter ones are found everywhere
		w.secrets[value] = what
	}
}

func (w *secretWatch) said(where, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.texts = append(w.texts, [2]string{where, text})
}

// codeIn adds the code that an address carries, if it does.
func (w *secretWatch) codeIn(address string) {
	u, err := url.Parse(address)
	if err != nil {
		return
	}
	for _, part := range []string{u.RawQuery, u.Fragment} {
		if q, err := url.ParseQuery(part); err == nil {
			w.secret("a code", q.Get("code"))
		}
	}
}

// tokens adds what a data directory keeps: access, refresh and id tokens.
func (w *secretWatch) tokens(t *testing.T, dir string) {
	t.Helper()
	d, err := datadir.Open(context.Background(), dir, datadir.Options{Sealed: connection.SealedBuckets()})
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	err = d.Store.View(context.Background(), func(tx store.Tx) error {
		return tx.ForEach("tokens", "", func(_ string, value []byte) error {
			var blob struct {
				Tokens map[string]map[string]struct {
					Secret string `json:"secret"`
				} `json:"tokens"`
			}
			if err := json.Unmarshal(value, &blob); err != nil {
				return err
			}
			for kind, list := range blob.Tokens {
				for _, token := range list {
					if token.Secret != "" {
						kinds[kind] = true
						w.secret("a token ("+kind+")", token.Secret)
					}
				}
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"AccessToken", "RefreshToken", "IdToken"} {
		if !kinds[kind] {
			t.Errorf("no %s is kept, so that none can be looked for: %v", kind, kinds)
		}
	}
}

// findings names the places where a secret stands, in whatever form.
func (w *secretWatch) findings() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	scan := canary.NewScan(w.secrets)
	var found []string
	for _, text := range w.texts {
		for _, what := range scan.In([]byte(text[1])) {
			found = append(found, what+" in "+text[0])
		}
	}
	return found
}

func (w *secretWatch) judge(t *testing.T) {
	t.Helper()
	for _, found := range w.findings() {
		t.Errorf("found %s", found)
	}
}

// TestSecretWatch shows that a secret would be found.
func TestSecretWatch(t *testing.T) {
	const planted = "Canary/one+two=three"
	for name, text := range map[string]string{
		"as it is":          "error: " + planted + " is wrong",
		"in a query":        "/?code=" + url.QueryEscape(planted),
		"in base64":         base64.StdEncoding.EncodeToString([]byte(planted + " and more")),
		"in base64 after 1": base64.StdEncoding.EncodeToString([]byte(":" + planted + "|")),
		"in base64 after 2": base64.StdEncoding.EncodeToString([]byte("u:" + planted + "|")),
	} {
		w := newSecretWatch()
		w.secret("the canary", planted)
		w.said("stderr", text)
		if len(w.findings()) == 0 {
			t.Errorf("%s: not found in %s", name, text)
		}
	}
	w := newSecretWatch()
	w.secret("the canary", planted)
	w.said("stderr", "all is well")
	if found := w.findings(); len(found) != 0 {
		t.Errorf("found where there is nothing: %v", found)
	}
}

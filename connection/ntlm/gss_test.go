package ntlm

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/exconn/exconn/internal/gsstest"
)

// TestAgainstGSSNTLMSSP has the client's messages judged by gss-ntlmssp, the
// NTLM of Samba's and FreeIPA's people: password, MIC and channel binding.
func TestAgainstGSSNTLMSSP(t *testing.T) {
	plugins, _ := filepath.Glob("/usr/lib/*/gssntlmssp/gssntlmssp.so")
	if len(plugins) == 0 {
		gsstest.Need(t, "gss-ntlmssp is missing")
	}
	users := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(users, []byte("CONTOSO:anna:Pässword\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	acceptor := gsstest.Start(t, "NTLM_USER_FILE="+users)
	var mu sync.Mutex
	var problems []string
	var application []byte
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := strings.CutPrefix(r.Header.Get("Authorization"), "NTLM ")
		token, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(token) == 0 {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		answer, err := acceptor.Step(r.RemoteAddr, gsstest.NTLM, token, application)
		if err != nil {
			t.Error(err)
		}
		if answer.Complete {
			w.Header().Set("X-User", answer.User)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if answer.Problem != "" {
			problems = append(problems, answer.Problem)
		}
		w.Header().Set("WWW-Authenticate", strings.TrimSpace("NTLM "+base64.StdEncoding.EncodeToString(answer.Reply)))
		w.WriteHeader(http.StatusUnauthorized)
	}))
	server.StartTLS()
	defer server.Close()
	base, _ := server.Client().Transport.(*http.Transport)
	good := endPoint(server)
	for _, c := range []struct {
		name, user, password string
		application          []byte
		status               int
	}{
		{"good", `CONTOSO\anna`, "Pässword", good, 200},
		{"no binding asked for", `CONTOSO\anna`, "Pässword", nil, 200},
		{"case of the user name", `CONTOSO\ANNA`, "Pässword", good, 200},
		{"wrong password", `CONTOSO\anna`, "password", good, 401},
		{"wrong binding", `CONTOSO\anna`, "Pässword", append([]byte("x"), good...), 401},
	} {
		application = c.application
		tr := NewTransport(base, NewCredentials(c.user, c.password))
		resp, _, err := post(t.Context(), tr, server.URL, "body")
		tr.CloseIdleConnections()
		if err != nil || resp.StatusCode != c.status {
			t.Errorf("%s: %v, %v, want HTTP %d; gss-ntlmssp says %q", c.name, resp, err, c.status, problems)
			continue
		}
		if user := resp.Header.Get("X-User"); c.status == 200 && !strings.EqualFold(user, `CONTOSO\anna`) && !strings.EqualFold(user, "anna@CONTOSO") {
			t.Errorf("%s: signed in as %q", c.name, user)
		}
	}
	if len(problems) != 2 {
		t.Errorf("gss-ntlmssp says %q, want two refusals", problems)
	}
}

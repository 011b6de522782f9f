package gsstest

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The realm of the KDC: a user, and the services of two web servers. It has
// the users locked, with the password locked, and expired, with the password
// old, too.
const (
	Realm        = "EXCONN.TEST"
	User         = name + "@" + Realm
	name         = "anna"
	Password     = "Pässword 1"
	Service      = "HTTP/example.com"
	OtherService = "HTTP/other.example.com"
)

// KDC is MIT's KDC on a port of this machine, with everything that it keeps in
// one folder.
type KDC struct {
	// Config is the krb5.conf, UserKeys and ServiceKeys are keytabs.
	Config, UserKeys, ServiceKeys string

	process *exec.Cmd
	dir     string
	realm   string
}

// StartKDC starts a KDC. Stop it.
func StartKDC(t *testing.T) *KDC {
	t.Helper()
	return StartKDCOf(t, Realm)
}

// StartKDCOf starts a KDC of a realm with another name. Stop it.
func StartKDCOf(t *testing.T, realm string) *KDC {
	t.Helper()
	for _, path := range []string{"/usr/sbin/krb5kdc", "/usr/sbin/kdb5_util", "/usr/sbin/kadmin.local", "/usr/bin/kinit"} {
		if _, err := os.Stat(path); err != nil {
			Need(t, path+" is missing")
		}
	}
	dir, err := os.MkdirTemp("", "kdc")
	if err != nil {
		t.Fatal(err)
	}
	k := &KDC{dir: dir, realm: realm, Config: filepath.Join(dir, "krb5.conf"), UserKeys: filepath.Join(dir, "user.keytab"), ServiceKeys: filepath.Join(dir, "service.keytab")}
	port := FreePort(t)
	k.write(t, "krb5.conf", `[libdefaults]
	default_realm = %s
	dns_lookup_kdc = false
	dns_lookup_realm = false
	rdns = false
	dns_canonicalize_hostname = false
[realms]
	%s = {
		kdc = 127.0.0.1:%d
	}
`, realm, realm, port)
	k.write(t, "kdc.conf", `[kdcdefaults]
	kdc_listen = 127.0.0.1:%d
	kdc_tcp_listen = 127.0.0.1:%d
[realms]
	%s = {
		database_name = %s/principal
		key_stash_file = %s/stash
		supported_enctypes = aes256-cts:normal aes128-cts:normal
		default_principal_flags = +preauth
		max_life = 10h
	}
[logging]
	kdc = FILE:%s/kdc.log
`, port, port, realm, dir, dir, dir)
	k.command(t, "/usr/sbin/kdb5_util", "create", "-s", "-r", realm, "-P", "master")
	for _, query := range []string{
		`addprinc -pw "` + Password + `" ` + k.user(),
		"addprinc -randkey " + Service,
		"addprinc -randkey " + OtherService,
		"addprinc -pw locked -allow_tix locked@" + realm,
		`addprinc -pw old -pwexpire "2020-01-01 UTC" expired@` + realm,
		"ktadd -norandkey -k " + k.UserKeys + " " + k.user(),
		"ktadd -k " + k.ServiceKeys + " " + Service,
		"ktadd -k " + k.ServiceKeys + " " + OtherService,
	} {
		k.command(t, "/usr/sbin/kadmin.local", "-r", realm, "-q", query)
	}
	k.process = exec.Command("/usr/sbin/krb5kdc", "-n", "-r", realm, "-P", filepath.Join(dir, "pid"))
	k.process.Env = k.Env()
	if err := k.process.Start(); err != nil {
		t.Fatal(err)
	}
	for range 500 {
		if conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			_ = conn.Close()
			return k
		}
		time.Sleep(10 * time.Millisecond)
	}
	text := k.log(t)
	k.Stop()
	t.Fatalf("the KDC does not listen: %s", text)
	return nil
}

func (k *KDC) user() string { return name + "@" + k.realm }

// Stop ends the KDC and removes what it kept.
func (k *KDC) Stop() {
	_ = k.process.Process.Kill()
	_ = k.process.Wait()
	_ = os.RemoveAll(k.dir)
}

func (k *KDC) write(t *testing.T, name, format string, args ...any) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(k.dir, name), fmt.Appendf(nil, format, args...), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Env makes MIT's programs and libraries use this realm and no file of the
// system's.
func (k *KDC) Env() []string {
	return append(os.Environ(),
		"KRB5_CONFIG="+k.Config, "KRB5_KDC_PROFILE="+filepath.Join(k.dir, "kdc.conf"),
		"KRB5_KTNAME="+k.ServiceKeys, "KRB5RCACHEDIR="+k.dir, "KRB5CCNAME="+filepath.Join(k.dir, "none"))
}

func (k *KDC) command(t *testing.T, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = k.Env()
	if out, err := cmd.CombinedOutput(); err != nil || bytes.Contains(out, []byte("while")) {
		t.Fatalf("%s %q: %v %s", name, args, err, out)
	}
}

// Kinit returns a credential cache of the user's, with some options.
func (k *KDC) Kinit(t *testing.T, options ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cache")
	cmd := exec.Command("/usr/bin/kinit", append(options, "-c", path, k.user())...)
	cmd.Env = k.Env()
	cmd.Stdin = strings.NewReader(Password + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("kinit: %v %s", err, out)
	}
	return path
}

func (k *KDC) log(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(k.dir, "kdc.log"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Issued counts the tickets that the KDC has given out.
func (k *KDC) Issued(t *testing.T) int {
	t.Helper()
	return strings.Count(k.log(t), "ISSUE:")
}

// FreePort returns a port that is free for TCP and UDP.
func FreePort(t *testing.T) int {
	t.Helper()
	for range 50 {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := listener.Addr().(*net.TCPAddr).Port
		packets, err := net.ListenPacket("udp", listener.Addr().String())
		_ = listener.Close()
		if err == nil {
			_ = packets.Close()
			return port
		}
	}
	t.Fatal("no port is free for both TCP and UDP")
	return 0
}

package connection

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/exconn/exconn/mailbox"
)

func TestFence(t *testing.T) {
	for _, c := range []struct {
		entries []string
		own     string
		address string
		admits  bool
	}{
		{nil, "anna@example.com", "anna@example.com", true},
		{nil, "anna@example.com", "ANNA@Example.COM", true},
		{nil, "anna@example.com", "ben@example.com", false},
		{nil, "", "anna@example.com", false},
		{nil, "", "", false},
		{[]string{"ben@example.com"}, "anna@example.com", "anna@example.com", false},
		{[]string{"Ben@Example.com"}, "", "ben@example.com", true},
		{[]string{"ben@example.com"}, "", "xben@example.com", false},
		{[]string{"ben@example.com"}, "", "ben@example.com.evil.net", false},
		{[]string{"example.com"}, "", "anyone@example.com", true},
		{[]string{"@example.com"}, "", "anyone@example.com", true},
		{[]string{"EXAMPLE.com"}, "", "anyone@example.com", true},
		{[]string{"example.com"}, "", "anyone@sub.example.com", false},
		{[]string{"example.com"}, "", "anyone@notexample.com", false},
		{[]string{"example.com"}, "", "anyone@example.com.evil.net", false},
		{[]string{"example.com"}, "", "example.com", false},
		{[]string{"example.com"}, "", "a@example.com@evil.net", false},
		{[]string{"*"}, "", "anyone@anywhere.net", true},
		{[]string{"*"}, "", "no address", false},
		{[]string{"a@x.de", "x.com"}, "", "b@x.com", true},
		{[]string{"a@x.de", "x.com"}, "", "b@x.de", false},
		// The Kelvin sign's lower case is k, the long s's upper case S.
		{[]string{"k@example.com"}, "", "\u212a@example.com", false},
		{[]string{"s@example.com"}, "", "\u017f@example.com", false},
	} {
		f := fence{connection: "crm", entries: tidyFence(c.entries), own: c.own}
		err := f.check(c.address)
		if (err == nil) != c.admits {
			t.Errorf("fence %q of %q with %q: %v, want admitted %v", c.entries, c.own, c.address, err, c.admits)
		}
		if err != nil && !errors.Is(err, mailbox.ErrFenced) {
			t.Errorf("%v is not ErrFenced", err)
		}
	}
}

func TestFenceMessage(t *testing.T) {
	f := fence{connection: "crm", entries: []string{"a@x.de", "@x.com"}}
	wantErr(t, f.check("b@x.de"), mailbox.ErrFenced, `the connection "crm" may not act for b@x.de`,
		"--name crm --allow-mailbox a@x.de --allow-mailbox @x.com --allow-mailbox b@x.de")
	f = fence{connection: "crm", own: "a@x.de"}
	wantErr(t, f.check("b@x.de"), mailbox.ErrFenced, "b@x.de", "it may act for a@x.de; ")
	f.entries = strings.Split("a@x.de b@x.de c@x.de d@x.de e@x.de f@x.de g@x.de h@x.de", " ")
	wantErr(t, f.check("i@x.de"), mailbox.ErrFenced, "i@x.de", "and 2 more")
}

func TestTidyFence(t *testing.T) {
	got := tidyFence([]string{" Anna@Example.com ", "example.COM", "@example.com", "", "*", "anna@example.com"})
	if diff := cmp.Diff([]string{"anna@example.com", "@example.com", "*"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAddressProblem(t *testing.T) {
	for _, good := range []string{
		"anna@example.com", "o'neil+tag@sub.example.co.uk", "a@localhost", "jörg@müller.example", "a@xn--mller-kva.example", "a_b@x_y.example",
	} {
		if p := addressProblem(good); p != "" {
			t.Errorf("%q: %s", good, p)
		}
	}
	for _, bad := range []string{
		"", "anna", "anna@", "@example.com", "a@b@c", "anna @example.com", "Anna <anna@example.com>", "anna@example..com",
		"anna@-example.com", "anna@exa mple.com", "anna@example.com\r\nX: y", "anna@example.com,ben@example.com", "a@" + strings.Repeat("x", 300),
		`DOMAIN\anna@example.com`, "a@*",
	} {
		if addressProblem(bad) == "" {
			t.Errorf("%q was taken for an address", bad)
		}
	}
}

// FuzzFence: whatever is admitted ends, byte for byte but for the case of ASCII
// letters, in an entry of the fence.
func FuzzFence(f *testing.F) {
	f.Add("example.com", "anna@example.com")
	f.Add("anna@example.com", "ANNA@example.com")
	f.Add("@x", "a@x@y")
	f.Add("k@x", "\u212a@x")
	f.Fuzz(func(t *testing.T, entry, address string) {
		entries := tidyFence([]string{entry})
		if len(entries) == 0 || entries[0] == "*" || (fence{entries: entries}).check(address) != nil {
			return
		}
		if !strings.HasSuffix(lower(address), entries[0]) {
			t.Errorf("the fence %q admits %q", entries, address)
		}
		if !strings.HasPrefix(entries[0], "@") && lower(address) != entries[0] {
			t.Errorf("the fence %q admits %q", entries, address)
		}
	})
}

package connection

import (
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/connection/alert"
	"github.com/exconn/exconn/oauth"
)

func TestWhatEndsChangesTheState(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	day := 24 * time.Hour
	signedIn := now.Add(-100 * day)
	for name, c := range map[string]struct {
		auth Auth
		in   oauth.SignedIn
		from State
		want State
		// since is how long ago the state began; 0 means at the sign-in.
		since  time.Duration
		what   string
		reason string
	}{
		"nothing is known":         {from: SignedIn, want: SignedIn},
		"a sign-in with time":      {in: oauth.SignedIn{Lapses: now.Add(15 * day)}, from: SignedIn, want: SignedIn, what: "sign_in"},
		"a sign-in that ends soon": {in: oauth.SignedIn{Lapses: now.Add(13 * day)}, from: SignedIn, want: Expiring, since: day, what: "sign_in", reason: "the sign-in ends 2026-12-04 12:00 UTC if it is not used before"},
		"a sign-in of 24 hours":    {in: oauth.SignedIn{Lapses: now.Add(20 * time.Hour)}, from: SignedIn, want: Expiring, since: 14*day - 20*time.Hour, what: "sign_in"},
		"a sign-in that has ended": {in: oauth.SignedIn{Lapses: now.Add(-day)}, from: SignedIn, want: Expiring, since: 15 * day, what: "sign_in", reason: "was not used in time and ended 2026-11-20"},
		"a secret with time":       {auth: Auth{SecretExpires: now.Add(31 * day)}, from: Ready, want: Ready, what: "client_secret"},
		"a secret that ends soon":  {auth: Auth{SecretExpires: now.Add(30 * day)}, from: Ready, want: Expiring, since: 1, what: "client_secret", reason: "the client secret ends 2026-12-21"},
		// The date is what somebody has typed in; the server has the last word.
		"a secret whose day is over":   {auth: Auth{SecretExpires: now.Add(-day)}, from: Ready, want: Expiring, since: 31 * day, what: "client_secret", reason: "the client secret ended 2026-11-20"},
		"a certificate that ends soon": {auth: Auth{CertificateExpires: now.Add(day)}, from: Ready, want: Expiring, since: 29 * day, what: "certificate", reason: "the certificate ends 2026-11-22"},
		"a certificate that has ended": {auth: Auth{CertificateExpires: now.Add(-time.Second)}, from: Ready, want: NeedsSignIn, since: time.Second, what: "certificate", reason: "the certificate ended 2026-11-21"},
		"the first end counts": {
			auth: Auth{SecretExpires: now.Add(5 * day)}, in: oauth.SignedIn{Lapses: now.Add(80 * day)}, from: SignedIn,
			want: Expiring, since: 25 * day, what: "client_secret",
		},
		"what is refused stays so":     {auth: Auth{SecretExpires: now.Add(day)}, from: Refused, want: Refused, what: "client_secret"},
		"what needs a sign-in, too":    {auth: Auth{SecretExpires: now.Add(day)}, from: NeedsSignIn, want: NeedsSignIn, what: "client_secret"},
		"an end from the beginning on": {in: oauth.SignedIn{Lapses: now.Add(-86 * day)}, from: SignedIn, want: Expiring, since: 0, what: "sign_in"},
	} {
		s := Status{State: c.from, Since: signedIn}
		s.judge(expiries(c.auth, c.in), now)
		since := signedIn
		if c.since == 1 {
			since = now
		} else if c.since > 0 {
			since = now.Add(-c.since)
		}
		if s.State != c.want || !s.Since.Equal(since) || !strings.Contains(s.Reason, c.reason) || (s.Reason == "") != (c.want == c.from) {
			t.Errorf("%s: %s since %v because %q, want %s since %v because %q", name, s.State, s.Since, s.Reason, c.want, since, c.reason)
		}
		if got := s.Expires; c.what == "" && got != nil || c.what != "" && (got == nil || got.What != c.what) {
			t.Errorf("%s: expires %+v, want %q", name, got, c.what)
		}
	}
}

func TestWhatAChangeMeans(t *testing.T) {
	for _, c := range []struct {
		before, after State
		proven        bool
		want          alert.Kind // "" for no change
	}{
		{"", Ready, false, ""},
		{"", SignedIn, true, ""},
		{"", Expiring, false, alert.Warning},
		{"", NeedsSignIn, false, alert.Failure},
		{"", Refused, false, alert.Failure},
		{Expiring, Expiring, true, ""},
		{Expiring, SignedIn, true, alert.Recovery},
		{Expiring, Ready, false, alert.Recovery}, // by a new date
		{Expiring, NeedsSignIn, false, alert.Failure},
		{NeedsSignIn, NeedsSignIn, false, ""},
		{NeedsSignIn, Refused, false, alert.Failure},
		{Refused, NeedsSignIn, false, alert.Failure},
		{NeedsSignIn, Ready, false, ""}, // a new secret, that nobody has tried
		{NeedsSignIn, Ready, true, alert.Recovery},
		{NeedsSignIn, SignedIn, true, alert.Recovery},
		{NeedsSignIn, Expiring, false, ""},
		{NeedsSignIn, Expiring, true, alert.Warning},
	} {
		kind, changed := change(c.before, c.after, c.proven)
		if kind != c.want || changed != (c.want != "") {
			t.Errorf("from %q to %q (proven: %v): %q, %v; want %q", c.before, c.after, c.proven, kind, changed, c.want)
		}
	}
}

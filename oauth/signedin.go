package oauth

import (
	"context"
	"encoding/json"
	"strconv"
	"time"
)

// refreshLifetime is how long Entra's refresh tokens last from their last use,
// unless it says otherwise.
const refreshLifetime = 90 * 24 * time.Hour

// SignedIn says who has signed in and how long it lasts.
type SignedIn struct {
	Account Account `json:"account"`
	// Since is when the person signed in.
	Since time.Time `json:"since"`
	// Renewed is when the server last gave a refresh token: at Since, or by a
	// renewal.
	Renewed time.Time `json:"renewed"`
	// Lapses is when the sign-in ends if it is not used before: as the server
	// has said with the refresh token, or else 90 days after Renewed at Entra.
	// Without a refresh token it is the end of the last access token. Zero
	// means that it is not known, as with AD FS.
	Lapses time.Time `json:"lapses,omitzero"`
}

// SignedIn returns who has signed in, from the Cache and without asking a
// server; false where nobody has, or where the method is app-only. It does not
// wait for a renewal that is under way.
func (c *Client) SignedIn(ctx context.Context) (SignedIn, bool, error) {
	k, err := c.load(ctx, "account")
	if err != nil || k.Account == nil {
		return SignedIn{}, false, err
	}
	return k.signedInAt(c.cfg.Authority), true, nil
}

// ReadSignedIn returns what SignedIn would, from the blob of a Cache of that
// authority. It is false for a blob that nobody has signed in to, or that
// cannot be read.
func ReadSignedIn(blob []byte, authority string) (SignedIn, bool) {
	var k kept
	if json.Unmarshal(blob, &k) != nil || k.Account == nil {
		return SignedIn{}, false
	}
	return k.signedInAt(authority), true
}

// signedInAt tells of the sign-in that k keeps; k.Account must be there.
func (k kept) signedInAt(authority string) SignedIn {
	in := SignedIn{Account: *k.Account, Since: k.SignedIn, Renewed: k.renewed(), Lapses: k.Lapses}
	switch {
	case !k.Lapses.IsZero():
	case !hasRefreshToken(k.Tokens):
		_, in.Lapses = accessTimes(k.Tokens)
	case !IsADFS(authority) && !in.Renewed.IsZero():
		in.Lapses = in.Renewed.Add(refreshLifetime)
	}
	return in
}

// renewed is when the last refresh token came. A blob that does not tell was
// written by an older program: the last access token came with it.
func (k kept) renewed() time.Time {
	if !k.Renewed.IsZero() {
		return k.Renewed
	}
	if got, _ := accessTimes(k.Tokens); got.After(k.SignedIn) {
		return got
	}
	return k.SignedIn
}

// renewedSince reports whether somebody has renewed between a and b.
func renewedSince(a, b kept) bool {
	return refreshToken(a.Tokens) != refreshToken(b.Tokens) || !a.renewed().Equal(b.renewed())
}

// accessTimes returns when MSAL's cache last got an access token, and when the
// last of them ends.
func accessTimes(tokens []byte) (got, ends time.Time) {
	var parts struct {
		AccessToken map[string]struct {
			CachedAt  string `json:"cached_at"`
			ExpiresOn string `json:"expires_on"`
		} `json:"AccessToken"`
	}
	if json.Unmarshal(tokens, &parts) != nil {
		return got, ends
	}
	for _, t := range parts.AccessToken {
		if at := unixTime(t.CachedAt); at.After(got) {
			got = at
		}
		if at := unixTime(t.ExpiresOn); at.After(ends) {
			ends = at
		}
	}
	return got, ends
}

func unixTime(text string) time.Time {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

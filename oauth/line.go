package oauth

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// line is what one MSAL client sends its requests over: the wire, as long as
// its session lets it. It notes what an answer says of the refresh token, which
// MSAL's cache does not keep.
type line struct {
	*wire
	mu sync.Mutex
	// cut makes requests fail with errCut, and wanted says that one did.
	cut, wanted bool
	// granted is the refresh token's answer; the zero value where there was
	// none.
	granted granted
}

// granted is what an answer of the token endpoint says of its refresh token.
type granted struct {
	at time.Time
	// lifetime is 0 where the server does not tell it.
	lifetime time.Duration
}

// errCut is what MSAL gets where only its cache may answer.
var errCut = errors.New("the token is not in the cache")

// reset opens or cuts the line, and forgets what came over it.
func (l *line) reset(cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut, l.wanted, l.granted = cut, false, granted{}
}

// wasWanted reports whether a request was made over the line while it was cut.
func (l *line) wasWanted() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.wanted
}

// gave returns the refresh token's answer, if one came since reset.
func (l *line) gave() granted {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.granted
}

// Do sends a request of MSAL's; see wire.Do.
func (l *line) Do(req *http.Request) (*http.Response, error) {
	l.mu.Lock()
	if l.cut {
		l.wanted = true
		l.mu.Unlock()
		return nil, errCut
	}
	l.mu.Unlock()
	resp, err := l.wire.Do(req)
	if err != nil {
		return nil, err
	}
	answer, ok := resp.Body.(*wholeBody)
	if !ok || req.Method != http.MethodPost {
		return resp, nil
	}
	var said struct {
		RefreshToken string  `json:"refresh_token"`
		Lifetime     seconds `json:"refresh_token_expires_in"`
	}
	if json.Unmarshal(answer.text, &said) == nil && said.RefreshToken != "" {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.granted = granted{at: time.Now(), lifetime: time.Duration(said.Lifetime) * time.Second}
	}
	return resp, nil
}

// wholeBody is the body of an answer that has been read.
type wholeBody struct {
	io.Reader
	text []byte
}

// Close implements io.Closer.
func (*wholeBody) Close() error { return nil }

// seconds is a number of them, or a string that holds one, as some servers have
// it. Anything else, and what no lifetime can be, is 0.
type seconds int64

func (s *seconds) UnmarshalJSON(b []byte) error {
	var n json.Number
	var text string
	if json.Unmarshal(b, &text) == nil {
		n = json.Number(text)
	} else if json.Unmarshal(b, &n) != nil {
		return nil
	}
	if v, err := n.Int64(); err == nil && v > 0 && v < 100*365*24*60*60 {
		*s = seconds(v)
	}
	return nil
}

package ews_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
)

// challenged signs in at the second attempt, as NTLM and a renewed token do.
type challenged struct{ client *http.Client }

func (c challenged) Do(r *http.Request) (*http.Response, error) {
	resp, err := c.client.Do(r)
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	resp.Body.Close()
	again := r.Clone(r.Context())
	if again.Body, err = r.GetBody(); err != nil {
		return nil, err
	}
	again.Header.Set("Authorization", "Bearer renewed")
	return c.client.Do(again)
}

// redirected follows redirects, as an HTTP client of the caller's own may.
type redirected struct{ client *http.Client }

func (c redirected) Do(r *http.Request) (*http.Response, error) { return c.client.Do(r) }

// counted counts what is opened and closed.
type counted struct {
	io.Reader
	closed *atomic.Int32
}

func (c counted) Close() error {
	c.closed.Add(1)
	return nil
}

// A request that has to be sent again, after a challenge or to where a redirect
// points, opens its file again and sends it from its beginning, with its length
// known or not; and progress begins anew.
func TestUploadIsOpenedAgain(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789abcdef"), 20_000)
	for name, how := range map[string]struct {
		client func(*http.Client) interface {
			Do(*http.Request) (*http.Response, error)
		}
		refused func(w http.ResponseWriter, r *http.Request) bool
	}{
		"401": {
			func(c *http.Client) interface {
				Do(*http.Request) (*http.Response, error)
			} {
				return challenged{c}
			},
			func(w http.ResponseWriter, r *http.Request) bool {
				if r.Header.Get("Authorization") != "" {
					return false
				}
				plain(w, 401, "", "WWW-Authenticate", "Bearer")
				return true
			},
		},
		"307": {
			func(c *http.Client) interface {
				Do(*http.Request) (*http.Response, error)
			} {
				return redirected{c}
			},
			func(w http.ResponseWriter, r *http.Request) bool {
				if strings.HasPrefix(r.URL.Path, "/moved") {
					return false
				}
				plain(w, 307, "", "Location", "/moved"+r.URL.Path)
				return true
			},
		},
	} {
		for _, size := range []int64{int64(len(content)), -1} {
			var sent atomic.Int32
			var lengths []int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				if !bytes.Contains(body, []byte(base64.StdEncoding.EncodeToString(content))) {
					t.Errorf("%s: %d bytes came without the file", name, len(body))
				}
				sent.Add(1)
				lengths = append(lengths, r.ContentLength)
				if !how.refused(w, r) {
					respond(w, 200, canned("CreateAttachment"))
				}
			}))
			client := &http.Client{Transport: &http.Transport{}}
			var opened, closed atomic.Int32
			var told []int64
			m := ews.NewClient(how.client(client), server.URL+"/EWS/Exchange.asmx", nil).Mailbox("anna@contoso.example", ews.Own)
			_, err := m.Attach(t.Context(), "AAMkOne=", mailbox.Upload{Name: "a.bin", Size: size, Open: func() (io.ReadCloser, error) {
				opened.Add(1)
				return counted{bytes.NewReader(content), &closed}, nil
			}}.WithProgress(func(done, _ int64) { told = append(told, done) }))
			client.CloseIdleConnections()
			server.Close()
			if err != nil || sent.Load() != 2 || opened.Load() != 2 || closed.Load() != 2 {
				t.Errorf("%s: sent %d times, opened %d, closed %d, %v", name, sent.Load(), opened.Load(), closed.Load(), err)
			}
			if lengths[0] != lengths[1] || (lengths[0] > 0) != (size > 0) {
				t.Errorf("%s: Content-Length %v", name, lengths)
			}
			again := slices.Index(told[1:], 0) + 1
			if told[0] != 0 || again < 2 || told[again-1] != int64(len(content)) || told[len(told)-1] != int64(len(content)) {
				t.Errorf("%s: %d steps told, anew at %d", name, len(told), again)
			}
		}
	}
}

// A file that is gone by the second time is that, and nothing has happened.
func TestUploadIsGoneTheSecondTime(t *testing.T) {
	s := newStub(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
		plain(w, 401, "", "WWW-Authenticate", "Bearer")
	})
	gone := errors.New("the file is gone")
	opened := 0
	_, err := ews.NewClient(challenged{s.client}, s.URL, nil).Mailbox("anna@contoso.example", ews.Own).Attach(t.Context(), "AAMkOne=",
		mailbox.Upload{Name: "a", Size: 5, Open: func() (io.ReadCloser, error) {
			if opened++; opened > 1 {
				return nil, gone
			}
			return io.NopCloser(strings.NewReader("hello")), nil
		}})
	if !errors.Is(err, gone) || errors.Is(err, mailbox.ErrOutcomeUnknown) || opened != 2 {
		t.Errorf("opened %d times: %v", opened, err)
	}
}

// A client that does not follow redirects tells where one points, and sends
// nothing there.
func TestRedirectIsNotFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was followed") }))
	defer elsewhere.Close()
	s := newStub(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
		plain(w, 307, "", "Location", elsewhere.URL+"/EWS")
	})
	_, err := s.own().Attach(t.Context(), "AAMkOne=", file("a", "x"))
	if !errors.Is(err, mailbox.ErrUnavailable) || errors.Is(err, mailbox.ErrOutcomeUnknown) || !strings.Contains(err.Error(), elsewhere.URL) {
		t.Errorf("got %v", err)
	}
}

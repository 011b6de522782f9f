package ews_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
)

// sky is an EWS endpoint in virtual time, on a network without sockets.
type sky struct {
	t      *testing.T
	client *http.Client
	conns  chan net.Conn
	closed chan struct{}

	mu       sync.Mutex
	arrivals []arrival
	open     int // requests under way
}

// arrival is a request as it came.
type arrival struct {
	operation string
	at        time.Duration // since the beginning
	open      int           // requests under way, it included
}

func (s *sky) Accept() (net.Conn, error) {
	select {
	case c := <-s.conns:
		return c, nil
	case <-s.closed:
		return nil, net.ErrClosed
	}
}

func (s *sky) Close() error {
	close(s.closed)
	return nil
}

func (s *sky) Addr() net.Addr { return &net.TCPAddr{} }

// under runs a test under a sky: answer is given each request, with how many
// there were before it and how many are under way.
func under(t *testing.T, answer func(w http.ResponseWriter, a arrival, before int), test func(t *testing.T, s *sky)) {
	synctest.Test(t, func(t *testing.T) {
		s := &sky{t: t, conns: make(chan net.Conn), closed: make(chan struct{})}
		began := time.Now()
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			action := strings.Trim(r.Header.Get("SOAPAction"), `"`)
			s.mu.Lock()
			s.open++
			a := arrival{action[strings.LastIndexByte(action, '/')+1:], time.Since(began), s.open}
			before := len(s.arrivals)
			s.arrivals = append(s.arrivals, a)
			s.mu.Unlock()
			answer(w, a, before)
			s.mu.Lock()
			s.open--
			s.mu.Unlock()
		})}
		served := make(chan error)
		go func() { served <- server.Serve(s) }()
		s.client = &http.Client{
			Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
				ours, theirs := net.Pipe()
				select {
				case s.conns <- theirs:
					return ours, nil
				case <-s.closed:
					return nil, net.ErrClosed
				}
			}},
		}
		defer func() {
			// A connection that was being opened for a request which then got
			// another one becomes idle only now.
			synctest.Wait()
			s.client.CloseIdleConnections()
			if err := server.Close(); err != nil {
				t.Error(err)
			}
			<-served
		}()
		test(t, s)
	})
}

// came returns the requests so far.
func (s *sky) came() []arrival {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]arrival(nil), s.arrivals...)
}

// of returns a mailbox for which one account calls.
func (s *sky) of(address string, b *mailbox.Budget) *ews.Mailbox {
	return ews.NewClient(s.client, "http://ews.example/EWS/Exchange.asmx", &ews.Options{Budget: b, Account: "svc"}).Mailbox(address, ews.Own)
}

// busyForms are the ways in which Exchange, and what stands before it, says that
// it is busy, with the wait that they name.
func busyForms() map[string]struct {
	wait   time.Duration
	answer func(w http.ResponseWriter, operation string)
} {
	type form = struct {
		wait   time.Duration
		answer func(w http.ResponseWriter, operation string)
	}
	status := func(code int, body string, header ...string) func(http.ResponseWriter, string) {
		return func(w http.ResponseWriter, _ string) { plain(w, code, body, header...) }
	}
	busy := func(ms string) func(http.ResponseWriter, string) {
		return func(w http.ResponseWriter, _ string) { respond(w, 500, fault("ErrorServerBusy", "busy", backOff(ms))) }
	}
	message := func(code, inner string) func(http.ResponseWriter, string) {
		return func(w http.ResponseWriter, operation string) {
			respond(w, 200, failure(operation, code, "busy", `<m:MessageXml>`+inner+`</m:MessageXml>`))
		}
	}
	return map[string]form{
		"503":                      {0, status(503, "")},
		"503 with Retry-After":     {90 * time.Second, status(503, "", "Retry-After", "90")},
		"503 with Retry-After 0":   {0, status(503, "", "Retry-After", "0")},
		"429 with Retry-After":     {7 * time.Second, status(429, "", "Retry-After", "7")},
		"fault":                    {297749 * time.Millisecond, busy("297749")},
		"fault of 0 ms":            {0, busy("0")},
		"message":                  {5 * time.Second, message("ErrorServerBusy", `<t:Value Name="BackOffMilliseconds">5000</t:Value>`)},
		"message of 0 ms":          {0, message("ErrorServerBusy", `<t:Value Name="BackOffMilliseconds">0</t:Value>`)},
		"wrapped in another error": {0, message("ErrorInternalServerError", `<t:Value Name="InnerErrorResponseCode">ErrorServerBusy</t:Value>`)},
		"302 to the error page":    {0, status(302, "", "Location", "/owa/auth/errorFE.aspx/genericerrorpage.htm")},
		"ASP.NET's page":           {0, status(500, aspPage)},
		"ASP.NET's page, HTTP 200": {0, status(200, aspPage)},
	}
}

// minWait is the least that a budget waits where nobody says for how long: half
// of MinWait, by its jitter.
const minWait = 500 * time.Millisecond

// A busy answer of whatever form holds up all who share the budget, for as long
// as it says, and for a while where it does not; then all succeed.
func TestBackOffIsShared(t *testing.T) {
	for name, form := range busyForms() {
		t.Run(name, func(t *testing.T) {
			under(t, func(w http.ResponseWriter, a arrival, before int) {
				if before == 0 {
					form.answer(w, a.operation)
					return
				}
				respond(w, 200, canned(a.operation))
			}, func(t *testing.T, s *sky) {
				b := mailbox.NewBudget(&mailbox.BudgetOptions{Patience: 10 * time.Minute})
				var all sync.WaitGroup
				for i := range 6 {
					all.Go(func() {
						// The first is alone, and is answered before the others come.
						time.Sleep(time.Duration(min(i, 1)) * time.Millisecond)
						_, err := s.of([]string{"anna@contoso.example", "ben@contoso.example"}[i%2], b).Message(t.Context(), "AAMkOne=")
						if err != nil {
							t.Errorf("caller %d: %v", i, err)
						}
					})
				}
				all.Wait()
				list := s.came()
				if len(list) != 7 {
					t.Errorf("%d requests, want 7", len(list))
				}
				for _, a := range list[1:] {
					if wait := a.at - list[0].at; wait < max(form.wait, minWait) {
						t.Errorf("a request came %s after the busy answer", wait)
					}
				}
			})
		})
	}
}

// A storm of busy answers ends in results or in ErrBusy; no caller repeats
// without end or without a pause, and writes take effect once or not at all.
func TestBusyStorm(t *testing.T) {
	const callers, calls, attempts = 12, 3, 4
	for name, form := range busyForms() {
		for _, storm := range []int{20, 1 << 30} {
			t.Run(fmt.Sprintf("%s %d", name, storm), func(t *testing.T) {
				under(t, func(w http.ResponseWriter, a arrival, before int) {
					time.Sleep(10 * time.Millisecond)
					if before < storm {
						form.answer(w, a.operation)
						return
					}
					respond(w, 200, canned(a.operation))
				}, func(t *testing.T, s *sky) {
					b := mailbox.NewBudget(&mailbox.BudgetOptions{Patience: time.Hour, Attempts: attempts})
					var (
						all      sync.WaitGroup
						mu       sync.Mutex
						good     int
						confirms int
					)
					for i := range callers {
						all.Go(func() {
							m := s.of(fmt.Sprintf("user%d@contoso.example", i), b)
							for j := range calls {
								var err error
								if j == 1 {
									_, err = m.Send(t.Context(), mailbox.Outgoing{To: to("ben@contoso.example")})
								} else {
									_, err = m.Message(t.Context(), "AAMkOne=")
								}
								mu.Lock()
								switch {
								case err == nil && j == 1:
									confirms++
									good++
								case err == nil:
									good++
								case !errors.Is(err, mailbox.ErrBusy) && !errors.Is(err, mailbox.ErrOutcomeUnknown):
									t.Errorf("caller %d: %v", i, err)
								case errors.As(err, new(*mailbox.BusyError)):
									// Nothing was asked: the budget waits no longer.
								case mailbox.Hint(err) == "" || mailbox.RequestID(err) == "":
									t.Errorf("caller %d: hint %q, request %q: %v", i, mailbox.Hint(err), mailbox.RequestID(err), err)
								}
								mu.Unlock()
							}
						})
					}
					all.Wait()
					list := s.came()
					sends := 0
					for i, a := range list {
						if a.operation == "SendItem" && i >= storm {
							sends++
						}
					}
					if storm > 100 && good > 0 || storm < 100 && good == 0 {
						t.Errorf("%d good answers", good)
					}
					if sends != confirms {
						t.Errorf("%d messages were sent, and %d confirmed", sends, confirms)
					}
					// CreateItem, GetItem and SendItem, or DeleteItem, for a message.
					if most := callers * (calls + 3) * attempts; len(list) > most {
						t.Errorf("%d requests, more than %d", len(list), most)
					}
					if storm > 100 {
						// From one round of refusals to the next there is a pause.
						rounds := 1
						for i := 1; i < len(list); i++ {
							if list[i].at-list[i-1].at >= max(form.wait, minWait) {
								rounds++
							}
						}
						if rounds < attempts {
							t.Errorf("%d requests came in %d rounds", len(list), rounds)
						}
					}
				})
			})
		}
	}
}

// A single caller is the easiest to see: each pause is longer than the one
// before, though the server says 0 ms each time.
func TestZeroIsNoHotRetry(t *testing.T) {
	under(t, func(w http.ResponseWriter, _ arrival, _ int) {
		respond(w, 500, fault("ErrorServerBusy", "busy", backOff("0")))
	}, func(t *testing.T, s *sky) {
		b := mailbox.NewBudget(&mailbox.BudgetOptions{Patience: time.Hour, Attempts: 6})
		if _, err := s.of("anna@contoso.example", b).Message(t.Context(), "AAMkOne="); !errors.Is(err, mailbox.ErrBusy) {
			t.Errorf("got %v", err)
		}
		list := s.came()
		if len(list) != 6 {
			t.Fatalf("%d requests", len(list))
		}
		for i := 1; i < len(list); i++ {
			if pause, least := list[i].at-list[i-1].at, minWait<<(i-1); pause < least {
				t.Errorf("pause %d is %s, less than %s", i, pause, least)
			}
		}
	})
}

// A storm of 401s is one refusal a call: a token or password that is refused is
// not tried again and again, which would lock the account.
func TestSignInStorm(t *testing.T) {
	under(t, func(w http.ResponseWriter, _ arrival, _ int) {
		plain(w, 401, "", "WWW-Authenticate", "Basic")
	}, func(t *testing.T, s *sky) {
		b := mailbox.NewBudget(nil)
		var all sync.WaitGroup
		for i := range 10 {
			all.Go(func() {
				m := s.of(fmt.Sprintf("user%d@contoso.example", i), b)
				_, read := m.Message(t.Context(), "AAMkOne=")
				_, send := m.Send(t.Context(), mailbox.Outgoing{To: to("ben@contoso.example")})
				for _, err := range []error{read, send} {
					if !errors.Is(err, mailbox.ErrSignInNeeded) || errors.Is(err, mailbox.ErrOutcomeUnknown) || mailbox.Hint(err) == "" || mailbox.RequestID(err) == "" {
						t.Errorf("got %v", err)
					}
				}
			})
		}
		all.Wait()
		if n := len(s.came()); n != 20 {
			t.Errorf("%d requests for 20 calls", n)
		}
	})
}

// A server that bears three calls at a time, and says so only by refusing more,
// is soon asked no more of, and all calls succeed.
func TestConcurrencyIsLearned(t *testing.T) {
	const bears = 3
	under(t, func(w http.ResponseWriter, a arrival, _ int) {
		time.Sleep(100 * time.Millisecond)
		if a.open > bears {
			respond(w, 500, fault("ErrorServerBusy", "busy", backOff("0")))
			return
		}
		respond(w, 200, canned(a.operation))
	}, func(t *testing.T, s *sky) {
		b := mailbox.NewBudget(&mailbox.BudgetOptions{Patience: 24 * time.Hour, Attempts: 100})
		var all sync.WaitGroup
		for i := range 30 {
			all.Go(func() {
				m := s.of(fmt.Sprintf("user%d@contoso.example", i), b)
				for range 20 {
					if _, err := m.Message(t.Context(), "AAMkOne="); err != nil {
						t.Errorf("caller %d: %v", i, err)
					}
				}
			})
		}
		all.Wait()
		list := s.came()
		refused, peak := len(list)-600, 0
		for _, a := range list[len(list)/2:] {
			peak = max(peak, a.open)
		}
		if list[0].open > 1 && peak > bears+1 || refused > 150 {
			t.Errorf("at the end %d at a time, and %d calls were refused", peak, refused)
		}
		top := 0
		for _, a := range list {
			top = max(top, a.open)
		}
		if top <= bears+1 || peak > bears+1 {
			t.Errorf("at first %d at a time, later %d", top, peak)
		}
	})
}

package simulator

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/exconn/exconn/simulator/entra"
)

// Control returns a handler by which another program handles the simulator
// while it runs. Requests and answers are JSON:
//
//	GET    /faults        the faults in force, each with how many requests it
//	                      has matched (seen) and befallen (struck)
//	POST   /faults        a fault script, whose faults are added
//	DELETE /faults        takes all faults out
//	DELETE /faults/{id}   takes one out
//	GET    /strikes       the requests that faults have befallen, in order
//	POST   /effects       an effect to be had at once: an object with kind and
//	                      the fields of that kind, such as
//	                      {"kind": "advance-clock", "by": "2h"}
//	GET    /clock         the time by the simulator's clock
//
// It is for this machine alone: it wants the token as a bearer token, a host
// name of loopback, and no sign of a web page. An error is
// {"error": …, "hint": …} with a status of 400 or more.
func (s *Simulator) Control(token entra.Secret) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, _ *http.Request) {
		tell(w, http.StatusOK, map[string]any{"faults": s.describeFaults(nil)})
	})
	mux.HandleFunc("POST /faults", func(w http.ResponseWriter, r *http.Request) {
		text, ok := readControl(w, r)
		if !ok {
			return
		}
		script, err := ParseFaults(text)
		if err != nil {
			complain(w, http.StatusBadRequest, err)
			return
		}
		tell(w, http.StatusCreated, map[string]any{"faults": s.describeFaults(s.Play(script))})
	})
	mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, _ *http.Request) {
		n := 0
		for _, f := range s.Faults() {
			if s.RemoveFault(f.ID) {
				n++
			}
		}
		tell(w, http.StatusOK, map[string]any{"removed": n})
	})
	mux.HandleFunc("DELETE /faults/{id}", func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.Atoi(r.PathValue("id"))
		if err != nil || !s.RemoveFault(id) {
			complain(w, http.StatusNotFound, fmt.Errorf("no fault with the id %q is in force; GET /faults lists them", r.PathValue("id")))
			return
		}
		tell(w, http.StatusOK, map[string]any{"removed": 1})
	})
	mux.HandleFunc("GET /strikes", func(w http.ResponseWriter, _ *http.Request) {
		strikes := s.Strikes()
		if strikes == nil {
			strikes = []Strike{}
		}
		tell(w, http.StatusOK, map[string]any{"strikes": strikes})
	})
	mux.HandleFunc("GET /clock", func(w http.ResponseWriter, _ *http.Request) { s.tellClock(w) })
	mux.HandleFunc("POST /effects", func(w http.ResponseWriter, r *http.Request) {
		text, ok := readControl(w, r)
		if !ok {
			return
		}
		effect, err := ParseEffect(text)
		if err == nil {
			err = s.Do(effect)
		}
		if err != nil {
			complain(w, http.StatusBadRequest, err)
			return
		}
		s.tellClock(w)
	})
	return localAlone(token, mux)
}

func (s *Simulator) tellClock(w http.ResponseWriter) {
	tell(w, http.StatusOK, map[string]any{"now": s.Now().UTC().Format(time.RFC3339Nano)})
}

// localAlone lets those through who have the token and come from this machine
// by their own will. A page in a browser has no token; the host name is checked
// besides, because a page can give a name of its own to 127.0.0.1 (DNS
// rebinding), and so are the headers that a browser adds.
func localAlone(token entra.Secret, next http.Handler) http.Handler {
	want := []byte("Bearer " + string(token))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		site := r.Header.Get("Sec-Fetch-Site")
		switch {
		case !loopbackName(r.Host):
			complain(w, http.StatusForbidden, errors.New("this address answers to names of loopback alone"))
		case r.Header.Get("Origin") != "" || site != "" && site != "none":
			complain(w, http.StatusForbidden, errors.New("no web page may use this address"))
		case token == "" || subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), want) != 1:
			w.Header().Set("WWW-Authenticate", "Bearer")
			complain(w, http.StatusUnauthorized, errors.New("the token is missing or wrong: send the header that stands in the control file"))
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// loopbackName tells whether a Host header names this machine.
func loopbackName(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	if name == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(name)
	return err == nil && addr.IsLoopback()
}

// readControl reads the body of a request.
func readControl(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxScript))
	if err != nil {
		complain(w, http.StatusRequestEntityTooLarge, fmt.Errorf("reading the request, which may have %d bytes: %w", maxScript, err))
		return nil, false
	}
	return text, true
}

// told is a fault in force, as Control tells of it.
type told struct {
	ID     int     `json:"id"`
	Name   string  `json:"name,omitempty"`
	Kind   string  `json:"kind,omitempty"`
	Match  matched `json:"match"`
	Skip   int     `json:"skip,omitempty"`
	Times  int     `json:"times,omitempty"`
	Share  float64 `json:"share,omitempty"`
	Seen   int     `json:"seen"`
	Struck int     `json:"struck"`
}

type matched struct {
	Service   Service `json:"service,omitempty"`
	Tenant    Tenant  `json:"tenant,omitempty"`
	Operation string  `json:"operation,omitempty"`
	Mailbox   string  `json:"mailbox,omitempty"`
	Account   string  `json:"account,omitempty"`
	UserAgent string  `json:"user_agent,omitempty"`
}

// describeFaults tells of the faults with these ids; nil means all.
func (s *Simulator) describeFaults(ids []int) []told {
	wanted := map[int]bool{}
	for _, id := range ids {
		wanted[id] = true
	}
	list := []told{}
	for _, f := range s.Faults() {
		if ids != nil && !wanted[f.ID] {
			continue
		}
		list = append(list, told{
			ID: f.ID, Name: f.Name, Kind: f.Kind, Skip: f.Skip, Times: f.Times, Share: f.Share, Seen: f.Seen, Struck: f.Struck,
			Match: matched{f.Service, f.Tenant, f.Operation, f.Mailbox, f.Account, f.UserAgent},
		})
	}
	return list
}

func tell(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	// The client may have gone; nobody else wants to know.
	_ = json.NewEncoder(w).Encode(v)
}

func complain(w http.ResponseWriter, status int, err error) {
	answer := map[string]string{"error": err.Error()}
	var hinting interface{ Hint() string }
	if errors.As(err, &hinting) {
		answer["hint"] = hinting.Hint()
	}
	tell(w, status, answer)
}

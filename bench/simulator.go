package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/simulator"
)

// What the simulator is measured with: so many mailboxes and messages in each,
// and mailboxes of them that are read whole.
const (
	crowdMailboxes = 10_000
	crowdMessages  = 200
	crowdTouched   = 500
)

// benchSimulator starts a simulator of ten thousand mailboxes, and reads some
// of them, each time in a process of its own.
func benchSimulator(s *settings, t *table) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for _, m := range []struct {
		job     string
		touched int
	}{{"", 0}, {", 500 of them read", crowdTouched}} {
		samples, err := rounds(s.rounds, []rival{{name: ours, run: func() (sample, error) {
			return measure(nil, self, "simulator", strconv.Itoa(m.touched))
		}}})
		if err != nil {
			return err
		}
		peak := medianOf(samples[ours], peakMB)
		if peak == 0 {
			return errors.New("this system does not tell a process's peak memory")
		}
		t.add(line{
			job: "memory, simulator of 10,000 mailboxes" + m.job, rival: ceiling, ours: fmt.Sprintf("%.0f MB", peak),
			theirs: fmt.Sprintf("%d MB", simulatorMemory), ratio: peak / simulatorMemory,
		})
		if m.touched > 0 {
			continue
		}
		start := medianOf(samples[ours], toldStart)
		t.add(line{
			job: "start, simulator of 10,000 mailboxes", rival: ceiling, ours: fmt.Sprintf("%.2f s", start),
			theirs: fmt.Sprintf("%d s", simulatorStart), ratio: start / simulatorStart,
		})
	}
	return nil
}

func toldStart(s sample) float64 { return s.told.Start }

// simulatorWorker starts a simulator, reads the inboxes of so many mailboxes,
// and prints how long the start took and the most memory that it has had.
func simulatorWorker(args []string) error {
	if len(args) != 1 {
		return errors.New("simulator takes the number of mailboxes to read")
	}
	touched, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	began := time.Now()
	sim, err := simulator.New(&simulator.Options{Seed: 1, Mailboxes: crowdMailboxes, Messages: crowdMessages, Password: "bench"})
	if err != nil {
		return err
	}
	if err := sim.Start(); err != nil {
		return errors.Join(err, sim.Close())
	}
	start := time.Since(began)
	for n := range touched {
		if err := readInbox(sim, sim.CrowdAddress(simulator.Server, n+1)); err != nil {
			return errors.Join(err, sim.Close())
		}
	}
	err = json.NewEncoder(os.Stdout).Encode(map[string]any{"start": start.Seconds(), "peak_kb": peakMemory()})
	return errors.Join(err, sim.Close())
}

const findInbox = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"><s:Header><t:RequestServerVersion Version="Exchange2013_SP1"/></s:Header><s:Body><m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape><m:ParentFolderIds><t:DistinguishedFolderId Id="inbox"/></m:ParentFolderIds></m:FindItem></s:Body></s:Envelope>`

// readInbox lists an inbox with all properties.
func readInbox(sim *simulator.Simulator, address string) error {
	r := httptest.NewRequest(http.MethodPost, ewsserver.Path, strings.NewReader(findInbox))
	r.Header.Set("Content-Type", "text/xml; charset=utf-8")
	r.SetBasicAuth(address, "bench")
	w := httptest.NewRecorder()
	sim.Handler(simulator.Server).ServeHTTP(w, r)
	answer, err := io.ReadAll(w.Body)
	if err == nil && (w.Code != http.StatusOK || strings.Count(string(answer), "InternetMessageId>") < crowdMessages/2) {
		err = fmt.Errorf("listing the inbox of %s: HTTP %d with %d bytes", address, w.Code, len(answer))
	}
	return err
}

// peakMemory is the largest resident set that this process has had, in
// kilobytes, or 0 where the system does not tell.
func peakMemory() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			if err == nil {
				return n
			}
		}
	}
	return 0
}

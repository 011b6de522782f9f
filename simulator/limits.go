package simulator

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/exconn/exconn/ewsserver"
)

// Limits are what an admin of Exchange sets limits to. Zero means Exchange's
// own where it is named here, and otherwise that there is none, so that nothing
// gets into the way of who does not ask for it.
type Limits struct {
	// Concurrency is how many requests an account may have in work at once
	// (EWSMaxConcurrency, 27 by default in Exchange); more are refused with
	// ErrorExceededConnectionCount. An impersonated mailbox has its own count.
	// Streams of events do not count.
	Concurrency int
	// Subscriptions is how many subscriptions to events a mailbox may have
	// (EWSMaxSubscriptions): 5,000 in Exchange Server and 20 in Exchange Online.
	Subscriptions int
	// Streams is how many open streams of events an account may have
	// (HangingConnectionLimit): 10.
	Streams int
	// Page and FilteredPage are the most entries of a page, without and with a
	// restriction or a query string: 1,000 and 250.
	Page, FilteredPage int
	// MessageSize is the most bytes that a message to be sent may have; it is
	// refused with ErrorMessageSizeExceeded. Exchange has 36 MB by default.
	MessageSize int64
	// Recipients is how many people a message may be for, members of groups
	// not counted (RecipientLimits, 500 by default). A message for more comes
	// back to its sender as undeliverable.
	Recipients int
	// SyncStates is how long a sync state is good; later it is refused with
	// ErrorInvalidSyncStateData.
	SyncStates time.Duration
	// Retention is how long deleted items stay recoverable
	// (RetainDeletedItemsFor, 14 days by default), from when they came into the
	// Recoverable Items folder.
	Retention time.Duration
	// AllowedAgents are the only user agents that EWS is open for
	// (EnforceAllowList), and BlockedAgents those that it is closed to
	// (EnforceBlockList); a star stands for anything. Nil means no such list.
	// Others are refused with HTTP 403 and X-EWS-Policy-Reason.
	AllowedAgents, BlockedAgents []string
}

// flights counts the requests in work, by account or impersonated mailbox.
type flights struct {
	mu     sync.Mutex
	counts map[string]int
}

// flight is one request, for as long as it is in work.
type flight struct {
	of *flights
	// hanging is set for a stream of events, which does not count.
	hanging bool
	account string
}

type flightKey struct{}

// counted lets each request take its place, and give it back at its end.
func (s *Simulator) counted(next http.Handler) http.Handler {
	if s.opts.Limits.Concurrency <= 0 {
		return next
	}
	all := &flights{counts: map[string]int{}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := &flight{of: all}
		defer f.land()
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), flightKey{}, f)))
	})
}

// hangs notes that a request is a stream of events.
func hangs(ctx context.Context, operation string) {
	if f, ok := ctx.Value(flightKey{}).(*flight); ok {
		f.hanging = operation == "GetStreamingEvents"
	}
}

// takeOff counts a request, or refuses it where there are as many already as
// may be.
func takeOff(ctx context.Context, account string, limit int) error {
	f, ok := ctx.Value(flightKey{}).(*flight)
	if !ok || f.hanging || f.account != "" {
		return nil
	}
	f.of.mu.Lock()
	defer f.of.mu.Unlock()
	if f.of.counts[account] >= limit {
		return &ewsserver.Error{
			Code: ewsserver.ErrorExceededConnectionCount, Text: "The account has as many requests in work as it may have. Wait for one of them to end.",
			// The keys, and a back-off of nothing, as in reports from Exchange
			// Online (ews-managed-api#293).
			Values: map[string]string{"Policy": "MaxConcurrency", "MaxConcurrencyLimit": strconv.Itoa(limit), "BackOffMilliseconds": "0"},
		}
	}
	f.of.counts[account]++
	f.account = account
	return nil
}

func (f *flight) land() {
	f.of.mu.Lock()
	defer f.of.mu.Unlock()
	if f.account == "" {
		return
	}
	if f.of.counts[f.account]--; f.of.counts[f.account] == 0 {
		delete(f.of.counts, f.account)
	}
}

// agentAllowed holds a user agent against the organisation's lists.
func (l *Limits) agentAllowed(agent string) bool {
	matches := func(patterns []string) bool {
		for _, p := range patterns {
			if matchStars(strings.ToLower(p), strings.ToLower(agent)) {
				return true
			}
		}
		return false
	}
	return (l.AllowedAgents == nil || matches(l.AllowedAgents)) && !matches(l.BlockedAgents)
}

// matchStars tells whether a text is like a pattern, in which a star stands for
// any characters, none included.
func matchStars(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		if _, text, ok = strings.Cut(text, part); !ok {
			return false
		}
	}
	return strings.HasSuffix(text, parts[len(parts)-1])
}

// checkSize refuses a message that is too large to be sent.
func (st *state) checkSize(value any, files []*attachment) error {
	limit := st.limits.MessageSize
	if size := (&item{value: value, files: files}).size(); limit > 0 && int64(size) > limit {
		return ewsserver.Errorf(ewsserver.ErrorMessageSizeExceeded, "The message has %d bytes; %d may be sent.", size, limit)
	}
	return nil
}

// tooMany tells whether a message is for more people than it may be.
func (st *state) tooMany(value any) bool {
	return st.limits.Recipients > 0 && len(recipientsOf(value)) > st.limits.Recipients
}

// purge removes what was deleted longer ago than deleted items are kept.
func (st *state) purge(mb *mbox) {
	if st.limits.Retention <= 0 {
		return
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	before := st.now().Add(-st.limits.Retention)
	for _, name := range []string{"recoverableitemsdeletions", "archiverecoverableitemsdeletions"} {
		f := mb.known(name)
		for f != nil && len(f.items) > 0 {
			// The first of them came first, and has not changed since.
			if at, ok := timeOf(f.items[0].value, "LastModifiedTime"); !ok || !at.Before(before) {
				break
			}
			st.remove(f.items[0])
		}
	}
}

// expired tells whether a sync state was given out too long ago.
func (st *state) expired(s syncState) bool {
	return st.limits.SyncStates > 0 && st.now().Sub(time.Unix(int64(s.given), 0)) > st.limits.SyncStates
}

// subscriptionLimit is EWSMaxSubscriptions, charged to the target mailbox.
func (st *state) subscriptionLimit(t *tenant) int {
	switch {
	case st.limits.Subscriptions > 0:
		return st.limits.Subscriptions
	case t.kind == Online:
		return 20
	}
	return 5000
}

// streamLimit is HangingConnectionLimit.
func (st *state) streamLimit() int {
	if st.limits.Streams > 0 {
		return st.limits.Streams
	}
	return maxHanging
}

package mailbox

import (
	"context"
	"errors"
	"time"
)

// gate is the limit of one connection, account or mailbox.
type gate struct {
	limit, most int // calls at a time: now, and at best
	inUse       int
	until       time.Time // closed till then
	busy        int       // busy answers since the last good one
	cut         time.Time // when the limit was last halved
	good        int       // good answers since the limit last changed
}

// recovery is how many good answers, for each place that there is, bring one
// place more.
const recovery = 4

// forgotten is how old a busy answer is that tells nothing any more.
const forgotten = time.Hour

// gate returns a gate, which it makes where there is none. b.mu is held.
func (b *Budget) gate(k gateKey) *gate {
	g := b.gates[k]
	if g == nil {
		most := b.opts.Connection
		switch k.scope {
		case AccountScope:
			most = b.opts.Account
		case MailboxScope:
			most = b.opts.Mailbox
		}
		g = &gate{limit: most, most: most}
		b.gates[k] = g
	}
	return g
}

// prune forgets the gates that are as new, or as good as that, so that a budget does not grow with
// the number of mailboxes that it ever saw. b.mu is held.
func (b *Budget) prune(now time.Time) {
	for k, g := range b.gates {
		asNew := g.limit == g.most && g.busy == 0
		if g.inUse == 0 && !g.until.After(now) && (asNew || now.Sub(g.cut) > forgotten) {
			delete(b.gates, k)
		}
	}
}

// learn takes in how a call ended that began at a time. b.mu is held.
func (b *Budget) learn(c Charge, began time.Time, err error) {
	if errors.Is(err, ErrBusy) {
		if own := (*BusyError)(nil); errors.As(err, &own) {
			return // our own words
		}
		b.close(b.gate(c.concerned(err)), began, err)
		return
	}
	if err != nil && (errors.Is(err, ErrUnavailable) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		return // the server has not answered: it tells nothing either way
	}
	for _, k := range c.keys() {
		b.gate(k).answered(began)
	}
}

// concerned returns the gate that a busy answer is about. An error says so by
// a method BusyScope() Scope; without it, it is the account's.
func (c Charge) concerned(err error) gateKey {
	scope := AccountScope
	if s := interface{ BusyScope() Scope }(nil); errors.As(err, &s) {
		scope = s.BusyScope()
	}
	switch {
	case scope == MailboxScope && c.Mailbox != "":
		return gateKey{MailboxScope, c.Mailbox}
	case scope == AccountScope && c.Account != "":
		return gateKey{AccountScope, c.Account}
	}
	return gateKey{ConnectionScope, ""}
}

// close closes a gate for a while. Of many calls that are refused at the same
// time, those that began before the limit was halved do not halve it again.
func (b *Budget) close(g *gate, began time.Time, err error) {
	now := time.Now()
	if g.cut.IsZero() || began.After(g.cut) {
		g.busy++
		g.limit = max(1, g.limit/2)
		g.cut = now
	}
	g.good = 0
	if until := now.Add(b.wait(g.busy, err)); until.After(g.until) {
		g.until = until
	}
}

// answered counts a good answer.
func (g *gate) answered(began time.Time) {
	if !g.cut.IsZero() && !began.After(g.cut) {
		return // it was admitted when the limit was still another
	}
	g.busy = 0
	if g.limit == g.most {
		return
	}
	if g.good++; g.good >= recovery*g.limit {
		g.good = 0
		g.limit++
	}
}

package simulator

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"sync"
)

// faults are the faults in force.
type faults struct {
	mu   sync.Mutex
	list []*activeFault
	// added counts all faults that there ever were, and struck all strikes.
	added, struck int
	strikes       []Strike // the last of them
}

// maxStrikes is how many strikes are remembered.
const maxStrikes = 10_000

type activeFault struct {
	Fault
	id           int
	seen, struck int
	// chance decides by Share.
	chance *rand.Rand
}

// ActiveFault is a fault in force.
type ActiveFault struct {
	ID int
	Fault
	// Seen is how many requests it has matched, and Struck how many of them it
	// has befallen.
	Seen, Struck int
}

// Fail puts a fault in force, after those that are already. The function that
// it returns takes it out again.
func (s *Simulator) Fail(f Fault) (remove func()) {
	id := s.faults.add(f, s.opts.Seed, 0)
	return func() { s.RemoveFault(id) }
}

// Faults lists the faults in force, in the order in which they were added.
func (s *Simulator) Faults() []ActiveFault {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	list := make([]ActiveFault, 0, len(s.faults.list))
	for _, r := range s.faults.list {
		list = append(list, ActiveFault{ID: r.id, Fault: r.Fault, Seen: r.seen, Struck: r.struck})
	}
	return list
}

// RemoveFault takes a fault out. It is false for an id that is not in force.
func (s *Simulator) RemoveFault(id int) bool {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	before := len(s.faults.list)
	s.faults.list = slices.DeleteFunc(s.faults.list, func(r *activeFault) bool { return r.id == id })
	return len(s.faults.list) < before
}

// Strikes lists the requests that faults have befallen, in order: the last
// 10,000 of them.
func (s *Simulator) Strikes() []Strike {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	return slices.Clone(s.faults.strikes)
}

// add returns the id of the new fault. stream sets apart the chances of faults
// that have one seed; zero means the id.
func (f *faults) add(fault Fault, seed uint64, stream int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.added++
	f.list = append(f.list, &activeFault{
		Fault: fault, id: f.added,
		chance: rand.New(rand.NewPCG(seed, uint64(cmp.Or(stream, f.added)))),
	})
	return f.added
}

// find returns the fault that befalls a request, or nil.
func (f *faults) find(v victim) (*Fault, Strike) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.list {
		if !r.matches(v) || !r.turn() {
			continue
		}
		r.struck++
		f.struck++
		found := r.Fault
		strike := Strike{
			Number: f.struck, Fault: r.id, Name: r.Name, Kind: r.Kind, Service: v.service, Tenant: v.tenant,
			Operation: v.operation, Mailbox: v.mailbox, Account: cmp.Or(v.account, v.app),
		}
		if len(f.strikes) >= maxStrikes {
			f.strikes = slices.Delete(f.strikes, 0, len(f.strikes)-maxStrikes+1)
		}
		f.strikes = append(f.strikes, strike)
		return &found, strike
	}
	return nil, Strike{}
}

// turn counts a request that the fault matches, and decides whether it is
// struck.
func (r *activeFault) turn() bool {
	r.seen++
	// The die is cast for every request, so that it falls alike whatever Skip
	// and Times are.
	chosen := r.Share == 0 || r.chance.Float64() < r.Share
	return chosen && r.seen > r.Skip && (r.Times == 0 || r.struck < r.Times)
}

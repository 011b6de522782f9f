package simulator

import "sync"

// guard is the lock of a state. What was changed under it is written down
// before it is let go, so that nobody is told of what is not kept.
type guard struct {
	sync.RWMutex
	// arrive, where it is not nil, is called with the lock held, before
	// anything else; leave, with the lock held, after everything else.
	arrive, leave func()
	// due tells whether arrive has something to do, for those who only read.
	due func() bool
}

// Lock locks for writing.
func (g *guard) Lock() {
	g.RWMutex.Lock()
	if g.arrive != nil {
		g.arrive()
	}
}

// Unlock keeps what was changed, and lets others in.
func (g *guard) Unlock() {
	if g.leave != nil {
		g.leave()
	}
	g.RWMutex.Unlock()
}

// RLock locks for reading.
func (g *guard) RLock() {
	if g.due != nil && g.due() {
		g.catchUp()
	}
	g.RWMutex.RLock()
}

// catchUp does what is due.
func (g *guard) catchUp() {
	g.Lock()
	defer g.Unlock()
}

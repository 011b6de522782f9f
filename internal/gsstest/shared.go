package gsstest

import (
	"sync"
	"testing"
)

// Shared is a KDC for all tests of a package: it is started when the first one
// needs it, and ends with the last. The zero value is ready.
type Shared struct {
	mu  sync.Mutex
	kdc *KDC
}

// Start returns the KDC.
func (s *Shared) Start(t *testing.T) *KDC {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kdc == nil {
		s.kdc = StartKDC(t)
	}
	return s.kdc
}

// Main is what a package's TestMain runs, for goleak too: the tests, and then
// the end of the KDC.
func (s *Shared) Main(m *testing.M) interface{ Run() int } { return run{m, s} }

type run struct {
	m      *testing.M
	shared *Shared
}

func (r run) Run() int {
	code := r.m.Run()
	r.shared.mu.Lock()
	defer r.shared.mu.Unlock()
	if r.shared.kdc != nil {
		r.shared.kdc.Stop()
	}
	return code
}

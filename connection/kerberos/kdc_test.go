package kerberos

import (
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/exconn/exconn/internal/gsstest"
)

const (
	realm    = gsstest.Realm
	user     = gsstest.User
	password = gsstest.Password
	service  = gsstest.Service
)

// shared is the KDC of the tests, which is started when the first one needs it
// and ends with the last.
var shared struct {
	sync.Mutex
	kdc *gsstest.KDC
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(run{m}) }

type run struct{ m *testing.M }

func (r run) Run() int {
	code := r.m.Run()
	shared.Lock()
	defer shared.Unlock()
	if shared.kdc != nil {
		shared.kdc.Stop()
	}
	return code
}

func startKDC(t *testing.T) *gsstest.KDC {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.kdc == nil {
		shared.kdc = gsstest.StartKDC(t)
	}
	return shared.kdc
}

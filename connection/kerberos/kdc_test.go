package kerberos

import (
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

// shared is the KDC of the tests.
var shared gsstest.Shared

func TestMain(m *testing.M) { goleak.VerifyTestMain(shared.Main(m)) }

func startKDC(t *testing.T) *gsstest.KDC {
	t.Helper()
	return shared.Start(t)
}

package simulator

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv(victimFile) != "" {
		beKilled() // this process is to be killed; see TestKilled
	}
	goleak.VerifyTestMain(m)
}

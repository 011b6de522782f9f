package canary

import (
	"flag"
	"fmt"
	"os"
)

// Suite runs the tests of a package and then judges what all of them have said.
// It is a *testing.M for whoever runs one, such as goleak:
//
//	func TestMain(m *testing.M) { goleak.VerifyTestMain(&canary.Suite{M: m, Watch: watch, Secrets: 100, Texts: 10}) }
type Suite struct {
	M     interface{ Run() int }
	Watch *Watch
	// Secrets and Texts are how many of each all tests together have at least.
	Secrets, Texts int
}

// Run returns the exit code of the tests, or 1 where a secret is found.
func (s *Suite) Run() int {
	code := s.M.Run()
	for _, name := range []string{"test.run", "test.skip", "test.list"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" || code != 0 {
			// Not all tests have run: what they have said is judged all the same.
			s.Secrets, s.Texts = 0, 0
		}
	}
	complaints := &complaints{}
	s.Watch.judge(complaints, s.Secrets, s.Texts)
	if complaints.n > 0 && code == 0 {
		code = 1
	}
	return code
}

// complaints writes what a test would say.
type complaints struct{ n int }

func (c *complaints) Helper() {}
func (c *complaints) Errorf(format string, args ...any) {
	c.n++
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}

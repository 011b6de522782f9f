// Command bench measures exconn against its peers and prints a table of
// medians, with the ratios of what was measured in the same run. It fails where
// a ratio is worse than its floor in goals.go, so that speed cannot rot
// unnoticed. "make bench" builds what it needs and runs it.
//
// What is compared is processor time, of the program and of the kernel for it:
// it does not depend on what else the machine does nearly as much as the time
// on the clock, which is shown beside it. Rivals take turns in every round.
//
//   - decode: an answer in memory into full structs, against parsers in C that
//     build nothing, encoding/xml into the same structs, and io.ReadAll. One
//     processor each.
//   - client: whole jobs of a client process on a server with prepared answers,
//     against exchangelib (the job alone, without Python's start) and against
//     curl, which drops the same bytes, plus one pass of libxml2 over them.
//   - memory: the most that a client process has had.
//   - allocations for each item of a page.
//   - simulator: the start and the memory of one with ten thousand mailboxes.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// settings are the flags.
type settings struct {
	rounds int
	only   map[string]bool
	// programs is where the other programs of this folder are.
	programs string
	python   string
	dir      string // for files
}

// wants reports whether a part is to be measured.
func (s *settings) wants(part string) bool { return len(s.only) == 0 || s.only[part] }

func main() {
	if len(os.Args) > 1 && os.Args[1] == "decode" {
		exit(decodeWorker(os.Args[2:]))
	}
	if len(os.Args) > 1 && os.Args[1] == "simulator" {
		exit(simulatorWorker(os.Args[2:]))
	}
	exit(run())
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func run() error {
	s := settings{only: map[string]bool{}}
	flag.IntVar(&s.rounds, "rounds", 5, "how often everything is measured, at least 1; the median counts")
	only := flag.String("only", "", "what to measure, of decode, client, memory, allocations and simulator, with commas between; empty means all")
	flag.StringVar(&s.python, "python", "/usr/bin/python3", "the Python that has exchangelib")
	flag.Parse()
	if s.rounds < 1 || flag.NArg() > 0 {
		flag.Usage()
		return fmt.Errorf("a number of rounds below 1, or an argument that is no flag")
	}
	for part := range strings.SplitSeq(*only, ",") {
		if part != "" {
			s.only[part] = true
		}
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	s.programs = filepath.Dir(self)
	if s.dir, err = os.MkdirTemp("", "exconn-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(s.dir)

	var t table
	for _, part := range []struct {
		name string
		run  func(*settings, *table) error
	}{
		{"decode", benchDecode}, {"client", benchClients}, {"memory", benchMemory}, {"allocations", benchAllocations}, {"simulator", benchSimulator},
	} {
		if !s.wants(part.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "measuring: %s, %d rounds\n", part.name, s.rounds)
		if err := part.run(&s, &t); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	t.print(os.Stdout)
	return t.verdict()
}

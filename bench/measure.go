package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// sample is one run of a program.
type sample struct {
	wall time.Duration
	// cpu is the processor time of the process, from its start to its end.
	cpu time.Duration
	// told is what the program printed of itself.
	told struct {
		passResult
		Count int64 `json:"count"`
		Peak  int64 `json:"peak_kb"`
		// Start is how long a simulator took to start, in seconds.
		Start float64 `json:"start"`
	}
}

// measure runs a program to its end. What it prints is one line of JSON, or
// nothing.
func measure(env []string, name string, args ...string) (sample, error) {
	var s sample
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	began := time.Now()
	err := cmd.Run()
	s.wall = time.Since(began)
	if err != nil {
		return s, fmt.Errorf("%s %q: %w: %s", name, args, err, tail(stderr.Bytes()))
	}
	s.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if stdout.Len() > 0 {
		if err := json.Unmarshal(stdout.Bytes(), &s.told); err != nil {
			return s, fmt.Errorf("%s %q printed something else than a result: %w", name, args, err)
		}
	}
	return s, nil
}

// tail is the end of what a program had to say.
func tail(b []byte) string {
	b = bytes.TrimSpace(b)
	return string(b[max(0, len(b)-600):])
}

// rival is something to measure in every round.
type rival struct {
	name string
	run  func() (sample, error)
	// most is in how many rounds at most. Zero means all.
	most int
}

// rounds measures the rivals in turn, and returns the samples of each.
func rounds(n int, rivals []rival) (map[string][]sample, error) {
	all := map[string][]sample{}
	for i := range n {
		for _, r := range rivals {
			if r.most > 0 && i >= r.most {
				continue
			}
			s, err := r.run()
			if err != nil {
				return nil, err
			}
			all[r.name] = append(all[r.name], s)
		}
	}
	return all, nil
}

// medianOf is the median of one figure of the samples.
func medianOf(samples []sample, figure func(sample) float64) float64 {
	x := make([]float64, len(samples))
	for i, s := range samples {
		x[i] = figure(s)
	}
	return median(x)
}

func processCPU(s sample) float64 { return float64(s.cpu) }
func toldCPU(s sample) float64    { return s.told.CPU }
func wallTime(s sample) float64   { return float64(s.wall) }
func peakMB(s sample) float64     { return float64(s.told.Peak) * 1024 / 1e6 }

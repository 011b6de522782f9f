package main

import (
	"fmt"
	"path/filepath"

	"github.com/exconn/exconn/bench/canned"
)

// benchMemory looks at the most memory that a client process has had.
func benchMemory(s *settings, t *table) error {
	server, stop, err := serve(canned.Sizes{Changes: memoryMessages, Attachment: memorySize})
	if err != nil {
		return err
	}
	defer stop()
	upload, err := writeUpload(s.dir, memorySize)
	if err != nil {
		return err
	}
	for _, m := range []struct {
		job   string
		name  string
		count int64
		limit float64 // MB
	}{
		{"download", "memory, download of 150 MB", memorySize, attachmentMemory},
		{"upload", "memory, upload of 150 MB", memorySize, attachmentMemory},
		{"sync", "memory, sync of 100,000 items", memoryMessages, syncMemory},
	} {
		samples, err := rounds(s.rounds, []rival{{name: ours, run: func() (sample, error) {
			got, err := measure(nil, filepath.Join(s.programs, "client"), "-endpoint", server, "-job", m.job, "-file", upload)
			return got, check(got, err, ours, clientJob{name: m.job, count: m.count})
		}}})
		if err != nil {
			return err
		}
		peak := medianOf(samples[ours], peakMB)
		if peak == 0 {
			return fmt.Errorf("this system does not tell a process's peak memory")
		}
		t.add(line{
			job: m.name, rival: ceiling,
			ours: fmt.Sprintf("%.1f MB", peak), theirs: fmt.Sprintf("%.0f MB", m.limit), ratio: peak / m.limit,
		})
	}
	return nil
}

//go:build !unix

package main

import "time"

var started = time.Now()

// processorTime is the time that has passed, where the system's own account is
// not known to this program.
func processorTime() time.Duration { return time.Since(started) }

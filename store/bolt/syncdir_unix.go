//go:build !windows

package bolt

import "os"

// syncDir makes a new name in dir durable. File systems that cannot do so
// (some network ones) are left as they are.
func syncDir(dir string) {
	d, err := os.Open(dir)
	if err != nil {
		return
	}
	defer func() { _ = d.Close() }()
	_ = d.Sync()
}

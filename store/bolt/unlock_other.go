//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package bolt

import "os"

// unlock has nothing to do: closing the file gives back its locks.
func unlock(*os.File) {}

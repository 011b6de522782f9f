package bolt

// syncDir has nothing to do: NTFS journals names, and Windows cannot flush a
// directory.
func syncDir(string) {}

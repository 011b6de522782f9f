// Package bolt keeps a store in one bbolt file.
//
// bbolt admits one writing process. A Store therefore opens the file for each
// transaction and closes it after, so that a command never holds it while it
// waits for a browser or a server, and two commands can work side by side. A
// transaction waits a bounded time for its turn; then it fails with an
// *InUseError. Opening costs well under a millisecond, less than the fsync of
// an Update.
package bolt

// Package store declares what exconn keeps and the promises about it.
//
// A store holds records: opaque bytes under a key, in a named bucket. All
// reading and writing happens in transactions. The promises that every store
// makes, and that storetest judges:
//
//  1. Atomic. All writes of an Update take effect, or none, also when the
//     process is killed at any instant.
//  2. Durable. When Update has returned nil, its writes survive a crash.
//  3. Isolated. A transaction sees one state, its own writes included; Updates
//     happen one after the other.
//  4. Ordered. ForEach walks a bucket in the byte order of the keys.
//
// The usual steps: open a store (package bolt is the default one), obtain the
// master key (package keysource), and put [Sealed] around the store, so that
// the buckets that hold secrets are encrypted whatever store lies beneath.
// Package datadir does these steps for a data directory.
//
// The package leaves to others what the records mean.
package store

// Package connection keeps connections to Exchange and opens them: from a
// profile to a mailbox, whatever the transport.
//
// A connection is a Profile (which Exchange, how to reach it, for whom it may
// act), and what it proves itself with: an authentication object (Auth), which
// several connections may share, or the login of an Exchange Server account.
// The usual steps:
//
//  1. NewBook puts a book of connections over a sealed store. SealedBuckets
//     names the buckets that the store must seal.
//  2. Book.Create validates a profile and keeps it, its secrets apart from it
//     and sealed. Book.Get, List, Update and Delete do what they say, each in
//     one transaction.
//  3. Book.BeginSignIn starts a person's sign-in where the method needs one,
//     and Book.Status tells how things stand.
//  4. Book.Open returns a Connection, and its Mailbox method a mailbox that can
//     be read, written and sent from. The fence (Profile.AllowMailboxes) is
//     enforced there, before any request.
//  5. Connection.Test checks one after the other what must work.
//
// The package leaves to others the questions to the person, the browser, and
// the pages that the person sees.
package connection

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
//     and Book.Status tells how things stand. Where each user of a CRM has to
//     sign in, Book.Invite makes a link for each, and an InvitationHandler
//     answers it.
//  4. Book.Open returns a Connection, and its Mailbox method a mailbox that can
//     be read, written and sent from. The fence (Profile.AllowMailboxes) is
//     enforced there, before any request.
//  5. Connection.Test checks one after the other what must work, and
//     Profile.Rights what a token is good for.
//
// Mailboxes are opened by EWS. For SMTP and Graph this version makes profiles,
// signs in, keeps the tokens and checks them; each has its own resource, in each
// of Microsoft's clouds (Cloud), and one authentication object serves several.
//  6. Book.Keep, in a program that runs, or Book.Renew, from time to time,
//     renews tokens ahead of need, so that no sign-in lapses unused. Whatever
//     changes an account's state is told once, to those whom Alerts name, by
//     package alert; Book.Flush waits for that before a program ends.
//
// Book.Export writes connections for another data directory, encrypted;
// OpenBundle reads such a file, and Book.Import brings it in.
//
// The package leaves to others the questions to the person, the browser, and
// the pages that the person sees.
package connection

// Package alert tells somebody when the state of a sign-in changes: that it
// has failed and a person is needed, that it is about to, or that it works
// again.
//
// The usual steps:
//
//  1. An Event says what has changed. It holds no secret.
//  2. A Target delivers it: a Command (a program that reads the event as JSON
//     from its standard input) or a Webhook (an https POST of that JSON). Write
//     puts it into a log.
//  3. A Sender delivers in the background, tries again a few times where that
//     may help, and writes to the log what could not be delivered. Send returns
//     at once; Flush waits for what is on its way.
//
// The package leaves to others when an event is due, and that it is sent once.
package alert

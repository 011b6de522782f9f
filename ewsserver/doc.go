// Package ewsserver speaks Exchange Web Services as a server does. It is an
// http.Handler over a Backend, which holds the mailboxes: a simulator puts its
// memory there, a gateway could put another protocol there.
//
// A request goes through these steps:
//
//  1. The path is that of EWS, whatever its case; the backend says who sends
//     the request (Backend.Authenticate). A refusal is plain HTTP (AuthError).
//  2. The envelope is read, tolerantly: prefixes and unknown elements do not
//     matter. What is not readable is a fault.
//  3. The headers are honoured: RequestServerVersion, ExchangeImpersonation
//     (Backend.Impersonate), TimeZoneContext. Refusals are faults.
//  4. Backend.Open gives a Session, and the operation runs, one file each.
//     Every id, change or folder of the request has its own response message;
//     an Error in one does not end the others.
//  5. What the backend returned is cut to the shape that was asked for
//     (shape.go), and written.
//
// So a backend thinks in whole items, and this package in shapes, restrictions,
// sort orders, pages, field updates, reply texts and MIME.
//
// Where it is not told otherwise by the documentation of Exchange
// (the [MS-OXWS…] protocol documents and the EWS reference), it keeps to what
// Exchange is seen to do, and says so.
package ewsserver

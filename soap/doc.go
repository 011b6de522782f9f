// Package soap speaks SOAP 1.1 over HTTP as Exchange Web Services does, for a
// client and for a server. It knows envelopes, faults and XML, and nothing of
// mailboxes: what goes into the envelopes are structs with encoding/xml tags.
//
// A client's call goes like this:
//
//  1. NewClient is given an HTTP client (which signs in, as it sees fit) and
//     the endpoint.
//  2. Client.Do marshals Call.Request into an envelope. Content of a Binary is
//     not copied: it is turned into base64 while it is sent, so that memory
//     does not grow with an attachment, and opened again where the HTTP client
//     has to repeat the request.
//  3. The answer is decoded while it arrives, into Call.Response. Memory is
//     bounded by what the response keeps; a Binary can go straight to a writer.
//     A call in which nothing moves any more ends after Options.Stall.
//  4. Whatever went wrong is one of a few typed errors: Fault, HTTPError,
//     NotSOAPError, ResponseError, TransportError. Each says what is known of
//     the request (RequestID), of the time to wait (RetryAfter), and
//     MayHaveReached tells whether the server may have seen it.
//
// An answer that goes on, envelope after envelope, is read by way of
// Client.OpenStream.
//
// A server reads with ReadEnvelope and writes with WriteEnvelope or WriteFault.
//
// The decoder reads what encoding/xml reads, by the same struct tags, faster
// and more tolerantly: Exchange sends characters that XML forbids, and other
// servers use other prefixes, leave elements out or add some. Such things are
// counted in Stats and do not fail a page of a thousand items. What is hostile
// or broken does fail: document types, endless input, bottomless nesting,
// truncation, tags that do not match.
//
// The package leaves to others: authentication, repeats and waiting, what an
// Exchange response code means, and affinity cookies.
package soap

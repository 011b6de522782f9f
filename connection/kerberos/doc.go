// Package kerberos signs in to Exchange Server by Kerberos: SPNEGO over HTTP
// (RFC 4559), with a ticket that the Kerberos server (KDC) of the domain gives.
//
// The usual steps:
//
//  1. NewLogin says who signs in and by what: a password, a keytab file, or the
//     credential cache that kinit fills. It does no I/O.
//  2. NewTransport makes an http.RoundTripper of it.
//  3. With the first request the transport asks the server what it offers, which
//     shows the server's certificate too; the login gets a ticket for the
//     service, by default HTTP/host; and each request carries a token made from
//     the ticket, bound to the certificate for Extended Protection.
//
// The messages to the KDC are github.com/go-krb5/krb5's, behind the interface
// Tickets. The token for the web server is made here, because that module
// leaves the channel binding out.
package kerberos

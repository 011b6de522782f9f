// Package autodiscover finds the Exchange Web Services of a mailbox from its
// address alone ([MS-OXDISCO], [MS-OXDSCLI], [MS-OXWSADISC]).
//
// Discover asks in this order:
//
//  1. The organisation's own hosts, https://{domain} and
//     https://autodiscover.{domain}, both at once: by SOAP (GetUserSettings),
//     by POX (plain old XML), by JSON (Autodiscover version 2, which wants no
//     credentials). The first that answers counts.
//  2. Exchange Online's endpoint by JSON, asked at the same time; its answer
//     counts where the organisation's hosts have none.
//  3. http://autodiscover.{domain}, without credentials, which may do no more
//     than point to an https address.
//  4. The SRV record _autodiscover._tcp.{domain}.
//
// A server may redirect to another URL or to another address, with which the
// search begins afresh. Everything is bounded: in time, in redirects (both
// kinds counted together, loops told), in the size of answers. Credentials go
// over https alone, to hosts that pass the allow rule, and only where such a
// host has asked for them by HTTP 401: the web site at https://{domain} that
// has no Autodiscover never sees them.
//
// Every step is told in an Attempt, in the Settings or in the Error, so that an
// admin can see what was asked and what each server said.
//
// The service connection points of Active Directory are left out: they are for
// machines that are members of the domain. The package leaves to others:
// signing requests, keeping what was found, deciding about a Stranger.
package autodiscover

// Package httpauth signs people in to a web server as IIS does for Exchange: by
// Basic, by NTLM, and by Negotiate with NTLM or Kerberos inside.
//
// The usual steps:
//
//  1. New makes an Authenticator from what the server offers, who there is, and
//     the keytab of its service where it takes Kerberos.
//  2. The http.Server gets ConnContext, because NTLM proves itself to a network
//     connection: without it Basic and Kerberos work, NTLM does not.
//  3. SetCertificate says what the server shows to its clients, to which
//     Extended Protection binds a sign-in.
//  4. Authenticator.Wrap goes around the handlers. It answers nothing itself:
//     the handler asks Of for the outcome, and answers 401 with the challenges
//     of a Refusal where that is the outcome.
//
// A connection that has signed in by NTLM stays its user's until it ends, or
// until a request comes with another Authorization header. The legs of a
// handshake may come by any method and to any path. Kerberos is asked for with
// each request, as it is where IIS has its default settings.
//
// NTLM is version 2 alone ([MS-NLMP]); version 1 and LM are refused, as today's
// domain controllers refuse them. The messages are taken raw ([MS-NTHT]) or in
// SPNEGO (RFC 4178, [MS-SPNG]). The channel binding is tls-server-end-point (RFC
// 5929). Left out are HTTP/2, over which IIS does not offer NTLM either,
// lock-out after wrong passwords, and the names of services (the other half of
// Extended Protection).
//
// It is for tests and trials: it knows the passwords as they are. It shares no
// code with the client that it judges.
package httpauth

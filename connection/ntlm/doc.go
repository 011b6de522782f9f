// Package ntlm signs in to Exchange Server by NTLM, version 2 ([MS-NLMP],
// [MS-NTHT]).
//
// NTLM proves itself to a network connection, not to a request:
//
//  1. The client sends the request without its body and with a NEGOTIATE
//     message.
//  2. The server answers 401 with a CHALLENGE.
//  3. The client sends the request, now whole, with an AUTHENTICATE message over
//     the same connection. From then on that connection is the user's, and
//     further requests over it carry no Authorization header.
//
// So the connections matter more than the messages. A Transport keeps a pool of
// connections that have signed in, gives each to one request at a time until the
// answer has been read, and refuses to let a request slip onto another
// connection than the one it was meant for. HTTP/2, which mixes requests on a
// connection, is switched off.
//
// The AUTHENTICATE message carries the channel binding that Extended Protection
// asks for, the service's name, and a MIC over all three messages. NTLM version
// 1, LM, signing and sealing are left out: nothing in Exchange needs them.
package ntlm

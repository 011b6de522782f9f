// Package oauth signs in to Microsoft Entra ID or AD FS and keeps access
// tokens fresh, on top of MSAL. It knows nothing of Exchange but the names of
// its scopes, so that any program that needs a token can use it.
//
// A person's sign-in goes like this:
//
//  1. New makes a Client for one account of one application. It does no I/O.
//  2. BeginSignIn opens a listener on the loopback interface and returns an
//     Attempt with the URL for the browser: authorization code with PKCE,
//     with a state and a nonce of its own.
//  3. The answer comes back in one of two ways: the browser is redirected to
//     the listener itself, or to a page on another web server (see package
//     custompages) that hands it over to the listener by a click. Where the
//     browser runs on another machine, or comes back to a page of the
//     application's own that knows nothing of this, Paste takes what came.
//  4. The listener redeems the code, keeps the result in the Cache and only
//     then tells the person how it went. Wait returns the account.
//  5. Token returns an access token from then on, from memory where it can,
//     and renews it ahead of its end. A new process finds the account in the
//     Cache.
//
// The method decides how the application proves itself: a public client (PKCE)
// does not, a web application (Web) does by a secret or a certificate. By
// DeviceCode, BeginDeviceSignIn stands in place of steps 2 to 4: it shows a code
// that a person types in a browser anywhere. An application of its own right
// (ClientSecret, ClientCertificate) leaves them out.
//
// Claims.Gaps holds a token against what an API needs of it, in the words of
// the portal where an admin mends it.
//
// One sign-in serves several resources: Client.For gives a Source for each, with
// tokens of its own and the same refresh token. What goes on in memory, in a
// process and between processes is this:
//
//   - A token in memory is handed out without a lock.
//   - All callers who need a new one share one renewal (a flight), which does not
//     end with any of them; a process that ends waits for it with Settle. It
//     looks into the Cache first, because another process may have renewed.
//   - The Sources of a Client take turns, and Clients of the same blob do so by
//     the Cache's lock (see Locker), in which the blob is read again: so a
//     refresh token is redeemed once, whoever shares it.
//   - What was got is kept before it is handed out, in place of what it was made
//     from (Cache.Swap). Only a process that dies between the server's answer
//     and that write loses something, and only where the server takes each
//     refresh token once: then a person must sign in again.
//   - While an old token is good nobody waits long for a new one, and no failure
//     reaches a caller.
//
// A server that refuses a token although it has not expired may say what it
// wants of the next one (continuous access evaluation): ChallengeClaims reads
// that, Source.Challenge asks for it, and where only a person can give it, the
// next sign-in does. Client.SignedIn tells until when a sign-in lasts if it is
// not used, and Client.Refresh uses it.
//
// The caller provides the Cache: one blob an account, which holds refresh
// tokens and must be encrypted. The caller also opens the browser, and limits
// how long it waits. Tokens, codes and secrets appear in no error, no log line
// and no String method of this package.
package oauth

// Package oauth signs in to Microsoft Entra ID or AD FS and keeps access
// tokens fresh, on top of MSAL. It knows nothing of Exchange but the names of
// two scopes, so that any program that needs a token can use it.
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
//     browser runs on another machine, Paste takes what the page shows.
//  4. The listener redeems the code, keeps the result in the Cache and only
//     then tells the person how it went. Wait returns the account.
//  5. Token returns an access token from then on, from memory where it can,
//     and renews it ahead of its end. A new process finds the account in the
//     Cache.
//
// An application of its own right (client secret or certificate) leaves out
// steps 2 to 4.
//
// The caller provides the Cache: one blob an account, which holds refresh
// tokens and must be encrypted. The caller also opens the browser, and limits
// how long it waits. Tokens, codes and secrets appear in no error, no log line
// and no String method of this package.
package oauth

// Package autodiscover is Exchange's Autodiscover as a server speaks it: the
// SOAP service ([MS-OXWSADISC]), plain old XML ([MS-OXDSCLI]) and the JSON of
// version 2, over a small Directory that knows the users.
//
//  1. NewHandler makes a handler for everything below Path.
//  2. SOAP and plain XML want credentials, which Directory.Authenticate judges;
//     JSON does not, and tells URLs alone.
//  3. Directory.User finds who has an address: settings, or a redirect to
//     another address or another server.
//
// Of the SOAP service there is GetUserSettings; of the settings, what a client
// of EWS asks for.
package autodiscover

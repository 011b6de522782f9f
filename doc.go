// Package exconn is the root of a module that connects a CRM server to
// Microsoft Exchange. It holds no code: the command is in cmd/exconn, and each
// folder beside it is a package that can be used alone.
//
//	mailbox      what a message, an event and a mailbox are, and which errors one can act on
//	ews          a client for Exchange Web Services
//	soap         SOAP 1.1 over HTTP, with a tolerant XML decoder
//	wsdl         the schema of Exchange Web Services and its generated types
//	oauth        sign-in with Microsoft Entra and AD FS, and the care for tokens
//	connection   profiles: which Exchange, how to reach it, for whom to act
//	store        what is kept on disk, sealed
//	custompages  the pages that a person sees when signing in
//	ewsserver    Exchange Web Services as a server speaks it
//	simulator    a pretend Exchange and Entra for tests and demonstrations
package exconn

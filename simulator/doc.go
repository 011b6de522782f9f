// Package simulator is a pretend Exchange: two organisations with mailboxes,
// calendars and rights in memory, Exchange Web Services over them, and a
// pretend Microsoft Entra to sign in to. Tests, demos and people who want to
// try the client talk to it over https as they would to the real thing.
//
// The story of a run:
//
//  1. New makes the world: mailboxes with believable mail and calendars,
//     accounts and applications with their rights, a certificate authority of
//     its own.
//  2. Start opens three addresses on the loopback interface: Entra with
//     contoso's AD FS, contoso's Exchange Server, and fabrikam's Exchange Online.
//  3. Clients trust the CA (CAFile), sign in (AuthorityURL, ADFSURL) and use EWS
//     (EWSURL).
//  4. Fail makes chosen requests go wrong, Play has them from a script, and
//     Control lets another program do so.
//  5. Close ends it all. With Options.State a file keeps everything, and the
//     next run goes on where this one was.
//
// It behaves as Microsoft's documentation says Exchange does, or as Exchange has
// been seen to do; where it is simpler, the comment says so. It shares no code
// with the client, so that one misunderstanding cannot confirm itself.
//
// Contoso (Server) has hybrid modern authentication, an AD FS beside it, whose
// tokens its Exchange Server takes too, Negotiate, NTLM and Basic, and a service
// account with ApplicationImpersonation over three of its mailboxes and over
// those that Options.Mailboxes adds. Fabrikam (Online) is as of late 2026: no
// impersonation by a person's token, applications in their own right must
// impersonate, and EWS is open to listed applications alone.
//
// # Size and persistence
//
// Options.Mailboxes adds a crowd: mailboxes that are made from the seed when
// they are first opened (crowd.go), each from the seed and its address alone,
// and that are closed again when too many are open. Ten thousand of them start
// in a second or two; five hundred that were read take about 600 MB. In memory
// alone those with changes stay open; with a state file they can be closed too.
//
// The state file is a journal (package journal) of records (records.go): one
// for each mailbox, folder, item and attachment that differs from what follows
// from the seed. All that a request changes is one commit, written before the
// request is answered, so that an answer stays true though the process is
// killed at any instant. A file that is damaged, or of another format, is
// refused.
//
// # Policy
//
// Limits are what an admin sets: throttling, sizes, retention, user agents.
// Delays let deliveries and the copies in Sent Items take their time, with the
// draft as submitted until then. Both are off but for the sizes of pages and the
// numbers of subscriptions, which are Exchange's own. MaxChangesReturned is
// always at most 512.
//
// # Faults
//
// A Fault says which requests it is for, when it strikes, and what goes wrong
// then. A fault script is a list of them in JSON:
//
//	{
//	  "seed": 7,
//	  "faults": [
//	    {"name": "busy for a while", "kind": "server-busy", "back_off": "2s", "skip": 2, "times": 3,
//	     "match": {"operation": "FindItem", "mailbox": "anna@contoso.example"}},
//	    {"kind": "http-503", "share": 0.1},
//	    {"kind": "crash", "nth": 1, "match": {"operation": "CreateItem"}},
//	    {"kind": "expire-tokens", "nth": 4, "match": {"tenant": "online", "account": "erik@fabrikam.example"}}
//	  ]
//	}
//
// match takes service ("ews", where it is left out, "autodiscover", "token" or
// "any"), tenant, operation, mailbox, account and user_agent, as the fields of
// Fault are described. nth means one request alone. skip lets so many go by
// first, share strikes a part of those that come then, such as 0.1, and times
// ends the fault after so many strikes. delay and name go with every kind.
// Durations are texts such as "1.5s". A mistake is told with its line and field
// (ScriptError).
//
// A request is struck by one fault at most, the first whose turn it is. Where a
// share is struck, the script's seed or else the simulator's decides which: the
// same script, seed and order of requests give the same strikes, which Strikes
// lists.
//
// These kinds are answers gone wrong, with the fields that they have of their
// own:
//
//	http-503                retry_after
//	server-busy             back_off; a SOAP fault
//	server-busy-in-message  back_off; HTTP 200 and the error in the messages
//	server-busy-within      the same, wrapped in ErrorInternalServerError
//	error-code              code, fault; any other error of EWS
//	http-401                without a reason, as under load
//	http-403                reason: "disabled" or "blocked", by EWS's policy
//	error-page              HTTP 302 to genericerrorpage.htm
//	application-error       status; "Server Error in '/EWS' Application"
//	delay                   delay
//	reset                   nothing was done
//	crash                   status; what was asked for was done all the same
//	truncate                bytes
//	stall                   bytes
//	drip                    bytes, pause
//	invalid-characters      such as &#x0;, which mails have and XML forbids
//	content-type            content_type
//
// And these change the world, and then let the request meet it; account,
// mailbox and tenant are those of the request where they are left out, and the
// mailbox "*" is all:
//
//	lose-sync-states        mailbox
//	lose-subscriptions      mailbox
//	break-streams
//	expire-tokens           account
//	revoke-tokens           account
//	skew-clock              by, tenant; Exchange's clock against Entra's
//	advance-clock           by
//	take-impersonation      account, mailbox
//	take-folder-rights      account, mailbox, folder
//	disable-ews             mailbox
//	deliver                 to, from, subject, text
//	account-state           account, state
//	application-state       application, state
//	conditional-access      account, control, max_age
//	user-consent            tenant, allowed
//
// Control serves all of this to other programs, the second list at once too.
// What faults do is no rule for Exchange's schema: answers that they spoil need
// not be valid.
//
// # What it does not simulate
//
//   - Operations: FindPeople and GetPersona, GetUserPhoto, MarkAsJunk, push
//     subscriptions, user configurations but that of OWA, folder permission
//     sets (delegates have rights), public folders, sharing invitations,
//     discovery searches, Outlook apps, unified groups.
//   - Mail: transport to the world outside, virus and junk filters, S/MIME and
//     rights management, retention tags, journaling, the rate of 30 messages a
//     minute; UniqueBody is the whole body; a meeting request's MIME has no
//     calendar part; HTML is kept as it came, where Exchange rewrites it.
//   - Search: queries (AQS) by word and by the usual properties, without the
//     index's delay, stemming and ranking.
//   - Items: hidden (associated) ones; exported items are a stream of its own,
//     not Outlook's.
//   - Rules: alerts by telephone, quotas, and what classifies messages.
//   - Sign-in: lock-out after wrong passwords, the service names of Extended
//     Protection, NTLM over HTTP/2; federation; the pages are for tests.
//   - Time and load: answers come at once but for Delays, faults and Limits; the
//     state file survives the process, not a loss of power.
package simulator

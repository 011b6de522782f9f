package oauth

import "github.com/exconn/exconn/mailbox"

// known is what we know of one of the server's codes.
type known struct {
	// cause is what happened, in one clause without a full stop; cure what to
	// do about it.
	cause, cure string
	// kind is who has to act; see Error.
	kind error
}

// The cures that many codes share.
const (
	cureSignIn    = "sign in again: exconn connection sign-in"
	cureConsent   = "have an admin grant consent: Entra admin center, App registrations, the application, API permissions, \"Grant admin consent\""
	curePublic    = "in Entra, App registrations, the application, Authentication: register the redirect URI under \"Mobile and desktop applications\" and set \"Allow public client flows\" to Yes"
	cureTenant    = "give the tenant's id or one of its domains as the account type"
	curePolicy    = "ask the admin which conditional access policy applies (Entra admin center, Sign-in logs, search for the correlation id), and sign in as it demands"
	cureAssign    = "Entra admin center, Enterprise applications, the application, Users and groups: assign the account, or set \"Assignment required\" to No"
	cureClock     = "set this machine's clock (it must be right to within a few minutes) and try again"
	cureApp       = "check the client id and the account type against the registration's Overview page in Entra, App registrations"
	cureNewSecret = "make a new one in Entra, App registrations, the application, Certificates & secrets, and store it in the connection"
	cureResource  = "add it in Entra, App registrations, the application, API permissions, \"APIs my organization uses\", Office 365 Exchange Online, and grant consent"
	cureLater     = "try again in a few minutes"
	// AD FS.
	cureClientADFS   = "check the client id, and the kind of application, in AD FS Management, Application Groups"
	cureRedirectADFS = "add the redirect URI exactly as the connection shows it, the port included, in AD FS Management, Application Groups, the application"
	cureResourceADFS = "give the server's identifier as the Web API has it, letter by letter (AD FS Management, Application Groups, the Web API, Identifiers): exconn connection edit --resource URI"
	curePermitADFS   = "in AD FS Management, Application Groups, the Web API, Client Permissions: add the client, and permit user_impersonation and openid"
	cureProofADFS    = "make a new secret, or add the certificate, in AD FS Management, Application Groups, the server application, and store it in the connection"
	cureScope        = "check the scope: its first part must be the address of the Exchange that the token is for"
)

// aadsts holds the codes that sign-ins meet in practice: cause, cure and who
// has to act. Microsoft's reference is "Microsoft Entra authentication and
// authorization error codes".
var aadsts = map[string]known{
	// The redirect address and the kind of client.
	"AADSTS50011":   {"the redirect URI is not registered for the application", "register the redirect URI exactly as the connection shows it, letter by letter (paths are case-sensitive)", mailbox.ErrInvalid},
	"AADSTS500112":  {"the redirect URI differs from the one that the sign-in began with", "check that no proxy changes the address, and begin the sign-in again", mailbox.ErrInvalid},
	"AADSTS7000218": {"the registration wants a secret, because the redirect URI is registered for a web application", curePublic + "; or choose the method web and give the secret", mailbox.ErrInvalid},
	"AADSTS700025":  {"the registration is a public client, which must not present a secret or certificate", "choose the method pkce, or register the redirect URI under \"Web\"", mailbox.ErrInvalid},
	"AADSTS9002326": {"the code was redeemed from a browser page, which only a single-page application may do", curePublic, mailbox.ErrInvalid},
	"AADSTS9002327": {"the redirect URI is registered for a single-page application, whose codes only a browser may redeem", "move the redirect URI from \"Single-page application\" to \"Mobile and desktop applications\" in Entra, App registrations, Authentication", mailbox.ErrInvalid},
	"AADSTS700054":  {"the registration does not allow this kind of answer", curePublic, mailbox.ErrInvalid},
	"AADSTS900971":  {"the request names no redirect URI, and the registration has none", "register the redirect URI exactly as the connection shows it", mailbox.ErrInvalid},
	"AADSTS70003":   {"the server does not offer this way in", cureApp, mailbox.ErrInvalid},
	"AADSTS900144":  {"the request lacks a parameter that the server needs", cureScope, mailbox.ErrInvalid},
	"AADSTS9002313": {"the server does not understand the request", cureSignIn, mailbox.ErrSignInNeeded},
	"AADSTS90014":   {"the request lacks a field that the server needs", cureSignIn, mailbox.ErrInvalid},
	"AADSTS7000222": {"the application's client secret has expired", cureNewSecret, mailbox.ErrSignInNeeded},
	"AADSTS7000215": {"the client secret is wrong (the secret's Value is needed, not its Secret ID)", cureNewSecret, mailbox.ErrSignInNeeded},
	"AADSTS700027":  {"the application's certificate is not registered, or does not match", "upload the certificate's public part in Entra, App registrations, the application, Certificates & secrets, and compare the thumbprint", mailbox.ErrSignInNeeded},
	"AADSTS700030":  {"the certificate's subject is not one that the application trusts", "upload the certificate in Entra, App registrations, the application, Certificates & secrets", mailbox.ErrSignInNeeded},
	"AADSTS700024":  {"the proof of the application's identity is out of its time", cureClock, mailbox.ErrSignInNeeded},
	"AADSTS500133":  {"the proof of identity is out of its time", cureClock, mailbox.ErrSignInNeeded},
	"AADSTS1002012": {"an application in its own right must ask for {resource}/.default", cureScope, mailbox.ErrInvalid},
	"AADSTS501051":  {"the application is not assigned to a role of the resource", cureAssign, mailbox.ErrSignInNeeded},
	"AADSTS501481":  {"the proof that the code belongs to this sign-in (PKCE) does not match", "begin the sign-in again and use the answer of that same attempt", mailbox.ErrSignInNeeded},
	"AADSTS50148":   {"the proof that the code belongs to this sign-in (PKCE) does not match", "begin the sign-in again and use the answer of that same attempt", mailbox.ErrSignInNeeded},
	"AADSTS54005":   {"the code has been used already", "begin the sign-in again; a code is good for one use", mailbox.ErrSignInNeeded},
	"AADSTS70008":   {"the code, or the kept sign-in, has expired", cureSignIn, mailbox.ErrSignInNeeded},
	"AADSTS70000":   {"the code, or the kept sign-in, is not valid", cureSignIn, mailbox.ErrSignInNeeded},
	"AADSTS70018":   {"the server does not know the code any more", cureSignIn, mailbox.ErrSignInNeeded},
	"AADSTS70019":   {"the code has expired before anybody signed in with it", cureSignIn, mailbox.ErrSignInNeeded},
	"AADSTS70020":   {"the code has expired before anybody signed in with it", cureSignIn, mailbox.ErrSignInNeeded},
	"AADSTS50089":   {"the sign-in took too long", cureSignIn, mailbox.ErrSignInNeeded},
	"AADSTS50196":   {"the server sees the same request again and again and has stopped it", "wait some minutes, and find out why the sign-in is repeated", mailbox.ErrBusy},
	"AADSTS90033":   {"the sign-in server is unavailable for the moment", cureLater, mailbox.ErrUnavailable},
	"AADSTS90006":   {"the sign-in server cannot be reached by its own parts", cureLater, mailbox.ErrUnavailable},
	"AADSTS90012":   {"the sign-in server took too long", cureLater, mailbox.ErrUnavailable},
	"AADSTS50000":   {"the sign-in server could not issue a token", cureLater, mailbox.ErrUnavailable},
	"AADSTS90024":   {"the sign-in server could not finish the request for the moment", cureLater, mailbox.ErrUnavailable},
	"AADSTS700003":  {"the device is not known to the organization any more", curePolicy, mailbox.ErrSignInNeeded},
	"AADSTS7000112": {"the application is disabled in the tenant", "Entra admin center, Enterprise applications, the application, Properties: set \"Enabled for users to sign-in\" to Yes", mailbox.ErrSignInNeeded},
	"AADSTS700016":  {"the application is not known in the tenant", cureApp, mailbox.ErrInvalid},
	"AADSTS700022":  {"the scopes name more than one resource", cureScope, mailbox.ErrInvalid},
	"AADSTS90002":   {"the tenant is not known", cureTenant, mailbox.ErrInvalid},
	"AADSTS900023":  {"the tenant's name is not a valid id or domain", cureTenant, mailbox.ErrInvalid},
	"AADSTS50059":   {"the request does not say which tenant it is for", cureTenant, mailbox.ErrInvalid},
	"AADSTS50128":   {"the domain belongs to no tenant", cureTenant, mailbox.ErrInvalid},
	"AADSTS50194":   {"the registration is for one tenant, and the sign-in went to the common address", cureTenant, mailbox.ErrInvalid},
	"AADSTS50020":   {"the account belongs to another tenant or identity provider", "sign in with an account of the organization, or check the account type", mailbox.ErrSignInNeeded},
	"AADSTS500011":  {"the resource (the Exchange address) is not known in the tenant", cureScope + "; for Exchange Server with hybrid modern authentication the address must be a service principal name of the tenant's Exchange", mailbox.ErrInvalid},
	"AADSTS500014":  {"the resource is disabled in the tenant", "ask the Entra admin to enable the service principal of Exchange", mailbox.ErrInvalid},
	"AADSTS50001":   {"the resource is not known in the tenant", cureScope, mailbox.ErrInvalid},
	"AADSTS70011":   {"the server does not know the permissions asked for", cureScope, mailbox.ErrInvalid},
	"AADSTS65005":   {"the registration does not list the resource", cureResource, mailbox.ErrInvalid},
	"AADSTS650052":  {"the organization has no service principal or licence for the resource", cureResource, mailbox.ErrInvalid},
	"AADSTS650053":  {"the permission does not exist at the resource", cureResource, mailbox.ErrInvalid},
	"AADSTS650056":  {"the registration lists no permissions, or not these", cureResource, mailbox.ErrInvalid},
	"AADSTS650057":  {"the registration does not list the resource among its permissions", cureResource, mailbox.ErrInvalid},
	"AADSTS65001":   {"the permissions have not been consented to", cureConsent, mailbox.ErrSignInNeeded},
	"AADSTS65004":   {"the permissions were declined on the consent page", "sign in again and accept the permissions, or " + cureConsent, mailbox.ErrSignInNeeded},
	"AADSTS90094":   {"only an admin may consent to these permissions", cureConsent, mailbox.ErrSignInNeeded},
	"AADSTS90095":   {"only an admin may consent to these permissions", cureConsent, mailbox.ErrSignInNeeded},
	"AADSTS50105":   {"the account is not assigned to the application", cureAssign, mailbox.ErrSignInNeeded},
	"AADSTS50034":   {"the account does not exist in the tenant", "check the account's spelling and the account type", mailbox.ErrSignInNeeded},
	"AADSTS50053":   {"the account is locked after too many wrong passwords, or the address is blocked", "wait, or ask the admin to unblock the account", mailbox.ErrSignInNeeded},
	"AADSTS50055":   {"the account's password has expired", "change the password, then sign in again", mailbox.ErrSignInNeeded},
	"AADSTS50056":   {"the account has no password, or a wrong one", cureSignIn, mailbox.ErrSignInNeeded},
	"AADSTS50057":   {"the account is disabled", "ask the admin to enable the account", mailbox.ErrSignInNeeded},
	"AADSTS50126":   {"the account or the password is wrong", cureSignIn, mailbox.ErrSignInNeeded},
	"AADSTS50144":   {"the account's password has expired in the organization's own directory", "change the password, then sign in again", mailbox.ErrSignInNeeded},
	"AADSTS50058":   {"the browser has no running sign-in", cureSignIn, mailbox.ErrSignInNeeded},
	"AADSTS50072":   {"the account must first register for multi-factor authentication", cureSignIn + ", and register when asked", mailbox.ErrSignInNeeded},
	"AADSTS50074":   {"the sign-in needs multi-factor authentication", cureSignIn + ", and complete the second factor", mailbox.ErrSignInNeeded},
	"AADSTS50076":   {"the sign-in needs multi-factor authentication", cureSignIn + ", and complete the second factor", mailbox.ErrSignInNeeded},
	"AADSTS50078":   {"the multi-factor authentication has expired", cureSignIn + ", and complete the second factor", mailbox.ErrSignInNeeded},
	"AADSTS50079":   {"the account must register for multi-factor authentication", cureSignIn + ", and register when asked", mailbox.ErrSignInNeeded},
	"AADSTS50097":   {"the sign-in must come from a device that the organization knows", curePolicy, mailbox.ErrSignInNeeded},
	"AADSTS50131":   {"a conditional access policy stopped the sign-in", curePolicy, mailbox.ErrSignInNeeded},
	"AADSTS53000":   {"a conditional access policy wants a compliant device", curePolicy, mailbox.ErrSignInNeeded},
	"AADSTS53001":   {"a conditional access policy wants a device joined to the domain", curePolicy, mailbox.ErrSignInNeeded},
	"AADSTS53002":   {"a conditional access policy wants an approved application", curePolicy, mailbox.ErrSignInNeeded},
	"AADSTS53003":   {"a conditional access policy blocks the sign-in", curePolicy, mailbox.ErrSignInNeeded},
	"AADSTS53004":   {"the account must register for multi-factor authentication from a trusted place", curePolicy, mailbox.ErrSignInNeeded},
	"AADSTS530003":  {"a conditional access policy wants a managed device", curePolicy, mailbox.ErrSignInNeeded},
	"AADSTS530035":  {"the tenant's security defaults block the sign-in", "ask the admin what the security defaults demand (Entra admin center, Sign-in logs, search for the correlation id)", mailbox.ErrSignInNeeded},
	"AADSTS53010":   {"a second factor may be registered from certain places or devices alone", curePolicy, mailbox.ErrSignInNeeded},
	"AADSTS53011":   {"the account is blocked because its home organization sees a risk", "ask the admin to remediate the risk of the account (Entra admin center, Risky users)", mailbox.ErrSignInNeeded},
	"AADSTS50005":   {"a conditional access policy does not allow this kind of device", curePolicy, mailbox.ErrSignInNeeded},
	"AADSTS50135":   {"the account is at risk and must change its password", "change the password, then sign in again", mailbox.ErrSignInNeeded},
	"AADSTS50158":   {"a further check that the organization wants has not been passed", cureSignIn + ", and complete the check", mailbox.ErrSignInNeeded},
	"AADSTS500212":  {"the account's own organization does not let it into the other tenant", "ask the admin of the account's organization about its cross-tenant access settings (outbound)", mailbox.ErrSignInNeeded},
	"AADSTS500213":  {"the tenant does not let accounts of that organization in", "ask the admin of the tenant about its cross-tenant access settings (inbound)", mailbox.ErrSignInNeeded},
	"AADSTS530034":  {"an admin's delegated rights were refused by policy", curePolicy, mailbox.ErrSignInNeeded},
	"AADSTS50132":   {"the kept sign-in was ended, by a password change for one", cureSignIn, mailbox.ErrSignInNeeded},
	"AADSTS50133":   {"the kept sign-in was ended by a password change or reset", cureSignIn, mailbox.ErrSignInNeeded},
	"AADSTS50173":   {"the kept sign-in was revoked, by a password change or by an admin", cureSignIn, mailbox.ErrSignInNeeded},
	"AADSTS70043":   {"the kept sign-in has ended by the organization's rule on how often to sign in", cureSignIn, mailbox.ErrSignInNeeded},
	"AADSTS700082":  {"the kept sign-in has expired because it was not used for too long (90 days by default)", cureSignIn, mailbox.ErrSignInNeeded},
	"AADSTS700084":  {"the kept sign-in was one of a single-page application, which lasts 24 hours", "register the redirect URI under \"Mobile and desktop applications\" in Entra, App registrations, Authentication; then sign in again", mailbox.ErrSignInNeeded},

	// AD FS numbers its own.
	"MSIS9223": {"the client is not known to AD FS", cureClientADFS, mailbox.ErrInvalid},
	"MSIS9607": {"the client is not known to AD FS", cureClientADFS, mailbox.ErrInvalid},
	"MSIS9224": {"the redirect URI is not registered for the client at AD FS", cureRedirectADFS, mailbox.ErrInvalid},
	"MSIS9609": {"the redirect URI differs from the one that the sign-in began with", "check that no proxy changes the address, and begin the sign-in again", mailbox.ErrInvalid},
	"MSIS9602": {"the resource (the Exchange address) is not known to AD FS", cureResourceADFS, mailbox.ErrInvalid},
	"MSIS9603": {"the permissions asked for are not known to AD FS", cureResourceADFS, mailbox.ErrInvalid},
	"MSIS9605": {"the client may not use the resource at AD FS", curePermitADFS, mailbox.ErrSignInNeeded},
	"MSIS9611": {"the client may not sign in this way at AD FS", cureClientADFS, mailbox.ErrInvalid},
	"MSIS9612": {"the code is not valid", "begin the sign-in again; a code is good for one use", mailbox.ErrSignInNeeded},
	"MSIS9614": {"the kept sign-in is not valid any more", cureSignIn, mailbox.ErrSignInNeeded},
	"MSIS9615": {"the kept sign-in has expired", cureSignIn, mailbox.ErrSignInNeeded},
	"MSIS9622": {"the client's secret or certificate is not accepted by AD FS", cureProofADFS, mailbox.ErrSignInNeeded},
	"MSIS9720": {"the proof that the code belongs to this sign-in (PKCE) does not match", "begin the sign-in again and use the answer of that same attempt", mailbox.ErrSignInNeeded},
	"MSIS5007": {"the account may not use the resource by the access control policy of AD FS", "ask the AD FS admin which access control policy the Web API has", mailbox.ErrSignInNeeded},
}

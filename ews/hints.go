package ews

import (
	"crypto/tls"
	"errors"
	"net"
	"strings"

	"github.com/exconn/exconn/mailbox"
)

// Hint says what a person can do about the error, naming the cmdlet where an
// Exchange admin can mend it. It is "" where the cause tells it, or nobody
// knows.
func (e *Error) Hint() string {
	if e.OutcomeUnknown {
		return "do not repeat it at once: look in Sent Items and Drafts whether it took effect"
	}
	if h := e.headerHint(); h != "" {
		return h
	}
	switch e.ResponseCode {
	case "ErrorImpersonateUserDenied", "ErrorImpersonationDenied":
		return "the account that signs in may not act for " + e.Mailbox + ". On an Exchange Server give it the ApplicationImpersonation role over this mailbox (New-ManagementRoleAssignment -Role ApplicationImpersonation; the scope of an existing assignment is shown by Get-ManagementRoleAssignment -Role ApplicationImpersonation). In Exchange Online that role no longer exists: give the application full_access_as_app, or the role \"Application EWS.AccessAsApp\" over this mailbox (Test-ServicePrincipalAuthorization tells what it has); new rights take up to two hours"
	case "ErrorImpersonationFailed":
		return "Exchange could not log on as " + e.Mailbox + ": check that its account is enabled and that the server reaches its domain controllers"
	case "ErrorMailRecipientNotFound":
		return "check the address that the message names: Get-Recipient must find it"
	case "ErrorNonExistentMailbox", "ErrorMailboxNotFound", "ErrorMissingInformationEmailAddress":
		return "check the address " + e.Mailbox + ": Get-Mailbox (or Get-EXOMailbox) must find a mailbox by it; one that has moved to Exchange Online is not reached through an Exchange Server's URL"
	case "ErrorInvalidExchangeImpersonationHeaderData", "ErrorInvalidSmtpAddress":
		return "check the mailbox address: it must be an SMTP address such as anna@example.com"
	case "ErrorSendAsDenied":
		return "the mailbox may not send under that address; an Exchange admin gives the right with Add-RecipientPermission -AccessRights SendAs (Add-ADPermission -ExtendedRights \"Send As\" on an Exchange Server)"
	case "ErrorAccessDenied":
		if e.Access == Shared {
			return "the account that signs in needs rights on " + e.Mailbox + ": Add-MailboxPermission -AccessRights FullAccess, or a folder permission by Add-MailboxFolderPermission"
		}
		return "Exchange refuses this to the account that signs in; if it is to act for others, it needs impersonation or rights on their folders (Get-MailboxFolderPermission shows them)"
	case "ErrorFolderNotFound":
		if e.Access == Shared {
			return "the folder does not exist, or the account that signs in may not see it: Get-MailboxFolderPermission shows its rights"
		}
		return "list the folders to find its name or id"
	case "ErrorServerBusy", "ErrorExceededConnectionCount", "ErrorTooManyObjectsOpened":
		return "Exchange throttles this account; try again later. If it stays, an Exchange admin can look at Get-ThrottlingPolicy"
	case "ErrorMailboxMoveInProgress":
		return "the mailbox is being moved; try again when the move is done (Get-MoveRequest)"
	case "ErrorMailboxStoreUnavailable", "ErrorMailboxFailover":
		return "the mailbox's database is not mounted or is switching servers; try again later (Get-MailboxDatabase -Status)"
	case "ErrorIrresolvableConflict", "ErrorStaleObject":
		return "the item has changed since it was read; read it again and decide"
	case "ErrorSubscriptionNotFound", "ErrorInvalidSubscription", "ErrorExpiredSubscription", "ErrorInvalidWatermark", "ErrorEventNotFound":
		return "subscribe again, without a watermark, and then synchronise once: nothing is told of what happened meanwhile"
	case "ErrorInvalidSyncStateData":
		return "synchronise the folder afresh, without a state"
	case "ErrorMessageSizeExceeded", "ErrorAttachmentSizeLimitExceeded":
		return "it is larger than the mailbox may send: Get-Mailbox shows MaxSendSize, Get-TransportConfig the organisation's limit"
	case "ErrorQuotaExceeded", "ErrorSubmissionQuotaExceeded":
		return "the mailbox is full: Get-MailboxStatistics shows its size, Set-Mailbox sets its quota"
	case "ErrorOutlookRuleBlobExists":
		return "Outlook keeps rules of its own in this mailbox: those that are turned off, and those that it carries out itself. Nothing can be changed beside them. Let the owner change the rules in Outlook, or remove Outlook's own with the change; the owner then loses them"
	case "ErrorRulesOverQuota":
		return "the inbox rules take more room than the mailbox has for them: Get-Mailbox shows RulesQuota, which Set-Mailbox -RulesQuota raises to 256 KB at most; or delete rules"
	case "ErrorInvalidServerVersion", "ErrorIncorrectSchemaVersion":
		return "the server is older than the schema that was asked for; set an older version, such as Exchange2010_SP2"
	case "ErrorNoFreeBusyAccess":
		return "the person does not share when they are free: Get-MailboxFolderPermission on their calendar shows who may see it (AvailabilityOnly is enough)"
	case "ErrorItemNotFound":
		return "it was deleted, or moved, which changes its id, or it is in another mailbox; list the folder again"
	case "ErrorDelegateAlreadyExists":
		return "the person is a delegate already: change the permissions that are there"
	case "ErrorNotDelegate":
		return "the person is none of the mailbox's delegates: list them, or add this one"
	case "ErrorDelegateNoUser":
		return "a delegate is a person with a mailbox in the organisation: check the address (Get-Recipient must find a UserMailbox by it). Groups are made delegates in Outlook alone"
	case "ErrorDelegateCannotAddOwner":
		return "the owner has every right already; name somebody else"
	case "ErrorDelegateValidationFailed":
		return "Exchange does not take this person as a delegate, or not with these permissions: groups and rooms cannot be delegates here, and who is to receive copies of invitations should be an editor of the calendar"
	case "ErrorDelegateMissingConfiguration":
		return "the delegate is known in one of two places alone, the mailbox and the directory (GrantSendOnBehalfTo in Get-Mailbox " + e.Mailbox + "): remove the person there, or in Outlook, and add them anew"
	case "ErrorInvalidAttachmentId", "ErrorAttachmentNotFound":
		return "attachment ids go with their message; read the message again for them"
	case "ErrorInvalidIdMalformed", "ErrorInvalidId", "ErrorInvalidIdEmpty":
		return "ids are opaque, long and case-sensitive; copy it whole from a list of this mailbox"
	}
	switch e.kind {
	case mailbox.ErrNotFound:
		if e.ResponseCode == "" {
			// What we look for by name is a folder.
			return "list the folders to find its name or id"
		}
	case mailbox.ErrPolicyBlocked:
		return e.policyHint()
	case mailbox.ErrSignInNeeded:
		return "the server does not take the token or password: sign in again; the token must be for this server (its audience) and hold EWS.AccessAsUser.All or full_access_as_app. A server under load answers so too: if it worked before, try once more"
	case mailbox.ErrAccessDenied:
		if e.HTTPStatus == 403 {
			return "HTTP 403 without Exchange's reason: rights given a short while ago may not be known everywhere yet (up to two hours), the mailbox may have a licence without EWS (Kiosk, F1, F3), or a proxy in between refused; Get-CASMailbox " + e.Mailbox + " shows EwsEnabled"
		}
	}
	if e.kind == mailbox.ErrUnavailable && e.Err == nil && e.ResponseCode == "" {
		return "the server does not answer as Exchange does, or something in between changes its answers: a trace of the call shows what came"
	}
	return causeHint(e.Err)
}

// policyHint is for X-EWS-Policy-Reason, which has two values: EWS is off for
// the organisation or mailbox, or the application or user-agent list blocks.
func (e *Error) policyHint() string {
	if strings.Contains(strings.ToLower(e.PolicyReason), "disabled") {
		return "EWS is switched off for the organisation or for this mailbox: see EwsEnabled in Get-OrganizationConfig and Get-CASMailbox " + e.Mailbox + "; a change takes up to an hour. In Exchange Online EWS ends on 1 April 2027"
	}
	return "the application is not on the list of those that may use EWS, or its User-Agent is blocked: an Exchange admin reads the lists with Get-OrganizationConfig -RetrieveEwsOperationAccessPolicy (EwsAllowedAppIDs, EwsAllowList, EwsBlockList), adds the application's client id to what is there, and waits up to 24 hours. Writing a list replaces all of it"
}

// headerRefusal tells the two refusals apart in which Exchange wants the
// impersonation header, or does not want it. They have no code of their own, so
// that the text must do; without it they are told as their code.
func (e *Error) headerRefusal() (wanted, unwanted bool) {
	text := strings.ToLower(e.Text)
	if e.Err != nil {
		text += " " + strings.ToLower(e.Err.Error())
	}
	if !strings.Contains(text, "exchangeimpersonation") {
		return false, false
	}
	wanted = strings.Contains(text, "must be present")
	return wanted, !wanted && strings.Contains(text, " not ")
}

func (e *Error) headerHint() string {
	switch wanted, unwanted := e.headerRefusal(); {
	case wanted:
		return "an application's own token acts for no mailbox by itself: reach the mailbox by impersonation"
	case unwanted:
		return "this token may not impersonate: reach the user's own mailbox without impersonation, and those shared with them as shared; an application's token (client secret or certificate) may impersonate"
	}
	return ""
}

// causeHint is for what happens below SOAP.
func causeHint(err error) string {
	var (
		certificate *tls.CertificateVerificationError
		name        *net.DNSError
		refused     *net.OpError
	)
	switch {
	case errors.As(err, &certificate):
		return "the server's certificate is not trusted here, or is for another name: check the host name in the EWS URL, and give the file of the CA that issued it"
	case errors.As(err, &name):
		return "the host name of the EWS URL is not known here: check the URL and the DNS, or name the proxy that leads there"
	case errors.As(err, &refused) && refused.Op == "dial":
		return "nothing answers at the host and port of the EWS URL: check both, and whether a firewall or a proxy is in between"
	}
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		return h.Hint()
	}
	return ""
}

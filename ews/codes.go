package ews

import (
	"strings"

	"github.com/exconn/exconn/mailbox"
)

// codeGroups sorts Exchange's response codes by the sentinel errors of package
// mailbox ([MS-OXWSCDATA], 2.2.5.24, ResponseCodeType; written without their
// prefix "Error").
var codeGroups = map[error]string{
	mailbox.ErrNotFound: `ItemNotFound FolderNotFound ParentFolderNotFound ToFolderNotFound SavedItemFolderNotFound
		SyncFolderNotFound ManagedFolderNotFound NonExistentMailbox MailboxNotFound MailRecipientNotFound RecipientNotFound
		NoCalendar ArchiveMailboxNotEnabled CannotOpenFileAttachment NameResolutionNoResults NameResolutionNoMailbox
		CalendarOccurrenceIndexIsOutOfRecurrenceRange CalendarOccurrenceIsDeletedFromRecurrence CalendarCannotUpdateDeletedItem
		NotDelegate DelegateNoUser`,

	mailbox.ErrAccessDenied: `AccessDenied AccessDeniedDueToCompliance ImpersonateUserDenied ImpersonationDenied
		ImpersonationFailed SendAsDenied CreateItemAccessDenied CreateSubfolderAccessDenied RecoverableItemsAccessDenied
		SubscriptionAccessDenied NoFreeBusyAccess CannotDeleteObject AccountDisabled AccountSuspend CallerIsInvalidADAccount
		TokenSerializationDenied ProxyRequestNotAllowed InvalidAuthorizationContext InvalidClientSecurityContext
		InvalidProxySecurityContext InvalidLogonType InvalidManagementRoleHeader`,

	mailbox.ErrPolicyBlocked: `InvalidLicense`,

	mailbox.ErrBusy: `ServerBusy ServiceUnavailable TimeoutExpired MailboxStoreUnavailable MailboxMoveInProgress MailboxFailover
		ConnectionFailed InternalServerTransientError TooManyObjectsOpened ExceededConnectionCount
		ExceededSubscriptionCount ExceededFindCountLimit ExceededMessageLimit InsufficientResources
		NoRespondingCASInDestinationSite BatchProcessingStopped`,

	mailbox.ErrUnavailable: `InternalServerError ADUnavailable ADOperation ClientDisconnected MailboxConfiguration
		ContentConversionFailed`,

	mailbox.ErrConflict: `IrresolvableConflict StaleObject ChangeKeyRequired ChangeKeyRequiredForWriteOperations
		ObjectTypeChanged OutlookRuleBlobExists`,

	mailbox.ErrExists: `FolderExists DelegateAlreadyExists`,

	mailbox.ErrCursorExpired: `InvalidSyncStateData InvalidWatermark InvalidSubscription ExpiredSubscription
		SubscriptionNotFound EventNotFound`,

	mailbox.ErrInvalid: `SchemaValidation MissingInformationEmailAddress MissingRecipients MessageSizeExceeded
		AttachmentSizeLimitExceeded DataSizeLimitExceeded ExceededMaxRecipientLimit ExceededMaxRecipientLimitBlock
		ItemSavePropertyError PropertyValidationFailure RequestAborted DeleteDistinguishedFolder MoveDistinguishedFolder CannotEmptyFolder MoveCopyFailed FolderSave
		CannotArchiveItemsInArchiveMailbox CannotArchiveCalendarContactTaskFolderException MimeContentInvalid
		TimeIntervalTooBig CalendarDurationIsTooLong CalendarEndDateIsEarlierThanStartDate CalendarViewRangeTooBig CalendarOutOfRange
		CalendarInvalidRecurrence CalendarInvalidTimeZone CalendarInvalidDayForWeeklyRecurrence
		CalendarInvalidDayForTimeChangePattern CalendarInvalidAttributeValue CalendarInvalidPropertyState
		CalendarInvalidPropertyValue CalendarFolderIsInvalidForCalendarView CalendarIsNotOrganizer TimeZone
		RecurrenceHasNoOccurrence RecurrenceEndDateTooBig SendMeetingInvitationsRequired
		SendMeetingInvitationsOrCancellationsRequired SendMeetingCancellationsRequired MessageDispositionRequired
		AffectedTaskOccurrencesRequired CannotCreateCalendarItemInNonCalendarFolder
		DelegateCannotAddOwner DelegateValidationFailed
		InboxRulesValidationError RulesOverQuota CorruptData`,

	mailbox.ErrUnsupported: `InvalidServerVersion IncorrectSchemaVersion InvalidSchemaVersionForMailboxVersion InvalidOperation
		UnsupportedTypeForConversion UnsupportedRecurrence CrossMailboxMoveCopy`,
}

var codes = func() map[string]error {
	byCode := map[string]error{}
	for sentinel, list := range codeGroups {
		for _, code := range strings.Fields(list) {
			byCode["Error"+code] = sentinel
		}
	}
	return byCode
}()

// kindOf returns the sentinel for a response code, or nil for a code that a
// caller cannot act on. Those that begin with ErrorInvalid and are not among
// the groups say that the request is wrong.
func kindOf(code string) error {
	if sentinel, ok := codes[code]; ok {
		return sentinel
	}
	if strings.HasPrefix(code, "ErrorInvalid") {
		return mailbox.ErrInvalid
	}
	return nil
}

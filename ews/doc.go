// Package ews is a client for Exchange Web Services.
//
// The usual steps are these:
//
//  1. NewClient is given an HTTP client that signs in (a bearer token, Basic,
//     NTLM) and the endpoint, such as
//     https://mail.example.com/EWS/Exchange.asmx. It does no I/O.
//  2. Client.Mailbox names a mailbox and how it is reached: as one's own, by
//     impersonation, or as one that is shared with the user who signed in.
//  3. The Mailbox reads and writes in the words of package mailbox: Folders,
//     Messages, Message, MIME, Attachment, Send, SaveDraft, Reply, Forward,
//     Move, Delete, MarkRead, and the calendar: Events, Event, CreateEvent,
//     UpdateEvent, CancelEvent. SyncFolderItems and SyncFolderHierarchy tell
//     what has changed since a state.
//  4. Whatever these do not cover is reached through Mailbox.Service, which
//     speaks the operations themselves in the types of package wsdl, with the
//     headers of that mailbox.
//
// Attachments stream both ways: memory does not grow with their size, and
// mailbox.Upload.WithProgress and mailbox.Progress.Writer tell how far they have
// got. A file that makes a request longer than Options.MaxRequest is refused
// before anything is sent (FileTooLargeError). Lists are paged. Text that XML forbids, and which Exchange sends nonetheless, does
// not fail an answer.
//
// # Errors
//
// A call that fails returns an *Error, which says what Exchange answered
// (ResponseCode, Text), for which mailbox and operation, and under which
// request id; it Is one of the sentinel errors of package mailbox, and
// mailbox.Hint returns what an Exchange admin can do about it. Nothing is
// repeated and nothing waits: a busy server is reported as mailbox.ErrBusy with
// RetryAfter, and the caller decides. With an Options.Budget the budget does: it
// waits, and repeats what is safe to repeat. An operation that the server is
// known to lack is mailbox.ErrUnsupported, and is not sent.
//
// No call waits for ever: one that stands still ends after Options.Stall, and
// what is broken off anywhere ends in an error and is never taken for the whole.
// Of a write that may have taken effect without an answer that says so the error
// Is mailbox.ErrOutcomeUnknown.
//
// # Sending
//
// A message is first kept as a draft that bears a stamp with the operation's
// id, then its attachments are added, then that very version of it is sent. So
// a connection that breaks before the last step has sent nothing, and one that
// breaks in it is reported as mailbox.ErrOutcomeUnknown, never repeated, and
// can be looked up by the stamp.
//
// # Watching
//
// Client.Stream tells of changes in many mailboxes over one connection, and
// Mailbox.Watch in one; what they tell are hints, upon which the caller
// synchronises. GetEvents asks a pull subscription instead.
//
// # Operations
//
//	operation            method                                     since
//	AddDelegate          Mailbox.AddDelegates                       Exchange 2007 SP1
//	ArchiveItem          Mailbox.ArchiveItems                       Exchange 2013
//	ConvertId            Mailbox.ConvertIDs                         Exchange 2007 SP1
//	CopyFolder           Mailbox.CopyFolder                         Exchange 2007
//	CopyItem             Mailbox.Copy, CopyItems                    Exchange 2007
//	CreateAttachment     Mailbox.Attach, AttachMessage, AttachMIME  Exchange 2007
//	CreateFolder         Mailbox.CreateFolder                       Exchange 2007
//	CreateItem           Mailbox.ImportMIME, SaveDraft, Send, Reply Exchange 2007
//	CreateItem           Mailbox.Respond (AcceptItem and so on)     Exchange 2007
//	CreateItem           Mailbox.CreateContact, CreateTask          Exchange 2007
//	CreateItem           Mailbox.CreateDistributionList             Exchange 2010
//	DeleteAttachment     Mailbox.DeleteAttachments                  Exchange 2007
//	DeleteFolder         Mailbox.DeleteFolder                       Exchange 2007
//	DeleteItem           Mailbox.Delete, DeleteItems                Exchange 2007
//	DeleteItem           Mailbox.DeleteTask                         Exchange 2007
//	EmptyFolder          Mailbox.EmptyFolder                        Exchange 2010 SP1
//	ExpandDL             Mailbox.ExpandDL, ExpandList               Exchange 2007
//	ExportItems          Mailbox.Export, ExportItems                Exchange 2010 SP1
//	FindConversation     Mailbox.FindConversations                  Exchange 2010 SP1
//	FindFolder           Mailbox.Folders, ArchiveFolders            Exchange 2007
//	FindItem             Mailbox.FindItems, FindGroups, Messages    Exchange 2007
//	FindItem             Mailbox.Contacts, Tasks                    Exchange 2007
//	FindItem             Mailbox.DistributionLists                  Exchange 2010
//	GetAttachment        Mailbox.Attachment, AttachedMessage        Exchange 2007
//	GetConversationItems Mailbox.GetConversationItems               Exchange 2013
//	GetDelegate          Mailbox.Delegates                          Exchange 2007 SP1
//	GetEvents            Mailbox.GetEvents                          Exchange 2007
//	GetFolder            Mailbox.GetFolder                          Exchange 2007
//	GetInboxRules        Mailbox.InboxRules                         Exchange 2010 SP1
//	GetItem              Mailbox.GetMessages, Message, MIME         Exchange 2007
//	GetItem              Mailbox.Occurrence, Master                 Exchange 2007
//	GetItem              Mailbox.Contact, Task                      Exchange 2007
//	GetItem              Mailbox.DistributionList                   Exchange 2010
//	GetMailTips          Mailbox.MailTips                           Exchange 2010
//	GetRoomLists         Mailbox.RoomLists                          Exchange 2010
//	GetRooms             Mailbox.Rooms                              Exchange 2010
//	GetServerTimeZones   Mailbox.ServerTimeZones                    Exchange 2010
//	GetStreamingEvents   Client.Stream, Mailbox.Watch               Exchange 2010 SP1
//	GetUserAvailability  Mailbox.FreeBusy                           Exchange 2007
//	GetUserOofSettings   Mailbox.OutOfOffice                        Exchange 2007
//	MarkAllItemsAsRead   Mailbox.MarkAllRead                        Exchange 2013
//	MoveFolder           Mailbox.MoveFolder                         Exchange 2007
//	MoveItem             Mailbox.Move, MoveItems                    Exchange 2007
//	RemoveDelegate       Mailbox.RemoveDelegates                    Exchange 2007 SP1
//	ResolveNames         Mailbox.ResolveNames, SearchNames          Exchange 2007
//	SetUserOofSettings   Mailbox.SetOutOfOffice                     Exchange 2007
//	SendItem             Mailbox.Send, Reply, Forward               Exchange 2007
//	Subscribe            Mailbox.SubscribePull, SubscribeStreaming  Exchange 2007
//	SyncFolderHierarchy  Mailbox.SyncFolderHierarchy                Exchange 2007
//	SyncFolderItems      Mailbox.SyncFolderItems                    Exchange 2007
//	SyncFolderItems      Mailbox.SyncContacts, SyncTasks            Exchange 2007
//	Unsubscribe          Mailbox.Unsubscribe                        Exchange 2007
//	UpdateDelegate       Mailbox.UpdateDelegates                    Exchange 2007 SP1
//	UpdateFolder         Mailbox.UpdateFolder, RenameFolder         Exchange 2007
//	UpdateInboxRules     Mailbox.UpdateInboxRules                   Exchange 2010 SP1
//	UpdateItem           Mailbox.UpdateItem, UpdateItems, MarkRead  Exchange 2007
//	UpdateItem           Mailbox.UpdateContact, UpdateTask          Exchange 2007
//	UpdateItem           Mailbox.UpdateDistributionList             Exchange 2010
//	UploadItems          Mailbox.UploadItems                        Exchange 2010 SP1
package ews

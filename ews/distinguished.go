package ews

import "github.com/exconn/exconn/mailbox"

// folderRoot is the root of the folders that users see.
const folderRoot mailbox.FolderRef = "msgfolderroot"

// The folders that Exchange knows by name besides those of
// mailbox.WellKnownFolders; they are folder references like those, as all the
// names of Exchange are that no folder is likely to be called by. The archive of
// a mailbox has a root and folders of its own; a path of its folders begins with
// ArchiveRoot, as in "archivemsgfolderroot/Inbox/Projects".
const (
	ArchiveRoot          mailbox.FolderRef = "archivemsgfolderroot"
	ArchiveInbox         mailbox.FolderRef = "archiveinbox"
	ArchiveDeletedItems  mailbox.FolderRef = "archivedeleteditems"
	RecoverableItems     mailbox.FolderRef = "recoverableitemsroot"
	RecoverableDeletions mailbox.FolderRef = "recoverableitemsdeletions"
	SearchFolders        mailbox.FolderRef = "searchfolders"
	ConversationHistory  mailbox.FolderRef = "conversationhistory"
)

// otherNames are those that are taken for a name of Exchange's, whatever their
// case ([MS-OXWSCDATA] 2.2.5.10).
var otherNames = map[string]bool{
	string(folderRoot): true, string(ArchiveRoot): true, string(ArchiveInbox): true, string(ArchiveDeletedItems): true,
	string(RecoverableItems): true, string(RecoverableDeletions): true, string(SearchFolders): true, string(ConversationHistory): true,
	"archiveroot": true, "archiverecoverableitemsroot": true, "archiverecoverableitemsdeletions": true,
	"archiverecoverableitemsversions": true, "archiverecoverableitemspurges": true,
	"recoverableitemsversions": true, "recoverableitemspurges": true,
}

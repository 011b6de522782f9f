package ewsserver

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// call is one operation on its way.
type call struct {
	*Options
	operation string
	log       *slog.Logger
	caller    Caller
	session   Session
	// zone and zoneDefinition are those of the TimeZoneContext header, or
	// nil where there is none.
	zone           *time.Location
	zoneDefinition *wsdl.TimeZoneDefinitionType
}

// operation is how a request is made and answered.
type operation struct {
	request, response func() any

	run func(c *call, ctx context.Context, request any) (any, error)
}

func op[Request, Response any](run func(*call, context.Context, *Request) (*Response, error)) operation {
	return operation{
		request:  func() any { return new(Request) },
		response: func() any { return new(Response) },
		run: func(c *call, ctx context.Context, request any) (any, error) {
			answer, err := run(c, ctx, request.(*Request))
			if err != nil {
				return nil, err
			}
			return answer, nil
		},
	}
}

// operations holds every operation by the name of its request's element.
var operations = map[string]operation{
	"GetFolder":            op((*call).getFolder),
	"FindFolder":           op((*call).findFolder),
	"SyncFolderHierarchy":  op((*call).syncFolderHierarchy),
	"FindItem":             op((*call).findItem),
	"GetItem":              op((*call).getItem),
	"CreateItem":           op((*call).createItem),
	"UpdateItem":           op((*call).updateItem),
	"DeleteItem":           op((*call).deleteItem),
	"MoveItem":             op((*call).moveItem),
	"SendItem":             op((*call).sendItem),
	"SyncFolderItems":      op((*call).syncFolderItems),
	"CreateAttachment":     op((*call).createAttachment),
	"GetAttachment":        op((*call).getAttachment),
	"ResolveNames":         op((*call).resolveNames),
	"GetServerTimeZones":   op((*call).getServerTimeZones),
	"Subscribe":            op((*call).subscribe),
	"Unsubscribe":          op((*call).unsubscribe),
	"GetEvents":            op((*call).getEvents),
	"GetStreamingEvents":   op((*call).getStreamingEvents),
	"ArchiveItem":          op((*call).archiveItem),
	"CopyFolder":           op((*call).copyFolder),
	"CopyItem":             op((*call).copyItem),
	"CreateFolder":         op((*call).createFolder),
	"DeleteAttachment":     op((*call).deleteAttachment),
	"DeleteFolder":         op((*call).deleteFolder),
	"EmptyFolder":          op((*call).emptyFolder),
	"ExpandDL":             op((*call).expandDL),
	"FindConversation":     op((*call).findConversation),
	"GetConversationItems": op((*call).getConversationItems),
	"MarkAllItemsAsRead":   op((*call).markAllItemsAsRead),
	"MoveFolder":           op((*call).moveFolder),
	"UpdateFolder":         op((*call).updateFolder),

	"GetUserAvailabilityRequest": op((*call).getUserAvailability),
	"GetRoomLists":               op((*call).getRoomLists),
	"GetRooms":                   op((*call).getRooms),
	"GetUserConfiguration":       op((*call).getUserConfiguration),
	"GetUserOofSettingsRequest":  op((*call).getUserOofSettings),
	"SetUserOofSettingsRequest":  op((*call).setUserOofSettings),
	"GetMailTips":                op((*call).getMailTips),

	"GetDelegate":      op((*call).getDelegate),
	"AddDelegate":      op((*call).addDelegate),
	"UpdateDelegate":   op((*call).updateDelegate),
	"RemoveDelegate":   op((*call).removeDelegate),
	"ConvertId":        op((*call).convertID),
	"GetInboxRules":    op((*call).getInboxRules),
	"UpdateInboxRules": op((*call).updateInboxRules),
	"ExportItems":      op((*call).exportItems),
	"UploadItems":      op((*call).uploadItems),
}

// folderRef reads a folder id.
func folderRef(id any) (FolderRef, error) {
	switch id := id.(type) {
	case *wsdl.FolderId:
		if wsdl.Str(id.Id) == "" {
			return FolderRef{}, &Error{Code: ErrorInvalidIdEmpty}
		}
		return FolderRef{ID: wsdl.Str(id.Id)}, nil
	case *wsdl.DistinguishedFolderId:
		ref := FolderRef{Distinguished: strings.ToLower(wsdl.Str(id.Id))}
		if ref.Distinguished == "" {
			return ref, &Error{Code: ErrorInvalidIdEmpty}
		}
		if id.Mailbox != nil {
			if ref.Mailbox = strings.TrimSpace(wsdl.Str(id.Mailbox.EmailAddress)); ref.Mailbox == "" {
				return ref, &Error{Code: ErrorMissingInformationEmailAddress}
			}
		}
		return ref, nil
	}
	return FolderRef{}, invalid("a folder id is missing.")
}

// target reads the folder id of an operation's own folder; nil where the
// request has none.
func target(t *wsdl.TargetFolderId) (*FolderRef, error) {
	if t == nil {
		return nil, nil
	}
	var id any
	switch {
	case t.FolderId != nil:
		id = t.FolderId
	case t.DistinguishedFolderId != nil:
		id = t.DistinguishedFolderId
	}
	ref, err := folderRef(id)
	return &ref, err
}

// itemRef reads an item id.
func itemRef(id any) (ItemRef, error) {
	var ref ItemRef
	var named string
	switch id := id.(type) {
	case *wsdl.ItemIdType:
		ref.ID, ref.ChangeKey = wsdl.Str(id.Id), wsdl.Str(id.ChangeKey)
		named = ref.ID
	case *wsdl.RecurringMasterItemIdType:
		ref.MasterOf, ref.ChangeKey = wsdl.Str(id.OccurrenceId), wsdl.Str(id.ChangeKey)
		named = ref.MasterOf
	case *wsdl.OccurrenceItemIdType:
		ref.OccurrenceOf, ref.ChangeKey = wsdl.Str(id.RecurringMasterId), wsdl.Str(id.ChangeKey)
		ref.Instance = int(wsdl.Val(id.InstanceIndex))
		named = ref.OccurrenceOf
	default:
		return ref, invalid("an item id is missing.")
	}
	if named == "" {
		return ref, &Error{Code: ErrorInvalidIdEmpty}
	}
	return ref, nil
}

// itemIds returns a request's item ids; the schema wants one at least.
func itemIds(list *wsdl.ItemIdList) ([]any, error) {
	if list == nil || len(list.Ids) == 0 {
		return nil, invalid("ItemIds is missing or empty.")
	}
	return list.Ids, nil
}

func folderIds(list *wsdl.FolderIdList, element string) ([]any, error) {
	if list == nil || len(list.Ids) == 0 {
		return nil, invalid("%s is missing or empty.", element)
	}
	return list.Ids, nil
}

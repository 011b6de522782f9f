package ews

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// Service speaks the operations of EWS themselves for one mailbox, with its
// headers, in the types of package wsdl. It is the port type of services.wsdl:
// every operation with a context and without.
//
// An error is an *Error of the call as a whole; those of its parts are in the
// response messages (see their Status method). Folder ids that name a shared
// mailbox are the caller's to fill in.
type Service struct{ m *Mailbox }

var _ wsdl.ExchangeServicePort = Service{}

// Service returns the operations of EWS for this mailbox.
func (m *Mailbox) Service() Service { return Service{m} }

// GetFolderContext makes the GetFolder call.
func (s Service) GetFolderContext(ctx context.Context, request *wsdl.GetFolder) (*wsdl.GetFolderResponse, error) {
	return call[wsdl.GetFolderResponse](ctx, s.m, "GetFolder", request)
}

// GetFolder is GetFolderContext without a context.
func (s Service) GetFolder(request *wsdl.GetFolder) (*wsdl.GetFolderResponse, error) {
	return s.GetFolderContext(context.Background(), request)
}

// FindFolderContext makes the FindFolder call.
func (s Service) FindFolderContext(ctx context.Context, request *wsdl.FindFolder) (*wsdl.FindFolderResponse, error) {
	return call[wsdl.FindFolderResponse](ctx, s.m, "FindFolder", request)
}

// FindFolder is FindFolderContext without a context.
func (s Service) FindFolder(request *wsdl.FindFolder) (*wsdl.FindFolderResponse, error) {
	return s.FindFolderContext(context.Background(), request)
}

// SyncFolderHierarchyContext makes the SyncFolderHierarchy call.
func (s Service) SyncFolderHierarchyContext(ctx context.Context, request *wsdl.SyncFolderHierarchy) (*wsdl.SyncFolderHierarchyResponse, error) {
	return call[wsdl.SyncFolderHierarchyResponse](ctx, s.m, "SyncFolderHierarchy", request)
}

// SyncFolderHierarchy is SyncFolderHierarchyContext without a context.
func (s Service) SyncFolderHierarchy(request *wsdl.SyncFolderHierarchy) (*wsdl.SyncFolderHierarchyResponse, error) {
	return s.SyncFolderHierarchyContext(context.Background(), request)
}

// FindItemContext makes the FindItem call.
func (s Service) FindItemContext(ctx context.Context, request *wsdl.FindItem) (*wsdl.FindItemResponse, error) {
	return call[wsdl.FindItemResponse](ctx, s.m, "FindItem", request)
}

// FindItem is FindItemContext without a context.
func (s Service) FindItem(request *wsdl.FindItem) (*wsdl.FindItemResponse, error) {
	return s.FindItemContext(context.Background(), request)
}

// GetItemContext makes the GetItem call.
func (s Service) GetItemContext(ctx context.Context, request *wsdl.GetItem) (*wsdl.GetItemResponse, error) {
	return call[wsdl.GetItemResponse](ctx, s.m, "GetItem", request)
}

// GetItem is GetItemContext without a context.
func (s Service) GetItem(request *wsdl.GetItem) (*wsdl.GetItemResponse, error) {
	return s.GetItemContext(context.Background(), request)
}

// CreateItemContext makes the CreateItem call.
func (s Service) CreateItemContext(ctx context.Context, request *wsdl.CreateItem) (*wsdl.CreateItemResponse, error) {
	return call[wsdl.CreateItemResponse](ctx, s.m, "CreateItem", request)
}

// CreateItem is CreateItemContext without a context.
func (s Service) CreateItem(request *wsdl.CreateItem) (*wsdl.CreateItemResponse, error) {
	return s.CreateItemContext(context.Background(), request)
}

// UpdateItemContext makes the UpdateItem call.
func (s Service) UpdateItemContext(ctx context.Context, request *wsdl.UpdateItem) (*wsdl.UpdateItemResponse, error) {
	return call[wsdl.UpdateItemResponse](ctx, s.m, "UpdateItem", request)
}

// UpdateItem is UpdateItemContext without a context.
func (s Service) UpdateItem(request *wsdl.UpdateItem) (*wsdl.UpdateItemResponse, error) {
	return s.UpdateItemContext(context.Background(), request)
}

// DeleteItemContext makes the DeleteItem call.
func (s Service) DeleteItemContext(ctx context.Context, request *wsdl.DeleteItem) (*wsdl.DeleteItemResponse, error) {
	return call[wsdl.DeleteItemResponse](ctx, s.m, "DeleteItem", request)
}

// DeleteItem is DeleteItemContext without a context.
func (s Service) DeleteItem(request *wsdl.DeleteItem) (*wsdl.DeleteItemResponse, error) {
	return s.DeleteItemContext(context.Background(), request)
}

// MoveItemContext makes the MoveItem call.
func (s Service) MoveItemContext(ctx context.Context, request *wsdl.MoveItem) (*wsdl.MoveItemResponse, error) {
	return call[wsdl.MoveItemResponse](ctx, s.m, "MoveItem", request)
}

// MoveItem is MoveItemContext without a context.
func (s Service) MoveItem(request *wsdl.MoveItem) (*wsdl.MoveItemResponse, error) {
	return s.MoveItemContext(context.Background(), request)
}

// SendItemContext makes the SendItem call.
func (s Service) SendItemContext(ctx context.Context, request *wsdl.SendItem) (*wsdl.SendItemResponse, error) {
	return call[wsdl.SendItemResponse](ctx, s.m, "SendItem", request)
}

// SendItem is SendItemContext without a context.
func (s Service) SendItem(request *wsdl.SendItem) (*wsdl.SendItemResponse, error) {
	return s.SendItemContext(context.Background(), request)
}

// SyncFolderItemsContext makes the SyncFolderItems call.
func (s Service) SyncFolderItemsContext(ctx context.Context, request *wsdl.SyncFolderItems) (*wsdl.SyncFolderItemsResponse, error) {
	return call[wsdl.SyncFolderItemsResponse](ctx, s.m, "SyncFolderItems", request)
}

// SyncFolderItems is SyncFolderItemsContext without a context.
func (s Service) SyncFolderItems(request *wsdl.SyncFolderItems) (*wsdl.SyncFolderItemsResponse, error) {
	return s.SyncFolderItemsContext(context.Background(), request)
}

// CreateAttachmentContext makes the CreateAttachment call.
func (s Service) CreateAttachmentContext(ctx context.Context, request *wsdl.CreateAttachment) (*wsdl.CreateAttachmentResponse, error) {
	return call[wsdl.CreateAttachmentResponse](ctx, s.m, "CreateAttachment", request)
}

// CreateAttachment is CreateAttachmentContext without a context.
func (s Service) CreateAttachment(request *wsdl.CreateAttachment) (*wsdl.CreateAttachmentResponse, error) {
	return s.CreateAttachmentContext(context.Background(), request)
}

// GetAttachmentContext makes the GetAttachment call.
func (s Service) GetAttachmentContext(ctx context.Context, request *wsdl.GetAttachment) (*wsdl.GetAttachmentResponse, error) {
	return call[wsdl.GetAttachmentResponse](ctx, s.m, "GetAttachment", request)
}

// GetAttachment is GetAttachmentContext without a context.
func (s Service) GetAttachment(request *wsdl.GetAttachment) (*wsdl.GetAttachmentResponse, error) {
	return s.GetAttachmentContext(context.Background(), request)
}

// ResolveNamesContext makes the ResolveNames call.
func (s Service) ResolveNamesContext(ctx context.Context, request *wsdl.ResolveNames) (*wsdl.ResolveNamesResponse, error) {
	return call[wsdl.ResolveNamesResponse](ctx, s.m, "ResolveNames", request)
}

// ResolveNames is ResolveNamesContext without a context.
func (s Service) ResolveNames(request *wsdl.ResolveNames) (*wsdl.ResolveNamesResponse, error) {
	return s.ResolveNamesContext(context.Background(), request)
}

// GetServerTimeZonesContext makes the GetServerTimeZones call.
func (s Service) GetServerTimeZonesContext(ctx context.Context, request *wsdl.GetServerTimeZones) (*wsdl.GetServerTimeZonesResponse, error) {
	return call[wsdl.GetServerTimeZonesResponse](ctx, s.m, "GetServerTimeZones", request)
}

// GetServerTimeZones is GetServerTimeZonesContext without a context.
func (s Service) GetServerTimeZones(request *wsdl.GetServerTimeZones) (*wsdl.GetServerTimeZonesResponse, error) {
	return s.GetServerTimeZonesContext(context.Background(), request)
}

// CreateFolderContext makes the CreateFolder call.
func (s Service) CreateFolderContext(ctx context.Context, request *wsdl.CreateFolder) (*wsdl.CreateFolderResponse, error) {
	return call[wsdl.CreateFolderResponse](ctx, s.m, "CreateFolder", request)
}

// CreateFolder is CreateFolderContext without a context.
func (s Service) CreateFolder(request *wsdl.CreateFolder) (*wsdl.CreateFolderResponse, error) {
	return s.CreateFolderContext(context.Background(), request)
}

// UpdateFolderContext makes the UpdateFolder call.
func (s Service) UpdateFolderContext(ctx context.Context, request *wsdl.UpdateFolder) (*wsdl.UpdateFolderResponse, error) {
	return call[wsdl.UpdateFolderResponse](ctx, s.m, "UpdateFolder", request)
}

// UpdateFolder is UpdateFolderContext without a context.
func (s Service) UpdateFolder(request *wsdl.UpdateFolder) (*wsdl.UpdateFolderResponse, error) {
	return s.UpdateFolderContext(context.Background(), request)
}

// CopyFolderContext makes the CopyFolder call.
func (s Service) CopyFolderContext(ctx context.Context, request *wsdl.CopyFolder) (*wsdl.CopyFolderResponse, error) {
	return call[wsdl.CopyFolderResponse](ctx, s.m, "CopyFolder", request)
}

// CopyFolder is CopyFolderContext without a context.
func (s Service) CopyFolder(request *wsdl.CopyFolder) (*wsdl.CopyFolderResponse, error) {
	return s.CopyFolderContext(context.Background(), request)
}

// MoveFolderContext makes the MoveFolder call.
func (s Service) MoveFolderContext(ctx context.Context, request *wsdl.MoveFolder) (*wsdl.MoveFolderResponse, error) {
	return call[wsdl.MoveFolderResponse](ctx, s.m, "MoveFolder", request)
}

// MoveFolder is MoveFolderContext without a context.
func (s Service) MoveFolder(request *wsdl.MoveFolder) (*wsdl.MoveFolderResponse, error) {
	return s.MoveFolderContext(context.Background(), request)
}

// DeleteFolderContext makes the DeleteFolder call.
func (s Service) DeleteFolderContext(ctx context.Context, request *wsdl.DeleteFolder) (*wsdl.DeleteFolderResponse, error) {
	return call[wsdl.DeleteFolderResponse](ctx, s.m, "DeleteFolder", request)
}

// DeleteFolder is DeleteFolderContext without a context.
func (s Service) DeleteFolder(request *wsdl.DeleteFolder) (*wsdl.DeleteFolderResponse, error) {
	return s.DeleteFolderContext(context.Background(), request)
}

// EmptyFolderContext makes the EmptyFolder call.
func (s Service) EmptyFolderContext(ctx context.Context, request *wsdl.EmptyFolder) (*wsdl.EmptyFolderResponse, error) {
	return call[wsdl.EmptyFolderResponse](ctx, s.m, "EmptyFolder", request)
}

// EmptyFolder is EmptyFolderContext without a context.
func (s Service) EmptyFolder(request *wsdl.EmptyFolder) (*wsdl.EmptyFolderResponse, error) {
	return s.EmptyFolderContext(context.Background(), request)
}

// CopyItemContext makes the CopyItem call.
func (s Service) CopyItemContext(ctx context.Context, request *wsdl.CopyItem) (*wsdl.CopyItemResponse, error) {
	return call[wsdl.CopyItemResponse](ctx, s.m, "CopyItem", request)
}

// CopyItem is CopyItemContext without a context.
func (s Service) CopyItem(request *wsdl.CopyItem) (*wsdl.CopyItemResponse, error) {
	return s.CopyItemContext(context.Background(), request)
}

// ArchiveItemContext makes the ArchiveItem call.
func (s Service) ArchiveItemContext(ctx context.Context, request *wsdl.ArchiveItem) (*wsdl.ArchiveItemResponse, error) {
	return call[wsdl.ArchiveItemResponse](ctx, s.m, "ArchiveItem", request)
}

// ArchiveItem is ArchiveItemContext without a context.
func (s Service) ArchiveItem(request *wsdl.ArchiveItem) (*wsdl.ArchiveItemResponse, error) {
	return s.ArchiveItemContext(context.Background(), request)
}

// MarkAllItemsAsReadContext makes the MarkAllItemsAsRead call.
func (s Service) MarkAllItemsAsReadContext(ctx context.Context, request *wsdl.MarkAllItemsAsRead) (*wsdl.MarkAllItemsAsReadResponse, error) {
	return call[wsdl.MarkAllItemsAsReadResponse](ctx, s.m, "MarkAllItemsAsRead", request)
}

// MarkAllItemsAsRead is MarkAllItemsAsReadContext without a context.
func (s Service) MarkAllItemsAsRead(request *wsdl.MarkAllItemsAsRead) (*wsdl.MarkAllItemsAsReadResponse, error) {
	return s.MarkAllItemsAsReadContext(context.Background(), request)
}

// FindConversationContext makes the FindConversation call.
func (s Service) FindConversationContext(ctx context.Context, request *wsdl.FindConversation) (*wsdl.FindConversationResponse, error) {
	return call[wsdl.FindConversationResponse](ctx, s.m, "FindConversation", request)
}

// FindConversation is FindConversationContext without a context.
func (s Service) FindConversation(request *wsdl.FindConversation) (*wsdl.FindConversationResponse, error) {
	return s.FindConversationContext(context.Background(), request)
}

// GetConversationItemsContext makes the GetConversationItems call.
func (s Service) GetConversationItemsContext(ctx context.Context, request *wsdl.GetConversationItems) (*wsdl.GetConversationItemsResponse, error) {
	return call[wsdl.GetConversationItemsResponse](ctx, s.m, "GetConversationItems", request)
}

// GetConversationItems is GetConversationItemsContext without a context.
func (s Service) GetConversationItems(request *wsdl.GetConversationItems) (*wsdl.GetConversationItemsResponse, error) {
	return s.GetConversationItemsContext(context.Background(), request)
}

// DeleteAttachmentContext makes the DeleteAttachment call.
func (s Service) DeleteAttachmentContext(ctx context.Context, request *wsdl.DeleteAttachment) (*wsdl.DeleteAttachmentResponse, error) {
	return call[wsdl.DeleteAttachmentResponse](ctx, s.m, "DeleteAttachment", request)
}

// DeleteAttachment is DeleteAttachmentContext without a context.
func (s Service) DeleteAttachment(request *wsdl.DeleteAttachment) (*wsdl.DeleteAttachmentResponse, error) {
	return s.DeleteAttachmentContext(context.Background(), request)
}

// ExpandDLContext makes the ExpandDL call.
func (s Service) ExpandDLContext(ctx context.Context, request *wsdl.ExpandDL) (*wsdl.ExpandDLResponse, error) {
	return call[wsdl.ExpandDLResponse](ctx, s.m, "ExpandDL", request)
}

// ExpandDL is ExpandDLContext without a context.
func (s Service) ExpandDL(request *wsdl.ExpandDL) (*wsdl.ExpandDLResponse, error) {
	return s.ExpandDLContext(context.Background(), request)
}

// SubscribeContext makes the Subscribe call.
func (s Service) SubscribeContext(ctx context.Context, request *wsdl.Subscribe) (*wsdl.SubscribeResponse, error) {
	return call[wsdl.SubscribeResponse](ctx, s.m, "Subscribe", request)
}

// Subscribe is SubscribeContext without a context.
func (s Service) Subscribe(request *wsdl.Subscribe) (*wsdl.SubscribeResponse, error) {
	return s.SubscribeContext(context.Background(), request)
}

// UnsubscribeContext makes the Unsubscribe call.
func (s Service) UnsubscribeContext(ctx context.Context, request *wsdl.Unsubscribe) (*wsdl.UnsubscribeResponse, error) {
	return call[wsdl.UnsubscribeResponse](ctx, s.m, "Unsubscribe", request)
}

// Unsubscribe is UnsubscribeContext without a context.
func (s Service) Unsubscribe(request *wsdl.Unsubscribe) (*wsdl.UnsubscribeResponse, error) {
	return s.UnsubscribeContext(context.Background(), request)
}

// GetEventsContext makes the GetEvents call.
func (s Service) GetEventsContext(ctx context.Context, request *wsdl.GetEvents) (*wsdl.GetEventsResponse, error) {
	return call[wsdl.GetEventsResponse](ctx, s.m, "GetEvents", request)
}

// GetEvents is GetEventsContext without a context.
func (s Service) GetEvents(request *wsdl.GetEvents) (*wsdl.GetEventsResponse, error) {
	return s.GetEventsContext(context.Background(), request)
}

// GetStreamingEventsContext makes the GetStreamingEvents call.
func (s Service) GetStreamingEventsContext(ctx context.Context, request *wsdl.GetStreamingEvents) (*wsdl.GetStreamingEventsResponse, error) {
	return call[wsdl.GetStreamingEventsResponse](ctx, s.m, "GetStreamingEvents", request)
}

// GetStreamingEvents is GetStreamingEventsContext without a context.
func (s Service) GetStreamingEvents(request *wsdl.GetStreamingEvents) (*wsdl.GetStreamingEventsResponse, error) {
	return s.GetStreamingEventsContext(context.Background(), request)
}

// GetUserAvailabilityContext makes the GetUserAvailability call.
func (s Service) GetUserAvailabilityContext(ctx context.Context, request *wsdl.GetUserAvailabilityRequest) (*wsdl.GetUserAvailabilityResponse, error) {
	return call[wsdl.GetUserAvailabilityResponse](ctx, s.m, "GetUserAvailability", request)
}

// GetUserAvailability is GetUserAvailabilityContext without a context.
func (s Service) GetUserAvailability(request *wsdl.GetUserAvailabilityRequest) (*wsdl.GetUserAvailabilityResponse, error) {
	return s.GetUserAvailabilityContext(context.Background(), request)
}

// GetRoomListsContext makes the GetRoomLists call.
func (s Service) GetRoomListsContext(ctx context.Context, request *wsdl.GetRoomLists) (*wsdl.GetRoomListsResponse, error) {
	return call[wsdl.GetRoomListsResponse](ctx, s.m, "GetRoomLists", request)
}

// GetRoomLists is GetRoomListsContext without a context.
func (s Service) GetRoomLists(request *wsdl.GetRoomLists) (*wsdl.GetRoomListsResponse, error) {
	return s.GetRoomListsContext(context.Background(), request)
}

// GetRoomsContext makes the GetRooms call.
func (s Service) GetRoomsContext(ctx context.Context, request *wsdl.GetRooms) (*wsdl.GetRoomsResponse, error) {
	return call[wsdl.GetRoomsResponse](ctx, s.m, "GetRooms", request)
}

// GetRooms is GetRoomsContext without a context.
func (s Service) GetRooms(request *wsdl.GetRooms) (*wsdl.GetRoomsResponse, error) {
	return s.GetRoomsContext(context.Background(), request)
}

// GetUserOofSettingsContext makes the GetUserOofSettings call.
func (s Service) GetUserOofSettingsContext(ctx context.Context, request *wsdl.GetUserOofSettingsRequest) (*wsdl.GetUserOofSettingsResponse, error) {
	return call[wsdl.GetUserOofSettingsResponse](ctx, s.m, "GetUserOofSettings", request)
}

// GetUserOofSettings is GetUserOofSettingsContext without a context.
func (s Service) GetUserOofSettings(request *wsdl.GetUserOofSettingsRequest) (*wsdl.GetUserOofSettingsResponse, error) {
	return s.GetUserOofSettingsContext(context.Background(), request)
}

// SetUserOofSettingsContext makes the SetUserOofSettings call.
func (s Service) SetUserOofSettingsContext(ctx context.Context, request *wsdl.SetUserOofSettingsRequest) (*wsdl.SetUserOofSettingsResponse, error) {
	return call[wsdl.SetUserOofSettingsResponse](ctx, s.m, "SetUserOofSettings", request)
}

// SetUserOofSettings is SetUserOofSettingsContext without a context.
func (s Service) SetUserOofSettings(request *wsdl.SetUserOofSettingsRequest) (*wsdl.SetUserOofSettingsResponse, error) {
	return s.SetUserOofSettingsContext(context.Background(), request)
}

// GetMailTipsContext makes the GetMailTips call.
func (s Service) GetMailTipsContext(ctx context.Context, request *wsdl.GetMailTips) (*wsdl.GetMailTipsResponse, error) {
	return call[wsdl.GetMailTipsResponse](ctx, s.m, "GetMailTips", request)
}

// GetMailTips is GetMailTipsContext without a context.
func (s Service) GetMailTips(request *wsdl.GetMailTips) (*wsdl.GetMailTipsResponse, error) {
	return s.GetMailTipsContext(context.Background(), request)
}

// GetDelegateContext makes the GetDelegate call.
func (s Service) GetDelegateContext(ctx context.Context, request *wsdl.GetDelegate) (*wsdl.GetDelegateResponse, error) {
	return call[wsdl.GetDelegateResponse](ctx, s.m, "GetDelegate", request)
}

// GetDelegate is GetDelegateContext without a context.
func (s Service) GetDelegate(request *wsdl.GetDelegate) (*wsdl.GetDelegateResponse, error) {
	return s.GetDelegateContext(context.Background(), request)
}

// AddDelegateContext makes the AddDelegate call.
func (s Service) AddDelegateContext(ctx context.Context, request *wsdl.AddDelegate) (*wsdl.AddDelegateResponse, error) {
	return call[wsdl.AddDelegateResponse](ctx, s.m, "AddDelegate", request)
}

// AddDelegate is AddDelegateContext without a context.
func (s Service) AddDelegate(request *wsdl.AddDelegate) (*wsdl.AddDelegateResponse, error) {
	return s.AddDelegateContext(context.Background(), request)
}

// UpdateDelegateContext makes the UpdateDelegate call.
func (s Service) UpdateDelegateContext(ctx context.Context, request *wsdl.UpdateDelegate) (*wsdl.UpdateDelegateResponse, error) {
	return call[wsdl.UpdateDelegateResponse](ctx, s.m, "UpdateDelegate", request)
}

// UpdateDelegate is UpdateDelegateContext without a context.
func (s Service) UpdateDelegate(request *wsdl.UpdateDelegate) (*wsdl.UpdateDelegateResponse, error) {
	return s.UpdateDelegateContext(context.Background(), request)
}

// RemoveDelegateContext makes the RemoveDelegate call.
func (s Service) RemoveDelegateContext(ctx context.Context, request *wsdl.RemoveDelegate) (*wsdl.RemoveDelegateResponse, error) {
	return call[wsdl.RemoveDelegateResponse](ctx, s.m, "RemoveDelegate", request)
}

// RemoveDelegate is RemoveDelegateContext without a context.
func (s Service) RemoveDelegate(request *wsdl.RemoveDelegate) (*wsdl.RemoveDelegateResponse, error) {
	return s.RemoveDelegateContext(context.Background(), request)
}

// GetInboxRulesContext makes the GetInboxRules call.
func (s Service) GetInboxRulesContext(ctx context.Context, request *wsdl.GetInboxRules) (*wsdl.GetInboxRulesResponse, error) {
	return call[wsdl.GetInboxRulesResponse](ctx, s.m, "GetInboxRules", request)
}

// GetInboxRules is GetInboxRulesContext without a context.
func (s Service) GetInboxRules(request *wsdl.GetInboxRules) (*wsdl.GetInboxRulesResponse, error) {
	return s.GetInboxRulesContext(context.Background(), request)
}

// UpdateInboxRulesContext makes the UpdateInboxRules call.
func (s Service) UpdateInboxRulesContext(ctx context.Context, request *wsdl.UpdateInboxRules) (*wsdl.UpdateInboxRulesResponse, error) {
	return call[wsdl.UpdateInboxRulesResponse](ctx, s.m, "UpdateInboxRules", request)
}

// UpdateInboxRules is UpdateInboxRulesContext without a context.
func (s Service) UpdateInboxRules(request *wsdl.UpdateInboxRules) (*wsdl.UpdateInboxRulesResponse, error) {
	return s.UpdateInboxRulesContext(context.Background(), request)
}

// ConvertIdContext makes the ConvertId call.
func (s Service) ConvertIdContext(ctx context.Context, request *wsdl.ConvertId) (*wsdl.ConvertIdResponse, error) {
	return call[wsdl.ConvertIdResponse](ctx, s.m, "ConvertId", request)
}

// ConvertId is ConvertIdContext without a context.
func (s Service) ConvertId(request *wsdl.ConvertId) (*wsdl.ConvertIdResponse, error) {
	return s.ConvertIdContext(context.Background(), request)
}

// ExportItemsContext makes the ExportItems call.
func (s Service) ExportItemsContext(ctx context.Context, request *wsdl.ExportItems) (*wsdl.ExportItemsResponse, error) {
	return call[wsdl.ExportItemsResponse](ctx, s.m, "ExportItems", request)
}

// ExportItems is ExportItemsContext without a context.
func (s Service) ExportItems(request *wsdl.ExportItems) (*wsdl.ExportItemsResponse, error) {
	return s.ExportItemsContext(context.Background(), request)
}

// UploadItemsContext makes the UploadItems call.
func (s Service) UploadItemsContext(ctx context.Context, request *wsdl.UploadItems) (*wsdl.UploadItemsResponse, error) {
	return call[wsdl.UploadItemsResponse](ctx, s.m, "UploadItems", request)
}

// UploadItems is UploadItemsContext without a context.
func (s Service) UploadItems(request *wsdl.UploadItems) (*wsdl.UploadItemsResponse, error) {
	return s.UploadItemsContext(context.Background(), request)
}

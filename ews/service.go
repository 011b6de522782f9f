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

package connection

import (
	"context"
	"io"

	"github.com/exconn/exconn/ews"
)

// An upload makes an item of this mailbox, and sends nothing; what it was
// exported from is behind the fence of the connection that did so.

func (m *fenced) Export(ctx context.Context, id string, w io.Writer) error {
	return m.as.explain(m.inner.Export(ctx, id, w))
}

func (m *fenced) ExportItems(ctx context.Context, ids []string, to func(place int) io.Writer) ([]ews.ItemResult, error) {
	return m.explainedItems(m.inner.ExportItems(ctx, ids, to))
}

func (m *fenced) UploadItems(ctx context.Context, items []ews.UploadItem) ([]ews.ItemResult, error) {
	return m.explainedItems(m.inner.UploadItems(ctx, items))
}

func (m *fenced) ServerTimeZones(ctx context.Context, full bool, ids ...string) ([]ews.ServerTimeZone, error) {
	v, err := m.inner.ServerTimeZones(ctx, full, ids...)
	return explained(m.as, v, err)
}

package ews

import (
	"cmp"
	"context"

	"github.com/exconn/exconn/wsdl"
)

// IDFormat is a form in which Exchange writes the id of an item or a folder.
type IDFormat string

// The values of IDFormat ([MS-OXWSCVTID] 2.2.5.1).
const (
	// EWSID is what this package and all of EWS use.
	EWSID IDFormat = "EwsId"
	// EWSLegacyID is what EWS used before Exchange 2007 SP1.
	EWSLegacyID IDFormat = "EwsLegacyId"
	// EntryID is MAPI's PR_ENTRYID in base64, HexEntryID in hexadecimal, as
	// Outlook's object model has it.
	EntryID    IDFormat = "EntryId"
	HexEntryID IDFormat = "HexEntryId"
	// StoreID is the form of Exchange's store and of its cmdlets.
	StoreID IDFormat = "StoreId"
	// OWAID is that of Outlook Web App up to Exchange 2010.
	OWAID IDFormat = "OwaId"
)

// ConvertedID is an id in another form.
type ConvertedID struct {
	Format IDFormat
	ID     string
	// Mailbox is the address of the mailbox that the id belongs to.
	Mailbox string
	// Archive: it lies in that mailbox's archive.
	Archive bool
	// Err is why this id could not be converted. The others are not touched
	// by it.
	Err error
}

// convertBatch is how many ids one call converts at most. It takes the server
// no look into the mailbox.
const convertBatch = 500

// ConvertIDs writes ids of items and folders of this mailbox in another form
// ([MS-OXWSCVTID]). The results are in the order of the ids. That an id can be
// converted does not tell that there is something by it.
func (m *Mailbox) ConvertIDs(ctx context.Context, from, to IDFormat, ids ...string) ([]ConvertedID, error) {
	const operation = "ConvertId"
	for _, f := range []IDFormat{from, to} {
		switch f {
		case EWSID, EWSLegacyID, EntryID, HexEntryID, StoreID, OWAID:
		default:
			return nil, m.invalid(operation, "%q is no form of an id; there are %s, %s, %s, %s, %s and %s", string(f), EWSID, EWSLegacyID, EntryID, HexEntryID, StoreID, OWAID)
		}
	}
	if err := m.checkIDs(operation, ids); err != nil {
		return nil, err
	}
	return inBatches(ids, convertBatch, func(batch []string) ([]ConvertedID, error) {
		source := new(wsdl.AlternateIdList)
		for _, id := range batch {
			source.Ids = append(source.Ids, &wsdl.AlternateIdType{
				Format: wsdl.Ptr(wsdl.IdFormat(from)), Id: wsdl.NewText(id), Mailbox: wsdl.NewText(m.address),
			})
		}
		results, err := askAll[wsdl.ConvertIdResponseMessageType](ctx, m, operation,
			&wsdl.ConvertId{SourceIds: source, DestinationFormat: wsdl.Ptr(wsdl.IdFormat(to))}, len(batch))
		out := make([]ConvertedID, len(results))
		for i, r := range results {
			if out[i].Err = r.Err; r.Err != nil {
				continue
			}
			a := r.Message.AlternateId
			if a == nil || wsdl.Str(a.Id) == "" {
				out[i].Err = m.incomplete(operation, "the converted id")
				continue
			}
			out[i] = ConvertedID{
				Format: cmp.Or(IDFormat(wsdl.Val(a.Format)), to), ID: wsdl.Str(a.Id), Mailbox: wsdl.Str(a.Mailbox), Archive: bool(wsdl.Val(a.IsArchive)),
			}
		}
		return out, err
	})
}

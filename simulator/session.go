package simulator

import (
	"context"
	"slices"
	"strings"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

// session is what one caller can do during one request.
type session struct {
	st  *state
	who *mbox // the mailbox acted for
}

var _ ewsserver.Session = (*session)(nil)

// fail makes an error of EWS without a text of its own.
func fail(code ewsserver.Code) error { return &ewsserver.Error{Code: code} }

// mailbox finds a mailbox of the caller's organisation by its address.
func (s *session) mailbox(addr string) (*mbox, error) {
	mb := s.st.byAddress[lower(addr)]
	if mb == nil || mb.tenant != s.who.tenant {
		return nil, &ewsserver.Error{Code: ewsserver.ErrorNonExistentMailbox,
			Text: "The SMTP address " + addr + " has no mailbox associated with it."}
	}
	return mb, nil
}

// folder finds a folder, whatever the caller's rights to it.
func (s *session) folder(ref ewsserver.FolderRef) (*folder, error) {
	if ref.ID == "" {
		mb := s.who
		if ref.Mailbox != "" {
			var err error
			if mb, err = s.mailbox(ref.Mailbox); err != nil {
				return nil, err
			}
		}
		f := mb.known(strings.ToLower(ref.Distinguished))
		if f == nil {
			return nil, fail(ewsserver.ErrorFolderNotFound)
		}
		return f, nil
	}
	raw, kind := decodeID(ref.ID)
	switch kind {
	case folderID:
	case itemID, occurrenceID, attachmentID:
		return nil, fail(ewsserver.ErrorCannotUseItemIdForFolderId)
	default:
		return nil, fail(ewsserver.ErrorInvalidIdMalformed)
	}
	f := s.st.folder(raw)
	if f == nil || f.mbox.tenant != s.who.tenant {
		return nil, fail(ewsserver.ErrorFolderNotFound)
	}
	return f, nil
}

// readable finds a folder that the caller may look into.
func (s *session) readable(ref ewsserver.FolderRef) (*folder, error) {
	f, err := s.folder(ref)
	if err != nil {
		return nil, err
	}
	return f, mayRead(f, s.who, ewsserver.ErrorFolderNotFound)
}

// writable finds a folder that the caller may change.
func (s *session) writable(ref ewsserver.FolderRef) (*folder, error) {
	f, err := s.folder(ref)
	if err != nil {
		return nil, err
	}
	return f, mayWrite(f, s.who, ewsserver.ErrorFolderNotFound)
}

// creatable finds a folder into which the caller may put something.
func (s *session) creatable(ref ewsserver.FolderRef) (*folder, error) {
	f, err := s.folder(ref)
	if err != nil {
		return nil, err
	}
	return f, mayCreate(f, s.who, ewsserver.ErrorFolderNotFound)
}

// target is an item, or one instance of a recurring one.
type target struct {
	*item
	instance *slot
}

// value is the item's value, or the instance's.
func (t target) current() any {
	if t.instance != nil {
		return t.occurrence(*t.instance)
	}
	return t.item.value
}

// find finds an item that the caller may see.
func (s *session) find(ref ewsserver.ItemRef) (target, error) {
	id := ref.ID
	switch {
	case ref.MasterOf != "":
		id = ref.MasterOf
	case ref.OccurrenceOf != "":
		id = ref.OccurrenceOf
	}
	raw, kind := decodeID(id)
	var original slot
	master := raw
	switch kind {
	case itemID:
	case occurrenceID:
		master, original.start = splitOccurrenceID(raw)
	case folderID:
		return target{}, fail(ewsserver.ErrorCannotUseFolderIdForItemId)
	default:
		return target{}, fail(ewsserver.ErrorInvalidIdMalformed)
	}
	it := s.st.item(master)
	if it == nil || it.folder.mbox.tenant != s.who.tenant {
		return target{}, fail(ewsserver.ErrorItemNotFound)
	}
	if err := mayRead(it.folder, s.who, ewsserver.ErrorItemNotFound); err != nil {
		return target{}, err
	}
	if it.folder.conceals(s.who, it.value) {
		return target{}, fail(ewsserver.ErrorItemNotFound)
	}
	recurring := it.cal != nil && it.cal.series != nil
	switch {
	case ref.MasterOf != "":
		if kind != occurrenceID || !recurring {
			return target{}, fail("ErrorCalendarCannotUseIdForRecurringMasterId")
		}
		return target{item: it}, nil
	case ref.OccurrenceOf != "":
		if kind != itemID || !recurring {
			return target{}, fail("ErrorCalendarCannotUseIdForOccurrenceId")
		}
		o, ok := it.cal.series.nth(ref.Instance)
		if !ok {
			return target{}, fail(ewsserver.ErrorCalendarOccurrenceIndexIsOutOfRecurrence)
		}
		return it.instance(o)
	case kind == occurrenceID:
		if !recurring {
			return target{}, fail(ewsserver.ErrorItemNotFound)
		}
		o, ok := it.cal.series.at(original.start)
		if !ok {
			return target{}, fail(ewsserver.ErrorItemNotFound)
		}
		return it.instance(o)
	}
	return target{item: it}, nil
}

// instance is an instance that was not deleted.
func (it *item) instance(o slot) (target, error) {
	if e := it.cal.exceptions[o.start.Unix()]; e != nil && e.deleted {
		return target{}, fail(ewsserver.ErrorCalendarOccurrenceIsDeletedFromRecurrence)
	}
	return target{item: it, instance: &o}, nil
}

// change finds an item that the caller may change.
func (s *session) findToChange(ref ewsserver.ItemRef) (target, error) {
	t, err := s.find(ref)
	if err != nil {
		return t, err
	}
	if !t.levelIn(s.who).canWrite() {
		return t, fail(ewsserver.ErrorAccessDenied)
	}
	return t, nil
}

// present returns an item as the caller sees it: with his own rights.
func (s *session) present(f *folder, value any) any {
	value = f.mbox.overtaken(value)
	l := f.levelOf(s.who)
	if l == owner {
		return value
	}
	value = shallow(value)
	if l == author {
		raw, kind := decodeID(wsdl.Str(get[wsdl.ItemIdType](value, "ItemId").Id))
		if kind == occurrenceID {
			raw, _ = splitOccurrenceID(raw)
		}
		if it := s.st.item(raw); it != nil {
			l = it.levelIn(s.who)
		}
	}
	*field[wsdl.EffectiveRightsType](value, "EffectiveRights") = s.effective(f, l)
	return value
}

// effective lists the caller's rights as an answer does.
func (s *session) effective(f *folder, l level) *wsdl.EffectiveRightsType {
	rights := l.effective()
	rights.ViewPrivateItems = wsdl.Ptr(wsdl.Bool(f.mbox.showsPrivate(f, s.who)))
	return rights
}

// Folder implements ewsserver.Session.
func (s *session) Folder(_ context.Context, ref ewsserver.FolderRef) (any, error) {
	s.st.mu.RLock()
	defer s.st.mu.RUnlock()
	f, err := s.readable(ref)
	if err != nil {
		return nil, err
	}
	return s.describe(f), nil
}

// Folders implements ewsserver.Session.
func (s *session) Folders(_ context.Context, parent ewsserver.FolderRef, deep bool) ([]any, error) {
	s.st.mu.RLock()
	defer s.st.mu.RUnlock()
	f, err := s.readable(parent)
	if err != nil {
		return nil, err
	}
	var list []any
	var walk func(*folder)
	walk = func(f *folder) {
		for _, c := range f.children {
			if c.levelOf(s.who).canRead() {
				list = append(list, s.describe(c))
			}
			if deep {
				walk(c)
			}
		}
	}
	walk(f)
	return list, nil
}

// describe makes the answer about a folder, in the type of its class.
func (s *session) describe(f *folder) any {
	base := &wsdl.FolderType{
		FolderId: f.id(), DisplayName: text(f.name), FolderClass: wsdl.NewText(f.class),
		TotalCount: wsdl.Ptr(wsdl.Int32(len(f.items))), ChildFolderCount: wsdl.Ptr(wsdl.Int32(len(f.children))),
		UnreadCount: wsdl.Ptr(wsdl.Int32(f.unread())), EffectiveRights: s.effective(f, f.levelOf(s.who)),
		DistinguishedFolderId: wsdl.NewText(f.known), ExtendedProperty: f.tagged(),
	}
	if f.parent != nil {
		base.ParentFolderId = f.parent.id()
	}
	var out any
	switch f.class {
	case "IPF.Appointment":
		out = &wsdl.CalendarFolderType{}
	case "IPF.Contact":
		out = &wsdl.ContactsFolderType{}
	case "IPF.Task":
		out = &wsdl.TasksFolderType{}
	default:
		return base
	}
	copyFields(out, base)
	return out
}

// TimeZones implements ewsserver.Session.
func (s *session) TimeZones(context.Context) ([]*wsdl.TimeZoneDefinition, error) {
	var list []*wsdl.TimeZoneDefinition
	for _, def := range serverTimeZones(s.st.now().Year()) {
		out := &wsdl.TimeZoneDefinition{}
		copyFields(out, def)
		list = append(list, out)
	}
	return list, nil
}

// ResolveNames implements ewsserver.Session: it looks through the caller's
// organisation.
func (s *session) ResolveNames(_ context.Context, query string) ([]*wsdl.EmailAddressType, error) {
	s.st.mu.RLock()
	defer s.st.mu.RUnlock()
	q := strings.ToLower(strings.TrimSpace(query))
	full, exact := strings.CutPrefix(q, "smtp:")
	var first, rest []*wsdl.EmailAddressType
	for _, mb := range s.st.mailboxes {
		if mb.tenant != s.who.tenant {
			continue
		}
		addresses := append([]string{mb.address}, mb.aliases...)
		is := func(a string) bool { return strings.EqualFold(a, full) }
		starts := func(a string) bool { return strings.HasPrefix(strings.ToLower(a), full) }
		switch {
		case slices.ContainsFunc(addresses, is), !exact && strings.EqualFold(mb.name, full):
			first = append(first, mb.person())
		case !exact && full != "" && (slices.ContainsFunc(addresses, starts) || slices.ContainsFunc(append(strings.Fields(mb.name), mb.name), starts)):
			rest = append(rest, mb.person())
		}
	}
	return append(first, rest...), nil
}

package ewsserver

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// ConversationReader is what a Session also implements that knows which items
// belong together.
type ConversationReader interface {
	// Conversation returns the items of a conversation in the folders that
	// users see, oldest first. Errors: ErrorItemNotFound (no item has that
	// ConversationId), ErrorInvalidIdMalformed.
	Conversation(ctx context.Context, id string) ([]any, error)
}

// findConversation answers FindConversation ([MS-OXWSCONV] 3.1.4.2): the
// conversations that have an item in a folder. The figures without "Global" are
// those of that folder, the others those of the mailbox.
func (c *call) findConversation(ctx context.Context, req *wsdl.FindConversation) (*wsdl.FindConversationResponse, error) {
	found, p, err := c.findConversations(ctx, req)
	o, err := c.outcome(ctx, err)
	if err != nil {
		return nil, err
	}
	m := &wsdl.FindConversationResponse{ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml}
	if wsdl.Str(o.code) == string(NoError) {
		m.Conversations = &wsdl.ConversationsType{Conversation: found}
		m.TotalConversationsInView = wsdl.Ptr(wsdl.Int32(p.total))
		m.IndexedOffset = wsdl.Ptr(wsdl.Int32(p.next))
	}
	return m, nil
}

func (c *call) findConversations(ctx context.Context, req *wsdl.FindConversation) ([]*wsdl.Conversation, page, error) {
	reader, err := ability[ConversationReader](c)
	if err != nil {
		return nil, page{}, err
	}
	if req.ParentFolderId == nil {
		return nil, page{}, invalid("ParentFolderId is missing.")
	}
	if req.MailboxScope != nil && (req.QueryString == nil || wsdl.Str(req.QueryString.Value) == "") {
		return nil, page{}, &Error{Code: "ErrorMailboxScopeNotAllowedWithoutQueryString"}
	}
	folder, err := target(req.ParentFolderId)
	if err != nil {
		return nil, page{}, err
	}
	by, err := readConversationOrder(req.SortOrder)
	if err != nil {
		return nil, page{}, err
	}
	query, err := c.queryFilter(req.QueryString)
	if err != nil {
		return nil, page{}, err
	}
	local := map[string][]any{}
	for item, err := range c.session.Items(ctx, *folder) {
		if err != nil {
			return nil, page{}, err
		}
		if id := get[*wsdl.ItemIdType](item, "ConversationId"); id != nil && (query == nil || query(item)) {
			local[wsdl.Str(id.Id)] = append(local[wsdl.Str(id.Id)], item)
		}
	}
	all := make([]any, 0, len(local))
	for id, items := range local {
		global, err := reader.Conversation(ctx, id)
		if err != nil {
			return nil, page{}, err
		}
		all = append(all, c.conversation(id, items, global))
	}
	// A map has no order of its own: equal ones must still page well.
	slices.SortFunc(all, func(a, b any) int {
		return cmp.Compare(wsdl.Str(a.(*wsdl.Conversation).ConversationId.Id), wsdl.Str(b.(*wsdl.Conversation).ConversationId.Id))
	})
	c.sort(all, by)
	limit := c.MaxPage
	if query != nil {
		limit = c.MaxFilteredPage
	}
	p, err := pageOf(len(all), limit, req.IndexedPageItemView, nil)
	if err != nil {
		return nil, page{}, err
	}
	out := make([]*wsdl.Conversation, 0, p.to-p.from)
	for _, each := range all[p.from:p.to] {
		out = append(out, each.(*wsdl.Conversation))
	}
	return out, p, nil
}

// readConversationOrder reads a sort order of conversations; none means the
// newest first.
func readConversationOrder(s *wsdl.SortOrderType) ([]order, error) {
	if s == nil || len(s.FieldOrder) == 0 {
		return []order{{path{field: "LastDeliveryTime"}, true}}, nil
	}
	var out []order
	for _, f := range s.FieldOrder {
		var name string
		if f.FieldURI != nil {
			name = wsdl.Str(f.FieldURI.FieldURI)
		}
		field, ok := trimConversation(name)
		if !ok {
			return nil, fieldError(ErrorUnsupportedPathForSortGroup, name)
		}
		out = append(out, order{path{uri: name, field: field}, wsdl.Val(f.Order) == wsdl.SortDirectionDescending})
	}
	return out, nil
}

// trimConversation returns the element behind "conversation:".
func trimConversation(uri string) (string, bool) {
	const prefix = "conversation:"
	if len(uri) <= len(prefix) || uri[:len(prefix)] != prefix {
		return "", false
	}
	_, ok := slot(new(wsdl.Conversation), uri[len(prefix):])
	return uri[len(prefix):], ok
}

// conversation describes the items of one folder, newest first, and of the
// mailbox, oldest first.
func (c *call) conversation(id string, local, global []any) *wsdl.Conversation {
	here, all := c.summarize(local), c.summarize(global)
	newest := local[0]
	return &wsdl.Conversation{
		ConversationId:    &wsdl.ItemIdType{Id: wsdl.NewText(id)},
		ConversationTopic: get[*wsdl.Text](newest, "ConversationTopic"),
		UniqueRecipients:  here.recipients, GlobalUniqueRecipients: all.recipients,
		UniqueUnreadSenders: here.unreadSenders, GlobalUniqueUnreadSenders: all.unreadSenders,
		UniqueSenders: here.senders, GlobalUniqueSenders: all.senders,
		LastDeliveryTime: here.last, GlobalLastDeliveryTime: all.last,
		Categories: here.categories, GlobalCategories: all.categories,
		FlagStatus: here.flag, GlobalFlagStatus: all.flag,
		HasAttachments: here.attachments, GlobalHasAttachments: all.attachments,
		MessageCount: here.count, GlobalMessageCount: all.count,
		UnreadCount: here.unread, GlobalUnreadCount: all.unread,
		Size: here.size, GlobalSize: all.size,
		ItemClasses: here.classes, GlobalItemClasses: all.classes,
		Importance: here.importance, GlobalImportance: all.importance,
		ItemIds: here.ids, GlobalItemIds: all.ids,
		Preview: preview(newest),
	}
}

// summary is what a conversation tells of some of its items.
type summary struct {
	recipients, unreadSenders, senders, categories *wsdl.StringsType
	last                                           *wsdl.DateTimeText
	flag                                           *wsdl.FlagStatusName
	attachments                                    *wsdl.Bool
	count, unread, size                            *wsdl.Int32
	classes                                        *wsdl.ItemClassesType
	importance                                     *wsdl.ImportanceName
	ids                                            *wsdl.ItemIdList
}

func (c *call) summarize(items []any) summary {
	var recipients, unreadSenders, senders, categories, classes []string
	unread, size := 0, 0
	attachments := false
	flag, importance := wsdl.FlagStatusNameNotFlagged, wsdl.ImportanceNameNormal
	var last time.Time
	ids := new(wsdl.ItemIdList)
	for _, item := range items {
		if r := get[*wsdl.RecipientsType](item, "ToRecipients"); r != nil {
			for _, p := range r.Mailbox {
				recipients = append(recipients, nameOf(p))
			}
		}
		isUnread := false
		if read := get[*wsdl.Bool](item, "IsRead"); read != nil && !bool(*read) {
			isUnread = true
			unread++
		}
		if from := get[*wsdl.RecipientType](item, "From"); from != nil && from.Mailbox != nil {
			senders = append(senders, nameOf(from.Mailbox))
			if isUnread {
				unreadSenders = append(unreadSenders, nameOf(from.Mailbox))
			}
		}
		if l := get[*wsdl.StringsType](item, "Categories"); l != nil {
			for _, s := range l.String {
				categories = append(categories, wsdl.Str(s))
			}
		}
		classes = append(classes, wsdl.Str(get[*wsdl.Text](item, "ItemClass")))
		if t, ok := wsdl.ParseTime(get[*wsdl.DateTimeText](item, "DateTimeReceived"), nil); ok && t.After(last) {
			last = t
		}
		if f := get[*wsdl.FlagType](item, "Flag"); f != nil && f.FlagStatus != nil {
			if *f.FlagStatus == wsdl.FlagStatusNameFlagged || flag == wsdl.FlagStatusNameNotFlagged {
				flag = *f.FlagStatus
			}
		}
		if has, _ := value(item, path{field: "HasAttachments"}).(*wsdl.Bool); bool(wsdl.Val(has)) {
			attachments = true
		}
		if i := get[*wsdl.ImportanceName](item, "Importance"); i != nil && *i == wsdl.ImportanceNameHigh {
			importance = *i
		}
		size += int(wsdl.Val(get[*wsdl.Int32](item, "Size")))
		if id := get[*wsdl.ItemIdType](item, "ItemId"); id != nil {
			ids.Ids = append(ids.Ids, id)
		}
	}
	n := func(i int) *wsdl.Int32 { return wsdl.Ptr(wsdl.Int32(i)) }
	s := summary{
		recipients: distinct(recipients), unreadSenders: distinct(unreadSenders), senders: distinct(senders), categories: distinct(categories),
		flag: &flag, attachments: wsdl.Ptr(wsdl.Bool(attachments)), count: n(len(items)), unread: n(unread), size: n(size),
		importance: &importance, ids: ids,
	}
	if l := distinct(classes); l != nil {
		s.classes = &wsdl.ItemClassesType{ItemClass: l.String}
	}
	if !last.IsZero() {
		s.last = wsdl.FormatTime(last)
	}
	return s
}

// nameOf is how a conversation names a person.
func nameOf(p *wsdl.EmailAddressType) string {
	return cmp.Or(wsdl.Str(p.Name), wsdl.Str(p.EmailAddress))
}

// distinct lists each text once; nil for none.
func distinct(texts []string) *wsdl.StringsType {
	out := new(wsdl.StringsType)
	seen := map[string]bool{"": true}
	for _, s := range texts {
		if !seen[s] {
			seen[s] = true
			out.String = append(out.String, wsdl.NewText(s))
		}
	}
	if out.String == nil {
		return nil
	}
	return out
}

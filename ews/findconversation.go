package ews

import (
	"context"
	"errors"
	"iter"
	"strings"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// Conversation is messages that belong together, as far as they are in one
// folder; GlobalMessages and GlobalUnread count those of the whole mailbox.
type Conversation struct {
	ID    string
	Topic string
	// Senders and Recipients are display names.
	Senders, Recipients []string
	// LastDelivery is when the newest message of the folder came.
	LastDelivery                 *time.Time
	Messages, Unread             int
	GlobalMessages, GlobalUnread int
	HasAttachments               bool
	Importance                   mailbox.Importance
	Flag                         mailbox.FlagStatus
	Categories                   []string
	Size                         int64 // in bytes
	// ItemIDs are the ids of the messages in the folder.
	ItemIDs []string
	Preview string
}

// Conversations selects conversations of one folder, those with the newest
// message first.
type Conversations struct {
	// Folder is where to look; empty means the inbox.
	Folder mailbox.FolderRef
	// AQS is a query in the Advanced Query Syntax; empty means all.
	AQS string
	// Limit is the most conversations to return; zero means all.
	Limit int
}

// FindConversations pages through the conversations of a folder. Iteration ends
// at the first error.
func (m *Mailbox) FindConversations(ctx context.Context, q Conversations) iter.Seq2[Conversation, error] {
	return func(yield func(Conversation, error) bool) {
		if err := m.findConversations(ctx, q, yield); err != nil && !errors.Is(err, errStopped) {
			yield(Conversation{}, err)
		}
	}
}

func (m *Mailbox) findConversations(ctx context.Context, q Conversations, yield func(Conversation, error) bool) error {
	if q.Limit < 0 {
		return m.invalid("FindConversation", "the limit %d is negative", q.Limit)
	}
	folder, err := m.targetFolder(ctx, q.Folder, mailbox.Inbox)
	if err != nil {
		return err
	}
	req := &wsdl.FindConversation{
		SortOrder: &wsdl.SortOrderType{FieldOrder: []*wsdl.FieldOrder{{
			FieldURI: fieldURI("conversation:LastDeliveryTime"), Order: direction(true),
		}}},
		ParentFolderId: folder,
	}
	largest := findPage
	if q.AQS != "" {
		req.QueryString = &wsdl.QueryStringType{Value: wsdl.NewText(q.AQS)}
		largest = findPageSearch
	}
	var previous map[string]bool
	yielded := 0
	for offset := 0; ; {
		size := largest
		if q.Limit > 0 {
			size = min(size, q.Limit-yielded)
		}
		req.IndexedPageItemView = &wsdl.IndexedPageView{
			MaxEntriesReturned: wsdl.Ptr(wsdl.Int32(size)),
			Offset:             wsdl.Ptr(wsdl.Int32(offset)),
			BasePoint:          wsdl.Ptr(wsdl.BasePointNameBeginning),
		}
		page, err := m.conversationPage(ctx, req)
		if err != nil {
			return err
		}
		seen := map[string]bool{}
		for _, found := range page.found {
			if found.ID == "" || previous[found.ID] || seen[found.ID] {
				continue
			}
			seen[found.ID] = true
			if !yield(found, nil) {
				return errStopped
			}
			yielded++
		}
		previous = seen
		// Nothing tells the last page but the total, where the server gives
		// it, or a page that is not full.
		offset += len(page.found)
		switch {
		case len(page.found) == 0, q.Limit > 0 && yielded >= q.Limit:
			return nil
		case page.total > 0 && offset >= page.total, page.total == 0 && len(page.found) < size:
			return nil
		}
	}
}

type conversationPage struct {
	found []Conversation
	total int
}

// conversationPage makes one call. Its answer is itself the one response
// message, unlike that of the other searches.
func (m *Mailbox) conversationPage(ctx context.Context, req *wsdl.FindConversation) (conversationPage, error) {
	resp := new(wsdl.FindConversationResponse)
	meta, err := m.do(ctx, "FindConversation", req, resp, nil)
	if err != nil {
		return conversationPage{}, err
	}
	if st := resp.Status(); !st.OK() {
		return conversationPage{}, m.refused("FindConversation", st, meta)
	}
	page := conversationPage{total: int(wsdl.Val(resp.TotalConversationsInView))}
	if resp.Conversations != nil {
		for _, c := range resp.Conversations.Conversation {
			page.found = append(page.found, conversationOf(c))
		}
	}
	return page, nil
}

func conversationOf(c *wsdl.Conversation) Conversation {
	out := Conversation{
		Topic: wsdl.Str(c.ConversationTopic), Senders: stringsOf(c.UniqueSenders), Recipients: stringsOf(c.UniqueRecipients),
		LastDelivery: moment(c.LastDeliveryTime), Messages: int(wsdl.Val(c.MessageCount)), Unread: int(wsdl.Val(c.UnreadCount)),
		GlobalMessages: int(wsdl.Val(c.GlobalMessageCount)), GlobalUnread: int(wsdl.Val(c.GlobalUnreadCount)),
		HasAttachments: bool(wsdl.Val(c.HasAttachments)), Importance: mailbox.Importance(strings.ToLower(wsdl.Str(c.Importance))),
		Categories: stringsOf(c.Categories), Size: int64(wsdl.Val(c.Size)), Preview: wsdl.Str(c.Preview), Flag: mailbox.NotFlagged,
	}
	if c.ConversationId != nil {
		out.ID = wsdl.Str(c.ConversationId.Id)
	}
	if f := flagOf(&wsdl.FlagType{FlagStatus: c.FlagStatus}); f != nil {
		out.Flag = f.Status
	}
	if c.ItemIds != nil {
		for _, id := range c.ItemIds.Ids {
			if i, ok := id.(*wsdl.ItemIdType); ok {
				out.ItemIDs = append(out.ItemIDs, wsdl.Str(i.Id))
			}
		}
	}
	return out
}

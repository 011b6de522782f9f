package ews

import (
	"context"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// ConversationItems says which items of conversations to return.
type ConversationItems struct {
	IDs []string
	// Ignore are folders whose items are left out.
	Ignore []mailbox.FolderRef
	// Max is the most items of one conversation, 1 to 100; zero means 100.
	Max int
	// Newest puts the newest message first, whatever it answers. Else the
	// order is that of a tree: what is answered before the answers.
	Newest bool
	// Body asks for bodies, recipients and attachment descriptions too.
	Body bool
}

// Thread is a conversation with its messages.
type Thread struct {
	ID    string
	Nodes []ThreadNode
	// Err is why this conversation was refused, or nil.
	Err error
}

// ThreadNode is one message of a conversation, in all its copies.
type ThreadNode struct {
	// InternetMessageID is the message's Message-ID, and Parent that of the
	// message which it answers, or "".
	InternetMessageID, Parent string
	// Messages are the copies: what one sends oneself is in Sent Items and in
	// the inbox.
	Messages []mailbox.Message
}

// GetConversationItems returns the messages of conversations, in the order of
// the ids. The error of one is in its Thread.
func (m *Mailbox) GetConversationItems(ctx context.Context, q ConversationItems) ([]Thread, error) {
	if len(q.IDs) == 0 {
		return nil, nil
	}
	if err := m.checkIDs("GetConversationItems", q.IDs); err != nil {
		return nil, err
	}
	if q.Max < 0 || q.Max > 100 {
		return nil, m.invalid("GetConversationItems", "the number of items %d is not from 1 to 100", q.Max)
	}
	req := &wsdl.GetConversationItems{
		ItemShape: itemShape(listFields...),
		SortOrder: wsdl.Ptr(wsdl.ConversationOrderNameTreeOrderAscending),
	}
	if q.Body {
		req.ItemShape = messageShape()
	}
	if q.Newest {
		req.SortOrder = wsdl.Ptr(wsdl.ConversationOrderNameDateOrderDescending)
	}
	if q.Max > 0 {
		req.MaxItemsToReturn = wsdl.Ptr(wsdl.Int32(q.Max))
	}
	for _, ref := range q.Ignore {
		id, err := m.folderID(ctx, ref, mailbox.Inbox)
		if err != nil {
			return nil, err
		}
		if req.FoldersToIgnore == nil {
			req.FoldersToIgnore = new(wsdl.FolderIdList)
		}
		req.FoldersToIgnore.Ids = append(req.FoldersToIgnore.Ids, id)
	}
	return inBatches(q.IDs, getBatch, func(batch []string) ([]Thread, error) {
		req.Conversations = new(wsdl.ConversationsType)
		for _, id := range batch {
			req.Conversations.Conversation = append(req.Conversations.Conversation, &wsdl.Conversation{ConversationId: itemID(id, "")})
		}
		results, err := askAll[wsdl.GetConversationItemsResponseMessageType](ctx, m, "GetConversationItems", req, len(batch))
		out := make([]Thread, len(results))
		for i, r := range results {
			out[i] = Thread{ID: batch[i], Err: r.Err}
			if r.Err == nil {
				out[i].Nodes = nodesOf(r.Message.Conversation)
			}
		}
		return out, err
	})
}

func nodesOf(c *wsdl.ConversationResponseType) []ThreadNode {
	if c == nil || c.ConversationNodes == nil {
		return nil
	}
	var out []ThreadNode
	for _, n := range c.ConversationNodes.ConversationNode {
		node := ThreadNode{InternetMessageID: wsdl.Str(n.InternetMessageId), Parent: wsdl.Str(n.ParentInternetMessageId)}
		if n.Items != nil {
			for _, item := range n.Items.Items {
				node.Messages = append(node.Messages, messageOf(item))
			}
		}
		out = append(out, node)
	}
	return out
}

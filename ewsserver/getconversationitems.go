package ewsserver

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// getConversationItems answers GetConversationItems ([MS-OXWSCONV] 3.1.4.3).
// It keeps no sync state: every answer is whole.
func (c *call) getConversationItems(ctx context.Context, req *wsdl.GetConversationItems) (*wsdl.GetConversationItemsResponse, error) {
	reader, err := ability[ConversationReader](c)
	if err != nil {
		return nil, err
	}
	s, err := readItemShape(req.ItemShape, false)
	if err != nil {
		return nil, err
	}
	if req.Conversations == nil || len(req.Conversations.Conversation) == 0 {
		return nil, invalid("Conversations is missing or empty.")
	}
	switch wsdl.Val(req.SortOrder) {
	case "", wsdl.ConversationOrderNameTreeOrderAscending, wsdl.ConversationOrderNameTreeOrderDescending,
		wsdl.ConversationOrderNameDateOrderAscending, wsdl.ConversationOrderNameDateOrderDescending:
	default:
		return nil, invalid("SortOrder is unknown.")
	}
	messages := new(wsdl.ArrayOfGetConversationItemsResponseMessages)
	for _, wanted := range req.Conversations.Conversation {
		found, err := c.conversationItems(ctx, reader, req, s, wanted)
		o, err := c.outcome(ctx, err)
		if err != nil {
			return nil, err
		}
		messages.GetConversationItemsResponseMessage = append(messages.GetConversationItemsResponseMessage, &wsdl.GetConversationItemsResponseMessageType{
			ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml, Conversation: found})
	}
	return &wsdl.GetConversationItemsResponse{ResponseMessages: messages}, nil
}

// maxConversationItems is how many items of a conversation are returned at
// most, and where the client names no number ("MaxItemsToReturn" in the EWS
// reference).
const maxConversationItems = 100

func (c *call) conversationItems(ctx context.Context, reader ConversationReader, req *wsdl.GetConversationItems, s *shape, wanted *wsdl.Conversation) (*wsdl.ConversationResponseType, error) {
	if wanted.ConversationId == nil || wsdl.Str(wanted.ConversationId.Id) == "" {
		return nil, &Error{Code: ErrorInvalidIdEmpty}
	}
	ignored, err := c.foldersToIgnore(ctx, req.FoldersToIgnore)
	if err != nil {
		return nil, err
	}
	items, err := reader.Conversation(ctx, wsdl.Str(wanted.ConversationId.Id))
	if err != nil {
		return nil, err
	}
	items = slices.DeleteFunc(slices.Clone(items), func(item any) bool {
		parent := get[*wsdl.FolderIdType](item, "ParentFolderId")
		return parent != nil && ignored[wsdl.Str(parent.Id)]
	})
	limit := maxConversationItems
	if n := int(wsdl.Val(req.MaxItemsToReturn)); n > 0 {
		limit = min(limit, n)
	}
	// The newest are kept.
	items = items[max(0, len(items)-limit):]
	out := new(wsdl.ConversationNodes)
	for _, n := range inOrder(nodesOf(items), wsdl.Val(req.SortOrder)) {
		node := &wsdl.ConversationNodeType{
			InternetMessageId: wsdl.NewText(n.id), ParentInternetMessageId: wsdl.NewText(n.parent), Items: new(wsdl.ItemList),
		}
		for _, item := range n.items {
			shaped, err := c.cut(ctx, s, item)
			if err != nil {
				return nil, err
			}
			node.Items.Items = append(node.Items.Items, shaped)
		}
		out.ConversationNode = append(out.ConversationNode, node)
	}
	return &wsdl.ConversationResponseType{
		ConversationId:    &wsdl.ConversationId{Id: wanted.ConversationId.Id},
		ConversationNodes: out,
	}, nil
}

// foldersToIgnore returns the ids of folders whose items are left out. One that
// is not there leaves nothing out.
func (c *call) foldersToIgnore(ctx context.Context, list *wsdl.FolderIdList) (map[string]bool, error) {
	ids := map[string]bool{}
	if list == nil {
		return ids, nil
	}
	for _, id := range list.Ids {
		ref, err := folderRef(id)
		if err != nil {
			return nil, err
		}
		folder, err := c.session.Folder(ctx, ref)
		switch {
		case hasCode(err, ErrorFolderNotFound):
			continue
		case err != nil:
			return nil, err
		}
		if id := get[*wsdl.FolderIdType](folder, "FolderId"); id != nil {
			ids[wsdl.Str(id.Id)] = true
		}
	}
	return ids, nil
}

// conversationNode is one message of a conversation, in all its copies.
type conversationNode struct {
	id, parent string
	at         time.Time
	items      []any
	children   []*conversationNode
}

// nodesOf puts the copies of a message together. The parent of a message is
// the one that it answers.
func nodesOf(items []any) []*conversationNode {
	var nodes []*conversationNode
	byID := map[string]*conversationNode{}
	for _, item := range items {
		id := wsdl.Str(get[*wsdl.Text](item, "InternetMessageId"))
		if n := byID[id]; n != nil && id != "" {
			n.items = append(n.items, item)
			continue
		}
		n := &conversationNode{id: id, items: []any{item}}
		n.at, _ = wsdl.ParseTime(get[*wsdl.DateTimeText](item, "DateTimeReceived"), nil)
		if answered := strings.Fields(wsdl.Str(get[*wsdl.Text](item, "InReplyTo"))); len(answered) > 0 && answered[0] != id {
			n.parent = answered[0]
		}
		byID[id] = n
		nodes = append(nodes, n)
	}
	return nodes
}

// inOrder sorts nodes by their time, or as a tree, parents before their
// children; descending turns the whole order round.
func inOrder(nodes []*conversationNode, by wsdl.ConversationOrderName) []*conversationNode {
	slices.SortStableFunc(nodes, func(a, b *conversationNode) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.id, b.id))
	})
	switch by {
	case wsdl.ConversationOrderNameDateOrderAscending, wsdl.ConversationOrderNameDateOrderDescending:
	default:
		nodes = asTree(nodes)
	}
	if by == wsdl.ConversationOrderNameDateOrderDescending || by == wsdl.ConversationOrderNameTreeOrderDescending {
		slices.Reverse(nodes)
	}
	return nodes
}

func asTree(nodes []*conversationNode) []*conversationNode {
	byID := map[string]*conversationNode{}
	for _, n := range nodes {
		byID[n.id] = n
	}
	var roots, out []*conversationNode
	for _, n := range nodes {
		if p := byID[n.parent]; n.parent != "" && p != nil {
			p.children = append(p.children, n)
		} else {
			roots = append(roots, n)
		}
	}
	placed := map[*conversationNode]bool{}
	var walk func([]*conversationNode)
	walk = func(list []*conversationNode) {
		for _, n := range list {
			if !placed[n] {
				placed[n] = true
				out = append(out, n)
				walk(n.children)
			}
		}
	}
	walk(roots)
	// Messages that answer each other in a circle have no root.
	walk(nodes)
	return out
}

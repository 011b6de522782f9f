package simulator

import (
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// A conversation index is a head of 22 bytes, which the whole conversation
// shares and which holds its identity, and 5 bytes more for every reply
// ([MS-OXOMSG] 2.2.1.3).
const (
	indexHead  = 22
	indexReply = 5
)

// threadOf returns the 16 bytes that identify a conversation.
func threadOf(index wsdl.Base64Text) string {
	b, err := base64.StdEncoding.DecodeString(string(index))
	if err != nil || len(b) < indexHead {
		return string(make([]byte, 16))
	}
	return string(b[indexHead-16 : indexHead])
}

// newIndex begins a conversation.
func (st *state) newIndex() wsdl.Base64Text { return newIndexAt(st.now(), st.random(16)) }

func newIndexAt(now time.Time, own []byte) wsdl.Base64Text {
	const filetimeEpoch = 116444736000000000 // 1601 to 1970 in units of 100 ns
	ticks := binary.BigEndian.AppendUint64(nil, uint64(now.UnixNano()/100+filetimeEpoch))
	b := append([]byte{1}, ticks[:5]...)
	b = append(b, own...)
	return wsdl.Base64Text(base64.StdEncoding.EncodeToString(b))
}

// replyIndex goes on with a conversation.
func (st *state) replyIndex(index wsdl.Base64Text) wsdl.Base64Text {
	b, err := base64.StdEncoding.DecodeString(string(index))
	if err != nil || len(b) < indexHead {
		return st.newIndex()
	}
	return wsdl.Base64Text(base64.StdEncoding.EncodeToString(append(b, st.random(indexReply)...)))
}

// topicOf is the subject without the marks of replies and forwards.
func topicOf(subject string) string {
	for {
		s := strings.TrimSpace(subject)
		mark, rest, ok := strings.Cut(s, ":")
		switch strings.ToLower(mark) {
		case "re", "fw", "fwd", "aw", "wg":
			if ok {
				subject = rest
				continue
			}
		}
		return s
	}
}

// converse puts a new message into its conversation: that of the message which
// it answers or forwards, or a new one. A message that only names another in
// InReplyTo or References joins that one's, if the mailbox has it.
func (st *state) converse(mb *mbox, value any, parent any) {
	if parent == nil {
		parent = mb.findMessage(str(value, "InReplyTo"), str(value, "References"))
	}
	index := get[wsdl.Base64Text](value, "ConversationIndex")
	switch {
	case parent != nil && get[wsdl.Base64Text](parent, "ConversationIndex") != nil:
		set(value, "ConversationIndex", st.replyIndex(*get[wsdl.Base64Text](parent, "ConversationIndex")))
		set(value, "ConversationTopic", wsdl.Text(topicOf(str(parent, "Subject"))))
	case index == nil:
		set(value, "ConversationIndex", st.newIndex())
	}
	setDefault(value, "ConversationTopic", wsdl.Text(topicOf(str(value, "Subject"))))
}

// findMessage finds a message of the mailbox by one of the Message-IDs in the
// texts, or nil.
func (mb *mbox) findMessage(texts ...string) any {
	ids := strings.Fields(strings.Join(texts, " "))
	if len(ids) == 0 {
		return nil
	}
	for _, f := range mb.all() {
		for _, it := range f.items {
			for _, id := range ids {
				if str(it.value, "InternetMessageId") == id {
					return it.value
				}
			}
		}
	}
	return nil
}

// answer fills in what a reply says of the message that it answers.
func answer(value, parent any) {
	id := str(parent, "InternetMessageId")
	if id == "" {
		return
	}
	setDefault(value, "InReplyTo", wsdl.Text(id))
	setDefault(value, "References", wsdl.Text(strings.TrimSpace(str(parent, "References")+" "+id)))
}

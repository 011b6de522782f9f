package simulator

import (
	"context"
	"slices"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

var _ ewsserver.ConversationReader = (*session)(nil)

// Conversation implements ewsserver.ConversationReader.
func (s *session) Conversation(_ context.Context, id string) ([]any, error) {
	s.st.mu.RLock()
	defer s.st.mu.RUnlock()
	mb, ok := s.st.conversationIn(id)
	if !ok {
		return nil, fail(ewsserver.ErrorInvalidIdMalformed)
	}
	var found []any
	if mb != nil && mb.tenant == s.who.tenant && mb.knows(s.who) {
		var walk func(*folder)
		walk = func(f *folder) {
			for _, it := range f.items {
				if c := get[wsdl.ItemIdType](it.value, "ConversationId"); c != nil && wsdl.Str(c.Id) == id && f.levelOf(s.who).canRead() && !f.conceals(s.who, it.value) {
					found = append(found, s.present(f, it.value))
				}
			}
			for _, c := range f.children {
				walk(c)
			}
		}
		walk(mb.known("msgfolderroot"))
	}
	if found == nil {
		return nil, fail(ewsserver.ErrorItemNotFound)
	}
	slices.SortStableFunc(found, func(a, b any) int {
		at, _ := timeOf(a, "DateTimeReceived")
		bt, _ := timeOf(b, "DateTimeReceived")
		return at.Compare(bt)
	})
	return found, nil
}

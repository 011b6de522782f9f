package simulator

import (
	"context"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

var _ ewsserver.ReadMarker = (*session)(nil)

// MarkAllAsRead implements ewsserver.ReadMarker. There are no read receipts
// here, so that quiet makes no difference.
func (s *session) MarkAllAsRead(_ context.Context, ref ewsserver.FolderRef, read, _ bool) error {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	f, err := s.writable(ref)
	if err != nil {
		return err
	}
	for _, it := range f.items {
		was := get[wsdl.Bool](it.value, "IsRead")
		if was == nil || bool(*was) == read {
			continue
		}
		value := shallow(it.value)
		set(value, "IsRead", wsdl.Bool(read))
		s.st.change(it, value, wsdl.ReadFlagChange)
	}
	return nil
}

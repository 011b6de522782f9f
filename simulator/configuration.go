package simulator

import (
	"context"

	"github.com/exconn/exconn/ewsserver"
)

// Configuration implements ewsserver.Configurer. There is what Outlook on the
// web keeps of a user's choices, of which programs read the time zone.
func (s *session) Configuration(_ context.Context, ref ewsserver.FolderRef, name string) (map[string]string, error) {
	s.st.mu.RLock()
	defer s.st.mu.RUnlock()
	f, err := s.readable(ref)
	if err != nil {
		return nil, err
	}
	if f.known != "root" || name != "OWA.UserOptions" {
		return nil, fail(ewsserver.ErrorItemNotFound)
	}
	return map[string]string{"timezone": f.mbox.zone}, nil
}

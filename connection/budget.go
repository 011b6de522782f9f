package connection

import (
	"time"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
)

// patience is how long a call waits for a busy server by itself. Somebody may
// sit before a terminal; who has more time gives OpenOptions a budget of his
// own.
const patience = 20 * time.Second

func newBudget() *mailbox.Budget {
	return mailbox.NewBudget(&mailbox.BudgetOptions{Patience: patience})
}

// ewsOptions adds to the caller's options what all who use the connection
// share, where he has none of his own: the limits, and what the server was
// found to speak.
func (l *link) ewsOptions(given *ews.Options, entry Entry) *ews.Options {
	var opts ews.Options
	if given != nil {
		opts = *given
	}
	if opts.Budget == nil {
		opts.Budget = l.budget
	}
	if opts.Versions == nil {
		opts.Versions = l.versions
	}
	if opts.MaxRequest == 0 {
		opts.MaxRequest = int64(entry.Profile.MaxRequestMB) << 20
	}
	if opts.Account == "" {
		opts.Account = entry.Status.Username
	}
	if opts.Account == "" && entry.Profile.Login != nil {
		opts.Account = entry.Profile.Login.Username
	}
	return &opts
}

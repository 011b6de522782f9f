package ews

import (
	"cmp"
	"context"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// SetOutOfOffice replaces the mailbox's automatic replies as a whole
// ([MS-OXWOOF]). The times are kept to the second; an empty External is
// mailbox.NobodyOutside. To set the same twice does no harm but that who has had
// a reply gets one again.
func (m *Mailbox) SetOutOfOffice(ctx context.Context, o mailbox.OutOfOffice) error {
	const operation = "SetUserOofSettings"
	state, ok := oofStates[o.State]
	if !ok {
		return m.invalid(operation, "the state is %q; it is %q, %q or %q", string(o.State),
			string(mailbox.OutOfOfficeOff), string(mailbox.OutOfOfficeOn), string(mailbox.OutOfOfficeScheduled))
	}
	audience, ok := audiences[cmp.Or(o.External, mailbox.NobodyOutside)]
	if !ok {
		return m.invalid(operation, "who outside gets a reply is %q; it is %q, %q or %q", string(o.External),
			string(mailbox.NobodyOutside), string(mailbox.ContactsOutside), string(mailbox.AllOutside))
	}
	start, end := val(o.Start), val(o.End)
	switch {
	case o.State == mailbox.OutOfOfficeScheduled && (start.IsZero() || end.IsZero()):
		return m.invalid(operation, "automatic replies on schedule have a start and an end")
	case start.IsZero() != end.IsZero():
		return m.invalid(operation, "the start and the end of automatic replies go together")
	case !start.IsZero() && !start.Before(end):
		return m.invalid(operation, "the end of automatic replies, %s, is not after their start, %s", end.Format(time.RFC3339), start.Format(time.RFC3339))
	}
	settings := &wsdl.UserOofSettings{
		OofState: &state, ExternalAudience: &audience,
		InternalReply: &wsdl.ReplyBodyType{Message: text(o.InternalReply)},
		ExternalReply: &wsdl.ReplyBodyType{Message: text(o.ExternalReply)},
	}
	if !start.IsZero() {
		settings.Duration = &wsdl.TimeWindowType{StartTime: wsdl.FormatTime(start), EndTime: wsdl.FormatTime(end)}
	}
	var resp wsdl.SetUserOofSettingsResponse
	meta, err := m.do(ctx, operation, &wsdl.SetUserOofSettingsRequest{Mailbox: m.plainMailbox(), UserOofSettings: settings}, &resp, nil)
	if err != nil {
		return unknownOutcome(err)
	}
	if resp.ResponseMessage != nil && !resp.ResponseMessage.Status().OK() {
		return m.refused(operation, resp.ResponseMessage.Status(), meta)
	}
	return nil
}

package ews

import (
	"context"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

var (
	oofStates = map[mailbox.OutOfOfficeState]wsdl.OofStateName{
		mailbox.OutOfOfficeOff:       wsdl.OofStateNameDisabled,
		mailbox.OutOfOfficeOn:        wsdl.OofStateNameEnabled,
		mailbox.OutOfOfficeScheduled: wsdl.OofStateNameScheduled,
	}
	audiences = map[mailbox.Audience]wsdl.ExternalAudienceName{
		mailbox.NobodyOutside:   wsdl.ExternalAudienceNameNone,
		mailbox.ContactsOutside: wsdl.ExternalAudienceNameKnown,
		mailbox.AllOutside:      wsdl.ExternalAudienceNameAll,
	}
)

// keyOf finds the word for a value of the wire; "" for one that is unknown.
func keyOf[Word ~string, Name ~string](words map[Word]Name, name *Name) Word {
	for word, n := range words {
		if n == wsdl.Val(name) {
			return word
		}
	}
	return ""
}

// OutOfOffice returns the mailbox's automatic replies ([MS-OXWOOF]).
func (m *Mailbox) OutOfOffice(ctx context.Context) (mailbox.OutOfOffice, error) {
	const operation = "GetUserOofSettings"
	var resp wsdl.GetUserOofSettingsResponse
	meta, err := m.do(ctx, operation, &wsdl.GetUserOofSettingsRequest{Mailbox: m.plainMailbox()}, &resp, nil)
	if err != nil {
		return mailbox.OutOfOffice{}, err
	}
	if resp.ResponseMessage != nil && !resp.ResponseMessage.Status().OK() {
		return mailbox.OutOfOffice{}, m.refused(operation, resp.ResponseMessage.Status(), meta)
	}
	s := resp.OofSettings
	if s == nil {
		return mailbox.OutOfOffice{}, m.incomplete(operation, "the settings")
	}
	o := mailbox.OutOfOffice{
		State: keyOf(oofStates, s.OofState), External: keyOf(audiences, s.ExternalAudience),
		InternalReply: replyText(s.InternalReply), ExternalReply: replyText(s.ExternalReply),
		Allowed: keyOf(audiences, resp.AllowExternalOof),
	}
	if s.Duration != nil {
		o.Start, o.End = moment(s.Duration.StartTime), moment(s.Duration.EndTime)
	}
	return o, nil
}

func replyText(r *wsdl.ReplyBodyType) string {
	if r == nil {
		return ""
	}
	return wsdl.Str(r.Message)
}

// plainMailbox names the mailbox in the operations of the availability service,
// which know no folders.
func (m *Mailbox) plainMailbox() *wsdl.Mailbox {
	return &wsdl.Mailbox{Address: wsdl.NewText(m.address)}
}

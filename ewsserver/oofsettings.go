package ewsserver

import (
	"cmp"
	"context"
	"strings"

	"github.com/exconn/exconn/wsdl"
)

// AutoReplier is what a Session also implements that sends automatic replies.
type AutoReplier interface {
	// OofSettings returns the settings of a mailbox, and the most that the
	// organisation permits of ExternalAudience. Errors: ErrorAccessDenied,
	// ErrorNonExistentMailbox.
	OofSettings(ctx context.Context, mailbox string) (*wsdl.OofSettings, wsdl.ExternalAudienceName, error)
	// SetOofSettings replaces them. Errors: as OofSettings.
	SetOofSettings(ctx context.Context, mailbox string, settings *wsdl.OofSettings) error
}

// getUserOofSettings answers GetUserOofSettings ([MS-OXWOOF] 3.1.4.1).
func (c *call) getUserOofSettings(ctx context.Context, req *wsdl.GetUserOofSettingsRequest) (*wsdl.GetUserOofSettingsResponse, error) {
	replier, err := ability[AutoReplier](c)
	if err != nil {
		return nil, err
	}
	mailbox, err := oofMailbox(req.Mailbox)
	if err != nil {
		return nil, err
	}
	settings, allowed, err := replier.OofSettings(ctx, mailbox)
	o, err := c.outcome(ctx, err)
	if err != nil {
		return nil, err
	}
	answer := &wsdl.GetUserOofSettingsResponse{ResponseMessage: o.plain(), OofSettings: settings}
	if settings != nil {
		answer.AllowExternalOof = &allowed
	}
	return answer, nil
}

// setUserOofSettings answers SetUserOofSettings ([MS-OXWOOF] 3.1.4.2).
func (c *call) setUserOofSettings(ctx context.Context, req *wsdl.SetUserOofSettingsRequest) (*wsdl.SetUserOofSettingsResponse, error) {
	replier, err := ability[AutoReplier](c)
	if err != nil {
		return nil, err
	}
	mailbox, err := oofMailbox(req.Mailbox)
	if err != nil {
		return nil, err
	}
	settings, err := readOofSettings(req.UserOofSettings)
	if err == nil {
		err = replier.SetOofSettings(ctx, mailbox, settings)
	}
	o, err := c.outcome(ctx, err)
	if err != nil {
		return nil, err
	}
	return &wsdl.SetUserOofSettingsResponse{ResponseMessage: o.plain()}, nil
}

func oofMailbox(m *wsdl.Mailbox) (string, error) {
	if m == nil {
		return "", invalid("Mailbox is missing.")
	}
	return strings.TrimSpace(cmp.Or(wsdl.Str(m.Address), wsdl.Str(m.EmailAddress))), nil
}

// readOofSettings checks new settings. Times without an offset are UTC.
func readOofSettings(u *wsdl.UserOofSettings) (*wsdl.OofSettings, error) {
	if u == nil {
		return nil, invalid("UserOofSettings is missing.")
	}
	switch wsdl.Val(u.OofState) {
	case wsdl.OofStateNameDisabled, wsdl.OofStateNameEnabled, wsdl.OofStateNameScheduled:
	default:
		return nil, invalid("OofState is missing or unknown.")
	}
	switch wsdl.Val(u.ExternalAudience) {
	case wsdl.ExternalAudienceNameNone, wsdl.ExternalAudienceNameKnown, wsdl.ExternalAudienceNameAll:
	default:
		return nil, invalid("ExternalAudience is missing or unknown.")
	}
	settings := &wsdl.OofSettings{OofState: u.OofState, ExternalAudience: u.ExternalAudience, InternalReply: u.InternalReply, ExternalReply: u.ExternalReply}
	if u.Duration != nil {
		from, ok := wsdl.ParseTime(u.Duration.StartTime, nil)
		to, ok2 := wsdl.ParseTime(u.Duration.EndTime, nil)
		if !ok || !ok2 || !from.Before(to) {
			return nil, &Error{Code: ErrorInvalidScheduledOofDuration}
		}
		settings.Duration = &wsdl.TimeWindowType{StartTime: wsdl.FormatTime(from), EndTime: wsdl.FormatTime(to)}
	} else if *u.OofState == wsdl.OofStateNameScheduled {
		return nil, &Error{Code: ErrorInvalidScheduledOofDuration}
	}
	return settings, nil
}

package simulator

import "github.com/exconn/exconn/wsdl"

// overtaken returns a meeting request with IsOutOfDate where the meeting in the
// mailbox has gone on since: a later request came ([MS-OXWSMTGS] 2.2.4.13). As
// at Exchange that is found out when the request is read.
func (mb *mbox) overtaken(value any) any {
	request, ok := value.(*wsdl.MeetingRequestMessageType)
	if !ok || bool(wsdl.Val(request.IsOutOfDate)) {
		return value
	}
	event := mb.findEvent(wsdl.Str(request.UID))
	if event == nil || wsdl.Val(request.AppointmentSequenceNumber) >= wsdl.Val(get[wsdl.Int32](event.value, "AppointmentSequenceNumber")) {
		return value
	}
	out := shallow(request).(*wsdl.MeetingRequestMessageType)
	out.IsOutOfDate = wsdl.Ptr(wsdl.Bool(true))
	return out
}

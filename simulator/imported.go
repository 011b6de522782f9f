package simulator

import (
	"strconv"

	"github.com/exconn/exconn/wsdl"
)

// deliveredThen dates a message that a client puts into the mailbox, rather
// than sends, by PidTagMessageDeliveryTime (0x0E06), which is how programs keep
// the time of mail that came elsewhere ([MS-OXOMSG] 2.2.3.9).
func deliveredThen(v *wsdl.MessageType) {
	for _, p := range v.ExtendedProperty {
		if p.ExtendedFieldURI == nil {
			continue
		}
		tag, err := strconv.ParseUint(wsdl.Str(p.ExtendedFieldURI.PropertyTag), 0, 16)
		if err != nil || tag != 0x0E06 {
			continue
		}
		if t, ok := wsdl.ParseTime(wsdl.Ptr(wsdl.DateTimeText(wsdl.Str(p.Value))), nil); ok {
			setTime(v, "DateTimeReceived", t)
		}
	}
}

package ewsserver

import "github.com/exconn/exconn/wsdl"

// nameAttachments adds to the answer for a created item the ids of the
// attachments that came with it, in their order, as Exchange does since 2010
// SP2. A client that misses them (the EWS Managed API and its descendants)
// attaches all of them a second time.
func nameAttachments(answer, created any) {
	stored := get[*wsdl.AttachmentList](created, "Attachments")
	if stored == nil {
		return
	}
	named := new(wsdl.AttachmentList)
	for _, a := range stored.Attachments {
		switch a := a.(type) {
		case *wsdl.FileAttachmentType:
			named.Attachments = append(named.Attachments, &wsdl.FileAttachmentType{AttachmentId: a.AttachmentId})
		case *wsdl.ItemAttachmentType:
			named.Attachments = append(named.Attachments, &wsdl.ItemAttachmentType{AttachmentId: a.AttachmentId})
		}
	}
	put(answer, "Attachments", named)
}

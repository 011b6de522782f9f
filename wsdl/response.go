package wsdl

// Status is what every response message tells, whatever its operation.
type Status struct {
	Class   ResponseClass
	Code    string // such as "NoError" or "ErrorItemNotFound"
	Text    string
	Details *MessageXmlType
}

// OK tells whether the answer is a success or a warning.
func (s Status) OK() bool { return s.Class != ResponseClassError }

// Value returns a detail of the error by its name, such as
// "BackOffMilliseconds", or "".
func (s Status) Value(name string) string {
	if s.Details == nil {
		return ""
	}
	for _, v := range s.Details.Value {
		if Str(v.Name) == name {
			return Str(v.Value)
		}
	}
	return ""
}

func status(class *ResponseClass, code, text *Text, details *MessageXmlType) Status {
	return Status{Class: Val(class), Code: Str(code), Text: Str(text), Details: details}
}

// Status returns the class, code and text of the message.
func (m *ResponseMessageType) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *FolderInfoResponseMessageType) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *ItemInfoResponseMessageType) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *AttachmentInfoResponseMessageType) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *FindFolderResponseMessageType) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *SyncFolderHierarchyResponseMessageType) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *FindItemResponseMessageType) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *UpdateItemResponseMessageType) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *SyncFolderItemsResponseMessageType) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *ResolveNamesResponseMessageType) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *GetServerTimeZonesResponseMessageType) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *FindConversationResponse) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *GetConversationItemsResponseMessageType) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *DeleteAttachmentResponseMessageType) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *ExpandDLResponseMessageType) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *SubscribeResponseMessageType) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *GetEventsResponseMessageType) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *GetStreamingEventsResponseMessageType) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *GetRoomListsResponse) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *GetRoomsResponse) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *MailTipsResponseMessageType) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *GetMailTipsResponse) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *DelegateUserResponseMessageType) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *GetDelegateResponse) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *AddDelegateResponse) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *UpdateDelegateResponse) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *RemoveDelegateResponse) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *GetInboxRulesResponse) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *UpdateInboxRulesResponse) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *ConvertIdResponseMessageType) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *ExportItemsResponseMessageType) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

// Status returns the class, code and text of the message.
func (m *UploadItemsResponseMessageType) Status() Status {
	return status(m.ResponseClass, m.ResponseCode, m.MessageText, m.MessageXml)
}

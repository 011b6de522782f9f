package wsdl

import "encoding/xml"

// GetUserConfiguration ([MS-OXWSUSRCFG]) is written by hand and has no method
// in the port type: clients of other people ask servers for it, and this
// project's own does not.

// GetUserConfiguration asks for what a program keeps in a folder under a name.
type GetUserConfiguration struct {
	XMLName xml.Name `xml:"http://schemas.microsoft.com/exchange/services/2006/messages GetUserConfiguration"`

	UserConfigurationName *UserConfigurationName `xml:"UserConfigurationName,omitempty"`
	// UserConfigurationProperties lists what is wanted, separated by blanks:
	// Id, Dictionary, XmlData, BinaryData or All.
	UserConfigurationProperties *Text `xml:"UserConfigurationProperties,omitempty"`
}

// UserConfigurationName names a configuration by its folder and its own name.
type UserConfigurationName struct {
	Name                  *Text                  `xml:"Name,attr,omitempty"`
	FolderId              *FolderId              `xml:"FolderId,omitempty"`
	DistinguishedFolderId *DistinguishedFolderId `xml:"DistinguishedFolderId,omitempty"`
}

// GetUserConfigurationResponse is the answer.
type GetUserConfigurationResponse struct {
	XMLName xml.Name `xml:"http://schemas.microsoft.com/exchange/services/2006/messages GetUserConfigurationResponse"`

	ResponseMessages *ArrayOfGetUserConfigurationResponseMessages `xml:"ResponseMessages,omitempty"`
}

// ArrayOfGetUserConfigurationResponseMessages holds the one response message.
type ArrayOfGetUserConfigurationResponseMessages struct {
	GetUserConfigurationResponseMessage []*GetUserConfigurationResponseMessageType `xml:"GetUserConfigurationResponseMessage,omitempty"`
}

// GetUserConfigurationResponseMessageType is the response message.
type GetUserConfigurationResponseMessageType struct {
	ResponseClass *ResponseClass  `xml:"ResponseClass,attr,omitempty"`
	MessageText   *Text           `xml:"MessageText,omitempty"`
	ResponseCode  *Text           `xml:"ResponseCode,omitempty"`
	MessageXml    *MessageXmlType `xml:"MessageXml,omitempty"`

	UserConfiguration *UserConfigurationType `xml:"UserConfiguration,omitempty"`
}

// UserConfigurationType is a configuration.
type UserConfigurationType struct {
	UserConfigurationName *ConfigurationName       `xml:"http://schemas.microsoft.com/exchange/services/2006/types UserConfigurationName,omitempty"`
	Dictionary            *ConfigurationDictionary `xml:"http://schemas.microsoft.com/exchange/services/2006/types Dictionary,omitempty"`
}

// ConfigurationName is UserConfigurationName as it lies within an answer.
type ConfigurationName struct {
	Name                  *Text                  `xml:"Name,attr,omitempty"`
	FolderId              *FolderId              `xml:"FolderId,omitempty"`
	DistinguishedFolderId *DistinguishedFolderId `xml:"DistinguishedFolderId,omitempty"`
}

// ConfigurationDictionary holds keys with their values.
type ConfigurationDictionary struct {
	DictionaryEntry []*ConfigurationEntry `xml:"http://schemas.microsoft.com/exchange/services/2006/types DictionaryEntry,omitempty"`
}

// ConfigurationEntry is a key with its value.
type ConfigurationEntry struct {
	DictionaryKey   *ConfigurationValue `xml:"http://schemas.microsoft.com/exchange/services/2006/types DictionaryKey,omitempty"`
	DictionaryValue *ConfigurationValue `xml:"http://schemas.microsoft.com/exchange/services/2006/types DictionaryValue,omitempty"`
}

// ConfigurationValue is a value of one of the types that Exchange knows, such
// as String, Boolean or Integer32.
type ConfigurationValue struct {
	Type  *Text   `xml:"http://schemas.microsoft.com/exchange/services/2006/types Type,omitempty"`
	Value []*Text `xml:"http://schemas.microsoft.com/exchange/services/2006/types Value,omitempty"`
}

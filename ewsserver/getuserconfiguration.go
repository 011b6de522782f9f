package ewsserver

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/exconn/exconn/wsdl"
)

// Configurer is a Session that knows what programs keep under a name in a
// folder.
type Configurer interface {
	// Configuration returns the texts of a configuration's dictionary. Errors:
	// ErrorItemNotFound (there is no configuration of that name there),
	// ErrorFolderNotFound, ErrorAccessDenied.
	Configuration(ctx context.Context, folder FolderRef, name string) (map[string]string, error)
}

// getUserConfiguration answers GetUserConfiguration ([MS-OXWSUSRCFG] 3.1.4.3),
// of which there are dictionaries of texts here. Gateways look for the user's
// time zone in it.
func (c *call) getUserConfiguration(ctx context.Context, req *wsdl.GetUserConfiguration) (*wsdl.GetUserConfigurationResponse, error) {
	able, err := ability[Configurer](c)
	if err != nil {
		return nil, err
	}
	if req.UserConfigurationName == nil || wsdl.Str(req.UserConfigurationName.Name) == "" {
		return nil, invalid("UserConfigurationName is missing or has no Name.")
	}
	asked := strings.Fields(wsdl.Str(req.UserConfigurationProperties))
	if len(asked) == 0 {
		return nil, invalid("UserConfigurationProperties is missing.")
	}
	name := req.UserConfigurationName
	folder, err := target(&wsdl.TargetFolderId{FolderId: name.FolderId, DistinguishedFolderId: name.DistinguishedFolderId})
	var texts map[string]string
	if err == nil {
		texts, err = able.Configuration(ctx, *folder, wsdl.Str(name.Name))
	}
	o, err := c.outcome(ctx, err)
	if err != nil {
		return nil, err
	}
	answer := &wsdl.GetUserConfigurationResponseMessageType{ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml}
	if texts != nil {
		answer.UserConfiguration = &wsdl.UserConfigurationType{UserConfigurationName: &wsdl.ConfigurationName{
			Name: name.Name, FolderId: name.FolderId, DistinguishedFolderId: name.DistinguishedFolderId}}
		if slices.Contains(asked, "All") || slices.Contains(asked, "Dictionary") {
			answer.UserConfiguration.Dictionary = dictionary(texts)
		}
	}
	return &wsdl.GetUserConfigurationResponse{ResponseMessages: &wsdl.ArrayOfGetUserConfigurationResponseMessages{
		GetUserConfigurationResponseMessage: []*wsdl.GetUserConfigurationResponseMessageType{answer}}}, nil
}

func dictionary(texts map[string]string) *wsdl.ConfigurationDictionary {
	value := func(s string) *wsdl.ConfigurationValue {
		return &wsdl.ConfigurationValue{Type: wsdl.Ptr(wsdl.Text("String")), Value: []*wsdl.Text{wsdl.Ptr(wsdl.Text(s))}}
	}
	d := new(wsdl.ConfigurationDictionary)
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		d.DictionaryEntry = append(d.DictionaryEntry, &wsdl.ConfigurationEntry{DictionaryKey: value(key), DictionaryValue: value(texts[key])})
	}
	return d
}

// Package wsdl holds the schema of Exchange Web Services that this project
// speaks, and the Go types that gowsdl makes of it.
//
// services.wsdl, messages.xsd and types.xsd are written by hand in the few
// constructs of XML Schema that gowsdl renders rightly; generated.go is what it
// makes of them. mixed.xsd names the types whose Go code is written by hand:
// lists whose children are of several kinds, in which gowsdl would lose the
// order of the wire, and the content of files, which must not be in memory
// whole.
//
// Every field of a generated type is optional, and a pointer: nil means "not on
// the wire", so that false, 0 and "" can be sent and told from absence. The
// helpers Ptr, Str and the ones in time.go read and write them.
//
// The same types serve the client and the server.
package wsdl

//go:generate go tool gowsdl -d .. -p wsdl -o generated.go services.wsdl
//go:generate gofmt -w generated.go

// The namespaces of Exchange Web Services.
const (
	TypesNamespace    = "http://schemas.microsoft.com/exchange/services/2006/types"
	MessagesNamespace = "http://schemas.microsoft.com/exchange/services/2006/messages"
)

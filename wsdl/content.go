package wsdl

import "github.com/exconn/exconn/soap"

// Base64Content is the content of a file attachment. It is read and written in
// pieces; see soap.Binary.
type Base64Content = soap.Binary

package ews

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/google/uuid"

	"github.com/exconn/exconn/wsdl"
)

// The stamp is a named property that tells which operation made an item. It
// has a property set of its own, so that it cannot meet another program's, and
// it names the mailbox besides the operation, because properties may travel to
// recipients and attendees within an organisation.
const (
	// StampSet is the property set of the stamp.
	StampSet = "1f0c8f2e-6a53-4c0d-9d4e-2b7a5e61c3f8"
	// StampName is the stamp's name in that set; its type is String.
	StampName = "exconn-operation-id"
)

// newOperationID is for callers who brought none.
func newOperationID() string { return uuid.NewString() }

// stampURI names the stamp in a request.
func stampURI() *wsdl.ExtendedFieldURI {
	return &wsdl.ExtendedFieldURI{
		PropertySetId: wsdl.NewText(StampSet),
		PropertyName:  wsdl.NewText(StampName),
		PropertyType:  wsdl.Ptr(wsdl.MapiTypeString),
	}
}

// stamp is the property for an item that the operation makes in this mailbox.
func (m *Mailbox) stamp(operationID string) *wsdl.ExtendedPropertyType {
	return &wsdl.ExtendedPropertyType{
		ExtendedFieldURI: stampURI(),
		Value:            wsdl.NewText(m.stampValue(operationID)),
	}
}

// stampValue is the mailbox's address and the operation's id.
func (m *Mailbox) stampValue(operationID string) string {
	return strings.ToLower(m.address) + " " + operationID
}

// messageID is the Message-ID of a message that the operation sends: the same
// for the same operation, so that a message that went out twice after all is
// seen to be one. The operation's id itself, which may tell something of the
// caller's records, does not leave the mailbox.
func (m *Mailbox) messageID(operationID string) string {
	_, domain, ok := strings.Cut(m.address, "@")
	if !ok || domain == "" {
		domain = "exconn.invalid"
	}
	sum := sha256.Sum256([]byte(m.stampValue(operationID)))
	return "<" + hex.EncodeToString(sum[:16]) + "@" + strings.ToLower(domain) + ">"
}

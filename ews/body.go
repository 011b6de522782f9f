package ews

import (
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// readBody reads a body of the wire; nil where there is none.
func readBody(b *wsdl.BodyContent) *mailbox.Body {
	if b == nil {
		return nil
	}
	body := &mailbox.Body{Type: mailbox.Text, Content: wsdl.Str(b.Value)}
	if wsdl.Val(b.BodyType) == wsdl.BodyTypeNameHTML {
		body.Type = mailbox.HTML
	}
	return body
}

// writeBody writes a body. HTML goes before text where both are given:
// Exchange keeps one body and derives the other. It is nil for neither.
func writeBody(text, html string) *wsdl.BodyContent {
	switch {
	case html != "":
		return &wsdl.BodyContent{BodyType: wsdl.Ptr(wsdl.BodyTypeNameHTML), Value: wsdl.NewText(html)}
	case text != "":
		return &wsdl.BodyContent{BodyType: wsdl.Ptr(wsdl.BodyTypeNameText), Value: wsdl.NewText(text)}
	}
	return nil
}

package wsdl

import "encoding/xml"

// RuleOperation is one change to the inbox rules. The field that is set follows
// from Kind.
type RuleOperation struct {
	// Kind is "CreateRuleOperation", "SetRuleOperation" or
	// "DeleteRuleOperation".
	Kind   string
	Write  *RuleWriteType  // create, set
	Delete *RuleDeleteType // delete
}

// The values of RuleOperation.Kind.
const (
	CreateRuleOperation = "CreateRuleOperation"
	SetRuleOperation    = "SetRuleOperation"
	DeleteRuleOperation = "DeleteRuleOperation"
)

// RuleOperationList holds changes in the order in which they apply; errors name
// them by their index.
type RuleOperationList struct {
	Operations []RuleOperation
}

// DecodeChild appends a change and returns what is to be filled in.
func (l *RuleOperationList) DecodeChild(name xml.Name) any {
	o := RuleOperation{Kind: name.Local}
	var target any
	switch o.Kind {
	case CreateRuleOperation, SetRuleOperation:
		o.Write = new(RuleWriteType)
		target = o.Write
	case DeleteRuleOperation:
		o.Delete = new(RuleDeleteType)
		target = o.Delete
	default:
		return nil
	}
	l.Operations = append(l.Operations, o)
	return target
}

// UnmarshalXML keeps the changes in document order.
func (l *RuleOperationList) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) error {
	return unmarshalMixed(d, l)
}

// MarshalXML writes the changes in their order.
func (l *RuleOperationList) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	named := make([]child, len(l.Operations))
	for i, o := range l.Operations {
		named[i] = child{o.Kind, o.Write}
		if o.Kind == DeleteRuleOperation {
			named[i].value = o.Delete
		}
	}
	return marshalMixed(e, start, named)
}

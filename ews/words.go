package ews

import (
	"strings"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// sensitivity reads a sensitivity; normal is "".
func sensitivity(s *wsdl.SensitivityName) mailbox.Sensitivity {
	word := mailbox.Sensitivity(strings.ToLower(wsdl.Str(s)))
	if word == mailbox.SensitivityNormal {
		return ""
	}
	return word
}

// writeSensitivity writes one; nil for "", which leaves it to the server.
func writeSensitivity(s mailbox.Sensitivity) *wsdl.SensitivityName {
	switch mailbox.Sensitivity(strings.ToLower(string(s))) {
	case mailbox.SensitivityNormal:
		return wsdl.Ptr(wsdl.SensitivityNameNormal)
	case mailbox.Personal:
		return wsdl.Ptr(wsdl.SensitivityNamePersonal)
	case mailbox.Private:
		return wsdl.Ptr(wsdl.SensitivityNamePrivate)
	case mailbox.Confidential:
		return wsdl.Ptr(wsdl.SensitivityNameConfidential)
	}
	return nil
}

// writeImportance writes an importance; nil for "".
func writeImportance(i mailbox.Importance) *wsdl.ImportanceName {
	switch mailbox.Importance(strings.ToLower(string(i))) {
	case mailbox.Low:
		return wsdl.Ptr(wsdl.ImportanceNameLow)
	case mailbox.Normal:
		return wsdl.Ptr(wsdl.ImportanceNameNormal)
	case mailbox.High:
		return wsdl.Ptr(wsdl.ImportanceNameHigh)
	}
	return nil
}

// stringsOf reads a list of texts.
func stringsOf(l *wsdl.StringsType) []string {
	if l == nil {
		return nil
	}
	var out []string
	for _, s := range l.String {
		out = append(out, wsdl.Str(s))
	}
	return out
}

// writeStrings writes a list of texts; nil for none.
func writeStrings(list []string) *wsdl.StringsType {
	if len(list) == 0 {
		return nil
	}
	out := new(wsdl.StringsType)
	for _, s := range list {
		out.String = append(out.String, wsdl.Ptr(wsdl.Text(s)))
	}
	return out
}

// flagOf reads a flag; nil where there is none.
func flagOf(f *wsdl.FlagType) *mailbox.Flag {
	if f == nil {
		return nil
	}
	out := &mailbox.Flag{Start: moment(f.StartDate), Due: moment(f.DueDate), Completed: moment(f.CompleteDate)}
	switch wsdl.Val(f.FlagStatus) {
	case wsdl.FlagStatusNameFlagged:
		out.Status = mailbox.Flagged
	case wsdl.FlagStatusNameComplete:
		out.Status = mailbox.FlagComplete
	default:
		return nil
	}
	return out
}

// writeFlag writes a flag. A status that is none of the three is nil.
func writeFlag(f mailbox.Flag) *wsdl.FlagType {
	out := new(wsdl.FlagType)
	switch f.Status {
	case mailbox.Flagged:
		out.FlagStatus = wsdl.Ptr(wsdl.FlagStatusNameFlagged)
	case mailbox.FlagComplete:
		out.FlagStatus = wsdl.Ptr(wsdl.FlagStatusNameComplete)
	case mailbox.NotFlagged, "":
		out.FlagStatus = wsdl.Ptr(wsdl.FlagStatusNameNotFlagged)
	default:
		return nil
	}
	if f.Start != nil {
		out.StartDate = wsdl.FormatTime(*f.Start)
	}
	if f.Due != nil {
		out.DueDate = wsdl.FormatTime(*f.Due)
	}
	if f.Completed != nil {
		out.CompleteDate = wsdl.FormatTime(*f.Completed)
	}
	return out
}

package ewsserver

import (
	"slices"

	"github.com/exconn/exconn/wsdl"
)

// ranks are the names of a property that the store keeps as a number, each at
// its number ([MS-OXCMSG] 2.2.1.11 and 2.2.1.13). Such properties are compared
// and sorted by the number: High comes after Normal, not before it.
type ranks []string

var (
	importanceRanks  = ranks{string(wsdl.ImportanceNameLow), string(wsdl.ImportanceNameNormal), string(wsdl.ImportanceNameHigh)}
	sensitivityRanks = ranks{string(wsdl.SensitivityNameNormal), string(wsdl.SensitivityNamePersonal),
		string(wsdl.SensitivityNamePrivate), string(wsdl.SensitivityNameConfidential)}
)

// rank is a scalar: one of ranks.
type rank struct {
	number int
	name   string
}

// of is false for a name that is none of them.
func (r ranks) of(name string) (scalar, bool) {
	i := slices.Index(r, name)
	return rank{i, name}, i >= 0
}

// scalars is empty for a name that is none of them.
func (r ranks) scalars(name string) []scalar {
	s, ok := r.of(name)
	if !ok {
		return nil
	}
	return []scalar{s}
}

package ntlm

import "fmt"

// The ids of attribute-value pairs ([MS-NLMP] 2.2.2.1).
const (
	avEOL             = 0
	avFlags           = 6
	avTimestamp       = 7
	avTargetName      = 9
	avChannelBindings = 10
)

// avFlagMIC in avFlags says that the AUTHENTICATE message has a MIC.
const avFlagMIC = 2

// avPair is one attribute of the target info.
type avPair struct {
	id    uint16
	value []byte
}

// parseAVPairs reads a list up to its end mark, which must be there. What
// follows the mark is not looked at.
func parseAVPairs(b []byte) ([]avPair, error) {
	var pairs []avPair
	for {
		if len(b) < 4 {
			return nil, fmt.Errorf("the target info ends without its end mark")
		}
		id, length := little.Uint16(b), int(little.Uint16(b[2:]))
		if id == avEOL {
			return pairs, nil
		}
		if len(b) < 4+length {
			return nil, fmt.Errorf("attribute %d of the target info goes beyond its end", id)
		}
		pairs = append(pairs, avPair{id, b[4 : 4+length]})
		b = b[4+length:]
	}
}

// appendAVPairs is the inverse of parseAVPairs.
func appendAVPairs(b []byte, pairs []avPair) []byte {
	for _, p := range pairs {
		b = little.AppendUint16(b, p.id)
		b = little.AppendUint16(b, uint16(len(p.value)))
		b = append(b, p.value...)
	}
	return append(b, 0, 0, 0, 0) // avEOL, without a value
}

// find returns the value of the first pair of an id, or nil.
func find(pairs []avPair, id uint16) []byte {
	for _, p := range pairs {
		if p.id == id {
			return p.value
		}
	}
	return nil
}

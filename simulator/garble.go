package simulator

// outlawed is what mails hold that XML forbids, as Exchange passes it on: a
// character reference, and the character itself. No reader may take either
// (XML 1.0, 2.2), and all clients meet them.
const outlawed = "&#x0;\x0b&#x19;\x19&#xB;"

// garbled are the elements whose texts come out of mails.
var garbled = map[string]bool{
	"Subject": true, "Body": true, "TextBody": true, "Preview": true, "DisplayName": true, "DisplayTo": true, "DisplayCc": true,
	"Name": true, "Location": true, "ConversationTopic": true,
}

// garbler puts outlawed characters behind the start tags of garbled elements.
// The document may come in pieces.
type garbler struct {
	tag   []byte // the tag that was begun, without its <
	inTag bool
}

func (g *garbler) garble(p []byte) []byte {
	out := make([]byte, 0, len(p)+64)
	for _, c := range p {
		out = append(out, c)
		switch {
		case !g.inTag:
			if c == '<' {
				g.inTag, g.tag = true, g.tag[:0]
			}
		case c != '>':
			g.tag = append(g.tag, c)
		default:
			// Exchange writes no > within an attribute.
			g.inTag = false
			if n := len(g.tag); n > 0 && g.tag[0] != '/' && g.tag[n-1] != '/' && garbled[localName(g.tag)] {
				out = append(out, outlawed...)
			}
		}
	}
	return out
}

// localName is the name of a start tag's element, without its prefix.
func localName(tag []byte) string {
	start := 0
	for i, c := range tag {
		switch c {
		case ':':
			start = i + 1
		case ' ', '\t', '\r', '\n':
			return string(tag[start:i])
		}
	}
	return string(tag[start:])
}

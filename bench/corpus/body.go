package corpus

import "bytes"

// words are what the bodies are made of, as they stand in an answer.
var words = []string{
	"the", "offer", "we", "spoke", "about", "on", "Monday,", "is", "enclosed;", "please", "tell", "us", "whether",
	"prices", "and", "terms", "suit", "you.", "Grüße", "aus", "Köln", "naïve", "quantity", "&amp;nbsp;", "delivery",
	"by", "the", "end", "of", "March", "order", "number", "4711", "&amp;amp;", "thank", "for", "your", "patience.",
}

// writeBody writes an HTML body of about that many bytes as Exchange escapes
// it: markup by entities, the CR of each line end by number.
func writeBody(b *bytes.Buffer, number, size int) {
	b.WriteString(`<t:Body BodyType="HTML" IsTruncated="false">`)
	from := b.Len()
	b.WriteString("&lt;html&gt;&#xD;\n&lt;head&gt;&#xD;\n&lt;meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"&gt;&#xD;\n" +
		"&lt;style type=\"text/css\"&gt;p.MsoNormal { margin: 0cm; font-size: 11.0pt; font-family: \"Calibri\",sans-serif; }&lt;/style&gt;&#xD;\n" +
		"&lt;/head&gt;&#xD;\n&lt;body lang=\"EN-GB\" link=\"#0563C1\" vlink=\"#954F72\"&gt;&#xD;\n")
	s := stream(bodyKind<<48 | number)
	for b.Len()-from < size {
		b.WriteString("&lt;p class=\"MsoNormal\"&gt;&lt;span lang=\"EN-GB\" style=\"color:#1F3864\"&gt;")
		for range 8 + s.below(24) {
			b.WriteString(words[s.below(len(words))])
			b.WriteByte(' ')
		}
		b.WriteString("&lt;/span&gt;&lt;/p&gt;&#xD;\n")
	}
	b.WriteString("&lt;/body&gt;&#xD;\n&lt;/html&gt;&#xD;\n</t:Body>")
}

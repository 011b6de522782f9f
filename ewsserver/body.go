package ewsserver

import (
	"html"
	"strings"

	"github.com/exconn/exconn/wsdl"
)

// convertBody returns a body in the format that was asked for; "" and Best
// mean as it is stored.
func convertBody(b *wsdl.BodyContent, want wsdl.BodyTypeResponse) *wsdl.BodyContent {
	if b == nil {
		return nil
	}
	isHTML := wsdl.Val(b.BodyType) == wsdl.BodyTypeNameHTML
	out := &wsdl.BodyContent{BodyType: b.BodyType, Value: b.Value}
	switch {
	case want == wsdl.BodyTypeResponseText && isHTML:
		out.BodyType = wsdl.Ptr(wsdl.BodyTypeNameText)
		out.Value = wsdl.Ptr(wsdl.Text(htmlToText(wsdl.Str(b.Value))))
	case want == wsdl.BodyTypeResponseHTML && !isHTML:
		out.BodyType = wsdl.Ptr(wsdl.BodyTypeNameHTML)
		out.Value = wsdl.Ptr(wsdl.Text(textToHTML(wsdl.Str(b.Value))))
	}
	if out.BodyType == nil {
		out.BodyType = wsdl.Ptr(wsdl.BodyTypeNameText)
	}
	return out
}

// textToHTML makes a document of plain text.
func textToHTML(text string) string {
	return "<html><head></head><body><div>" + textToFragment(text) + "</div></body></html>"
}

// textToFragment escapes text and keeps its lines.
func textToFragment(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.ReplaceAll(html.EscapeString(text), "\n", "<br>\r\n")
}

// blocks are the elements that begin a new line, and how many line breaks at
// least stand before and after them.
var blocks = map[string]int{
	"address": 1, "article": 1, "aside": 1, "blockquote": 2, "center": 1, "dd": 1, "div": 1, "dl": 1, "dt": 1,
	"footer": 1, "form": 1, "h1": 2, "h2": 2, "h3": 2, "h4": 2, "h5": 2, "h6": 2, "header": 1, "hr": 1, "li": 1,
	"main": 1, "nav": 1, "ol": 1, "p": 2, "pre": 2, "section": 1, "table": 1, "tr": 1, "ul": 1,
}

// hidden are the elements whose content is not shown.
var hidden = map[string]bool{"script": true, "style": true, "head": true, "title": true, "template": true}

// htmlToText renders HTML as plain text with CRLF line ends: blocks on lines
// of their own, list items with a star, cells with a tab between them, links
// followed by their address.
func htmlToText(source string) string {
	var r renderer
	for source != "" {
		i := strings.IndexByte(source, '<')
		if i < 0 {
			r.text(source)
			break
		}
		r.text(source[:i])
		source = r.markup(source[i:])
	}
	return r.String()
}

// renderer gathers plain text.
type renderer struct {
	out    strings.Builder
	breaks int  // line breaks to write before the next text
	space  bool // a space to write before the next text
	link   string
	linkAt int // how much was written before the link's text
	pre    int // depth of <pre>
	// unclosed holds the hidden elements that were found not to end.
	unclosed map[string]bool
}

// markup reads one tag, comment or declaration at the start of source, and
// returns the rest.
func (r *renderer) markup(source string) string {
	if strings.HasPrefix(source, "<!--") {
		return after(source[4:], "-->")
	}
	if len(source) < 2 || !isNameStart(source[1]) && source[1] != '/' && source[1] != '!' && source[1] != '?' {
		r.text("<")
		return source[1:]
	}
	end := tagEnd(source)
	tag, rest := source[1:end], source[min(end+1, len(source)):]
	closing := strings.HasPrefix(tag, "/")
	tag = strings.TrimPrefix(tag, "/")
	name := strings.ToLower(tag[:nameLength(tag)])
	if hidden[name] && !closing && !strings.HasSuffix(tag, "/") {
		return r.skipElement(rest, name)
	}
	r.tag(name, tag, closing)
	return rest
}

func (r *renderer) tag(name, tag string, closing bool) {
	switch name {
	case "br":
		r.newline()
		return
	case "td", "th":
		if !closing && r.breaks == 0 && r.out.Len() > 0 {
			r.out.WriteByte('\t')
			r.space = false
		}
		return
	case "a":
		r.anchor(tag, closing)
		return
	case "img":
		if alt := attribute(tag, "alt"); alt != "" {
			r.text("[" + alt + "]")
		}
		return
	case "pre":
		if closing {
			r.pre = max(0, r.pre-1)
		} else {
			r.pre++
		}
	}
	if n := blocks[name]; n > 0 {
		r.space = false
		r.breaks = max(r.breaks, n)
		if name == "li" && !closing {
			r.text("* ")
			r.space = true
		}
	}
}

// anchor writes a link's address behind its text, where it says more.
func (r *renderer) anchor(tag string, closing bool) {
	if !closing {
		r.link, r.linkAt = attribute(tag, "href"), r.out.Len()
		return
	}
	shown := strings.TrimSpace(r.out.String()[min(r.linkAt, r.out.Len()):])
	target := r.link
	r.link = ""
	lower := strings.ToLower(target)
	if target == "" || shown == target || strings.HasPrefix(lower, "mailto:") && strings.EqualFold(target[len("mailto:"):], shown) {
		return
	}
	if strings.HasPrefix(lower, "http:") || strings.HasPrefix(lower, "https:") || strings.HasPrefix(lower, "mailto:") {
		r.text("<" + target + ">")
	}
}

func (r *renderer) newline() {
	if r.breaks > 0 || r.out.Len() == 0 {
		// The break of a block that is being left comes first.
		r.flush()
	}
	r.out.WriteString("\r\n")
	r.space = false
}

// text adds text with its entities resolved and its white space folded.
func (r *renderer) text(s string) {
	s = html.UnescapeString(s)
	if r.pre > 0 {
		if s != "" {
			r.flush()
			r.out.WriteString(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n"))
		}
		return
	}
	words := strings.FieldsFunc(s, isSpace)
	if len(words) == 0 {
		r.space = r.space || s != ""
		return
	}
	leading := isSpace(rune(s[0]))
	if (r.space || leading) && r.breaks == 0 && r.out.Len() > 0 && !strings.HasSuffix(r.out.String(), "\n") {
		r.out.WriteByte(' ')
	}
	r.flush()
	r.out.WriteString(strings.Join(words, " "))
	r.space = isSpace(rune(s[len(s)-1]))
}

// flush writes the line breaks that are due.
func (r *renderer) flush() {
	if r.breaks > 0 && r.out.Len() > 0 {
		have := trailingBreaks(r.out.String())
		for range max(0, r.breaks-have) {
			r.out.WriteString("\r\n")
		}
	}
	r.breaks = 0
}

func (r *renderer) String() string { return strings.TrimRight(r.out.String(), " \t\r\n") }

func trailingBreaks(s string) int {
	n := 0
	for strings.HasSuffix(s, "\r\n") {
		s, n = s[:len(s)-2], n+1
	}
	return n
}

// isSpace is HTML's white space: a no-break space is none.
func isSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\f' }

func isNameStart(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func nameLength(tag string) int {
	i := 0
	for i < len(tag) && (isNameStart(tag[i]) || tag[i] >= '0' && tag[i] <= '9') {
		i++
	}
	return i
}

// tagEnd returns where the tag at the start of s ends, past ">" in quoted
// attributes; the end of s where it does not.
func tagEnd(s string) int {
	var quote byte
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case (c == '"' || c == '\'') && strings.HasSuffix(strings.TrimRight(s[:i], " \t\r\n"), "="):
			quote = c
		case c == '>':
			return i
		}
	}
	return len(s)
}

// skipElement passes over a hidden element's content. Where it does not end,
// it is nothing but a tag: an unclosed head would swallow the whole mail.
func (r *renderer) skipElement(s, name string) string {
	if r.unclosed[name] {
		return s
	}
	for rest := s; ; {
		i := strings.Index(rest, "</")
		if i < 0 {
			if r.unclosed == nil {
				r.unclosed = map[string]bool{}
			}
			r.unclosed[name] = true
			return s
		}
		rest = rest[i+2:]
		if len(rest) >= len(name) && strings.EqualFold(rest[:len(name)], name) && (len(rest) == len(name) || !isNameStart(rest[len(name)])) {
			return after(rest, ">")
		}
	}
}

// asciiLower lowers ASCII letters alone, so that places in the result are
// those in s.
func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

func after(s, mark string) string {
	if _, rest, ok := strings.Cut(s, mark); ok {
		return rest
	}
	return ""
}

// attribute returns an attribute of a tag with its entities resolved, or "".
func attribute(tag, name string) string {
	for rest := tag[nameLength(tag):]; rest != ""; {
		rest = strings.TrimLeft(rest, " \t\r\n/")
		i := strings.IndexAny(rest, "= \t\r\n/")
		if i < 0 {
			return ""
		}
		key := rest[:i]
		rest = strings.TrimLeft(rest[i:], " \t\r\n")
		if !strings.HasPrefix(rest, "=") {
			continue
		}
		rest = strings.TrimLeft(rest[1:], " \t\r\n")
		var val string
		if rest != "" && (rest[0] == '"' || rest[0] == '\'') {
			val, rest, _ = strings.Cut(rest[1:], rest[:1])
		} else {
			j := strings.IndexAny(rest, " \t\r\n")
			if j < 0 {
				j = len(rest)
			}
			val, rest = rest[:j], rest[j:]
		}
		if strings.EqualFold(key, name) {
			return html.UnescapeString(val)
		}
	}
	return ""
}

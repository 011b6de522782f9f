package ewsserver

import (
	"strings"
	"unicode"

	"github.com/exconn/exconn/wsdl"
)

// The query string of FindItem is in the Advanced Query Syntax ("Querystring"
// in the EWS reference, and "Perform an AQS search" in the guides). This
// package knows words and "phrases", property:value, comparisons and ranges of
// dates and sizes, AND, OR, NOT (or a minus) and parentheses. What it does not know as a
// property is taken as words, as Exchange does.

// queryFilter compiles a query string; nil lets everything pass.
func (c *call) queryFilter(q *wsdl.QueryStringType) (filter, error) {
	if q == nil || strings.TrimSpace(wsdl.Str(q.Value)) == "" {
		return nil, nil
	}
	p := &queryParser{call: c, tokens: lexQuery(wsdl.Str(q.Value))}
	var list []filter
	for len(p.tokens) > 0 {
		f, err := p.alternatives(0)
		if err != nil {
			return nil, err
		}
		if f != nil {
			list = append(list, f)
		}
		// A closing parenthesis without an opening one means nothing.
		p.accept(")")
	}
	return and(list), nil
}

// queryToken is a word, a quoted phrase, a parenthesis, or a property with its
// colon ("subject:").
type queryToken struct {
	text   string
	quoted bool
}

func lexQuery(s string) []queryToken {
	var out []queryToken
	r := []rune(s)
	for i := 0; i < len(r); {
		switch {
		case unicode.IsSpace(r[i]):
			i++
		case r[i] == '(' || r[i] == ')':
			out = append(out, queryToken{text: string(r[i])})
			i++
		case r[i] == '"':
			end := i + 1
			for end < len(r) && r[end] != '"' {
				end++
			}
			out = append(out, queryToken{text: string(r[i+1 : end]), quoted: true})
			i = end + 1
		case r[i] == '-' && i+1 < len(r) && !unicode.IsSpace(r[i+1]):
			out = append(out, queryToken{text: "NOT"})
			i++
		default:
			end := i
			for end < len(r) && !unicode.IsSpace(r[end]) && !strings.ContainsRune(`()"`, r[end]) {
				end++
				if r[end-1] == ':' && isProperty(string(r[i:end-1])) {
					break
				}
			}
			out = append(out, queryToken{text: string(r[i:end])})
			i = end
		}
	}
	return out
}

type queryParser struct {
	*call
	tokens []queryToken
}

// accept takes an operator or a parenthesis, if it is next. Operators are in
// capitals.
func (p *queryParser) accept(text string) bool {
	if len(p.tokens) > 0 && !p.tokens[0].quoted && p.tokens[0].text == text {
		p.tokens = p.tokens[1:]
		return true
	}
	return false
}

// alternatives reads terms joined by OR.
func (p *queryParser) alternatives(depth int) (filter, error) {
	if depth > maxNesting {
		return nil, &Error{Code: ErrorRestrictionTooComplex}
	}
	var list []filter
	for {
		f, err := p.terms(depth)
		if err != nil {
			return nil, err
		}
		if f != nil {
			list = append(list, f)
		}
		if !p.accept("OR") {
			break
		}
	}
	if len(list) == 0 {
		return nil, nil
	}
	return or(list), nil
}

// terms reads terms that must all hold, with or without AND between them.
func (p *queryParser) terms(depth int) (filter, error) {
	var list []filter
	for len(p.tokens) > 0 {
		if next := p.tokens[0]; !next.quoted && (next.text == ")" || next.text == "OR") {
			break
		}
		if p.accept("AND") {
			continue
		}
		f, err := p.term(depth)
		if err != nil {
			return nil, err
		}
		if f != nil {
			list = append(list, f)
		}
	}
	if len(list) == 0 {
		return nil, nil
	}
	return and(list), nil
}

func (p *queryParser) term(depth int) (filter, error) {
	if p.accept("NOT") {
		if depth > maxNesting {
			return nil, &Error{Code: ErrorRestrictionTooComplex}
		}
		if len(p.tokens) == 0 {
			return nil, nil
		}
		f, err := p.term(depth + 1)
		if f == nil || err != nil {
			return nil, err
		}
		return not(f), nil
	}
	if p.accept("(") {
		f, err := p.alternatives(depth + 1)
		p.accept(")")
		return f, err
	}
	t := p.tokens[0]
	p.tokens = p.tokens[1:]
	if t.quoted {
		return p.words(anywhere, t), nil
	}
	if name, ok := strings.CutSuffix(t.text, ":"); ok && isProperty(name) {
		return p.property(depth, strings.ToLower(name))
	}
	return p.words(anywhere, t), nil
}

// property reads what follows "name:": a value, or values in parentheses.
func (p *queryParser) property(depth int, name string) (filter, error) {
	if len(p.tokens) == 0 {
		return nil, nil
	}
	if !p.accept("(") {
		t := p.tokens[0]
		p.tokens = p.tokens[1:]
		return p.match(name, t), nil
	}
	var all, alternatives []filter
	for len(p.tokens) > 0 && !p.accept(")") {
		switch {
		case p.accept("AND"):
		case p.accept("OR"):
			alternatives, all = append(alternatives, and(all)), nil
		default:
			all = append(all, p.match(name, p.tokens[0]))
			p.tokens = p.tokens[1:]
		}
	}
	return or(append(alternatives, and(all))), nil
}

// textProperties are searched for words.
var textProperties = map[string][]string{
	"subject":      {"Subject"},
	"body":         {"Body"},
	"from":         {"From", "Organizer"},
	"to":           {"ToRecipients", "RequiredAttendees"},
	"cc":           {"CcRecipients", "OptionalAttendees"},
	"bcc":          {"BccRecipients"},
	"participants": {"From", "Organizer", "ToRecipients", "CcRecipients", "BccRecipients", "RequiredAttendees", "OptionalAttendees"},
	"category":     {"Categories"},
	"location":     {"Location"},
}

// anywhere is where bare words are looked for.
var anywhere = []string{"Subject", "Body", "From", "Sender", "ToRecipients", "CcRecipients", "Organizer",
	"RequiredAttendees", "OptionalAttendees", "Location", "Categories"}

func isProperty(name string) bool {
	name = strings.ToLower(name)
	if _, ok := textProperties[name]; ok {
		return true
	}
	switch name {
	case "attachment", "hasattachment", "hasattachments", "kind", "importance", "isread", "read", "isflagged", "received", "sent", "date", "size":
		return true
	}
	return false
}

func (p *queryParser) match(name string, t queryToken) filter {
	if fields, ok := textProperties[name]; ok {
		return p.words(fields, t)
	}
	v := strings.ToLower(t.text)
	switch name {
	case "attachment":
		return attachmentNamed(t.text)
	case "hasattachment", "hasattachments":
		want := isYes(v)
		return func(o any) bool {
			has, _ := value(o, path{field: "HasAttachments"}).(*wsdl.Bool)
			return bool(wsdl.Val(has)) == want
		}
	case "isread", "read":
		want := isYes(v)
		return func(o any) bool { return bool(wsdl.Val(get[*wsdl.Bool](o, "IsRead"))) == want }
	case "isflagged":
		want := isYes(v)
		return func(o any) bool {
			f := get[*wsdl.FlagType](o, "Flag")
			return (f != nil && wsdl.Val(f.FlagStatus) == wsdl.FlagStatusNameFlagged) == want
		}
	case "importance":
		return func(o any) bool {
			i := get[*wsdl.ImportanceName](o, "Importance")
			return strings.EqualFold(wsdl.Str(i), v) || i == nil && v == "normal"
		}
	case "kind":
		return ofKind(v)
	case "size":
		return sizeIn(v)
	case "sent":
		return p.timeIn("DateTimeSent", v)
	}
	return p.timeIn("DateTimeReceived", v)
}

func isYes(v string) bool { return v == "yes" || v == "true" || v == "1" }

// words looks for words at beginnings of words in any of the fields, or for a
// phrase where it was quoted; a star at the end changes nothing.
func (p *queryParser) words(fields []string, t queryToken) filter {
	fold := func(s string) string { return strings.ToLower(plainLetters(s)) }
	needle := fold(t.text)
	matches := wordPrefix
	if t.quoted {
		matches = phrase
	} else {
		needle = strings.TrimSuffix(needle, "*")
	}
	if strings.TrimSpace(needle) == "" {
		return func(any) bool { return true }
	}
	return func(o any) bool {
		for _, f := range fields {
			for _, v := range p.scalars(value(o, path{field: f})) {
				if s, ok := v.(string); ok && matches(fold(s), needle) {
					return true
				}
			}
		}
		return false
	}
}

func attachmentNamed(name string) filter {
	name = strings.ToLower(name)
	return func(o any) bool {
		l := get[*wsdl.AttachmentList](o, "Attachments")
		if l == nil {
			return false
		}
		for _, a := range l.Attachments {
			if wordPrefix(strings.ToLower(wsdl.Str(get[*wsdl.Text](a, "Name"))), name) {
				return true
			}
		}
		return false
	}
}

func ofKind(kind string) filter {
	return func(o any) bool {
		switch o.(type) {
		case *wsdl.MessageType:
			return kind == "email" || kind == "mail"
		case *wsdl.CalendarItemType:
			return kind == "meetings" || kind == "meeting" || kind == "calendar"
		case *wsdl.ContactItemType, *wsdl.DistributionListType:
			return kind == "contacts" || kind == "contact"
		case *wsdl.TaskType:
			return kind == "tasks" || kind == "task"
		case *wsdl.ItemType:
			class := strings.ToLower(wsdl.Str(get[*wsdl.Text](o, "ItemClass")))
			return strings.HasPrefix(class, "ipm."+strings.TrimSuffix(kind, "s"))
		}
		return kind == "meetings" || kind == "meeting" || kind == "email" || kind == "mail"
	}
}

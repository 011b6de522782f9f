package soap

import "encoding/xml"

// declare brings the namespace declarations of the start tag into scope.
func (t *tokenizer) declare() error {
	for i := range t.attrs {
		a := &t.attrs[i]
		var prefix string
		switch {
		case string(a.name) == "xmlns":
		case a.colon == 5 && string(a.name[:5]) == "xmlns":
			prefix = t.intern(a.local())
		default:
			continue
		}
		if len(t.scopes) >= maxNamespaces {
			return t.bad(TooManyNamespaces, nil)
		}
		value, err := t.attrValue(a)
		if err != nil {
			return err
		}
		t.scopes = append(t.scopes, binding{prefix, t.intern(value)})
		t.generation++
	}
	return nil
}

// isDeclaration reports whether an attribute declares a namespace.
func (a *attr) isDeclaration() bool {
	return string(a.name) == "xmlns" || a.colon == 5 && string(a.name[:5]) == "xmlns"
}

// lookup returns the namespace of a prefix. A prefix that nobody declared
// stands for itself, as in encoding/xml.
func (t *tokenizer) lookup(prefix []byte) string {
	for i := len(t.scopes) - 1; i >= 0; i-- {
		if t.scopes[i].prefix == string(prefix) {
			return t.scopes[i].uri
		}
	}
	switch string(prefix) {
	case "":
		return ""
	case "xml":
		return "http://www.w3.org/XML/1998/namespace"
	}
	return t.intern(prefix)
}

// local is the local name of the start or end tag.
func (t *tokenizer) local() []byte {
	if t.colon > 0 {
		return t.qname[t.colon+1:]
	}
	return t.qname
}

// space is the namespace of the start tag.
func (t *tokenizer) space() string { return t.lookup(t.qname[:t.colon]) }

// name is the name of the start tag.
func (t *tokenizer) name() xml.Name {
	return xml.Name{Space: t.space(), Local: t.intern(t.local())}
}

// intern makes a string, once for each that a document repeats.
func (t *tokenizer) intern(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if s, ok := t.known[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(t.known) < maxKnown && len(s) < 256 {
		t.known[s] = s
	}
	return s
}

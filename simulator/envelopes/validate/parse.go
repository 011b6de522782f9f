package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

const (
	xsiNS          = "http://www.w3.org/2001/XMLSchema-instance"
	soapNS         = "http://schemas.xmlsoap.org/soap/envelope/"
	typesNS        = "http://schemas.microsoft.com/exchange/services/2006/types"
	messagesNS     = "http://schemas.microsoft.com/exchange/services/2006/messages"
	autodiscoverNS = "http://schemas.microsoft.com/exchange/2010/Autodiscover"
)

// envelope is what a schema can be asked about.
type envelope struct {
	shape  string // the names of its elements, each once
	typed  bool   // an element tells its type by xsi:type
	pieces []piece
}

type piece struct {
	schema  string
	content []byte // a document of its own
}

// open is an element that has not ended yet.
type open struct {
	name    xml.Name
	start   int64 // where its tag begins
	scope   []xml.Attr
	tagEnd  int64
	texts   map[string]bool // a Fault's children
	isPiece string          // the schema, where this element is a piece
}

// parse checks an envelope's frame and cuts out what is in it.
func parse(content []byte) (*envelope, error) {
	decoder := xml.NewDecoder(bytes.NewReader(content))
	var stack []open
	e := &envelope{}
	names := map[string]bool{}
	bodies, contents, ended := 0, 0, false
	for {
		start := decoder.InputOffset()
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("no XML: %w", err)
		}
		switch t := token.(type) {
		case xml.CharData:
			if len(stack) == 0 && len(bytes.TrimSpace(t)) > 0 {
				return nil, errors.New("text outside of the envelope")
			}
		case xml.StartElement:
			if ended {
				return nil, errors.New("a second root element")
			}
			o := open{start: start, tagEnd: decoder.InputOffset()}
			if len(stack) > 0 {
				o.scope = slices.Clone(stack[len(stack)-1].scope)
			}
			for _, a := range t.Attr {
				if a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns" {
					o.scope = append(o.scope, a)
				}
			}
			if o.name, err = o.resolve(t.Name); err != nil {
				return nil, err
			}
			for _, a := range t.Attr {
				if a.Name.Local == "type" && a.Name.Space != "" {
					name, err := o.resolve(a.Name)
					e.typed = e.typed || err == nil && name.Space == xsiNS
				}
			}
			names[o.name.Local] = true
			switch depth := len(stack); {
			case depth == 0 && o.name != xml.Name{Space: soapNS, Local: "Envelope"}:
				return nil, fmt.Errorf("the root is %s, not a SOAP 1.1 Envelope", o.name.Local)
			case depth == 1 && o.name == xml.Name{Space: soapNS, Local: "Body"}:
				bodies++
			case depth == 2 && stack[1].name == xml.Name{Space: soapNS, Local: "Header"}:
				if o.name.Space == typesNS || o.name.Space == messagesNS {
					o.isPiece = "types.xsd"
				}
			case depth == 2 && stack[1].name == xml.Name{Space: soapNS, Local: "Body"}:
				contents++
				switch {
				case o.name.Space == messagesNS:
					o.isPiece = "messages.xsd"
				case o.name.Space == autodiscoverNS: // it has a schema of its own
				case o.name == xml.Name{Space: soapNS, Local: "Fault"}:
					o.texts = map[string]bool{}
				default:
					return nil, fmt.Errorf("the Body holds %s", o.name.Local)
				}
			case depth == 3 && stack[2].texts != nil:
				stack[2].texts[o.name.Local] = true
			}
			stack = append(stack, o)
		case xml.EndElement:
			if len(stack) == 0 {
				return nil, errors.New("an end tag too many")
			}
			o := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if name, err := o.resolve(t.Name); err != nil || name != o.name {
				return nil, fmt.Errorf("%s ends as %s", o.name.Local, t.Name.Local)
			}
			if o.isPiece != "" {
				e.pieces = append(e.pieces, piece{o.isPiece, o.document(content[o.start:decoder.InputOffset()])})
			}
			if o.texts != nil && !(o.texts["faultcode"] && o.texts["faultstring"]) {
				return nil, errors.New("a Fault lacks faultcode or faultstring")
			}
			ended = len(stack) == 0
		}
	}
	switch {
	case !ended:
		return nil, errors.New("it is cut off")
	case bodies != 1 || contents != 1:
		return nil, errors.New("an envelope has one Body, and that has one child")
	}
	all := make([]string, 0, len(names))
	for name := range names {
		all = append(all, name)
	}
	slices.Sort(all)
	e.shape = strings.Join(all, " ")
	return e, nil
}

// resolve puts a name's namespace in the place of its prefix.
func (o *open) resolve(raw xml.Name) (xml.Name, error) {
	for _, a := range slices.Backward(o.scope) {
		if a.Name.Space == "xmlns" && a.Name.Local == raw.Space || a.Name.Space == "" && raw.Space == "" {
			return xml.Name{Space: a.Value, Local: raw.Local}, nil
		}
	}
	if raw.Space == "" {
		return raw, nil
	}
	return xml.Name{}, fmt.Errorf("the prefix %s is not declared", raw.Space)
}

// document returns an element's text with all declarations that it stands
// under.
func (o *open) document(text []byte) []byte {
	tag := text[:o.tagEnd-o.start]
	nameEnd := bytes.IndexAny(tag, " \t\r\n/>")
	var b bytes.Buffer
	b.Write(text[:nameEnd])
	declared := map[xml.Name]bool{}
	for _, a := range slices.Backward(o.scope) {
		attribute := "xmlns"
		if a.Name.Space != "" {
			attribute += ":" + a.Name.Local
		}
		if declared[a.Name] || hasAttribute(tag, attribute) {
			continue
		}
		declared[a.Name] = true
		b.WriteString(" " + attribute + `="`)
		_ = xml.EscapeText(&b, []byte(a.Value)) // a bytes.Buffer takes everything
		b.WriteByte('"')
	}
	b.Write(text[nameEnd:])
	return b.Bytes()
}

// hasAttribute tells whether a start tag has an attribute of that very name.
func hasAttribute(tag []byte, name string) bool {
	for at := 0; ; {
		i := bytes.Index(tag[at:], []byte(name))
		if i < 0 {
			return false
		}
		at += i
		before, after := tag[at-1], bytes.TrimLeft(tag[at+len(name):], " \t\r\n")
		if strings.ContainsRune(" \t\r\n", rune(before)) && len(after) > 0 && after[0] == '=' {
			return true
		}
		at += len(name)
	}
}

package soap

import (
	"encoding/xml"
	"io"
)

// unmarshaler lets a type that knows only encoding/xml read the element that
// has just begun.
func (d *Decoder) unmarshaler(u xml.Unmarshaler) error {
	b := &bridge{d: d, depth: d.t.depth(), pending: true}
	xd := xml.NewTokenDecoder(b)
	// The start tag goes through xd too, which else would miss it at the end
	// tag.
	tok, err := xd.Token()
	if err != nil {
		return err
	}
	if err := u.UnmarshalXML(xd, tok.(xml.StartElement)); err != nil {
		return err
	}
	for d.t.depth() >= b.depth {
		if _, err := d.t.next(); err != nil {
			return err
		}
	}
	return nil
}

// bridge gives one element to encoding/xml, token by token.
type bridge struct {
	d       *Decoder
	depth   int
	pending bool // the start tag is yet to be given
	names   []xml.Name
}

// Token implements xml.TokenReader.
func (b *bridge) Token() (xml.Token, error) {
	t := b.d.t
	if b.pending {
		b.pending = false
		return b.start()
	}
	if t.depth() < b.depth {
		return nil, io.EOF
	}
	k, err := t.next()
	if err != nil {
		return nil, err
	}
	switch k {
	case tokStart:
		return b.start()
	case tokEnd:
		name := b.names[len(b.names)-1]
		b.names = b.names[:len(b.names)-1]
		return xml.EndElement{Name: name}, nil
	}
	return xml.CharData(t.text), nil
}

func (b *bridge) start() (xml.Token, error) {
	t := b.d.t
	name := t.name()
	b.names = append(b.names, name)
	start := xml.StartElement{Name: name}
	for i := range t.attrs {
		a := &t.attrs[i]
		if a.isDeclaration() {
			continue
		}
		value, err := t.attrValue(a)
		if err != nil {
			return nil, err
		}
		n := xml.Name{Local: t.intern(a.local())}
		if a.colon > 0 {
			n.Space = t.lookup(a.name[:a.colon])
		}
		start.Attr = append(start.Attr, xml.Attr{Name: n, Value: string(value)})
	}
	return start, nil
}

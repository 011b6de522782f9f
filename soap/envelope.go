package soap

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"reflect"
)

const xmlDeclaration = `<?xml version="1.0" encoding="utf-8"?>`

// ReadEnvelope reads a SOAP 1.1 envelope. For each header block it asks header,
// and for the one child of the body it asks body, for a pointer to decode into;
// nil skips. Both may be nil. An error of body ends the reading and is
// returned as it is. Further children of the body are skipped and counted.
//
// Names are matched by namespace and local name, so that prefixes do not
// matter. A fault is for the caller to recognise (IsFault) and to decode into
// a *Fault. What is no envelope is a *NotSOAPError; a body without a child is
// no error here, and body is then not called.
//
// Other errors are those of Unmarshal.
func ReadEnvelope(r io.Reader, opts *DecodeOptions, header func(xml.Name) any, body func(xml.Name) (any, error)) (Stats, error) {
	d := NewDecoder(r, opts)
	defer d.t.release()
	err := d.envelope(header, body)
	return d.Stats(), err
}

func (d *Decoder) envelope(header func(xml.Name) any, body func(xml.Name) (any, error)) error {
	if _, err := d.Next(); err != nil {
		return err
	}
	if name := d.Name(); name != (xml.Name{Space: EnvelopeNS, Local: "Envelope"}) {
		return &NotSOAPError{RootName: clip(string(d.t.qname), 40)}
	}
	sawBody := false
	err := d.children(func(name xml.Name) error {
		switch {
		case name == xml.Name{Space: EnvelopeNS, Local: "Header"} && !sawBody:
			return d.children(func(name xml.Name) error { return d.block(name, header) })
		case name == xml.Name{Space: EnvelopeNS, Local: "Body"} && !sawBody:
			sawBody = true
			return d.body(body)
		}
		d.unknown++
		return d.Skip()
	})
	if err != nil {
		return err
	}
	if !sawBody {
		return &NotSOAPError{RootName: "Envelope without Body"}
	}
	// The input must end here; the rest of the errors are told by this.
	_, err = d.Next()
	return err
}

// children calls f at each child's Start; f must read to its End.
func (d *Decoder) children(f func(xml.Name) error) error {
	for {
		k, err := d.Next()
		if err != nil {
			return err
		}
		switch k {
		case End:
			return nil
		case Start:
			if err := f(d.Name()); err != nil {
				return err
			}
		}
	}
}

func (d *Decoder) block(name xml.Name, header func(xml.Name) any) error {
	var place any
	if header != nil {
		place = header(name)
	}
	if place == nil {
		d.unknown++
	}
	return d.Decode(place)
}

func (d *Decoder) body(body func(xml.Name) (any, error)) error {
	first := true
	return d.children(func(name xml.Name) error {
		if !first || body == nil {
			d.unknown++
			return d.Skip()
		}
		first = false
		place, err := body(name)
		if err != nil {
			return err
		}
		if place == nil {
			d.unknown++
		}
		return d.Decode(place)
	})
}

// WriteEnvelope writes a SOAP 1.1 envelope. The header blocks and the body are
// marshalled by encoding/xml, so their types say their own names and
// namespaces. Without header blocks there is no Header; nil ones are left out.
// A nil body leaves the Body empty.
func WriteEnvelope(w io.Writer, header []any, body any) error {
	return writeEnvelope(w, xml.NewEncoder(w), header, body)
}

// writeEnvelope writes to w, by way of the encoder for it.
func writeEnvelope(w io.Writer, e *xml.Encoder, header []any, body any) error {
	const open = xmlDeclaration + `<soap:Envelope xmlns:soap="` + EnvelopeNS + `">`
	if _, err := io.WriteString(w, open); err != nil {
		return err
	}
	begun := false
	for _, h := range header {
		if absent(h) {
			continue
		}
		if !begun {
			begun = true
			if _, err := io.WriteString(w, `<soap:Header>`); err != nil {
				return err
			}
		}
		if err := encode(e, h); err != nil {
			return err
		}
	}
	if begun {
		if _, err := io.WriteString(w, `</soap:Header>`); err != nil {
			return err
		}
	}
	if _, err := io.WriteString(w, `<soap:Body>`); err != nil {
		return err
	}
	if !absent(body) {
		if err := encode(e, body); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, `</soap:Body></soap:Envelope>`)
	return err
}

// encode writes one block, and names its type where encoding/xml refuses it.
func encode(e *xml.Encoder, v any) error {
	err := e.Encode(v)
	var unsupported *xml.UnsupportedTypeError
	if errors.As(err, &unsupported) {
		return fmt.Errorf("writing %T: %w", v, err)
	}
	return err
}

func absent(v any) bool {
	if v == nil {
		return true
	}
	rv := reflect.ValueOf(v)
	return rv.Kind() == reflect.Pointer && rv.IsNil()
}

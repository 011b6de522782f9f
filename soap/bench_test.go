package soap

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"
)

// findItemPage is an answer as Exchange writes it, of n items.
func findItemPage(n int) []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="` + EnvelopeNS + `"><s:Body xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><m:FindItemResponse xmlns:m="` + MessagesNS + `" xmlns:t="` + TypesNS + `"><m:ResponseMessages><m:FindItemResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:RootFolder TotalItemsInView="1000" IncludesLastItemInRange="true"><t:Items>`)
	id := strings.Repeat("AAMkAGI2TG93", 12)
	for i := range n {
		fmt.Fprintf(&b, `<t:Message><t:ItemId Id="%s%06d=" ChangeKey="CQAAABYAAAD4tyb0Whz8Rb4DCHAAAAA%06d"/><t:Subject>Offer number %d &amp; terms</t:Subject><t:Sensitivity>Normal</t:Sensitivity><t:DateTimeReceived>2026-11-19T08:30:00Z</t:DateTimeReceived><t:Size>%d</t:Size><t:Importance>Normal</t:Importance><t:HasAttachments>false</t:HasAttachments><t:IsDraft>false</t:IsDraft><t:From><t:Mailbox><t:Name>Anne Example</t:Name><t:EmailAddress>anne%d@example.com</t:EmailAddress><t:RoutingType>SMTP</t:RoutingType></t:Mailbox></t:From><t:InternetMessageId>&lt;%06d@example.com&gt;</t:InternetMessageId><t:IsRead>true</t:IsRead></t:Message>`, id, i, i, i, 4000+i, i, i)
	}
	b.WriteString(`</t:Items></m:RootFolder></m:FindItemResponseMessage></m:ResponseMessages></m:FindItemResponse></s:Body></s:Envelope>`)
	return b.Bytes()
}

func BenchmarkDecodeFindItem(b *testing.B) {
	doc := findItemPage(1000)
	b.Run("soap", func(b *testing.B) {
		b.SetBytes(int64(len(doc)))
		b.ReportAllocs()
		for b.Loop() {
			var v testEnvelope
			if _, err := Unmarshal(bytes.NewReader(doc), &v, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("tokens", func(b *testing.B) {
		b.SetBytes(int64(len(doc)))
		b.ReportAllocs()
		for b.Loop() {
			d := NewDecoder(bytes.NewReader(doc), nil)
			for {
				k, err := d.Next()
				if err != nil {
					b.Fatal(err)
				}
				if k == EOF {
					break
				}
			}
			d.t.release()
		}
	})
	b.Run("encoding/xml", func(b *testing.B) {
		b.SetBytes(int64(len(doc)))
		b.ReportAllocs()
		for b.Loop() {
			var v testEnvelope
			if err := xml.Unmarshal(doc, &v); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkDecodeBodies(b *testing.B) {
	html := strings.Repeat("&lt;p class=\"MsoNormal\"&gt;Some words of a longer mail, with a l&#xF6;t of tags&lt;/p&gt;&#xD;\n", 400)
	doc := []byte(`<r>` + strings.Repeat(`<Message><Body BodyType="HTML">`+html+`</Body></Message>`, 64) + `</r>`)
	type list struct {
		Message []*testMessage `xml:"Message"`
	}
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		var v list
		if _, err := Unmarshal(bytes.NewReader(doc), &v, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeAttachment(b *testing.B) {
	text := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xfb, 1, 2, 3, 0xff, 9}, 2<<20))
	doc := []byte("<r><Content>" + text + "</Content></r>")
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		var v testContent
		if _, err := Unmarshal(bytes.NewReader(doc), &v, &DecodeOptions{Binary: func() io.Writer { return io.Discard }}); err != nil {
			b.Fatal(err)
		}
	}
}

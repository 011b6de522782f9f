package soap

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// encoding/xml is the judge of what a document means.

func TestDecodesLikeEncodingXML(t *testing.T) {
	for _, name := range []string{"finditem.xml", "finditem-other-prefixes.xml", "getitem.xml"} {
		t.Run(name, func(t *testing.T) {
			doc := fixture(t, name)
			var want testEnvelope
			err := xml.Unmarshal(doc, &want)
			if name == "getitem.xml" {
				// The size of one attachment does not fit its field: too
				// much for encoding/xml, and one bad value for us.
				if err == nil {
					t.Fatal("encoding/xml accepts a number that is too large")
				}
				doc = bytes.Replace(doc, []byte("52428800"), []byte("52428"), 1)
				want = testEnvelope{}
				err = xml.Unmarshal(doc, &want)
			}
			if err != nil {
				t.Fatal(err)
			}
			readers := map[string]io.Reader{
				"whole":     bytes.NewReader(doc),
				"one byte":  iotest.OneByteReader(bytes.NewReader(doc)),
				"half":      iotest.HalfReader(bytes.NewReader(doc)),
				"data, EOF": iotest.DataErrReader(bytes.NewReader(doc)),
			}
			for how, r := range readers {
				var got testEnvelope
				stats, err := Unmarshal(r, &got, nil)
				if err != nil {
					t.Fatalf("%s: %v", how, err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-encoding/xml +ours):\n%s", how, diff)
				}
				if stats.Bytes != int64(len(doc)) || stats.Replaced != 0 || stats.BadValues != 0 {
					t.Errorf("%s: stats %+v of %d bytes", how, stats, len(doc))
				}
			}
		})
	}
}

// Texts of every length around the window's edge, with everything that may lie
// across it.
func TestWindowEdges(t *testing.T) {
	type doc struct {
		A string `xml:"a,attr"`
		B string `xml:"b"`
		C string `xml:"c"`
	}
	for _, piece := range []string{"é", "漢", "🙂", "\r\n", "\r", "&amp;", "&#x1F642;", "<![CDATA[x]]y]]>", "<!-- c -->", "<?p i?>"} {
		for pad := windowSize - 24; pad < windowSize+4; pad++ {
			text := `<r a="1>2"><b>` + strings.Repeat("x", pad-14) + piece + piece + `</b><c>` + piece + `</c></r>`
			var want, got doc
			if err := xml.Unmarshal([]byte(text), &want); err != nil {
				t.Fatal(err)
			}
			stats, err := Unmarshal(strings.NewReader(text), &got, nil)
			if err != nil {
				t.Fatalf("%q after %d bytes: %v", piece, pad, err)
			}
			if got != want || stats.Replaced != 0 {
				t.Fatalf("%q after %d bytes: differs, %+v", piece, pad, stats)
			}
		}
	}
}

// A tag across the edge, and one longer than the window.
func TestLongTags(t *testing.T) {
	type doc struct {
		B struct {
			Long string `xml:"long,attr"`
			Last string `xml:"last,attr"`
			Text string `xml:",chardata"`
		} `xml:"b"`
	}
	for _, n := range []int{10, windowSize - 30, windowSize, 5 * windowSize} {
		long := strings.Repeat("a>", n/2)
		text := `<r>` + strings.Repeat(" ", windowSize/2) + `<b long='` + long + `' last="z">t</b></r>`
		for _, r := range []io.Reader{strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text))} {
			var got doc
			if _, err := Unmarshal(r, &got, nil); err != nil {
				t.Fatal(err)
			}
			if got.B.Long != long || got.B.Last != "z" || got.B.Text != "t" {
				t.Fatalf("%d bytes: attribute of %d bytes, last %q, text %q", n, len(got.B.Long), got.B.Last, got.B.Text)
			}
		}
	}
}

func TestInnerXML(t *testing.T) {
	type nested struct {
		Raw   string   `xml:",innerxml"`
		Child *testAny `xml:"c"`
	}
	type doc struct {
		A nested  `xml:"a"`
		B testAny `xml:"b"`
	}
	text := `<r><a> <c x="1">` + strings.Repeat("<d>&amp;</d>\r\n", windowSize/4) + `</c > tail</a><b/></r>`
	var want, got doc
	if err := xml.Unmarshal([]byte(text), &want); err != nil {
		t.Fatal(err)
	}
	if _, err := Unmarshal(iotest.HalfReader(strings.NewReader(text)), &got, nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

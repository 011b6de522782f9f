package soap

import (
	"encoding/xml"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func ptr[T any](v T) *T { return &v }

type testScalars struct {
	Flag    *testFlag   `xml:"Flag"`
	Number  *testNumber `xml:"Number"`
	Large   *testLarge  `xml:"Large"`
	Ratio   *testRatio  `xml:"Ratio"`
	Whole   *testWhole  `xml:"Whole"`
	Text    *testText   `xml:"Text"`
	Numbers []*testNumber
	When    *time.Time `xml:"When"`
	AFlag   *testFlag  `xml:"AFlag,attr"`
}

func TestScalars(t *testing.T) {
	tests := []struct {
		in   string
		want testScalars
		bad  int
	}{
		{in: "<Flag>true</Flag>", want: testScalars{Flag: ptr(testFlag(true))}},
		{in: "<Flag> 1\n</Flag>", want: testScalars{Flag: ptr(testFlag(true))}},
		{in: "<Flag>false</Flag>", want: testScalars{Flag: ptr(testFlag(false))}},
		{in: "<Flag>0</Flag>", want: testScalars{Flag: ptr(testFlag(false))}},
		{in: "<Flag>yes</Flag>", bad: 1},
		{in: "<Flag/>", bad: 1},
		{in: "<Number>0</Number>", want: testScalars{Number: ptr(testNumber(0))}},
		{in: "<Number> +2147483647 </Number>", want: testScalars{Number: ptr(testNumber(2147483647))}},
		{in: "<Number>-2147483648</Number>", want: testScalars{Number: ptr(testNumber(-2147483648))}},
		{in: "<Number>2147483648</Number>", bad: 1},
		{in: "<Number>1.5</Number>", bad: 1},
		{in: "<Number>-</Number>", bad: 1},
		{in: "<Number/>", bad: 1},
		{in: "<Large>-9223372036854775808</Large>", want: testScalars{Large: ptr(testLarge(-9223372036854775808))}},
		{in: "<Large>9223372036854775807</Large>", want: testScalars{Large: ptr(testLarge(9223372036854775807))}},
		{in: "<Large>9223372036854775808</Large>", bad: 1},
		{in: "<Large>-9223372036854775809</Large>", bad: 1},
		{in: "<Large>99999999999999999999999</Large>", bad: 1},
		{in: "<Whole>65535</Whole>", want: testScalars{Whole: ptr(testWhole(65535))}},
		{in: "<Whole>65536</Whole>", bad: 1},
		{in: "<Whole>-1</Whole>", bad: 1},
		{in: "<Ratio>1.25E2</Ratio>", want: testScalars{Ratio: ptr(testRatio(125))}},
		{in: "<Ratio>many</Ratio>", bad: 1},
		{in: "<Text> as it is </Text>", want: testScalars{Text: ptr(testText(" as it is "))}},
		{in: "<Text/>", want: testScalars{Text: ptr(testText(""))}},
		{in: "<Numbers>1</Numbers><Numbers>x</Numbers><Numbers>3</Numbers>", want: testScalars{Numbers: []*testNumber{ptr(testNumber(1)), ptr(testNumber(3))}}, bad: 1},
		{in: "<When>2026-11-20T09:00:00Z</When>", want: testScalars{When: ptr(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC))}},
		{in: "<When>tomorrow</When>", bad: 1},
		{in: "<Flag>1</Flag><Flag>x</Flag>", want: testScalars{Flag: ptr(testFlag(true))}, bad: 1},
	}
	for _, tt := range tests {
		var got testScalars
		stats, err := Unmarshal(strings.NewReader("<r>"+tt.in+"</r>"), &got, nil)
		if err != nil {
			t.Errorf("%s: %v", tt.in, err)
			continue
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", tt.in, diff)
		}
		if stats.BadValues != tt.bad {
			t.Errorf("%s: %d bad values, want %d", tt.in, stats.BadValues, tt.bad)
		}
	}
	var got testScalars
	stats, err := Unmarshal(strings.NewReader(`<r AFlag="perhaps"><Text>on</Text></r>`), &got, nil)
	if err != nil || got.AFlag != nil || stats.BadValues != 1 || *got.Text != "on" {
		t.Errorf("bad attribute: %+v, %+v, %v", got, stats, err)
	}
}

func TestNamespaceChoosesBetweenFields(t *testing.T) {
	type doc struct {
		A *testText `xml:"urn:a Value"`
		B *testText `xml:"urn:b Value"`
		C *testText `xml:"Value"`
	}
	in := `<r xmlns:b="urn:b"><b:Value>b</b:Value><Value xmlns="urn:a">a</Value><Value>c</Value></r>`
	var got doc
	if _, err := Unmarshal(strings.NewReader(in), &got, nil); err != nil {
		t.Fatal(err)
	}
	want := doc{ptr(testText("a")), ptr(testText("b")), ptr(testText("c"))}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// A namespace that no field has: the field without one takes it.
	got = doc{}
	if _, err := Unmarshal(strings.NewReader(`<r><Value xmlns="urn:other">o</Value></r>`), &got, nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(doc{C: ptr(testText("o"))}, got); diff != "" {
		t.Error(diff)
	}
}

// A field is found by its type's name too.
func TestTypesOwnName(t *testing.T) {
	type doc struct {
		Body *testBody
		Id   []*testItemID
	}
	var got doc
	in := `<r><ItemId Id="1"/><Body BodyType="Text">x</Body></r>`
	if _, err := Unmarshal(strings.NewReader(in), &got, nil); err != nil {
		t.Fatal(err)
	}
	if len(got.Id) != 1 || *got.Id[0].Id != "1" || got.Body == nil || *got.Body.Value != "x" {
		t.Errorf("got %+v", got)
	}
}

func TestUnknownIsSkippedAndCounted(t *testing.T) {
	var got testMessage
	in := `<Message><Novelty><Deep><Subject>no</Subject></Deep></Novelty><Subject>yes</Subject><Other/></Message>`
	stats, err := Unmarshal(strings.NewReader(in), &got, nil)
	if err != nil {
		t.Fatal(err)
	}
	if *got.Subject != "yes" || stats.Unknown != 2 {
		t.Errorf("subject %q, %d unknown", *got.Subject, stats.Unknown)
	}
}

func TestMixedKeepsOrderAndSkips(t *testing.T) {
	var got testItems
	in := `<Items><Message><Subject>1</Subject></Message><Strange/><MeetingRequest><Subject>2</Subject></MeetingRequest><Message><Subject>3</Subject></Message></Items>`
	stats, err := Unmarshal(strings.NewReader(in), &got, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := testItems{[]any{
		&testMessage{Subject: ptr(testText("1"))},
		&testMeetingRequest{Subject: ptr(testText("2"))},
		&testMessage{Subject: ptr(testText("3"))},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if stats.Unknown != 1 {
		t.Errorf("%d unknown", stats.Unknown)
	}
}

// foreign knows encoding/xml only.
type foreign struct {
	Attr  string
	Kids  []string
	Space string
}

func (f *foreign) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	f.Space = start.Name.Space
	for _, a := range start.Attr {
		f.Attr += a.Name.Local + "=" + a.Value
	}
	for {
		tok, err := d.Token()
		if err != nil {
			return err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			var s string
			if err := d.DecodeElement(&s, &tok); err != nil {
				return err
			}
			f.Kids = append(f.Kids, tok.Name.Local+":"+s)
			if s == "enough" {
				return nil
			}
		case xml.EndElement:
			return nil
		}
	}
}

func TestXMLUnmarshaler(t *testing.T) {
	type doc struct {
		A     foreign   `xml:"a"`
		B     *foreign  `xml:"b"`
		C     []foreign `xml:"c"`
		After string    `xml:"after"`
	}
	in := `<r xmlns="urn:x" xmlns:p="urn:p"><a id="1&amp;" p:k="2"><x>one</x><y>two</y></a><b><x>enough</x><z><w/></z></b><c/><c><q>3</q></c><after>here</after></r>`
	var got, want doc
	if _, err := Unmarshal(strings.NewReader(in), &got, nil); err != nil {
		t.Fatal(err)
	}
	want = doc{
		A:     foreign{Attr: "id=1&k=2", Kids: []string{"x:one", "y:two"}, Space: "urn:x"},
		B:     &foreign{Kids: []string{"x:enough"}, Space: "urn:x"},
		C:     []foreign{{Space: "urn:x"}, {Kids: []string{"q:3"}, Space: "urn:x"}},
		After: "here",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestUnexpectedRoot(t *testing.T) {
	var got testFindItemResponse
	_, err := Unmarshal(strings.NewReader("<GetItemResponse/>"), &got, nil)
	var syntax *SyntaxError
	if !errors.As(err, &syntax) || syntax.Problem != Unexpected || syntax.Name != "GetItemResponse" {
		t.Errorf("got %v", err)
	}
}

func TestUnsupportedTypes(t *testing.T) {
	for _, v := range []any{
		&struct {
			A string `xml:"a>b"`
		}{},
		&struct {
			A string `xml:",comment"`
		}{},
		&struct{ A map[string]string }{},
		&struct{ A chan int }{},
		&struct {
			A testItemID `xml:",attr"`
		}{},
		&struct {
			A int `xml:",innerxml"`
		}{},
		&struct{ *testItemID }{},
		struct{}{},
		(*testMessage)(nil),
	} {
		_, err := Unmarshal(strings.NewReader("<r/>"), v, nil)
		var typ *UnsupportedTypeError
		if !errors.As(err, &typ) {
			t.Errorf("%T: %v, want an *UnsupportedTypeError", v, err)
		}
	}
}

type testRecursive struct {
	Name string           `xml:"Name,attr"`
	Kids []*testRecursive `xml:"Kid"`
}

func TestRecursiveType(t *testing.T) {
	// Met for the first time as a pointer.
	var list struct {
		Kid []*testRecursive `xml:"Kid"`
	}
	if _, err := Unmarshal(strings.NewReader(`<r><Kid Name="a"/></r>`), &list, nil); err != nil || list.Kid[0].Name != "a" {
		t.Fatalf("%+v, %v", list, err)
	}
	var got testRecursive
	if _, err := Unmarshal(strings.NewReader(`<r Name="a"><Kid Name="b"><Kid Name="c"/></Kid><Kid Name="d"/></r>`), &got, nil); err != nil {
		t.Fatal(err)
	}
	want := testRecursive{"a", []*testRecursive{{"b", []*testRecursive{{Name: "c"}}}, {Name: "d"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEmbeddedStruct(t *testing.T) {
	type base struct {
		Id   string `xml:"Id,attr"`
		Name string `xml:"Name"`
	}
	type doc struct {
		base
		More string `xml:"More"`
	}
	in := `<r Id="1"><Name>n</Name><More>m</More></r>`
	var got, want doc
	if err := xml.Unmarshal([]byte(in), &want); err != nil {
		t.Fatal(err)
	}
	if _, err := Unmarshal(strings.NewReader(in), &got, nil); err != nil {
		t.Fatal(err)
	}
	if got != want || got.Name != "n" {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// The low-level way: one child at a time.
func TestDecoderTokens(t *testing.T) {
	d := NewDecoder(strings.NewReader(`<r k="v&amp;"><a>1</a>text<b><c/></b><a>2</a><a>x</a></r>`), nil)
	var got []string
	for {
		k, err := d.Next()
		if err != nil {
			t.Fatal(err)
		}
		if k == EOF {
			break
		}
		switch k {
		case Start:
			switch d.Name().Local {
			case "r":
				v, ok := d.Attr("k")
				_, none := d.Attr("x")
				if v != "v&" || !ok || none || d.Depth() != 1 {
					t.Errorf("attributes %q %v %v, depth %d", v, ok, none, d.Depth())
				}
			case "a":
				var n int
				if err := d.Decode(&n); err != nil {
					t.Fatal(err)
				}
				got = append(got, "a="+string(rune('0'+n)))
			default:
				if err := d.Skip(); err != nil {
					t.Fatal(err)
				}
				got = append(got, "skipped")
			}
		case Text:
			got = append(got, string(d.Text()))
		}
	}
	if diff := cmp.Diff([]string{"a=1", "text", "skipped", "a=2", "a=0"}, got); diff != "" {
		t.Error(diff)
	}
	if stats := d.Stats(); stats.BadValues != 1 || d.Offset() != stats.Bytes {
		t.Errorf("at %d, %+v", d.Offset(), stats)
	}
}

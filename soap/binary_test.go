package soap

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

type testContent struct {
	Before  string  `xml:"Before"`
	Content *Binary `xml:"Content"`
	After   string  `xml:"After"`
}

func TestBinaryRead(t *testing.T) {
	tests := []struct {
		in, want string
		bad      bool
	}{
		{in: "", want: ""},
		{in: "SGVsbG8=", want: "Hello"},
		{in: "SGVsbG8", want: "Hello"},
		{in: "SGVsbG8h", want: "Hello!"},
		{in: " SGVs\r\nbG\t8 = \n", want: "Hello"},
		{in: "\nSA==\n", want: "H"},
		{in: "SA", want: "H"},
		{in: "SGVs<!-- c -->bG8=", want: "Hello"},
		{in: "<![CDATA[SGVsbG8=]]>", want: "Hello"},
		{in: "SGVs<x>no</x>bG8=", want: "Hello"},
		{in: "S", bad: true},
		{in: "SGVsb", bad: true},
		{in: "SGVs!G8=", bad: true},
		{in: "SGVsbG8=SGVs", bad: true},
		{in: "SGVsbG8= SGVs", bad: true},
		{in: "SGVsbG8==", bad: true},
		{in: "SG=s", bad: true},
		{in: "SGVs-_8=", bad: true},
		{in: "=", bad: true},
		{in: "SGVs&#x0;", bad: true},
	}
	for _, tt := range tests {
		doc := "<r><Before>b</Before><Content>" + tt.in + "</Content><After>a</After></r>"
		var viaXML testContent
		oracle := xml.Unmarshal([]byte(doc), &viaXML)
		for how, r := range map[string]io.Reader{"whole": strings.NewReader(doc), "one byte": iotest.OneByteReader(strings.NewReader(doc))} {
			var got testContent
			_, err := Unmarshal(r, &got, nil)
			if tt.bad {
				var syntax *SyntaxError
				if !errors.As(err, &syntax) || syntax.Problem != BadBase64 {
					t.Errorf("%q, %s: got %v", tt.in, how, err)
				}
				if oracle == nil {
					t.Errorf("%q: UnmarshalXML accepts it", tt.in)
				}
				continue
			}
			if err != nil || oracle != nil {
				t.Errorf("%q, %s: %v, by encoding/xml %v", tt.in, how, err, oracle)
				continue
			}
			if string(got.Content.Data) != tt.want || got.Content.Read != int64(len(tt.want)) || got.After != "a" {
				t.Errorf("%q, %s: got %q (%d bytes)", tt.in, how, got.Content.Data, got.Content.Read)
			}
			if !bytes.Equal(viaXML.Content.Data, got.Content.Data) {
				t.Errorf("%q: encoding/xml reads %q", tt.in, viaXML.Content.Data)
			}
		}
	}
}

func TestBinaryReadIntoWriters(t *testing.T) {
	doc := "<r><Content>SGVsbG8=</Content></r>"
	var preset, asked bytes.Buffer
	got := testContent{Content: &Binary{To: &preset}}
	opts := &DecodeOptions{Binary: func() io.Writer { return &asked }}
	if _, err := Unmarshal(strings.NewReader(doc), &got, opts); err != nil {
		t.Fatal(err)
	}
	if preset.String() != "Hello" || asked.Len() != 0 || got.Content.Data != nil || got.Content.Read != 5 {
		t.Errorf("a preset writer: %q, %q, %+v", preset.String(), asked.String(), got.Content)
	}
	got = testContent{}
	if _, err := Unmarshal(strings.NewReader(doc), &got, opts); err != nil {
		t.Fatal(err)
	}
	if asked.String() != "Hello" || got.Content.Data != nil || got.Content.Read != 5 {
		t.Errorf("the option: %q, %+v", asked.String(), got.Content)
	}
	got = testContent{}
	if _, err := Unmarshal(strings.NewReader(doc), &got, &DecodeOptions{Binary: func() io.Writer { return nil }}); err != nil {
		t.Fatal(err)
	}
	if string(got.Content.Data) != "Hello" {
		t.Errorf("the option without a writer: %+v", got.Content)
	}
}

func TestBinaryWriterFails(t *testing.T) {
	full := errors.New("disk full")
	var got testContent
	_, err := Unmarshal(strings.NewReader("<r><Content>SGVsbG8=</Content></r>"), &got,
		&DecodeOptions{Binary: func() io.Writer { return failing{full} }})
	var sink *SinkError
	if !errors.As(err, &sink) || !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// testEmbedding is a generated element type replaced by a hand-written one.
type testEmbedding struct {
	Binary
	CharacterSet *testText `xml:"CharacterSet,attr,omitempty"`
}

func TestBinaryEmbedded(t *testing.T) {
	type doc struct {
		MimeContent *testEmbedding `xml:"MimeContent"`
	}
	var got doc
	if _, err := Unmarshal(strings.NewReader(`<r><MimeContent CharacterSet="UTF-8">SGVsbG8=</MimeContent></r>`), &got, nil); err != nil {
		t.Fatal(err)
	}
	if string(got.MimeContent.Data) != "Hello" || *got.MimeContent.CharacterSet != "UTF-8" {
		t.Errorf("got %v", got.MimeContent)
	}
}

func TestBinaryWrite(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, chunk - 1, chunk, chunk + 1, 3*chunk + 2} {
		content := bytes.Repeat([]byte{0xfb, 1, 2, 3, 0xff}, n/5+1)[:n]
		for how, b := range map[string]*Binary{
			"data": {Data: content},
			"open": {Open: opener(content)},
			"one byte": {Open: func() (io.ReadCloser, error) {
				return io.NopCloser(iotest.OneByteReader(bytes.NewReader(content))), nil
			}},
			"with size":  {Open: opener(content), Size: int64(n)},
			"data, size": {Data: content, Size: 7},
		} {
			want := "<r><Before>x</Before><Content>" + base64.StdEncoding.EncodeToString(content) + "</Content><After></After></r>"
			v := struct {
				XMLName xml.Name `xml:"r"`
				testContent
			}{testContent: testContent{Before: "x", Content: b}}
			got, err := xml.Marshal(v)
			if err != nil {
				t.Fatalf("%s of %d bytes: %v", how, n, err)
			}
			if string(got) != want {
				t.Errorf("%s of %d bytes differs by encoding/xml", how, n)
			}
			body, err := newRequestBody(nil, v)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // it can be sent again
				sent, err := io.ReadAll(body.open(1 << 30))
				if err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(string(sent), want) {
					t.Errorf("%s of %d bytes differs as a request", how, n)
				}
				if body.size >= 0 && body.size != int64(len(sent)) {
					t.Errorf("%s of %d bytes: size %d announced, %d sent", how, n, body.size, len(sent))
				}
			}
			if known := b.Open == nil || b.Size > 0; known != (body.size >= 0) {
				t.Errorf("%s of %d bytes: size %d", how, n, body.size)
			}
		}
	}
}

func opener(content []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
}

func TestBinaryWrongSize(t *testing.T) {
	for _, size := range []int64{1, 4, 6, 100} {
		body, err := newRequestBody(nil, &testContent{Content: &Binary{Open: opener([]byte("Hello")), Size: size}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(body.open(1 << 20)); err == nil || !strings.Contains(err.Error(), "announced") {
			t.Errorf("size %d: %v", size, err)
		}
	}
}

func TestBinaryShowsNoContent(t *testing.T) {
	b := Binary{Data: []byte("swordfish")}
	for _, s := range []string{fmt.Sprint(b), fmt.Sprintf("%v %+v %#v %s", b, &b, b, b), fmt.Sprintf("%v", testEmbedding{Binary: b})} {
		if strings.Contains(s, "swordfish") || strings.Contains(s, "115 119") {
			t.Errorf("shows %s", s)
		}
	}
}

// What goes through does not stay: 48 MB of attachment with a small heap, both
// ways.
func TestBinaryMemory(t *testing.T) {
	const size = 48 << 20
	peak := func(f func()) int64 {
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		return int64(after.TotalAlloc - before.TotalAlloc)
	}
	source := func() (io.ReadCloser, error) {
		return io.NopCloser(io.LimitReader(endless('A'), size)), nil
	}
	body, err := newRequestBody(nil, &testContent{Content: &Binary{Open: source, Size: size}})
	if err != nil {
		t.Fatal(err)
	}
	sent := peak(func() {
		if n, err := io.Copy(io.Discard, struct{ io.Reader }{body.open(1 << 30)}); err != nil || n != body.size {
			t.Errorf("sent %d of %d bytes, %v", n, body.size, err)
		}
	})
	var count counter
	read := peak(func() {
		doc := io.MultiReader(strings.NewReader("<r><Content>"), io.LimitReader(endless('A'), size), strings.NewReader("</Content></r>"))
		var got testContent
		if _, err := Unmarshal(doc, &got, &DecodeOptions{Binary: func() io.Writer { return &count }}); err != nil {
			t.Error(err)
		}
	})
	if count != size/4*3 {
		t.Errorf("read %d bytes", count)
	}
	// All that was ever allocated, which is more than what lived at once.
	if sent > 1<<20 || read > 1<<20 {
		t.Errorf("allocated %d bytes in sending, %d in reading", sent, read)
	}
}

type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// A Binary within a list within a list keeps its place.
func TestBinaryPlaces(t *testing.T) {
	type list struct {
		XMLName xml.Name       `xml:"urn:x List"`
		Entry   []*testContent `xml:"Entry"`
	}
	v := &list{Entry: []*testContent{
		{Before: "1", Content: &Binary{Data: []byte("one")}},
		{Before: "2"},
		{Before: "3", Content: &Binary{Open: opener([]byte("three"))}},
	}}
	body, err := newRequestBody([]any{nil, (*list)(nil), &list{}}, v)
	if err != nil {
		t.Fatal(err)
	}
	sent, err := io.ReadAll(body.open(1 << 20))
	if err != nil {
		t.Fatal(err)
	}
	var direct bytes.Buffer
	if err := WriteEnvelope(&direct, []any{&list{}}, v); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(direct.String(), string(sent)); diff != "" {
		t.Error(diff)
	}
	var got list
	if _, err := ReadEnvelope(bytes.NewReader(sent), nil, nil, func(xml.Name) (any, error) { return &got, nil }); err != nil {
		t.Fatal(err)
	}
	if string(got.Entry[0].Content.Data) != "one" || got.Entry[1].Content != nil || string(got.Entry[2].Content.Data) != "three" {
		t.Errorf("got %v", got.Entry)
	}
}

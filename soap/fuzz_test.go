package soap

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func addFixtures(f *testing.F) {
	f.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "*.xml"))
	if err != nil || len(files) == 0 {
		f.Fatal("no fixtures", err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
}

// fuzzDoc has every kind of field.
type fuzzDoc struct {
	XMLName xml.Name
	Id      *testID          `xml:"Id,attr"`
	N       *testNumber      `xml:"N,attr"`
	Text    string           `xml:",chardata"`
	Flag    *testFlag        `xml:"Flag"`
	Numbers []*testNumber    `xml:"Number"`
	Ratio   *testRatio       `xml:"Ratio"`
	Texts   []testText       `xml:"Text"`
	Sub     *fuzzDoc         `xml:"Sub"`
	Subs    []*testRecursive `xml:"Kid"`
	Raw     *testAny         `xml:"Raw"`
	Items   *testItems       `xml:"Items"`
	Content *Binary          `xml:"Content"`
}

// FuzzDecode: whatever comes, the decoder ends, within its bounds and without
// a panic; it reads the same in whatever pieces the input comes; and where
// encoding/xml accepts the document and no character had to be replaced, both
// read the same.
func FuzzDecode(f *testing.F) {
	addFixtures(f)
	for _, s := range []string{
		`<r Id="1" N="2">a<Flag>1</Flag>b<Number>3</Number><Number>4</Number>c<Ratio>1e3</Ratio></r>`,
		`<r xmlns:t="urn:t"><t:Text>x</t:Text><t:Text><![CDATA[<]]></t:Text><Sub Id="s"><Sub/></Sub></r>`,
		`<r><Kid Name="a"><Kid Name="b"/></Kid><Raw><x y="z"/>&amp;</Raw><Items><Message><Subject>s</Subject></Message></Items></r>`,
		"<r><Content>SGVs\r\nbG8=</Content></r>",
		"\xef\xbb\xbf<?xml version='1.0'?>\r\n<r>&#x0;&#xB;\x19\xff&#xD800;\r\n</r><!-- -->",
		`<!DOCTYPE r><r/>`, `<r a='>'/>`, `<r`, `<a:b:c/>`, `<r xmlns:a=""><a:x/></r>`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		if len(doc) > 1<<20 {
			return
		}
		var got fuzzDoc
		var stats Stats
		var err error
		if used := allocated(len(doc)%16 == 0, func() {
			stats, err = Unmarshal(bytes.NewReader(doc), &got, nil)
		}); used > uint64(1<<20+1000*len(doc)) {
			t.Errorf("%d bytes allocated for a document of %d", used, len(doc))
		}
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("an error of type %T: %v", err, err)
			}
			if syntax.Offset < 0 || len(syntax.Error()) > 300 {
				t.Errorf("error %q", syntax)
			}
			if (syntax.Problem == Truncated) != errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%v wraps %v", syntax, syntax.Err)
			}
		}
		var pieces fuzzDoc
		again, errPieces := Unmarshal(iotest.OneByteReader(bytes.NewReader(doc)), &pieces, nil)
		if (err == nil) != (errPieces == nil) {
			t.Fatalf("whole: %v; in pieces: %v", err, errPieces)
		}
		if err != nil {
			return
		}
		if again != stats {
			t.Errorf("whole: %+v; in pieces: %+v", stats, again)
		}
		if diff := cmp.Diff(got, pieces); diff != "" {
			t.Errorf("in pieces (-whole +pieces):\n%s", diff)
		}
		var want fuzzDoc
		if stats.Replaced > 0 || stats.BadValues > 0 || xml.Unmarshal(doc, &want) != nil {
			return
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-encoding/xml +ours)\n%s", diff)
		}
	})
}

// allocated returns how many bytes f allocates, if it is to measure, which is
// slow.
func allocated(measure bool, f func()) uint64 {
	if !measure {
		f()
		return 0
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// FuzzEnvelope: whatever a server sends, reading it ends in a typed error or
// an answer.
func FuzzEnvelope(f *testing.F) {
	addFixtures(f)
	f.Add([]byte(`<html><body>Server Error in '/EWS' Application.</body></html>`))
	f.Add([]byte(envelope("<m:FindItemResponse xmlns:m='" + MessagesNS + "'/>")))
	f.Fuzz(func(t *testing.T, doc []byte) {
		var resp testFindItemResponse
		var fault Fault
		isFault := false
		_, err := ReadEnvelope(bytes.NewReader(doc), &DecodeOptions{MaxBytes: 1 << 20, MaxDepth: 50},
			func(xml.Name) any { return &testVersionInfo{} },
			func(name xml.Name) (any, error) {
				if isFault = IsFault(name); isFault {
					return &fault, nil
				}
				return &resp, nil
			})
		if err != nil {
			var (
				syntax *SyntaxError
				not    *NotSOAPError
				large  *TooLargeError
			)
			if !errors.As(err, &syntax) && !errors.As(err, &not) && !errors.As(err, &large) {
				t.Errorf("an error of type %T: %v", err, err)
			}
			return
		}
		if !isFault {
			return
		}
		// A fault survives being passed on.
		var b bytes.Buffer
		if err := WriteFault(&b, &fault); err != nil {
			t.Fatal(err)
		}
		if again := readFault(t, b.Bytes()); fault.Code() != "" && again.FaultString != fault.FaultString {
			t.Errorf("passed on %+v as %+v", fault, again)
		}
	})
}

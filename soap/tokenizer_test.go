package soap

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// text decodes <r>…</r> with a single string inside.
type textDoc struct {
	A string `xml:"a,attr"`
	T string `xml:",chardata"`
}

func TestCharacters(t *testing.T) {
	tests := []struct {
		name, in, want string
		replaced       int
	}{
		{"plain", "abc", "abc", 0},
		{"five entities", "&lt;&gt;&amp;&quot;&apos;", `<>&"'`, 0},
		{"numeric", "&#65;&#x42;&#x1F642;&#0000000067;", "AB🙂C", 0},
		{"numeric white space", "&#x9;&#xA;&#xD;&#32;", "\t\n\r ", 0},
		{"NUL by number", "a&#x0;b", "a\uFFFDb", 1},
		{"vertical tab by number", "a&#xB;b", "a\uFFFDb", 1},
		{"control by number", "a&#x19;b&#25;", "a\uFFFDb\uFFFD", 2},
		{"surrogates by number", "&#xD83D;&#xDE00;", "\uFFFD\uFFFD", 2},
		{"not characters", "&#xFFFE;&#xFFFF;\uFFFE\uFFFF", "\uFFFD\uFFFD\uFFFD\uFFFD", 4},
		{"beyond Unicode", "&#x110000;&#99999999999999999999;", "\uFFFD\uFFFD", 2},
		{"raw controls", "a\x00b\x0bc\x19d\x1fe\x7f", "a\uFFFDb\uFFFDc\uFFFDd\uFFFDe\x7f", 4},
		{"raw controls in a row of more than eight", "12345678\x0112345678\x02", "12345678\uFFFD12345678\uFFFD", 2},
		{"bad UTF-8", "a\xffb\xc3(", "a\uFFFDb\uFFFD(", 2},
		{"overlong", "\xc0\xaf", "\uFFFD\uFFFD", 2},
		{"surrogate as UTF-8", "\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD", 3},
		{"a replacement character is one", "\uFFFD", "\uFFFD", 0},
		{"bad and good", "ä\xffö\x01ü&amp;ß", "ä\uFFFDö\uFFFDü&ß", 2},
		{"cut rune before a tag", "ab\xe6\xbc", "ab\uFFFD\uFFFD", 2},
		{"line ends", "1\r\n2\r3\n4\r\r\n5", "1\n2\n3\n4\n\n5", 0},
		{"CDATA", "a<![CDATA[<&amp;>\r\n]]]>b", "a<&amp;>\n]b", 0},
		{"CDATA with a control", "<![CDATA[a\x00b]]>", "a\uFFFDb", 1},
		{"CDATA empty", "a<![CDATA[]]>b", "ab", 0},
		{"comment", "a<!-- <x> & -- -->b", "ab", 0},
		{"instruction", "a<?x <y> ?>b", "ab", 0},
		{"unescaped end of CDATA", "a]]>b", "a]]>b", 0},
		{"child text is not ours", "a<x>no</x>b", "ab", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc := "<r>" + tt.in + "</r>"
			for _, r := range []io.Reader{strings.NewReader(doc), iotest.OneByteReader(strings.NewReader(doc))} {
				var got textDoc
				stats, err := Unmarshal(r, &got, nil)
				if err != nil {
					t.Fatal(err)
				}
				if got.T != tt.want || stats.Replaced != tt.replaced {
					t.Errorf("got %q with %d replaced, want %q with %d", got.T, stats.Replaced, tt.want, tt.replaced)
				}
			}
			if strings.ContainsAny(tt.in, "<\"") {
				return
			}
			var got textDoc
			stats, err := Unmarshal(strings.NewReader(`<r a="`+tt.in+`"/>`), &got, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got.A != tt.want || stats.Replaced != tt.replaced {
				t.Errorf("attribute %q with %d replaced, want %q with %d", got.A, stats.Replaced, tt.want, tt.replaced)
			}
		})
	}
}

func TestAttributes(t *testing.T) {
	tests := []struct{ in, want string }{
		{`<r a="AAMk+/=="/>`, "AAMk+/=="},
		{`<r a='x"y'/>`, `x"y`},
		{`<r a="x'y"/>`, `x'y`},
		{`<r a="a>b/>c"/>`, "a>b/>c"},
		{`<r a = "1" />`, "1"},
		{"<r\n\ta\r\n=\t'1'\n/>", "1"},
		{`<r a="1"b="2"/>`, "1"},
		{`<r a="1" a="2"/>`, "2"},
		{`<r xmlns:a="http://example.com" a="1"/>`, "1"},
		{`<r x:a="1" xmlns:x="u"/>`, "1"},
		{`<r xmlns="a"/>`, ""},
		{`<r a=""/>`, ""},
		{`<r a="<"/>`, "<"},
	}
	for _, tt := range tests {
		var got textDoc
		if _, err := Unmarshal(strings.NewReader(tt.in), &got, nil); err != nil {
			t.Errorf("%s: %v", tt.in, err)
		} else if got.A != tt.want {
			t.Errorf("%s: got %q, want %q", tt.in, got.A, tt.want)
		}
	}
}

func TestDocumentFrame(t *testing.T) {
	for _, in := range []string{
		"\xef\xbb\xbf<r>x</r>",
		`<?xml version="1.0"?><r>x</r>`,
		`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\r\n<r>x</r>\r\n",
		"\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?><r>x</r>",
		`<?xml version="1.0" encoding="us-ascii"?><r>x</r>`,
		" \n<!-- before --><?p?><r>x</r><!-- after --> <?p?>\n",
		"<r>x</r >",
		"<r>x</r\n>",
	} {
		var got textDoc
		if _, err := Unmarshal(strings.NewReader(in), &got, nil); err != nil {
			t.Errorf("%q: %v", in, err)
		} else if got.T != "x" {
			t.Errorf("%q: got %q", in, got.T)
		}
	}
}

func TestRefused(t *testing.T) {
	many := "<r"
	for range maxNamespaces + 1 {
		many += ` xmlns:a="u"`
	}
	tests := []struct {
		name, in string
		want     Problem
	}{
		{"empty", "", Truncated},
		{"only white space", " \n", Truncated},
		{"cut in a name", "<r><ab", Truncated},
		{"cut in an attribute", `<r a="x`, Truncated},
		{"cut in a text", "<r>some text", Truncated},
		{"cut in an entity", "<r>a&am", Truncated},
		{"cut in an end tag", "<r>a</r", Truncated},
		{"cut before the end tag", "<r><b>x</b>", Truncated},
		{"cut in a comment", "<r><!-- x", Truncated},
		{"cut in CDATA", "<r><![CDATA[x]", Truncated},
		{"cut in a declaration", "<r><![CD", Truncated},
		{"cut in an instruction", "<r><?x", Truncated},
		{"cut after <", "<r><", Truncated},
		{"cut in the XML declaration", `<?xml version="1.0"`, Truncated},
		{"wrong end tag", "<r><a></b></r>", Mismatched},
		{"same local name, other prefix", `<x:r xmlns:x="u" xmlns:y="u"></y:r>`, Mismatched},
		{"end without start", "</r>", Mismatched},
		{"doctype", `<!DOCTYPE r [<!ENTITY x "y">]><r/>`, Doctype},
		{"doctype in lower case", "<!doctype html><html></html>", Doctype},
		{"doctype within", "<r><!DOCTYPE r></r>", Doctype},
		{"other declaration", "<r><!ELEMENT r></r>", Malformed},
		{"UTF-16 with a mark", "\xff\xfe<\x00r\x00", BadEncoding},
		{"UTF-16 the other way", "\xfe\xff\x00<\x00r", BadEncoding},
		{"UTF-16 without a mark", "<\x00r\x00/\x00>\x00", BadEncoding},
		{"UTF-32", "\x00\x00\xfe\xff", BadEncoding},
		{"declared Latin 1", `<?xml version="1.0" encoding="ISO-8859-1"?><r/>`, BadEncoding},
		{"unknown entity", "<r>&nbsp;</r>", BadEntity},
		{"bare ampersand", "<r>A & B</r>", BadEntity},
		{"ampersand without end", "<r>&" + strings.Repeat("a", 100) + ";</r>", BadEntity},
		{"empty number", "<r>&#;</r>", BadEntity},
		{"bad digit", "<r>&#12a;</r>", BadEntity},
		{"bad entity in an attribute", `<r a="&x;"/>`, BadEntity},
		{"two roots", "<r/><r/>", Trailing},
		{"text after", "<r/>x", Trailing},
		{"CDATA after", "<r/><![CDATA[x]]>", Trailing},
		{"text before", "x<r/>", Malformed},
		{"no name", "<r>< a/></r>", Malformed},
		{"name begins with a digit", "<r><1a/></r>", Malformed},
		{"two colons", "<a:b:c/>", Malformed},
		{"bad UTF-8 in a name", "<r\xff/>", Malformed},
		{"attribute without value", "<r a/>", Malformed},
		{"attribute without quotes", "<r a=1/>", Malformed},
		{"slash in a tag", "<r / a='1'></r>", Malformed},
		{"end tag with an attribute", "<r></r a='1'>", Mismatched},
		{"too deep", strings.Repeat("<a>", DefaultMaxDepth+1), TooDeep},
		{"too many namespaces", many + "/>", TooManyNamespaces},
		{"tag too long", "<r a='" + strings.Repeat("x", maxTag) + "'/>", TagTooLong},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(tt.in), iotest.OneByteReader(strings.NewReader(tt.in))} {
				var got textDoc
				_, err := Unmarshal(r, &got, nil)
				var syntax *SyntaxError
				if !errors.As(err, &syntax) {
					t.Fatalf("error %v, want a *SyntaxError", err)
				}
				if syntax.Problem != tt.want {
					t.Errorf("problem %q, want %q", syntax.Problem, tt.want)
				}
				if (tt.want == Truncated) != errors.Is(err, io.ErrUnexpectedEOF) {
					t.Errorf("%v: errors.Is(io.ErrUnexpectedEOF) is wrong", err)
				}
				if syntax.Offset < 0 || syntax.Offset > int64(len(tt.in)) {
					t.Errorf("offset %d of %d", syntax.Offset, len(tt.in))
				}
				if len(err.Error()) > 150 {
					t.Errorf("error text of %d bytes", len(err.Error()))
				}
			}
		})
	}
}

// An error may name an element, never tell a text.
func TestErrorsHoldNoContent(t *testing.T) {
	const secret = "swordfish"
	for _, in := range []string{
		"<r>" + secret,
		"<r>" + secret + "</x>",
		"<r>& " + secret + ";</r>",
		"<r>&" + secret[:3] + " " + secret + ";</r>",
		"<r>" + secret + " & co</r>",
		`<r a="` + secret + ` &x;"/>`,
		"<r>ok</r>" + secret,
		secret,
	} {
		var got textDoc
		_, err := Unmarshal(strings.NewReader(in), &got, nil)
		if err == nil {
			t.Fatalf("%s: accepted", in)
		}
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func TestMaxBytes(t *testing.T) {
	doc := "<r>" + strings.Repeat("x", 200_000) + "</r>"
	var got textDoc
	if _, err := Unmarshal(strings.NewReader(doc), &got, &DecodeOptions{MaxBytes: int64(len(doc))}); err != nil {
		t.Fatalf("a document that just fits: %v", err)
	}
	stats, err := Unmarshal(strings.NewReader(doc), &got, &DecodeOptions{MaxBytes: int64(len(doc)) - 1})
	var large *TooLargeError
	if !errors.As(err, &large) || large.Limit != int64(len(doc))-1 {
		t.Fatalf("error %v, want a *TooLargeError with the limit", err)
	}
	if stats.Bytes != int64(len(doc))-1 {
		t.Errorf("read %d bytes", stats.Bytes)
	}
}

// Limits hold before memory is used: an endless tag and an endless text.
func TestEndlessInput(t *testing.T) {
	for _, start := range []string{"<r>", "<r a='", "<r><!--", "<r><![CDATA[", "<"} {
		var got struct{}
		_, err := Unmarshal(io.MultiReader(strings.NewReader(start), endless('x')), &got, &DecodeOptions{MaxBytes: 4 << 20})
		var (
			large  *TooLargeError
			syntax *SyntaxError
		)
		if !errors.As(err, &large) && !(errors.As(err, &syntax) && syntax.Problem == TagTooLong) {
			t.Errorf("%s: %v", start, err)
		}
	}
}

type endless byte

func (c endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(c)
	}
	return len(p), nil
}

// The reader's own error comes through.
func TestReaderError(t *testing.T) {
	cause := errors.New("connection reset")
	var got textDoc
	_, err := Unmarshal(io.MultiReader(strings.NewReader("<r>x"), iotest.ErrReader(cause)), &got, nil)
	if err != cause {
		t.Errorf("got %v", err)
	}
	_, err = Unmarshal(idle{}, &got, nil)
	if err != io.ErrNoProgress {
		t.Errorf("a reader that gives nothing: %v", err)
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

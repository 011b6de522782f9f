package soap

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// randomMessages is a list of messages that are alike and not quite: orders,
// prefixes, forms and contents change, as no server's would so often.
func randomMessages(r *rand.Rand, n int) string {
	var b strings.Builder
	b.WriteString(`<r xmlns="` + TypesNS + `" xmlns:t="` + TypesNS + `" xmlns:u="urn:other"><t:Items>`)
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	for range n {
		p := pick("t:", "t:", "t:", "t:", "", "u:")
		parts := []string{
			`<` + p + `ItemId` + pick(` Id="a=" ChangeKey="b"`, ` Id="a="`, ` ChangeKey='b' Id="a>"`, ` ChangeKey="b" Id="x&amp;"`, ` new="1" Id="é"`) + pick(`/>`, ` />`, `></`+p+`ItemId>`, `>text</`+p+`ItemId>`),
			`<` + p + `Subject>` + pick("Offer", "", "Grüße", "a &lt; b", "a<!-- c -->b", "<![CDATA[<x>]]>", "\r\n", "<b>bold</b>", "1]]>2") + `</` + p + `Subject>`,
			`<` + p + `Body` + pick(` BodyType="Text"`, ` BodyType="HTML" IsTruncated="true"`, ``) + `>` + pick("text", "&lt;p&gt;", "", "ä") + `</` + p + `Body>`,
			`<` + p + `Size>` + pick("1", "-2", " 3 ", "many", "99999999999", "") + `</` + p + `Size>`,
			`<` + p + `HasAttachments>` + pick("true", "0", "perhaps") + `</` + p + `HasAttachments>`,
			`<` + p + `From>` + pick("", " ", "\n") + `<` + p + `Mailbox><` + p + `Name>N</` + p + `Name></` + p + `Mailbox></` + p + `From>`,
			pick(`<`+p+`IsRead/>`, `<`+p+`IsRead>1</`+p+`IsRead>`, `<`+p+`Novelty a="1"><deep/></`+p+`Novelty>`),
			pick(``, `<`+p+`Subject>again</`+p+`Subject>`, `<!-- c -->`, "\n  "),
			`<` + p + `Attachments><` + p + `FileAttachment><` + p + `Name>f</` + p + `Name></` + p + `FileAttachment>` + pick(``, `<`+p+`FileAttachment/>`) + `</` + p + `Attachments>`,
		}
		if r.IntN(4) == 0 {
			r.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		}
		kind := pick("Message", "Message", "Message", "MeetingRequest", "Unknown")
		tag := p + kind + pick("", "", "", ` xmlns:t="urn:again"`, ` a="1"`)
		fmt.Fprintf(&b, "<%s>%s</%s>", tag, strings.Join(parts, ""), p+kind)
	}
	b.WriteString(`</t:Items></r>`)
	return b.String()
}

// What is read by comparing is what the tokenizer alone reads, which gets
// nothing to compare where the input comes byte by byte; and it is what
// encoding/xml reads, where that accepts it.
func TestQuickReadsTheSame(t *testing.T) {
	type doc struct {
		XMLName xml.Name
		Items   testItems `xml:"Items"`
	}
	r := rand.New(rand.NewPCG(3, 4))
	agreed := 0
	for range 300 {
		text := randomMessages(r, 1+r.IntN(12))
		var whole, bytes doc
		stats, err := Unmarshal(strings.NewReader(text), &whole, nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		slow, err := Unmarshal(iotest.OneByteReader(strings.NewReader(text)), &bytes, nil)
		if err != nil {
			t.Fatalf("byte by byte: %v\n%s", err, text)
		}
		if diff := cmp.Diff(bytes, whole); diff != "" || stats != slow {
			t.Fatalf("(-byte by byte +whole) %+v %+v\n%s\n%s", slow, stats, diff, text)
		}
		var want doc
		if stats.BadValues > 0 || strings.Contains(text, "]]>2") || strings.Contains(text, "IsRead/>") || xml.Unmarshal([]byte(text), &want) != nil {
			continue
		}
		agreed++
		if strings.Contains(text, `u:`) || strings.Contains(text, "again") {
			continue // encoding/xml minds namespaces where we are liberal
		}
		if diff := cmp.Diff(want, whole); diff != "" {
			t.Fatalf("(-encoding/xml +ours)\n%s\n%s", diff, text)
		}
	}
	if agreed == 0 {
		t.Error("encoding/xml accepted none of the documents")
	}
}

// Values are made many at a time, and strings shared; changing one changes no
// other.
func TestValuesAreIndependent(t *testing.T) {
	type list struct {
		Message []*testMessage `xml:"Message"`
	}
	const n = 200
	var got list
	in := `<r>` + strings.Repeat(`<Message><ItemId Id="same" ChangeKey="same"/><Subject>same</Subject><Size>7</Size><HasAttachments>true</HasAttachments></Message>`, n) + `</r>`
	if _, err := Unmarshal(strings.NewReader(in), &got, nil); err != nil {
		t.Fatal(err)
	}
	for i, m := range got.Message {
		if *m.ItemId.Id != "same" || *m.ItemId.ChangeKey != "same" || *m.Subject != "same" || *m.Size != 7 || !*m.HasAttachments {
			t.Fatalf("message %d was changed by another: %+v", i, m)
		}
		*m.ItemId.Id, *m.ItemId.ChangeKey, *m.Subject, *m.Size, *m.HasAttachments = "other", "", "none", 0, false
		m.ItemId.XMLName.Local = "changed"
	}
	if len(got.Message) != n {
		t.Errorf("%d messages", len(got.Message))
	}
}

// The bound of depth holds for elements that are read by comparing.
func TestQuickMindsDepth(t *testing.T) {
	kid := `<Kid Name="a"></Kid>`
	inner := `<Kid Name="a">` + kid + kid + `</Kid>`
	doc := `<r Name="r">` + inner + inner + inner + `</r>`
	var got testRecursive
	if _, err := Unmarshal(strings.NewReader(doc), &got, &DecodeOptions{MaxDepth: 3}); err != nil || len(got.Kids) != 3 || len(got.Kids[2].Kids) != 2 {
		t.Errorf("a document that is just not too deep: %v", err)
	}
	_, err := Unmarshal(strings.NewReader(doc), &got, &DecodeOptions{MaxDepth: 2})
	var syntax *SyntaxError
	if !errors.As(err, &syntax) || syntax.Problem != TooDeep {
		t.Errorf("a document that is too deep: %v", err)
	}
	// Shallow at first, so that the deep one is expected.
	_, err = Unmarshal(strings.NewReader(`<r>`+kid+kid+strings.Repeat(`<Kid Name="a">`, 50)+strings.Repeat(`</Kid>`, 50)+`</r>`), &got, &DecodeOptions{MaxDepth: 40})
	if !errors.As(err, &syntax) || syntax.Problem != TooDeep {
		t.Errorf("a document that is too deep later: %v", err)
	}
}

type testTree struct {
	A []*testTree `xml:"A"`
	B []*testTree `xml:"B"`
	C *testText   `xml:"C"`
}

func (n *testTree) count() int {
	sum := 1
	for _, kids := range [][]*testTree{n.A, n.B} {
		for _, k := range kids {
			sum += k.count()
		}
	}
	return sum
}

// A document in which no place is like another is read right all the same, and
// the decoder does not remember more and more.
func TestMemoriesAreBounded(t *testing.T) {
	var b strings.Builder
	var write func(depth int)
	write = func(depth int) {
		b.WriteString("<C>x</C>")
		if depth == 0 {
			return
		}
		for _, name := range []string{"A", "B"} {
			b.WriteString("<" + name + ">")
			write(depth - 1)
			b.WriteString("</" + name + ">")
		}
	}
	b.WriteString("<r>")
	write(11)
	b.WriteString("</r>")
	var got testTree
	d := NewDecoder(strings.NewReader(b.String()), nil)
	if _, err := d.Next(); err != nil {
		t.Fatal(err)
	}
	if err := d.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if n := got.count(); n != 1<<12-1 {
		t.Errorf("%d elements", n)
	}
	if d.memories > maxMemories {
		t.Errorf("%d memories", d.memories)
	}
}

// fickle takes every other child, each time into another type.
type fickle struct {
	n     int
	texts []string
}

func (f *fickle) DecodeChild(xml.Name) any {
	f.n++
	switch f.n % 3 {
	case 0:
		return nil
	case 1:
		v := &struct {
			T *testText `xml:"T"`
		}{}
		return v
	}
	f.texts = append(f.texts, "")
	return &f.texts[len(f.texts)-1]
}

func TestMixedMayChangeItsMind(t *testing.T) {
	type doc struct {
		Items fickle `xml:"Items"`
	}
	in := `<r><Items>` + strings.Repeat(`<A><T>in</T>out</A>`, 12) + `</Items></r>`
	for _, r := range []io.Reader{strings.NewReader(in), iotest.OneByteReader(strings.NewReader(in))} {
		var got doc
		stats, err := Unmarshal(r, &got, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got.Items.n != 12 || strings.Join(got.Items.texts, " ") != "out out out out" || stats.Unknown != 8 {
			t.Errorf("%d children, texts %q, %+v", got.Items.n, got.Items.texts, stats)
		}
	}
}

package soap

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
)

// Content of every length, and every value of every byte, both ways, as
// encoding/base64 has it.
func TestBase64AsTheStandardLibrary(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 300 {
		content := make([]byte, n)
		for i := range content {
			content[i] = byte(r.Uint32())
		}
		want := base64.StdEncoding.EncodeToString(content)
		text := make([]byte, len(want))
		if made := encodeBase64(text, content); made != len(want) || string(text) != want {
			t.Fatalf("%d bytes: encoded as %q, want %q", n, text[:made], want)
		}
		var got Binary
		if _, err := Unmarshal(strings.NewReader("<r>"+want+"</r>"), &got, nil); err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		if !bytes.Equal(got.Data, content) || got.Read != int64(n) {
			t.Fatalf("%d bytes: decoded as %x, want %x", n, got.Data, content)
		}
	}
	every := make([]byte, 3<<16)
	for i := range 1 << 16 {
		every[3*i], every[3*i+1], every[3*i+2] = byte(i), byte(i>>8), byte(i>>4)
	}
	text := make([]byte, base64.StdEncoding.EncodedLen(len(every)))
	encodeBase64(text, every)
	if want := base64.StdEncoding.EncodeToString(every); string(text) != want {
		t.Error("all values: differs from encoding/base64")
	}
	out := make([]byte, len(text))
	if used, made := decodeGroups(out, text); used != len(text) || !bytes.Equal(out[:made], every) {
		t.Errorf("all values: %d of %d characters decoded, or wrongly", used, len(text))
	}
}

// Every byte that is not of the alphabet stops the decoding, wherever it is.
func TestBase64StopsAtOtherBytes(t *testing.T) {
	for c := range 256 {
		if strings.IndexByte(alphabet, byte(c)) >= 0 {
			continue
		}
		for at := range 40 {
			text := bytes.Repeat([]byte("Zm9v"), 10)
			text[at] = byte(c)
			used, made := decodeGroups(make([]byte, 64), text)
			if used > at || used%4 != 0 || made != used/4*3 {
				t.Fatalf("byte %#x at %d: %d characters used, %d bytes made", c, at, used, made)
			}
		}
	}
}

// Content may be broken into lines of any length, in entities and CDATA too,
// and come in any pieces; padding ends it.
func TestBase64Forms(t *testing.T) {
	content := []byte(strings.Repeat("What is sent as base64 comes as it was. ", 40))
	text := base64.StdEncoding.EncodeToString(content)
	for _, line := range []int{1, 3, 5, 64, 75, 76, 1000} {
		var b strings.Builder
		for rest := text; rest != ""; {
			n := min(line, len(rest))
			b.WriteString(rest[:n] + "\r\n ")
			rest = rest[n:]
		}
		for form, doc := range map[string]string{
			"lines":    "<r>\n" + b.String() + "</r>",
			"comment":  "<r>" + text[:33] + "<!-- - -->" + text[33:] + "</r>",
			"CDATA":    "<r>" + text[:35] + "<![CDATA[" + text[35:] + "]]></r>",
			"entities": "<r>&#32;" + text[:34] + "&#x0A;" + text[34:] + "</r>",
		} {
			var whole, pieces Binary
			if _, err := Unmarshal(strings.NewReader(doc), &whole, nil); err != nil {
				t.Fatalf("%s of %d: %v", form, line, err)
			}
			if _, err := Unmarshal(iotest.OneByteReader(strings.NewReader(doc)), &pieces, nil); err != nil {
				t.Fatalf("%s of %d, in pieces: %v", form, line, err)
			}
			if !bytes.Equal(whole.Data, content) || !bytes.Equal(pieces.Data, content) {
				t.Errorf("%s of %d: decoded to something else", form, line)
			}
		}
	}
	for _, bad := range []string{"Zg==Zg==", "Zg=", "Z", "Zg==x", "Zg===", "=", "====", "Z===", "Zm9v=", "Zm9v====", "Zm9v&amp;", "Zm\x019v", "Zm9vé", "Zm-v"} {
		var got Binary
		if _, err := Unmarshal(strings.NewReader("<r>"+bad+"</r>"), &got, nil); err == nil {
			t.Errorf("%q was decoded to %q", bad, got.Data)
		}
	}
}

package envelopes

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	for _, test := range []struct {
		body string
		want []string
	}{
		{"<s:Envelope>a</s:Envelope>", []string{"<s:Envelope>a</s:Envelope>"}},
		{"<Envelope>a</Envelope><Envelope>b</Envelope>\r\n", []string{"<Envelope>a</Envelope>", "<Envelope>b</Envelope>"}},
		{"<Envelope>a</Envelope>rest", []string{"<Envelope>a</Envelope>rest"}},
		{"<Envelope>cut", []string{"<Envelope>cut"}},
		{"<html>Not Found</html>", nil},
		{"", nil},
	} {
		var got []string
		for _, envelope := range split([]byte(test.body)) {
			got = append(got, string(envelope))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("split(%q) = %q, want %q", test.body, got, test.want)
		}
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	k := In(dir, func(err error) { t.Error(err) })
	k.Exchange("TestA/b c", "GetItem", []byte("<Envelope>q</Envelope>"), []byte("<Envelope>1</Envelope><Envelope>2</Envelope>"))
	k.Response("TestA", "GetItem", []byte("<Envelope>3</Envelope>"))
	var nobody *Keeper
	nobody.Exchange("TestA", "GetItem", nil, nil)
	nobody.Response("TestA", "GetItem", nil)

	files, err := filepath.Glob(filepath.Join(dir, "*.xml"))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(content))
	}
	slices.Sort(all)
	want := []string{"<Envelope>1</Envelope>", "<Envelope>2</Envelope>", "<Envelope>3</Envelope>", "<Envelope>q</Envelope>"}
	if !slices.Equal(all, want) {
		t.Errorf("kept %q, want %q", all, want)
	}
	if !strings.Contains(files[0], "TestA-b-c-GetItem") {
		t.Errorf("the first file is %q", files[0])
	}
}

func TestUnwritable(t *testing.T) {
	var told error
	k := In(filepath.Join(t.TempDir(), "missing"), func(err error) { told = err })
	k.Response("TestA", "GetItem", []byte("<Envelope></Envelope>"))
	if told == nil {
		t.Error("nobody was told")
	}
}

// The folder comes from the environment, and without one nothing is kept.
func TestOfTest(t *testing.T) {
	t.Setenv(Variable, "")
	if OfTest(t) != nil {
		t.Error("a Keeper without a folder")
	}
	t.Setenv(Variable, t.TempDir())
	if OfTest(t) == nil {
		t.Error("no Keeper for the folder")
	}
}

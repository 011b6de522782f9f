package main

import (
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/exconn/exconn/bench/corpus"
)

func documents() map[string][]byte {
	return map[string][]byte{
		"FindItem":      corpus.FindItem(0, 1000, 20000),
		"GetItem":       corpus.GetItem(0, 64, 34<<10),
		"GetAttachment": corpus.GetAttachment(1 << 20),
	}
}

// What is measured must be right: every way reads the same.
func TestDecodersAgree(t *testing.T) {
	for name, doc := range documents() {
		t.Run(name, func(t *testing.T) {
			want, err := readOracle(doc)
			if err != nil {
				t.Fatal(err)
			}
			got, err := readEnvelope(doc, func() io.Writer { return nil })
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-encoding/xml +soap)\n%.4000s", diff)
			}
		})
	}
}

// TestAllocations holds the promise of no more than 40 allocations for an item
// of a FindItem page.
func TestAllocations(t *testing.T) {
	doc := corpus.FindItem(0, 1000, 20000)
	perItem, err := allocationsPerItem(doc, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if perItem > itemAllocations {
		t.Errorf("%.1f allocations for an item", perItem)
	}
}

func BenchmarkDecode(b *testing.B) {
	for name, doc := range documents() {
		for way, decode := range decoders {
			b.Run(name+"/"+way, func(b *testing.B) {
				b.SetBytes(int64(len(doc)))
				b.ReportAllocs()
				for b.Loop() {
					if err := decode(doc); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

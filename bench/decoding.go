package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/exconn/exconn/bench/corpus"
)

// ours is the name of what is measured.
const ours = "exconn"

// benchDecode compares the decoder with its rivals on three answers.
func benchDecode(s *settings, t *table) error {
	for _, d := range []struct {
		job    string
		doc    []byte
		passes int // of the fast ones
	}{
		{"FindItem", corpus.FindItem(0, 1000, 20000), 100},
		{"GetItem", corpus.GetItem(0, 512, 33<<10), 8},
		{"GetAttachment", corpus.GetAttachment(39 << 20), 8},
	} {
		if err := benchDocument(s, t, d.job, d.doc, d.passes); err != nil {
			return err
		}
	}
	return nil
}

func benchDocument(s *settings, t *table, job string, doc []byte, passes int) error {
	file := filepath.Join(s.dir, job+".xml")
	if err := os.WriteFile(file, doc, 0o600); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	inGo := func(way string, passes int) func() (sample, error) {
		return func() (sample, error) {
			// One processor, as the programs in C have it: else the garbage
			// collector would use those that idle, and be charged for it.
			return measure([]string{"GOMAXPROCS=1"}, self, "decode", way, file, strconv.Itoa(passes))
		}
	}
	inC := func(program string) func() (sample, error) {
		return func() (sample, error) {
			return measure(nil, filepath.Join(s.programs, program), file, strconv.Itoa(passes))
		}
	}
	samples, err := rounds(s.rounds, []rival{
		{name: ours, run: inGo("soap", passes)},
		{name: libxml2, run: inC("libxml2")},
		{name: expat, run: inC("expat")},
		{name: encodingXML, run: inGo("encoding/xml", max(1, passes/8))},
		{name: readAll, run: inGo("io.ReadAll", passes)},
	})
	if err != nil {
		return err
	}
	mine := medianOf(samples[ours], toldCPU)
	for _, name := range []string{libxml2, expat, encodingXML, readAll} {
		theirs := medianOf(samples[name], toldCPU)
		t.add(line{
			job: "decode " + job, rival: name,
			ours: milliseconds(mine), theirs: milliseconds(theirs), ratio: mine / theirs,
			note: fmt.Sprintf("%.0f MB/s of %.1f MB", float64(len(doc))/mine*1e3, float64(len(doc))/1e6),
		})
	}
	return nil
}

// benchAllocations counts the allocations for an item of a page.
func benchAllocations(s *settings, t *table) error {
	perItem, err := allocationsPerItem(corpus.FindItem(0, 1000, 20000), 1000)
	if err != nil {
		return err
	}
	t.add(line{
		job: "allocations, FindItem page", rival: ceiling,
		ours: fmt.Sprintf("%.1f an item", perItem), theirs: strconv.Itoa(itemAllocations), ratio: perItem / itemAllocations,
	})
	return nil
}

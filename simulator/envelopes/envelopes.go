// Package envelopes keeps SOAP envelopes in files, one envelope a file, so that
// all that a test suite has sent and got can be held against Exchange's schema.
package envelopes

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
)

// Variable is the environment variable that names the folder for the envelopes
// of tests. Without it none are kept.
const Variable = "EXCONN_TEST_ENVELOPES"

// Keeper writes into a folder.
type Keeper struct {
	dir  string
	fail func(error)
}

// numbered makes names unique within the process; the process's id does so
// among the packages that are tested at the same time.
var numbered atomic.Int64

// In returns a Keeper for a folder that exists. fail is told what cannot be
// written.
func In(dir string, fail func(error)) *Keeper { return &Keeper{dir, fail} }

// OfTest returns a Keeper for the folder that the environment names, or nil,
// which keeps nothing. What cannot be written fails the test.
func OfTest(t interface{ Error(...any) }) *Keeper {
	dir := os.Getenv(Variable)
	if dir == "" {
		return nil
	}
	return In(dir, func(err error) { t.Error(err) })
}

// Exchange keeps a request and its answer, under a name that says who sent it
// and what it was.
func (k *Keeper) Exchange(sender, operation string, request, response []byte) {
	if k == nil {
		return
	}
	n := k.number(sender, operation)
	k.write(n+"-request", request)
	k.write(n+"-response", response)
}

// Response keeps an answer alone, where the request need not be valid.
func (k *Keeper) Response(sender, operation string, response []byte) {
	if k == nil {
		return
	}
	k.write(k.number(sender, operation)+"-response", response)
}

func (k *Keeper) number(sender, operation string) string {
	sender = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>| `, r) {
			return '-'
		}
		return r
	}, sender)
	return fmt.Sprintf("%d-%05d-%s-%s", os.Getpid(), numbered.Add(1), sender, operation)
}

// write writes what a body holds: mostly one envelope; with streaming
// notifications one after the other; with Autodiscover's POX and JSON, and
// with the pages that a web server answers for Exchange, none.
func (k *Keeper) write(name string, body []byte) {
	for i, envelope := range split(body) {
		file := filepath.Join(k.dir, name+".xml")
		if i > 0 {
			file = filepath.Join(k.dir, fmt.Sprintf("%s-%d.xml", name, i+1))
		}
		if err := os.WriteFile(file, envelope, 0o600); err != nil {
			k.fail(fmt.Errorf("keeping an envelope: %w", err))
			return
		}
	}
}

// split cuts behind each root's end tag. What follows the last one is kept with
// it, so that the schema's check sees it, unless it is white space.
func split(body []byte) [][]byte {
	var found [][]byte
	for {
		end := envelopeEnd(body)
		if end < 0 {
			break
		}
		found = append(found, body[:end])
		body = body[end:]
	}
	if len(bytes.TrimSpace(body)) > 0 {
		switch {
		case len(found) > 0:
			last := len(found) - 1
			found[last] = append(bytes.Clone(found[last]), body...)
		case bytes.Contains(body, []byte("Envelope")):
			found = append(found, body)
		}
	}
	return found
}

// envelopeEnd returns where the first envelope ends, or -1.
func envelopeEnd(body []byte) int {
	for at := 0; ; {
		i := bytes.Index(body[at:], []byte("Envelope>"))
		if i < 0 {
			return -1
		}
		at += i + len("Envelope>")
		if tag := bytes.LastIndexByte(body[:at], '<'); tag >= 0 && body[tag+1] == '/' {
			return at
		}
	}
}

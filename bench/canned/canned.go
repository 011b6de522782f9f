// Package canned is a server that answers the calls of a client from prepared
// bytes, so that the time of a benchmark is the client's. It looks at a request
// no more than it must to know which bytes are wanted, and keeps no state.
package canned

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/exconn/exconn/bench/corpus"
)

// Sizes say how much the mailbox holds.
type Sizes struct {
	// Messages is how many the inbox has.
	Messages int
	// Body is how large each is, in bytes.
	Body int
	// Changes is how many changes a full SyncFolderItems tells of.
	Changes int
	// Attachment is the size of the file that every attachment is, in bytes.
	Attachment int64
}

// Server answers with what it has prepared. It is safe for concurrent use.
type Server struct {
	sizes Sizes
	pages sync.Map // key to func() []byte

	getItem sync.Once
	head    []byte
	items   [][]byte
	tail    []byte
	numbers map[string]int // of an item's id
}

// New returns a server; what it answers with is prepared when it is first asked
// for.
func New(sizes Sizes) *Server { return &Server{sizes: sizes} }

// ServeHTTP answers a SOAP call, or a GET of what such a call would be answered
// with: /list/OFFSET, /get/FIRST/COUNT, /sync/OFFSET and /attachment.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		s.replay(w, r)
		return
	}
	// Enough to know what is asked; an upload is taken to its end and dropped.
	head, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err == nil {
		_, err = io.Copy(io.Discard, r.Body)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	switch op := operation(head); op {
	case "FindItem":
		s.list(w, number(offsetIn, head), max(1, number(entriesIn, head)))
	case "GetItem":
		s.get(w, s.asked(head))
	case "SyncFolderItems":
		known := bytes.TrimSpace(between(head, stateIn))
		at, ok := s.known(string(known), max(1, number(changesIn, head)))
		if !ok {
			http.Error(w, "unknown state", http.StatusBadRequest)
			return
		}
		s.sync(w, at, max(1, number(changesIn, head)))
	case "GetAttachment":
		s.attachment(w)
	case "CreateAttachment":
		write(w, corpus.CreateAttachment())
	default:
		http.Error(w, "no answer is prepared for "+op, http.StatusNotImplemented)
	}
}

func (s *Server) replay(w http.ResponseWriter, r *http.Request) {
	part := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	var n [2]int
	for i, p := range part[1:min(len(part), 3)] {
		n[i], _ = strconv.Atoi(p)
	}
	switch part[0] {
	case "list":
		s.list(w, n[0], 1000)
	case "get":
		var numbers []int
		for i := n[0]; i < n[0]+n[1]; i++ {
			numbers = append(numbers, i)
		}
		s.get(w, numbers)
	case "sync":
		s.sync(w, n[0], 512)
	case "attachment":
		s.attachment(w)
	default:
		http.NotFound(w, r)
	}
}

var (
	bodyIn    = regexp.MustCompile(`<(?:\w+:)?Body[^>]*>\s*<(?:\w+:)?(\w+)`)
	offsetIn  = regexp.MustCompile(`Offset="(\d+)"`)
	entriesIn = regexp.MustCompile(`MaxEntriesReturned="(\d+)"`)
	changesIn = regexp.MustCompile(`<(?:\w+:)?MaxChangesReturned[^>]*>(\d+)<`)
	stateIn   = regexp.MustCompile(`<(?:\w+:)?SyncState[^>]*>([^<]+)<`)
	idIn      = regexp.MustCompile(`<(?:\w+:)?ItemId [^>]*?\bId="([^"]+)"`)
)

// operation is the name of the first element of the body.
func operation(request []byte) string { return string(between(request, bodyIn)) }

func between(b []byte, re *regexp.Regexp) []byte {
	if m := re.FindSubmatch(b); m != nil {
		return m[1]
	}
	return nil
}

func number(re *regexp.Regexp, b []byte) int {
	n, _ := strconv.Atoi(string(between(b, re)))
	return n
}

// prepared returns the bytes for a key, made once.
func (s *Server) prepared(key string, make func() []byte) []byte {
	once, _ := s.pages.LoadOrStore(key, sync.OnceValue(make))
	return once.(func() []byte)()
}

func (s *Server) list(w http.ResponseWriter, offset, n int) {
	write(w, s.prepared(fmt.Sprint("list ", offset, n), func() []byte {
		return corpus.FindItem(offset, n, s.sizes.Messages)
	}))
}

func (s *Server) sync(w http.ResponseWriter, offset, n int) {
	write(w, s.prepared(fmt.Sprint("sync ", offset, n), func() []byte {
		return corpus.SyncFolderItems(offset, n, s.sizes.Changes)
	}))
}

// known returns how many changes a client with that state knows.
func (s *Server) known(state string, page int) (int, bool) {
	if state == "" {
		return 0, true
	}
	for at := 0; at <= s.sizes.Changes; at += page {
		if string(s.prepared("state "+strconv.Itoa(at), func() []byte { return []byte(corpus.SyncState(at)) })) == state {
			return at, true
		}
	}
	return 0, false
}

func (s *Server) prepareItems() {
	s.getItem.Do(func() {
		s.head, s.items, s.tail = corpus.GetItemParts(s.sizes.Messages, s.sizes.Body)
		s.numbers = make(map[string]int, s.sizes.Messages)
		for i := range s.sizes.Messages {
			s.numbers[corpus.ItemID(i)] = i
		}
	})
}

// asked returns the numbers of the items that are asked for.
func (s *Server) asked(request []byte) []int {
	s.prepareItems()
	var numbers []int
	for _, m := range idIn.FindAllSubmatch(request, -1) {
		if n, ok := s.numbers[string(m[1])]; ok {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

func (s *Server) get(w http.ResponseWriter, numbers []int) {
	s.prepareItems()
	parts := [][]byte{s.head}
	for _, n := range numbers {
		if n < len(s.items) {
			parts = append(parts, s.items[n])
		}
	}
	write(w, append(parts, s.tail)...)
}

func (s *Server) attachment(w http.ResponseWriter) {
	header(w, corpus.GetAttachmentLength(s.sizes.Attachment))
	// In large pieces, as a server with the file at hand sends it; many small
	// ones would measure how often a client wakes up.
	large := bufio.NewWriterSize(w, 256<<10)
	if corpus.WriteGetAttachment(large, s.sizes.Attachment) == nil {
		// An error means that the client has gone.
		_ = large.Flush()
	}
}

func header(w http.ResponseWriter, length int64) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.Header().Set("Content-Length", strconv.FormatInt(length, 10))
}

func write(w http.ResponseWriter, parts ...[]byte) {
	whole := parts[0]
	if len(parts) > 1 {
		whole = bytes.Join(parts, nil)
	}
	header(w, int64(len(whole)))
	// An error means that the client has gone.
	_, _ = w.Write(whole)
}

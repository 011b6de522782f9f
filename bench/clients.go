package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/exconn/exconn/bench/canned"
	"github.com/exconn/exconn/bench/corpus"
)

// The mailbox that the clients work on.
const (
	messages       = 20_000
	bodySize       = 5600 // with the rest of the message, 153 MB for all
	getBatch       = 100  // as exchangelib asks for
	findPage       = 1000
	syncPage       = 512
	downloadSize   = 50 << 20
	uploadSize     = 25 << 20
	memorySize     = 150_000_000
	memoryMessages = 100_000
)

// serve runs a server with prepared answers and returns its address, and what
// ends it.
func serve(sizes canned.Sizes) (address string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: canned.New(sizes)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		// It ends by Close, whose error this would be.
		_ = server.Serve(listener)
	}()
	return "http://" + listener.Addr().String(), func() { server.Close(); <-done }, nil
}

// clientJob is a job with what its rivals need to do the same.
type clientJob struct {
	name string
	// count is what a client must have counted.
	count int64
	// urls is what curl fetches, with its ranges; empty for the upload.
	urls string
	// doc is an answer, of which so many were fetched.
	doc    []byte
	copies int
}

func clientJobs() []clientJob {
	last := func(page int) int { return (messages - 1) / page * page }
	return []clientJob{
		{"list", messages, fmt.Sprintf("/list/[0-%d:%d]", last(findPage), findPage), corpus.FindItem(0, findPage, messages), messages / findPage},
		{"get", messages, fmt.Sprintf("/get/[0-%d:%d]/%d", last(getBatch), getBatch, getBatch), corpus.GetItem(0, getBatch, bodySize), messages / getBatch},
		{"sync", messages, fmt.Sprintf("/sync/[0-%d:%d]", last(syncPage), syncPage), corpus.SyncFolderItems(0, syncPage, messages), (messages + syncPage - 1) / syncPage},
		{"download", downloadSize, "/attachment", corpus.GetAttachment(downloadSize), 1},
		{"upload", uploadSize, "", nil, 0},
	}
}

// benchClients compares whole client processes.
func benchClients(s *settings, t *table) error {
	server, stop, err := serve(canned.Sizes{Messages: messages, Body: bodySize, Changes: messages, Attachment: downloadSize})
	if err != nil {
		return err
	}
	defer stop()
	w := clientWork{settings: s, server: server}
	if err := w.files(); err != nil {
		return err
	}
	for _, job := range clientJobs() {
		if err := w.compare(t, job); err != nil {
			return fmt.Errorf("%s: %w", job.name, err)
		}
	}
	return nil
}

// clientWork is what the clients of a run share.
type clientWork struct {
	*settings
	server      string
	ids, upload string // files
}

// files writes the ids that exchangelib is given, and the file to upload.
func (w *clientWork) files() error {
	var ids strings.Builder
	for i := range messages {
		ids.WriteString(corpus.ItemID(i) + "\n")
	}
	ids.WriteString(corpus.AttachmentID() + "\n")
	w.ids = filepath.Join(w.dir, "ids")
	if err := os.WriteFile(w.ids, []byte(ids.String()), 0o600); err != nil {
		return err
	}
	var err error
	w.upload, err = writeUpload(w.dir, uploadSize)
	return err
}

// writeUpload writes a file to upload.
func writeUpload(dir string, size int64) (name string, err error) {
	f, err := os.CreateTemp(dir, "upload-")
	if err != nil {
		return "", err
	}
	if _, err := io.Copy(f, corpus.Content(size)); err != nil {
		f.Close()
		return "", err
	}
	return f.Name(), f.Close()
}

func (w *clientWork) compare(t *table, job clientJob) error {
	rivals := []rival{
		{name: ours, run: func() (sample, error) { return w.exconn(job) }},
		// It takes so long that little can disturb it.
		{name: exchangelib, run: func() (sample, error) { return w.exchangelib(job) }, most: 3},
	}
	if job.urls != "" {
		doc := filepath.Join(w.dir, job.name+".xml")
		if err := os.WriteFile(doc, job.doc, 0o600); err != nil {
			return err
		}
		rivals = append(rivals,
			rival{name: curl, run: func() (sample, error) {
				return measure(nil, "curl", "--silent", "--show-error", "--fail", "--output", "/dev/null", w.server+job.urls)
			}},
			rival{name: libxml2, run: func() (sample, error) {
				return measure(nil, filepath.Join(w.programs, "libxml2"), doc, strconv.Itoa(max(1, min(job.copies, 20))))
			}},
		)
	}
	// Once, so that the server has prepared its answers.
	if _, err := rivals[0].run(); err != nil {
		return err
	}
	samples, err := rounds(w.rounds, rivals)
	if err != nil {
		return err
	}
	mine := samples[ours]
	cpu := medianOf(mine, processCPU)
	add := func(rival string, theirs float64, note string) {
		t.add(line{
			job: job.name, rival: rival, ours: milliseconds(cpu), theirs: milliseconds(theirs), ratio: cpu / theirs,
			note: fmt.Sprintf("exconn %s on the clock, %.0f MB; %s", milliseconds(medianOf(mine, wallTime)), medianOf(mine, peakMB), note),
		})
	}
	peer := samples[exchangelib]
	add(exchangelib, medianOf(peer, toldCPU),
		fmt.Sprintf("exchangelib %s, %.0f MB", milliseconds(medianOf(peer, wallTime)), medianOf(peer, peakMB)))
	if job.urls != "" {
		fetching := medianOf(samples[curl], processCPU)
		parsing := medianOf(samples[libxml2], toldCPU) * float64(job.copies)
		add(curl, fetching+parsing, fmt.Sprintf("curl %s, libxml2 %s", milliseconds(fetching), milliseconds(parsing)))
	}
	return nil
}

// exconn runs a job by our client.
func (w *clientWork) exconn(job clientJob) (sample, error) {
	got, err := measure(nil, filepath.Join(w.programs, "client"),
		"-endpoint", w.server, "-job", job.name, "-count", strconv.Itoa(messages), "-batch", strconv.Itoa(getBatch), "-file", w.upload)
	return got, check(got, err, ours, job)
}

// exchangelib runs a job by exchangelib.
func (w *clientWork) exchangelib(job clientJob) (sample, error) {
	// The script lies in the sources, where the benchmarks are run.
	got, err := measure(nil, w.python, filepath.Join("bench", "peers", "exchangelib_job.py"), w.server, job.name, w.ids, w.upload)
	return got, check(got, err, exchangelib, job)
}

// check refuses a client that has not done its job.
func check(got sample, err error, who string, job clientJob) error {
	if err == nil && got.told.Count != job.count {
		err = fmt.Errorf("%s counted %d, not %d", who, got.told.Count, job.count)
	}
	return err
}

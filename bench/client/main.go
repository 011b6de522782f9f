// Command client does one job with exconn's EWS client, for the benchmarks to
// measure from outside, and prints what it has counted as one line of JSON.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/exconn/exconn/bench/corpus"
	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// result is what is printed.
type result struct {
	// Count is how many items or bytes there were.
	Count int64 `json:"count"`
	// Peak is the most memory that the process has had, in kilobytes.
	Peak int64 `json:"peak_kb"`
}

type job struct {
	box   *ews.Mailbox
	count int
	batch int
	file  string
}

var jobs = map[string]func(context.Context, job) (int64, error){
	"list":     list,
	"get":      get,
	"sync":     syncItems,
	"download": download,
	"upload":   upload,
}

func main() {
	endpoint := flag.String("endpoint", "", "the server's address")
	name := flag.String("job", "", "list, get, sync, download or upload")
	count := flag.Int("count", 0, "how many items to get")
	batch := flag.Int("batch", 100, "how many items to get at once")
	file := flag.String("file", "", "the file to upload")
	flag.Parse()
	run, ok := jobs[*name]
	if !ok {
		fail(fmt.Errorf("no job is called %q", *name))
	}
	client := ews.NewClient(http.DefaultClient, *endpoint, &ews.Options{MaxRequest: 1 << 30, MaxResponse: 1 << 30})
	n, err := run(context.Background(), job{
		box:   client.Mailbox("anna@example.com", ews.Own),
		count: *count,
		batch: *batch,
		file:  *file,
	})
	if err != nil {
		fail(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(result{Count: n, Peak: peak()}); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "client:", err)
	os.Exit(1)
}

func list(ctx context.Context, j job) (int64, error) {
	var n int64
	for _, err := range j.box.Messages(ctx, mailbox.Query{}) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// get reads the items by their ids, which another client gets handed too.
func get(ctx context.Context, j job) (int64, error) {
	var n int64
	service := j.box.Service()
	for first := 0; first < j.count; first += j.batch {
		ids := new(wsdl.ItemIdList)
		for i := first; i < min(first+j.batch, j.count); i++ {
			ids.Ids = append(ids.Ids, &wsdl.ItemIdType{Id: wsdl.NewText(corpus.ItemID(i))})
		}
		resp, err := service.GetItemContext(ctx, &wsdl.GetItem{
			ItemShape: &wsdl.ItemResponseShape{BaseShape: &wsdl.BaseShape{Value: wsdl.Ptr(wsdl.DefaultShapeNamesAllProperties)}},
			ItemIds:   ids,
		})
		if err != nil {
			return n, err
		}
		for _, msg := range resp.ResponseMessages.GetItemResponseMessage {
			if st := msg.Status(); !st.OK() {
				return n, fmt.Errorf("an item is refused: %s", st.Code)
			}
			for _, item := range msg.Items.Items {
				if m, ok := item.(*wsdl.MessageType); !ok || m.Body == nil || len(wsdl.Str(m.Body.Value)) == 0 {
					return n, fmt.Errorf("item %d is not as it was written", n)
				}
				n++
			}
		}
	}
	return n, nil
}

func syncItems(ctx context.Context, j job) (int64, error) {
	var n int64
	for state, more := "", true; more; {
		page, err := j.box.SyncFolderItems(ctx, ews.SyncItems{State: state})
		if err != nil {
			return n, err
		}
		n += int64(len(page.Changes))
		state, more = page.State, page.More
	}
	return n, nil
}

func download(ctx context.Context, j job) (int64, error) {
	var to counter
	_, err := j.box.Attachment(ctx, corpus.AttachmentID(), &to)
	return int64(to), err
}

// counter is a writer that counts.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

func upload(ctx context.Context, j job) (int64, error) {
	info, err := os.Stat(j.file)
	if err != nil {
		return 0, err
	}
	resp, err := j.box.Service().CreateAttachmentContext(ctx, &wsdl.CreateAttachment{
		ParentItemId: &wsdl.ItemIdType{Id: wsdl.NewText(corpus.ItemID(1)), ChangeKey: wsdl.NewText("CQAAAA==")},
		Attachments: &wsdl.AttachmentList{Attachments: []any{&wsdl.FileAttachmentType{
			Name: wsdl.NewText("drawing.bin"),
			Content: &wsdl.Base64Content{
				Open: func() (io.ReadCloser, error) { return os.Open(j.file) },
				Size: info.Size(),
			},
		}}},
	})
	if err != nil {
		return 0, err
	}
	for _, msg := range resp.ResponseMessages.CreateAttachmentResponseMessage {
		if st := msg.Status(); !st.OK() {
			return 0, fmt.Errorf("the upload is refused: %s", st.Code)
		}
	}
	return info.Size(), nil
}

// peak is the largest resident set that this process has had, in kilobytes, or
// zero where the system does not tell. (The figure that a parent process gets
// includes its own memory before the program was loaded.)
func peak() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return n
		}
	}
	return 0
}

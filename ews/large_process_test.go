package ews_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime/metrics"
	"testing"

	"go.uber.org/goleak"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/simulator"
)

// The test binary is run again as a process that only moves a file, so that its
// memory is the client's alone: the simulator keeps files in memory.
const transferJob = "EXCONN_TEST_TRANSFER"

func TestMain(m *testing.M) {
	if job := os.Getenv(transferJob); job != "" {
		if err := transfer(job); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// transferOf says what to move, and where.
type transferOf struct {
	Endpoint, User, Password string
	Item                     string // the item to attach to
	Size                     int64  // of the file, in bytes
	Announced                int64  // the size that the upload tells
}

// transferred is what came of it.
type transferred struct {
	Up, Down string // SHA-256
	// The last progress that was told.
	ToldUp, ToldDown int64
	// How much memory the Go runtime had from the system at most by then, in
	// bytes. It does not shrink.
	Before, UpPeak, DownPeak uint64
}

// runtimeMemory is how much memory the runtime has had from the system at most.
func runtimeMemory() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// noise is content that nothing compresses and that can be made anew: bytes by
// a linear congruential generator.
type noise struct {
	left int64
	x    uint64
}

func (n *noise) Read(p []byte) (int, error) {
	if n.left == 0 {
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), n.left)]
	for i := range p {
		n.x = n.x*6364136223846793005 + 1442695040888963407
		p[i] = byte(n.x >> 56)
	}
	n.left -= int64(len(p))
	return len(p), nil
}

func transfer(job string) error {
	var of transferOf
	if err := json.Unmarshal([]byte(job), &of); err != nil {
		return err
	}
	hc := basic{&http.Client{Transport: &http.Transport{}}, of.User, of.Password}
	m := ews.NewClient(hc, of.Endpoint, &ews.Options{MaxRequest: 1 << 30, MaxResponse: 1 << 30}).Mailbox(of.User, ews.Own)
	ctx := context.Background()
	var done transferred
	if _, err := m.Message(ctx, of.Item); err != nil { // the connection is made
		return err
	}
	done.Before = runtimeMemory()
	sum := sha256.New()
	added, err := m.Attach(ctx, of.Item, mailbox.Upload{
		Name: "disk.img", Size: of.Announced,
		Open: func() (io.ReadCloser, error) {
			sum.Reset()
			return io.NopCloser(io.TeeReader(&noise{left: of.Size, x: 7}, sum)), nil
		},
	}.WithProgress(func(n, _ int64) { done.ToldUp = n }))
	if err != nil {
		return err
	}
	done.Up, done.UpPeak = hex.EncodeToString(sum.Sum(nil)), runtimeMemory()
	sum.Reset()
	w := mailbox.Progress(func(n, _ int64) { done.ToldDown = n }).Writer(sum, of.Size)
	if _, err := m.Attachment(ctx, added.ID, w); err != nil {
		return err
	}
	done.Down, done.DownPeak = hex.EncodeToString(sum.Sum(nil)), runtimeMemory()
	return json.NewEncoder(os.Stdout).Encode(done)
}

// A very large file goes each way in a process that never has more than a small
// part of it in memory, to a server whose limit of a request was raised for it; and so does a
// file whose size is not known.
func TestVeryLargeAttachment(t *testing.T) {
	const atMost = 8 << 20
	x := newExchangeWith(t, func(o *simulator.Options) { o.MaxRequest, o.Record, o.Empty = 256<<20, nil, true })
	const anna = "anna@contoso.example"
	m := x.limited(t, 0)
	// Without TLS and compression, which would be most of the work.
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Accept-Encoding")
		x.Handler(simulator.Server).ServeHTTP(w, r)
	}))
	defer server.Close()
	for _, file := range []struct{ size, announced int64 }{{veryLarge, veryLarge}, {40e6, -1}} {
		draft, err := m.SaveDraft(t.Context(), mailbox.Outgoing{Subject: "large"})
		if err != nil {
			t.Fatal(err)
		}
		job, err := json.Marshal(transferOf{
			Endpoint: server.URL + "/EWS/Exchange.asmx", User: anna, Password: string(x.Password(anna)),
			Item: draft.ID, Size: file.size, Announced: file.announced,
		})
		if err != nil {
			t.Fatal(err)
		}
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		command := exec.CommandContext(t.Context(), self)
		command.Env = append(os.Environ(), transferJob+"="+string(job))
		var problem bytes.Buffer
		command.Stderr = &problem
		out, err := command.Output()
		if err != nil {
			t.Fatalf("%v\n%s", err, problem.String())
		}
		var got transferred
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatal(err)
		}
		if got.Up != got.Down || got.ToldUp != file.size || got.ToldDown != file.size {
			t.Errorf("what went up is not what came down: %+v", got)
		}
		if got.UpPeak > got.Before+atMost || got.DownPeak > got.Before+atMost {
			t.Errorf("it took %d KiB up and %d KiB down, beyond the %d KiB before", (got.UpPeak-got.Before)>>10, (got.DownPeak-got.Before)>>10, got.Before>>10)
		}
		t.Logf("%d KiB at first, then %d up and %d down", got.Before>>10, got.UpPeak>>10, got.DownPeak>>10)
		if err := m.Delete(t.Context(), draft.ID, true); err != nil {
			t.Error(err)
		}
	}
}

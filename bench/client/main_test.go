package main

import (
	"context"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/exconn/exconn/bench/canned"
	"github.com/exconn/exconn/bench/corpus"
	"github.com/exconn/exconn/ews"
)

// What is measured must be right: the client finds in the prepared answers what
// was put into them, over several pages and a last one that is not full.
func TestJobs(t *testing.T) {
	const file = 100_001
	server := httptest.NewServer(canned.New(canned.Sizes{Messages: 2345, Body: 300, Changes: 1111, Attachment: file}))
	defer server.Close()
	upload := filepath.Join(t.TempDir(), "upload")
	f, err := os.Create(upload)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(f, corpus.Content(file)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	client := ews.NewClient(server.Client(), server.URL, nil)
	j := job{box: client.Mailbox("anna@example.com", ews.Own), count: 205, batch: 100, file: upload}
	for name, want := range map[string]int64{"list": 2345, "get": 205, "sync": 1111, "download": file, "upload": file} {
		if got, err := jobs[name](context.Background(), j); err != nil || got != want {
			t.Errorf("%s: counted %d, want %d: %v", name, got, want, err)
		}
	}
}

package ews_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

var update = flag.Bool("update", false, "rewrite the golden requests in testdata/golden")

// goldenCase is something a client does; the requests that it makes are files
// of testdata/golden, NAME-1-OPERATION.xml and so on.
type goldenCase struct {
	name string
	opts *ews.Options
	do   func(ctx context.Context, c *ews.Client) error
	// answer writes the answers; nil means the canned ones.
	answer func(w http.ResponseWriter, r *http.Request, operation string)
}

// inMailbox is a goldenCase's do for one mailbox.
func inMailbox(access ews.Access, do func(ctx context.Context, m *ews.Mailbox) error) func(context.Context, *ews.Client) error {
	return func(ctx context.Context, c *ews.Client) error {
		return do(ctx, c.Mailbox("anna@contoso.example", access))
	}
}

// runGolden compares the requests of the cases, against canned answers, with
// the files, and holds the files against the schema.
func runGolden(t *testing.T, cases []goldenCase) {
	var files []string
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := newStub(t, c.answer)
			if err := c.do(t.Context(), s.ews(c.opts)); err != nil {
				t.Fatal(err)
			}
			requests := s.taken()
			if len(requests) == 0 {
				t.Fatal("no request was made")
			}
			for i, r := range requests {
				file := filepath.Join("testdata", "golden", fmt.Sprintf("%s-%d-%s.xml", c.name, i+1, r.operation))
				files = append(files, file)
				got := lines(r.body)
				if *update {
					if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if got != string(want) {
					t.Errorf("%s differs (go test -update rewrites it); got\n%s", file, got)
				}
			}
		})
	}
	validate(t, files)
}

// validate holds envelopes against the project's schema.
func validate(t *testing.T, files []string) {
	t.Helper()
	if len(files) == 0 {
		t.Fatal("there are no files to validate")
	}
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("xmllint is missing (Debian: libxml2-utils)")
		}
		t.Log("xmllint is missing (Debian: libxml2-utils): the requests are not held against the schema")
		return
	}
	args := append([]string{"--noout", "--nonet", "--schema", "testdata/envelope.xsd"}, files...)
	if out, err := exec.Command(xmllint, args...).CombinedOutput(); err != nil {
		for line := range strings.Lines(string(out)) {
			if !strings.HasSuffix(strings.TrimSpace(line), " validates") {
				t.Log(strings.TrimSpace(line))
			}
		}
		t.Errorf("the schema refuses a request: %v", err)
	}
}

// lines puts each element on a line of its own, so that a difference can be
// read. Text is left alone.
func lines(xml string) string {
	var b strings.Builder
	opened := false // the last tag was a start tag
	for i := 0; i < len(xml); i++ {
		if xml[i] == '<' {
			closing := i+1 < len(xml) && xml[i+1] == '/'
			if i > 0 && xml[i-1] == '>' && !(closing && opened) {
				b.WriteByte('\n')
			}
			opened = !closing
		}
		b.WriteByte(xml[i])
	}
	b.WriteByte('\n')
	return b.String()
}

// file is an upload of that content.
func file(name, content string) mailbox.Upload {
	return mailbox.Upload{Name: name, Size: int64(len(content)), Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(content)), nil
	}}
}

func everything() mailbox.Outgoing {
	picture := file("logo.png", "\x89PNG")
	picture.Inline, picture.ContentID = true, "logo@1"
	return mailbox.Outgoing{
		From:        &mailbox.Person{Name: "Sales", Address: "sales@contoso.example"},
		To:          []mailbox.Person{{Name: "Ben", Address: "ben@contoso.example"}, {Address: "carla@contoso.example"}},
		Cc:          []mailbox.Person{{Address: "dora@contoso.example"}},
		Bcc:         []mailbox.Person{{Address: "emil@contoso.example"}},
		Subject:     "Offer <1> & \"2\"",
		Text:        "plain",
		HTML:        `<p>Hello <img src="cid:logo@1"></p>`,
		Importance:  mailbox.High,
		Attachments: []mailbox.Upload{file("offer.pdf", "%PDF-1.7"), picture},
		OperationID: "op-1",
	}
}

func TestGoldenRequests(t *testing.T) {
	drain := func(ctx context.Context, m *ews.Mailbox, q mailbox.Query) error {
		for _, err := range m.Messages(ctx, q) {
			if err != nil {
				return err
			}
		}
		return nil
	}
	reply := mailbox.Reply{
		To:          []mailbox.Person{{Address: "carla@contoso.example"}},
		HTML:        "<p>Yes</p>",
		Attachments: []mailbox.Upload{file("a.txt", "hello")},
		OperationID: "op-2",
	}
	runGolden(t, []goldenCase{
		{name: "folders", do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.Folders(ctx)
			return err
		})},
		{name: "folders-shared", do: inMailbox(ews.Shared, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.Folders(ctx)
			return err
		})},
		{name: "impersonation", opts: &ews.Options{TimeZone: "W. Europe Standard Time", Version: wsdl.ServerVersionExchange2016}, do: inMailbox(ews.Impersonate, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.Folders(ctx)
			return err
		})},
		{name: "impersonation-2007", opts: &ews.Options{Version: wsdl.ServerVersionExchange2007_SP1}, do: inMailbox(ews.Impersonate, func(ctx context.Context, m *ews.Mailbox) error {
			return m.Delete(ctx, "AAMkOne=", false)
		})},
		{name: "messages", do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			return drain(ctx, m, mailbox.Query{Body: true, Limit: 20})
		})},
		{name: "messages-restricted", do: inMailbox(ews.Shared, func(ctx context.Context, m *ews.Mailbox) error {
			return drain(ctx, m, mailbox.Query{Folder: mailbox.SentItems, Unread: true,
				Since: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)})
		})},
		{name: "messages-unread", do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			return drain(ctx, m, mailbox.Query{Unread: true})
		})},
		{name: "messages-since", do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			return drain(ctx, m, mailbox.Query{Since: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)})
		})},
		{name: "messages-until", do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			return drain(ctx, m, mailbox.Query{Until: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)})
		})},
		{name: "messages-query", do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			return drain(ctx, m, mailbox.Query{Folder: "inbox/Projects", AQS: "subject:invoice"})
		})},
		{name: "message", do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.Message(ctx, "AAMkOne=")
			return err
		})},
		{name: "attachment", do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.Attachment(ctx, "AAMkAtt=", io.Discard)
			return err
		})},
		{name: "mime", do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			return m.MIME(ctx, "AAMkOne=", io.Discard)
		})},
		{name: "send", do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.Send(ctx, everything())
			return err
		})},
		{name: "send-shared", do: inMailbox(ews.Shared, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.Send(ctx, mailbox.Outgoing{To: reply.To, Subject: "Text", Text: "two\nlines", Importance: mailbox.Low, OperationID: "op-3"})
			return err
		})},
		{name: "draft", do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.SaveDraft(ctx, mailbox.Outgoing{OperationID: "op-4"})
			return err
		})},
		{name: "reply", do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.Reply(ctx, "AAMkOne=", reply)
			return err
		})},
		{name: "reply-all", do: inMailbox(ews.Shared, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.Reply(ctx, "AAMkOne=", mailbox.Reply{All: true, OperationID: "op-5"})
			return err
		})},
		{name: "forward", do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.Forward(ctx, "AAMkOne=", mailbox.Reply{To: reply.To, Text: "see below", OperationID: "op-6"})
			return err
		})},
		{name: "move", do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.Move(ctx, "AAMkOne=", "Posteingang/Projects")
			return err
		})},
		{name: "delete", do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			return m.Delete(ctx, "AAMkOne=", true)
		})},
		{name: "mark-read", do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			return m.MarkRead(ctx, "AAMkOne=", false)
		})},
		{name: "sync-items", do: inMailbox(ews.Shared, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.SyncFolderItems(ctx, ews.SyncItems{State: "H4sI", MaxChanges: 100})
			return err
		})},
		{name: "sync-hierarchy", do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.SyncFolderHierarchy(ctx, "H4sI")
			return err
		})},
		{name: "service", do: inMailbox(ews.Impersonate, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.Service().ResolveNamesContext(ctx, &wsdl.ResolveNames{
				ReturnFullContactData: wsdl.Ptr(wsdl.Bool(false)),
				UnresolvedEntry:       wsdl.NewText("ben"),
			})
			if err != nil {
				return err
			}
			_, err = m.Service().GetServerTimeZonesContext(ctx, &wsdl.GetServerTimeZones{
				ReturnFullTimeZoneData: wsdl.Ptr(wsdl.Bool(false)),
				Ids:                    &wsdl.TimeZoneIdsType{Id: []*wsdl.Id{{Value: wsdl.NewText("UTC")}}},
			})
			return err
		})},
	})
}

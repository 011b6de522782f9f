package simulator

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/exconn/exconn/soap"
	"github.com/exconn/exconn/wsdl"
)

// victimFile is the variable that makes this program a simulator over a state
// file.
const victimFile = "EXCONN_TEST_VICTIM"

// beKilled runs a simulator until it is killed. It tells its address.
func beKilled() {
	fail := func(err error) {
		fmt.Fprintln(os.Stderr, "the victim:", err)
		os.Exit(1)
	}
	s, err := New(&Options{Seed: 7, Mailboxes: 4, Messages: 10, Password: "secret", Empty: true, State: os.Getenv(victimFile)})
	if err != nil {
		fail(err)
	}
	if err := s.Start(); err != nil {
		fail(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(s.EWSURL(Server)); err != nil {
		fail(err)
	}
	select {}
}

// acknowledged is what the simulator has answered: ids of items that exist, with
// the subject that each has, and ids of those that do not.
type acknowledged struct {
	mu       sync.Mutex
	subjects map[string]string
	gone     map[string]bool
	sent     []string
	// unknown are ids of items whose last change was not answered.
	unknown map[string]bool
}

// TestKilled kills a simulator again and again while clients write. Whatever it
// has answered must be so when it comes back.
func TestKilled(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	done := &acknowledged{subjects: map[string]string{}, gone: map[string]bool{}, unknown: map[string]bool{}}
	r := rand.New(rand.NewPCG(3, 9))
	for round := range 6 {
		url, kill := victimise(t, state)
		ctx, cancel := context.WithCancel(t.Context())
		var writers sync.WaitGroup
		for n := range 3 {
			writers.Go(func() { done.write(ctx, url, fmt.Sprintf("user%05d@contoso.example", n%2+1), round*10+n) })
		}
		time.Sleep(time.Duration(50+r.IntN(400)) * time.Millisecond)
		kill()
		cancel()
		writers.Wait()
	}
	if len(done.subjects) < 10 || len(done.gone) == 0 || len(done.sent) == 0 {
		t.Fatalf("too little was written: %d items, %d removed, %d sent", len(done.subjects), len(done.gone), len(done.sent))
	}

	s, err := New(&Options{State: state, Password: "secret"})
	if err != nil {
		t.Fatalf("after the last kill: %v", err)
	}
	defer s.Close() //nolint:errcheck // nothing was served
	for id, subject := range done.subjects {
		raw, _ := decodeID(id)
		it := s.state.item(raw)
		switch {
		case done.unknown[id]:
		case it == nil:
			t.Errorf("%q was answered and is gone", subject)
		case str(it.value, "Subject") != subject:
			t.Errorf("%q was answered and is %q", subject, str(it.value, "Subject"))
		}
	}
	for id := range done.gone {
		if raw, _ := decodeID(id); s.state.item(raw) != nil {
			t.Error("an item whose removal was answered is there")
		}
	}
	there := map[string]bool{}
	for _, it := range s.state.byAddress["ben@contoso.example"].known("inbox").items {
		there[str(it.value, "Subject")] = true
	}
	for _, subject := range done.sent {
		if !there[subject] {
			t.Errorf("%q was sent and did not arrive", subject)
		}
	}
	t.Logf("%d items, %d removed, %d sent", len(done.subjects), len(done.gone), len(done.sent))
}

// victimise starts this program as a simulator.
func victimise(t *testing.T, state string) (url string, kill func()) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), victimFile+"="+state)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill = func() {
		_ = cmd.Process.Kill() // it may have ended by itself, which Wait tells
		_ = cmd.Wait()
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil || json.Unmarshal(line, &url) != nil {
		kill()
		t.Fatalf("the simulator did not start: %v: %s", err, stderr.String())
	}
	return url, kill
}

// write creates, renames, removes and sends until the simulator is gone.
func (done *acknowledged) write(ctx context.Context, url, who string, writer int) {
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // a certificate of our own
	defer client.CloseIdleConnections()
	for n := 0; ctx.Err() == nil; n++ {
		subject := fmt.Sprintf("%d of writer %d", n, writer)
		id, err := done.create(ctx, client, url, who, subject)
		if err != nil {
			return
		}
		switch n % 3 {
		case 0:
			if done.rename(ctx, client, url, who, id, subject+" again") != nil {
				return
			}
		case 1:
			if done.remove(ctx, client, url, who, id) != nil {
				return
			}
		case 2:
			if done.send(ctx, client, url, who, subject+" for Ben") != nil {
				return
			}
		}
	}
}

func (done *acknowledged) create(ctx context.Context, c *http.Client, url, who, subject string) (*wsdl.ItemIdType, error) {
	var out wsdl.CreateItemResponse
	err := soapCall(ctx, c, url, who, &wsdl.CreateItem{MessageDisposition: wsdl.Ptr(wsdl.DispositionSaveOnly),
		Items: &wsdl.ItemList{Items: []any{message(subject, "ben@contoso.example")}}}, &out)
	if err != nil {
		return nil, err
	}
	m := out.ResponseMessages.CreateItemResponseMessage[0]
	if !m.Status().OK() {
		return nil, errors.New(m.Status().Code)
	}
	id := get[wsdl.ItemIdType](m.Items.Items[0], "ItemId")
	done.mu.Lock()
	defer done.mu.Unlock()
	done.subjects[wsdl.Str(id.Id)] = subject
	return id, nil
}

func (done *acknowledged) rename(ctx context.Context, c *http.Client, url, who string, id *wsdl.ItemIdType, subject string) error {
	done.mu.Lock()
	done.unknown[wsdl.Str(id.Id)] = true
	done.mu.Unlock()
	set := &wsdl.SetItemFieldType{FieldURI: &wsdl.FieldURI{FieldURI: text("item:Subject")}, Message: &wsdl.MessageType{Subject: text(subject)}}
	var out wsdl.UpdateItemResponse
	err := soapCall(ctx, c, url, who, &wsdl.UpdateItem{
		ConflictResolution: wsdl.Ptr(wsdl.ConflictPolicyAutoResolve), MessageDisposition: wsdl.Ptr(wsdl.DispositionSaveOnly),
		ItemChanges: &wsdl.ItemChangesType{ItemChange: []*wsdl.ItemChange{{ItemId: id, Updates: &wsdl.UpdateList{Updates: []any{set}}}}},
	}, &out)
	if err != nil {
		return err
	}
	done.mu.Lock()
	defer done.mu.Unlock()
	delete(done.unknown, wsdl.Str(id.Id))
	done.subjects[wsdl.Str(id.Id)] = subject
	return nil
}

func (done *acknowledged) remove(ctx context.Context, c *http.Client, url, who string, id *wsdl.ItemIdType) error {
	done.mu.Lock()
	done.unknown[wsdl.Str(id.Id)] = true
	done.mu.Unlock()
	var out wsdl.DeleteItemResponse
	if err := soapCall(ctx, c, url, who, &wsdl.DeleteItem{DeleteType: wsdl.Ptr(wsdl.DisposalHardDelete), ItemIds: &wsdl.ItemIdList{Ids: []any{id}}}, &out); err != nil {
		return err
	}
	done.mu.Lock()
	defer done.mu.Unlock()
	delete(done.subjects, wsdl.Str(id.Id))
	done.gone[wsdl.Str(id.Id)] = true
	return nil
}

func (done *acknowledged) send(ctx context.Context, c *http.Client, url, who, subject string) error {
	var out wsdl.CreateItemResponse
	err := soapCall(ctx, c, url, who, &wsdl.CreateItem{MessageDisposition: wsdl.Ptr(wsdl.DispositionSendOnly),
		Items: &wsdl.ItemList{Items: []any{message(subject, "ben@contoso.example")}}}, &out)
	if err != nil {
		return err
	}
	done.mu.Lock()
	defer done.mu.Unlock()
	done.sent = append(done.sent, subject)
	return nil
}

// soapCall sends a request over the network. Without an error the answer has
// been read to its end.
func soapCall(ctx context.Context, c *http.Client, url, who string, request, answer any) error {
	var body bytes.Buffer
	if err := soap.WriteEnvelope(&body, []any{&wsdl.RequestServerVersion{Version: wsdl.Ptr(wsdl.ServerVersionExchange2013_SP1)}}, request); err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, &body)
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "text/xml; charset=utf-8")
	r.SetBasicAuth(who, "secret")
	resp, err := c.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("HTTP %d", resp.StatusCode)
	}
	_, err = soap.ReadEnvelope(resp.Body, nil, nil, func(xml.Name) (any, error) { return answer, nil })
	return err
}

package simulator

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/exconn/exconn/wsdl"
)

func TestSeedIsAlive(t *testing.T) {
	s := start(t, func(o *Options) { o.Empty = false })
	for _, who := range []string{"anna", "ben", "carla"} {
		a := actor(t, s, who)
		inbox := a.list(named("inbox"))
		if len(inbox) < 20 || len(inbox) > 70 {
			t.Errorf("%s has %d messages", who, len(inbox))
		}
		kinds, last := map[string]int{}, noon
		for _, it := range inbox {
			received, _ := timeOf(it, "DateTimeReceived")
			if received.After(last) {
				t.Errorf("%s: %q lies out of order", who, str(it, "Subject"))
			}
			last = received
			if b := get[wsdl.BodyContent](it, "Body"); b == nil || strings.Contains(wsdl.Str(b.Value), "{") {
				t.Errorf("%s: the body of %q has holes", who, str(it, "Subject"))
			}
			kinds[fmt.Sprintf("%T", it)]++
			for name, yes := range map[string]bool{"file": flag(it, "HasAttachments"), "unread": !flag(it, "IsRead"),
				"inline": strings.Contains(wsdl.Str(get[wsdl.BodyContent](it, "Body").Value), "cid:")} {
				if yes {
					kinds[name]++
				}
			}
		}
		for _, kind := range []string{"file", "unread", "inline"} {
			if kinds[kind] == 0 {
				t.Errorf("%s has nothing with %s", who, kind)
			}
		}
		week := a.view(named("calendar"), noon.Add(-3*day), noon.Add(4*day))
		var names []string
		for _, c := range week {
			names = append(names, wsdl.Str(c.Subject))
		}
		if len(week) < 8 || !slices.Contains(names, "Stand-up") || !slices.Contains(names, "Dentist") {
			t.Errorf("%s's week is %q", who, names)
		}
		if len(a.ids(named("sentitems"))) == 0 || len(a.ids(named("drafts"))) != 1 {
			t.Errorf("%s has sent nothing, or has no draft", who)
		}
	}
}

func TestSeedDecidesAll(t *testing.T) {
	content := func(seed uint64) string {
		s, err := New(&Options{Seed: seed, Now: newClock(noon).Now})
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, mb := range s.state.mailboxes {
			for _, f := range []string{"inbox", "sentitems", "calendar"} {
				for _, it := range mb.known(f).items {
					all = append(all, it.raw+it.key+str(it.value, "Subject")+str(it.value, "UID"))
				}
			}
		}
		return strings.Join(all, "\n")
	}
	first := content(3)
	if first != content(3) {
		t.Error("the same seed gives another world")
	}
	if first == content(4) {
		t.Error("another seed gives the same world")
	}
}

func TestFoldersOfAMailbox(t *testing.T) {
	s := start(t, func(o *Options) { o.Empty = false })
	anna := actor(t, s, "anna")
	base := wsdl.DefaultShapeNamesAllProperties
	answer := call[wsdl.FindFolderResponse](anna, &wsdl.FindFolder{Traversal: wsdl.Ptr(wsdl.FolderTraversalDeep),
		FolderShape:     &wsdl.FolderResponseShape{BaseShape: &wsdl.BaseShape{Value: &base}},
		ParentFolderIds: &wsdl.FolderIdList{Ids: []any{named("msgfolderroot")}}}).ResponseMessages.FindFolderResponseMessage[0]
	anna.status(answer.Status(), "NoError")
	found := map[string]string{}
	for _, f := range answer.RootFolder.Folders.Folders {
		found[str(f, "DisplayName")] = fmt.Sprintf("%T", f)
		if str(f, "DisplayName") == "Inbox" && (wsdl.Val(get[wsdl.Int32](f, "UnreadCount")) == 0 || wsdl.Val(get[wsdl.Int32](f, "ChildFolderCount")) != 2) {
			t.Errorf("the inbox: %+v", f)
		}
	}
	for name, kind := range map[string]string{"Inbox": "*wsdl.FolderType", "Projects": "*wsdl.FolderType", "Northwind rollout": "*wsdl.FolderType",
		"Calendar": "*wsdl.CalendarFolderType", "Contacts": "*wsdl.ContactsFolderType", "Tasks": "*wsdl.TasksFolderType"} {
		if found[name] != kind {
			t.Errorf("the folder %s is a %s", name, found[name])
		}
	}
	for ref, want := range map[*wsdl.DistinguishedFolderId]string{named("syncissues"): "ErrorFolderNotFound", named("inbox", "nobody@contoso.example"): "ErrorNonExistentMailbox"} {
		request := getInbox()
		request.FolderIds.Ids = []any{ref}
		anna.status(anna.folder(request), want)
	}
	id := anna.ids(named("inbox"))[0]
	request := getInbox()
	request.FolderIds.Ids = []any{&wsdl.FolderId{Id: id.Id}}
	anna.status(anna.folder(request), "ErrorCannotUseItemIdForFolderId")
}

// Many at once: the race detector watches.
func TestManyAtOnce(t *testing.T) {
	s := start(t, func(o *Options) { o.Record = nil })
	var all sync.WaitGroup
	people := []string{"anna", "ben", "carla"}
	for i, who := range people {
		all.Go(func() {
			a := actor(t, s, who)
			to := people[(i+1)%3] + "@contoso.example"
			for j := range 5 {
				if got := a.send(message(fmt.Sprint(who, j), to)); !got.OK() {
					t.Errorf("%s: %s", who, got.Code)
				}
				c := meetingAt(fmt.Sprint("m", j), noon.Add(day), time.Hour, to)
				c.Recurrence = weeklyOn("Thursday", noon, 4)
				a.event(c, wsdl.SendInvitationsSendToAllAndSaveCopy)
				a.ids(named("inbox"))
				a.view(named("calendar"), noon, noon.Add(30*day))
				newMirror().sync(a, named("inbox"), 3)
			}
		})
	}
	all.Wait()
	for _, who := range people {
		if n := len(actor(t, s, who).ids(named("inbox"))); n != 10 {
			t.Errorf("%s has %d messages and invitations, want 10", who, n)
		}
	}
}

func TestAddressesAndCertificates(t *testing.T) {
	dir := t.TempDir()
	keep := func(o *Options) { o.CADir = dir; o.Host = "localhost" }
	first, second := start(t, keep), start(t, keep)
	if string(first.CAPEM()) != string(second.CAPEM()) {
		t.Error("the CA is made anew although it is kept")
	}
	if info, err := os.Stat(filepath.Join(dir, caKeyFile)); err != nil || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("the CA's key: %v, %v", info, err)
	}
	path, err := first.CAFile(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != string(first.CAPEM()) {
		t.Errorf("the CA's file: %v", err)
	}
	for _, name := range []string{"localhost", "127.0.0.1", "login.simulator.test"} {
		conn, err := tls.Dial("tcp", strings.Replace(first.hosts["login"], "localhost", "127.0.0.1", 1), &tls.Config{RootCAs: first.CertPool(), ServerName: name})
		if err != nil {
			t.Errorf("as %s: %v", name, err)
			continue
		}
		conn.Close()
	}
	client := second.HTTPClient()
	defer client.CloseIdleConnections()
	answer, err := client.Get(second.AuthorityURL(Online) + "/v2.0/.well-known/openid-configuration")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var doc struct{ Issuer string }
	if err := json.NewDecoder(answer.Body).Decode(&doc); err != nil || answer.StatusCode != http.StatusOK || !strings.HasPrefix(doc.Issuer, second.Authority("")) {
		t.Errorf("discovery: HTTP %d, %v, issuer %s", answer.StatusCode, err, doc.Issuer)
	}
	if err := first.Start(); err == nil {
		t.Error("it started twice")
	}
	if _, err := New(&Options{Host: "token.simulator.test"}); err == nil {
		t.Error("a host name with the word token was taken")
	}
	if err := os.WriteFile(filepath.Join(dir, caFile), []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(&Options{CADir: dir}); err == nil || !strings.Contains(err.Error(), "remove") {
		t.Errorf("a CA that is none: %v", err)
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	s := start(t, func(o *Options) { o.Password = "canary-7f3a" })
	out := fmt.Sprintf("%v %+v %#v %s %v", s.Accounts(), s.Accounts(), s.Applications(), s.Applications(), s.Password("anna@contoso.example"))
	if strings.Contains(out, "canary") {
		t.Error("a secret is printed")
	}
	if s.Password("anna@contoso.example") != "canary-7f3a" || s.Password(shared) != "" || s.Password("nobody") != "" {
		t.Error("the passwords are not those of the options")
	}
}

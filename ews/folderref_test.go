package ews_test

import (
	"strings"
	"testing"

	"github.com/exconn/exconn/mailbox"
)

// What a folder reference costs, and what it becomes.
func TestFolderReferences(t *testing.T) {
	long := "AAMkAGI2" + strings.Repeat("abc+/-_0", 10) + "="
	tests := []struct{ ref, operations, id string }{
		{"", "FindItem", `DistinguishedFolderId xmlns="http://schemas.microsoft.com/exchange/services/2006/types" Id="inbox"`},
		{"SentItems", "FindItem", `Id="sentitems"`},
		{"Sent Items", "FindItem", `Id="sentitems"`},
		{long, "FindItem", `<FolderId xmlns="http://schemas.microsoft.com/exchange/services/2006/types" Id="` + long + `"`},
		{"Posteingang/Projects", "FindFolder FindItem", `Id="AAMkProjects="`},
		{"/posteingang/projects/", "FindFolder FindItem", `Id="AAMkProjects="`},
		{"Inbox/Projects", "FindFolder GetFolder FindItem", `Id="AAMkProjects="`},
		{"AAMkProjects=", "FindFolder FindItem", `Id="AAMkProjects="`},
		{"inbox/" + strings.Repeat("longname", 9), "FindFolder GetFolder", ""},
		{"Kalender/Projects", "FindFolder", ""},
	}
	for _, tt := range tests {
		t.Run(tt.ref, func(t *testing.T) {
			s := newStub(t, nil)
			var failed error
			for _, err := range s.own().Messages(t.Context(), mailbox.Query{Folder: mailbox.FolderRef(tt.ref)}) {
				failed = err
			}
			if got := s.operations(); got != tt.operations {
				t.Errorf("operations %q, want %q", got, tt.operations)
			}
			if (tt.id == "") != (failed != nil) {
				t.Errorf("error %v", failed)
			}
			all := s.taken()
			if last := all[len(all)-1]; !strings.Contains(last.body, tt.id) {
				t.Errorf("%s is not in %s", tt.id, last.body)
			}
		})
	}
}

package exconn

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// mayImport says which packages of this module a package may import, by their
// first folder, so that each can be used alone and the simulator cannot confirm
// the client's misunderstandings. Packages below a folder follow its rule and
// may import each other.
var mayImport = map[string][]string{
	"mailbox":     {},
	"soap":        {},
	"custompages": {},
	"wsdl":        {"soap"},
	"oauth":       {"mailbox"},
	"ews":         {"mailbox", "wsdl", "soap"},
	"ewsserver":   {"mailbox", "wsdl", "soap"},
	"store":       {"mailbox"},
	"connection":  {"mailbox", "ews", "oauth", "soap", "store", "internal/childenv"},
	"simulator":   {"ewsserver", "wsdl", "soap", "mailbox"},
	"internal":    {}, // fixtures of tests, and what is named above
}

// simulatorUsers are the files of the command that may import the simulator.
var simulatorUsers = map[string]bool{"demo": true, "simulate": true}

type goPackage struct {
	ImportPath string
	Imports    []string
}

const module = "github.com/exconn/exconn"

func TestPackagesImportOnlyWhatTheyMay(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	seen := map[string]bool{}
	for {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		folder := top(p.ImportPath)
		if folder == "" || folder == "cmd" || folder == "bench" || folder == "interop" {
			continue
		}
		allowed, known := mayImport[folder]
		if !known {
			t.Errorf("%s has no rule here: say what it may import", p.ImportPath)
			continue
		}
		seen[folder] = true
		for _, imported := range p.Imports {
			if !strings.HasPrefix(imported, module+"/") || top(imported) == folder {
				continue
			}
			if !slices.Contains(allowed, top(imported)) && !slices.Contains(allowed, strings.TrimPrefix(imported, module+"/")) {
				t.Errorf("%s imports %s; it may import %v", p.ImportPath, imported, allowed)
			}
		}
	}
	for folder := range mayImport {
		if !seen[folder] {
			t.Errorf("there is a rule for %s, but no such package", folder)
		}
	}
}

func TestOnlyDemoAndSimulateUseTheSimulator(t *testing.T) {
	out, err := exec.Command("grep", "-rlE", `"`+module+`/simulator`, "cmd", "--include=*.go").Output()
	if err != nil {
		t.Fatal(err)
	}
	for file := range strings.Lines(string(out)) {
		name := strings.TrimSuffix(file[strings.LastIndex(file, "/")+1:], "\n")
		stem, _, _ := strings.Cut(strings.TrimSuffix(name, ".go"), "_")
		if !strings.HasSuffix(name, "_test.go") && !simulatorUsers[stem] {
			t.Errorf("%s imports the simulator; only the files of demo and simulate may", strings.TrimSpace(file))
		}
	}
}

// top is the first folder of a package of this module, or "" for the root.
func top(path string) string {
	rest := strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
	folder, _, _ := strings.Cut(rest, "/")
	return folder
}

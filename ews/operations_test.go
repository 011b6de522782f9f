package ews

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/exconn/exconn/wsdl"
)

// The table of operations in the package's documentation is whole and true:
// every operation of the service is in it, the methods that it names exist, and
// it names the release that the check before a call goes by.
func TestTableOfOperations(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	order := map[string]int{}
	for i, r := range releases {
		order[r.name] = i
	}
	row := regexp.MustCompile(`(?m)^//\t([A-Z]\w+) +(\S.*?) +(Exchange 20\S+(?: SP\d)?)$`)
	earliest := map[string]string{}
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		operation, methods, release := m[1], m[2], m[3]
		if _, known := order[release]; !known {
			t.Errorf("%s: no release is called %q", operation, release)
		}
		if first, seen := earliest[operation]; !seen || order[release] < order[first] {
			earliest[operation] = release
		}
		owner := reflect.TypeFor[*Mailbox]()
		methods, _, _ = strings.Cut(methods, " (")
		for _, name := range strings.Split(methods, ", ") {
			switch of, method, qualified := strings.Cut(name, "."); {
			case qualified && of == "Client":
				owner, name = reflect.TypeFor[*Client](), method
			case qualified && of == "Mailbox":
				owner, name = reflect.TypeFor[*Mailbox](), method
			case qualified:
				t.Errorf("%s: %q is of neither Mailbox nor Client", operation, name)
			}
			if _, ok := owner.MethodByName(name); !ok {
				t.Errorf("%s: %s has no method %q", operation, owner, name)
			}
		}
	}

	service := reflect.TypeFor[wsdl.ExchangeServicePort]()
	var operations []string
	for i := range service.NumMethod() {
		name := service.Method(i).Name
		if _, both := service.MethodByName(name + "Context"); both {
			operations = append(operations, name)
		}
	}
	for _, name := range operations {
		want := exchange2007.name
		if r, ok := since[name]; ok {
			want = r.name
		}
		switch got := earliest[name]; {
		case got == "":
			t.Errorf("%s is not in the table", name)
		case got != want:
			t.Errorf("%s: since %s in the table, %s in version.go", name, got, want)
		}
	}
	for name := range earliest {
		if !slices.Contains(operations, name) {
			t.Errorf("the table has %s, and the service has not", name)
		}
	}
}

package main

import (
	"reflect"
	"strings"
	"testing"

	"github.com/exconn/exconn/connection"
)

func TestParseUsers(t *testing.T) {
	for text, want := range map[string][]connection.Invitee{
		"anna@x.example\nben@x.example\n":                                 {{Address: "anna@x.example"}, {Address: "ben@x.example"}},
		"anna@x.example,a@x.example\r\nben@x.example,\r\n":                {{Address: "anna@x.example", SignInName: "a@x.example"}, {Address: "ben@x.example"}},
		"\uFEFFaddress,sign_in_name\nanna@x.example, a@x.example":         {{Address: "anna@x.example", SignInName: "a@x.example"}},
		"Name;Sign_in_name;Address\n\"Ahrens; Anna\";;anna@x.example\n\n": {{Address: "anna@x.example"}},
		"address\tdepartment\nanna@x.example\tSales\n":                    {{Address: "anna@x.example"}},
		"name,address\nAnna,anna@x.example\n":                             {{Address: "anna@x.example"}},
	} {
		got, err := parseUsers([]byte(text))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
	for text, says := range map[string]string{
		"":                                    "nobody",
		"address,sign_in_name\n":              "nobody",
		"anna@x.example\n,b@x.example\n":      "line 2 has no address",
		"Anna,anna@x.example,Sales\n":         "line 1 has 3 columns",
		"address\n\"anna@x.example\n":         "line",
		strings.Repeat("a", maxUsersFile+1):   "16 MiB",
		"address,name\nanna@x.example\n ,x\n": "line 3 has no address",
	} {
		if got, err := parseUsers([]byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.40q: %v, %v; want %q", text, got, err, says)
		}
	}
}

// Whatever a file holds, each user that is read has an address.
func FuzzParseUsers(f *testing.F) {
	for _, seed := range []string{"a@b.example", "address;sign_in_name\na@b.example;c@b.example", "\uFEFFaddress\n\"a\"\"@b\"", "a\tb\tc", "\"\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		users, err := parseUsers(text)
		if (err == nil) != (len(users) > 0) {
			t.Errorf("%d users, and %v", len(users), err)
		}
		for _, u := range users {
			if strings.TrimSpace(u.Address) == "" {
				t.Errorf("a user has no address: %q", text)
			}
		}
	})
}

package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/connection"
)

// invitedData is a link as --json writes it.
type invitedData struct {
	Address    string    `json:"address"`
	Link       string    `json:"link"`
	ValidUntil time.Time `json:"valid_until"`
	Auth       string    `json:"auth"`
	Connection string    `json:"connection"`
}

func (s system) authInvite(c *cli.Context) error {
	users, err := s.invitees(c)
	if err != nil {
		return err
	}
	if c.Bool("withdraw") {
		return s.withdraw(c, users)
	}
	base, err := connection.ParseInvitationURL(c.String("base-url"))
	if err != nil {
		return err
	}
	dir, entry, err := s.authEntry(c)
	if err != nil {
		return err
	}
	// The file is there before the links are, which nobody can make out again.
	out, err := createList(c.String("out"))
	if err != nil {
		return err
	}
	defer out.discard()
	made, err := dir.book.Invite(c.Context, connection.InviteOptions{Auth: entry.Auth.Name, Connection: c.String("connection"), Users: users, Valid: c.Duration("valid")})
	if err != nil {
		return err
	}
	var list []invitedData
	for _, n := range made {
		list = append(list, invitedData{Address: n.User, Link: n.Link(base), ValidUntil: n.Expires, Auth: n.Auth, Connection: n.Connection})
	}
	if err := s.printInvitations(c, list, out); err != nil {
		return err
	}
	s.say("The application's registration needs this redirect URI, exactly so, unless \"auth accept\" is given another:\n  %s", connection.InvitationRedirectURI(base))
	s.say("Next: exconn auth accept --name %s --base-url %s --listen ADDRESS", entry.Auth.Name, base)
	return nil
}

// printInvitations writes the links into the list, or prints them.
func (s system) printInvitations(c *cli.Context, list []invitedData, out *newList) error {
	p := s.printer(c)
	if out != nil {
		if err := out.write(list); err != nil {
			return fmt.Errorf("the links are lost, since they could not be written; invite again: %w", err)
		}
		return p.object(writtenList{File: out.path, Count: len(list)}, func(w io.Writer) {
			fmt.Fprintf(w, "wrote %d links to %s\n", len(list), out.path)
		})
	}
	if p.json {
		return rows(p, list, nil, nil)
	}
	for _, i := range list {
		// A table would break links into lines.
		if _, err := fmt.Fprintf(s.out, "%s until %s: %s\n", i.Address, moment(&i.ValidUntil), i.Link); err != nil {
			return err
		}
	}
	return nil
}

// withdrawnData is what --withdraw did for a user.
type withdrawnData struct {
	Address   string `json:"address"`
	Withdrawn bool   `json:"withdrawn"`
}

func (s system) withdraw(c *cli.Context, users []connection.Invitee) error {
	for _, flag := range []string{"out", "base-url", "valid"} {
		if c.IsSet(flag) {
			return usagef("leave it out", "--%s has no place beside --withdraw", flag)
		}
	}
	dir, entry, err := s.authEntry(c)
	if err != nil {
		return err
	}
	var list []withdrawnData
	for _, u := range users {
		was, err := dir.book.Withdraw(c.Context, entry.Auth.Name, u.Address)
		if err != nil {
			return err
		}
		list = append(list, withdrawnData{Address: u.Address, Withdrawn: was})
	}
	p := s.printer(c)
	if p.json {
		return rows(p, list, nil, nil)
	}
	for _, d := range list {
		text := "withdrawn"
		if !d.Withdrawn {
			text = "had no open invitation"
		}
		if _, err := fmt.Fprintf(s.out, "%s: %s\n", plain(d.Address), text); err != nil {
			return err
		}
	}
	return nil
}

// invitees reads --user and --users-file.
func (s system) invitees(c *cli.Context) ([]connection.Invitee, error) {
	var users []connection.Invitee
	for _, address := range c.StringSlice("user") {
		users = append(users, connection.Invitee{Address: address})
	}
	if c.IsSet("users-file") {
		text, err := s.readFile(c.String("users-file"), "--users-file")
		if err != nil {
			return nil, err
		}
		more, err := parseUsers(text)
		if err != nil {
			return nil, usagef("write a line for each user: address,sign_in_name; the second only where it differs", "--users-file: %v", err)
		}
		users = append(users, more...)
	}
	if len(users) == 0 {
		return nil, usagef("give --user ADDRESS, repeatable, or --users-file FILE", "nobody is named")
	}
	return users, nil
}

// maxUsersFile bounds a list of users, in bytes.
const maxUsersFile = 16 << 20

// parseUsers reads a CSV of users: address and, where it differs, sign_in_name.
// A first line of these names may be there, and then other columns too, as a
// CRM exports them; semicolons and tabs separate as well as commas.
func parseUsers(text []byte) ([]connection.Invitee, error) {
	if len(text) > maxUsersFile {
		return nil, fmt.Errorf("it has more than %d MiB", maxUsersFile>>20)
	}
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	r := csv.NewReader(bytes.NewReader(text))
	first, _, _ := bytes.Cut(text, []byte("\n"))
	for _, separator := range ";\t" {
		if bytes.ContainsRune(first, separator) && !bytes.ContainsRune(first, ',') {
			r.Comma = separator
		}
	}
	r.FieldsPerRecord = -1
	r.TrimLeadingSpace = true
	address, signInName := 0, 1
	var users []connection.Invitee
	for n := 0; ; n++ {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		if n == 0 {
			a, s := columns(record)
			if a >= 0 {
				address, signInName = a, s
				continue
			}
			if len(record) > 2 {
				return nil, fmt.Errorf("line %d has %d columns; where there are more than two, the first line must name them: address, sign_in_name", line, len(record))
			}
		}
		at := func(i int) string {
			if i < 0 || i >= len(record) {
				return ""
			}
			return strings.TrimSpace(record[i])
		}
		u := connection.Invitee{Address: at(address), SignInName: at(signInName)}
		if u.Address == "" {
			return nil, fmt.Errorf("line %d has no address", line)
		}
		users = append(users, u)
	}
	if len(users) == 0 {
		return nil, errors.New("it names nobody")
	}
	return users, nil
}

// columns finds the columns in a first line that names them; the address is -1
// where the line names none.
func columns(record []string) (address, signInName int) {
	address, signInName = -1, -1
	for i, name := range record {
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "address":
			address = i
		case "sign_in_name":
			signInName = i
		}
	}
	return address, signInName
}

// newList is a CSV of links that is being made.
type newList struct {
	path  string
	file  *os.File
	whole bool
}

// writtenList is the answer of auth invite with --out.
type writtenList struct {
	File  string `json:"file"`
	Count int    `json:"count"`
}

// createList makes the file, for this user alone; nil without a path. One that
// is there already is not touched: it may hold links that are still good.
func createList(path string) (*newList, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil, usagef("give another file, or delete that one first", "--out: %s is there already", path)
	case err != nil:
		return nil, usagef("give a file that can be written", "--out: %v", err)
	}
	return &newList{path: path, file: f}, nil
}

func (l *newList) write(list []invitedData) error {
	w := csv.NewWriter(l.file)
	// The writer remembers its first error, which Error tells.
	_ = w.Write([]string{"address", "link", "valid_until"})
	for _, i := range list {
		_ = w.Write([]string{i.Address, i.Link, i.ValidUntil.Format(time.RFC3339)})
	}
	w.Flush()
	err := errors.Join(w.Error(), l.file.Close())
	l.whole = err == nil
	return err
}

// discard removes the file where it has not been written whole.
func (l *newList) discard() {
	if l == nil || l.whole {
		return
	}
	_ = l.file.Close() // once more does no harm
	_ = os.Remove(l.path)
}

package simulator

import (
	"context"
	"slices"
	"strings"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

var _ ewsserver.NameResolver = (*session)(nil)

// Resolve implements ewsserver.NameResolver: it looks through the caller's
// organisation, groups too, and through a folder of contacts.
func (s *session) Resolve(_ context.Context, q ewsserver.NameQuery) ([]*wsdl.Resolution, error) {
	s.st.mu.RLock()
	defer s.st.mu.RUnlock()
	m := newNameMatch(q.Text)
	var list []*wsdl.Resolution
	if q.Directory && q.DirectoryFirst {
		list = append(list, s.inDirectory(m)...)
	}
	if q.Contacts {
		f := s.who.known("contacts")
		if q.Folder != nil {
			var err error
			if f, err = s.readable(*q.Folder); err != nil {
				return nil, err
			}
		}
		list = append(list, inContacts(f, m)...)
	}
	if q.Directory && !q.DirectoryFirst {
		list = append(list, s.inDirectory(m)...)
	}
	return list, nil
}

// nameMatch is what is looked for.
type nameMatch struct {
	text  string
	exact bool // a whole address
}

func newNameMatch(query string) nameMatch {
	text, exact := strings.CutPrefix(strings.ToLower(strings.TrimSpace(query)), "smtp:")
	return nameMatch{text, exact}
}

// rank is 2 for who is meant surely, 1 for who may be, 0 for others.
func (m nameMatch) rank(name string, addresses ...string) int {
	is := func(a string) bool { return strings.EqualFold(a, m.text) }
	starts := func(a string) bool { return strings.HasPrefix(strings.ToLower(a), m.text) }
	switch {
	case m.text == "":
		return 0
	case slices.ContainsFunc(addresses, is), !m.exact && is(name):
		return 2
	case !m.exact && (slices.ContainsFunc(addresses, starts) || slices.ContainsFunc(append(strings.Fields(name), name), starts)):
		return 1
	}
	return 0
}

// byRank keeps the order but for the rank.
func byRank(found [3][]*wsdl.Resolution) []*wsdl.Resolution { return append(found[2], found[1]...) }

func (s *session) inDirectory(m nameMatch) []*wsdl.Resolution {
	var found [3][]*wsdl.Resolution
	for _, mb := range s.st.mailboxes {
		if mb.tenant != s.who.tenant {
			continue
		}
		r := m.rank(mb.name, append([]string{mb.address}, mb.aliases...)...)
		if r == 0 {
			continue
		}
		found[r] = append(found[r], &wsdl.Resolution{Mailbox: mb.person(), Contact: mb.entry()})
	}
	var groups []*group
	for _, g := range s.st.groups {
		if g.tenant == s.who.tenant {
			groups = append(groups, g)
		}
	}
	slices.SortFunc(groups, func(a, b *group) int { return strings.Compare(a.address, b.address) })
	for _, g := range groups {
		r := m.rank(g.name, g.address)
		found[r] = append(found[r], &wsdl.Resolution{Mailbox: g.mailbox()})
	}
	return byRank(found)
}

// entry is what the directory says of a mailbox's owner. Addresses have their
// kind before them, as Exchange writes those of the directory.
func (mb *mbox) entry() *wsdl.ContactItemType {
	given, family, _ := strings.Cut(mb.name, " ")
	c := &wsdl.ContactItemType{
		DisplayName: text(mb.name), GivenName: wsdl.NewText(given), Surname: wsdl.NewText(family), CompanyName: text(mb.tenant.name),
		ContactSource: wsdl.Ptr(wsdl.ContactSourceNameActiveDirectory), EmailAddresses: new(wsdl.EmailAddressesType),
	}
	for i, a := range append([]string{"SMTP:" + mb.address}, mb.aliases...) {
		if i > 0 {
			a = "smtp:" + a
		}
		keys := []wsdl.EmailAddressKey{wsdl.EmailAddressKeyEmailAddress1, wsdl.EmailAddressKeyEmailAddress2, wsdl.EmailAddressKeyEmailAddress3}
		if i == len(keys) {
			break
		}
		c.EmailAddresses.Entry = append(c.EmailAddresses.Entry, &wsdl.EmailAddressEntry{Key: wsdl.Ptr(keys[i]), Value: text(a)})
	}
	return c
}

func inContacts(f *folder, m nameMatch) []*wsdl.Resolution {
	var found [3][]*wsdl.Resolution
	for _, it := range f.items {
		p := personal(it)
		if p == nil {
			continue
		}
		var addresses []string
		c, contact := it.value.(*wsdl.ContactItemType)
		if contact {
			for _, e := range c.EmailAddresses.Entry {
				addresses = append(addresses, wsdl.Str(e.Value))
			}
		}
		r := m.rank(wsdl.Str(p.Name), addresses...)
		found[r] = append(found[r], &wsdl.Resolution{Mailbox: p, Contact: c})
	}
	return byRank(found)
}

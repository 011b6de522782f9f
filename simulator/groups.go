package simulator

import (
	"context"
	"slices"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

// group is a distribution group of the directory.
type group struct {
	name, address string
	tenant        *tenant
	members       []string // addresses, of groups too
}

func (g *group) mailbox() *wsdl.EmailAddressType {
	return &wsdl.EmailAddressType{Name: text(g.name), EmailAddress: text(g.address), RoutingType: text("SMTP"), MailboxType: text("PublicDL")}
}

// addGroups fills the directory with groups. Team and Leads are in each other,
// which nothing forbids.
func (st *state) addGroups(tenants map[Tenant]*tenant) {
	for _, g := range []group{
		{name: "Team", address: "team@contoso.example", tenant: tenants[Server],
			members: []string{"anna@contoso.example", "ben@contoso.example", "carla@contoso.example", "leads@contoso.example"}},
		{name: "Leads", address: "leads@contoso.example", tenant: tenants[Server],
			members: []string{"director@contoso.example", "anna@contoso.example", "team@contoso.example"}},
		{name: "Everybody at Fabrikam", address: "everybody@fabrikam.example", tenant: tenants[Online],
			members: []string{"erik@fabrikam.example", "fiona@fabrikam.example", "greta@fabrikam.example", "sales@fabrikam.example"}},
		{name: "Customers", address: "customers@fabrikam.example", tenant: tenants[Online],
			members: []string{"hanna.weiss@adatum.example", "priya.raman@tailspin.example"}},
	} {
		st.groups[g.address] = &g
	}
}

// withMembers replaces groups among recipients by who is in them, at any depth.
func (st *state) withMembers(list []*wsdl.EmailAddressType) []*wsdl.EmailAddressType {
	var out []*wsdl.EmailAddressType
	seen := map[string]bool{}
	var walk func(p *wsdl.EmailAddressType)
	walk = func(p *wsdl.EmailAddressType) {
		g := st.groups[address(p)]
		switch {
		case g == nil:
			out = append(out, p)
		case !seen[g.address]:
			seen[g.address] = true
			for _, a := range g.members {
				walk(st.resolve(person("", a)))
			}
		}
	}
	for _, p := range list {
		walk(p)
	}
	return out
}

var _ ewsserver.ListExpander = (*session)(nil)

// Expand implements ewsserver.ListExpander.
func (s *session) Expand(_ context.Context, list ewsserver.ListRef) ([]*wsdl.EmailAddressType, error) {
	s.st.mu.RLock()
	defer s.st.mu.RUnlock()
	if list.Item != nil {
		return s.expandPersonal(*list.Item)
	}
	g := s.st.groups[lower(list.Address)]
	if g == nil || g.tenant != s.who.tenant {
		return nil, fail(ewsserver.ErrorNameResolutionNoResults)
	}
	var out []*wsdl.EmailAddressType
	for _, a := range g.members {
		if inner := s.st.groups[a]; inner != nil {
			out = append(out, inner.mailbox())
			continue
		}
		out = append(out, s.st.resolve(&wsdl.EmailAddressType{EmailAddress: text(a)}))
	}
	return out, nil
}

func (s *session) expandPersonal(ref ewsserver.ItemRef) ([]*wsdl.EmailAddressType, error) {
	t, err := s.find(ref)
	if err != nil {
		return nil, err
	}
	v, ok := t.item.value.(*wsdl.DistributionListType)
	if !ok {
		return nil, fail(ewsserver.ErrorItemNotFound)
	}
	var out []*wsdl.EmailAddressType
	if v.Members != nil {
		for _, m := range v.Members.Member {
			out = append(out, m.Mailbox)
		}
	}
	return slices.Clip(out), nil
}

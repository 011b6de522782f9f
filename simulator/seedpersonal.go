package simulator

import (
	"strings"
	"time"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

// contacts plans the customers as contacts, and a list of some of them.
func (s *seeder) contacts(mb *mbox) {
	if strings.HasPrefix(mb.address, "svc-") {
		return
	}
	for i, who := range customers {
		given, family, _ := strings.Cut(who.name, " ")
		c := &wsdl.ContactItemType{
			DisplayName: text(who.name), GivenName: text(given), Surname: text(family), CompanyName: text(who.company),
			FileAsMapping: wsdl.Ptr(wsdl.FileAsMappingNameLastCommaFirst),
			JobTitle:      text([]string{"Purchasing", "Managing director", "IT manager"}[i%3]),
			EmailAddresses: &wsdl.EmailAddressesType{Entry: []*wsdl.EmailAddressEntry{
				{Key: wsdl.Ptr(wsdl.EmailAddressKeyEmailAddress1), Value: text(who.address())}}},
			PhoneNumbers: &wsdl.PhoneNumbersType{Entry: []*wsdl.PhoneNumberEntry{
				{Key: wsdl.Ptr(wsdl.PhoneNumberKeyBusinessPhone), Value: text("+49 40 5550 1" + string(rune('0'+i)))}}},
			PhysicalAddresses: &wsdl.PhysicalAddressesType{Entry: []*wsdl.PhysicalAddressEntry{
				{Key: wsdl.Ptr(wsdl.PhysicalAddressKeyBusiness), Street: text("Harbour Road 12"), City: text("Hamburg"), PostalCode: text("20457")}}},
			Categories: &wsdl.StringsType{String: []*wsdl.Text{text("Customer")}},
		}
		s.plan(s.now.AddDate(0, 0, -25).Add(minutes(i)), func() error {
			_, err := s.session(mb).Create(s.context(), ewsserver.NewItem{Item: c})
			return err
		})
	}
	list := &wsdl.DistributionListType{DisplayName: text("Pilot customers"), Members: new(wsdl.MembersType)}
	for _, who := range customers[:2] {
		list.Members.Member = append(list.Members.Member, &wsdl.MemberType{Mailbox: person(who.name, who.address())})
	}
	s.plan(s.now.AddDate(0, 0, -20), func() error {
		_, err := s.session(mb).Create(s.context(), ewsserver.NewItem{Item: list})
		return err
	})
}

// tasks plans what the owner has to do.
func (s *seeder) tasks(mb *mbox) {
	if strings.HasPrefix(mb.address, "svc-") {
		return
	}
	day := func(n int) *wsdl.DateTimeText { return wsdl.FormatTime(s.monday.AddDate(0, 0, n)) }
	for i, t := range []*wsdl.TaskType{
		{Subject: text("Call Woodgrove about the renewal"), DueDate: day(2), Importance: wsdl.Ptr(wsdl.ImportanceNameHigh)},
		{Subject: text("Prepare the pilot for Tailspin"), StartDate: day(0), DueDate: day(10), PercentComplete: wsdl.Ptr(wsdl.Ratio(40)),
			Body: page("<p>Twelve users, two weeks.</p>")},
		{Subject: text("Send the brochure to Adatum"), DueDate: day(-5), Status: wsdl.Ptr(wsdl.TaskStatusNameCompleted)},
		{Subject: text("Weekly figures"), DueDate: day(4), Recurrence: &wsdl.TaskRecurrenceType{
			WeeklyRecurrence: &wsdl.WeeklyPattern{Interval: wsdl.Ptr(wsdl.Int32(1)), DaysOfWeek: text("Friday"), FirstDayOfWeek: wsdl.Ptr(wsdl.DayNameMonday)},
			NoEndRecurrence:  &wsdl.NoEndRange{StartDate: wsdl.FormatDate(s.monday.AddDate(0, 0, 4))}}},
	} {
		s.plan(s.now.AddDate(0, 0, -7).Add(minutes(i)), func() error {
			_, err := s.session(mb).Create(s.context(), ewsserver.NewItem{Item: t})
			return err
		})
	}
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

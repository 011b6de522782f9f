package simulator

import (
	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

// level is what somebody may do in a folder ([MS-OXCPERM]).
type level int

const (
	none level = iota
	reviewer
	author // reads, creates, and changes what he has created
	editor
	owner
)

func (l level) canRead() bool   { return l >= reviewer }
func (l level) canCreate() bool { return l >= author }
func (l level) canWrite() bool  { return l >= editor }

// effective lists the rights as an answer does.
func (l level) effective() *wsdl.EffectiveRightsType {
	is := func(ok bool) *wsdl.Bool { return wsdl.Ptr(wsdl.Bool(ok)) }
	return &wsdl.EffectiveRightsType{
		CreateAssociated: is(l >= owner), CreateContents: is(l.canCreate()), CreateHierarchy: is(l >= owner),
		Delete: is(l.canWrite()), Modify: is(l.canWrite()), Read: is(l.canRead()), ViewPrivateItems: is(l >= owner),
	}
}

// levelOf returns what a mailbox's owner may do in a folder.
func (f *folder) levelOf(who *mbox) level {
	if f.mbox == who || f.mbox.fullAccess[lower(who.address)] {
		return owner
	}
	return f.rights[lower(who.address)]
}

// knows tells whether somebody has any right in a mailbox.
func (mb *mbox) knows(who *mbox) bool {
	if mb == who || mb.fullAccess[lower(who.address)] {
		return true
	}
	for _, f := range mb.all() {
		if f.rights[lower(who.address)] > none {
			return true
		}
	}
	return false
}

// hidden is the answer about something in a folder that the caller may not see:
// where there is no right to anything in the mailbox, access is denied (as
// ews-javascript-api#279 shows for the calendar of another); a folder beside
// others that are shared is not found.
func hidden(mb, who *mbox, notFound ewsserver.Code) error {
	if !mb.knows(who) {
		return &ewsserver.Error{Code: ewsserver.ErrorAccessDenied}
	}
	return &ewsserver.Error{Code: notFound}
}

// mayRead returns an error where the caller may not see into the folder.
func mayRead(f *folder, who *mbox, notFound ewsserver.Code) error {
	if !f.levelOf(who).canRead() {
		return hidden(f.mbox, who, notFound)
	}
	return nil
}

// mayWrite returns an error where the caller may not change what is in the
// folder.
func mayWrite(f *folder, who *mbox, notFound ewsserver.Code) error {
	if err := mayRead(f, who, notFound); err != nil {
		return err
	}
	if !f.levelOf(who).canWrite() {
		return &ewsserver.Error{Code: ewsserver.ErrorAccessDenied}
	}
	return nil
}

// mayCreate returns an error where the caller may not put anything into the
// folder.
func mayCreate(f *folder, who *mbox, notFound ewsserver.Code) error {
	if err := mayRead(f, who, notFound); err != nil {
		return err
	}
	if !f.levelOf(who).canCreate() {
		return &ewsserver.Error{Code: ewsserver.ErrorAccessDenied}
	}
	return nil
}

// levelIn returns what somebody may do with an item: an author is the editor of
// what he has created.
func (it *item) levelIn(who *mbox) level {
	l := it.folder.levelOf(who)
	if l == author && it.creator == lower(who.address) {
		return editor
	}
	return l
}

// sendRight tells how somebody may send in a mailbox's name.
func (mb *mbox) sendRight(who *mbox) (as, onBehalf bool) {
	a := lower(who.address)
	return mb == who || mb.sendAs[a], mb.sendOnBehalf[a]
}

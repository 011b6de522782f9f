package connection

import (
	"slices"
	"strings"
)

// The states of a user who has not signed in, or not lately enough, besides
// those of a Status.
const (
	// Invited: the user has an invitation to sign in, which is open.
	Invited State = "invited"
	// Lapsed: the user was invited, and has not signed in in time.
	Lapsed State = "lapsed"
)

// Standing is how things stand with an account of an authentication object: by
// its Status, and by the invitation of a user to make it.
type Standing struct {
	// User is the user's address, or empty for the object's own account.
	User string
	// State is the Status's, or Invited or Lapsed where the user has not signed
	// in or has to again.
	State State
	// Status is of an account that there is.
	Status Status
	// Invitation is the user's last one, or nil.
	Invitation *Invitation
}

// String says it in words.
func (s Standing) String() string {
	switch s.State {
	case Invited:
		return "invited to sign in"
	case Lapsed:
		return "did not sign in before the invitation lapsed"
	}
	return s.Status.String()
}

// Standings returns how things stand with each account and each user who was
// invited to make one, in the order of their users. The object's own account is
// left out where it never was used and users have theirs.
func (e AuthEntry) Standings(invitations []Invitation) []Standing {
	byUser := map[string]*Invitation{}
	for _, i := range invitations {
		if recordKey(i.Auth) == recordKey(e.Auth.Name) {
			byUser[i.User] = &i
		}
	}
	var list []Standing
	for _, a := range e.Accounts {
		i := byUser[a.User]
		delete(byUser, a.User)
		s := Standing{User: a.User, State: a.Status.State, Status: a.Status, Invitation: i}
		switch {
		case i == nil, a.Status.State != NeedsSignIn:
		case i.State == InvitationOpen:
			s.State = Invited
		case i.State == InvitationLapsed && a.Status.Username == "":
			s.State = Lapsed
		}
		list = append(list, s)
	}
	for user, i := range byUser {
		switch i.State {
		case InvitationOpen:
			list = append(list, Standing{User: user, State: Invited, Invitation: i})
		case InvitationLapsed:
			list = append(list, Standing{User: user, State: Lapsed, Invitation: i})
		}
	}
	own := slices.IndexFunc(list, func(s Standing) bool { return s.User == "" })
	if own >= 0 && len(list) > 1 && list[own].Status.Username == "" && !e.Auth.Method.AppOnly() {
		list = slices.Delete(list, own, own+1)
	}
	slices.SortFunc(list, func(a, b Standing) int { return strings.Compare(a.User, b.User) })
	return list
}

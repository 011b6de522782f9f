package main

import (
	"context"
	"errors"
	"net/url"
	"sync"

	"github.com/exconn/exconn/simulator"
)

// prefix is that of all variables.
const prefix = "EXCONN_INTEROP_"

// world is a simulator with what a script is told of it.
type world struct {
	sim *simulator.Simulator
	env []string

	mu       sync.Mutex
	problems []error // of keeping envelopes
}

func (w *world) close() error {
	err := w.sim.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	return errors.Join(append(w.problems, err)...)
}

// unkept is told of an envelope that could not be kept.
func (w *world) unkept(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.problems = append(w.problems, err)
}

// set adds a variable.
func (w *world) set(name, value string) { w.env = append(w.env, prefix+name+"="+value) }

// describe sets the variables. For a real server somebody sets them by hand;
// then a script leaves out the checks whose variables are missing, and says so.
//
//	URL               EWS of an Exchange Server
//	AUTODISCOVER_URL  SOAP Autodiscover of that server
//	CA                a file with the certificate of the CA that the server's
//	                  certificate is from; unset where the system knows it
//	USER, PASSWORD    a mailbox on it, in which the checks are made, by address
//	OTHER_USER, OTHER_PASSWORD, THIRD_USER, THIRD_PASSWORD
//	                  two colleagues, who get mail and invitations
//	DOMAIN            the NetBIOS name of their domain
//	SERVICE_USER, SERVICE_PASSWORD
//	                  an account that may impersonate USER and OTHER_USER, but
//	DENIED_USER       not this one
//	TOKEN             a bearer token of USER for that server
//	GROUP, GROUP_MEMBER
//	                  a distribution group, and somebody in it
//	ROOM_LIST, ROOM   a room list, and a room on it that accepts by itself
//	ARCHIVE           "yes" where USER has an archive mailbox
//	DIR               a folder for a script's own files, removed afterwards; it
//	                  is always set
//
//	ONLINE_URL, ONLINE_AUTODISCOVER_URL, ONLINE_USER, ONLINE_TOKEN
//	                  the same in Exchange Online, with a delegated token
//	ONLINE_OTHER_USER a colleague there
//	ONLINE_SHARED     a mailbox to which ONLINE_USER has full access
//	APP_TOKEN         a token of an application in its own right, there
//	APP_CLIENT_ID, APP_SECRET, APP_TENANT, APP_TOKEN_URL
//	                  that application, and where it gets tokens
func (w *world) describe(ctx context.Context, dir string) error {
	const (
		anna, ben, carla = "anna@contoso.example", "ben@contoso.example", "carla@contoso.example"
		service, erik    = "svc-crm@contoso.example", "erik@fabrikam.example"
	)
	s := w.sim
	ca, err := s.CAFile(dir)
	if err != nil {
		return err
	}
	w.set("CA", ca)
	for name, tenant := range map[string]simulator.Tenant{"": simulator.Server, "ONLINE_": simulator.Online} {
		address, err := url.Parse(s.EWSURL(tenant))
		if err != nil {
			return err
		}
		w.set(name+"URL", address.String())
		address.Path = "/autodiscover/autodiscover.svc"
		w.set(name+"AUTODISCOVER_URL", address.String())
	}
	for name, account := range map[string]string{"": anna, "OTHER_": ben, "THIRD_": carla, "SERVICE_": service} {
		w.set(name+"USER", account)
		w.set(name+"PASSWORD", string(s.Password(account)))
	}
	w.set("DOMAIN", "CONTOSO")
	w.set("DENIED_USER", "director@contoso.example")
	w.set("GROUP", "team@contoso.example")
	w.set("GROUP_MEMBER", carla)
	w.set("ROOM_LIST", "rooms-hq@contoso.example")
	w.set("ROOM", "room-board@contoso.example")
	w.set("ARCHIVE", "yes")
	w.set("ONLINE_USER", erik)
	w.set("ONLINE_OTHER_USER", "fiona@fabrikam.example")
	w.set("ONLINE_SHARED", "sales@fabrikam.example")

	apps := s.Applications()
	resource, err := url.Parse(s.EWSURL(simulator.Server))
	if err != nil {
		return err
	}
	resource.Path = ""
	token, err := w.userToken(ctx, apps.Server, anna, resource.String())
	if err != nil {
		return err
	}
	w.set("TOKEN", token)
	const cloud = "https://outlook.office365.com"
	if token, err = w.userToken(ctx, apps.Online, erik, cloud); err != nil {
		return err
	}
	w.set("ONLINE_TOKEN", token)
	if token, err = w.appToken(ctx, apps.AppOnly, cloud); err != nil {
		return err
	}
	w.set("APP_TOKEN", token)
	w.set("APP_CLIENT_ID", apps.AppOnly.ClientID)
	w.set("APP_SECRET", string(apps.AppOnly.Secret))
	w.set("APP_TENANT", "fabrikam.example")
	w.set("APP_TOKEN_URL", s.AuthorityURL(simulator.Online)+"/oauth2/v2.0/token")
	return nil
}
